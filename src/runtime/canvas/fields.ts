/**
 * Where a node's fields stand in its document. Forms and the palette speak of the kind's fields; a skill graph keeps
 * those of what a step runs below `run` or `http` (spec/skill-graph.md §2.2), and a `spec.kv` calls its key `stage`.
 *
 * Pure. The page never knows these places: it names fields, and this file turns names into paths and back.
 */
import type { DocumentPath } from "../../graph/diagnostic.ts";
import { commonNodeFields } from "../../dialects/workflow/tables.ts";
import type { Dialect, Node } from "../../graph/model.ts";
import type { AnyKind } from "../../kinds/define.ts";
import { kindDefinition } from "../../kinds/definitions.generated.ts";
import { formSchema, type JsonSchema } from "../../kinds/form.ts";
import { stepFields } from "../../kinds/step/fields.ts";
import type { CanvasState } from "./state.ts";

/** Fields of kinds that no step of a graph declares: they say something of a skill as a whole, or are derived. */
const notOfSteps: ReadonlySet<string> = new Set(["reference", "skill_retry", "mutating", "idempotent"]);
const shared: ReadonlySet<string> = new Set(Object.keys(stepFields));
/** What holds the fields of a step of this kind; others have them in the step itself. */
const holders: Readonly<Record<string, string>> = {
  "cli-tool": "run",
  approval: "run",
  "agent-task": "run",
  stage: "run",
  http: "http",
};

/** The key below which a new step of a kind keeps its own fields; null for the step itself. */
export function holderOf(kind: string): string | null {
  return holders[kind] ?? null;
}

/** True for a field that a node of this dialect can be given. */
export function isOffered(dialect: Dialect, field: string): boolean {
  if (dialect === "pipeline") return field === "key";
  return dialect !== "skill" || !notOfSteps.has(field);
}

/** True for a field that every step has, whatever it runs. */
export function isShared(field: string): boolean {
  return shared.has(field);
}

/**
 * The form of a kind in a dialect: the kind's schema without what cannot be declared there, and what every node of a
 * workflow may say beside it.
 */
export function formOf(kind: string, dialect: Dialect): JsonSchema {
  const definition = kindDefinition(kind);
  if (definition === undefined) return {};
  const form = formSchema(definition.fields);
  const own = Object.entries(form.properties ?? {}).filter(([name]) => isOffered(dialect, name));
  const common = dialect === "workflow" ? commonFields(definition) : [];
  const required = (form.required ?? []).filter((name) => isOffered(dialect, name));
  return { ...form, properties: Object.fromEntries([...own, ...common]), required };
}

const commonForm = Object.entries(formSchema(commonNodeFields).properties ?? {}).map(
  ([name, field]): [string, JsonSchema] =>
    // Rendered over what all nodes gave, not over the node's input (spec/runtime.md §4).
    name === "idempotency_key" ? [name, { ...field, "x-role": "context-template" }] : [name, field],
);
/** Said of effects only: whether one happened is otherwise never in doubt. */
const ofEffects: ReadonlySet<string> = new Set(["in_doubt", "idempotency_key"]);

/** Common fields that mean something for nodes of this kind. */
function commonFields({ effect, retryable }: AnyKind): [string, JsonSchema][] {
  return commonForm.filter(([name]) => {
    if (name === "id" || name === "type") return false;
    if (name === "retry") return retryable !== false;
    return !ofEffects.has(name) || effect === "mutate" || effect === "spawn";
  });
}

/** The path of a field from its node's table. `path` begins with the field's name, as {@link namedFields} gives it. */
export function placeOf(state: CanvasState, node: Node, path: DocumentPath): DocumentPath {
  const [head, ...rest] = path;
  if (typeof head !== "string") return path;
  if (state.graph.dialect === "pipeline") return head === "key" ? ["stage", ...rest] : path;
  const holder = writtenHolder(state, node);
  if (holder === null) return path;
  if (head.startsWith(`${holder}.`)) return [holder, head.slice(holder.length + 1), ...rest];
  return isOwn(node.kind, head) ? [holder, head, ...rest] : path;
}

/** Everything that a node's table says: each field by its name in the form, with its place in the document. */
export function namedFields(state: CanvasState, node: Node): { readonly name: string; readonly path: DocumentPath }[] {
  const keys = (path: DocumentPath): string[] =>
    (state.live.source.element(path)?.children ?? []).filter((one) => typeof one === "string");
  const holder = writtenHolder(state, node);
  return keys(node.at).flatMap((key) => {
    const path = [...node.at, key];
    if (key === "stage" && state.graph.dialect === "pipeline") return [{ name: "key", path }];
    if (key !== holder) return [{ name: key, path }];
    return keys(path)
      .filter((name) => name !== "type")
      .map((name) => ({ name: isOwn(node.kind, name) ? name : `${key}.${name}`, path: [...path, name] }));
  });
}

function isOwn(kind: string, field: string): boolean {
  return !isShared(field) && Object.hasOwn(kindDefinition(kind)?.fields.shape ?? {}, field);
}

/** What holds the fields of this step: as it is written, else as its kind has it. */
function writtenHolder({ graph, live }: CanvasState, node: Node): string | null {
  if (graph.dialect !== "skill" || node.at.at(-2) !== "steps") return null;
  for (const key of ["run", "http", "source"]) if (live.source.element([...node.at, key])?.form === "table") return key;
  return holderOf(node.kind);
}
