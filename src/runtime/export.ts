/**
 * Export of a run's receipts: a bundle, a DSSE envelope, or a report (spec/runtime.md §8). Offline.
 *
 * Invariants: what is exported has been verified just before, so a broken store is never exported; values leave only
 * for the nodes that were named, and only with the salts that their receipts commit to.
 */
import path from "node:path";
import { readCredentialText } from "../connect/approvals/store.ts";
import { nodeFiles, readWhole } from "../connect/journal/file.ts";
import { digestHex, documentsFolder } from "../connect/journal/layout.ts";
import { journalProblemSentence, systemCode } from "../connect/journal/problem.ts";
import { readFolder } from "../connect/journal/reader.ts";
import { readEnvelope } from "../connect/receipts/envelopes.ts";
import { runSalt } from "../connect/receipts/run-folder.ts";
import type { JournalEvent } from "../effects/events.ts";
import { toBase64Url } from "../graph/base64url.ts";
import { toBase64 } from "../graph/bytes.ts";
import { toText } from "../graph/value.ts";
import { receiptText } from "../receipts/digest.ts";
import { envelopeText, jwkOf, signStatement, statementText, type PublicJwk } from "../receipts/export/attestation.ts";
import { BUNDLE_SCHEMA, bundleText, type Attachment, type Disclosure } from "../receipts/export/bundle.ts";
import { FactsFold, type RunFacts } from "../receipts/export/facts.ts";
import { readExport, type ReadExport } from "../receipts/export/read.ts";
import { RunFold } from "../receipts/fold.ts";
import { forest, type Grove } from "../receipts/forest.ts";
import { receiptIdOf, type Receipt } from "../receipts/model.ts";
import type { ReceiptSigner } from "../receipts/sign.ts";
import { verifyTree, type SuppliedReceipt } from "../receipts/tree.ts";
import { saltsOf } from "../receipts/value-digest.ts";
import type { VerifyOptions } from "../receipts/verify-one.ts";
import { readDirectory } from "./receipts.ts";
import type { SealProblem } from "./seal.ts";

/** What is to be exported. */
export interface ExportRequest {
  /** The receipt directory. */
  readonly directory: string;
  /** A receipt of the run; null: the directory holds one run only. */
  readonly id: string | null;
  /** The run's folder, where it is at hand: without it nothing can be disclosed or attached. */
  folderOf(runId: string): Promise<string | null>;
  /** Nodes (or activations) whose values are disclosed; {@link WHOLE_RUN} for the run's own input and output. */
  readonly disclose: readonly string[];
  /** Attach the documents. */
  readonly documents: boolean;
  /** Keys that check the receipts; those found in the export are added by `keysWith`. */
  keysWith(found: ReadExport["keys"]): VerifyOptions;
  /** Signs where the run was sealed without an envelope. */
  signer(): Promise<
    { readonly ok: true; readonly value: ReceiptSigner } | { readonly ok: false; readonly problem: SealProblem }
  >;
}

/** The name under which the run's own input and output are disclosed. No node's id begins with `@`. */
export const WHOLE_RUN = "@run";

/** What was made. */
export interface Exported {
  /** The bundle's text. */
  readonly bundle: string;
  readonly read: ReadExport;
  readonly folder: string | null;
  /** Sentences for the person: what is not in it, or is weaker than it could be. */
  readonly notes: readonly string[];
}

type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: SealProblem };

/** Makes the bundle of a run. Codes: `export.…`, `receipts.…`, `keys.…`, `journal.…`. */
export async function exportRun(request: ExportRequest): Promise<Outcome<Exported>> {
  try {
    return await exported(request);
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    return refused("receipts.io", `the run could not be read (${code})`);
  }
}

async function exported(request: ExportRequest): Promise<Outcome<Exported>> {
  const found = groveAt(request.directory, request.id);
  if (!found.ok) return found;
  const { root, others } = found.value;
  const runId = runIdOf(root.receipt);
  const folder = runId === null ? null : await request.folderOf(runId);
  const notes: string[] = [];
  const attested = await envelopeOf(request, found.value, folder, runId, notes);
  if (!attested.ok) return attested;
  const { statement, envelope, keys } = attested.value;
  const store = verifyTree({ root, others }, request.keysWith(keys));
  if (!store.integrity) {
    const first = store.findings[0];
    const what = first === undefined ? "" : `: ${first.code} at ${first.path}: ${first.message}`;
    return refused("export.broken", `the receipts do not verify, so they are not exported${what}`);
  }
  const disclosing = await disclosures(request.disclose, folder, runId, statement.predicate.receipts);
  if (!disclosing.ok) return disclosing;
  const { run } = statement.predicate;
  const documents = request.documents ? await documentsOf(folder, run) : { ok: true as const, value: [] };
  if (!documents.ok) return documents;
  const bundle = bundleText({
    schema: BUNDLE_SCHEMA,
    statement,
    envelope,
    disclosed: disclosing.value,
    documents: documents.value,
    credentials: await credentialsOf(folder, run, request.disclose),
  });
  const read = readExport(Buffer.from(bundle, "utf8"), null);
  if (!read.ok) return refused("export.too_large", read.message);
  return { ok: true, value: { bundle, read: read.value, folder, notes } };
}

