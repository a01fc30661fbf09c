/**
 * The incident bundle (spec/pipeline.md §7): everything about one run, or one document, that somebody needs to look at
 * it elsewhere, with a manifest.
 *
 *     spec.kv (or the document)      spec_validation.json   runtime.json   policy_audit.json   environment.json
 *     snapshot.json                  run/journal.<epoch>.jsonl   run/blobs/…   run/documents/…   receipts/…
 *     MANIFEST.json   MANIFEST.sig
 *
 * Salts of commitments, key files and everything else in a run's folder stay behind: only the names above are taken.
 */
import path from "node:path";
import { digestHex } from "../../connect/journal/layout.ts";
import type { Bundle } from "../../dialects/bundle.ts";
import { splitSkillDocument } from "../../dialects/skill/front-end.ts";
import type { Signer } from "../../effects/signing.ts";
import type { Graph } from "../../graph/model.ts";
import { describe } from "../describe.ts";
import { loadDocument, loadPinned } from "../documents.ts";
import { localFiles } from "../files.ts";
import type { Operator } from "../operator.ts";
import { VERSION } from "../version.ts";
import { environmentFile, type ProcessFacts } from "./environment.ts";
import { declaredSecrets, refuseLeaks } from "./leak-check.ts";
import { withManifest } from "./manifest.ts";
import { DecisionFold, policyAudit } from "./policy-audit.ts";
import { refuse, type OpsResult } from "./problem.ts";
import type { RunReceipts } from "./receipts.ts";
import type { RedactingKey } from "./redact.ts";
import { readPinned, type PinnedBytes, type RunSource } from "./run-source.ts";
import { runFiles } from "./run-files.ts";
import { graphsOf, takeSnapshot } from "./take-snapshot.ts";
import { bundleLimits, tooLarge, tooMany, type BundleFiles } from "./tar.ts";

/** What a bundle is made with. */
export interface IncidentSettings {
  readonly operator: Pick<Operator, "governance" | "severities">;
  readonly cwd: string;
  readonly process: ProcessFacts;
  readonly key: RedactingKey;
  /** Signs the manifest; null leaves the bundle unsigned. */
  readonly signer: Signer | null;
  /** Receipts of the run by their name in the bundle; empty where there are none. */
  readonly receipts: RunReceipts;
}

/** A bundle that is ready to be written. */
export interface Incident {
  readonly files: BundleFiles;
  readonly signed: boolean;
  /** What whoever made it should know, in sentences. */
  readonly notes: readonly string[];
}

/** The bundle of a run. A journal that is damaged is bundled as it is, and the bundle says so. */
export async function incidentOfRun(source: RunSource, settings: IncidentSettings): Promise<OpsResult<Incident>> {
  const decisions = new DecisionFold();
  const heard: { started: Parameters<DecisionFold["add"]>[0] | null } = { started: null };
  let pinnedIn: Parameters<typeof readPinned>[1] = [];
  const snapshot = await takeSnapshot(source, (event) => {
    decisions.add(event);
    if (event.type === "run.started") heard.started = event;
    if (event.type === "run.started" || event.type === "run.resumed") pinnedIn = event.documents;
  });
  const damage = snapshot.ok ? null : snapshot.problem;
  if (damage !== null && damage.code !== "journal.corrupt") return { ok: false, problem: damage };
  const { started } = heard;
  if (started?.type !== "run.started")
    return refuse("bundle.no_run", `run "${source.runId}" has no first event; there is nothing to bundle`);
  const kept = await runFiles(source);
  if (!kept.ok) return kept;
  const pinned = await readPinned(source, pinnedIn);
  const documents = pinned.ok ? pinned.value : [];
  const root = documents.find((one) => one.key === started.root);
  const { dryRun } = started.options;
  const about = await aboutPinned(started.root, documents, settings, started);
  const files = new Map<string, Uint8Array>();
  if (root !== undefined) files.set(documentName(root.key), root.bytes);
  const notes = [
    ...(damage === null ? [] : [`the journal is damaged: ${damage.message}`]),
    ...(pinned.ok ? [] : [pinned.problem.message]),
    ...settings.receipts.notes,
  ];
  const posture = settings.operator.governance("run", dialectOf(started.dialect), started).posture;
  members(files, settings, {
    about,
    audit: policyAudit({
      specPath: started.root,
      posture: { ...posture, environment: posture.environment },
      dryRun: dryRun !== "no",
      about: "error" in about ? { error: about.error.message } : about.description,
      policyDigest: started.policyDigest,
      run: decisions,
    }),
    runtime: {
      run_id: source.runId,
      documents: documents.map(({ key, role, digest }) => ({ key, role, digest })),
      journal: damage === null ? { ok: true } : { ok: false, code: damage.code, message: damage.message },
    },
  });
  if (snapshot.ok) files.set("snapshot.json", json(snapshot.value));
  for (const [name, bytes] of kept.value) files.set(`run/${name}`, bytes);
  for (const [name, bytes] of settings.receipts.files) files.set(`receipts/${name}`, bytes);
  return finish(files, graphsOf(documents).values(), settings, notes);
}

