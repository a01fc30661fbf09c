/**
 * Pieces of a text, each read once: as long as its text stays the same a piece is the same object, wherever it moves.
 */
import type { Value } from "../../graph/value.ts";
import { object } from "../../graph/value.ts";
import type { Leaf } from "./live-cut.ts";
import { documentPart, emptyPart, type Child, type Part } from "./live-part.ts";
import { recover } from "./live-recover.ts";
import { composeYaml } from "./yaml-compose.ts";
import { readYaml, type YamlLabel } from "./yaml-text.ts";

/** One piece, read. */
export class LeafRead {
  readonly type: Leaf["type"];
  /** The key of an entry; null for items and where none can be read. */
  readonly name: string | null;
  /** The value of the key or item; undefined where the piece is broken. */
  readonly value: Value | undefined;
  /** How many values it holds. */
  readonly values: number;
  /** Its deepest token, counted from 1. */
  readonly depth: number;
  /** It has anchors or aliases. */
  readonly linked: boolean;
  private readonly text: string;
  private readonly start: number;
  private found: readonly Child[] | null = null;

  constructor(text: string, leaf: Leaf, label: YamlLabel) {
    const read = readYaml(text, label);
    this.text = text;
    this.type = leaf.type;
    this.start = leaf.start - leaf.from;
    this.depth = read.depth;
    this.linked = read.linked;
    this.values = read.values;
    const single = leaf.odd || read.value === undefined ? null : singleOf(read.value, leaf.type);
    this.name = single?.name ?? null;
    this.value = single?.value;
  }

  /** True when it cannot be read. */
  get broken(): boolean {
    return this.value === undefined;
  }

  /** What is in it, with spans from its start: one key or item, or several where they were torn apart. */
  get children(): readonly Child[] {
    this.found ??= this.broken ? this.recovered() : this.sound();
    return this.found;
  }

  /** As {@link children} for a sound piece, which has one. */
  get part(): Part {
    return this.children[0]?.part ?? emptyPart;
  }

  private sound(): readonly Child[] {
    const [document] = composeYaml(this.text) ?? [];
    return document === undefined ? [] : documentPart(document.contents, this.text).children;
  }

  private recovered(): readonly Child[] {
    return recover(this.text, this.start).children;
  }
}

/** The only member or item of a piece's value; null where there are none or more. */
function singleOf(value: Value, type: Leaf["type"]): { name: string | null; value: Value } | null {
  if (type === "item") {
    return Array.isArray(value) && value.length === 1 ? { name: null, value: value[0] as Value } : null;
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  const entries = Object.entries(value as Readonly<Record<string, Value>>);
  const [first] = entries;
  return first === undefined || entries.length !== 1 ? null : { name: first[0], value: first[1] };
}

/** The value that recovered parts spell; what is missing or not understood is null. */
export function partValue(part: Part): Value {
  switch (part.form) {
    case "list":
      return part.children.map((child) => partValue(child.part));
    case "table": {
      const made = object();
      for (const { name, part: inner } of part.children) {
        if (name !== null && !Object.hasOwn(made, name)) made[name] = partValue(inner);
      }
      return made;
    }
    case "string":
      return part.text;
    case "number":
    case "boolean": {
      const value = part.scalar?.value;
      if (typeof value === "number") return Number.isFinite(value) ? value : null;
      return typeof value === "bigint" || typeof value === "boolean" ? value : null;
    }
    default:
      return null;
  }
}
