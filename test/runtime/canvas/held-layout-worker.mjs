/** A layout thread in a test's hand: it says that it has started, and holds drawings with a node `slow` until it hears `go`. */
import { BroadcastChannel, parentPort } from "node:worker_threads";
import ElkConstructor from "elkjs/lib/elk.bundled.js";

const elk = new (ElkConstructor.default ?? ElkConstructor)();
const channel = new BroadcastChannel("held-layout-worker");
let go = null;
const gone = new Promise((resolve) => (go = resolve));
channel.onmessage = ({ data }) => {
  if (data === "go") go();
};
channel.unref();
channel.postMessage("started");

parentPort.on("message", async ({ id, graph }) => {
  channel.postMessage(`asked ${graph.children.map((child) => child.id).join(" ")}`);
  if (graph.children.some((child) => child.id === "dies")) throw new Error("it dies");
  if (graph.children.some((child) => child.id === "slow")) await gone;
  parentPort.postMessage({ id, answer: await elk.layout(graph) });
});
