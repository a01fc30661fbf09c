/**
 * `[[nodes]]`: a table -> Node, by the kind's own schema and the fields that every node has (spec/workflow.md §2.6).
 *
 * A document may have very many nodes, so what a kind needs is looked up once and nothing is built per node but
 * the node.
 */
import type { z } from "zod";
import type { DocumentPath } from "../../graph/diagnostic.ts";
import type { Node, Retry } from "../../graph/model.ts";
import { collectReferences, type AnyKind } from "../../kinds/define.ts";
import type { Problems } from "./problems.ts";
import { readTable } from "./read-table.ts";
import type { retry as retryTable } from "./tables.ts";
import { commonNodeFields } from "./tables.ts";
import { isTable, type TomlTable } from "./toml.ts";

const commonKeys: readonly string[] = Object.keys(commonNodeFields.shape);
const isCommon: ReadonlySet<string> = new Set(commonKeys);
const plainKeys: ReadonlySet<string> = new Set(["id", "type"]);

/** What every node has beside its kind's fields. */
type Shared = Pick<Node, "retry" | "onError" | "inDoubt" | "idempotencyKey">;

const plainShared: Shared = { retry: null, onError: "stop", inDoubt: "pause", idempotencyKey: null };
const none: readonly never[] = [];

/** Reads nodes of the kinds it was made with. */
export class NodeReader {
  private readonly kinds = new Map<string, AnyKind>();
  private readonly names: string[] = [];

  constructor(kinds: readonly AnyKind[]) {
    for (const kind of kinds) {
      if (!kind.dialects.includes("workflow")) continue;
      this.kinds.set(kind.kind, kind);
      this.names.push(kind.kind);
    }
  }

  /** The node of one table; null after a problem. */
  read(raw: unknown, index: number, at: DocumentPath, problems: Problems): Node | null {
    if (!isTable(raw)) {
      problems.wrongType(at, "a table", raw);
      return null;
    }
    const before = problems.list.length;
    const own: Record<string, unknown> = {};
    let plain = true;
    for (const key in raw) {
      if (!isCommon.has(key)) own[key] = raw[key];
      else if (!plainKeys.has(key)) plain = false;
    }
    const id = readString(raw, "id", at, problems);
    const kind = this.kindOf(raw, at, problems);
    const shared = plain ? plainShared : readShared(raw, at, problems);
    if (kind === null) return null;
    const result = kind.fields.safeParse(own);
    if (!result.success) {
      refuse(kind, own, at, result.error.issues, problems);
      return null;
    }
    if (problems.list.length > before || id === null || shared === null) return null;
    const found = collectReferences(kind.fields, own, at);
    if (shared.idempotencyKey !== null) {
      const key = { idempotency_key: shared.idempotencyKey };
      found.references.push(...collectReferences(commonNodeFields, key, at).references);
    }
    return {
      id,
      index,
      kind: kind.kind,
      label: null,
      fields: result.data,
      retry: shared.retry,
      onError: shared.onError,
      inDoubt: shared.inDoubt,
      idempotencyKey: shared.idempotencyKey,
      references: found.references,
      files: found.files,
      group: null,
      when: null,
      after: none,
      at,
    };
  }

  /** References and files of a table that may be no node, as far as its type is known. */
  references(raw: TomlTable, at: DocumentPath): ReturnType<typeof collectReferences> {
    const type = raw["type"];
    const kind = typeof type === "string" ? this.kinds.get(type) : undefined;
    return kind === undefined ? { references: [], files: [] } : collectReferences(kind.fields, raw, at);
  }

  private kindOf(raw: TomlTable, at: DocumentPath, problems: Problems): AnyKind | null {
    const name = readString(raw, "type", at, problems);
    if (name === null) return null;
    const kind = this.kinds.get(name);
    if (kind !== undefined) return kind;
    problems.badWord("unknown_kind", [...at, "type"], name, this.names, "node kind");
    return null;
  }
}

function readString(raw: TomlTable, key: string, at: DocumentPath, problems: Problems): string | null {
  const value = raw[key];
  if (typeof value === "string") return value;
  if (value === undefined) problems.missing(at, key);
  else problems.wrongType([...at, key], "a string", value);
  return null;
}

/** The fields of {@link Shared}; null after a problem. Id and type have been read. */
function readShared(raw: TomlTable, at: DocumentPath, problems: Problems): Shared | null {
  const known: Record<string, unknown> = { id: "", type: "" };
  for (const key of commonKeys) {
    if (!plainKeys.has(key) && Object.hasOwn(raw, key)) known[key] = raw[key];
  }
  if (known["retry"] !== undefined && !isTable(known["retry"])) {
    problems.wrongType([...at, "retry"], "a table", known["retry"]);
    return null;
  }
  const fields = readTable(commonNodeFields, known, at, problems);
  if (fields === null) return null;
  return {
    retry: fields.retry === undefined ? null : retryOf(fields.retry),
    onError: fields.on_error,
    inDoubt: fields.in_doubt,
    idempotencyKey: fields.idempotency_key ?? null,
  };
}

/** §6: 0 attempts behave as 1, jitter is clamped to 0…0.5. */
function retryOf(fields: z.output<typeof retryTable>): Retry {
  return {
    maxAttempts: Math.max(1, fields.max_attempts),
    backoffMs: fields.backoff_ms,
    on: fields.on,
    jitter: Math.min(0.5, Math.max(0, fields.jitter)),
  };
}

/** A node's unknown key may be meant as one of its kind or as one that every node has. */
function refuse(
  kind: AnyKind,
  own: Readonly<Record<string, unknown>>,
  at: DocumentPath,
  issues: readonly z.core.$ZodIssue[],
  problems: Problems,
): void {
  for (const issue of issues) {
    if (issue.code === "unrecognized_keys" && issue.path.length === 0) {
      const known = [...Object.keys(kind.fields.shape), ...commonKeys];
      for (const key of issue.keys) problems.unknownKey([...at, key], known);
    } else {
      problems.addIssues(kind.fields, own, at, [issue]);
    }
  }
}
