/** Symbols of the whole workspace. */
import { expect, test } from "vitest";
import { CancellationTokenSource, type SymbolInformation } from "vscode-languageserver";
import { closeness } from "../../language/features/workspace-symbols.ts";
import { served, type Served } from "./harness.ts";
import { fixture, graph, manifest, pipeline, skill, workflow, wrapped } from "./samples.ts";

const files = {
  "greet.toml": workflow,
  "wrapped/w.toml": wrapped,
  "review/graph.yaml": graph,
  "tools/X.yaml": manifest,
  "hello/SKILL.md": skill,
  "count/spec.kv": pipeline,
  "fixture.toml": fixture,
  "Cargo.toml": '[package]\nname = "load"\n',
};

async function found(server: Served, query: string): Promise<string[]> {
  const symbols = await server.request<SymbolInformation[]>("workspace/symbol", { query });
  return symbols.map(({ name, location, containerName }) => {
    const { line } = location.range.start;
    return `${name} in ${containerName ?? "?"} at ${location.uri.replace("file:///w/", "")}:${line}`;
  });
}

test("starts, nodes, skills and runners of all documents are found, others are not", async () => {
  const server = await served(files);
  const names = (await found(server, "")).map((one) => one.split(" ")[0]);
  expect([...names].sort()).toEqual(
    [
      "ask",
      "count",
      "fast",
      "hello",
      "load",
      "load",
      "main",
      "main",
      "only",
      "publish",
      "record",
      "say",
      "say",
      "send",
      "slow",
      "style",
      "tools",
    ].sort(),
  );
});

test("letters in order suffice, and closer names come first", async () => {
  const server = await served(files);
  expect(await found(server, "LD")).toEqual(["load in greet at greet.toml:9", "load in greet at wrapped/w.toml:4"]);
  expect((await found(server, "s"))[0]).toMatch(/^(?:say|send|slow|style) /);
  expect(await found(server, "onl")).toEqual(["only in slow at tools/X.yaml:12"]);
  expect(await found(server, "nothing at all")).toEqual([]);
});

test("open editors win over the disk", async () => {
  const server = await served(files);
  server.open("greet.toml", workflow.replaceAll('"send"', '"transmit"'));
  expect(await found(server, "transmit")).toEqual(["transmit in greet at greet.toml:15"]);
  expect(await found(server, "send")).toEqual([]);
});

test("a search that nobody wants any more ends", async () => {
  const server = await served(files);
  const source = new CancellationTokenSource();
  const request = server.client.sendRequest("workspace/symbol", { query: "" }, source.token);
  source.cancel();
  await expect(request).rejects.toThrow(/cancel/i);
});

test("an answer is bounded", async () => {
  const nodes = Array.from({ length: 800 }, (_, i) => `[[nodes]]\nid = "n${i}"\ntype = "fail"\nreason = "x"\n`).join(
    "\n",
  );
  const server = await served({ "big.toml": `[[start_nodes]]\nname = "m"\nsource = "manual"\n\n${nodes}` });
  const symbols = await found(server, "n");
  expect(symbols).toHaveLength(500);
});

test("closeness prefers equal names, beginnings, pieces, words, in this order", () => {
  const order = ["ask", "ask_all", "all_ask", "a_s_k", "basic_kit"].map((name) => closeness("ask", name));
  expect(order.slice(0, 4)).toEqual([...order.slice(0, 4)].sort());
  expect(new Set(order.slice(0, 3)).size).toBe(3);
  expect(closeness("ask", "bask"[0] as string)).toBeNull();
  expect(closeness("ksa", "ask")).toBeNull();
});
