/**
 * The skill-graph dialect's front end: `graph.yaml`, `X.yaml` and `SKILL.md` -> Graph, the dialect's checks, and
 * ranges of places (spec/skill-graph.md §1 to §3; spec/editor.md §4).
 *
 * Which of the three a text is, its file's name says. A skill is the Graph of one runner: that of a cli-tool, an agent
 * or an HTTP call has one node, that of a graph source has the graph's steps; `file#runner` chooses among the runners
 * of an X.yaml (see reference.ts).
 *
 * Invariants: no text makes `parse` throw; `validate` gives the findings of the very reading that made the graph.
 */
import type { Diagnostic, Range } from "../../graph/diagnostic.ts";
import type { Graph } from "../../graph/model.ts";
import { isObject } from "../../graph/value.ts";
import type { DialectFrontEnd, ParsedDocument } from "../document.ts";
import type { SkillCodeName } from "./codes.ts";
import { compileGraph } from "./graph-document.ts";
import { yamlLocator } from "./locator.ts";
import { compileManifest, runnerSelection } from "./manifest.ts";
import { Reader, type Cursor } from "./reader.ts";
import { documentForm, splitSkillDocument } from "./reference.ts";
import { compileMarkdown } from "./skill-document.ts";
import type { Kinds } from "./step.ts";
import { lineStarts } from "../live/text-lines.ts";
import { positionAt } from "./text-lines.ts";
import { frontMatter, readYaml, type YamlLabel, type YamlProblem } from "./yaml-text.ts";

export { skillDocumentCandidates, skillDocumentKey, splitRunner, splitSkillDocument } from "./reference.ts";

/** What the front end needs: the declarations of node kinds. */
export interface SkillFrontEndOptions {
  readonly kinds: Kinds;
}

/** Makes the front end. */
export function createSkillFrontEnd(options: SkillFrontEndOptions): DialectFrontEnd {
  /** What was found while a graph was made; a graph is only ever checked by the front end that made it. */
  const findings = new WeakMap<Graph, readonly Diagnostic[]>();
  return {
    dialect: "skill",
    parse(text, file) {
      const { parsed, found } = parseSkill(text, file, options.kinds);
      if (parsed.graph !== null) findings.set(parsed.graph, found);
      return parsed;
    },
    validate: (graph) => findings.get(graph) ?? [],
    locator: (text) => yamlLocator(frontMatter(text)?.yaml ?? text),
  };
}

interface Parsed {
  readonly parsed: ParsedDocument;
  readonly found: readonly Diagnostic[];
}

/** Under which name the errors of a form of document go (§1). */
export const labels: Readonly<Record<"graph" | "manifest" | "markdown", YamlLabel>> = {
  graph: "graph",
  manifest: "runner_manifest",
  markdown: "skill_frontmatter",
};

function parseSkill(text: string, name: string, kinds: Kinds): Parsed {
  const { file, runner } = splitSkillDocument(name);
  const form = documentForm(file);
  const start: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  const refuse = (code: SkillCodeName, message: string): Parsed =>
    refused([{ code, severity: "error", message, file, at: start }]);
  if (form === "harness") {
    return refuse(
      "skill_harness",
      "a harness file tests a graph and cannot be run itself; running harness files is not available yet",
    );
  }
  const front = form === "markdown" ? frontMatter(text) : null;
  if (form === "markdown" && front === null) {
    return refuse("skill_front_matter", "Skill markdown must start with YAML frontmatter delimited by ---.");
  }
  const { value, problems } = readYaml(front?.yaml ?? text, labels[form]);
  if (value === undefined) {
    const lines = lineStarts(text);
    return refused(problems.map((problem) => diagnosticOf(problem, lines, file)));
  }
  if (!isObject(value)) {
    const object =
      form === "markdown" ? "Skill frontmatter must parse to an object." : "the document must be a mapping";
    return refuse("skill_not_object", form === "markdown" ? object : `${labels[form]}: YAML parse failed: ${object}`);
  }
  const reader = new Reader(file);
  const root: Cursor = { value, label: "", path: [] };
  if (form === "manifest") {
    const { graph, selection } = compileManifest(reader, root, runner, file, kinds);
    if (graph === null) return refuse("skill_runner_selection", selection ?? runnerSelection("default"));
    return read(graph, reader);
  }
  if (runner !== null) return refuse("skill_runner_selection", runnerSelection(runner));
  return read(
    form === "graph" ? compileGraph(reader, root, file, kinds, null) : compileMarkdown(reader, root, file, kinds),
    reader,
  );
}

function read(graph: Graph, reader: Reader): Parsed {
  return { parsed: { graph, diagnostics: [] }, found: reader.findings };
}

function refused(diagnostics: readonly Diagnostic[]): Parsed {
  return { parsed: { graph: null, diagnostics }, found: [] };
}

function diagnosticOf(problem: YamlProblem, lines: readonly number[], file: string): Diagnostic {
  const { code, message, from, to } = problem;
  return { code, severity: "error", message, file, at: { start: positionAt(lines, from), end: positionAt(lines, to) } };
}
