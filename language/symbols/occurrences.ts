/**
 * All names of one document, with where they stand: found once for each version, sorted by their place.
 *
 * Invariants: every span lies in the text and holds the name (but for `index` and `implied`); a document with errors
 * has the names of all that could be made out; time is linear in the document.
 */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import { splitRunner } from "../../src/dialects/skill/reference.ts";
import { perObject } from "../../src/graph/memo.ts";
import { graphReferences } from "./references.ts";
import * as rules from "./rules.ts";
import { Sink, type Belongs } from "./sink.ts";
import { symbolKey, type Occurrence, type SymbolName } from "./symbol.ts";
import { walkRules } from "./walk.ts";

/** The names of one document, to be asked by place and by symbol. */
export interface SymbolIndex {
  /** By the start of their spans. */
  readonly all: readonly Occurrence[];
  /** Each symbol once. */
  readonly symbols: readonly SymbolName[];
  /** The name at an offset; at its end too, as a cursor stands there. Null where there is none. */
  at(offset: number): Occurrence | null;
  /** Where a symbol stands, in order. */
  of(symbol: SymbolName): readonly Occurrence[];
}

/** All names of a document, sorted by their spans. */
export function occurrencesOf(live: LiveDocument): readonly Occurrence[] {
  return symbolIndex(live).all;
}

/** The names of a document by place and by symbol. */
export const symbolIndex: (live: LiveDocument) => SymbolIndex = perObject(indexOf);

function indexOf(live: LiveDocument): SymbolIndex {
  const all = collect(live).sort((a, b) => a.span[0] - b.span[0] || a.span[1] - b.span[1]);
  const bySymbol = lazily(() => grouped(all));
  return {
    all,
    get symbols() {
      return [...bySymbol().values()].flatMap(([first]) => (first === undefined ? [] : [first.symbol]));
    },
    at: (offset) => nameAt(all, offset),
    of: (symbol) => bySymbol().get(symbolKey(symbol)) ?? [],
  };
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}

function grouped(all: readonly Occurrence[]): ReadonlyMap<string, readonly Occurrence[]> {
  const bySymbol = new Map<string, Occurrence[]>();
  for (const one of all) {
    const key = symbolKey(one.symbol);
    const list = bySymbol.get(key);
    if (list === undefined) bySymbol.set(key, [one]);
    else list.push(one);
  }
  return bySymbol;
}

/** Names do not overlap, unless one place means several symbols; the first then counts. */
function nameAt(all: readonly Occurrence[], offset: number): Occurrence | null {
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((all[middle] as Occurrence).span[1] < offset) low = middle + 1;
    else high = middle;
  }
  const found = all[low];
  return found !== undefined && found.span[0] <= offset ? found : null;
}

function collect(live: LiveDocument): Occurrence[] {
  const sink = new Sink(live);
  const { what } = live;
  if (what.document === "skill") {
    if (what.form === "text") skill(live, [], {}, sink);
    else manifest(live, sink);
  } else if (what.document === "fixture") fixture(live, what.dialect, sink);
  else if (what.document === "graph") {
    if (what.dialect === "workflow") walkRules(live, workflowBase(live), rules.workflowRules, {}, sink);
    else if (what.dialect === "skill") walkRules(live, [], rules.graphRules, {}, sink);
    else walkRules(live, [], rules.pipelineRules, {}, sink);
  }
  for (const { graph, runner } of live.graphs) graphReferences(live, graph, runner, sink);
  return sink.found;
}

/** Where a workflow's tables are: below its one `[[workflows]]`, or at the root. */
export function workflowBase(live: LiveDocument): DocumentPath {
  const wrapped = live.source.element(["workflows"]);
  return wrapped?.form === "list" && wrapped.children.length > 0 ? ["workflows", 0] : [];
}

function skill(live: LiveDocument, base: DocumentPath, around: Belongs, sink: Sink): void {
  walkRules(live, base, rules.skillRules, around, sink);
  for (const graph of [
    [...base, "graph"],
    [...base, "source", "graph"],
  ])
    walkRules(live, graph, rules.graphRules, around, sink);
}

function manifest(live: LiveDocument, sink: Sink): void {
  walkRules(live, [], rules.manifestRules, {}, sink);
  for (const runner of live.source.element(["runners"])?.children ?? [])
    skill(live, ["runners", runner], { runner: String(runner) }, sink);
}

function fixture(live: LiveDocument, dialect: "workflow" | "skill", sink: Sink): void {
  const text = (key: string): string | null => live.source.element([key])?.text ?? null;
  if (dialect === "skill") {
    const target = text("target");
    if (target === null) return;
    const around = { home: { role: "document", text: target }, runner: text("runner") } as const;
    walkRules(live, [], rules.harnessRules, around, sink);
    return;
  }
  const named = text("document") ?? "workflow.toml";
  const { folder, runner } = /\.(?:ya?ml|md)#/i.test(named) ? splitRunner(named) : { folder: named, runner: null };
  const home = { role: "document", text: folder } as const;
  const isManifest = /(?:^|[/\\])x\.ya?ml$/i.test(folder);
  const around: Belongs = isManifest ? { home, runner: runner ?? text("start") } : { home };
  walkRules(live, [], rules.fixtureRules, around, sink);
}
