/**
 * What a report says, before it is spelled as Markdown or HTML: texts in tables, all from signed receipts and facts.
 * Pure. Nothing is escaped here; whoever spells it escapes.
 */
import type { Receipt, ReceiptDecision, Reference } from "../model.ts";
import type { TreeVerdict } from "../verdict.ts";
import type { RunStatement } from "./attestation.ts";
import type { Disclosure } from "./bundle.ts";
import type { ApprovalFact, RunFacts } from "./facts.ts";

/** Rows of one table that a report shows; the bundle holds all of them. */
export const MAX_ROWS = 500;

/** How a cell is meant. */
export type Tone = "plain" | "code" | "good" | "bad" | "wait";

/** One cell of a table. */
export interface Cell {
  readonly text: string;
  readonly tone: Tone;
}

/** A table with what is missing in it; no rows: `empty` says why. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly empty: string;
  /** Rows that were left out. */
  readonly more: number;
}

/** A whole report. */
export interface Report {
  readonly title: string;
  /** One sentence: what was run, by whom, where, and how it came out. */
  readonly lead: string;
  readonly verdict: { readonly good: boolean; readonly words: string; readonly lines: readonly string[] };
  readonly facts: readonly (readonly [string, Cell])[];
  readonly tables: readonly Table[];
  readonly disclosed: readonly { readonly label: string; readonly value: string }[];
  readonly limits: readonly string[];
  /** What a reader runs to check. */
  readonly command: string;
}

/** What a report is made of. */
export interface ReportParts {
  readonly statement: RunStatement;
  readonly verdict: TreeVerdict;
  /** Fingerprint of the key that signed the envelope. */
  readonly signer: string;
  readonly disclosed: readonly Disclosure[];
}

const plain = (text: string): Cell => ({ text, tone: "plain" });
const code = (text: string): Cell => ({ text, tone: "code" });

/** Puts a report together. */
export function reportOf({ statement, verdict, signer, disclosed }: ReportParts): Report {
  const { predicate } = statement;
  const { run, receipts, root } = predicate;
  const seal = receipts.at(-1)?.seal;
  const name = run === null ? (receipts.at(-1)?.subject.ref.label ?? "run") : run.workflow || run.document;
  const disposition = seal?.disposition ?? "unknown";
  return {
    title: `Run of ${name}`,
    lead: leadOf(run, disposition, seal?.summary ?? ""),
    verdict: verdictWords(verdict, predicate.signed, disposition),
    facts: factRows(run, root.id, root.digest, signer, disposition, seal?.reason_code ?? ""),
    tables: [
      ...declaredActs(receipts),
      table(
        "Decisions",
        ["Step", "About", "Decision", "Code", "When", "On the word of"],
        receipts.flatMap(({ subject, decisions }) =>
          decisions
            .filter(({ closure }) => closure === null)
            .map((one) => decisionRow(subject.ref.label ?? subject.ref.uri, one)),
        ),
        "No effect was decided about.",
      ),
      table(
        "Approvals",
        ["Step", "Asked", "Answer", "By", "Key", "When", "Reason"],
        (run?.approvals ?? []).map(approvalRow),
        run === null ? "The run's record was not at hand." : "Nobody was asked.",
        run?.approvals_omitted,
      ),
      table(
        "Effects",
        ["Step", "Effect", "Ended", "When", "Digest"],
        receipts.flatMap((receipt) =>
          receipt.acts.flatMap((act) =>
            act.criterion_bindings.flatMap(({ evidence_refs: refs }) =>
              refs.map((ref) => effectRow(receipt.subject.ref.label ?? "", ref)),
            ),
          ),
        ),
        "No effect left the process.",
      ),
      table(
        "Steps",
        ["Step", "Outcome", "Started", "Took"],
        (run?.steps ?? []).map(({ step, outcome, started_at, ended_at }) => [
          code(step),
          {
            text: outcome.replace("_", " "),
            tone: outcome === "failed" ? "bad" : outcome === "open" ? "wait" : "good",
          },
          plain(started_at),
          plain(ended_at === null ? "did not end" : duration(Date.parse(ended_at) - Date.parse(started_at))),
        ]),
        run === null ? "The run's record was not at hand." : "No step was entered.",
        run?.steps_omitted,
      ),
      table(
        "Documents",
        ["Document", "Role", "Digest"],
        (run?.documents ?? []).map(({ name: document, role, digest }) => [plain(document), plain(role), code(digest)]),
        "The run's record was not at hand.",
      ),
      table(
        "Receipts",
        ["Of", "Disposition", "Commits to", "Id"],
        [...receipts]
          .reverse()
          .map(({ subject, seal: sealed, id }) => [
            code(subject.ref.label ?? subject.ref.uri),
            { text: sealed.disposition, tone: sealed.disposition === "closed" ? "good" : "bad" },
            plain(subject.commitments.map(({ scope }) => scope).join(", ") || "nothing"),
            code(id),
          ]),
        "There are none.",
      ),
    ],
    disclosed: disclosed.map((one) => {
      const about = receipts.find(({ id }) => id === one.receipt)?.subject.ref.label ?? one.receipt;
      return { label: `${one.scope} of ${about}`, value: one.value };
    }),
    limits: [
      "That the runner was honest: receipts hold what it recorded, signed with its key.",
      "That nothing else happened: what ran outside of this program left no receipt.",
      "That the times are right: they are those of the runner's clock.",
      "What the values were: receipts hold salted digests of inputs and outputs, which whoever keeps the salts can disclose.",
    ],
    command: "countersign verify BUNDLE --trust-root FINGERPRINT",
  };
}

