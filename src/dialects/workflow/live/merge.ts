/**
 * Sections -> one tree of tables, with TOML's rules for headers: which table each section belongs to, and the values
 * of all together.
 *
 * Invariants: without a `doubt`, smol-toml accepts the sections together as it does each alone, and makes the same
 * values in the same order; a table that is made of the same parts as before is the same object as before.
 */
import { isTable, type TomlTable } from "../toml.ts";
import { MAX_DEPTH } from "./scan.ts";
import { add, tableOf, type Section, type Sections } from "./sections.ts";
import type { Header, Key } from "./syntax.ts";

/** A table, a list of tables or one of its elements, as headers make them. */
export interface Slot {
  readonly parent: Slot | null;
  readonly key: string | number;
  /** The header and the name in it that came to it first. */
  readonly named: { readonly section: number; readonly key: Key | null };
  /** The sections that are this table's own, by position. */
  readonly sections: number[];
  /** Tables and lists below it that headers made, in the order of the text. */
  members: Map<string, Slot> | null;
  /** Set for a list of tables. */
  readonly items: Slot[] | null;
}

/** All tables of a text that headers make. */
export interface Merged {
  readonly root: Slot;
  /** The table of each section; null where it cannot be told. */
  readonly slots: readonly (Slot | null)[];
  /** Headers do not fit together plainly, so smol-toml must say whether the whole is right. */
  readonly doubt: boolean;
}

/** A text in its sections, and those in their places. */
export interface CutToml {
  readonly sections: Sections;
  readonly merged: Merged;
}

/** As {@link mergeSections}: where headers are those of a former text and fit together, everything has its place. */
export function mergeAgain(sections: Sections, before: CutToml | null): Merged {
  return before !== null && isSameFrame(sections.list, before) ? before.merged : mergeSections(sections);
}

function isSameFrame(list: readonly Section[], { sections, merged }: CutToml): boolean {
  if (merged.doubt || list.length !== sections.list.length) return false;
  for (let i = 0; i < list.length; i++) {
    const section = list[i] as Section;
    const known = sections.list[i] as Section;
    if (section === known) continue;
    if (i > 0 && !isSameHeader(section.syntax.header, known.syntax.header)) return false;
    // A key of the section may be the name of a table below it.
    for (const name of merged.slots[i]?.members?.keys() ?? []) if (Object.hasOwn(section.body, name)) return false;
  }
  return true;
}

function isSameHeader(a: Header | null, b: Header | null): boolean {
  if (a === null || b === null || a.array !== b.array || a.keys.length !== b.keys.length) return false;
  return a.keys.every(({ name, span }, i) => {
    const other = b.keys[i] as Key;
    return name === other.name && span[0] === other.span[0] && span[1] === other.span[1];
  });
}

/** Puts sections in their places. */
export function mergeSections({ list }: Sections): Merged {
  const root = slot(null, "", 0, null, false);
  root.sections.push(0);
  const slots: (Slot | null)[] = [root];
  const merger = new Merger(list, root);
  for (let i = 1; i < list.length; i++) slots.push(merger.place(list[i] as Section, i));
  return { root, slots, doubt: merger.doubt };
}

function slot(parent: Slot | null, key: string | number, section: number, name: Key | null, isList: boolean): Slot {
  return { parent, key, named: { section, key: name }, sections: [], members: null, items: isList ? [] : null };
}

class Merger {
  doubt = false;
  private readonly list: readonly Section[];
  private readonly root: Slot;

  constructor(list: readonly Section[], root: Slot) {
    this.list = list;
    this.root = root;
  }

  /** The slot that a section opens or belongs to. */
  place(section: Section, index: number): Slot | null {
    const { header } = section.syntax;
    if (header === null) return null;
    const { keys, array } = header;
    if (keys.length > MAX_DEPTH) this.doubt = true;
    const last = Math.min(keys.length, MAX_DEPTH) - 1;
    let at = this.root;
    for (let i = 0; i < last; i++) {
      const key = keys[i] as Key;
      const next: Slot = at.members?.get(key.name) ?? this.make(at, key, index, false);
      at = next.items === null ? next : (next.items[next.items.length - 1] as Slot);
    }
    const key = keys[last];
    if (key === undefined) return null;
    const known = at.members?.get(key.name);
    if (array) {
      if (known !== undefined && known.items === null) return this.misfit();
      const list = known ?? this.make(at, key, index, true);
      const items = list.items as Slot[];
      const item = slot(list, items.length, index, null, false);
      item.sections.push(index);
      items.push(item);
      return item;
    }
    if (known !== undefined) {
      this.doubt = true;
      if (known.items !== null) return null;
    }
    const table = known ?? this.make(at, key, index, false);
    table.sections.push(index);
    return table;
  }

  private misfit(): null {
    this.doubt = true;
    return null;
  }

  private make(at: Slot, key: Key, index: number, isList: boolean): Slot {
    const made = slot(at, key.name, index, key, isList);
    if (key.name === "__proto__") this.doubt = true;
    for (const own of at.sections) if (Object.hasOwn(this.list[own]?.body ?? {}, key.name)) this.doubt = true;
    (at.members ??= new Map()).set(key.name, made);
    return made;
  }
}

/** The root table of all sections together; of things given twice the first counts. */
export function valuesOf(merged: Merged, list: readonly Section[]): TomlTable {
  return tableValue(merged.root, list);
}

function tableValue(at: Slot, list: readonly Section[]): TomlTable {
  const first = at.sections[0] === undefined ? null : (list[at.sections[0]] as Section);
  if (at.members === null && at.sections.length === 1 && first !== null) return first.body;
  const parts: unknown[] = at.sections.map((index) => list[index]?.body);
  const names: string[] = [];
  at.members?.forEach((member, name) => {
    names.push(name);
    parts.push(name, member.items === null ? tableValue(member, list) : listValue(member, list));
  });
  const known = first?.memory.table ?? null;
  if (known !== null && sameParts(known.parts, parts)) return known.made;
  const made = tableOf();
  at.sections.forEach((_, i) => add(made, parts[i] as TomlTable));
  names.forEach((name, i) => {
    const value = parts[at.sections.length + 2 * i + 1];
    if (!Object.hasOwn(made, name)) made[name] = value;
    else if (isTable(value)) add(made, { [name]: value });
  });
  if (first !== null) first.memory.table = { parts, made };
  return made;
}

function listValue(at: Slot, list: readonly Section[]): readonly unknown[] {
  const items = at.items as Slot[];
  const parts = items.map((item) => tableValue(item, list));
  const first = items[0]?.sections[0];
  const memory = first === undefined ? undefined : list[first]?.memory;
  if (memory?.list && sameParts(memory.list.parts, parts)) return memory.list.made;
  if (memory !== undefined) memory.list = { parts, made: parts };
  return parts;
}

function sameParts(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The path of a table. */
export function pathOf(at: Slot): (string | number)[] {
  const path: (string | number)[] = [];
  for (let here = at; here.parent !== null; here = here.parent) path.push(here.key);
  return path.reverse();
}
