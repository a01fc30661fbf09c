/** What a built-in function is. */
import type { Budget } from "../limits.ts";
import type { Matchers } from "../regex/matchers.ts";
import type { RegoValue } from "../value.ts";

/** What built-ins may know besides their arguments. */
export interface BuiltinWorld {
  readonly budget: Budget;
  /** Nanoseconds since 1970: the instant of the decision; null when it is not known yet. */
  readonly now: bigint | null;
  readonly matchers: Matchers;
}

/**
 * A built-in. `run` answers undefined for arguments it is not defined for, as the published reference does where
 * errors of built-ins are not strict; it must count its work and what it builds.
 */
export interface Builtin {
  readonly name: string;
  readonly arity: number;
  run(args: readonly RegoValue[], world: BuiltinWorld): RegoValue | undefined;
}

/** Built-ins by name; the number of parameters is that of each function's list. */
export type BuiltinTable = Readonly<Record<string, readonly [arity: number, run: Builtin["run"]]>>;
