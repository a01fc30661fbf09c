/**
 * Lines and columns as a client counts them: `initialize` says whether from 1, as here, or from 0. Pure.
 *
 * Boundary: knows the places in messages at which this adapter reads or writes positions, and changes nothing else.
 */
import type { Arguments } from "./requests.ts";

/** How much lower than here a client counts: 0 or 1. */
export interface Counting {
  readonly line: 0 | 1;
  readonly column: 0 | 1;
}

/** From 1, the protocol's default. */
export const fromOne: Counting = { line: 0, column: 0 };

/** What a client says in `initialize`. */
export function countingOf(args: Arguments): Counting {
  return { line: args["linesStartAt1"] === false ? 1 : 0, column: args["columnsStartAt1"] === false ? 1 : 0 };
}

/** The arguments of a request with positions as they are counted here. */
export function fromClient(args: Arguments, counting: Counting): Arguments {
  return counting.line + counting.column === 0 ? args : moved(args, counting, 1, ["breakpoints"]);
}

/** The body of an answer or an event with positions as the client counts them. */
export function toClient<B extends object | undefined>(body: B, counting: Counting): B | Arguments {
  if (body === undefined || counting.line + counting.column === 0) return body;
  return moved(body as Arguments, counting, -1, ["breakpoints", "breakpoint", "stackFrames", "targets"]);
}

function moved(given: Arguments, counting: Counting, by: 1 | -1, nested: readonly string[]): Arguments {
  const made: Record<string, unknown> = { ...given };
  for (const [name, lower] of [
    ["line", counting.line],
    ["endLine", counting.line],
    ["column", counting.column],
    ["endColumn", counting.column],
  ] as const) {
    const value = made[name];
    // 0 says "nowhere" of a step without a text.
    if (Number.isSafeInteger(value)) made[name] = Math.max(by === 1 ? -Infinity : 0, (value as number) + by * lower);
  }
  for (const name of nested) {
    const inner = made[name];
    if (Array.isArray(inner)) made[name] = inner.map((one: unknown) => movedOne(one, counting, by));
    else if (inner !== undefined) made[name] = movedOne(inner, counting, by);
  }
  return made;
}

function movedOne(given: unknown, counting: Counting, by: 1 | -1): unknown {
  return typeof given === "object" && given !== null ? moved(given as Arguments, counting, by, []) : given;
}
