/**
 * YAML text -> Value, in the restricted subsets of spec/skill-graph.md §1.
 *
 * Untrusted text: nesting, size and alias expansion are bounded, so no text makes the reader throw, loop or use
 * memory out of proportion. All problems are reported, not only the first, at offsets of the text.
 */
import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Parser,
  type Node as YamlNode,
  type Pair,
  type YAMLError,
} from "yaml";
import { object, type Value } from "../../graph/value.ts";
import type { SkillCodeName } from "./codes.ts";
import { lineStarts } from "../live/text-lines.ts";
import { positionAt } from "./text-lines.ts";
import { causes, nestedMapping } from "./yaml-consequences.ts";
import { composition, eachToken, MAX_DEPTH, MAX_LENGTH } from "./yaml-compose.ts";

export { MAX_DEPTH, MAX_LENGTH } from "./yaml-compose.ts";

/** Most values of a document, its aliases expanded. */
export const MAX_VALUES = 200_000;

/** Most problems that are reported of one text. */
const MAX_PROBLEMS = 100;

/** Which document a text is: the label of its errors (§1). */
export type YamlLabel = "graph" | "skill_frontmatter" | "tool_manifest" | "runner_manifest";

/** Something that keeps a text from being read. Offsets are UTF-16 units of the text. */
export interface YamlProblem {
  readonly code: SkillCodeName;
  readonly message: string;
  readonly from: number;
  readonly to: number;
}

/** `value` is undefined when there is a problem. */
export interface YamlText {
  readonly value: Value | undefined;
  readonly problems: readonly YamlProblem[];
  /** How many values the text has, its aliases expanded. */
  readonly values: number;
  /** The deepest token, counted from 1. */
  readonly depth: number;
  /** It has anchors or aliases. */
  readonly linked: boolean;
  /** The problems of a part of the text may be others than those of the whole. */
  readonly lost: boolean;
}

/** A text that is only parts of another: where its offsets stand in that. */
export interface Origin {
  readonly text: string;
  readonly offset: (offset: number) => number;
}

/** Reads one document of the subset that `label` allows. Problems are placed and their lines counted in `origin`. */
export function readYaml(text: string, label: YamlLabel, origin: Origin | null = null): YamlText {
  const reader = new Reader(text, label, origin);
  const value = reader.read();
  const { problems, values, depth, linked, lost } = reader;
  return { value: problems.length > 0 ? undefined : value, problems, values, depth, linked, lost };
}

class Reader {
  readonly problems: YamlProblem[] = [];
  values = 0;
  depth = 0;
  linked = false;
  lost = false;
  /** Where nothing more is said, as only the first error there counts. */
  private spoiled: readonly (readonly [number, number])[] = [];
  private readonly anchors = new Map<string, { readonly value: Value; readonly size: number }>();
  private readonly text: string;
  private lines: readonly number[] | null = null;
  private readonly label: YamlLabel;
  private readonly origin: Origin;
  /** X.yaml is stricter than the rest. */
  private readonly strict: boolean;

  constructor(text: string, label: YamlLabel, origin: Origin | null) {
    this.text = text;
    this.origin = origin ?? { text, offset: (offset) => offset };
    this.label = label;
    this.strict = label === "runner_manifest";
  }

  read(): Value | undefined {
    const composed = composition(this.text);
    if (composed === null) {
      this.fail(
        "skill_yaml_limit",
        `the document is longer than ${MAX_LENGTH} characters or nested more than ${MAX_DEPTH} levels deep`,
        0,
        0,
      );
      return undefined;
    }
    this.depth = composed.depth;
    this.linked = composed.linked;
    const [document, second] = composed.documents;
    if (document === undefined) return null;
    const { errors, isLost, spoiled } = causes(document.errors, this.text);
    this.lost = isLost;
    for (const error of errors) this.libraryError(error);
    this.spoiled = spoiled;
    for (const warning of document.warnings) this.libraryError(warning);
    if (this.strict) this.strictTokens();
    if (second !== undefined && this.problems.length === 0) {
      const at = second.range[0];
      this.fail("skill_yaml_syntax", `more than one document at line ${this.line(at)}`, at, at);
    }
    const value = this.value(document.contents);
    if (this.values > MAX_VALUES)
      this.fail("skill_yaml_limit", `more than ${MAX_VALUES} values, aliases expanded`, 0, 0);
    return value;
  }

