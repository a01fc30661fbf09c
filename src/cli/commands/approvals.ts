/**
 * `countersign approvals`: what waits for a person, all of it, and signed answers (spec/runtime.md §7).
 *
 * Invariants: nothing signs alone. What is signed is shown first; then a person at a terminal agrees, in prod by typing
 * the target's name, or a passphrase opens the key. A key without a passphrase signs nothing without a terminal, and no
 * flag changes that. Exit code 0; 2 when nothing was signed.
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { parseExpiry } from "../../config/approvals.ts";
import { parseJson } from "../../graph/json.ts";
import { toPlain } from "../../graph/value.ts";
import {
  approvalsOf,
  changeOf,
  DEFAULT_LIFE_MS,
  depositCredential,
  openApprovals,
  payloadFor,
  signPayload,
  type OpenApproval,
  futility,
} from "../../runtime/approvals/pending.ts";
import { fitsSchema } from "../../runtime/approvals/resuming.ts";
import { ownKeys, keyPlacesOf } from "../../runtime/own-keys.ts";
import { ownSigner } from "../../runtime/keys.ts";
import { stateDirOf } from "../operator.ts";
import { textOption } from "../options.ts";
import { shellWord } from "../report.ts";
import { passphrasePrompt } from "../passphrase.ts";
import { approvalJson, approvalTable, approvalText } from "../render/approvals.ts";
import { clean, cleanLines, productStyle, productWidth } from "../render/text.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage.ts";

/** Options as commander gives them. */
export type ApprovalOptions = Readonly<Record<string, unknown>>;

/** Lists every open request of a state directory. */
export async function approvalsListCommand(terminal: Terminal, options: ApprovalOptions): Promise<number> {
  const stateDir = await stateDirOf(terminal, textOption("--state-dir", options["stateDir"]));
  const opened = await openApprovals(stateDir);
  if (!opened.ok) throw new UsageError(opened.code, opened.message);
  const { approvals } = opened;
  if (options["json"] === true) {
    terminal.out(
      `${JSON.stringify(
        approvals.map((one) => approvalJson(one, undefined)),
        null,
        2,
      )}\n`,
    );
  } else if (approvals.length === 0) terminal.err(`nothing in ${clean(stateDir)} waits for an approval\n`);
  else terminal.out(`${approvalTable(approvals, lookOf(terminal, options)).join("\n")}\n`);
  return 0;
}

/** Shows everything about one request, or about all of a run. */
export async function approvalsShowCommand(
  terminal: Terminal,
  runId: string,
  request: string | undefined,
  options: ApprovalOptions,
): Promise<number> {
  const stateDir = await stateDirOf(terminal, textOption("--state-dir", options["stateDir"]));
  const chosen = await requestsOf(stateDir, runId, request);
  const changes = await Promise.all(chosen.map(({ pending }) => changeOf(pending)));
  if (options["json"] === true) {
    const json = chosen.map((one, i) => approvalJson(one, changes[i] ?? null));
    terminal.out(`${JSON.stringify(request === undefined ? json : json[0], null, 2)}\n`);
    return 0;
  }
  const look = lookOf(terminal, options);
  const texts = chosen.map((one, i) => approvalText(one, changes[i] ?? null, look).join("\n"));
  terminal.out(`${texts.join("\n\n")}\n`);
  return 0;
}

/** Signs an answer to one request: into the run's folder, or into a file that is carried to it. */
export async function approvalsAnswerCommand(
  terminal: Terminal,
  decision: "approve" | "deny",
  runId: string,
  request: string | undefined,
  options: ApprovalOptions,
): Promise<number> {
  const stateDirGiven = textOption("--state-dir", options["stateDir"]);
  const flag = stateDirGiven === undefined ? "" : ` --state-dir ${shellWord(stateDirGiven)}`;
  const stateDir = await stateDirOf(terminal, stateDirGiven);
  const chosen = await requestsOf(stateDir, runId, request);
  const [open] = chosen;
  if (open === undefined || chosen.length > 1) {
    const ids = chosen.map(({ pending }) => `\`${pending.id}\``).join(", ");
    throw new UsageError("approval.which", `run "${runId}" asks ${chosen.length} things; name one: ${ids}`);
  }
  const { pending } = open;
  const passphrases = textOption("--passphrase-file", options["passphraseFile"]) ?? null;
  const places = must(keyPlacesOf(terminal.env));
  const wanted = { kid: textOption("--key", options["key"]) ?? null, purpose: "approval", principal: null } as const;
  const signer = must(await ownSigner(places, wanted, passphrasePrompt(terminal, passphrases)));
  const verdict = {
    decision,
    reason: textOption("--reason", options["reason"]) ?? null,
    answer: decision === "deny" ? undefined : typedAnswer(options["answer"], open),
    now: nowOf(options),
    lifeMs: lifeOf(options["expires"]),
  };
  const made = payloadFor(pending, signer, verdict);
  if ("problem" in made) throw new UsageError("approval.request", made.problem);
  const change = await changeOf(pending);
  terminal.err(`${approvalText(open, change, lookOf(terminal, options)).join("\n")}\n\n`);
  terminal.err(`You sign, as ${clean(signer.principal)} with the key ${clean(signer.kid)}:\n`);
  terminal.err(`${cleanLines(JSON.stringify(made.payload, null, 2))}\n`);
  const { keys } = await ownKeys(places);
  const locked = keys.find(({ kid }) => kid === signer.kid)?.locked === true;
  await agree(terminal, open, decision, { locked, byFile: passphrases !== null });
  const signed = await signPayload(made.payload, signer);
  if ("problem" in signed) throw new UsageError("approval.unsigned", `${signed.problem}; nothing was signed`);
  const out = textOption("--out", options["out"]);
  if (out !== undefined) {
    await writeCredential(path.resolve(terminal.cwd, out), signed.credential.text, out);
    terminal.err(
      `signed into ${clean(out)}; bring it with   countersign resume ${runId} --approval ${clean(out)}${flag}\n`,
    );
  } else {
    const kept = await depositCredential(stateDir, runId, signed.credential);
    if ("problem" in kept) throw new UsageError("approval.file", kept.problem);
    terminal.err(`signed; the run goes on with   countersign resume ${runId}${flag}\n`);
  }
  const futile = decision === "approve" ? futility(pending, signer.principal) : null;
  if (futile !== null) terminal.err(`but this approval will not count: ${futile}\n`);
  const { approval_id: approvalId, issued_by: principal, expires_at: expiresAt } = signed.credential.payload;
  const { digest } = signed.credential;
  terminal.out(
    `${JSON.stringify({ run: runId, id: pending.id, decision, approval_id: approvalId, digest, principal, expires_at: expiresAt }, null, 2)}\n`,
  );
  return 0;
}

