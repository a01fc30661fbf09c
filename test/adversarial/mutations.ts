/** Mutated documents of all three dialects, and what must hold for each; shared by the tests and the soak. */
import { readdir, readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { hasErrors } from "../../src/graph/diagnostic.ts";
import { checkFile } from "../../src/runtime/check.ts";
import { parseDocument, validateGraph } from "../../src/runtime/documents.ts";

export const names = {
  toml: "w.toml",
  yaml: "graph.yaml",
  manifest: "X.yaml",
  text: "SKILL.md",
  pipeline: "spec.kv",
} as const;
export type Form = keyof typeof names;

/** Documents of the project to start from. */
const seeds: Record<Form, string[]> = { toml: [], yaml: [], manifest: [], text: [], pipeline: [] };

const manifest = `skill: echo
runners:
  default:
    default: true
    source:
      type: cli-tool
      command: /bin/echo
      args: ["{{message}}"]
    inputs:
      message: {type: string, required: true}
`;
const skillText = "---\nname: echo\ndescription: says it again\n---\n# Echo\n\nSays `message` again.\n";

let loaded = false;

/** Reads the project's own documents, to start from; `examples` is their folder. */
export async function loadSeeds(examples: string = path.join(import.meta.dirname, "../../examples")): Promise<void> {
  if (loaded) return;
  loaded = true;
  for (const name of await readdir(examples, { recursive: true })) {
    if (name.includes("fixture") || name.includes("node_modules") || name.includes(".countersign")) continue;
    const form: Form | null = name.endsWith(".toml")
      ? "toml"
      : name.endsWith("graph.yaml")
        ? "yaml"
        : name.endsWith("spec.kv")
          ? "pipeline"
          : null;
    if (form !== null) seeds[form].push(await readFile(path.join(examples, name), "utf8"));
  }
  seeds.manifest.push(manifest);
  seeds.text.push(skillText);
  const empty = (Object.keys(names) as Form[]).filter((form) => seeds[form].length === 0);
  if (empty.length > 0) throw new Error(`${examples} holds no document of form ${empty.join(", ")}`);
}

/** One change to a text. Numbers are positions as shares of its length. */
export type Mutation =
  | { readonly type: "cut"; readonly at: number; readonly length: number }
  | { readonly type: "insert"; readonly at: number; readonly text: string }
  | { readonly type: "repeat"; readonly at: number; readonly times: number }
  | { readonly type: "swap"; readonly at: number; readonly with: number }
  | { readonly type: "value"; readonly at: number; readonly text: string }
  | { readonly type: "truncate"; readonly at: number };

const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const hostile = fc.oneof(
  fc.constantFrom(
    '"',
    "'",
    '"""',
    "[",
    "]",
    "{",
    "}",
    "[[",
    "]]",
    "=",
    ":",
    "- ",
    "\n",
    "\t",
    "\r\n",
    "\0",
    "\ufeff",
    "#",
    "&a ",
    "*a",
    "<<: *a\n",
    "!!js/function ",
    "? ",
    "| \n",
    "> \n",
    "---\n",
    "...\n",
    "{{",
    "}}",
    "{{a.b}}",
    "..",
    "__proto__",
    "constructor",
    "toString",
    "trigger",
    "1e999",
    "-0",
    "99999999999999999999",
    "0x",
    "nan",
    "inf",
    "true",
    "null",
    "~",
    "1979-05-27T07:32:00Z",
    "\u2028",
    "😀",
    "\ud800",
    "[nodes.retry]\nmax_attempts = 0\n",
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
);
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ type: fc.constant("cut" as const), at: share, length: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ type: fc.constant("insert" as const), at: share, text: hostile }),
  fc.record({ type: fc.constant("repeat" as const), at: share, times: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ type: fc.constant("swap" as const), at: share, with: share }),
  fc.record({ type: fc.constant("value" as const), at: share, text: hostile }),
  fc.record({ type: fc.constant("truncate" as const), at: share }),
);

/** The text with one change. */
export function mutate(text: string, change: Mutation): string {
  const lines = text.split("\n");
  const at = Math.floor(change.at * text.length);
  const line = Math.floor(change.at * lines.length);
  switch (change.type) {
    case "cut":
      return text.slice(0, at) + text.slice(at + change.length);
    case "insert":
      return text.slice(0, at) + change.text + text.slice(at);
    case "repeat":
      lines.splice(line, 0, ...Array.from({ length: change.times }, () => lines[line] ?? ""));
      return lines.join("\n");
    case "swap": {
      const other = Math.floor(change.with * lines.length);
      [lines[line], lines[other]] = [lines[other] ?? "", lines[line] ?? ""];
      return lines.join("\n");
    }
    case "value":
      lines[line] = (lines[line] ?? "").replace(/([=:]\s*).*/, (_, lead: string) => lead + change.text);
      return lines.join("\n");
    case "truncate":
      return text.slice(0, at);
  }
}

/** Some changes. */
export const mutations = fc.array(mutation, { minLength: 1, maxLength: 5 });
/** Fewer changes, so that many documents still run. */
export const fewMutations = fc.array(mutation, { minLength: 1, maxLength: 2 });
const forms = fc.constantFrom<Form>("toml", "yaml", "manifest", "text", "pipeline");

const noise = fc.oneof(
  { weight: 8, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 300 }) },
);

/** A mutated document of the project, or noise under a document's name. */
export const documents = fc.tuple(forms, share, mutations, noise).map(([form, which, changes, random]) => {
  const list = seeds[form];
  const seed = list[Math.floor(which * list.length)] ?? "";
  return { form, text: random ?? changes.reduce(mutate, seed) };
});

/** Milliseconds that checking one small document may take, on a machine that has other things to do. */
const LIMIT_MS = 5000;

/** Parses and checks one text; what is wrong with how that went, null for nothing. Throws what parsing throws. */
export async function checkDocument({
  form,
  text,
}: {
  readonly form: Form;
  readonly text: string;
}): Promise<string | null> {
  const file = names[form];
  const began = performance.now();
  const { graph, diagnostics } = parseDocument(text, file);
  if (graph === null && !hasErrors(diagnostics)) return "there is no graph, and no error says why";
  if (graph !== null) validateGraph(graph);
  const report = await checkFile(file, os.tmpdir(), { text });
  const took = performance.now() - began;
  if (took > LIMIT_MS) return `it took ${took} ms`;
  if (graph === null && report.status === "accepted") return "it was accepted without a graph";
  const lines = text.split("\n").length;
  for (const { at, message, code } of report.diagnostics) {
    // What is missing stands behind the last line.
    if (at.start.line < 0 || at.start.line > lines) return `${code} stands in line ${at.start.line} of ${lines}`;
    if (message === "") return `${code} says nothing`;
  }
  return null;
}
