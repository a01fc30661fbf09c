/**
 * Loading: the root document and everything it names, read once, parsed and pinned by digest
 * (spec/runtime.md §2; spec/workflow.md §8.3 and Decision D13).
 *
 * What cannot be read or used is remembered with the reference, not raised: a run decides what a missing child
 * means when it gets there. Bounded by a number of files and by each file's size.
 */
import type { FileContent, FileSource, Digest } from "../effects/seam.ts";
import { hasErrors, type Diagnostic, type Position } from "../graph/diagnostic.ts";
import type { FileReference, Graph } from "../graph/model.ts";
import { toText } from "../graph/value.ts";
import type { Bundle, BundleEntry, MissingFile } from "./bundle.ts";
import type { ParsedDocument } from "./document.ts";
import { splitSkillDocument } from "./skill/reference.ts";

/** Most files that one run may pin. */
export const MAX_BUNDLE_FILES = 1_000;

/** What loading needs. `parse` chooses the dialect by the file's name and text. */
export interface LoadOptions {
  readonly files: FileSource;
  readonly digest: Digest;
  parse(text: string, file: string): ParsedDocument;
  validate(graph: Graph): readonly Diagnostic[];
  /** Faults that only show when all documents are there; an error among them refuses the bundle. */
  inspect?(bundle: Bundle): readonly Diagnostic[];
  /** Files to try for a reference, before FileSource resolves them; e.g. a skill's folder. */
  candidates(reference: LoadReference): readonly string[];
  /** Key of the entry that a file becomes for a reference, and the name it is parsed under; a skill's names its runner. */
  entryKey(reference: LoadReference, key: string): string;
}

/** A file that a document names: in a node, or as its policy code. */
export type LoadReference =
  FileReference | { readonly role: "policy"; readonly text: string; readonly at: FileReference["at"] };

/** The root could not be loaded; `diagnostics` is empty when the file itself is the problem. */
export type LoadResult =
  | { readonly ok: true; readonly bundle: Bundle }
  | {
      readonly ok: false;
      readonly problem: "read" | "parse" | "invalid";
      readonly message: string;
      readonly diagnostics: readonly Diagnostic[];
      /** The name that an invalid document gives itself. */
      readonly name?: string;
    };

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Loads `path` and all it names. `…/X.yaml#fast` is one runner of a manifest. */
export async function loadBundle(path: string, options: LoadOptions): Promise<LoadResult> {
  const loader = new Loader(options);
  const { file: named, runner } = splitSkillDocument(path);
  const file = options.files.resolve(named, null)[0] ?? named;
  const key = runner === null ? file : `${file}#${runner}`;
  const content = await options.files.read(file);
  if (!content.ok) return { ok: false, problem: "read", message: content.message, diagnostics: [] };
  const entry = loader.parse(key, "root", content.bytes, path);
  if (entry.graph === null || hasErrors(entry.diagnostics)) {
    const { diagnostics, graph } = entry;
    const message = firstError(diagnostics);
    if (graph === null) return { ok: false, problem: "parse", message, diagnostics };
    return { ok: false, problem: "invalid", message, diagnostics, name: graph.name };
  }
  await loader.follow(entry);
  const bundle = loader.bundle(key);
  const faults = options.inspect?.(bundle) ?? [];
  if (!hasErrors(faults)) return { ok: true, bundle };
  return { ok: false, problem: "invalid", message: firstError(faults), diagnostics: faults };
}

