/**
 * From a document's value to its graphs, for an editor: all runners of an X.yaml at once, findings united.
 *
 * Invariants: for a value that the front end accepts, graphs and findings are the front end's. Of a text with problems
 * only those findings are kept that do not follow from them.
 */
import { isRange, type Diagnostic, type DocumentPath } from "../../graph/diagnostic.ts";
import type { Graph } from "../../graph/model.ts";
import { isObject, object, type Value } from "../../graph/value.ts";
import { labels } from "./front-end.ts";
import { compileGraph } from "./graph-document.ts";
import type { Reading } from "./live-read.ts";
import { Steps, type StepMemory } from "./live-steps.ts";
import { compileRunners } from "./manifest.ts";
import { Reader, type Cursor } from "./reader.ts";
import { compileMarkdown } from "./skill-document.ts";
import type { Kinds } from "./step.ts";

/** The documents of the dialect that hold graphs. */
export type GraphForm = "graph" | "manifest" | "markdown";

/** One graph, and of which runner it is. */
export interface NamedGraph {
  readonly runner: string | null;
  readonly graph: Graph;
}

/** What a value holds. */
export interface Compiled {
  readonly graphs: readonly NamedGraph[];
  readonly findings: readonly Diagnostic[];
  /** Why the front end does not take it for a document; null when it does. */
  readonly refusal: { readonly code: "skill_not_object"; readonly message: string } | null;
  /** Steps are there whose ids could not be read. */
  readonly lost: boolean;
  readonly memory: StepMemory;
}

/** Compiles a document. `before`: the steps of a former text of the same file. */
export function compileReading(
  reading: Reading,
  form: GraphForm,
  file: string,
  kinds: Kinds,
  before: StepMemory,
): Compiled {
  const { value, problems, holes } = reading;
  const steps = new Steps(before, holes);
  const reader = new Reader(file);
  const graphs = compileForm(reader, isObject(value) ? value : object(), form, file, kinds, steps);
  const { memory } = steps;
  if (isObject(value)) {
    const findings = problems.length === 0 ? reader.findings : independent(reader.findings, reading, steps.lost);
    return { graphs, findings, refusal: null, lost: problems.length > 0 && steps.lost, memory };
  }
  const message =
    form === "markdown"
      ? "Skill frontmatter must parse to an object."
      : `${labels[form]}: YAML parse failed: the document must be a mapping`;
  const refusal = problems.length === 0 ? ({ code: "skill_not_object", message } as const) : null;
  return { graphs, findings: [], refusal, lost: problems.length > 0, memory };
}

function compileForm(
  reader: Reader,
  value: Value,
  form: GraphForm,
  file: string,
  kinds: Kinds,
  steps: Steps,
): readonly NamedGraph[] {
  const root: Cursor = { value, label: "", path: [] };
  const { compile } = steps;
  if (form === "manifest") {
    const { graphs } = compileRunners(reader, root, file, kinds, compile);
    return [...graphs].map(([runner, graph]) => ({ runner, graph }));
  }
  const graph =
    form === "graph"
      ? compileGraph(reader, root, file, kinds, null, compile)
      : compileMarkdown(reader, root, file, kinds, compile);
  return [{ runner: null, graph }];
}

/** Findings that say that something is not there, which may stand in what is broken beside. */
const absences: ReadonlySet<string> = new Set(["skill_required", "skill_target", "skill_condition", "skill_catalog"]);
/** Findings that compare several parts of a document. */
const comparisons: ReadonlySet<string> = new Set(["skill_fanout", "skill_harness_case"]);
/** Findings that look a step up. */
const lookups: ReadonlySet<string> = new Set(["skill_context", "skill_guard", "skill_act"]);

/** The findings that would be there without the problems, too. */
function independent(findings: readonly Diagnostic[], { holes, certain }: Reading, lost: boolean): Diagnostic[] {
  if (!certain) return [];
  const broken = new Set(holes.map(key));
  // Tables with something broken in them: their other keys may only seem to be missing.
  const around = new Set(holes.filter((hole) => typeof hole.at(-1) === "string").map((hole) => key(hole.slice(0, -1))));
  return findings.filter((finding) => {
    if (isRange(finding.at)) return true;
    const { path } = finding.at;
    if (path.some((_, i) => broken.has(key(path.slice(0, i + 1))))) return false;
    if (comparisons.has(finding.code) || (lost && lookups.has(finding.code))) return false;
    return !absences.has(finding.code) || !(around.has(key(path)) || around.has(key(path.slice(0, -1))));
  });
}

function key(path: DocumentPath): string {
  return JSON.stringify(path);
}
