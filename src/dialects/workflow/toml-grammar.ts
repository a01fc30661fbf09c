/**
 * The tree-sitter grammar for TOML, loaded when a range is first asked for. It is used for places only: smol-toml
 * decides what a document means (spec/editor.md §4).
 *
 * Boundary: bytes come from the caller; web-tree-sitter holds one WebAssembly instance per process, so the runtime
 * is started once, by whoever comes first.
 */
import { Language, Parser, type Tree } from "web-tree-sitter";

/** Where the two WebAssembly files come from; each is asked at most once per front end that succeeds. */
export interface GrammarSource {
  /** `web-tree-sitter.wasm`. */
  runtime(): Promise<Uint8Array>;
  /** `tree-sitter-toml.wasm`. */
  grammar(): Promise<Uint8Array>;
}

/** Parses TOML into a syntax tree, which the caller must delete. */
export type TomlParser = (text: string) => Tree;

let runtime: Promise<void> | null = null;

/** A function that loads the grammar on its first call and again after a failure. */
export function tomlParserLoader(source: GrammarSource): () => Promise<TomlParser> {
  let loaded: Promise<TomlParser> | null = null;
  return () => {
    loaded ??= load(source).catch((error: unknown) => {
      loaded = null;
      throw new Error("the TOML grammar could not be loaded, so places in the text are not known", { cause: error });
    });
    return loaded;
  };
}

async function load(source: GrammarSource): Promise<TomlParser> {
  runtime ??= source
    .runtime()
    .then((wasmBinary) => Parser.init({ wasmBinary }))
    .catch((error: unknown) => {
      runtime = null;
      throw error;
    });
  await runtime;
  const language = await Language.load(await source.grammar());
  const parser = new Parser();
  parser.setLanguage(language);
  return (text) => {
    parser.reset();
    const tree = parser.parse(text);
    if (tree === null) throw new Error("the TOML grammar gave no tree");
    return tree;
  };
}
