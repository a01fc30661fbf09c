/**
 * Regular expressions as programs of a machine that goes over a text once, all ways at the same time: the work is
 * the length of the text times the length of the program, whatever the pattern is.
 */
import type { Budget } from "../limits.ts";
import { inClass } from "./classes.ts";
import { RegexProblem, type RegexNode } from "./parse.ts";

type Instruction =
  | { readonly op: "class"; readonly test: (point: number) => boolean }
  | { readonly op: "assert"; readonly what: (RegexNode & { type: "assert" })["what"] }
  | { readonly op: "save"; readonly slot: number }
  /** Ways in order of preference. */
  | { readonly op: "split"; readonly to: readonly number[] }
  | { readonly op: "jump"; readonly to: number }
  | { readonly op: "match" };

/** Longest program. */
const MAX_PROGRAM = 8_000;

/** A match: begin and end of the whole and of each group, in code points; -1 where a group took no part. */
export type Match = readonly number[];

/** A compiled pattern. */
export class Program {
  private readonly code: Instruction[] = [];
  private parts = 0;
  readonly groups: number;
  /** Groups that have a name; the first of several with one name. */
  readonly names = new Map<string, number>();

  /** Throws {@link RegexProblem} when the pattern is too large. */
  constructor(node: RegexNode, groups: number) {
    this.groups = groups;
    this.emit({ op: "save", slot: 0 });
    this.add(node);
    this.emit({ op: "save", slot: 1 });
    this.emit({ op: "match" });
  }

  private emit(instruction: Instruction): number {
    if (this.code.length >= MAX_PROGRAM) throw new RegexProblem("the pattern is too large");
    return this.code.push(instruction) - 1;
  }

  private add(node: RegexNode): void {
    // Repeats of nothing write nothing, so they are counted by themselves.
    if (++this.parts > MAX_PROGRAM) throw new RegexProblem("the pattern is too large");
    switch (node.type) {
      case "empty":
        return;
      case "class": {
        const { set, fold } = node;
        const test = fold
          ? (point: number): boolean => folds(point).some((one) => inClass(set, one))
          : (point: number): boolean => inClass(set, point);
        this.emit({ op: "class", test });
        return;
      }
      case "assert":
        this.emit({ op: "assert", what: node.what });
        return;
      case "sequence":
        for (const part of node.parts) this.add(part);
        return;
      case "choice":
        return this.choice(node.parts);
      case "group":
        if (node.name !== null && !this.names.has(node.name)) this.names.set(node.name, node.index);
        this.emit({ op: "save", slot: node.index * 2 });
        this.add(node.node);
        this.emit({ op: "save", slot: node.index * 2 + 1 });
        return;
      case "repeat":
        return this.repeat(node);
    }
  }

  private choice(parts: readonly RegexNode[]): void {
    const to: number[] = [];
    const split = this.emit({ op: "split", to });
    const ends: number[] = [];
    for (const part of parts) {
      to.push(this.code.length);
      this.add(part);
      ends.push(this.emit({ op: "jump", to: -1 }));
    }
    this.code[split] = { op: "split", to };
    for (const end of ends) this.code[end] = { op: "jump", to: this.code.length };
  }

  private repeat({ node, min, max, lazy }: RegexNode & { type: "repeat" }): void {
    for (let i = 0; i < min; i++) this.add(node);
    const way = (inside: number, after: number): readonly number[] => (lazy ? [after, inside] : [inside, after]);
    if (max === Infinity) {
      const split = this.emit({ op: "split", to: [] });
      this.add(node);
      this.emit({ op: "jump", to: split });
      this.code[split] = { op: "split", to: way(split + 1, this.code.length) };
      return;
    }
    const splits: number[] = [];
    for (let i = min; i < max; i++) {
      splits.push(this.emit({ op: "split", to: [] }));
      this.add(node);
    }
    for (const split of splits) this.code[split] = { op: "split", to: way(split + 1, this.code.length) };
  }

  /** The first match at or after `from`, leftmost and by preference; null for none. */
  find(text: readonly number[], from: number, budget: Budget): Match | null {
    let threads: Thread[] = [];
    let found: Match | null = null;
    for (let at = from; at <= text.length; at++) {
      const added = new Set<number>();
      const current: Thread[] = [];
      for (const { pc, saved } of threads) this.follow(pc, saved, at, text, added, current);
      if (found === null) this.follow(0, [], at, text, added, current);
      else if (current.length === 0) return found;
      budget.work(1 + added.size / 4);
      threads = [];
      for (const { pc, saved } of current) {
        const instruction = this.code[pc] as Instruction;
        if (instruction.op === "match") {
          // What comes after it in the list is less preferred.
          found = saved;
          break;
        }
        const point = text[at];
        if (instruction.op === "class" && point !== undefined && instruction.test(point)) {
          threads.push({ pc: pc + 1, saved });
        }
      }
    }
    return found;
  }

  /** Follows everything that reads no character; `added` keeps each place to its most preferred way. */
  private follow(
    start: number,
    given: Match,
    at: number,
    text: readonly number[],
    added: Set<number>,
    out: Thread[],
  ): void {
    const stack: Thread[] = [{ pc: start, saved: given }];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const { pc, saved } = top;
      if (added.has(pc)) continue;
      added.add(pc);
      const instruction = this.code[pc] as Instruction;
      switch (instruction.op) {
        case "jump":
          stack.push({ pc: instruction.to, saved });
          break;
        case "split":
          for (const to of [...instruction.to].reverse()) stack.push({ pc: to, saved });
          break;
        case "save": {
          const next = saved.slice();
          while (next.length < instruction.slot) next.push(-1);
          next[instruction.slot] = at;
          stack.push({ pc: pc + 1, saved: next });
          break;
        }
        case "assert":
          if (holds(instruction.what, text, at)) stack.push({ pc: pc + 1, saved });
          break;
        case "class":
        case "match":
          out.push(top);
      }
    }
  }
}

interface Thread {
  readonly pc: number;
  readonly saved: Match;
}

function holds(what: (RegexNode & { type: "assert" })["what"], text: readonly number[], at: number): boolean {
  const before = text[at - 1];
  const after = text[at];
  switch (what) {
    case "begin":
      return at === 0;
    case "end":
      return at === text.length;
    case "line-begin":
      return at === 0 || before === 10;
    case "line-end":
      return at === text.length || after === 10;
    case "word":
      return isWord(before) !== isWord(after);
    case "not-word":
      return isWord(before) === isWord(after);
  }
}

function isWord(point: number | undefined): boolean {
  if (point === undefined) return false;
  return (point >= 48 && point <= 57) || (point >= 65 && point <= 90) || point === 95 || (point >= 97 && point <= 122);
}

/** A character and its other cases. */
function folds(point: number): readonly number[] {
  const char = String.fromCodePoint(point);
  const others = [char.toLowerCase(), char.toUpperCase()].map((one) => [...one]);
  return [point, ...others.flatMap((one) => (one.length === 1 ? [(one[0] as string).codePointAt(0) as number] : []))];
}
