/**
 * What documents name: each with all files it leads to, transitively, loaded as a run would load them
 * (spec/runtime.md §2), but with open editors before the disk.
 *
 * Loading takes a while, so its answer is kept with the stamps of every file that was asked for; as long as these and
 * the document's own references stay the same, an edit of the document needs no loading ({@link Links.known}).
 * Includes that lead in a circle end, because each file is loaded once; at most as many files as a run may pin.
 */
import type { Bundle } from "../src/dialects/bundle.ts";

import { loadBundle } from "../src/dialects/load.ts";
import { createPipelineFrontEnd } from "../src/dialects/pipeline/front-end.ts";
import { detect } from "../src/dialects/detect.ts";
import type { DialectFrontEnd, ParsedDocument } from "../src/dialects/document.ts";
import { createSkillFrontEnd, skillDocumentCandidates, skillDocumentKey } from "../src/dialects/skill/front-end.ts";
import { createWorkflowFrontEnd } from "../src/dialects/workflow/front-end.ts";
import { checkPolicy } from "../src/governance/static/check.ts";
import type { Diagnostic } from "../src/graph/diagnostic.ts";
import type { Dialect, Graph } from "../src/graph/model.ts";
import { definitions, kindDefinition } from "../src/kinds/definitions.generated.ts";
import type { Snapshot, Workspace } from "./workspace.ts";

interface Loaded {
  /** The references it was loaded for. */
  readonly references: string;
  /** Every file that was asked for, with what it was then. */
  readonly stamps: ReadonlyMap<string, string>;
  readonly bundle: Bundle;
}

/** Most documents whose links are kept. */
const MAX_LOADED = 200;

/** Links of the documents of a workspace. */
export class Links {
  private readonly workspace: Workspace;
  private readonly frontEnds: Readonly<Record<Dialect, DialectFrontEnd>>;
  private readonly loaded = new Map<string, Loaded>();

  constructor(workspace: Workspace) {
    this.workspace = workspace;
    this.frontEnds = {
      workflow: createWorkflowFrontEnd({ kinds: definitions }),
      skill: createSkillFrontEnd({ kinds: kindDefinition }),
      pipeline: createPipelineFrontEnd({ kinds: kindDefinition }),
    };
  }

  /** The bundle around a graph of `snapshot`, if nothing that it depends on has changed; null when it must be loaded. */
  known(snapshot: Snapshot, graph: Graph): Bundle | null {
    const found = this.loaded.get(entryKey(snapshot, graph));
    if (found === undefined || found.references !== referencesOf(graph)) return null;
    for (const [key, stamp] of found.stamps) if (this.workspace.stamp(key) !== stamp) return null;
    return rerooted(found.bundle, graph);
  }

  /** Files that were asked for when `snapshot` was loaded last: a change in one of them concerns it. */
  uses(snapshot: Snapshot, key: string): boolean {
    return snapshot.live.graphs.some(({ graph }) => this.loaded.get(entryKey(snapshot, graph))?.stamps.has(key));
  }

  /** The bundle around a graph of `snapshot`; null when it has none. */
  async load(snapshot: Snapshot, graph: Graph): Promise<Bundle | null> {
    const known = this.known(snapshot, graph);
    if (known !== null) return known;
    const { files } = this.workspace;
    const stamps = new Map<string, string>();
    let first = true;
    const result = await loadBundle(entryKey(snapshot, graph), {
      digest: this.workspace.host.digest,
      candidates: (reference) =>
        reference.role === "skill" ? skillDocumentCandidates(reference.text) : [reference.text],
      entryKey: (reference, key) => (reference.role === "skill" ? skillDocumentKey(key, reference.text) : key),
      files: {
        resolve: (reference, from) => (from === null ? [reference] : files.resolve(reference, from)),
        read: (key) => {
          if (key === snapshot.key) return Promise.resolve({ ok: true, bytes: encoder.encode(snapshot.live.text) });
          stamps.set(key, this.workspace.stamp(key));
          return files.read(key);
        },
      },
      // The root is read already, and is looked at by itself.
      parse: (text, file) => {
        if (!first) return this.parse(text, file);
        first = false;
        return { graph, diagnostics: [] };
      },
      validate: (one) => (one === graph ? [] : this.validate(one)),
    });
    if (!result.ok) return null;
    const key = entryKey(snapshot, graph);
    this.loaded.delete(key);
    this.loaded.set(key, { references: referencesOf(graph), stamps, bundle: result.bundle });
    for (const oldest of this.loaded.keys()) {
      if (this.loaded.size <= MAX_LOADED) break;
      this.loaded.delete(oldest);
    }
    return result.bundle;
  }

  private parse(text: string, file: string): ParsedDocument {
    const found = detect(file.replace(/#[^/\\]*$/, ""), text);
    const dialect = found?.document === "graph" ? found.dialect : found?.document === "skill" ? "skill" : null;
    return this.frontEnds[dialect ?? dialectByName(file)].parse(text, file);
  }

  private validate(graph: Graph): readonly Diagnostic[] {
    return [...this.frontEnds[graph.dialect].validate(graph), ...checkPolicy(graph)];
  }
}

const encoder = new TextEncoder();

/** As the command line takes a file that does not say what it is. */
function dialectByName(file: string): Dialect {
  if (/\.kv$/i.test(file)) return "pipeline";
  return /\.(?:ya?ml|md)(?:#|$)/i.test(file) ? "skill" : "workflow";
}

/** The name under which a graph of a document is loaded. */
function entryKey(snapshot: Snapshot, graph: Graph): string {
  const { runner } = snapshot.live.graphs.find((one) => one.graph === graph) ?? { runner: null };
  return runner === null ? snapshot.key : `${snapshot.key}#${runner}`;
}

function referencesOf(graph: Graph): string {
  const named = new Set(graph.nodes.flatMap((node) => node.files.map(({ role, text }) => `${role} ${text}`)));
  return [...named, graph.policy?.rego?.file ?? ""].join("\n");
}

/** The same bundle around a newer reading of its root. */
function rerooted(bundle: Bundle, graph: Graph): Bundle {
  const root = bundle.entries.get(bundle.root);
  if (root === undefined || root.graph === graph) return bundle;
  return { ...bundle, entries: new Map(bundle.entries).set(bundle.root, { ...root, graph }) };
}
