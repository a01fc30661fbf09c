/**
 * A bundle: the root document and everything it names, read once and pinned by digest before a run starts
 * (spec/runtime.md §2, `graph_digest`). Later edits on disk change nothing in the run.
 */
import type { Diagnostic } from "../graph/diagnostic.ts";
import type { Graph } from "../graph/model.ts";
import type { PinnedDocument } from "../effects/events.ts";

/** One file of a bundle. `graph` is null for schemas and for documents that could not be used. */
export interface BundleEntry {
  /** The key that FileSource gave it. */
  readonly key: string;
  readonly role: PinnedDocument["role"];
  readonly digest: string;
  readonly bytes: Uint8Array;
  readonly graph: Graph | null;
  /** Parse and validation findings of this file. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Why a file that a node names is not in the bundle. The run decides what that means (spec/workflow.md §8.3). */
export interface MissingFile {
  readonly problem: "read" | "parse" | "invalid" | "policy";
  readonly message: string;
}

/** Everything a run needs of its documents. */
export interface Bundle {
  readonly root: string;
  readonly entries: ReadonlyMap<string, BundleEntry>;
  /** What a reference means in a document: `links.get(document)?.get(reference)`. */
  readonly links: ReadonlyMap<string, ReadonlyMap<string, string | MissingFile>>;
  /** SHA-256 over the sorted (key, digest) pairs, keys relative to the root's folder. */
  readonly digest: string;
}

/** The root graph. */
export function rootGraph(bundle: Bundle): Graph {
  const graph = bundle.entries.get(bundle.root)?.graph;
  if (graph === undefined || graph === null) throw new TypeError("the bundle's root is not a graph");
  return graph;
}

/** The file of policy code that the root names, as it was found; null when it names none or has the code itself. */
export function policyFileOf(
  bundle: Bundle,
  root: Graph,
):
  | { readonly ok: true; readonly file: string; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly message: string }
  | null {
  const { file = null, inline = null } = root.policy?.rego ?? {};
  if (file === null || inline !== null) return null;
  const found = linkedEntry(bundle, bundle.root, file);
  return found.ok ? { ok: true, file, bytes: found.entry.bytes } : found;
}

/** What a document's reference to a file that is no document led to. */
export function linkedEntry(
  bundle: Bundle,
  key: string,
  reference: string,
): { readonly ok: true; readonly entry: BundleEntry } | { readonly ok: false; readonly message: string } {
  const link = bundle.links.get(key)?.get(reference);
  if (link === undefined) return { ok: false, message: `${reference} is not among the loaded files` };
  if (typeof link !== "string") return { ok: false, message: link.message };
  const entry = bundle.entries.get(link);
  return entry === undefined
    ? { ok: false, message: `${reference} is not among the loaded files` }
    : { ok: true, entry };
}
