/**
 * `textDocument/formatting`: the canonical order of a `spec.kv` (spec/pipeline.md §3). TOML and YAML are left as their
 * authors wrote them, and so is a spec that cannot be put in order without a guess or a loss, such as one with
 * errors or comments.
 */
import type { DocumentFormattingParams, TextEdit } from "vscode-languageserver";
import { formatSpec } from "../../src/dialects/pipeline/canonical.ts";
import type { TextLines } from "../../src/dialects/live/text-lines.ts";
import { documentFeature } from "../feature.ts";

export const formatting = documentFeature<DocumentFormattingParams, TextEdit[]>({
  method: "textDocument/formatting",
  capabilities: { documentFormattingProvider: true },
  dynamic: {
    documentSelector: [{ pattern: "**/spec.kv" }],
    isSupported: (client) => client.textDocument?.formatting?.dynamicRegistration === true,
  },
  answer: ({ document }) => {
    const { text, what, file, lines } = document.live;
    if (what.document !== "graph" || what.dialect !== "pipeline") return null;
    const formatted = formatSpec(text, file);
    return formatted.ok ? lineEdits(text, formatted.text, lines) : null;
  },
});

/** Most lines by lines that are compared; beyond that the changed stretch is replaced in one piece. */
const MAX_COMPARED = 4_000_000;

/** The least whole lines to take out and put in that make one text of another. */
export function lineEdits(before: string, after: string, lines: TextLines): TextEdit[] {
  const [old, now] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < old.length && old[start] === now[start]) start++;
  let [oldEnd, newEnd] = [old.length, now.length];
  while (oldEnd > start && newEnd > start && old[oldEnd - 1] === now[newEnd - 1]) {
    oldEnd--;
    newEnd--;
  }
  const offsets = [0];
  for (const line of old) offsets.push((offsets[offsets.length - 1] as number) + line.length);
  const edits: TextEdit[] = [];
  const replace = (from: number, to: number, text: readonly string[]): void => {
    if (from === to && text.length === 0) return;
    edits.push({ range: lines.range(offsets[from] as number, offsets[to] as number), newText: text.join("") });
  };
  if ((oldEnd - start) * (newEnd - start) > MAX_COMPARED) {
    replace(start, oldEnd, now.slice(start, newEnd));
    return edits;
  }
  let [from, taken] = [start, start];
  for (const [i, j] of common(old.slice(start, oldEnd), now.slice(start, newEnd))) {
    replace(from, start + i, now.slice(taken, start + j));
    [from, taken] = [start + i + 1, start + j + 1];
  }
  replace(from, oldEnd, now.slice(taken, newEnd));
  return edits;
}

/** Lines with their ends. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** A longest common subsequence, as pairs of indexes. */
function common(a: readonly string[], b: readonly string[]): [number, number][] {
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}
