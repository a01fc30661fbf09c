/**
 * Places of hand-moved nodes as a file beside their document, friendly to diffs: one node per line, in the order of
 * their names, whole pixels. Pure.
 */
import { z } from "zod";

/** Top left corners by key of the drawing. */
export type Places = Readonly<Record<string, { readonly x: number; readonly y: number }>>;

/** Longest file that is read, in UTF-16 units. */
const MAX_TEXT = 4_000_000;

const sidecar = z.object({
  version: z.literal(1),
  nodes: z.record(z.string(), z.object({ x: z.number(), y: z.number() })),
});

/** `release-gate.toml` -> `release-gate.toml.layout.json`: documents of one name and several kinds do not share it. */
export function sidecarName(document: string): string {
  return `${document}.layout.json`;
}

/** The file's text; the same places always give the same bytes. */
export function sidecarText(places: Places): string {
  const keys = Object.keys(places).sort();
  const lines = keys.map((key) => {
    const { x, y } = places[key] ?? { x: 0, y: 0 };
    return `    ${JSON.stringify(key)}: { "x": ${whole(x)}, "y": ${whole(y)} }`;
  });
  const nodes = lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n  }`;
  return `{\n  "version": 1,\n  "nodes": ${nodes}\n}\n`;
}

/** What a file says; null for one that is no such file, a merge conflict for instance. */
export function readSidecar(text: string): Places | null {
  if (text.length > MAX_TEXT) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Whatever it is, it is not ours to write over.
    return null;
  }
  const parsed = sidecar.safeParse(value);
  return parsed.success ? parsed.data.nodes : null;
}

/** A whole number; `-0` is 0. */
function whole(value: number): number {
  return Math.round(value) || 0;
}