function leadOf(run: RunFacts | null, disposition: string, summary: string): string {
  if (run === null) return `${summary}.`;
  const rehearsal = run.dry_run === "no" ? "" : "This was a dry run: nothing was touched. ";
  const took = duration(Date.parse(run.ended_at) - Date.parse(run.started_at));
  const how = run.outcome === "completed" ? "It completed" : `It ${disposition.replace("_", " ")}`;
  const ended =
    run.outcome === "killed"
      ? "It was cut and is not going on"
      : run.outcome === "failed"
        ? "It did not complete"
        : how;
  return `${rehearsal}${run.principal || "Somebody"} ran ${run.document} in ${run.environment} on ${run.started_at}. ${ended}; it took ${took}.`;
}

function verdictWords(verdict: TreeVerdict, signed: "at_seal" | "at_export", disposition: string): Report["verdict"] {
  const lines = [
    verdict.integrity.valid
      ? "Integrity: every digest, link and signature agrees."
      : "Integrity: NOT valid. Something was changed after it was signed.",
    {
      trusted: "Authenticity: every signature is of a key that was pinned where this report was made.",
      untrusted_root:
        "Authenticity: not settled here. Compare the fingerprint below with the one that the signer gives you on another way, and pin it.",
      revoked: "Authenticity: NOT valid. A key that signed has been revoked.",
      not_in_force: "Authenticity: NOT valid. A key signed outside of the time in which it was in force.",
      not_evaluated: "Authenticity: not evaluated, since the signatures do not hold.",
    }[verdict.authenticity.status],
    signed === "at_seal"
      ? "The attestation was signed when the run was sealed."
      : "The attestation was signed when this was exported, later than the receipts.",
    ...verdict.findings
      .filter(({ code: id }) => id !== "UntrustedRoot")
      .slice(0, 10)
      .map(({ code: id, path, message }) => `${id} at ${path}: ${message}`),
  ];
  const whole = verdict.integrity.valid && verdict.authenticity.valid;
  const words = whole
    ? "Verified: whole, and signed by a pinned key."
    : verdict.integrity.valid
      ? "Whole, but the signer is not pinned."
      : "NOT verified.";
  const bad = verdict.authenticity.status === "revoked" || verdict.authenticity.status === "not_in_force";
  const ended = disposition === "closed" ? [] : [`The run itself ended ${disposition.replace("_", " ")}.`];
  return { good: verdict.integrity.valid && !bad, words, lines: [...lines, ...ended] };
}

