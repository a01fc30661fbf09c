/**
 * Exports for whoever looks at receipts in the editor: the same files that `countersign export` and `incident-bundle`
 * make (docs/receipts.md, "Export"), from a store or from a bundle that is at hand. Values are never disclosed here.
 */
import { stat } from "node:fs/promises";
import path from "node:path";
import { runFolder } from "../../connect/journal/layout.ts";
import { BUNDLE_SCHEMA, bundleText } from "../../receipts/export/bundle.ts";
import type { ReadExport } from "../../receipts/export/read.ts";
import { operatorOf, workingDirectory, type EditorPlace } from "../editor-run/place.ts";
import { exportRun, type Exported, type ExportRequest } from "../export.ts";
import { exportText, type ExportFormat } from "../export-report.ts";
import { configFolderOf } from "../key-places.ts";
import { exportBundle } from "../kept-runs/export.ts";
import { receiptSigner } from "../receipt-keys.ts";
import { verifyExport } from "../verify.ts";
import type { Trust } from "./trust.ts";

/** What can be written. */
export const editorFormats = ["json", "dsse", "html", "md", "incident"] as const;
export type EditorFormat = (typeof editorFormats)[number];

/** What is exported: a run of a receipt directory by any receipt of it, or the bundle that was read. */
export type ExportSource =
  | { readonly type: "store"; readonly directory: string; readonly id: string; readonly runId: string | null }
  | { readonly type: "read"; readonly read: ReadExport; readonly file: string };

/** How it is exported. */
export interface ExportWish {
  readonly source: ExportSource;
  readonly place: EditorPlace;
  readonly trust: Trust;
  /** State directories in which the run's folder may be. */
  readonly stateDirs: readonly string[];
  /** A run that was sealed without an attestation may be signed now. */
  readonly maySign: boolean;
}

/** A refusal, or what was made. `notes`: sentences about what is not in it or is weaker than it could be. */
export type ExportOutcome<T> =
  | ({ readonly ok: true; readonly notes: readonly string[] } & T)
  | { readonly ok: false; readonly problem: { readonly code: string; readonly message: string } };

/** The text of a bundle, attestation or report. `signedBy`: fingerprints. */
export async function exportedText(
  wish: ExportWish,
  format: ExportFormat,
): Promise<ExportOutcome<{ readonly text: string; readonly signedBy: readonly string[] }>> {
  const { source, trust } = wish;
  if (trust.problem !== null) return refused("keys.unusable", trust.problem);
  const made = source.type === "read" ? await readAgain(source, trust) : await madeNow(source, wish);
  if (!made.ok) return made;
  const { exported } = made;
  const directory = source.type === "store" ? source.directory : null;
  const options = await trust.optionsFor(directory, exported.read.keys);
  const text = await exportText(exported, format, options);
  return {
    ok: true,
    text,
    notes: exported.notes,
    signedBy: exported.read.envelope.signatures.map(({ keyid }) => keyid),
  };
}

type Made =
  { readonly ok: true; readonly exported: Exported } | Extract<ExportOutcome<unknown>, { readonly ok: false }>;

/** A bundle or attestation that was opened, as it is; a broken one is refused. */
async function readAgain({ read }: Extract<ExportSource, { type: "read" }>, trust: Trust): Promise<Made> {
  const verified = verifyExport(read, null, await trust.optionsFor(null, read.keys));
  if (!verified.integrity) {
    const [first] = verified.findings;
    const what = first === undefined ? "" : `: ${first.code} at ${first.path}: ${first.message}`;
    return refused("export.broken", `this file does not verify, so nothing is made of it${what}`);
  }
  const { statement, envelope } = read;
  const bare = { schema: BUNDLE_SCHEMA, statement, envelope, disclosed: [], documents: [], credentials: [] } as const;
  const bundle = bundleText(read.bundle ?? bare);
  return { ok: true, exported: { bundle, read, folder: null, notes: [] } };
}

async function madeNow(source: Extract<ExportSource, { type: "store" }>, wish: ExportWish): Promise<Made> {
  const { place, trust, maySign } = wish;
  const own = await trust.optionsFor(source.directory, []);
  const operator = await operatorOf(place);
  const principal = operator.ok ? operator.operator.principal : "user:local";
  const request: ExportRequest = {
    directory: source.directory,
    id: source.id,
    folderOf: async (runId) => (await keptRun(runId, source.directory, wish.stateDirs))?.folder ?? null,
    disclose: [],
    documents: false,
    keysWith: (found) => {
      for (const { kid, publicKey } of found) own.keys.add({ kid, publicKey, pinned: false });
      return own;
    },
    signer: () =>
      maySign
        ? receiptSigner(place.env, configFolderOf(place.env), principal)
        : Promise.resolve(
            refused(
              "export.untrusted",
              "the run was sealed without an attestation, and nothing is signed in a workspace that is not trusted",
            ),
          ),
  };
  const made = await exportRun(request);
  return made.ok ? { ok: true, exported: made.value } : made;
}

/** The folder of a run and its state directory: that of its receipts, or another one of the window. */
async function keptRun(
  runId: string,
  directory: string,
  stateDirs: readonly string[],
): Promise<{ readonly folder: string; readonly stateDir: string } | null> {
  for (const stateDir of new Set([path.dirname(directory), ...stateDirs])) {
    const folder = runFolder(stateDir, runId);
    if (!folder.ok) continue;
    const there = await stat(folder.value).then(
      (info) => info.isDirectory(),
      () => false,
    );
    if (there) return { folder: folder.value, stateDir };
  }
  return null;
}

/** Writes the incident bundle of a run to a `.tar.gz` (absolute), in the place of what is there. */
export async function exportIncident(
  { source, place, stateDirs }: ExportWish,
  target: string,
): Promise<ExportOutcome<{ readonly files: number }>> {
  if (source.type === "read" || source.runId === null)
    return refused("export.no_run", "an incident bundle is made of a run's own record, and this file holds none");
  const kept = await keptRun(source.runId, source.directory, stateDirs);
  if (kept === null)
    return refused(
      "export.no_run",
      "the record of this run is not on this computer any more, so there is no incident bundle of it",
    );
  const operator = await operatorOf(place);
  if (!operator.ok) return refused("config", operator.problems.map(({ message }) => message).join("; "));
  const where = { stateDir: kept.stateDir, runId: source.runId, cwd: workingDirectory(place) };
  const written = await exportBundle(where, target, operator.operator, place.env);
  return written.ok ? { ok: true, ...written.value } : written;
}

function refused(code: string, message: string): Extract<ExportOutcome<unknown>, { readonly ok: false }> {
  return { ok: false, problem: { code, message } };
}
