/** The worker thread in which ELK lays graphs out, so that the editor's host stays free. */
import { parentPort } from "node:worker_threads";
import ElkConstructor, { type ELK, type ElkNode } from "elkjs/lib/elk.bundled.js";

// The package is CommonJS whose export is the class itself; bundlers and Node disagree on `default`.
const Elk = ((ElkConstructor as unknown as { readonly default?: unknown }).default ?? ElkConstructor) as new () => ELK;
const elk = new Elk();

parentPort?.on("message", ({ id, graph }: { readonly id: number; readonly graph: ElkNode }) => {
  elk.layout(graph).then(
    (answer) => parentPort?.postMessage({ id, answer }),
    (problem: unknown) => parentPort?.postMessage({ id, problem: String(problem) }),
  );
});