  private libraryError(error: YAMLError): void {
    const [from, to] = error.pos;
    if (nestedMapping.has(error.code)) return this.ambiguous(from, this.restOfLine(from));
    const what = error.message.split("\n", 1)[0] as string;
    this.fail("skill_yaml_syntax", `${what} at line ${this.line(from)}`, from, Math.max(from, to));
  }

  /** Markers, anchors, aliases and tags, which X.yaml may not have. */
  private strictTokens(): void {
    eachToken([...new Parser().parse(this.text)], (token) => {
      const from = token.offset;
      const to = from + ("source" in token ? token.source.length : 0);
      const line = this.line(from);
      if (token.type === "doc-start" || token.type === "doc-end") {
        const what = `YAML document markers are not supported in X.yaml at line ${line}; use one plain profile document.`;
        this.fail("skill_yaml_marker", what, from, to);
      } else if (token.type === "anchor" || token.type === "tag" || token.type === "alias") {
        const what = `YAML anchors, aliases, and tags are not supported in X.yaml at line ${line}; write the profile explicitly.`;
        this.fail("skill_yaml_reference", what, from, to);
      }
    });
  }

  private value(node: unknown): Value {
    this.values++;
    if (this.values > MAX_VALUES || node === null || node === undefined) return null;
    if (isAlias(node)) return this.alias(node.source, node.range ?? [0, 0]);
    const before = this.values;
    const made = this.content(node as YamlNode);
    const { anchor } = node as { anchor?: string };
    // Known only behind its end, so that an alias can never stand inside what it names.
    if (anchor !== undefined) this.anchors.set(anchor, { value: made, size: this.values - before + 1 });
    return made;
  }

  private alias(name: string, range: readonly number[]): Value {
    const found = this.anchors.get(name);
    const from = range[0] as number;
    if (found === undefined) {
      this.fail(
        "skill_yaml_syntax",
        `no anchor for the alias \`${name}\` at line ${this.line(from)}`,
        from,
        range[1] as number,
      );
      return null;
    }
    this.values += found.size;
    return found.value;
  }

  private content(node: YamlNode): Value {
    if (isScalar(node)) return this.scalar(node.value, node.range);
    if (isMap(node)) return this.map(node.items);
    if (!isSeq(node)) return null;
    const made: Value[] = [];
    for (const item of node.items) {
      if (this.values > MAX_VALUES) break;
      made.push(isPair(item) ? this.map([item]) : this.value(item));
    }
    return made;
  }

  private map(items: readonly Pair[]): Value {
    const made = object();
    const seen = new Set<string>();
    for (const pair of items) {
      if (this.values > MAX_VALUES) break;
      const key = this.key(pair);
      const value = this.value(pair.value);
      if (key === null) continue;
      if (seen.has(key.text)) this.duplicate(key.text, key.from, key.to);
      seen.add(key.text);
      made[key.text] = value;
    }
    return made;
  }

