/**
 * The acts that a run's documents declare, for sealing: from the bundle of a run under way, or from the documents that a
 * kept run pinned (spec/skill-graph.md §6.6). Only skills declare acts, so other runs are not looked at.
 */
import type { Bundle } from "../dialects/bundle.ts";
import { nodeFiles } from "../connect/journal/file.ts";
import type { JournalEvent, PinnedDocument } from "../effects/events.ts";
import type { GraphOf } from "../receipts/declared.ts";
import { loadPinned } from "./documents.ts";
import { readPinned } from "./ops/run-source.ts";

/** Acts of a run whose documents never change; null when none of them declares one. */
export function actsOf(bundle: Bundle): GraphOf | null {
  return declares(bundle) ? (_digest, document) => bundle.entries.get(document)?.graph ?? null : null;
}

function declares(bundle: Bundle): boolean {
  return [...bundle.entries.values()].some(({ graph }) => graph?.act !== undefined);
}

/** Hears a kept run's events and then loads the documents that were in force, each set once. */
export class PinnedActs {
  private readonly sets = new Map<string, readonly PinnedDocument[]>();
  private root = "";
  private cwd = ".";
  private skill = false;

  /** Takes the next event. */
  add(event: JournalEvent): void {
    if (event.type !== "run.started" && event.type !== "run.resumed") return;
    if (event.type === "run.started") {
      this.skill = event.dialect === "skill";
      this.root = event.root;
      this.cwd = event.cwd ?? ".";
    }
    if (this.skill) this.sets.set(event.graphDigest, event.documents);
  }

  /** The acts of a run in this folder; null when it declares none. Documents that cannot be used are a problem. */
  async load(
    folder: string,
    runId: string,
  ): Promise<
    | { readonly ok: true; readonly graphOf: GraphOf | null }
    | { readonly ok: false; readonly problem: { readonly code: string; readonly message: string } }
  > {
    const bundles = new Map<string, Bundle>();
    for (const [digest, documents] of this.sets) {
      const pinned = await readPinned({ folder, runId, files: nodeFiles }, documents);
      if (!pinned.ok) return pinned;
      const loaded = await loadPinned(this.root, pinned.value, this.cwd);
      if (!loaded.ok) {
        const message = `the documents of run "${runId}" cannot be used: ${loaded.message}`;
        return { ok: false, problem: { code: "journal.corrupt", message } };
      }
      if (declares(loaded.bundle)) bundles.set(digest, loaded.bundle);
    }
    if (bundles.size === 0) return { ok: true, graphOf: null };
    return {
      ok: true,
      graphOf: (digest, document) => bundles.get(digest)?.entries.get(document)?.graph ?? null,
    };
  }
}
