/** Skills: SKILL.md and the runners of an X.yaml, each compiled to a Graph (spec/skill-graph.md §3.1 to §3.3). */
import type { DeclaredInput, Graph, Node } from "../../graph/model.ts";
import { isObject, member } from "../../graph/value.ts";
import { readAct, withAct } from "./act.ts";
import { compileGraph, emptyGraph, type SkillFrame } from "./graph-document.ts";
import { absent, at, type Cursor, type Reader } from "./reader.ts";
import { present, readArtifacts, readRetry, readSource, type NodeFields } from "./source.ts";
import { argReferences } from "./step-references.ts";
import { kindOf, typedFields, type Kinds, type StepCompiler } from "./step.ts";
import type { NodeReference } from "../../graph/model.ts";

/** What stands around a skill's source. */
interface Skill {
  readonly id: string;
  readonly frame: SkillFrame;
  /** Where `inputs`, `retry`, `artifacts` and the rest stand. */
  readonly owner: Cursor;
  /** `runx` of the owner: defaults of the former. */
  readonly runx: Cursor;
  /** The source, labelled `source`. */
  readonly source: Cursor;
  /** Where a runner's act stands when it does not stand in the source. */
  readonly act: Cursor;
}

/** Compiles a SKILL.md's front matter. */
export function compileMarkdown(
  reader: Reader,
  root: Cursor,
  file: string,
  kinds: Kinds,
  compile?: StepCompiler,
): Graph {
  const name = reader.requiredString(at(root, "name")) ?? "";
  const description = reader.string(at(root, "description")) ?? null;
  const runx = at(root, "runx");
  reader.object(runx);
  const declared = at(root, "source");
  // A skill without a source is read by an agent.
  const source = absent(declared) ? { ...declared, value: { type: "agent" } } : declared;
  const inputs = readInputs(reader, at(root, "inputs"));
  if (reader.requiredObject(source) === undefined) return { ...emptyGraph(name, file), inputs };
  return compileSkill(
    reader,
    { id: name, frame: { name, description, inputs }, owner: root, runx, source, act: at(source, "act") },
    file,
    kinds,
    compile,
  );
}

/** Compiles one runner of an X.yaml. */
export function compileRunner(
  reader: Reader,
  place: Cursor,
  id: string,
  file: string,
  kinds: Kinds,
  compile?: StepCompiler,
): Graph {
  const runx = at(place, "runx");
  reader.object(runx);
  const nested = at(place, "source");
  const source = { ...(absent(nested) ? place : nested), label: "source" };
  const inputs = readInputs(reader, at(place, "inputs"));
  const frame = { name: id, description: null, inputs };
  if (reader.requiredObject(source) === undefined) return { ...emptyGraph(id, file), inputs };
  return compileSkill(reader, { id, frame, owner: place, runx, source, act: at(place, "act") }, file, kinds, compile);
}

function compileSkill(reader: Reader, skill: Skill, file: string, kinds: Kinds, compile?: StepCompiler): Graph {
  // Like other fields of a source, the act may stand flat in a runner or under its `source` (§3.2).
  const inner = at(skill.source, "act");
  const place = firstOf(skill.act, inner);
  if (!absent(inner) && inner.path.length !== place.path.length)
    reader.error("act", "source.act stands beside `source` and in it; keep one of them.", {
      path: inner.path,
      part: "key",
    });
  const act = readAct(reader, place);
  return withAct(reader, place, act, compileSource(reader, skill, file, kinds, compile));
}

function compileSource(reader: Reader, skill: Skill, file: string, kinds: Kinds, compile?: StepCompiler): Graph {
  const { owner, runx, source } = skill;
  const retryPlace = firstOf(at(owner, "retry"), at(runx, "retry"));
  if (at(source, "type").value === "graph") {
    if (!absent(retryPlace)) {
      const message = `${retryPlace.label} is not supported for a graph source; put retry on its steps.`;
      reader.error("retry", message, { path: retryPlace.path, part: "key" });
    }
    const graph = { ...at(source, "graph"), label: "source.graph" };
    if (reader.requiredObject(graph) === undefined)
      return { ...emptyGraph(skill.frame.name, file), inputs: skill.frame.inputs };
    return compileGraph(reader, { ...graph, label: "" }, file, kinds, skill.frame, compile);
  }
  const before = reader.findings.length;
  const retry = readRetry(reader, retryPlace);
  const mutating = readMutating(reader, owner, runx);
  const artifacts = firstOf(at(owner, "artifacts"), at(runx, "artifacts"));
  const read: NodeFields = readSource(reader, source, runx);
  const idempotency = firstOf(at(owner, "idempotency"), at(runx, "idempotency"));
  if (mutating && (retry?.max_attempts ?? 1n) > 1n && absent(idempotency)) {
    const message = `step '${skill.id}' declares mutating retry without an idempotency key`;
    reader.error("retry_mutation", message, { path: retryPlace.path, part: "construct" });
  }
  const repeats = { mutating: mutating ? true : undefined, idempotent: absent(idempotency) ? undefined : true };
  const runs = read.kind !== "unsupported";
  const raw = present({
    ...read.fields,
    artifacts: readArtifacts(reader, artifacts, false),
    ...(runs ? { skill_retry: retry, ...repeats } : {}),
  });
  const fields = typedFields(reader, source, kinds, read.kind, raw, reader.findings.length > before);
  return {
    ...emptyGraph(skill.frame.name, file),
    description: skill.frame.description,
    inputs: skill.frame.inputs,
    nodes: [nodeOf(skill, kindOf(read.kind, fields, raw), fields)],
  };
}

function nodeOf(skill: Skill, kind: string, fields: Readonly<Record<string, unknown>>): Node {
  const references: NodeReference[] = [];
  argReferences([...skill.source.path, "args"], fields["args"], references);
  return {
    id: skill.id,
    index: 0,
    kind,
    label: null,
    fields,
    retry: null,
    onError: "stop",
    inDoubt: "pause",
    idempotencyKey: null,
    references,
    files: [],
    group: null,
    when: null,
    after: [],
    at: skill.source.path,
  };
}

function firstOf(own: Cursor, shared: Cursor): Cursor {
  return absent(own) ? shared : own;
}

/** `mutating`, `risk.mutating` or `runx.mutating`, the first that is there. */
function readMutating(reader: Reader, owner: Cursor, runx: Cursor): boolean {
  const places = [at(owner, "mutating"), at(at(owner, "risk"), "mutating"), at(runx, "mutating")];
  const place = places.find((one) => !absent(one));
  return place === undefined ? false : (reader.boolean(place) ?? false);
}

/** `inputs`: name -> `{type, required, default, description}`. */
export function readInputs(reader: Reader, cursor: Cursor): readonly DeclaredInput[] {
  const found = reader.object(cursor);
  return Object.keys(found ?? {}).map((name) => {
    const place = at(cursor, name);
    if (!absent(place)) reader.object(place);
    const preset = isObject(place.value) ? member(place.value, "default") : undefined;
    return {
      name,
      type: reader.string(at(place, "type")) ?? "string",
      required: reader.boolean(at(place, "required")) ?? false,
      ...(preset === undefined ? {} : { default: preset }),
      description: reader.string(at(place, "description")) ?? null,
      at: place.path,
    };
  });
}
