/**
 * The peers, each used as its own documentation does: xstate with one `invoke` of a promise per state, LangGraph with
 * one node function per node. Imported only where they are measured.
 */

/** A chain as an xstate machine; its run, from a new actor to the machine's final state. */
export async function xstateChain(count: number): Promise<() => Promise<void>> {
  const { createActor, createMachine, fromPromise, toPromise } = await import("xstate");
  const nothing = fromPromise(() => Promise.resolve(null));
  const states: Record<string, { invoke: { src: typeof nothing; onDone: string } } | { type: "final" }> = {};
  for (let i = 0; i < count; i++) {
    states[`n${i}`] = { invoke: { src: nothing, onDone: i === count - 1 ? "end" : `n${i + 1}` } };
  }
  states["end"] = { type: "final" };
  const machine = createMachine({ id: "chain", initial: "n0", states });
  return async () => {
    const actor = createActor(machine);
    actor.start();
    await toPromise(actor);
    if (actor.getSnapshot().value !== "end") throw new Error("the machine did not come to its end");
  };
}

/** A chain as a compiled LangGraph graph; its run, with a new thread each time where it keeps checkpoints. */
export async function langGraphChain(count: number, checkpoints: boolean): Promise<() => Promise<void>> {
  const { Annotation, MemorySaver, START, StateGraph } = await import("@langchain/langgraph");
  const state = Annotation.Root({ last: Annotation<number> });
  const build = () => {
    let graph = new StateGraph(state) as unknown as Chain;
    for (let i = 0; i < count; i++) graph = graph.addNode(`n${i}`, () => ({ last: i }));
    graph = graph.addEdge(START, "n0");
    for (let i = 1; i < count; i++) graph = graph.addEdge(`n${i - 1}`, `n${i}`);
    return graph;
  };
  const graph = build();
  const bare = graph.compile({});
  const limits = { recursionLimit: count + 10 };
  const check = ({ last }: { last: number }): void => {
    if (last !== count - 1) throw new Error("the graph did not come to its end");
  };
  if (!checkpoints) return async () => check(await bare.invoke({ last: -1 }, limits));
  return async () => {
    // A saver that is kept would hold the checkpoints of every round so far.
    const kept = graph.compile({ checkpointer: new MemorySaver() });
    check(await kept.invoke({ last: -1 }, { ...limits, configurable: { thread_id: "bench" } }));
  };
}

/** A state graph whose node names are not known to the compiler. */
interface Chain {
  addNode(name: string, action: () => { last: number }): Chain;
  addEdge(from: string, to: string): Chain;
  compile(options: object): { invoke(input: { last: number }, options: object): Promise<{ last: number }> };
}
