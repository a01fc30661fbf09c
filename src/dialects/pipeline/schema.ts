/**
 * The schema of `spec.kv`, profile v1 (spec/pipeline.md §3): which keys there are, in which order, and what they
 * must hold for the file to be a pipeline at all.
 *
 * Boundary: pure. What a pipeline may *mean* (orderings, stage keys, dependencies) is checked in `validate.ts`.
 */
import type { Diagnostic, Range } from "../../graph/diagnostic.ts";
import { didYouMean, suggest } from "../../graph/suggest.ts";
import { entryRange, kvError, lineRange, type KvEntry, type KvLines } from "./lines.ts";

/** A pipeline as its file says it. */
export interface PipelineSpec {
  readonly name: string;
  readonly shards: number;
  readonly ordering: string;
  readonly producer: string;
  readonly scheduling: string;
  readonly stages: readonly StageSpec[];
}

/** One stage. `dependsOn` is null when the file does not declare dependencies for it. */
export interface StageSpec {
  readonly id: string;
  readonly stage: string;
  readonly dependsOn: readonly number[] | null;
}

/** Where a key stands in the schema's order; compared element by element. */
export type Rank = readonly number[];

const topKeys = [
  "v",
  "model",
  "name",
  "single_ring.shards",
  "single_ring.ordering",
  "single_ring.producer",
  "single_ring.scheduling",
] as const;
const stageKey = /^single_ring\.stages\.(0|[1-9][0-9]*)\.(id|stage|depends_on\.count|depends_on\.(0|[1-9][0-9]*))$/;
const stageParts = ["id", "stage", "depends_on.count"];
const dependencyKey = /^(.*\.depends_on)\.[0-9]+$/;
const MANY_PROBLEMS = 100;
const integer = /^(?:0|[1-9][0-9]*)$/;

/** The place of `key` in the schema's order, or null for a key the schema does not have. */
export function rankOf(key: string): Rank | null {
  const top = (topKeys as readonly string[]).indexOf(key);
  if (top >= 0) return [top];
  const match = stageKey.exec(key);
  if (match === null) return null;
  const index = Number(match[1]);
  const part = stageParts.indexOf(match[2] as string);
  return part >= 0 ? [topKeys.length, index, part] : [topKeys.length, index, stageParts.length, Number(match[3])];
}

