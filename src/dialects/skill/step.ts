/** One step of a graph (spec/skill-graph.md §2.2 to §2.5, §2.7; Decisions R3, R6, R12). */
import type { AnyKind } from "../../kinds/define.ts";
import type { Condition, Node, Retry } from "../../graph/model.ts";
import { isObject, member, type Value } from "../../graph/value.ts";
import { absent, at, declares, type Cursor, type Reader } from "./reader.ts";
import { isRegistryReference, skillReferenceText } from "./reference.ts";
import { present, readArtifacts, readHttp, readOutputs, readRetry, unsupported, type NodeFields } from "./source.ts";
import { readContext, refuseOutputReferences, type Earlier } from "./step-inputs.ts";
import { stepFiles, stepReferences } from "./step-references.ts";
import { toolRefProblem } from "./tool-ref.ts";

/** Finds a kind's declaration by name. */
export type Kinds = (kind: string) => AnyKind | undefined;

/** Every key that a step may have. */
export const stepKeys: readonly string[] = [
  "id",
  "label",
  "skill",
  "tool",
  "run",
  "http",
  "source",
  "runner",
  "instructions",
  "artifacts",
  "inputs",
  "context",
  "context_skills",
  "scopes",
  "allowed_tools",
  "retry",
  "policy",
  "mode",
  "fanout_group",
  "when",
  "mutation",
  "idempotency_key",
  "in_doubt",
  "sync",
  "stage",
];

/** How steps are compiled: {@link compileStep}, or a way that remembers what it did before. */
export type StepCompiler = typeof compileStep;

/** Compiles the step at `cursor`, as far as it can be made out; null when it has no id to go by. */
export function compileStep(
  reader: Reader,
  cursor: Cursor,
  earlier: Earlier,
  kinds: Kinds,
): Omit<Node, "index"> | null {
  if (reader.requiredObject(cursor) === undefined) return null;
  reader.closed(cursor, stepKeys);
  const before = reader.findings.length;
  for (const key of ["sync", "stage"]) {
    if (!declares(cursor, key)) continue;
    const inner = at(cursor, key);
    const message = `${inner.label} is not supported by the local sequential graph runner.`;
    reader.error("unsupported", message, { path: inner.path, part: "key" });
  }
  const id = readId(reader, cursor, earlier);
  const group = readMode(reader, cursor);
  const target = readTarget(reader, cursor);
  const context = readContext(reader, at(cursor, "context"), earlier, group);
  const inputs = at(cursor, "inputs");
  if (reader.object(inputs) !== undefined) refuseOutputReferences(reader, inputs, earlier);
  const when = at(cursor, "when");
  const condition = reader.object(when) === undefined ? null : readCondition(reader, when, ["field"]);
  const retry = readRetry(reader, at(cursor, "retry"));
  const mutation = reader.boolean(at(cursor, "mutation"));
  const idempotencyKey = reader.text(at(cursor, "idempotency_key")) ?? null;
  if (mutation === true && (retry?.max_attempts ?? 1n) > 1n && idempotencyKey === null) {
    const message = `step '${id ?? ""}' declares mutating retry without an idempotency key`;
    reader.error("retry_mutation", message, { path: at(cursor, "retry").path, part: "construct" });
  }
  const common = present({
    inputs: isObject(inputs.value) ? inputs.value : undefined,
    context,
    artifacts: readArtifacts(reader, at(cursor, "artifacts"), true),
    instructions: reader.string(at(cursor, "instructions")),
    context_skills: readContextSkills(reader, cursor),
    allowed_tools: readAllowedTools(reader, at(cursor, "allowed_tools")),
    scopes: reader.strings(at(cursor, "scopes")),
    policy: reader.object(at(cursor, "policy")),
    mutation,
  });
  const label = reader.text(at(cursor, "label")) ?? null;
  const inDoubt =
    reader.word(at(cursor, "in_doubt"), ["pause", "fail", "retry"], "must be pause, fail, or retry.") ?? "pause";
  const raw =
    target.kind === "stage" ? stageFields(reader, cursor, target, common) : { ...common, ...present(target.fields) };
  const fields = typedFields(reader, cursor, kinds, target.kind, raw, reader.findings.length > before);
  if (id === undefined) return null;
  return {
    id,
    kind: kindOf(target.kind, fields, raw),
    label,
    fields,
    retry: retry === undefined ? null : stepRetry(retry),
    onError: "stop",
    inDoubt,
    idempotencyKey,
    references: stepReferences(cursor, target.kind, raw, context, condition),
    files: stepFiles(cursor, target),
    group,
    when: condition,
    after: [],
    at: cursor.path,
  };
}