/** A bundle made again from a run folder's pinned documents. */
export async function reloadBundle(
  root: string,
  pinned: readonly { readonly key: string; readonly role: BundleEntry["role"]; readonly bytes: Uint8Array }[],
  options: Omit<LoadOptions, "files">,
  resolve: FileSource["resolve"],
): Promise<LoadResult> {
  // Runners of one X.yaml are entries of their own, `<file>#<runner>`, with the same bytes.
  const byKey = new Map(pinned.map((one) => [one.key.replace(/(\.ya?ml)#[^/]*$/i, "$1"), one.bytes]));
  for (const one of pinned) byKey.set(one.key, one.bytes);
  const read = (key: string): Promise<FileContent> => {
    const bytes = byKey.get(key);
    return Promise.resolve(
      bytes === undefined
        ? { ok: false, reason: "missing", message: `${key} is not among the run's documents` }
        : { ok: true, bytes },
    );
  };
  return loadBundle(root, {
    ...options,
    files: { resolve: (reference, from) => (from === null ? [reference] : resolve(reference, from)), read },
  });
}

/** Where text stops being UTF-8: before the first byte that begins no whole character. */
function firstBadCharacter(bytes: Uint8Array): Position {
  const prefix = (length: number): string | null => {
    try {
      // Streaming, because a character that is only cut is not wrong yet.
      const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
      return decoder.decode(bytes.subarray(0, length), { stream: true });
    } catch {
      return null;
    }
  };
  let [good, bad] = [0, bytes.length + 1];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (prefix(middle) === null) bad = middle;
    else good = middle;
  }
  const lines = (prefix(good) ?? "").split("\n");
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}

function firstError(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.find((one) => one.severity === "error")?.message ?? "the document has errors";
}

function firstCode(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.find((one) => one.severity === "error")?.code ?? "";
}

class Loader {
  private readonly entries = new Map<string, BundleEntry>();
  private readonly unusable = new Map<string, MissingFile>();
  private readonly links = new Map<string, Map<string, string | MissingFile>>();
  private readonly options: LoadOptions;

  constructor(options: LoadOptions) {
    this.options = options;
  }

  /** Parses one file and pins it. Schemas and policies are pinned as they are. */
  parse(key: string, role: BundleEntry["role"], bytes: Uint8Array, file: string): BundleEntry {
    const digest = this.options.digest(bytes);
    if (role === "schema" || role === "policy")
      return this.pin({ key, role, digest, bytes, graph: null, diagnostics: [] });
    let text: string;
    try {
      text = utf8.decode(bytes);
    } catch {
      const place = firstBadCharacter(bytes);
      const at = { start: place, end: place };
      const diagnostic: Diagnostic = {
        code: "not_utf8",
        severity: "error",
        message: `${file} is not UTF-8 text`,
        file,
        at,
      };
      return this.pin({ key, role, digest, bytes, graph: null, diagnostics: [diagnostic] });
    }
    const parsed = this.options.parse(text, file);
    const checked = parsed.graph === null ? [] : this.options.validate(parsed.graph);
    return this.pin({
      key,
      role,
      digest,
      bytes,
      graph: parsed.graph,
      diagnostics: [...parsed.diagnostics, ...checked],
    });
  }

  private pin(entry: BundleEntry): BundleEntry {
    this.entries.set(entry.key, entry);
    return entry;
  }

  /** Loads what a document names, and what that names, breadth first. */
  async follow(root: BundleEntry): Promise<void> {
    const queue = [root];
    for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
      const links = new Map<string, string | MissingFile>();
      this.links.set(entry.key, links);
      for (const reference of references(entry.graph)) {
        if (links.has(reference.text)) continue;
        const { link, fresh } = await this.link(reference, entry.key);
        links.set(reference.text, link);
        if (fresh !== null) queue.push(fresh);
      }
    }
  }

  private async link(
    reference: LoadReference,
    from: string,
  ): Promise<{ link: string | MissingFile; fresh: BundleEntry | null }> {
    let problem: MissingFile = {
      problem: "read",
      message: `${reference.text}: No such file or directory (os error 2)`,
    };
    for (const candidate of this.options.candidates(reference)) {
      // A skill's folder is relative to the document alone (spec/skill-graph.md §2.9).
      const found = this.options.files.resolve(candidate, from);
      for (const file of reference.role === "skill" ? found.slice(0, 1) : found) {
        const key = this.options.entryKey(reference, file);
        const unusable = this.unusable.get(key);
        if (unusable !== undefined) return { link: unusable, fresh: null };
        if (this.entries.has(key)) return { link: key, fresh: null };
        if (this.entries.size >= MAX_BUNDLE_FILES) {
          return {
            link: { problem: "read", message: `${reference.text}: a run may name at most ${MAX_BUNDLE_FILES} files` },
            fresh: null,
          };
        }
        const content = await this.options.files.read(file);
        if (!content.ok) {
          if (content.reason !== "missing") problem = { problem: "read", message: content.message };
          continue;
        }
        return this.use(reference, key, content.bytes);
      }
    }
    return { link: problem, fresh: null };
  }

  private use(
    reference: LoadReference,
    key: string,
    bytes: Uint8Array,
  ): { link: string | MissingFile; fresh: BundleEntry | null } {
    const role = reference.role === "child" ? "child" : reference.role;
    const entry = this.parse(key, role, bytes, role === "skill" ? key : reference.text);
    if (role === "schema" || role === "policy") return { link: key, fresh: null };
    if (entry.graph !== null && !hasErrors(entry.diagnostics)) return { link: key, fresh: entry };
    const problem =
      entry.graph === null ? "parse" : firstCode(entry.diagnostics).startsWith("policy_rego") ? "policy" : "invalid";
    const why: MissingFile = { problem, message: firstError(entry.diagnostics) };
    this.unusable.set(key, why);
    return { link: why, fresh: null };
  }

  bundle(root: string): Bundle {
    const folder = root.slice(0, root.lastIndexOf("/") + 1);
    const names = [...this.entries.values()].map(
      (entry) => [entry.key.startsWith(folder) ? entry.key.slice(folder.length) : entry.key, entry.digest] as const,
    );
    names.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return {
      root,
      entries: this.entries,
      links: this.links,
      digest: this.options.digest(toText(names.map((pair) => [...pair]))),
    };
  }
}

function references(graph: Graph | null): LoadReference[] {
  if (graph === null) return [];
  const files = graph.nodes.flatMap((node) => node.files);
  const rego = graph.policy?.rego?.file;
  return rego === null || rego === undefined
    ? files
    : [...files, { role: "policy", text: rego, at: { path: ["policy", "rego", "file"] } }];
}
