/**
 * Journal lines (spec/runtime.md §3). A line is one JSON object without line feeds; `prev` is the SHA-256 (hex) of
 * the bytes of the line before, 64 zeros in a run's very first line, over all segments:
 *
 *     {"journal":1,"epoch":1,"after":0,"run":"r1","prev":"000…","owner":{…}}       first line of a segment
 *     {"seq":1,"at":1767225600000,"prev":"…","type":"run.started",…,"input":{…}}   an event
 *     {"journal":1,"epoch":1,"prev":"…","released":true}                            its owner let go of it
 *
 * An event's node values come last, in the form of spec/workflow.md §1.4, so integers and floats stay what they
 * are. A value whose text is over 64 KiB stands in a blob, its digest under `<field>_blob`.
 */
import { hash } from "node:crypto";
import { JOURNAL_VERSION, type JournalEvent, type RunEvent } from "../../effects/events.ts";
import { parseJson } from "../../graph/json.ts";
import { isObject, member, toPlain, toText, type Value } from "../../graph/value.ts";
import { isPlainObject, unfit, writeMembers } from "./fields.ts";
import { eventForm, type EventForm } from "./forms.ts";
import { isOwner, type Owner } from "./owner.ts";

/** The `prev` of a run's first line. */
export const FIRST_PREV = "0".repeat(64);

/** A value whose text has more UTF-8 bytes than this becomes a blob. */
export const INLINE_LIMIT = 64 * 1024;

/** Values may be nested deeper than any JSON input, since nodes wrap values in values. */
const MAX_VALUE_DEPTH = 3000;

/** SHA-256 of a line or a blob, bare lower-case hex. Text is hashed as UTF-8. */
export function sha256(data: string | Uint8Array): string {
  return hash("sha256", data);
}

/** A value's text that goes to a file of its own. */
export interface Blob {
  readonly digest: string;
  readonly text: string;
}

/** An event's line (without the line feed) and the blobs that must be durable before it is written. */
export interface EncodedEvent {
  readonly line: string;
  readonly blobs: readonly Blob[];
}

const noBlobs: readonly Blob[] = [];

/**
 * Writes one event. Throws TypeError for what no journal can hold: an unknown type, a missing member, a number
 * without JSON text.
 */
export function encodeEvent(event: RunEvent, seq: number, at: number, prev: string): EncodedEvent {
  const form = eventForm(event.type);
  if (form === undefined) throw new TypeError(`no journal form for events of type ${event.type}`);
  if (!Number.isFinite(at)) throw new TypeError(`an event's time must be a number of milliseconds; got ${at}`);
  const data = event as unknown as Readonly<Record<string, unknown>>;
  let line = `{"seq":${seq},"at":${at},"prev":"${prev}","type":"${event.type}"${writeMembers(form.members, data)}`;
  let blobs = noBlobs;
  for (const key of form.values) {
    const value = data[key];
    if (value === undefined) throw new TypeError(`member \`${key}\` of ${event.type} is missing`);
    const text = valueText(value as Value);
    if (isLarge(text)) {
      const digest = sha256(text);
      blobs = [...blobs, { digest, text }];
      line += `,"${key}_blob":"${digest}"`;
    } else {
      line += `,"${key}":${text}`;
    }
  }
  return { line: `${line}}`, blobs };
}

function isLarge(text: string): boolean {
  if (text.length * 3 <= INLINE_LIMIT) return false;
  return text.length > INLINE_LIMIT || Buffer.byteLength(text, "utf8") > INLINE_LIMIT;
}

/** Text of a value; refuses what would not read back. The words are searched first because that is fast. */
function valueText(value: Value): string {
  const text = toText(value);
  if ((text.includes("NaN") || text.includes("Infinity")) && !parseJson(text, MAX_VALUE_DEPTH).ok) {
    throw new TypeError("a node value holds NaN or an infinity, which no journal can hold");
  }
  return text;
}

/** A segment's first line. `after` is the epoch that the segment continues, 0 for a run's first. */
export interface SegmentHeader {
  readonly epoch: number;
  readonly after: number;
  readonly run: string;
  readonly owner: Owner;
}

/** Writes a segment's first line. */
export function encodeHeader(header: SegmentHeader, prev: string): string {
  const { epoch, after, run, owner } = header;
  return JSON.stringify({ journal: JOURNAL_VERSION, epoch, after, run, prev, owner });
}

/** Writes the line by which an owner lets go of its segment. */
export function encodeRelease(epoch: number, prev: string): string {
  return JSON.stringify({ journal: JOURNAL_VERSION, epoch, prev, released: true });
}

/** What a line is. `blobs` are members of the event that still have to be loaded. */
export type DecodedLine =
  | {
      readonly type: "event";
      readonly event: JournalEvent;
      readonly prev: string;
      readonly blobs: readonly { readonly key: string; readonly digest: string }[];
    }
  | { readonly type: "header"; readonly header: SegmentHeader; readonly prev: string }
  | { readonly type: "release"; readonly epoch: number; readonly prev: string }
  /** `unparsable` lines may be torn; all others are wrong. */
  | { readonly type: "unparsable"; readonly message: string }
  | { readonly type: "wrong"; readonly message: string }
  | { readonly type: "newer"; readonly message: string };

