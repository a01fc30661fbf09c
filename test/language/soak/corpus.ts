/** What is edited: all documents of the examples and the samples of these tests, as one workspace in memory. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fixture, graph, manifest, pipeline, skill, workflow, wrapped } from "../samples.ts";

/** Files by name, and the names of those that are documents of ours. */
export interface Corpus {
  readonly files: ReadonlyMap<string, string>;
  readonly documents: readonly string[];
  /** Lines of all documents, to type and paste. */
  readonly lines: readonly string[];
}

const ours = /(?:\.toml|graph\.yaml|X\.yaml|SKILL\.md|spec\.kv)$/;

/** Reads the corpus; `examples` is the folder of the examples. */
export async function readCorpus(examples: string): Promise<Corpus> {
  const files = new Map<string, string>([
    ["samples/greet.toml", workflow],
    ["samples/wrapped.toml", wrapped],
    ["samples/graph.yaml", graph],
    ["samples/tools/X.yaml", manifest],
    ["samples/tools/SKILL.md", skill],
    ["samples/spec.kv", pipeline],
    ["samples/test/fixture.toml", fixture],
  ]);
  for (const name of (await readdir(examples, { recursive: true })).sort()) {
    if (name.includes("node_modules") || name.includes(".countersign")) continue;
    if (!/\.(?:toml|yaml|md|kv|json|txt)$/.test(name)) continue;
    files.set(name.split(path.sep).join("/"), await readFile(path.join(examples, name), "utf8"));
  }
  const documents = [...files.keys()].filter((name) => ours.test(name));
  const lines = new Set(documents.flatMap((name) => (files.get(name) ?? "").split(/\r?\n/)));
  lines.delete("");
  return { files, documents, lines: [...lines] };
}
