/** Finding kinds in the palette. Pure. */
import type { PaletteKind } from "../../src/protocol/webview.ts";

/** Kinds whose name or summary holds all words, by group in the order in which groups first come. */
export function grouped(kinds: readonly PaletteKind[], wanted: string): [string, PaletteKind[]][] {
  const parts = wanted
    .toLowerCase()
    .split(/\s+/)
    .filter((part) => part !== "");
  const groups = new Map<string, PaletteKind[]>();
  for (const kind of kinds) {
    const text = `${kind.kind} ${kind.summary}`.toLowerCase();
    if (parts.every((part) => text.includes(part))) groups.set(kind.family, [...(groups.get(kind.family) ?? []), kind]);
  }
  return [...groups];
}

/** The kind that is meant by what was typed: of that name, else one whose name begins so or holds it, else the first. */
export function meant(kinds: readonly PaletteKind[], wanted: string): PaletteKind | null {
  const text = wanted.trim().toLowerCase();
  if (text === "") return null;
  const rank = ({ kind }: PaletteKind): number => {
    if (kind === text) return 0;
    return kind.startsWith(text) ? 1 : kind.includes(text) ? 2 : 3;
  };
  return [...kinds].sort((a, b) => rank(a) - rank(b))[0] ?? null;
}
