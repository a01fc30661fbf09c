/**
 * What was read of a file -> what the page shows: the verdict in words, what is wrong first, the tree, the record of the
 * run, and one receipt at a time. Pure.
 */
import path from "node:path";
import type {
  AnyReceiptView,
  ReceiptDetail,
  ReceiptFinding,
  ReceiptNode,
  ReceiptRow,
  ReceiptSection,
  Standing,
} from "../../protocol/receipt.ts";
import type { RunFacts } from "../../receipts/export/facts.ts";
import type { ReadExport } from "../../receipts/export/read.ts";
import { receiptIdOf, type Receipt } from "../../receipts/model.ts";
import type { SuppliedReceipt } from "../../receipts/tree.ts";
import { detailOf, titleOf } from "./detail.ts";
import { marked, ownPath, type PlacedFinding } from "./marks.ts";
import type { FileRead, ReadFile } from "./read-file.ts";
import { code, plain, section, toneOf } from "./rows.ts";
import { shown } from "./shown.ts";
import { aboutTrust, keysShown, standingOf, standingTitles, verdictLines } from "./standing.ts";
import type { Trust } from "./trust.ts";

/** Receipts of the tree, and findings, that a page shows; the rest is counted. */
export const MAX_NODES = 2000;
export const MAX_FINDINGS = 200;
/** Levels of the tree that are shown as such. */
const MAX_DEPTH = 64;
/** Characters of a disclosed value. */
const MAX_VALUE = 2000;

/** Code of a field that is not as the attestation beside the receipts says it was signed. */
const CHANGED = "DiffersFromAttestation";

/** A finding at its receipt; without one it is of the file around them. */
interface Place extends PlacedFinding {
  readonly receipt: string | null;
  readonly file: string | null;
}

/** A file as a page shows it. */
export class ShownFile {
  readonly view: AnyReceiptView;
  /** null where no receipt could be read. */
  readonly standing: Standing | null;
  /** The first thing that is wrong, to be shown; null: nothing is. No receipt (`""`): it is in the file around them. */
  readonly first: { readonly receipt: string; readonly path: string } | null;
  private readonly read: FileRead;
  private readonly byId = new Map<string, SuppliedReceipt>();
  private readonly places = new Map<string, Place[]>();

  /** `trust` is needed for receipts only. */
  constructor(read: FileRead, trust: Trust | null) {
    this.read = read;
    if (read.type === "unreadable") {
      const { sentence, details } = read;
      const name = shown(path.basename(read.file), 120);
      this.view = { type: "unreadable", name, sentence: shown(sentence), details: details.map((one) => shown(one)) };
      this.standing = null;
      this.first = null;
      return;
    }
    if (trust === null) throw new TypeError("receipts are shown with what they were verified with");
    for (const one of [read.root, ...read.others])
      if (!this.byId.has(one.receipt.id)) this.byId.set(one.receipt.id, one);
    const all = placesOf(read);
    for (const one of all) {
      if (one.receipt === null) continue;
      const here = this.places.get(one.receipt);
      if (here === undefined) this.places.set(one.receipt, [one]);
      else here.push(one);
    }
    const standing = read.changed.length > 0 ? "broken" : standingOf(read.verified);
    this.standing = read.trustProblem === null || standing === "broken" ? standing : "unchecked";
    const [first] = all;
    this.first = first === undefined ? null : { receipt: first.receipt ?? "", path: first.path };
    this.view = this.whole(read, this.standing, all, trust);
  }

  /** The ids of receipts that can be shown. */
  has(id: string): boolean {
    return this.byId.has(id);
  }

  /** The file of a receipt of the tree, or of the one above it; null where it has none of its own. */
  fileOf(id: string): string | null {
    if (this.read.type === "unreadable" || this.read.form !== "receipt") return null;
    if (this.read.above?.id === id) return this.read.above.file;
    return this.byId.get(id)?.file ?? null;
  }

  /** One receipt in full; null when it is not of this file. */
  detail(id: string): ReceiptDetail | null {
    const one = this.byId.get(id);
    const { read } = this;
    if (one === undefined || read.type === "unreadable") return null;
    const { receipt, file } = one;
    const step = receipt.subject.ref.label ?? "";
    const own = read.facts?.approvals.filter((approval) => approval.step === step || namesIt(receipt, approval.id));
    const facts = { approvals: own ?? null, file: read.form === "receipt" && file !== null && file !== read.file };
    const detail = detailOf(receipt, facts);
    return { ...detail, sections: marked(detail.sections, this.places.get(id) ?? [], receipt) };
  }

