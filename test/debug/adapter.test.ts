/** The adapter in process over the real engine: whatever it is asked, it answers once; and a large graph stays small work. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { scratchFolder } from "../language/program.ts";
import { chainFolder, Rig } from "./rig.ts";

describe("whatever is asked", () => {
  const small = fc.integer({ min: -1, max: 6 });
  const args = fc.oneof(
    fc.constant(undefined),
    fc.record({ threadId: small }),
    fc.record({ threadId: small, targetId: small }),
    fc.record({ frameId: small }),
    fc.record({ variablesReference: small, name: fc.constantFrom("n0", "rendered"), value: fc.constantFrom("1", "[") }),
    fc.record({ expression: fc.constantFrom("n0.rendered", "trigger", "((", "{{n1}}"), frameId: small }),
    fc.record({ filters: fc.constantFrom(["failures"], ["decisions"], "x") }),
    fc.record({ seq: fc.integer({ min: -5, max: 100 }) }),
    fc.jsonValue(),
  );
  const commands = [
    "initialize,launch,configurationDone,setBreakpoints,setExceptionBreakpoints,threads,stackTrace,scopes,variables",
    "setVariable,evaluate,continue,next,next,stepIn,stepOut,stepBack,stepBack,reverseContinue,pause,restartFrame,goto",
    "gotoTargets,breakpointLocations,countersign/timeline,countersign/lookAt,terminate,disconnect,toString,nothing",
  ].flatMap((names) => names.split(","));
  const requests = fc.array(fc.tuple(fc.constantFrom(...commands), args, fc.boolean()), { maxLength: 40 });

  test("every request is answered exactly once, in any order, and nothing is left running", async () => {
    const { folder, file } = await chainFolder(5);
    await fc.assert(
      fc.asyncProperty(requests, fc.boolean(), async (list, launched) => {
        const rig = new Rig(folder);
        const sent: { readonly seq: number; readonly done: Promise<void> }[] = [];
        const send = (command: string, given?: unknown): void => void sent.push(rig.send(command, given));
        if (launched) {
          send("launch", { program: file, stopOnEntry: true });
          await sent[0]?.done;
          send("configurationDone");
        }
        for (const [command, given, wait] of list) {
          const source = { source: { path: file }, line: 7, breakpoints: [{ line: 12, condition: "n0" }] };
          const known = typeof given === "object" && given !== null && !Array.isArray(given);
          send(command, known ? { program: file, ...source, ...given } : given);
          if (wait) await sent.at(-1)?.done;
        }
        await Promise.all(sent.map(({ done }) => done));
        await rig.adapter.close();
        const answered = rig.heard.filter((one) => one.type === "response").map((one) => one.request_seq);
        expect(answered.sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual(sent.map(({ seq }) => seq));
        expect(rig.heard.map((one) => one.seq)).toEqual(rig.heard.map((_, index) => index + 1));
        const internal = rig.heard.filter((one) => JSON.stringify(one.body ?? {}).includes('"id":2099'));
        expect(internal).toEqual([]);
        const said = rig.heard.length;
        await new Promise((resolve) => setImmediate(resolve));
        expect(rig.heard.length, "nothing is said after the end").toBe(said);
      }),
      { numRuns: 60 },
    );
  });

  test("what is no request is passed over", async () => {
    const rig = new Rig(await scratchFolder());
    for (const message of [null, 5, "launch", [], {}, { type: "event" }, { type: "request", command: 5 }])
      await rig.adapter.handle(message);
    expect(rig.heard).toEqual([]);
  });
});

describe("a launch", () => {
  test("is refused with the reason where nothing may be run, and may be tried again", async () => {
    const { folder, file } = await chainFolder(2);
    const rig = new Rig(folder, "this workspace is not trusted");
    for (let time = 0; time < 2; time++) await rig.send("launch", { program: file }).done;
    expect(rig.heard).toMatchObject([
      { success: false, message: "this workspace is not trusted [untrusted]" },
      { success: false, message: "this workspace is not trusted [untrusted]" },
    ]);
  });

  test("without debugging stops nowhere, whatever breakpoints there are", async () => {
    const { folder, file } = await chainFolder(3);
    const rig = new Rig(folder);
    await rig.ask("setBreakpoints", { source: { path: file }, breakpoints: [{ line: 12 }] });
    await rig.ask("launch", { program: file, noDebug: true, stopOnEntry: true });
    await rig.then("terminated", "configurationDone");
    expect(rig.heard.some((one) => one.event === "stopped")).toBe(false);
  });

  test("tells where breakpoints that were asked for before it have come to stand, under the same numbers", async () => {
    const { folder, file } = await chainFolder(3);
    const rig = new Rig(folder);
    const breakpoints = [{ line: 12 }, { line: 1 }];
    const { breakpoints: before } = await rig.ask("setBreakpoints", { source: { path: file }, breakpoints });
    expect(before).toMatchObject([
      { id: 1, verified: false },
      { id: 2, verified: false },
    ]);
    await rig.ask("launch", { program: file });
    expect(rig.heard.filter((one) => one.event === "breakpoint").map((one) => one.body?.["breakpoint"])).toMatchObject([
      { id: 1, verified: true, line: 12 },
      { id: 2, verified: false },
    ]);
    const { body } = await rig.then("stopped", "configurationDone");
    expect(body).toMatchObject({ reason: "breakpoint", hitBreakpointIds: [1] });
    await rig.adapter.close();
  });
});

describe("going on from an earlier step", () => {
  test("leaves the node at which one stands, also when a breakpoint stands on it", async () => {
    const { folder, file } = await chainFolder(4);
    const rig = new Rig(folder);
    await rig.ask("launch", { program: file, stopOnEntry: true });
    await rig.then("stopped", "configurationDone");
    const thread = { threadId: 1 };
    const top = async (): Promise<unknown> => {
      const { stackFrames } = await rig.ask("stackTrace", thread);
      return (stackFrames as { name: string }[])[0]?.name;
    };
    for (let step = 0; step < 3; step++) await rig.then("stopped", "next", thread);
    await rig.ask("setBreakpoints", {
      source: { path: file },
      breakpoints: [{ line: 5 * 2 + 7 }, { line: 5 * 3 + 7 }],
    });
    await rig.then("stopped", "stepBack", thread);
    expect(await top()).toBe("n2 · chain");
    await rig.then("stopped", "next", thread);
    expect(await top()).toBe("n3 · chain");
    await rig.then("stopped", "stepBack", thread);
    await rig.then("stopped", "continue", thread);
    expect(await top()).toBe("n3 · chain");
    await rig.then("stopped", "continue", thread);
    expect(await top()).toBe("(end) · chain");
    await rig.then("terminated", "continue", thread);
    await rig.adapter.close();
  });
});

describe("lines and columns", () => {
  test("are counted from 0 for a client that does so", async () => {
    const { folder, file } = await chainFolder(3);
    const rig = new Rig(folder);
    await rig.ask("initialize", { linesStartAt1: false, columnsStartAt1: false });
    await rig.ask("launch", { program: file });
    const source = { path: file };
    const { breakpoints } = await rig.ask("setBreakpoints", { source, breakpoints: [{ line: 11 }] });
    expect(breakpoints).toMatchObject([{ verified: true, line: 11, column: 0 }]);
    await rig.then("stopped", "configurationDone");
    const { stackFrames } = await rig.ask("stackTrace", { threadId: 1 });
    expect(stackFrames).toMatchObject([{ name: "n1 · chain", line: 11, column: 0 }]);
    expect(await rig.ask("gotoTargets", { source, line: 16 })).toMatchObject({ targets: [{ line: 16 }] });
    expect(await rig.ask("breakpointLocations", { source, line: 11, endLine: 16 })).toMatchObject({
      breakpoints: [
        { line: 11, column: 0 },
        { line: 16, column: 0 },
      ],
    });
    await rig.adapter.close();
  });
});

describe("a graph of 10,000 nodes", () => {
  test("a step says as much as in a small one, and scopes show a bounded part of what there is", async () => {
    const { folder, file } = await chainFolder(10_000);
    const rig = new Rig(folder);
    await rig.ask("launch", { program: file, stopOnEntry: true });
    await rig.then("stopped", "configurationDone");
    const { breakpoints } = await rig.ask("setBreakpoints", {
      source: { path: file },
      breakpoints: [{ line: 5 * 9_000 + 7 }],
    });
    expect(breakpoints).toMatchObject([{ verified: true }]);
    await rig.then("stopped", "continue");
    const from = rig.heard.length;
    const before = performance.now();
    await rig.then("stopped", "next", { threadId: 1 });
    const { stackFrames } = await rig.ask("stackTrace", { threadId: 1 });
    const took = performance.now() - before;
    process.stdout.write(`    a step over at node 9,000 of 10,000 with its stack: ${took.toFixed(1)} ms\n`);
    expect(rig.heard.length - from, "answer, continued, stopped, answer").toBe(4);
    const [{ id } = { id: 0 }] = stackFrames as { id: number }[];
    const { scopes } = await rig.ask("scopes", { frameId: id });
    const outputs = (scopes as { name: string; variablesReference: number }[]).find(({ name }) => name === "Outputs");
    const { variables } = await rig.ask("variables", { variablesReference: outputs?.variablesReference });
    const shown = variables as { name: string; value: string }[];
    expect(shown).toHaveLength(1000);
    expect(shown.at(-1)).toMatchObject({ name: "…", value: expect.stringMatching(/^800\d more of earlier nodes/) });
    await rig.adapter.close();
  });
});
