/** Formatting of documents for the programs above the composition root: only `spec.kv` has a canonical form. */
import { dialectOf } from "./documents.ts";

export { formatSpec, type FormatResult } from "../dialects/pipeline/canonical.ts";

/** True for a file that `fmt` may rewrite: a pipeline by its name. */
export function isFormattable(file: string): boolean {
  return dialectOf(file, "") === "pipeline";
}