  private whole(read: ReadFile, standing: Standing, all: readonly Place[], trust: Trust): AnyReceiptView {
    const { root, verified, above, exported } = read;
    const { nodes, more } = this.nodes(read);
    const about = (id: string | null): string => {
      const one = id === null ? undefined : this.byId.get(id);
      return one === undefined ? "the file" : shown(one.receipt.subject.ref.label ?? one.receipt.subject.ref.uri, 120);
    };
    const findings: readonly ReceiptFinding[] = all.slice(0, MAX_FINDINGS).map((one) => ({
      code: one.code,
      message: shown(one.message, 1000),
      receipt: one.receipt,
      about: about(one.receipt),
      path: shown(one.path, 200),
      file: one.file === null ? null : shown(path.basename(one.file), 120),
    }));
    const problem =
      read.trustProblem === null
        ? []
        : [`The keys that are trusted on this computer cannot be read: ${shown(read.trustProblem)}`];
    return {
      type: "receipts",
      name: shown(path.basename(read.file), 120),
      title: titleOf(root.receipt),
      form: read.form,
      standing,
      verdict: standingTitles[standing],
      lines: [...problem, ...verdictLines(verifiedWith(read), standing), ...read.notes],
      keys: [...keysShown(verified.fingerprints, this.namesOfKeys(exported), trust)],
      findings: [...findings],
      moreFindings: all.length - findings.length,
      sections: marked(
        fileSections(read),
        all.filter(({ receipt }) => receipt === null),
        exported?.bundle ?? { statement: exported?.statement, envelope: exported?.envelope },
      ),
      nodes,
      moreNodes: more,
      main: root.receipt.id,
      above: above === null ? null : { id: above.id, label: titleOf(above.receipt) },
      command: `countersign verify ${read.form === "receipt" ? `${root.receipt.id} --receipt-dir DIR` : "FILE"} --trust-root FINGERPRINT`,
    };
  }

  private namesOfKeys(exported: ReadExport | null): ReadonlyMap<string, ReadonlySet<string>> {
    const names = new Map<string, Set<string>>();
    for (const { receipt } of this.byId.values()) {
      const { kid, public_key_sha256: print } = receipt.issuer;
      names.set(print, (names.get(print) ?? new Set()).add(kid));
    }
    const [signature] = exported?.envelope.signatures ?? [];
    if (signature !== undefined && !names.has(signature.keyid))
      names.set(signature.keyid, new Set(["the attestation"]));
    return names;
  }

  /** The tree in walking order; what nobody lists stands at its end. */
  private nodes(read: ReadFile): { readonly nodes: ReceiptNode[]; readonly more: number } {
    const nodes: ReceiptNode[] = [];
    const seen = new Set<string>();
    const below: number[] = [];
    const walk = (receipt: Receipt, depth: number): number => {
      seen.add(receipt.id);
      const wrong = this.wrongAt(receipt.id);
      const at = nodes.length;
      if (at < MAX_NODES) nodes.push(nodeOf(receipt, depth, wrong));
      let sum = 0;
      for (const { uri } of receipt.lineage?.children ?? []) {
        const child = this.byId.get(receiptIdOf(uri) ?? "")?.receipt;
        if (child === undefined || seen.has(child.id) || depth >= MAX_DEPTH) continue;
        sum += walk(child, depth + 1);
      }
      below[at] = sum;
      return sum + wrong;
    };
    walk(read.root.receipt, 0);
    for (const { receipt } of read.others) if (!seen.has(receipt.id)) walk(receipt, 1);
    const shownNodes = nodes.map((node, at) => ({ ...node, wrongBelow: below[at] ?? 0 }));
    return { nodes: shownNodes, more: seen.size - nodes.length };
  }

  /** Findings at one receipt; that its key is not trusted is said once, at the top. */
  private wrongAt(id: string): number {
    return (this.places.get(id) ?? []).filter(({ code: one }) => !trustCodes.has(one)).length;
  }
}

const trustCodes: ReadonlySet<string> = aboutTrust;

function nodeOf(receipt: Receipt, depth: number, wrong: number): ReceiptNode {
  const { subject, seal, created_at: created } = receipt;
  return {
    id: receipt.id,
    depth,
    label: shown(subject.ref.label ?? subject.ref.uri, 160),
    kind: subject.kind === "skill" ? "step" : subject.kind === "graph" ? "graph" : shown(subject.kind, 40),
    disposition: seal.disposition.replace("_", " "),
    tone: toneOf(seal.disposition),
    when: seal.closed_at === "" ? created : seal.closed_at,
    wrong,
    wrongBelow: 0,
  };
}

function namesIt({ authority }: Receipt, approval: string): boolean {
  return authority.grant_refs.some(({ uri }) => uri === `countersign:approval:${approval}`);
}

