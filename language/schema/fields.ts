/**
 * What may stand at a path of a document: its fields with docs, types and defaults, for completion and hover.
 *
 * Derived from the schemas that read documents (`workflow.ts`, the fixture's and the configuration's model), and for readers
 * that are written by hand from tables that tests hold against them (`skill-graph.ts`, `skill-package.ts`, `pipeline.ts`).
 */
import { z } from "zod";
import { configSchema } from "../../src/config/file.ts";
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import { fixtureFields } from "../../src/fixtures/model.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import type { FieldRole } from "../../src/kinds/define.ts";
import { perObject } from "../../src/graph/memo.ts";
import { configDocs } from "./config.ts";
import { namedAt, type Named } from "./names.ts";
import { pipelineRoot } from "./pipeline.ts";
import { skillGraph } from "./skill-graph.ts";
import { harness, skillManifest, skillText } from "./skill-package.ts";
import { bare, formOf, schemaAt, typeOf, wordsOf, type Bare, type FieldForm } from "./walk.ts";
import { workflowRoot, wrappedRoot } from "./workflow.ts";

/** One field of a table. */
export interface FieldInfo {
  readonly name: string;
  /** Markdown; empty when its name says all. */
  readonly doc: string;
  /** Its type in words, e.g. `list of strings`. */
  readonly type: string;
  readonly form: FieldForm;
  readonly required: boolean;
  /** What counts when it is left out, as JSON text; null when nothing does. */
  readonly fallback: string | null;
  /** The words that it takes; empty when it takes others too. */
  readonly words: readonly string[];
  readonly role: FieldRole | null;
  readonly names: Named | null;
}

/** The schema of a whole document. */
export function rootSchema(live: LiveDocument): z.ZodType {
  const { what } = live;
  switch (what.document) {
    case "graph":
      if (what.dialect === "pipeline") return pipelineRoot;
      if (what.dialect === "skill") return skillGraph;
      return live.source.element(["workflows"]) === null ? workflowRoot : wrappedRoot;
    case "skill":
      return what.form === "manifest" ? skillManifest : skillText;
    case "fixture":
      return what.dialect === "workflow" ? fixtureFields : harness;
    case "config":
      return configSchema;
  }
}

/** The schema at a path, without wrappers; null where nothing is said. */
function bareAt(live: LiveDocument, path: DocumentPath): Bare | null {
  const text = (at: DocumentPath): string | null => live.source.element(at)?.text ?? null;
  const schema = schemaAt(rootSchema(live), path, text);
  return schema === null ? null : bare(schema, (...more) => text([...path, ...more]));
}

/** The fields that the table at `path` may have, in the order of their schema; empty where keys are free or none. */
export function fieldsAt(live: LiveDocument, path: DocumentPath): readonly FieldInfo[] {
  const table = bareAt(live, path)?.schema;
  if (!(table instanceof z.ZodObject)) return [];
  const shape: Readonly<Record<string, z.ZodType>> = table.shape;
  return Object.entries(shape).map(([name, schema]) => infoOf(live, [...path, name], schema));
}

/** The field, item or entry at a path; null where the schemas say nothing. */
export function fieldAt(live: LiveDocument, path: DocumentPath): FieldInfo | null {
  if (path.length === 0) return null;
  const schema = schemaAt(rootSchema(live), path, (at) => live.source.element(at)?.text ?? null);
  return schema === null ? null : infoOf(live, path, schema);
}

/** What a schema says by itself, wherever it stands. */
type Facts = Omit<FieldInfo, "name" | "names">;

/** A document has many fields of few schemas, so each is looked into once; one that is chosen is a table, by any choice. */
const factsOf = perObject((schema: z.ZodType): Facts => {
  const { schema: inner, optional, fallback, doc, role } = bare(schema);
  return {
    doc,
    type: typeOf(inner),
    form: formOf(inner),
    required: !optional && !(inner instanceof z.ZodUnknown),
    fallback,
    words: wordsOf(inner),
    role,
  };
});

function infoOf(live: LiveDocument, path: DocumentPath, schema: z.ZodType): FieldInfo {
  const facts = factsOf(schema);
  return {
    ...facts,
    name: String(path.at(-1)),
    doc: facts.doc === "" ? tableDoc(live, path) : facts.doc,
    names: roleNames(facts.role) ?? namedAt(live, path),
  };
}

/** Docs of what its schema leaves without: the configuration, and the families of a policy, which it names alike. */
function tableDoc(live: LiveDocument, path: DocumentPath): string {
  if (live.what.document === "config") return configDocs[path.join(".")] ?? "";
  const [root, family] = path.slice(-2);
  return root === "policy" && live.what.document === "graph" ? (configDocs[`allow.${String(family)}`] ?? "") : "";
}

function roleNames(role: FieldRole | null): Named | null {
  if (role === "child") return "document";
  if (role === "schema") return "schema";
  if (role === "skill") return "skill";
  return role === "reference" || role === "optional-reference" ? "reference" : null;
}