function stepRetry(retry: { max_attempts: bigint; backoff_ms?: bigint }): Retry {
  return { maxAttempts: Number(retry.max_attempts), backoffMs: Number(retry.backoff_ms ?? 0n), on: "any", jitter: 0 };
}

function readId(reader: Reader, cursor: Cursor, earlier: Earlier): string | undefined {
  const place = at(cursor, "id");
  const id = reader.requiredString(place);
  if (id !== undefined && earlier.has(id)) {
    reader.error("duplicate_id", `${place.label} '${id}' must be unique.`, { path: place.path, part: "value" });
  }
  return id;
}

/** The step's fan-out group, which counts without `mode` too. */
function readMode(reader: Reader, cursor: Cursor): string | null {
  const place = at(cursor, "mode");
  const mode = reader.string(place);
  const group = reader.text(at(cursor, "fanout_group")) ?? null;
  if (mode === "fanout" && absent(at(cursor, "fanout_group"))) {
    const message = `${cursor.label}.fanout_group is required when mode is fanout.`;
    reader.error("required", message, { path: place.path, part: "value" });
  } else if (mode !== undefined && mode !== "fanout" && mode !== "sequential") {
    const message = `${cursor.label}.mode '${mode}' is not supported by the local graph runner.`;
    reader.error("value", message, { path: place.path, part: "value" });
  }
  return group;
}

const targets = ["run", "skill", "tool", "http", "source"] as const;

function readTarget(reader: Reader, cursor: Cursor): NodeFields {
  const declared = targets.filter((key) => declares(cursor, key) && !absent(at(cursor, key)));
  const place = { path: cursor.path, part: "construct" } as const;
  const [first, second] = declared;
  if (first === undefined) {
    reader.error("target", `${cursor.label} must declare exactly one of skill, tool, or run.`, place);
    return unsupported("", { ...cursor, value: undefined });
  }
  if (second !== undefined) {
    const http = declared.includes("http") || declared.includes("source");
    const what = http ? "run, skill, tool, or http" : "run, skill, or tool";
    reader.error("target", `${cursor.label} must not declare more than one of ${what}.`, place);
  }
  const runner = at(cursor, "runner");
  if (first !== "skill" && !absent(runner)) {
    const message = `${runner.label} is only valid for nested skill steps.`;
    reader.error("runner", message, { path: runner.path, part: "key" });
  }
  const inner = at(cursor, first);
  switch (first) {
    case "skill":
      return readSkill(reader, inner, runner);
    case "tool":
      return readToolStep(reader, inner);
    case "http":
      return reader.object(inner) === undefined ? unsupported("http", inner) : closedHttp(reader, inner, []);
    default:
      return reader.object(inner) === undefined ? unsupported("", inner) : readRun(reader, inner, first);
  }
}

function readSkill(reader: Reader, place: Cursor, runnerPlace: Cursor): NodeFields {
  const skill = reader.text(place);
  const runner = reader.text(runnerPlace);
  if (skill === undefined) return unsupported("skill", place);
  const reference = isRegistryReference(skill) ? undefined : skillReferenceText(skill, runner ?? null);
  return { kind: "skill", fields: { skill, runner, reference } };
}

function readToolStep(reader: Reader, place: Cursor): NodeFields {
  const tool = reader.text(place);
  const problem = tool === undefined ? null : toolRefProblem(tool);
  if (problem !== null) {
    const message = `${place.label} ${JSON.stringify(tool)} is not an admissible catalog tool ref: ${problem}.`;
    reader.error("tool_ref", message, { path: place.path, part: "value" });
  }
  return { kind: "tool", fields: { tool } };
}

const httpKeys = ["url", "method", "headers", "allow_private_network", "outputs"];

function closedHttp(reader: Reader, place: Cursor, more: readonly string[]): NodeFields {
  reader.closed(place, [...httpKeys, ...more]);
  return readHttp(reader, place);
}

