/** States of a walk, written by hand. */
import type { EndedNode, WalkState } from "../../../src/dialects/document.ts";
import { fromPlain, type Value } from "../../../src/graph/value.ts";

export interface Walk {
  readonly input?: unknown;
  readonly active?: readonly string[];
  readonly ended?: Readonly<Record<string, EndedNode>>;
  readonly resolved?: readonly string[];
  readonly denied?: readonly string[];
}

export function walkOf(walk: Walk = {}): WalkState {
  const ended = new Map(Object.entries(walk.ended ?? {}));
  const active = walk.active ?? [];
  return {
    frame: "",
    start: null,
    input: fromPlain(walk.input ?? {}),
    triggerKind: "manual",
    steps: ended.size + active.length,
    active,
    lastEntered: active.at(-1) ?? [...ended.keys()].at(-1) ?? null,
    pending: null,
    ended,
    visits: new Map(),
    loops: new Map(),
    resolvedGates: new Set(walk.resolved ?? []),
    deniedGates: new Set(walk.denied ?? []),
  };
}

const base = { partial: false, label: null, reason: null, failure: null } as const;

/** A step that ended well with these outputs. */
export const ok = (output: unknown = {}): EndedNode => ({ ...base, outcome: "continue", output: fromPlain(output) });
/** The same, of a dry run that knows only these. */
export const dry = (output: unknown = {}): EndedNode => ({ ...ok(output), partial: true });
export const skipped: EndedNode = { ...base, outcome: "skip", output: null, reason: "when" };
export const broken = (message: string): EndedNode => ({
  ...base,
  outcome: "fail",
  output: null as Value,
  reason: message,
  failure: { class: "tool", message },
});
