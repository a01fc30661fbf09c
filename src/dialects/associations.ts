/**
 * `countersign.files.associations`: what files are by their path, whatever their name and text say
 * (spec/editor.md §1). Pure.
 *
 * Patterns are those of VS Code's own associations: `*`, `?`, `**` and `{a,b}`; a pattern without a slash is compared
 * with the file's name, another with its whole path. The longest pattern that fits wins.
 */
import type { Detected } from "./detect.ts";

/** What a pattern may say; `none` leaves a file alone. */
export const associationWords = ["workflow", "skill", "pipeline", "none"] as const;

/** Says what a file is: null to leave it alone, undefined where nobody says anything. */
export type Association = (file: string) => Detected | null | undefined;

/** Longer patterns, and more of them, are not looked at. */
const MAX_PATTERN = 500;
const MAX_PATTERNS = 200;

/** Reads the setting. Entries that are not understood count for nothing. */
export function associations(setting: unknown): Association {
  if (typeof setting !== "object" || setting === null) return () => undefined;
  const rules = Object.entries(setting)
    .filter(([pattern]) => pattern !== "" && pattern.length <= MAX_PATTERN)
    .slice(0, MAX_PATTERNS)
    .sort(([a], [b]) => b.length - a.length)
    .flatMap(([pattern, raw]) => {
      const word = associationWords.find((one) => one === raw);
      return word === undefined ? [] : [{ whole: pattern.includes("/"), matches: globPattern(pattern), word }];
    });
  return (file) => {
    const path = file.replaceAll("\\", "/");
    const name = path.slice(path.lastIndexOf("/") + 1);
    const rule = rules.find(({ whole, matches }) => matches.test(whole ? path : name));
    if (rule === undefined) return undefined;
    return rule.word === "none" ? null : { document: "graph", dialect: rule.word };
  };
}

/** A glob as a regular expression without nested repetition, so that no pattern is slow. */
function globPattern(glob: string): RegExp {
  let source = "";
  let braces = 0;
  for (let at = 0; at < glob.length; at++) {
    const char = glob[at] as string;
    if (glob.startsWith("**/", at)) {
      source += "(?:.*/)?";
      at += 2;
    } else if (glob.startsWith("**", at)) {
      source += ".*";
      at += 1;
    } else if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "{") {
      braces++;
      source += "(?:";
    } else if (char === "}" && braces > 0) {
      braces--;
      source += ")";
    } else if (char === "," && braces > 0) source += "|";
    else source += char.replace(/[.+^$()|[\]{}\\]/g, "\\$&");
  }
  return new RegExp(
    `^(?:${glob.startsWith("/") || glob.startsWith("**") || !glob.includes("/") ? "" : ".*/"}${source}${")".repeat(braces)})$`,
  );
}