/** The bundle of a document that need not have run, nor be valid. */
export async function incidentOfDocument(file: string, settings: IncidentSettings): Promise<OpsResult<Incident>> {
  const { cwd } = settings;
  const disk = localFiles(cwd);
  const named = splitSkillDocument(file).file;
  const content = await disk.read(disk.resolve(named, null)[0] ?? named);
  if (!content.ok) return refuse("bundle.missing", content.message, 2);
  const loaded = await loadDocument(file, cwd);
  const about = await aboutLoaded(loaded, settings);
  const files = new Map<string, Uint8Array>([[documentName(named), content.bytes]]);
  const entries = loaded.ok ? [...loaded.bundle.entries.values()] : [];
  for (const { digest, bytes } of entries) files.set(`documents/${digestHex(digest) ?? ""}`, bytes);
  const graphs = entries.flatMap(({ graph }) => (graph === null ? [] : [graph]));
  const dialect = graphs[0]?.dialect ?? "workflow";
  members(files, settings, {
    about,
    audit: policyAudit({
      specPath: named,
      posture: settings.operator.governance("run", dialect).posture,
      dryRun: false,
      about: "error" in about ? { error: about.error.message } : about.description,
      policyDigest: null,
      run: null,
    }),
    runtime: { run_id: null, documents: entries.map(({ key, role, digest }) => ({ key, role, digest })) },
  });
  return finish(files, graphs, settings, []);
}

type About =
  | { readonly description: Awaited<ReturnType<typeof describe>>; readonly bundle: Bundle }
  | { readonly error: { readonly message: string; readonly diagnostics: readonly object[] } };

async function aboutLoaded(
  loaded: Awaited<ReturnType<typeof loadDocument>>,
  { operator, cwd }: IncidentSettings,
): Promise<About> {
  if (loaded.ok) return { description: await describe(loaded.bundle, operator, cwd), bundle: loaded.bundle };
  const diagnostics = loaded.diagnostics
    .slice(0, 200)
    .map(({ code, severity, message }) => ({ code, severity, message }));
  return { error: { message: loaded.message, diagnostics } };
}

async function aboutPinned(
  root: string,
  documents: readonly PinnedBytes[],
  settings: IncidentSettings,
  started: { readonly environment: string; readonly sideEffects?: string },
): Promise<About> {
  if (documents.length === 0) return { error: { message: "the documents of the run cannot be read", diagnostics: [] } };
  const loaded = await loadPinned(root, documents, settings.cwd);
  const { governance, severities } = settings.operator;
  return aboutLoaded(loaded, {
    ...settings,
    operator: { severities, governance: (command, dialect) => governance(command, dialect, started) },
  });
}

function members(
  files: Map<string, Uint8Array>,
  settings: IncidentSettings,
  made: { readonly about: About; readonly audit: object; readonly runtime: object },
): void {
  files.set("spec_validation.json", json(validation(made.about)));
  files.set("runtime.json", json({ crate: { name: "countersign", version: VERSION }, x_countersign: made.runtime }));
  files.set("policy_audit.json", json(made.audit));
  files.set("environment.json", json(environmentFile(settings.process, settings.key)));
}

function validation(about: About): object {
  if ("error" in about) return { ok: false, error: about.error };
  const { name, dialect, specHash, nodes, paths, warnings, unavailable } = about.description;
  const description = {
    name,
    dialect,
    spec_hash: specHash,
    graph_digest: about.bundle.digest,
    nodes: nodes.map(({ id, kind, reachable }) => ({ id, kind, reachable })),
    paths: paths.length,
    unavailable: unavailable.map(({ document, node, what }) => ({ document, node, what })),
    warnings,
  };
  return { ok: true, description };
}

async function finish(
  files: Map<string, Uint8Array>,
  graphs: Iterable<Graph>,
  settings: IncidentSettings,
  notes: readonly string[],
): Promise<OpsResult<Incident>> {
  let bytes = 0;
  for (const file of files.values()) bytes += file.length;
  if (bytes > bundleLimits.bytes) return refuse("bundle.too_large", tooLarge(bytes, bundleLimits));
  if (files.size > bundleLimits.files) return refuse("bundle.too_many", tooMany(bundleLimits));
  const clean = refuseLeaks(files, settings.process.env, declaredSecrets(graphs));
  if (!clean.ok) return clean;
  const whole = await withManifest(files, settings.signer);
  const unsigned = "the manifest is unsigned: it proves that the files are whole, not who made them";
  return {
    ok: true,
    value: {
      files: whole,
      signed: settings.signer !== null,
      notes: settings.signer === null ? [...notes, unsigned] : notes,
    },
  };
}

/** The document's own name where a bundle may hold it, else one that says what it is. */
function documentName(key: string): string {
  const base = path.basename(splitSkillDocument(key).file);
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,80}$/.test(base) && !/\.$|^MANIFEST\./i.test(base))
    return ownNames.has(base) ? `document-${base}` : base;
  const extension = /\.[A-Za-z0-9]{1,8}$/.exec(base)?.[0] ?? "";
  return `document${extension}`;
}

const ownNames: ReadonlySet<string> = new Set([
  "spec_validation.json",
  "runtime.json",
  "policy_audit.json",
  "environment.json",
  "snapshot.json",
  "run",
  "receipts",
  "documents",
]);

function dialectOf(text: string): "workflow" | "skill" | "pipeline" {
  return text === "skill" || text === "pipeline" ? text : "workflow";
}

function json(data: object): Uint8Array {
  return Buffer.from(`${JSON.stringify(data, null, 2)}\n`, "utf8");
}
