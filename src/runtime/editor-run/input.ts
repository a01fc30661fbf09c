/**
 * What a run may be given: the question that an editor asks, made from what the document declares and reads, and the
 * answer as a value (issue: input from a form, a file or a fixture).
 */
import { readdir } from "node:fs/promises";
import path from "node:path";
import { bytesValue } from "../../graph/bytes.ts";
import { FIXTURE_NAME } from "../../fixtures/discover.ts";
import type { Fixture } from "../../fixtures/model.ts";
import { parseFixture } from "../../fixtures/parse.ts";
import { jsonProblemText, parseJson } from "../../graph/json.ts";
import type { Dialect, Graph } from "../../graph/model.ts";
import { object, toText, type MutableObject, type Value } from "../../graph/value.ts";
import { inputOf } from "../fixture-run.ts";
import { openedFiles, type EditorPlace } from "./place.ts";

/** One thing that a person may fill in. */
export interface InputField {
  /** A dotted path into the payload. */
  readonly name: string;
  /** A declared type name; null where the document only reads it. */
  readonly type: string | null;
  readonly required: boolean;
  /** JSON text of the declared default; null for none. */
  readonly preset: string | null;
  readonly description: string | null;
}

/** What can be asked before a run. */
export interface InputQuestion {
  readonly dialect: Dialect;
  /** The fields of the payload that the document reads; none: it needs no input. */
  readonly fields: readonly InputField[];
  /** Fixtures of this document, beside it or one folder below; absolute paths. */
  readonly fixtures: readonly string[];
  /** Files beside the document that are named like its payload; absolute paths. */
  readonly payloads: readonly string[];
}

/** What a person answered. */
export type InputAnswer =
  | { readonly type: "none" }
  /** JSON; for a pipeline the very text of its record. */
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "file"; readonly file: string }
  /** The trigger of a fixture, and for a dry run its mocks. */
  | { readonly type: "fixture"; readonly file: string };

/** An answer as what a run takes, or why it cannot be. */
export type GivenInput =
  | {
      readonly ok: true;
      readonly value: Value;
      readonly kind: "manual" | "http" | "event";
      readonly start: string | null;
      readonly mocks: string | null;
      /** Branches of unknown conditions that a fixture assumes, by node. */
      readonly assume: Readonly<Record<string, string>>;
    }
  | { readonly ok: false; readonly message: string };

/** Most fields that are asked one by one, and most fixtures that are looked at. */
const MAX_FIELDS = 40;
const MAX_FIXTURES = 20;

/** The question for a graph, entered at `start`. */
export async function inputQuestion(graph: Graph, start: string | null, place: EditorPlace): Promise<InputQuestion> {
  const folder = path.dirname(place.file);
  const names: readonly string[] = await readdir(folder).catch(() => []);
  const payloads = ["payload.json", "payload.txt", "input.json"].filter((name) => names.includes(name));
  return {
    dialect: graph.dialect,
    fields: fieldsOf(graph, start).slice(0, MAX_FIELDS),
    fixtures: await fixturesOf(place),
    payloads: payloads.map((name) => path.join(folder, name)),
  };
}

/** The payload that a graph declares, or reads from this start on. */
export function fieldsOf(graph: Graph, start: string | null): InputField[] {
  if (graph.dialect === "pipeline")
    return [{ name: "record", type: "text", required: true, preset: null, description: "the record's bytes, as text" }];
  if (graph.dialect === "skill") {
    return (graph.inputs ?? []).map(({ name, type, required, default: preset, description }) => ({
      ...{ name, type, required, description },
      preset: preset === undefined ? null : toText(preset),
    }));
  }
  const reached = reachedFrom(graph, start);
  const paths = new Set<string>();
  for (const node of graph.nodes) {
    if (!reached.has(node.id)) continue;
    for (const { role, text } of node.references) if (role === "context") addPath(paths, text);
  }
  // Who reads all of a member is asked for all of it, and not for its parts as well.
  const whole = (one: string): boolean =>
    one.split(".").some((_, i, all) => i > 0 && paths.has(all.slice(0, i).join(".")));
  return [...paths]
    .filter((one) => !whole(one))
    .map((name) => ({ name, type: null, required: false, preset: null, description: null }));
}

/** Members of the payload, up to where a list begins. */
function addPath(paths: Set<string>, reference: string): void {
  const [head, ...rest] = reference.split(".");
  if (head !== "trigger" || rest.length === 0) return;
  const list = rest.findIndex((segment) => segment === "" || /^\+?\d+$/.test(segment));
  const members = list < 0 ? rest : rest.slice(0, list);
  if (members.length > 0) paths.add(members.join("."));
}

function reachedFrom(graph: Graph, start: string | null): ReadonlySet<string> {
  const entry = graph.starts.find((one) => one.name === start)?.entry ?? null;
  if (entry === null) return new Set(graph.nodes.map((node) => node.id));
  const out = new Map<string, string[]>();
  for (const { from, to } of graph.edges) out.set(from, [...(out.get(from) ?? []), to]);
  const reached = new Set([entry]);
  for (const id of reached) for (const to of out.get(id) ?? []) reached.add(to);
  return reached;
}

