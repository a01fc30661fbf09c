/**
 * What the audit log of a state directory says (docs/audit.md): what no run's journal can hold, and each run's sealed
 * head. Data and its checks only; secrets and values never stand in an entry.
 */
import { z } from "zod";

/** The longest text of a field, in UTF-16 units; longer ones are cut when they are written. */
export const MAX_FIELD = 2000;

const text = z.string().max(MAX_FIELD);
const nullable = text.nullable();
const texts = z.array(text).max(16);

const key = { kid: text, fingerprint: text, principal: text, purposes: texts, by: text };
const credential = {
  approval: nullable,
  credential: text,
  kid: nullable,
  principal: nullable,
  run: nullable,
  node: nullable,
  capability: nullable,
};

/** The entries, by type. */
const forms = {
  /** A run that was not begun. `code` is what the command said; `run` is its id where it had one. */
  "run.refused": z.strictObject({
    code: text,
    message: text,
    document: nullable,
    run: nullable,
    environment: nullable,
    principal: text,
  }),
  /** A private key was made here. */
  "key.made": z.strictObject(key),
  /** A public key is trusted from now on. */
  "key.trusted": z.strictObject(key),
  /** A public key is not trusted any more. */
  "key.revoked": z.strictObject(key),
  /** Trusted keys could not be fetched; the local ones stay (spec/pipeline.md §6). */
  "keys.refresh_failed": z.strictObject({ from: text, message: text }),
  /** A credential was given and verified. */
  "credential.accepted": z.strictObject(credential),
  /** A credential was given and does not count; `code` is its `cred.*` code. */
  "credential.refused": z.strictObject({ ...credential, code: text, message: text }),
  /** A credential was used up by an effect that started. */
  "credential.used": z.strictObject(credential),
  /** A run's receipts were sealed: the hash and the number of its journal's last line, and the root receipt's digest. */
  "run.sealed": z.strictObject({
    run: text,
    head: text,
    events: z.int().min(0),
    receipt: nullable,
    outcome: text,
    environment: nullable,
  }),
  /** An unfinished last line was cut before this one: what is left of it. `start` holds its first bytes, base64url. */
  "log.cut": z.strictObject({ bytes: z.int().min(1), digest: text, start: text }),
  /** Everything up to this line is signed. `key` is the raw public key, base64url. */
  "log.signed": z.strictObject({ kid: text, key: text, principal: text, signature: text }),
} as const;

/** The kinds of entries. */
export type AuditType = keyof typeof forms;

/** All kinds of entries. */
export const auditTypes = Object.keys(forms) as readonly AuditType[];

/** An entry's fields, without its place. */
export type AuditFields<T extends AuditType> = z.output<(typeof forms)[T]>;

/** An entry. */
export type AuditEntry = { readonly [T in AuditType]: { readonly type: T } & Readonly<AuditFields<T>> }[AuditType];

/** Entries that others append; the log itself writes the rest. */
export type AppendedEntry = Exclude<AuditEntry, { type: "log.cut" | "log.signed" }>;

/** The fields of a kind as they may be written: texts cut to their bound. */
export function boundedEntry<E extends AuditEntry>(entry: E): E {
  const cut = (value: unknown): unknown => {
    if (typeof value === "string") return value.length > MAX_FIELD ? `${value.slice(0, MAX_FIELD - 1)}…` : value;
    return Array.isArray(value) ? value.slice(0, 16).map(cut) : value;
  };
  return Object.fromEntries(Object.entries(entry).map(([name, value]) => [name, cut(value)])) as E;
}

/** The entry that plain members are, `type` among them; null when they are none of this version. */
export function readEntry(type: unknown, fields: Readonly<Record<string, unknown>>): AuditEntry | null {
  if (typeof type !== "string" || !Object.hasOwn(forms, type)) return null;
  const read = forms[type as AuditType].safeParse(fields);
  return read.success ? ({ type, ...read.data } as AuditEntry) : null;
}
