/**
 * The ABI between a graph and its command-line tools (spec/skill-graph.md §3.6): arguments, environment and inputs.
 * Pure: what of it needs the operator's environment is yielded or left to the performer.
 */
import { ordinaryVariables } from "../../effects/effect.ts";
import { attempt, type NodeContext, type Request, type Response } from "../../effects/handler.ts";
import { NodeFailure } from "../../graph/failure.ts";
import { select } from "../../graph/reference.ts";
import { templateParts } from "../../graph/template.ts";
import { displayText, isObject, member, toText, type ObjectValue, type Value } from "../../graph/value.ts";
import { subjectOf } from "./unavailable.ts";

/** Variables that every tool inherits. */
export const inheritedVariables = ordinaryVariables;

/** Bytes of all inputs as JSON that go into the environment; more go into a file. */
export const MAX_INPUTS_JSON = 48 * 1024;
/** Bytes of one input that get a variable of their own. */
export const MAX_INPUT_VARIABLE = 8 * 1024;

const encoder = new TextEncoder();
const bytes = (text: string): number => encoder.encode(text).length;

/** `thread.title` -> `RUNX_INPUT_THREAD_TITLE`; null for a name without a letter or digit. */
export function inputVariable(name: string): string | null {
  const plain = name.replace(/[^A-Za-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
  return plain === "" ? null : `RUNX_INPUT_${plain.toUpperCase()}`;
}

/** Variables that carry the inputs, and the text of the file when they are too large for one. */
export function inputEnvironment(inputs: ObjectValue): { env: Record<string, string>; file: string | null } {
  const env: Record<string, string> = {};
  const owners = new Map<string, string>();
  for (const name of Object.keys(inputs)) {
    const variable = inputVariable(name);
    if (variable === null) continue;
    const other = owners.get(variable);
    if (other !== undefined) {
      const message = `inputs '${other}' and '${name}' both become the variable ${variable}; rename one of them`;
      throw new NodeFailure({ class: "tool", message });
    }
    owners.set(variable, name);
    const value = inputs[name] as Value;
    const text = value === null ? "" : displayText(value);
    if (bytes(text) <= MAX_INPUT_VARIABLE) env[variable] = text;
  }
  const json = toText(inputs);
  if (bytes(json) > MAX_INPUTS_JSON) return { env, file: json };
  env["RUNX_INPUTS_JSON"] = json;
  return { env, file: null };
}

/**
 * Renders `{{key}}`, `{{ a.b }}` and `{{env.NAME}}`. A marker without a value is shown again. The environment is read
 * through effects, one for each variable, and only of variables that the tool gets itself.
 */
export function* renderArgs(
  context: NodeContext,
  args: readonly string[],
  inputs: ObjectValue,
  env: Readonly<Record<string, string>>,
  inherited: readonly string[],
): Generator<Request, string[], Response> {
  const known = new Map<string, string | undefined>(Object.entries(env));
  const rendered: string[] = [];
  for (const arg of args) {
    let out = "";
    for (const part of templateParts(arg)) {
      if (part.type === "text") out += part.text;
      else if (!part.key.startsWith("env.")) {
        const value = select(inputs, part.key);
        out += value === undefined || part.key === "" ? arg.slice(part.from, part.to) : displayText(value);
      } else {
        const name = part.key.slice("env.".length);
        if (!known.has(name)) known.set(name, yield* readVariable(context, name, inherited));
        out += known.get(name) ?? "";
      }
    }
    rendered.push(out);
  }
  return rendered;
}

function* readVariable(
  context: NodeContext,
  name: string,
  inherited: readonly string[],
): Generator<Request, string | undefined, Response> {
  if (!inherited.includes(name)) {
    const message = `args of ${subjectOf(context)} name {{env.${name}}}, which the tool does not get; list it in sandbox.env_allowlist`;
    throw new NodeFailure({ class: "tool", message });
  }
  const reply = yield* attempt({ kind: "env.read", key: name });
  if (reply.type === "failed") throw new NodeFailure(reply.failure);
  if (reply.type === "dry") return `{{env.${name}}}`;
  const value = isObject(reply.value) ? member(reply.value, "value") : undefined;
  return typeof value === "string" ? value : undefined;
}

/** The folder of a document, by its path; `.` for a bare file name. Either separator counts. */
export function folderOf(file: string): string {
  const at = Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\"));
  if (at < 0) return ".";
  return at === 0 ? file.slice(0, 1) : file.slice(0, at);
}

/** `path` below `folder`, unless it is absolute. */
export function below(folder: string, path: string): string {
  if (/^(?:[/\\]|[A-Za-z]:[/\\])/.test(path)) return path;
  return folder === "." ? path : `${folder.replace(/[/\\]$/, "")}/${path}`;
}