async function fixturesOf(place: EditorPlace): Promise<string[]> {
  const document = path.resolve(place.file.replace(/#[^/\\]*$/, ""));
  const folder = path.dirname(document);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const below = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
  const folders = [folder, ...below.map((entry) => path.join(folder, entry.name)).sort()];
  const found: string[] = [];
  for (const one of folders.slice(0, 200)) {
    if (found.length >= MAX_FIXTURES) break;
    const file = path.join(one, FIXTURE_NAME);
    const fixture = await readFixture(file, place);
    if (typeof fixture === "string") continue;
    const named = path.resolve(one, (fixture.document ?? "workflow.toml").replace(/#[^/\\]*$/, ""));
    if (named === document || named === folder) found.push(file);
  }
  return found;
}

async function readFixture(file: string, place: EditorPlace): Promise<Fixture | string> {
  const text = await readText(file, place);
  if (!text.ok) return text.message;
  const { fixture, diagnostics } = parseFixture(text.text, file);
  return fixture ?? diagnostics.find((one) => one.severity === "error")?.message ?? "it is not a fixture";
}

async function readText(
  file: string,
  place: EditorPlace,
): Promise<{ readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string }> {
  const content = await openedFiles(place).read(file);
  if (!content.ok) return { ok: false, message: content.message };
  try {
    return { ok: true, text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content.bytes) };
  } catch {
    return { ok: false, message: `${file} is not UTF-8 text` };
  }
}

/** The value of an answer. */
export async function givenInput(answer: InputAnswer, graph: Graph, place: EditorPlace): Promise<GivenInput> {
  const plain = { ok: true, kind: "manual", start: null, mocks: null, assume: {} } as const;
  const pipeline = graph.dialect === "pipeline";
  switch (answer.type) {
    case "none":
      return { ...plain, value: pipeline ? bytesValue(new Uint8Array()) : null };
    case "text": {
      if (pipeline) return { ...plain, value: bytesValue(new TextEncoder().encode(answer.text)) };
      const parsed = parseJson(answer.text);
      if (parsed.ok) return { ...plain, value: parsed.value };
      return { ok: false, message: `the input is not valid JSON: ${jsonProblemText(parsed.problem)}` };
    }
    case "file": {
      const content = await openedFiles(place).read(answer.file);
      if (!content.ok) return { ok: false, message: content.message };
      if (pipeline) return { ...plain, value: bytesValue(content.bytes) };
      const text = await readText(answer.file, place);
      if (!text.ok) return text;
      const parsed = parseJson(text.text);
      return { ...plain, value: parsed.ok ? parsed.value : object({ raw: text.text }) };
    }
    case "fixture": {
      const fixture = await readFixture(answer.file, place);
      if (typeof fixture === "string") return { ok: false, message: `${answer.file}: ${fixture}` };
      const { start, trigger } = fixture;
      const assume = Object.fromEntries(fixture.assume);
      return { ok: true, value: inputOf(fixture, graph), kind: trigger.kind, start, mocks: answer.file, assume };
    }
  }
}

/** Why a text cannot be a field's value; null when it can. */
export function fieldProblem(field: InputField, text: string): string | null {
  if (text === "") return field.required && field.preset === null ? `${field.name} is required` : null;
  if (field.type === null || isText(field.type)) return null;
  const parsed = parseJson(text);
  if (!parsed.ok) return `${field.type}: ${jsonProblemText(parsed.problem)}`;
  return fits(field.type, parsed.value) ? null : `this is no ${field.type}`;
}

/** The payload of filled-in fields as JSON text; fields that were left empty are left out. */
export function payloadText(fields: readonly InputField[], texts: ReadonlyMap<string, string>): string {
  const payload = object();
  for (const field of fields) {
    const text = texts.get(field.name) ?? "";
    if (text === "") continue;
    const parsed = field.type !== null && isText(field.type) ? null : parseJson(text);
    place(
      payload,
      field.type === null ? field.name.split(".") : [field.name],
      parsed?.ok === true ? parsed.value : text,
    );
  }
  return toText(payload);
}

function place(into: MutableObject, [head = "", ...rest]: readonly string[], value: Value): void {
  if (rest.length === 0) {
    into[head] = value;
    return;
  }
  const inner = object(into[head] as MutableObject | undefined);
  into[head] = inner;
  place(inner, rest, value);
}

function isText(type: string): boolean {
  return ["string", "str", "text"].includes(type.toLowerCase());
}

function fits(type: string, value: Value): boolean {
  switch (type.toLowerCase()) {
    case "boolean":
    case "bool":
      return typeof value === "boolean";
    case "integer":
    case "int":
      return typeof value === "bigint";
    case "number":
    case "float":
      return typeof value === "bigint" || typeof value === "number";
    case "array":
    case "list":
      return Array.isArray(value);
    default:
      return true;
  }
}