/** Negative, zero or positive, as `a` stands before, at or after `b`. */
export function compareRanks(a: Rank, b: Rank): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? -1) - (b[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A spec, or everything that keeps the entries from being one. */
export type SpecResult =
  { readonly ok: true; readonly spec: PipelineSpec } | { readonly ok: false; readonly problems: readonly Diagnostic[] };

/** Reads entries as a spec. `checkOrder` false accepts any order of the lines (`fmt`). */
export function readSpec(lines: KvLines, file: string, checkOrder: boolean): SpecResult {
  const reader = new Reader(lines, file);
  const spec = reader.read(checkOrder);
  const problems = [...lines.problems, ...reader.problems].sort(byPlace);
  return problems.length === 0 && spec !== null ? { ok: true, spec } : { ok: false, problems };
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  const left = (a.at as Range).start;
  const right = (b.at as Range).start;
  return left.line - right.line || left.character - right.character;
}

class Reader {
  readonly problems: Diagnostic[] = [];
  private readonly byKey = new Map<string, KvEntry>();
  private readonly ranked: { entry: KvEntry; rank: Rank }[] = [];
  /** Keys of dependencies, by the key without their number. */
  private readonly dependencyItems = new Map<string, { entry: KvEntry; rank: Rank }[]>();
  private readonly lines: KvLines;
  private readonly file: string;

  constructor(lines: KvLines, file: string) {
    this.lines = lines;
    this.file = file;
  }

  read(checkOrder: boolean): PipelineSpec | null {
    for (const entry of this.lines.entries) this.take(entry);
    if (checkOrder) this.order();
    this.exact("v", "1", "kv_version", "this program reads version 1 of spec.kv");
    this.exact("model", "single_ring", "kv_model", "the only model of this profile is `single_ring`");
    const name = this.required("name");
    const shards = this.number(this.required("single_ring.shards"));
    const ordering = this.required("single_ring.ordering");
    const producer = this.required("single_ring.producer");
    const scheduling = this.required("single_ring.scheduling");
    const stages = this.stages();
    if (name === null || shards === null || ordering === null || producer === null || scheduling === null) return null;
    return {
      name: name.value,
      shards,
      ordering: ordering.value,
      producer: producer.value,
      scheduling: scheduling.value,
      stages,
    };
  }

  /** Reports a problem; what is missing is not spoken of while some line's key cannot be read. */
  private report(code: string, message: string, at: Range): void {
    if (this.lines.unreadable && (code === "kv_missing_key" || code === "kv_gap")) return;
    this.problems.push(kvError(this.file, code, message, at));
  }

  private take(entry: KvEntry): void {
    const rank = rankOf(entry.key);
    if (rank === null) {
      const near = didYouMean(suggest(entry.key, [...topKeys, ...this.stageKeysNear(entry.key)]));
      this.report("kv_unknown_key", `unknown key \`${entry.key}\`${near}`, entryRange(entry, "key"));
      return;
    }
    const first = this.byKey.get(entry.key);
    if (first !== undefined) {
      this.problems.push({
        ...kvError(this.file, "kv_duplicate_key", `\`${entry.key}\` is given twice`, entryRange(entry, "key")),
        related: [{ message: "first given here", file: this.file, at: entryRange(first, "key") }],
      });
      return;
    }
    this.byKey.set(entry.key, entry);
    const one = { entry, rank };
    this.ranked.push(one);
    const item = dependencyKey.exec(entry.key);
    if (item === null) return;
    const base = item[1] as string;
    const items = this.dependencyItems.get(base);
    if (items === undefined) this.dependencyItems.set(base, [one]);
    else items.push(one);
  }

  /** Keys of the stage that an unknown key seems to speak of. */
  private stageKeysNear(key: string): string[] {
    const index = /\.(0|[1-9][0-9]*)(?:\.|$)/.exec(key)?.[1] ?? "0";
    return [...stageParts, "depends_on.0"].map((part) => `single_ring.stages.${index}.${part}`);
  }

  /** Reports the first key that stands behind one it must precede. */
  private order(): void {
    let highest: { entry: KvEntry; rank: Rank } | null = null;
    for (const one of this.ranked) {
      if (highest === null || compareRanks(one.rank, highest.rank) > 0) {
        highest = one;
        continue;
      }
      const wrong = one.entry.key;
      const before = this.ranked.find((other) => compareRanks(other.rank, one.rank) > 0) ?? highest;
      const message = `\`${wrong}\` must stand before \`${before.entry.key}\`; \`countersign fmt\` puts the lines in order`;
      this.report("kv_order", message, entryRange(one.entry, "key"));
      return;
    }
  }

  private required(key: string): KvEntry | null {
    const entry = this.byKey.get(key);
    if (entry !== undefined) return entry;
    this.report("kv_missing_key", `the key \`${key}\` is missing`, this.placeFor(key));
    return null;
  }

  /** Where a missing key would have to be inserted. */
  private placeFor(key: string): Range {
    // Beyond so many nobody goes through them one by one, and looking for each place would take its time.
    if (this.problems.length > MANY_PROBLEMS) return lineRange(this.lines.lineCount, 0, 0);
    const rank = rankOf(key) as Rank;
    const next = this.ranked
      .filter((one) => compareRanks(one.rank, rank) > 0)
      .reduce((least, one) => Math.min(least, one.entry.line), this.lines.lineCount);
    return lineRange(next, 0, 0);
  }

  private exact(key: string, value: string, code: string, message: string): void {
    const entry = this.required(key);
    if (entry !== null && entry.value !== value) {
      this.report(code, `${message}; got \`${entry.value}\``, entryRange(entry, "value"));
    }
  }

  private number(entry: KvEntry | null): number | null {
    if (entry === null) return null;
    const value = Number(entry.value);
    if (integer.test(entry.value) && Number.isSafeInteger(value)) return value;
    const message = `\`${entry.key}\` must be a decimal number without sign or leading zeros; got \`${entry.value}\``;
    this.report("kv_integer", message, entryRange(entry, "value"));
    return null;
  }

  private stages(): StageSpec[] {
    const indexes = new Map<number, KvEntry>();
    for (const { entry, rank } of this.ranked) {
      if (rank.length > 1 && !indexes.has(rank[1] as number)) indexes.set(rank[1] as number, entry);
    }
    if (indexes.size === 0) {
      this.required("single_ring.stages.0.id");
      return [];
    }
    const sorted = [...indexes.keys()].sort((a, b) => a - b);
    const broken = sorted.findIndex((index, position) => index !== position);
    if (broken >= 0) {
      const entry = indexes.get(sorted[broken] as number) as KvEntry;
      const message = `stages are numbered from 0 without gaps: stage ${broken} is missing before \`${entry.key}\``;
      this.report("kv_gap", message, entryRange(entry, "key"));
      return [];
    }
    return sorted.map((index) => this.stage(index));
  }

  private stage(index: number): StageSpec {
    const base = `single_ring.stages.${index}`;
    const id = this.required(`${base}.id`);
    const stage = this.required(`${base}.stage`);
    return { id: id?.value ?? "", stage: stage?.value ?? "", dependsOn: this.dependencies(`${base}.depends_on`) };
  }

  private dependencies(base: string): readonly number[] | null {
    const items = this.dependencyItems.get(base) ?? [];
    const countEntry = this.byKey.get(`${base}.count`);
    if (countEntry === undefined) {
      if (items.length > 0) this.required(`${base}.count`);
      return null;
    }
    const count = this.number(countEntry);
    if (count === null) return null;
    const surplus = items.find(({ rank }) => (rank[3] as number) >= count);
    if (surplus !== undefined) {
      const message = `\`${surplus.entry.key}\` is beyond \`${base}.count\`, which is ${count}`;
      this.report("kv_gap", message, entryRange(surplus.entry, "key"));
      return null;
    }
    if (items.length < count) {
      const present = new Set(items.map(({ rank }) => rank[3] as number));
      let missing = 0;
      while (present.has(missing)) missing++;
      const message = `\`${base}.count\` is ${count}, but \`${base}.${missing}\` is missing`;
      this.report("kv_gap", message, entryRange(countEntry, "value"));
      return null;
    }
    const values = items.sort((a, b) => compareRanks(a.rank, b.rank)).map(({ entry }) => this.number(entry));
    return values.every((value) => value !== null) ? values : null;
  }
}
