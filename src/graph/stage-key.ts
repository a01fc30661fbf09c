/**
 * Stage keys: the identity of a pipeline's stage, as one string (spec/pipeline.md §2, seed page "Operator constraints").
 *
 * Boundary: pure parsing, shared by the front ends, the `stage` kind and governance. A key that does not parse is
 * malformed and never runs (row 1 of the decision table, spec/pipeline.md §4).
 * Invariant: `stageKeyText(parseStageKey(text).key) === text` for every key that parses; no escape exists.
 */

/** A stage key in its parts. */
export type StageKey =
  | { readonly family: "identity" }
  | { readonly family: "http_post"; readonly url: string }
  | { readonly family: "exec"; readonly program: string; readonly args: readonly string[] };

/** Why a key is malformed. `from` and `to` are UTF-16 offsets into the key. */
export interface StageKeyProblem {
  readonly code: "stage_key_family" | "stage_key_url" | "stage_key_exec";
  readonly message: string;
  readonly from: number;
  readonly to: number;
}

/** A parsed key, or what is wrong with it. */
export type StageKeyResult =
  { readonly ok: true; readonly key: StageKey } | { readonly ok: false; readonly problem: StageKeyProblem };

/** The families of spec/pipeline.md §2 as they begin a key. */
export const stageFamilies = ["identity", "http_post:", "exec:"] as const;

const httpPrefix = "http_post:";
const execPrefix = "exec:";

/** C0 and C1 controls and DEL. */
const control = /[\u0000-\u001f\u007f-\u009f]/;
/** Everything that is white space to somebody, and controls: none may stand in a URL. */
const spaceOrControl = /[\s\u0000-\u0020\u007f-\u00a0\u2028\u2029\ufeff]/u;

/** Parses a stage key. Keys are compared as text: letter case and spaces count. */
export function parseStageKey(text: string): StageKeyResult {
  if (text === "identity") return { ok: true, key: { family: "identity" } };
  if (text.startsWith(httpPrefix)) {
    const url = text.slice(httpPrefix.length);
    const wrong = stageUrlProblem(url);
    if (wrong !== null) return malformed("stage_key_url", wrong.message, httpPrefix.length + wrong.from, text.length);
    return { ok: true, key: { family: "http_post", url } };
  }
  if (text.startsWith(execPrefix)) {
    const [program, ...args] = text.slice(execPrefix.length).split("|") as [string, ...string[]];
    const wrong = stageProgramProblem(program, args);
    if (wrong !== null) return malformed("stage_key_exec", wrong, execPrefix.length, text.length);
    return { ok: true, key: { family: "exec", program, args } };
  }
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  const message = `\`${shown}\` is not a stage key: it must be \`identity\`, \`http_post:URL\` or \`exec:PROGRAM|ARG|…\``;
  return malformed("stage_key_family", message, 0, text.length);
}

/** The text of a key. Throws TypeError when a part cannot be written, e.g. an argument that holds `|`. */
export function stageKeyText(key: StageKey): string {
  const text =
    key.family === "identity"
      ? "identity"
      : key.family === "http_post"
        ? `${httpPrefix}${key.url}`
        : `${execPrefix}${[key.program, ...key.args].join("|")}`;
  const again = parseStageKey(text);
  if (!again.ok) throw new TypeError(again.problem.message);
  if (key.family === "exec" && again.key.family === "exec" && again.key.args.length !== key.args.length) {
    throw new TypeError("an argument of an `exec` stage may not hold `|`");
  }
  return text;
}

/** Why `url` cannot be the target of an `http_post` stage, and from which offset; null when it can. */
export function stageUrlProblem(url: string): { readonly message: string; readonly from: number } | null {
  if (!/^https?:\/\//.test(url)) {
    return { message: "the URL of an `http_post` stage must start with http:// or https://", from: 0 };
  }
  const space = url.search(spaceOrControl);
  if (space >= 0) {
    return { message: "the URL of an `http_post` stage may not hold white space or control characters", from: space };
  }
  const hash = url.indexOf("#");
  if (hash >= 0) return { message: "the URL of an `http_post` stage may not have a fragment (`#`)", from: hash };
  const slash = url.indexOf("\\");
  if (slash >= 0) return { message: "the URL of an `http_post` stage may not hold a backslash", from: slash };
  const start = url.indexOf("//") + 2;
  const authority = /^[^/?]*/.exec(url.slice(start))?.[0] ?? "";
  if (authority === "") return { message: "the URL of an `http_post` stage must name a host", from: start };
  if (authority.includes("@")) {
    return { message: "the URL of an `http_post` stage may not hold user information (`user@`)", from: start };
  }
  if (!URL.canParse(url)) return { message: `\`${url}\` is not an absolute http(s) URL`, from: 0 };
  return null;
}

/** Why this program and these arguments cannot be an `exec` stage; null when they can. */
export function stageProgramProblem(program: string, args: readonly string[]): string | null {
  if (program === "") return "an `exec` stage must name a program: `exec:PROGRAM|ARG|…`";
  for (const [index, part] of [program, ...args].entries()) {
    const what = index === 0 ? "the program" : `argument ${index}`;
    if (part.includes("|")) return `${what} of an \`exec\` stage may not hold \`|\``;
    if (control.test(part)) return `${what} of an \`exec\` stage may not hold control characters`;
  }
  return null;
}

function malformed(
  code: StageKeyProblem["code"],
  message: string,
  from: number,
  to: number,
): { readonly ok: false; readonly problem: StageKeyProblem } {
  return { ok: false, problem: { code, message, from, to } };
}
