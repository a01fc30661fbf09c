/** What the operations say the same way: refusals, and who made a bundle. */
import type { ManifestAuthenticity, OpsProblem } from "../../runtime/ops/index.ts";
import type { Terminal } from "../terminal.ts";
import { clean, cleanLines } from "./text.ts";

/** Says why something was refused, and gives the exit code. */
export function refuseOps(terminal: Terminal, problem: OpsProblem): number {
  terminal.err(`countersign: ${cleanLines(problem.message)} [${problem.code}]\n`);
  return problem.exit;
}

/** Who made a bundle, as far as it is known. */
export function authenticityText(one: ManifestAuthenticity): string {
  switch (one.state) {
    case "unsigned":
      return "unsigned: its files are whole, and nothing says who made it";
    case "untrusted":
      return `signed with the key ${clean(one.kid)} (${one.fingerprint}), which is not trusted here; it says it is ${clean(one.principal)}`;
    case "trusted":
      return `signed by ${clean(one.principal)} with the trusted key ${clean(one.kid)}`;
  }
}
