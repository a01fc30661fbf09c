/**
 * Skill graphs, skills and their tests while they are being typed (spec/editor.md §4).
 *
 * Boundary: pure. The text is read by the front end's own readers, piece by piece where that is safe; what the front
 * end accepts gives the same graphs and findings. What is remembered of a document lives as long as the document.
 */
import type { Diagnostic } from "../../graph/diagnostic.ts";
import { detect, isSkillGraphText, mayBeSkillGraph, skillGraph, type Detected } from "../detect.ts";
import type { LiveDocument, OpenAs } from "../live/live.ts";
import type { Span } from "../live/source.ts";
import { TextLines } from "../live/text-lines.ts";
import { labels, type SkillFrontEndOptions } from "./front-end.ts";
import { compileReading, type GraphForm } from "./live-compile.ts";
import { readLive, type Leaves } from "./live-read.ts";
import type { StepMemory } from "./live-steps.ts";
import { wholePart, YamlTree } from "./live-tree.ts";
import { documentForm } from "./reference.ts";
import { composeYaml } from "./yaml-compose.ts";
import { frontMatter } from "./yaml-text.ts";

/** What the next opening of the same file need not do again. */
interface Memory {
  readonly leaves: Leaves;
  readonly steps: StepMemory;
}

/** Gives the function that opens texts of this dialect. */
export function skillLive(options: SkillFrontEndOptions): OpenAs {
  const memories = new WeakMap<LiveDocument, Memory>();
  return (text, file, named, previous) => {
    const before = previous?.file === file ? previous : null;
    if (before?.text === text) return before;
    const form = documentForm(file);
    if (named === null && !mayBeSkillGraph(text)) return null;
    if (form === "harness") {
      const what = named ?? detect(file, text);
      return what === null ? null : openPlain(text, file, what, true);
    }
    if (named?.document === "fixture") return openPlain(text, file, named, false);
    const known = before === null ? undefined : memories.get(before);
    const opened = openGraph(text, file, named, form, options, known);
    if (opened !== null) memories.set(opened.document, opened.memory);
    return opened?.document ?? null;
  };
}

/** Codes of the checks over a graph that look a step up. */
const lookedUp: ReadonlySet<string> = new Set(["unknown_reference"]);

function openGraph(
  text: string,
  file: string,
  named: Detected | null,
  form: GraphForm,
  options: SkillFrontEndOptions,
  before: Memory | undefined,
): { document: LiveDocument; memory: Memory } | null {
  const lines = new TextLines(text);
  const { yaml, within, closed } = form === "markdown" ? matter(text) : wholeText(text);
  const reading = readLive(yaml, labels[form], before?.leaves ?? new Map());
  const isRead = reading.problems.length === 0;
  if (named === null && !isSkillGraphText(text, isRead ? reading.value : undefined)) return null;
  const what = named ?? skillGraph;
  const compiled = compileReading(reading, form, file, options.kinds, before?.steps ?? new WeakMap());
  const error = (code: string, message: string, from: number, to: number): Diagnostic => {
    return { code, severity: "error", message, file, at: lines.range(from, to) };
  };
  const problems = reading.problems.map((one) => error(one.code, one.message, one.from, one.to));
  const { refusal } = compiled;
  if (!closed) {
    const message = "Skill markdown must start with YAML frontmatter delimited by ---.";
    problems.unshift(error("skill_front_matter", message, 0, 0));
  } else if (refusal !== null) problems.push(error(refusal.code, refusal.message, 0, 0));
  const accepted = problems.length === 0;
  const source = new YamlTree(text, reading.root, lines, within);
  const unsure = compiled.lost ? { unsure: lookedUp } : {};
  const graphs = compiled.graphs.map((one) => ({ ...one, whole: accepted, ...unsure }));
  const findings = [...problems, ...(closed || yaml !== "" ? compiled.findings : [])];
  return {
    document: { file, text, what, lines, source, graphs, findings, accepted },
    memory: { leaves: reading.leaves, steps: compiled.memory },
  };
}

/** The stretch of a text that is YAML; `closed` is false for a SKILL.md without a whole front matter. */
interface Matter {
  readonly yaml: string;
  readonly within: Span;
  readonly closed: boolean;
}

function wholeText(text: string): Matter {
  return { yaml: text, within: [0, text.length], closed: true };
}

/** The front matter of a SKILL.md; one that is still open ends before the first heading. */
function matter(text: string): Matter {
  const first = text.indexOf("\n") + 1;
  const front = frontMatter(text);
  if (front !== null) return { yaml: front.yaml, within: [first, front.yaml.length - 1], closed: true };
  if (!/^\ufeff?---[ \t]*\r?\n/.test(text)) return { yaml: "", within: [0, -1], closed: false };
  const heading = /^#{1,6} /m.exec(text.slice(first));
  const end = heading === null ? text.length : first + heading.index;
  const yaml = frontMatter(`${text.slice(0, end).replace(/\n?$/, "\n")}---\n`)?.yaml ?? "";
  return { yaml: yaml.slice(0, end), within: [first, end], closed: false };
}

/** A harness file: a test, of which only the YAML is looked at here. */
function openPlain(text: string, file: string, what: Detected, harness: boolean): LiveDocument {
  const lines = new TextLines(text);
  const source = new YamlTree(text, wholePart(text), lines);
  const error = (code: string, message: string, from: number, to: number): Diagnostic => {
    return { code, severity: "error", message, file, at: lines.range(from, to) };
  };
  const base = { file, text, what, lines, source, graphs: [] };
  if (harness && what.document !== "fixture") {
    const message = "a harness file tests a graph and cannot be run itself; running harness files is not available yet";
    return { ...base, findings: [error("skill_harness", message, 0, 0)], accepted: false };
  }
  const composed = composeYaml(text);
  const findings = (composed?.[0]?.errors ?? []).map((one) => {
    const [from, to] = one.pos;
    return error("skill_yaml_syntax", one.message.split("\n", 1)[0] as string, from, Math.max(from, to));
  });
  if (composed === null) {
    findings.push(error("skill_yaml_limit", "the document is too long or too deeply nested to be read", 0, 0));
  }
  return { ...base, findings, accepted: findings.length === 0 };
}
