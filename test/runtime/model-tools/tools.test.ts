import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Value } from "../../../src/graph/value.ts";
import { startEditorRun } from "../../../src/runtime/editor-run/index.ts";
import { shapeOf } from "../../../src/runtime/model-tools/shape.ts";
import {
  describeForModel,
  dryRunForModel,
  explainRun,
  fileWithin,
  validateForModel,
} from "../../../src/runtime/model-tools/tools.ts";
import { copyOfExamples } from "../../examples/support.ts";

const CANARY = "canary-7f3a91c2";

describe("tools for language models", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await copyOfExamples();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const place = (file: string, opened: Readonly<Record<string, string>> = {}) => ({
    file: path.join(folder, file),
    workspaceFolder: folder,
    env: { PATH: process.env["PATH"] ?? "", CANARY },
    environment: null,
    opened: (one: string) => opened[path.relative(folder, one)] ?? null,
  });
  const GATE = "examples/release-gate/release-gate.toml";
  const dry = (file: string, more: object = {}) =>
    dryRunForModel({
      place: place(file),
      start: null,
      input: { type: "none" },
      storage: path.join(folder, ".storage"),
      assume: {},
      signal: new AbortController().signal,
      ...more,
    });

  it("validate tells the findings of the text that is open, by line", async () => {
    const text = await readFile(path.join(folder, GATE), "utf8");
    expect(await validateForModel(place(GATE))).toMatchObject({ ok: true, value: { status: "accepted" } });
    const wrong = text.replace('to = "release"', 'to = "relaese"');
    const line = wrong.split("\n").findIndex((one) => one.includes("relaese")) + 1;
    const told = await validateForModel(place(GATE, { [GATE]: wrong }));
    expect(told).toMatchObject({ ok: true, value: { status: "refused" } });
    expect(told.ok && told.value.findings).toContainEqual(expect.objectContaining({ line, severity: "error" }));
  });

  it("describe tells each reachable effect with its decision, and no addresses of files", async () => {
    const told = await describeForModel({ ...place(GATE), environment: "prod" });
    if (!told.ok) throw new Error(told.message);
    expect(told.value).toMatchObject({ name: "release-gate", environment: "prod" });
    const { effects } = told.value as { effects: readonly { node: string; decision: string }[] };
    expect(effects.map(({ node }) => node)).toContain("publish");
    expect(JSON.stringify(told.value)).not.toContain(folder);
  });

  it("nothing is quoted of a file that cannot be read, whoever names it", async () => {
    const parent = "examples/parent.toml";
    const child = '[[nodes]]\nid = "child"\ntype = "workflow"\nworkflow_path = "secrets.yaml"\n';
    for (const text of [`api: key: ${CANARY}\n`, `- "a"\n${CANARY}\n`, `a: ]${CANARY}\n`, `}: ${CANARY}\n`]) {
      await writeFile(path.join(folder, "examples/secrets.yaml"), text);
      await writeFile(path.join(folder, parent), `start_nodes = []\n${child}`);
      for (const file of ["examples/secrets.yaml", parent]) {
        const told = [await validateForModel(place(file)), await describeForModel(place(file)), await dry(file)];
        expect(JSON.stringify(told)).not.toContain(CANARY);
      }
      expect(await validateForModel(place("examples/secrets.yaml"))).toMatchObject({ value: { status: "unparsable" } });
    }
  });

  it("a dry run tells the path and reads no file", async () => {
    await writeFile(path.join(folder, "examples/release-gate/release.json"), JSON.stringify({ name: CANARY }));
    const input = { type: "file", file: path.join(folder, "examples/release-gate/payload.json") };
    const short = await dry(GATE, { input });
    expect(short).toMatchObject({ ok: true, value: { status: "failed" } });
    expect(short.ok && short.value.visits).toContainEqual(
      expect.objectContaining({ node: "tests_passed", branch: "false", assumed: true }),
    );
    const told = await dry(GATE, { input, assume: { tests_passed: "true" } });
    if (!told.ok) throw new Error(told.message);
    expect(told.value).toMatchObject({ workflow: "release-gate", dry_run: true, status: "completed" });
    expect(told.value.visits.map(({ node }) => node).slice(0, 3)).toEqual(["read_release", "release", "tests_passed"]);
    expect(told.value.decisions).toContainEqual(expect.objectContaining({ node: "publish", decision: "DryRunOnly" }));
    expect(JSON.stringify(told.value)).not.toContain(CANARY);
  });

  it("a dry run that nobody waits for any more is cancelled", async () => {
    const told = await dry(GATE, { signal: AbortSignal.abort() });
    expect(told).toMatchObject({ ok: true, value: { status: "cancelled" } });
  });

  it("a dry run that cannot begin says why", async () => {
    await writeFile(path.join(folder, GATE), 'name = "release-gate"\nnodes = [');
    expect(await dry(GATE)).toMatchObject({ ok: false, message: expect.stringMatching(/line 2|expected/i) as string });
  });

  it("a run is explained by types, lengths, branches and decisions, without its values", async () => {
    const file = "examples/map-accounts/map-accounts.toml";
    const payload = { accounts_file: CANARY, note: CANARY };
    const storage = path.join(folder, ".storage");
    const begun = await startEditorRun({
      ...{ place: place(file), dry: false, start: null, storage, onStep: () => undefined },
      input: { type: "text", text: JSON.stringify(payload) },
    });
    if (!begun.ok) throw new Error(begun.problem.message);
    await begun.run.done;
    const told = await explainRun(begun.run.stateDir, null);
    if (!told.ok) throw new Error(told.message);
    expect(told.value).toMatchObject({ run: begun.run.runId, workflow: "map-accounts", dry_run: false });
    expect(told.value.visits.length).toBeGreaterThan(0);
    expect(JSON.stringify(told.value)).not.toContain(CANARY);
    expect(await explainRun(path.join(folder, "nowhere"), null)).toEqual({
      ok: false,
      message: "there are no runs yet",
    });
    expect(await explainRun(begun.run.stateDir, "run-that-never-was")).toMatchObject({ ok: false });
  });

  it("no shape holds a text or a number of its value", () => {
    const values = fc.jsonValue({ maxDepth: 6 }).map((value) => value as Value);
    fc.assert(
      fc.property(values, fc.string({ minLength: 6 }), (value, text) => {
        const secret = `${CANARY}${text}`;
        expect(JSON.stringify(shapeOf([{ a: value, b: secret }, secret] as Value))).not.toContain(CANARY);
      }),
    );
    expect(shapeOf({ a: ["x", "yz"], b: 1n, c: 1.5 })).toEqual({
      type: "object",
      length: 3,
      members: {
        a: { type: "array", length: 2, first: { type: "string", length: 1 } },
        b: { type: "integer" },
        c: { type: "number" },
      },
    });
    expect(
      JSON.stringify(shapeOf(Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`k${i}`, null])))),
    ).toContain('"more":50');
  });

  it("only files of the workspace can be named, whatever links say", async () => {
    const outside = await copyOfExamples();
    try {
      await mkdir(path.join(folder, "links"));
      await symlink(path.join(outside, GATE), path.join(folder, "links/gate.toml"));
      expect(await fileWithin([outside, folder], GATE)).toEqual({
        ok: true,
        value: { file: path.join(outside, GATE), folder: outside },
      });
      for (const named of ["../outside.toml", "links/gate.toml", path.join(outside, GATE), "", ".", "a\0b"])
        expect(await fileWithin([folder], named), named).toMatchObject({ ok: false });
    } finally {
      await rm(outside, { recursive: true, force: true });
    }
  });
});