function factRows(
  run: RunFacts | null,
  id: string,
  digest: string,
  signer: string,
  disposition: string,
  reason: string,
): readonly (readonly [string, Cell])[] {
  const result: Cell = { text: `${disposition} (${reason})`, tone: disposition === "closed" ? "good" : "bad" };
  const own: (readonly [string, Cell])[] =
    run === null
      ? []
      : [
          ["Run", code(run.run_id)],
          ["Document", plain(run.document)],
          ["Dialect", plain(run.dialect)],
          ["Started by", plain(`${run.principal || "nobody named"}${startKey(run)}`)],
          ["Trigger", plain(run.trigger)],
          ["Environment", plain(run.environment)],
          ["Side effects", plain(run.side_effects ?? "as the environment says")],
          ["Mode", plain(modeOf(run))],
          ["Started", plain(run.started_at)],
          ["Ended", plain(run.ended_at)],
          ["Graph digest", code(run.graph_digest)],
          ["Policy digest", code(run.policy_digest)],
        ];
  return [
    ...own,
    ["Result", result],
    ["Receipt", code(id)],
    ["Receipt digest", code(digest)],
    ["Signing key", code(signer)],
  ];
}

function startKey(run: RunFacts): string {
  return run.requester_kid === null ? ", unsigned" : `, signed with key ${run.requester_kid}`;
}

function modeOf(run: RunFacts): string {
  const live = run.dry_run === "no" ? "live" : `dry run (${run.dry_run})`;
  return run.replay ? `${live}, replay` : live;
}

const words: Readonly<Record<string, readonly [string, Tone]>> = {
  continue: ["allowed", "good"],
  defer: ["approval required", "wait"],
  decline: ["denied", "bad"],
  monitor: ["dry run only", "wait"],
};

/** Acts that skills declare (spec/skill-graph.md §6.6); no table where there are none. */
function declaredActs(receipts: readonly Receipt[]): readonly Table[] {
  const rows = receipts.flatMap(({ subject, acts, authority, decisions }) =>
    subject.kind === "graph"
      ? acts.map((act) => {
          const decided = decisions.find((one) => one.selected_act_id === act.id && one.closure !== null);
          const uris = (refs: readonly Reference[]): string => refs.map(({ uri }) => uri).join(", ");
          return [
            code(subject.ref.label ?? subject.ref.uri),
            plain(`${act.form}: ${act.intent.purpose}`),
            plain(decided?.choice ?? "nothing"),
            code(uris(act.target_refs)),
            code(uris(act.artifact_refs)),
            plain(authority.actor_ref.uri),
            plain(uris(authority.scope_refs)),
            plain(act.summary),
          ];
        })
      : [],
  );
  if (rows.length === 0) return [];
  return [table("Acts", ["Of", "Act", "Decided", "On", "Led to", "By", "By right of", "Because"], rows, "")];
}

function decisionRow(step: string, decision: ReceiptDecision): readonly Cell[] {
  const [text, tone] = words[decision.choice] ?? [decision.choice, "plain"];
  const about = decision.inputs.target_ref?.uri.replace("countersign:effect:", "") ?? "question";
  const evidence = decision.justification.evidence_refs.map(({ label, uri }) => label ?? uri);
  return [
    code(step),
    plain(about),
    { text, tone },
    code(decision.justification.summary),
    plain(decision.inputs.target_ref?.observed_at ?? ""),
    plain(evidence.join("; ") || "policy"),
  ];
}

function approvalRow(one: ApprovalFact): readonly Cell[] {
  const answer: Cell =
    one.approved === null
      ? { text: "none", tone: "wait" }
      : one.approved
        ? { text: "approved", tone: "good" }
        : { text: "denied", tone: "bad" };
  const keys = one.credentials.map(({ kid }) => kid);
  return [
    code(one.step),
    plain(one.rule === null ? one.subject : `${one.subject} (${one.rule})`),
    answer,
    plain(one.by ?? ""),
    plain(keys.join(", ") || (one.approved === null ? "" : "unsigned")),
    plain(one.answered_at ?? `asked ${one.asked_at}`),
    plain(one.reason ?? ""),
  ];
}

function effectRow(step: string, { uri, label, observed_at: at, locator }: Reference): readonly Cell[] {
  const ended = label ?? "";
  const tone: Tone = ended === "ok" ? "good" : ended === "failed" ? "bad" : "wait";
  return [
    code(step),
    plain(uri.replace("countersign:effect:", "")),
    { text: ended, tone },
    plain(at ?? ""),
    code(locator ?? ""),
  ];
}

function table(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  empty: string,
  omitted = 0,
): Table {
  const shown = rows.slice(0, MAX_ROWS);
  return { title, columns, rows: shown, empty, more: rows.length - shown.length + omitted };
}

/** `12 ms`, `3.4 s`, `2 min 5 s`, `3 h 12 min`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return "an unknown time";
  if (ms < 1000) return `${ms} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
