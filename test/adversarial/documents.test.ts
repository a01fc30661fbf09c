/**
 * Generated and mutated documents of all three dialects: parsing never throws, checking never hangs, and a document
 * with errors never causes an effect.
 */
import { access, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../src/cli/program.ts";
import type { Performer } from "../../src/effects/seam.ts";
import { object } from "../../src/graph/value.ts";
import { checkFile } from "../../src/runtime/check.ts";
import { loadDocument, parseDocument } from "../../src/runtime/documents.ts";
import { execute } from "../../src/runtime/execute.ts";
import { fakeTerminal, folderWith } from "../cli/terminal.ts";
import { runSettings } from "../durability/settings.ts";
import { checkDocument, documents, fewMutations, loadSeeds, mutate, names } from "./mutations.ts";

describe("any text", () => {
  beforeAll(() => loadSeeds());

  it("is parsed and checked without throwing, and in time", { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(documents, async (document) => {
        expect(await checkDocument(document)).toBeNull();
      }),
      { numRuns: 800 },
    );
  });

  it("under any name is parsed without throwing", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 60 }),
        fc.string({ unit: "binary", maxLength: 200 }),
        (file, text) => void parseDocument(text, file),
      ),
      { numRuns: 1000 },
    );
  });
});

/** Every way leads to effects at once; each of them is counted. */
const acting: Record<"toml" | "yaml" | "pipeline", string> = {
  toml: `name = "acts"

[[start_nodes]]
name = "main"
source = "manual"
entry_node = "write"

[[nodes]]
id = "write"
type = "write_file"
path_from = "trigger.path"
content_from = "trigger.text"

[[nodes]]
id = "read"
type = "read_env"
key = "PATH"

[[nodes]]
id = "post"
type = "http_request"
method = "POST"
url_from = "trigger.url"

[[edges]]
from = "write"
to = "read"

[[edges]]
from = "read"
to = "post"
`,
  yaml: `name: acts
steps:
  - id: first
    run:
      type: cli-tool
      command: /bin/echo
      args: ["hello"]
  - id: second
    context:
      said: first.stdout
    run:
      type: cli-tool
      command: /bin/echo
      args: ["{{said}}"]
`,
  pipeline: `v=1
model=single_ring
name=acts
single_ring.shards=1
single_ring.ordering=strict
single_ring.producer=single
single_ring.scheduling=dedicated
single_ring.stages.0.id=first
single_ring.stages.0.stage=http_post:http://127.0.0.1:9/
single_ring.stages.0.depends_on.count=0
`,
};

describe("a document with errors", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "countersign-mutated-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** A world in which nothing happens but counting. */
  function counting(): { wrap: (real: Performer) => Performer; count(): number } {
    let count = 0;
    return {
      wrap: (real) => ({
        prepare: (effect, scope) => real.prepare(effect, scope),
        perform: () => {
          count++;
          return Promise.resolve({ ok: false, failure: { class: "tool", message: "counted" } });
        },
      }),
      count: () => count,
    };
  }

  it("causes no effect, whatever is wrong with it; one without errors does", { timeout: 240_000 }, async () => {
    const tally = { refused: 0, acted: 0 };
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("toml", "yaml", "pipeline" as const), fewMutations, async (form, changes) => {
        const file = path.join(folder, names[form]);
        await writeFile(file, changes.reduce(mutate, acting[form]));
        const report = await checkFile(names[form], folder);
        const loaded = await loadDocument(file, folder);
        const world = counting();
        if (loaded.ok) {
          const input = object({ path: "out.txt", text: "x", url: "http://127.0.0.1:9/" });
          const settings = runSettings({ cwd: folder, runId: "r", stateDir: null, input });
          const executed = await execute(loaded.bundle, { ...settings, wrapPerformer: world.wrap });
          if (!executed.ok) expect(world.count()).toBe(0);
        }
        if (report.status === "accepted") tally.acted += world.count() > 0 ? 1 : 0;
        else if (!loaded.ok) tally.refused++;
        // What checks beyond the engine's own rules call an error is refused before a run as well.
        if (report.status === "unparsable") expect(loaded.ok).toBe(false);
        if (!loaded.ok) expect(report.status).not.toBe("accepted");
        expect(await readdir(folder)).not.toContain("out.txt");
      }),
      { numRuns: 500 },
    );
    expect(tally.refused).toBeGreaterThan(10);
    expect(tally.acted).toBeGreaterThan(10);
  });

  it(
    "is refused by `run` whenever `validate` refuses it, before anything has happened",
    { timeout: 240_000 },
    async () => {
      let refused = 0;
      await fc.assert(
        fc.asyncProperty(fewMutations, async (changes) => {
          const text = changes.reduce(mutate, acting.toml);
          const cwd = await folderWith({ "w.toml": text });
          const terminal = fakeTerminal(cwd);
          const validated = await run(["validate", "w.toml"], terminal);
          if (validated === 0) return;
          refused++;
          const ran = fakeTerminal(cwd);
          const input = '{"path": "out.txt", "text": "x", "url": "http://127.0.0.1:9/"}';
          expect(await run(["run", "w.toml", "--input", input, "--state-dir", "s"], ran)).toBe(validated);
          expect(await exists(path.join(cwd, "out.txt"))).toBe(false);
          // That a start was refused is recorded; no run was begun.
          expect(await exists(path.join(cwd, "s", "runs"))).toBe(false);
          expect(ran.written.err).toContain("w.toml");
        }),
        { numRuns: 120 },
      );
      expect(refused).toBeGreaterThan(10);
    },
  );
});

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
