/**
 * The server and `countersign validate` say the same of the same text: codes, messages, severities and ranges. What
 * the engine refuses is underlined, and what it accepts is not refused.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { conformance, ownRows, rows, scratch } from "../conformance/cases.ts";
import { documents, loadSeeds, names } from "../adversarial/mutations.ts";
import { root } from "../examples/support.ts";
import { Checks } from "./checked.ts";

let checks: Checks;

beforeAll(async () => {
  checks = await Checks.in(root);
  await loadSeeds();
});

describe("the server and `countersign validate` agree", () => {
  const examples = path.join(root, "examples");
  const files = readdirSync(examples, { recursive: true, encoding: "utf8" })
    .filter((name) => /(?:\.toml|\.yaml|\.kv|SKILL\.md)$/.test(name) && path.basename(name) !== "fixture.toml")
    .filter((name) => !/(?:^|\/)(?:\.countersign|node_modules)\//.test(name));

  test.for(files)("over examples/%s", async (name) => {
    const file = path.join(examples, name);
    expect(await checks.compare(file, readFileSync(file, "utf8"))).toBe(true);
  });

  const folders = [path.join(conformance, "workflow"), ownRows];
  const sets = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".jsonl"))
      .map((name) => ({ folder, name })),
  );
  test.for(sets)("over the documents of $name", async ({ folder, name }) => {
    const { folders: made, fill } = scratch();
    const inScratch = await Checks.in(made.CHILDREN);
    let compared = 0;
    for (const line of rows(name, folder)) {
      const { id, workflow } = JSON.parse(line) as { readonly id: string; readonly workflow?: string };
      if (typeof workflow !== "string") continue;
      try {
        if (await inScratch.compare(path.join(made.CHILDREN, "w.toml"), fill(workflow))) compared++;
      } catch (problem) {
        throw new Error(`${id}:\n${workflow}`, { cause: problem });
      }
    }
    expect(compared).toBeGreaterThan(0);
  });

  test("on lines that end in a lone carriage return", async () => {
    const manifest =
      "skill: a\rskill: b\n\nrunners:\n  default:\n    source:\n      type: cli-tool\n      command: /bin/echo\n";
    expect(await checks.compare(path.join(root, "examples", names.manifest), manifest)).toBe(true);
  });

  test("over mutated documents", async () => {
    let ours = 0;
    await fc.assert(
      fc.asyncProperty(documents, async ({ form, text }) => {
        if (await checks.compare(path.join(root, "examples", names[form]), text)) ours++;
      }),
      { numRuns: 300 },
    );
    expect(ours).toBeGreaterThan(100);
  });
});
