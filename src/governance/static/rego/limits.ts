/**
 * Limits of one evaluation: steps, time, and how much it may build. Policy code is somebody else's text.
 *
 * Boundary: pure; time comes from an injected clock. Invariant: whatever runs out throws {@link Halt}, which the
 * entry of an evaluation turns into an error; nothing else is thrown on purpose.
 */

/** How far one evaluation may go. */
export interface RegoLimits {
  /** Expressions, members looked at and units of text scanned. */
  readonly steps: number;
  /** Milliseconds by the injected clock. */
  readonly timeMs: number;
  /** Members of collections and characters of text built, all together. */
  readonly memory: number;
  /** Rules and functions that may wait for one another. */
  readonly depth: number;
}

/** What an evaluation of one effect gets unless an operator says otherwise. */
export const defaultLimits: RegoLimits = { steps: 1_000_000, timeMs: 1_000, memory: 4_000_000, depth: 256 };

/** Largest integer: 8192 bits. */
export const MAX_INTEGER = 2n ** 8192n;

/** The code of an evaluation that asks for the time where nobody knows it. */
export const NEEDS_TIME = "rego.time";

/** An evaluation that may not go on. */
export class Halt extends Error {
  readonly code: "rego.limit" | "rego.conflict" | "rego.eval" | typeof NEEDS_TIME;

  constructor(code: Halt["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** Counts what an evaluation uses. */
export class Budget {
  private steps: number;
  private memory: number;
  private depth = 0;
  private readonly limits: RegoLimits;
  private readonly clock: () => number;
  private readonly until: number;

  /** `clock` gives milliseconds from any origin. */
  constructor(limits: RegoLimits, clock: () => number) {
    this.limits = limits;
    this.clock = clock;
    this.steps = limits.steps;
    this.memory = limits.memory;
    this.until = clock() + limits.timeMs;
  }

  /** One step. */
  step(): void {
    if ((this.steps-- & 1023) === 0 || this.steps < 0) this.check();
  }

  /** Work of a size, e.g. characters scanned. */
  work(size: number): void {
    const before = this.steps;
    this.steps -= Math.ceil(size);
    if (before >> 10 !== this.steps >> 10 || this.steps < 0) this.check();
  }

  /** Something of a size is built. */
  grow(size: number): void {
    this.memory -= size;
    if (this.memory < 0) {
      throw new Halt("rego.limit", `the policy builds more than ${this.limits.memory} characters and members`);
    }
    this.work(size / 16);
  }

  /** A rule or function begins. */
  enter(): void {
    if (++this.depth > this.limits.depth) {
      throw new Halt("rego.limit", `more than ${this.limits.depth} rules and functions wait for one another`);
    }
  }

  leave(): void {
    this.depth--;
  }

  private check(): void {
    if (this.steps < 0) throw new Halt("rego.limit", `the policy takes more than ${this.limits.steps} steps`);
    if (this.clock() > this.until) {
      throw new Halt("rego.limit", `the policy takes longer than ${this.limits.timeMs} milliseconds`);
    }
  }
}
