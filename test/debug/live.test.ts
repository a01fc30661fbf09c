/** Live sessions are runs like any other: their starts are signed where that is required, and they leave receipts. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { GraphDebugAdapter } from "../../src/debug/adapter.ts";
import type { EditorKeys } from "../../src/runtime/editor-run/index.ts";
import { debugHost } from "../../src/runtime/debug/launch.ts";
import { listRuns } from "../../src/runtime/runs.ts";
import { ADA, Desk, input, keysOf, ownKey } from "../runtime/approvals/desk.ts";

/** Debugs a document of the desk for real, without stopping anywhere; gives what the console said. */
async function debugged(
  desk: Desk,
  file: string,
  environment: "staging" | null,
  keys?: EditorKeys,
  storage: string | null = desk.storage,
): Promise<readonly string[]> {
  const { env, opened } = desk.placeOf(file);
  const host = debugHost({
    ...{ workspaceFolder: desk.folder, env, environment, opened, storage, refusal: () => null },
    ...(keys === undefined ? {} : { keys }),
  });
  const said: string[] = [];
  const ended = new Promise<void>((resolve) => {
    const adapter = new GraphDebugAdapter(host, (message) => {
      const { event, body } = message as { readonly event?: string; readonly body?: { readonly output?: string } };
      if (event === "output") said.push(body?.output ?? "");
      if (event === "terminated") resolve();
    });
    const ask = (command: string, args?: object): Promise<void> =>
      adapter.handle({ seq: 1, type: "request", command, arguments: args });
    void ask("launch", { program: file, live: true, stopOnEnd: false, input }).then(() => ask("configurationDone"));
  });
  await ended;
  return said;
}

describe("a live session", () => {
  test("in staging begins with a start that is signed by a trusted key, and its run is kept as signed", async () => {
    const desk = await Desk.open();
    const own = ownKey(ADA);
    expect(await debugged(desk, "asking.toml", "staging", keysOf(own))).toEqual([
      expect.stringContaining("[requester.unsigned]"),
    ]);
    await desk.trust(own);
    expect(await debugged(desk, "asking.toml", "staging", keysOf(own))).toEqual([
      expect.stringMatching(/^the run paused/),
    ]);
    const { effect } = (await desk.shown(await desk.only())) as unknown as { readonly effect?: unknown };
    expect(effect).not.toBeNull();
    const journals = await desk.texts(".storage/runs");
    expect(journals.some((text) => text.includes('"requester"'))).toBe(true);
  });

  test("where nobody can sign is refused in staging, with the reason", async () => {
    const desk = await Desk.open();
    expect(await debugged(desk, "asking.toml", "staging")).toEqual([expect.stringContaining("nothing here can sign")]);
  });

  test("leaves receipts of what it did, signed by the key of whoever debugs", async () => {
    const desk = await Desk.open();
    const own = ownKey(ADA);
    expect(await debugged(desk, "asking.toml", null, keysOf(own))).toEqual(["the run completed\n"]);
    expect(await readFile(path.join(desk.folder, "out/notes.md"), "utf8")).toBe("version 1.4\n");
    const listed = await listRuns(desk.storage);
    expect(listed).toMatchObject({ ok: true, value: [{ status: "completed" }] });
    const receipts = await desk.texts(".storage/receipts");
    expect(receipts.some((text) => text.includes("runx.receipt.v1") && text.includes(own.key.kid))).toBe(true);
  });

  test("of a skill graph that is kept nowhere leaves them in its project, as any run of one does", async () => {
    const desk = await Desk.open();
    const echo = "{ type: cli-tool, command: /bin/echo, args: [hi] }";
    await desk.write("graph.yaml", `name: hi\nsteps:\n  - id: hi\n    run: ${echo}\n`);
    expect(await debugged(desk, "graph.yaml", null, undefined, null)).toEqual(["the run completed\n"]);
    expect((await desk.texts(".runx/receipts")).some((text) => text.includes("runx.receipt.v1"))).toBe(true);
  });
});
