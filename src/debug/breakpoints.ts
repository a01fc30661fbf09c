/**
 * Breakpoints of graphs (spec/editor.md §5): on nodes, on edges, on failures and on decisions; with conditions, hit
 * counts and messages.
 *
 * Boundary: pure; where a breakpoint stands in a text is for the adapter to find out.
 */
import { displayText, truthy, type Value } from "../graph/value.ts";
import { templateParts } from "../graph/template.ts";
import { evaluate, parseExpression, type Expression, type ExpressionProblem } from "./expression.ts";

/** What a breakpoint stands on. `document` is the key of a pinned document. */
export type BreakpointPlace =
  | { readonly on: "node"; readonly document: string; readonly node: string }
  | { readonly on: "edge"; readonly document: string; readonly edge: string };

/** A breakpoint as it was asked for. */
export interface BreakpointRequest {
  readonly id: number;
  readonly place: BreakpointPlace;
  /** An expression that must be truthy. */
  readonly condition?: string;
  /** `5` (the fifth time and later), `== 5`, `>= 5`, `> 5`, `% 5`. */
  readonly hitCondition?: string;
  /** A template; it is written out instead of stopping. */
  readonly logMessage?: string;
}

/** A breakpoint that can be hit. */
export interface Breakpoint {
  readonly id: number;
  readonly place: BreakpointPlace;
  readonly condition: Expression | null;
  readonly hits: ((count: number) => boolean) | null;
  readonly logMessage: string | null;
  count: number;
}

export type MadeBreakpoint =
  | { readonly ok: true; readonly breakpoint: Breakpoint }
  | { readonly ok: false; readonly id: number; readonly problem: ExpressionProblem };

/** Reads a breakpoint's conditions. */
export function makeBreakpoint(request: BreakpointRequest): MadeBreakpoint {
  const { id, place, condition, hitCondition, logMessage } = request;
  const parsed = condition === undefined || condition.trim() === "" ? null : parseExpression(condition);
  if (parsed !== null && !parsed.ok) return { ok: false, id, problem: parsed.problem };
  const hits = hitCondition === undefined || hitCondition.trim() === "" ? null : hitRule(hitCondition);
  if (hits === undefined) {
    const message = "a hit count is a number, as in `5`, `== 5`, `>= 5`, `> 5` or `% 5`";
    return { ok: false, id, problem: { message, at: 0 } };
  }
  return {
    ok: true,
    breakpoint: { id, place, condition: parsed?.expression ?? null, hits, logMessage: logMessage ?? null, count: 0 },
  };
}

function hitRule(text: string): ((count: number) => boolean) | undefined {
  const found = /^\s*(==|>=|>|%)?\s*([1-9]\d{0,8})\s*$/.exec(text);
  if (found === null) return undefined;
  const wanted = Number(found[2]);
  switch (found[1]) {
    case "==":
      return (count) => count === wanted;
    case ">":
      return (count) => count > wanted;
    case "%":
      return (count) => count % wanted === 0;
    default:
      return (count) => count >= wanted;
  }
}

/** What a place that is reached means: stop there, write something, or go on. */
export type Hit =
  { readonly what: "stop"; readonly id: number } | { readonly what: "log"; readonly id: number; readonly text: string };

/** All breakpoints of a session. */
export class Breakpoints {
  private byPlace = new Map<string, Breakpoint[]>();

  /** Replaces those of one document; counts of breakpoints that stay go on. */
  set(document: string, list: readonly Breakpoint[]): void {
    const before = new Map<number, number>();
    for (const [key, there] of this.byPlace) {
      const rest = there.filter((one) => one.place.document !== document);
      for (const one of there) if (one.place.document === document) before.set(one.id, one.count);
      if (rest.length > 0) this.byPlace.set(key, rest);
      else this.byPlace.delete(key);
    }
    for (const one of list) {
      one.count = before.get(one.id) ?? 0;
      const key = placeKey(one.place);
      this.byPlace.set(key, [...(this.byPlace.get(key) ?? []), one]);
    }
  }

  /** True when nothing can be hit. */
  get empty(): boolean {
    return this.byPlace.size === 0;
  }

  /** True where a hit count decides, so that what was reached before has to be counted. */
  get counted(): boolean {
    return [...this.byPlace.values()].some((there) => there.some((one) => one.hits !== null));
  }

  /** Counts from nought. */
  recount(): void {
    for (const there of this.byPlace.values()) for (const one of there) one.count = 0;
  }

  /** Counts from nought while `look` goes through the past; afterwards everything is counted as it was before. */
  aside<T>(look: () => T): T {
    const before = [...this.byPlace.values()].flat().map((one) => [one, one.count] as const);
    this.recount();
    try {
      return look();
    } finally {
      for (const [one, count] of before) one.count = count;
    }
  }

  /** Counts and judges a place that is reached. `lookup` resolves references in the frame that reaches it. */
  reached(place: BreakpointPlace, lookup: (reference: string) => Value | undefined): readonly Hit[] {
    return (this.byPlace.get(placeKey(place)) ?? []).flatMap((one): Hit[] => {
      if (one.condition !== null && !truthy(evaluate(one.condition, lookup))) return [];
      one.count++;
      if (one.hits !== null && !one.hits(one.count)) return [];
      if (one.logMessage === null) return [{ what: "stop", id: one.id }];
      return [{ what: "log", id: one.id, text: logText(one.logMessage, lookup) }];
    });
  }
}

/** A log point's message: markers `{{reference}}` become the values that they lead to. */
export function logText(message: string, lookup: (reference: string) => Value | undefined): string {
  return templateParts(message)
    .map((part) => {
      if (part.type === "text") return part.text;
      const value = lookup(part.key);
      return value === undefined ? `{{${part.key}}}` : displayText(value);
    })
    .join("");
}

function placeKey(place: BreakpointPlace): string {
  return place.on === "node"
    ? `n\u0000${place.document}\u0000${place.node}`
    : `e\u0000${place.document}\u0000${place.edge}`;
}
