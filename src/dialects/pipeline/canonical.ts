/**
 * The canonical form of `spec.kv` (spec/pipeline.md §3): encode, decode, `fmt` and the digest for approvals.
 *
 * Invariants: `encode(decode(bytes).spec)` equals `bytes` for every file that decodes; `decode(encode(spec)).spec`
 * equals `spec` for every spec that encodes.
 */
import type { Digest } from "../../effects/seam.ts";
import { isRange, type Diagnostic, type Place, type Position, type Range } from "../../graph/diagnostic.ts";
import { kvError, lineRange, readLines } from "./lines.ts";
import { readSpec, type PipelineSpec, type SpecResult } from "./schema.ts";

/** The bytes of a spec. Throws TypeError when a value cannot be written on one line. */
export function encode(spec: PipelineSpec): Uint8Array {
  return new TextEncoder().encode(encodeText(spec));
}

/** The text of a spec, every line with its LF. Throws as {@link encode}. */
export function encodeText(spec: PipelineSpec): string {
  const lines: (readonly [key: string, value: string | number])[] = [
    ["v", 1],
    ["model", "single_ring"],
    ["name", spec.name],
    ["single_ring.shards", spec.shards],
    ["single_ring.ordering", spec.ordering],
    ["single_ring.producer", spec.producer],
    ["single_ring.scheduling", spec.scheduling],
  ];
  spec.stages.forEach((stage, index) => {
    const base = `single_ring.stages.${index}`;
    lines.push([`${base}.id`, stage.id], [`${base}.stage`, stage.stage]);
    if (stage.dependsOn === null) return;
    lines.push([`${base}.depends_on.count`, stage.dependsOn.length]);
    stage.dependsOn.forEach((dependency, i) => lines.push([`${base}.depends_on.${i}`, dependency]));
  });
  for (const [key, value] of lines) {
    if (String(value).includes("\n")) throw new TypeError(`the value of \`${key}\` may not hold a line feed`);
  }
  const text = lines.map(([key, value]) => `${key}=${value}\n`).join("");
  const again = readSpec(readLines(text, ""), "", true);
  if (!again.ok) throw new TypeError((again.problems[0] as Diagnostic).message);
  return text;
}

/** The spec that canonical bytes say, or what keeps them from being canonical. */
export function decode(bytes: Uint8Array, file: string): SpecResult {
  const text = utf8(bytes);
  if (text === null) {
    return { ok: false, problems: [kvError(file, "kv_encoding", "the file is not UTF-8", lineRange(0, 0, 0))] };
  }
  return readSpec(readLines(text, file), file, true);
}

/** A formatted text, or why it was left alone. */
export type FormatResult =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problems: readonly Diagnostic[] };

/**
 * `fmt`: puts the lines in the schema's order and drops what is only layout (blank lines, CR before LF, a byte order
 * mark, a missing last LF). Everything else that is wrong is refused, and nothing is guessed; comments are refused
 * because the form cannot keep them. Places are those of the text as given.
 */
export function formatSpec(text: string, file: string): FormatResult {
  const mark = text.startsWith("\ufeff") ? 1 : 0;
  const kept = text
    .slice(mark)
    .split("\n")
    .map((raw, line) => ({ raw: raw.replace(/\r$/, ""), line }))
    .filter(({ raw }) => raw !== "");
  const lines = readLines(kept.map(({ raw }) => `${raw}\n`).join(""), file);
  const read = readSpec(lines, file, false);
  if (read.ok) return { ok: true, text: encodeText(read.spec) };
  const end = text.split("\n").length - 1;
  const back = (at: Position): Position => {
    const line = kept[at.line]?.line ?? end;
    return { line, character: at.character + (line === 0 ? mark : 0) };
  };
  const moved = (at: Place | Range) => (isRange(at) ? { start: back(at.start), end: back(at.end) } : at);
  const problems = read.problems.map((problem) => ({
    ...problem,
    at: moved(problem.at),
    ...(problem.related === undefined
      ? {}
      : { related: problem.related.map((related) => ({ ...related, at: moved(related.at) })) }),
  }));
  return { ok: false, problems };
}

/** `sha256:` and the hex digest of a canonical file's bytes; other files have none. */
export type SpecHash =
  { readonly ok: true; readonly hash: string } | { readonly ok: false; readonly problems: readonly Diagnostic[] };

/** The digest that approvals bind (spec/pipeline.md §3, `spec_hash`). */
export function specHash(bytes: Uint8Array, digest: Digest, file = "spec.kv"): SpecHash {
  const read = decode(bytes, file);
  if (!read.ok) return read;
  const again = encode(read.spec);
  if (again.length !== bytes.length || again.some((byte, i) => byte !== bytes[i])) {
    const problem = kvError(file, "kv_noncanonical", "the file is not in its canonical form", lineRange(0, 0, 0));
    return { ok: false, problems: [problem] };
  }
  return { ok: true, hash: digest(bytes) };
}

function utf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (problem) {
    if (problem instanceof TypeError) return null;
    throw problem;
  }
}