/** All findings, the most exact first, those about trust last. */
function placesOf(read: ReadFile): readonly Place[] {
  const changed: Place[] = read.changed.map((one) => ({
    ...{ code: CHANGED, path: one.path, message: one.message, receipt: one.receipt },
    file: null,
  }));
  const found: Place[] = read.verified.findings.map((one) => {
    const inFile = one.path.startsWith("statement.predicate.receipts[");
    const outside = /^(envelope|statement|disclosed|documents|credentials)\b/.test(one.path) && !inFile;
    const exact = inFile ? one.path.replace(/^statement\.predicate\.receipts\[\d+\]\.?/, "") : ownPath(one);
    return {
      code: one.code,
      path: outside ? one.path : exact === "" ? "$" : exact,
      message: one.message,
      receipt: outside ? null : (one.receiptId ?? null),
      file: one.file ?? null,
    };
  });
  // A digest that does not agree says that something was changed; where, these say.
  const order = (one: Place): number =>
    one.code === CHANGED || one.code === "BundleContentMismatch" ? 0 : trustCodes.has(one.code) ? 2 : 1;
  return [...changed, ...found].sort((a, b) => order(a) - order(b));
}

function verifiedWith({ verified, changed }: ReadFile): ReadFile["verified"] {
  if (changed.length === 0) return verified;
  const extra = changed.map(({ receipt, path: at, message }) => ({
    code: "BundleContentMismatch" as const,
    ...{ path: at, message, receiptId: receipt },
  }));
  return { ...verified, findings: [...extra, ...verified.findings] };
}

/** What stands around the receipts: the run's record, and what a bundle discloses and attaches. */
function fileSections({ facts, exported }: ReadFile): readonly ReceiptSection[] {
  const sections: ReceiptSection[] = [];
  if (facts !== null) sections.push(section("run", "Run", runRows(facts), ""), documentRows(facts));
  const bundle = exported?.bundle ?? null;
  if (bundle !== null && bundle.disclosed.length > 0) {
    const rows = bundle.disclosed.map(({ scope, value }, at) => ({
      ...code(`disclosed[${at}]`, `${scope} of ${labelOf(exported, bundle.disclosed[at]?.receipt ?? "")}`, ""),
      text: shown(value, MAX_VALUE),
    }));
    sections.push(section("disclosed", "Values that were disclosed", rows, ""));
  }
  if (bundle !== null && bundle.credentials.length > 0) {
    const rows = bundle.credentials.map(({ digest }, at) => code(`credentials[${at}]`, "Credential", digest));
    sections.push(section("credentials", "Credentials that are attached", rows, ""));
  }
  if (exported !== null) {
    const [signature] = exported.envelope.signatures;
    const { signed } = exported.statement.predicate;
    const when = signed === "at_seal" ? "when the run was sealed" : "when it was exported, later than its receipts";
    const rows = [
      plain("envelope", "Signed", when),
      code("envelope.signatures[0].keyid", "Key", signature?.keyid ?? ""),
      code("envelope.signatures[0].sig", "Signature", signature?.sig ?? ""),
    ];
    sections.push(section("envelope", "Attestation", rows, ""));
  }
  return sections;
}

function labelOf(exported: ReadExport | null, id: string): string {
  const receipts = exported?.statement.predicate.receipts ?? [];
  return shown(receipts.find((one) => one.id === id)?.subject.ref.label ?? id, 120);
}

/** Where a statement keeps what it says of the run. */
const RUN = "statement.predicate.run";

function runRows(run: RunFacts): readonly ReceiptRow[] {
  const key = run.requester_kid === null ? "unsigned" : `signed with key ${run.requester_kid}`;
  const dry = run.dry_run === "no" ? "live" : `dry run (${run.dry_run})`;
  return [
    code(`${RUN}.run_id`, "Run", run.run_id),
    plain(`${RUN}.document`, "Document", run.document),
    plain(`${RUN}.principal`, "Started by", `${run.principal || "nobody named"}, ${key}`),
    plain(`${RUN}.trigger`, "Trigger", run.trigger),
    plain(`${RUN}.environment`, "Environment", run.environment),
    plain(`${RUN}.dry_run`, "Mode", run.replay ? `${dry}, replay` : dry),
    plain(`${RUN}.started_at`, "Started", run.started_at),
    plain(`${RUN}.ended_at`, "Ended", run.ended_at),
    code(`${RUN}.graph_digest`, "Graph digest", run.graph_digest),
    code(`${RUN}.policy_digest`, "Policy digest", run.policy_digest),
  ];
}

function documentRows(run: RunFacts): ReceiptSection {
  const rows = run.documents.map(({ name, role, digest }, at) =>
    code(`${RUN}.documents[${at}]`, shown(`${name} (${role})`, 200), digest),
  );
  return section("documents", "Documents", rows, "It names no document.");
}