function readRun(reader: Reader, place: Cursor, key: "run" | "source"): NodeFields {
  const typePlace = at(place, "type");
  const type = absent(typePlace) ? reader.missing(typePlace) : reader.string(typePlace);
  if (type === undefined) return unsupported("", place);
  if (key === "source" && type !== "http") {
    const message = `${typePlace.label} '${type}' is not supported; a step's source is http, other targets are skill, tool, or run.`;
    reader.error("target", message, { path: typePlace.path, part: "value" });
  }
  switch (type) {
    case "cli-tool":
      reader.closed(place, ["type", "command", "args", "cwd", "outputs"]);
      return {
        kind: type,
        fields: {
          command: reader.requiredString(at(place, "command")),
          args: reader.strings(at(place, "args")),
          cwd: reader.string(at(place, "cwd")),
          outputs: readOutputs(reader, at(place, "outputs")),
        },
      };
    case "agent-task":
      reader.closed(place, ["type", "agent", "task", "outputs"]);
      return {
        kind: type,
        fields: {
          agent: reader.string(at(place, "agent")),
          task: reader.string(at(place, "task")),
          outputs: readOutputs(reader, at(place, "outputs")),
        },
      };
    case "approval":
      reader.closed(place, ["type"]);
      return { kind: type, fields: {} };
    case "http":
      return closedHttp(reader, place, ["type"]);
    case "stage": {
      reader.requiredString(at(place, "key"));
      const { type: _type, ...fields } = { ...(place.value as Readonly<Record<string, Value>>) };
      return { kind: type, fields };
    }
    default:
      return unsupported(type, place);
  }
}

/** A stage takes bytes, not inputs: keys that would be ignored are refused. */
function stageFields(
  reader: Reader,
  cursor: Cursor,
  target: NodeFields,
  common: Record<string, unknown>,
): Record<string, unknown> {
  for (const key of Object.keys(common)) {
    if (key === "mutation") continue;
    const place = at(cursor, key);
    const message = `${place.label} is not valid for a stage step; name what it reads with run.input_from.`;
    reader.error("stage", message, { path: place.path, part: "key" });
  }
  return { ...target.fields };
}

/** The fields as the kind's schema makes them; as they are when something is wrong with them already. */
export function typedFields(
  reader: Reader,
  cursor: Cursor,
  kinds: Kinds,
  kind: string,
  raw: Readonly<Record<string, unknown>>,
  faulty: boolean,
): Readonly<Record<string, unknown>> {
  const place = { path: cursor.path, part: "construct" } as const;
  const declared = kinds(kind);
  if (declared === undefined) {
    reader.error("kind", `${cursor.label} is of the kind \`${kind}\`, which this program does not have.`, place);
    return raw;
  }
  const parsed = declared.fields.safeParse(raw);
  if (parsed.success) return parsed.data;
  if (!faulty) {
    for (const issue of parsed.error.issues) {
      const name = [cursor.label, ...issue.path.map(String)].join(".");
      reader.error("value", `${name}: ${issue.message}.`, place);
    }
  }
  return raw;
}

/** The kind of a node, if its fields are those of the kind; else nothing may be concluded from them. */
export function kindOf(kind: string, fields: object, raw: object): string {
  return fields === raw ? "" : kind;
}

function readContextSkills(reader: Reader, cursor: Cursor): readonly string[] | undefined {
  const place = at(cursor, "context_skills");
  const found = reader.strings(place);
  if (found === undefined || found.length === 0 || !absent(at(cursor, "skill"))) return found;
  if (at(at(cursor, "run"), "type").value === "agent-task") return found;
  const message = `${place.label} is only valid for agent-task steps or nested agent skills.`;
  reader.error("context_skills", message, { path: place.path, part: "key" });
  return found;
}

function readAllowedTools(reader: Reader, place: Cursor): readonly string[] | undefined {
  const found = reader.strings(place);
  found?.forEach((tool, i) => {
    const problem = toolRefProblem(tool);
    if (problem === null) return;
    const message = `${place.label} entry ${JSON.stringify(tool)} is not an admissible agent tool ref: ${problem}.`;
    reader.error("tool_ref", message, { path: at(place, i).path, part: "value" });
  });
  return found;
}

/** `{field, equals XOR not_equals}` of a `when` or a guard; `keys` are the others it has. */
export function readCondition(reader: Reader, cursor: Cursor, keys: readonly string[]): Condition | null {
  reader.closed(cursor, [...keys, "equals", "not_equals"]);
  const [equals, notEquals] = ["equals", "not_equals"].map((key) => declares(cursor, key));
  const place = { path: cursor.path, part: "construct" } as const;
  if (equals === notEquals) {
    const what =
      equals === true ? "must not declare both equals and not_equals." : "must declare equals or not_equals.";
    reader.error("condition", `${cursor.label} ${what}`, place);
  }
  const field = reader.requiredString(at(cursor, "field"));
  if (field === undefined || equals === notEquals || !isObject(cursor.value)) return null;
  if (equals === true) return { field, equals: member(cursor.value, "equals") as Value, at: cursor.path };
  return { field, notEquals: member(cursor.value, "not_equals") as Value, at: cursor.path };
}