/** The tree that a receipt belongs to, or the only one. */
function groveAt(directory: string, id: string | null): Outcome<Grove> {
  const read = readDirectory(directory);
  if (!read.ok) return read;
  const groves = forest(read.value.receipts);
  const wanted = id === null ? groves : groves.filter((grove) => has(grove, id));
  const [only, another] = wanted;
  if (only === undefined) {
    return refused("receipts.missing", `there is no receipt${id === null ? "" : ` ${id}`} in ${directory}`);
  }
  if (another === undefined) return { ok: true, value: only };
  const ids = wanted.slice(0, 5).map(({ root }) => `\n  ${root.receipt.id}  ${root.receipt.seal.summary}`);
  const more = wanted.length > 5 ? `\n  … and ${wanted.length - 5} more` : "";
  return refused("export.which", `${directory} holds ${wanted.length} runs; name one of:${ids.join("")}${more}`);
}

function has({ root, others }: Grove, id: string): boolean {
  return root.receipt.id === id || others.some(({ receipt }) => receipt.id === id);
}

const JOURNAL = "countersign:journal:";

function journalOf(root: Receipt) {
  return root.seal.criteria
    .flatMap(({ evidence_refs: refs }) => refs)
    .find(({ uri, type }) => type === "artifact" && uri.startsWith(JOURNAL));
}

function runIdOf(root: Receipt): string | null {
  return journalOf(root)?.uri.slice(JOURNAL.length) ?? null;
}

/** The envelope of the seal where it is that of this very tree; else one that is signed now. */
async function envelopeOf(
  request: ExportRequest,
  grove: Grove,
  folder: string | null,
  runId: string | null,
  notes: string[],
): Promise<Outcome<ReadExport>> {
  const { receipt: root } = grove.root;
  const bytes = readEnvelope(request.directory, root.id);
  const kept = bytes === null ? null : readExport(bytes, null);
  if (kept?.ok === true && sameTree(kept.value, grove)) return kept;
  const why = bytes === null ? "was sealed without an attestation" : "has an attestation that is not of its receipts";
  const signer = await request.signer();
  if (!signer.ok) return signer;
  const run = folder === null || runId === null ? null : await factsOf(folder, runId, root);
  if (run === null) notes.push("the run's journal is not at hand, so steps, approvals and documents are not told");
  const ordered = inOrder(grove);
  const sealed = ordered.map((receipt) => ({ receipt, text: receiptText(receipt) }));
  const keys = keysOf(ordered, request.keysWith([]), jwkOf(signer.value.signer));
  const text = statementText({ sealed, keys, run, signed: "at_export" });
  if (text === null) {
    return refused("export.too_large", `the run has ${ordered.length} receipts, more than one envelope holds`);
  }
  const envelope = await signStatement(text, signer.value.signer);
  notes.push(`the run ${why}; it was signed now, with key ${signer.value.signer.kid}`);
  const made = readExport(Buffer.from(envelopeText(envelope), "utf8"), null);
  return made.ok ? made : refused("export.too_large", made.message);
}

function sameTree(read: ReadExport, { root, others }: Grove): boolean {
  const digests = new Set([root, ...others].map(({ receipt }) => `${receipt.id} ${receipt.digest}`));
  const own = [read.root, ...read.others].map(({ receipt }) => `${receipt.id} ${receipt.digest}`);
  return (
    read.root.receipt.id === root.receipt.id && own.length === digests.size && own.every((one) => digests.has(one))
  );
}

/** Children before their parents, in the order in which they are listed; what nobody lists comes first. */
function inOrder({ root, others }: Grove): readonly Receipt[] {
  const byId = new Map<string, SuppliedReceipt>([root, ...others].map((one) => [one.receipt.id, one]));
  const ordered: Receipt[] = [];
  const seen = new Set<string>([root.receipt.id]);
  const open: Receipt[] = [root.receipt];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    ordered.push(at);
    for (const { uri } of at.lineage?.children ?? []) {
      const child = byId.get(receiptIdOf(uri) ?? "");
      if (child === undefined || seen.has(child.receipt.id)) continue;
      seen.add(child.receipt.id);
      open.push(child.receipt);
    }
  }
  const strays = others.flatMap(({ receipt }) => (seen.has(receipt.id) ? [] : [receipt]));
  return [...strays, ...ordered.reverse()];
}

