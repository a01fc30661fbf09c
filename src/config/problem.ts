/** Start-up errors of configuration: all end the program with exit code 2 (spec/runtime.md §9). */

/** What is wrong with a flag or a variable. `where` is its name, e.g. `--timeout-secs` or `COUNTERSIGN_MODE`. */
export interface ConfigProblem {
  readonly code: "config_value" | "config_incomplete";
  readonly message: string;
  readonly where: string;
}

/** The process's environment, or any part of it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable as it was found: the first of `names` that is set, even when it is empty. */
export function lookup(
  env: Environment,
  ...names: readonly string[]
): { readonly name: string; readonly value: string } | null {
  for (const name of names) {
    const value = env[name];
    if (value !== undefined) return { name, value };
  }
  return null;
}

/** A problem with one value. */
export function badValue(where: string, message: string): ConfigProblem {
  return { code: "config_value", message: `${where}: ${message}`, where };
}
