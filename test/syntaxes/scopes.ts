/**
 * A small language for tests of grammars: lines of the document begin with `|`; a line of marks below one says which
 * scopes the characters above the carets have. `string` stands for every scope that begins so; `!string` for none.
 *
 *     |id = "a"
 *      ^^       support.type.property-name
 *           ^^^ string.quoted.double !meta.template
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import oniguruma from "vscode-oniguruma";
import textmate, { type IGrammar, type IRawGrammar } from "vscode-textmate";

const require = createRequire(import.meta.url);

/** Our grammars by scope. */
const own: Readonly<Record<string, string>> = {
  "source.toml": "toml",
  "source.countersign-pipeline": "spec-kv",
  "countersign.templates.injection": "templates.injection",
  "countersign.references.injection": "references.injection",
  "countersign.stage-keys.injection": "stage-keys.injection",
};

/** Scopes of the grammars that only add to others. */
export const injections: readonly string[] = Object.keys(own).filter((scope) => scope.endsWith(".injection"));

/** The text of a file of `syntaxes/`. */
export function syntaxFile(name: string): string {
  return readFileSync(new URL(`../../syntaxes/${name}`, import.meta.url), "utf8");
}

let engine: Promise<textmate.IOnigLib> | null = null;

async function loadEngine(): Promise<textmate.IOnigLib> {
  const wasm = readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  return {
    createOnigScanner: (patterns) => oniguruma.createOnigScanner(patterns),
    createOnigString: (text) => oniguruma.createOnigString(text),
  };
}

/** Loads a grammar with injections as an editor does; `foreign` grammars win over ours of the same scope. */
export async function grammar(
  scope: string,
  options: { readonly inject?: readonly string[]; readonly foreign?: Readonly<Record<string, IRawGrammar>> } = {},
): Promise<IGrammar> {
  engine ??= loadEngine();
  const { inject = [], foreign = {} } = options;
  const registry = new textmate.Registry({
    onigLib: engine,
    loadGrammar: (name) => {
      const other = foreign[name];
      if (other !== undefined) return Promise.resolve(other);
      const file = own[name];
      if (file === undefined) return Promise.resolve(null);
      const path = `${file}.tmLanguage.json`;
      return Promise.resolve(textmate.parseRawGrammar(syntaxFile(path), path));
    },
    getInjections: (name) => (name === scope ? [...inject] : undefined),
  });
  const loaded = await registry.loadGrammar(scope);
  if (loaded === null) throw new TypeError(`no grammar ${scope}`);
  return loaded;
}

/** One piece of a line with its scopes, outermost first, without the grammar's own. */
export interface Token {
  readonly line: number;
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly scopes: readonly string[];
}

/** All tokens of a text. */
export function tokenise(by: IGrammar, text: string): Token[] {
  const tokens: Token[] = [];
  let stack = textmate.INITIAL;
  for (const [line, content] of text.split(/\r?\n/).entries()) {
    const result = by.tokenizeLine(content, stack);
    stack = result.ruleStack;
    for (const { startIndex, endIndex, scopes } of result.tokens) {
      const to = Math.min(endIndex, content.length);
      tokens.push({ line, from: startIndex, to, text: content.slice(startIndex, to), scopes: scopes.slice(1) });
    }
  }
  return tokens;
}

/** What is not as the marks say; empty when all is. */
export function mismatches(by: IGrammar, marked: string): string[] {
  const lines = marked.split("\n").filter((line) => line.trim() !== "");
  const document = lines.filter((line) => line.startsWith("|")).map((line) => line.slice(1));
  const tokens = tokenise(by, document.join("\n"));
  const found: string[] = [];
  let at = -1;
  let marks = 0;
  for (const line of lines) {
    if (line.startsWith("|")) {
      at++;
      continue;
    }
    marks++;
    const mark = /^ +(\^+) +(.*)$/.exec(line);
    if (mark === null) throw new TypeError(`not a line of marks: ${line}`);
    const from = line.indexOf("^") - 1;
    const to = from + (mark[1] as string).length;
    const inside = tokens.filter((token) => token.line === at && token.from < to && token.to > from);
    if (inside.length === 0) found.push(`${at}:${from} has no text`);
    for (const wanted of (mark[2] as string).trim().split(/ +/))
      for (const token of inside)
        if (!fits(token, wanted))
          found.push(`${at}:${token.from} ${token.text} is [${token.scopes.join(" ")}], not ${wanted}`);
  }
  if (marks === 0) throw new TypeError("no marks");
  return found;
}

function fits(token: Token, wanted: string): boolean {
  const no = wanted.startsWith("!");
  const name = no ? wanted.slice(1) : wanted;
  return token.scopes.some((scope) => scope === name || scope.startsWith(`${name}.`)) !== no;
}
