/** What `[diagnostics]` of a `countersign.toml` says without effect: of codes that there are not, and of errors. Pure. */
import type { Diagnostic, Severity } from "../graph/diagnostic.ts";
import { didYouMean, suggest } from "../graph/suggest.ts";
import { configFileCodes } from "./codes.ts";
import type { ConfigFile } from "./file.ts";

/** Findings about the codes that a file names. `known`: every code that documents can have, with its severity. */
export function checkSeverities(
  { file, severities }: Pick<ConfigFile, "file" | "severities">,
  known: ReadonlyMap<string, Severity>,
): Diagnostic[] {
  return Object.entries(severities).flatMap(([name, wanted]): Diagnostic[] => {
    const message = problemOf(name, wanted, known);
    if (message === null) return [];
    const { severity } = configFileCodes.config_code;
    return [{ code: "config_code", severity, message, file, at: { path: ["diagnostics", name], part: "key" } }];
  });
}

function problemOf(name: string, wanted: string, known: ReadonlyMap<string, Severity>): string | null {
  const severity = known.get(name);
  if (severity === undefined) {
    const near = didYouMean(suggest(name, known.keys()));
    return `there is no diagnostic code \`${name}\`, so this changes nothing${near}`;
  }
  if (severity !== "error" || wanted === "error") return null;
  return `\`${name}\` stays an error, whatever is written here: the engine refuses such a document`;
}
