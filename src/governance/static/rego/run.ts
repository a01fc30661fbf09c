/**
 * What compiled policy code runs on: the context of an evaluation and the frame of a rule.
 */
import type { BuiltinWorld } from "./builtins/builtin.ts";
import type { RuleGroup } from "./ir.ts";
import type { RegoObject, RegoSet, RegoValue } from "./value.ts";

/** No value, where a rule's value is kept. */
export const ABSENT = Symbol("undefined");

/** One evaluation, or the part of one under a `with`. */
export interface Context {
  /** What was the context before the `with`; null outside of any. */
  readonly parent: Context | null;
  readonly input: RegoValue | undefined;
  readonly data: RegoObject;
  /** Rules that a `with` put data in the place of. */
  readonly covered: ReadonlySet<RuleGroup> | null;
  /** Values of rules by the group's index; undefined: not asked yet. */
  readonly values: (RegoValue | typeof ABSENT | undefined)[];
  readonly world: BuiltinWorld;
}

/** Members that a comprehension has gathered. */
export interface Gathered {
  add(key: RegoValue | null, value: RegoValue): void;
  done(): readonly RegoValue[] | RegoSet | RegoObject;
}

/** One activation of a rule. A slot is written before it is read: the order of the body sees to it. */
export interface Frame {
  context: Context;
  readonly slots: (RegoValue | undefined)[];
  /** What the innermost comprehension gathers. */
  gathered: Gathered | null;
  /** The rule's value so far. */
  result: RegoValue | undefined;
}

/** Goes through the solutions of a part of a body; true when no more are wanted. */
export type Exec = (frame: Frame) => boolean;
/** The value of a term; undefined when it has none. */
export type Eval = (frame: Frame) => RegoValue | undefined;
/** Compares a value with a pattern and binds the pattern's free variables. */
export type Match = (frame: Frame, value: RegoValue) => boolean;

/** A frame of a rule with so many slots. */
export function newFrame(context: Context, slots: number): Frame {
  return { context, slots: new Array<RegoValue | undefined>(slots), gathered: null, result: undefined };
}
