/**
 * What is looked at before a run begins (spec/workflow.md §12 with Decision D25): names are declared once, and what is
 * read live, variables and files, is there. Commands and token fetches start only when an effect needs them.
 */
import { failure, type Failure } from "../../graph/failure.ts";
import type { SecretSource } from "../../graph/model.ts";
import type { SecretResult } from "./resolver.ts";

/** Refuses a name that is declared twice. */
export function checkDeclared(sources: readonly SecretSource[]): Failure | null {
  const seen = new Set<string>();
  for (const { name } of sources) {
    if (seen.has(name)) return refused(`secret \`${name}\`: declared more than once`);
    seen.add(name);
  }
  return null;
}

/** Refuses the first variable or file that gives no value; `resolve` is the run's own, so that masks know the values. */
export async function checkReadable(
  sources: readonly SecretSource[],
  resolve: (name: string) => Promise<SecretResult>,
): Promise<Failure | null> {
  for (const { name, source } of sources) {
    if (source !== "env" && source !== "file") continue;
    const read = await resolve(name);
    if (!read.ok) return refused(read.problem);
  }
  return null;
}

function refused(problem: string): Failure {
  return failure("config", `[[secrets]]: ${problem}`);
}