/** The person's own yes. A file with the passphrase stands for one only where it opens a key. */
async function agree(
  terminal: Terminal,
  { pending }: OpenApproval,
  decision: "approve" | "deny",
  key: { readonly locked: boolean; readonly byFile: boolean },
): Promise<void> {
  const person = terminal.interactive.input && terminal.interactive.output;
  if (!person) {
    if (key.locked && key.byFile) return;
    const why = key.locked ? "its passphrase in a file of mode 0600 (--passphrase-file)" : "a key with a passphrase";
    throw new UsageError(
      "approval.nobody",
      `nothing signs alone: without a terminal an answer needs ${why}; nothing was signed`,
    );
  }
  if (decision === "approve" && pending.environment === "prod") {
    const name = pending.place;
    const typed = (await terminal.ask(`This is prod. Type ${clean(name)} to approve: `))?.trim() ?? "";
    if (typed === name) return;
  } else {
    const typed =
      (await terminal.ask(`${decision === "approve" ? "Approve" : "Deny"}? [y/N] `))?.trim().toLowerCase() ?? "";
    if (typed === "y" || typed === "yes") return;
  }
  throw new UsageError("approval.not_confirmed", "it was not confirmed; nothing was signed");
}

async function requestsOf(
  stateDir: string,
  runId: string,
  request: string | undefined,
): Promise<readonly OpenApproval[]> {
  const opened = await approvalsOf(stateDir, runId);
  if (!opened.ok) throw new UsageError(opened.code, opened.message);
  if (opened.approvals.length === 0)
    throw new UsageError("approval.none", `run "${runId}" does not wait for an answer`);
  if (request === undefined) return opened.approvals;
  const found = opened.approvals.filter(({ pending }) => pending.id === request);
  if (found.length > 0) return found;
  const ids = opened.approvals.map(({ pending }) => `\`${pending.id}\``).join(", ");
  throw new UsageError("approval.unknown", `run "${runId}" does not ask \`${clean(request)}\`; it asks ${ids}`);
}

function typedAnswer(given: unknown, { pending }: OpenApproval): unknown {
  const text = textOption("--answer", given);
  const schema = pending.terms?.answerSchema ?? null;
  if (text === undefined) {
    if (schema === null) return undefined;
    throw new UsageError("approval.answer", `the answer must fit ${clean(schema)}; give it with --answer JSON`);
  }
  const parsed = parseJson(text);
  if (!parsed.ok) throw new UsageError("approval.answer", "--answer is not JSON");
  const unfit = schema === null ? null : fitsSchema(schema, parsed.value);
  if (unfit !== null) throw new UsageError("approval.answer", `--answer does not fit what is asked: ${unfit}`);
  return toPlain(parsed.value);
}

function lifeOf(given: unknown): number {
  const text = textOption("--expires", given);
  if (text === undefined) return DEFAULT_LIFE_MS;
  const life = parseExpiry(text);
  if (life !== null) return life;
  throw new UsageError("option", "--expires takes a time such as 30m, 24h or 7d");
}

async function writeCredential(file: string, text: string, named: string): Promise<void> {
  try {
    await writeFile(file, text, { mode: 0o600, flag: "wx" });
  } catch (problem) {
    const code = (problem as NodeJS.ErrnoException).code ?? String(problem);
    const why = code === "EEXIST" ? "it is there already" : `it cannot be written (${code})`;
    throw new UsageError("output.file", `--out ${named}: ${why}; the credential is gone`);
  }
}

function must<T>(
  outcome:
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly problem: { code: string; message: string } },
): T {
  if (outcome.ok) return outcome.value;
  throw new UsageError(outcome.problem.code, outcome.problem.message);
}

function nowOf(options: ApprovalOptions): number {
  return typeof options["now"] === "number" ? options["now"] : Date.now();
}

function lookOf(terminal: Terminal, options: ApprovalOptions) {
  return { style: productStyle(terminal), width: productWidth(terminal), now: nowOf(options) };
}