  /** The text of a mapping's key; null when it is none that the subset allows. */
  private key(pair: Pair): { text: string; from: number; to: number } | null {
    const node = pair.key as YamlNode | null;
    const [from, to] = node?.range ?? [this.startOf(pair), this.startOf(pair)];
    const token = pair.srcToken;
    if (token !== undefined && token.start.some((one) => one.type === "explicit-key-ind")) {
      this.ambiguous(from, this.restOfLine(from));
      return null;
    }
    if (!isScalar(node) || typeof node.value !== "string") {
      this.fail(
        "skill_yaml_syntax",
        `mapping keys must be strings at line ${this.line(from)}; quote the key`,
        from,
        to,
      );
      return null;
    }
    if (node.type === "PLAIN" && node.value.includes(":")) this.ambiguous(from, this.restOfLine(from));
    if (this.strict && node.type === "PLAIN" && node.value === "<<") {
      const what = `YAML merge keys are not supported in X.yaml at line ${this.line(from)}; write the profile explicitly.`;
      this.fail("skill_yaml_merge", what, from, to);
    }
    return { text: node.value, from, to };
  }

  private startOf(pair: Pair): number {
    return pair.srcToken?.start[0]?.offset ?? pair.srcToken?.sep?.[0]?.offset ?? 0;
  }

  private scalar(value: unknown, range: readonly number[] | null | undefined): Value {
    switch (typeof value) {
      case "string":
      case "boolean":
        return value;
      case "bigint":
        return value >= -(2n ** 63n) && value < 2n ** 64n ? value : this.finite(Number(value), range);
      case "number":
        return this.finite(value, range);
      default:
        return null;
    }
  }

  private finite(value: number, range: readonly number[] | null | undefined): Value {
    if (Number.isFinite(value)) return value;
    const from = range?.[0] ?? 0;
    this.fail("skill_yaml_syntax", `numbers must be finite at line ${this.line(from)}`, from, range?.[1] ?? from);
    return null;
  }

  private duplicate(key: string, from: number, to: number): void {
    const line = this.line(from);
    const what = this.strict
      ? `duplicate mapping key "${key}" in X.yaml at line ${line}; keep profile keys unique.`
      : `duplicate mapping key "${key}" at line ${line}`;
    this.fail("skill_yaml_duplicate_key", what, from, to);
  }

  private ambiguous(from: number, literal: string): void {
    const what = `ambiguous YAML construct at line ${this.line(from)}; quote the value or key: ${literal}`;
    this.fail("skill_yaml_ambiguous", what, from, from + literal.length);
  }

  private restOfLine(from: number): string {
    const end = this.text.indexOf("\n", from);
    return this.text.slice(from, end < 0 ? undefined : end).trimEnd();
  }

  /** From 1, as messages count. */
  private line(offset: number): number {
    this.lines ??= lineStarts(this.origin.text);
    return positionAt(this.lines, this.origin.offset(offset)).line + 1;
  }

  private fail(code: SkillCodeName, what: string, begin: number, end: number): void {
    if (this.problems.length >= MAX_PROBLEMS || this.spoiled.some(([from, to]) => begin >= from && begin < to)) return;
    const [from, to] = [
      this.origin.offset(begin),
      this.origin.offset(Math.min(Math.max(begin, end), this.text.length)),
    ];
    if (this.problems.some((one) => one.from === from && one.code === code)) return;
    const message = `${this.label}: YAML parse failed: ${what}`;
    this.problems.push({ code, message, from, to: Math.max(from, to) });
  }
}

/**
 * The front matter of a SKILL.md with everything else blanked, so that offsets and lines stay those of the file; null
 * for a text that does not begin with one.
 */
export function frontMatter(text: string): { readonly yaml: string; readonly body: string } | null {
  const opened = /^\ufeff?---[ \t]*(\r?\n)/.exec(text);
  if (opened === null) return null;
  const start = opened[0].length;
  const closing = /^---[ \t]*(?:\r?\n|$)/gm;
  closing.lastIndex = start;
  for (let match = closing.exec(text); match !== null; match = closing.exec(text)) {
    if (match[0] === "") break;
    const blank = " ".repeat(start - (opened[1] as string).length) + (opened[1] as string);
    return { yaml: blank + text.slice(start, match.index), body: text.slice(match.index + match[0].length) };
  }
  return null;
}
