/** Where breakpoints stand: the same for the gutter, the debugger and the canvas, also when the text has changed since. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { GraphDebugAdapter } from "../../src/debug/adapter.ts";
import { drawDocument, isDrawn, openDocuments } from "../../src/runtime/canvas/index.ts";
import { debugHost } from "../../src/runtime/debug/launch.ts";
import { breakpointLine, elementAtLine } from "../../src/runtime/debug/on-canvas.ts";
import { scratchFolder } from "../language/program.ts";

const open = openDocuments();
const router = await readFile("examples/support-router/support-router.toml", "utf8");

function drawn(text: string, name: string) {
  const state = drawDocument(text, name, open, null);
  if (!isDrawn(state)) throw new Error("the document is not drawn");
  return state;
}

describe("breakpoints on the canvas", () => {
  test.each([
    ["support-router.toml", "examples/support-router/support-router.toml"],
    ["graph.yaml", "examples/fan-out-quorum/graph.yaml"],
    ["spec.kv", "examples/pipeline-exec/spec.kv"],
  ])("an element's own line leads back to it (%s)", async (name, file) => {
    const text = await readFile(file, "utf8").catch(() => null);
    if (text === null) throw new Error(`${file} is not there`);
    const state = drawn(text, name);
    const elements = [...state.drawing.nodes, ...state.drawing.edges].map(({ key }) => key);
    const lines = elements.map((key) => [key, breakpointLine(state, key)] as const);
    expect(lines.filter(([, line]) => line !== null).length).toBeGreaterThanOrEqual(state.drawing.nodes.length);
    for (const [key, line] of lines) if (line !== null) expect(elementAtLine(state, line)).toBe(key);
  });

  test("any line of a node is the node's, and a label's line is the edge's", () => {
    const state = drawn(router, "support-router.toml");
    const lines = router.split("\n");
    const at = (text: string): number => lines.findIndex((line) => line.startsWith(text));
    expect(elementAtLine(state, at('expr = "trigger.ticket.topic"'))).toBe("route");
    const edge = state.drawing.edges.find(({ label }) => label === "outage");
    expect(elementAtLine(state, at('when = "outage"'))).toBe(edge?.key);
    expect(breakpointLine(state, edge?.key ?? "")).toBe(at('when = "outage"'));
    expect(elementAtLine(state, at('name = "support-router"'))).toBeNull();
    expect(breakpointLine(state, "nobody")).toBeNull();
  });
});

describe("a text that has changed since the session began", () => {
  test("a breakpoint stands on the node that one sees at its line, and nowhere on one that the run does not know", async () => {
    const folder = await scratchFolder();
    const file = path.join(folder, "router.toml");
    await writeFile(file, router);
    let present: string | null = null;
    const host = debugHost({
      ...{ workspaceFolder: folder, env: {}, environment: null, opened: () => null, storage: null },
      refusal: () => null,
      present: () => present,
    });
    const heard: { readonly type: string; readonly command?: string; readonly body?: object }[] = [];
    const adapter = new GraphDebugAdapter(host, (message) => heard.push(message));
    let seq = 0;
    const ask = async (command: string, args: object): Promise<object | undefined> => {
      await adapter.handle({ seq: ++seq, type: "request", command, arguments: args });
      return heard.filter((one) => one.type === "response" && one.command === command).at(-1)?.body;
    };
    await ask("launch", { program: file, input: { ticket: { topic: "billing" } } });
    const added = '[[nodes]]\nid = "fresh"\ntype = "merge"\n\n';
    present = router.replace("[[nodes]]", `${added}[[nodes]]`);
    const lineOf = (text: string): number => (present ?? "").split("\n").findIndex((line) => line === text) + 1;
    const lines = [lineOf('id = "billing"'), lineOf('id = "fresh"')];
    const placed = await ask("setBreakpoints", {
      source: { path: file },
      breakpoints: lines.map((line) => ({ line })),
    });
    expect(placed).toMatchObject({
      breakpoints: [
        { verified: true, line: lines[0] },
        { verified: false, line: lines[1] },
      ],
    });
    expect(adapter.placed(file)).toMatchObject([{ asked: lines[0], verified: true }, { verified: false }]);
    await ask("configurationDone", {});
    await expect
      .poll(() => heard.find((one) => "event" in one && one.event === "stopped")?.body)
      .toMatchObject({ reason: "breakpoint" });
    expect(await ask("stackTrace", { threadId: 1 })).toMatchObject({
      stackFrames: [{ name: "billing · support-router", line: router.split("\n").indexOf('id = "billing"') + 1 }],
    });
    await adapter.close();
  });
});
