/** Compiled patterns of a policy. Finding one costs an evaluation the same whether it was kept or not. */
import type { Budget } from "../limits.ts";
import { parseGlob } from "./glob.ts";
import { parseRegex, RegexProblem } from "./parse.ts";
import { Program } from "./program.ts";

/** Most patterns that are kept. */
const MAX_KEPT = 64;

/** Finds programs by their pattern; null for a pattern that is none. */
export class Matchers {
  private readonly kept = new Map<string, Program | null>();

  regex(pattern: string, budget: Budget): Program | null {
    return this.find(`r${pattern}`, budget, () => {
      const { node, groups } = parseRegex(pattern);
      return new Program(node, groups);
    });
  }

  glob(pattern: string, delimiters: readonly string[], budget: Budget): Program | null {
    return this.find(
      JSON.stringify([pattern, delimiters]),
      budget,
      () => new Program(parseGlob(pattern, delimiters), 0),
    );
  }

  private find(key: string, budget: Budget, make: () => Program): Program | null {
    budget.work(key.length * 4);
    const known = this.kept.get(key);
    if (known !== undefined) return known;
    let made: Program | null = null;
    try {
      made = make();
    } catch (problem) {
      if (!(problem instanceof RegexProblem)) throw problem;
    }
    if (this.kept.size >= MAX_KEPT) this.kept.clear();
    this.kept.set(key, made);
    return made;
  }
}