/** The public keys of the receipts that are known here, and the signer's. */
function keysOf(receipts: readonly Receipt[], { keys }: VerifyOptions, own: PublicJwk): readonly PublicJwk[] {
  const found = new Map<string, PublicJwk>([[own.x, own]]);
  for (const { issuer } of receipts) {
    const known = keys.lookup(issuer.kid, issuer.public_key_sha256);
    if (known.type !== "key") continue;
    const { x } = known.key.export({ format: "jwk" });
    if (typeof x === "string" && !found.has(x)) found.set(x, { crv: "Ed25519", kid: issuer.kid, kty: "OKP", x });
  }
  return [...found.values()];
}

/** The facts of a journal that is the very one which was sealed; null for any other. */
async function factsOf(folder: string, runId: string, root: Receipt): Promise<RunFacts | null> {
  const facts = new FactsFold();
  const read = await readFolder(nodeFiles, folder, runId, { onEvent: (event) => facts.add(event) });
  return read.ok && `sha256:${read.value.head}` === journalOf(root)?.locator ? facts.facts() : null;
}

/** Values of the named nodes, with their salts. A name that discloses nothing is refused. */
async function disclosures(
  names: readonly string[],
  folder: string | null,
  runId: string | null,
  receipts: readonly Receipt[],
): Promise<Outcome<readonly Disclosure[]>> {
  if (names.length === 0) return { ok: true, value: [] };
  if (folder === null || runId === null) {
    return refused("export.disclose", "values and salts are in the run's folder, which is not at hand");
  }
  const places = new Map<string, { readonly receipt: string; readonly commitment: number }>();
  for (const { id, subject } of receipts) {
    subject.commitments.forEach(({ value }, commitment) => places.set(value, { receipt: id, commitment }));
  }
  const found = new Map<string, Disclosure>();
  const useful = new Set<string>();
  const fold = new RunFold(saltsOf(await runSalt(folder)), ({ subject, salt, value, commitment }) => {
    const name = names.find((one) => isOf(subject, one));
    const place = places.get(commitment.value);
    if (name === undefined || place === undefined) return;
    useful.add(name);
    const disclosure = { ...place, scope: commitment.scope, salt: toBase64Url(salt), value: toText(value) };
    found.set(commitment.value, disclosure);
  });
  const onEvent = (event: JournalEvent): void => fold.add(event);
  const read = await readFolder(nodeFiles, folder, runId, { onEvent });
  if (!read.ok) return refused(read.problem.code, journalProblemSentence(read.problem));
  const missing = names.find((name) => !useful.has(name));
  if (missing === undefined) return { ok: true, value: [...found.values()] };
  const known = receipts.flatMap(({ subject }) => (subject.kind === "skill" ? [subject.ref.label ?? ""] : []));
  const hint = known.length === 0 ? "" : `; receipts commit to values of ${known.slice(0, 10).join(", ")}`;
  return refused(
    "export.disclose",
    `no receipt commits to a value of ${missing}${hint}; ${WHOLE_RUN} is the run itself`,
  );
}

/** Whether a committed value's subject (`frame/node#visit.attempt`, or `frame …`) is what a person named. */
function isOf(subject: string, name: string): boolean {
  if (name === WHOLE_RUN) return subject === "frame ";
  const node = subject.replace(/#\d+\.\d+$/, "");
  return node !== subject && (subject === name || node === name || node.endsWith(`/${name}`));
}

async function documentsOf(folder: string | null, run: RunFacts | null): Promise<Outcome<readonly Attachment[]>> {
  if (folder === null || run === null) {
    return refused("export.documents", "the documents are in the run's folder, which is not at hand");
  }
  const attachments = new Map<string, Attachment>();
  for (const { digest } of run.documents) {
    const bytes = await pinnedDocument(folder, digest);
    if (bytes !== null) attachments.set(digest, { digest, base64: toBase64(bytes) });
  }
  return { ok: true, value: [...attachments.values()] };
}

/** A pinned document's bytes; null when they are not there. Whoever uses them holds them against the digest. */
export async function pinnedDocument(folder: string, digest: string): Promise<Uint8Array | null> {
  const hex = digestHex(digest);
  if (hex === null) return null;
  try {
    return await readWhole(nodeFiles, path.join(documentsFolder(folder), hex));
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return null;
  }
}

/** Credentials in full name what they allow, e.g. a URL, so they come only for nodes that are disclosed. */
async function credentialsOf(
  folder: string | null,
  run: RunFacts | null,
  names: readonly string[],
): Promise<readonly Attachment[]> {
  const attachments = new Map<string, Attachment>();
  if (folder === null || run === null) return [];
  for (const { step, credentials } of run.approvals) {
    if (!names.some((name) => isOf(step, name))) continue;
    for (const { digest } of credentials) {
      const text = await readCredentialText(folder, digest);
      if (text !== null) attachments.set(digest, { digest, base64: toBase64(Buffer.from(text, "utf8")) });
    }
  }
  return [...attachments.values()];
}

function refused(code: string, message: string): { readonly ok: false; readonly problem: SealProblem } {
  return { ok: false, problem: { code, message } };
}