/** Reads one line and checks its form; the chain is the reader's to check. */
export function decodeLine(line: string): DecodedLine {
  const found = lineType.exec(line);
  if (found === null) return decodeOther(line);
  const type = found[1] as string;
  const form = eventForm(type);
  if (form === undefined) return unknownType(line, type);
  const [key] = form.values;
  if (key === undefined) return assemble(type, form, parsePlain(line), {});
  if (form.ambiguous) return decodeWhole(line, type, form);
  // The first match is the value: before it stand only members with keys of their own, and in text quotes are escaped.
  const lead = `,"${key}":`;
  const from = line.indexOf(lead);
  if (from < 0) return assemble(type, form, parsePlain(line), {});
  const value = parseJson(line.slice(from + lead.length, -1), MAX_VALUE_DEPTH);
  if (!value.ok || !line.endsWith("}")) return notJson;
  return assemble(type, form, parsePlain(`${line.slice(0, from)}}`), { [key]: value.value });
}

const lineType = /^\{"seq":[0-9]+,"at":[-+.0-9e]+,"prev":"[0-9a-f]{64}","type":"([^"\\]*)"/;
const notJson: DecodedLine = { type: "unparsable", message: "this line is no JSON" };
const envelope = ["seq", "at", "prev", "type"];

/** The data of a JSON object that holds no node values; undefined for anything else. */
function parsePlain(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const data: unknown = JSON.parse(text);
    return isPlainObject(data) ? data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function unknownType(line: string, type: string): DecodedLine {
  if (parsePlain(line) === undefined) return notJson;
  return { type: "wrong", message: `this version knows no event of type "${type}"` };
}

/** The slow way, for events whose plain members may hold any keys. */
function decodeWhole(line: string, type: string, form: EventForm): DecodedLine {
  const whole = parseJson(line, MAX_VALUE_DEPTH);
  if (!whole.ok || !isObject(whole.value)) return notJson;
  const values: Record<string, Value> = {};
  const plain: Record<string, unknown> = {};
  for (const key of Object.keys(whole.value)) {
    const value = member(whole.value, key) as Value;
    if (form.values.includes(key)) values[key] = value;
    else plain[key] = toPlain(value);
  }
  return assemble(type, form, plain, values);
}

/** Puts an event together from its plain members and its values, if all are there and fit. */
function assemble(
  type: string,
  form: EventForm,
  plain: Readonly<Record<string, unknown>> | undefined,
  values: Readonly<Record<string, Value>>,
): DecodedLine {
  if (plain === undefined) return notJson;
  const { seq, at, prev } = plain;
  if (!Number.isSafeInteger(seq) || typeof at !== "number" || typeof prev !== "string" || plain["type"] !== type) {
    return { type: "wrong", message: "this line has no proper seq, at, prev and type" };
  }
  const blobs: { key: string; digest: string }[] = [];
  for (const key of form.values) {
    if (Object.hasOwn(values, key)) continue;
    const digest = plain[`${key}_blob`];
    if (typeof digest !== "string" || !/^[0-9a-f]{64}$/.test(digest)) return misfit(type, key);
    blobs.push({ key, digest });
  }
  const others = blobs.length === 0 ? envelope : [...envelope, ...blobs.map(({ key }) => `${key}_blob`)];
  const wrong = unfit(form.members, plain, others);
  if (wrong !== null) return misfit(type, wrong);
  const event: Record<string, unknown> = { type, seq, at };
  for (const { key } of form.members) if (plain[key] !== undefined) event[key] = plain[key];
  for (const key of form.values) event[key] = values[key] ?? null;
  return { type: "event", event: event as unknown as JournalEvent, prev, blobs };
}

function misfit(type: string, key: string): DecodedLine {
  return { type: "wrong", message: `member \`${key}\` of ${type} is missing, unknown or of another type` };
}

/** The event with a blob's value in its place. */
export function withValue(event: JournalEvent, key: string, value: Value): JournalEvent {
  return { ...event, [key]: value };
}

/** The value of a blob's text; undefined when it is no JSON. */
export function decodeBlob(text: string): Value | undefined {
  const parsed = parseJson(text, MAX_VALUE_DEPTH);
  return parsed.ok ? parsed.value : undefined;
}

/** Headers, releases, and whatever is no line of a journal. */
function decodeOther(line: string): DecodedLine {
  const data = parsePlain(line);
  if (data === undefined) return notJson;
  const { journal, epoch, after, run, prev, owner, released } = data;
  if (!Number.isSafeInteger(journal) || !Number.isSafeInteger(epoch) || typeof prev !== "string") {
    return { type: "wrong", message: "this is no line of a journal" };
  }
  if ((journal as number) > JOURNAL_VERSION) {
    return {
      type: "newer",
      message: `written in journal version ${String(journal)}; this program reads up to ${JOURNAL_VERSION}; use a newer one`,
    };
  }
  if (released === true && line === encodeRelease(epoch as number, prev)) {
    return { type: "release", epoch: epoch as number, prev };
  }
  const fits = Number.isSafeInteger(after) && typeof run === "string" && isOwner(owner);
  if (!fits) return { type: "wrong", message: "this is no line of a journal" };
  const header: SegmentHeader = { epoch: epoch as number, after: after as number, run, owner };
  return { type: "header", header, prev };
}

/** True when the event can only have been written by a newer program. */
export function isNewer(event: JournalEvent): event is Extract<JournalEvent, { type: "run.started" }> {
  return event.type === "run.started" && event.version > JOURNAL_VERSION;
}
