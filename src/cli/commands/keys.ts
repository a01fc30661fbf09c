/**
 * `countersign keys`: make, list, trust, revoke and export keys (docs/keys.md). Exit code 0; 2 when nothing was done.
 *
 * Invariants: no private key and no passphrase is ever written; nothing is trusted or revoked before a person at a
 * terminal has seen the fingerprint and agreed, or `--yes` repeats all of it.
 */
import path from "node:path";
import { writeFile } from "node:fs/promises";
import { isPrincipal, principalRule } from "../../config/file.ts";
import { keyPurposes, type KeyPurpose } from "../../effects/signing.ts";
import { environments } from "../../graph/posture.ts";
import { auditKey } from "../../runtime/audit.ts";
import type { KeyOutcome, KeyPlaces } from "../../runtime/keys.ts";
import { readOperator } from "../../runtime/operator.ts";
import {
  endKey,
  exportedSet,
  findKey,
  keyPlacesOf,
  makeOwnKey,
  ownKeys,
  proposedKeys,
  trustKeys,
  trustStore,
  viewOf,
  type TrustView,
} from "../../runtime/own-keys.ts";
import { operatorAt } from "../operator.ts";
import { oneOf, textOption } from "../options.ts";
import { canAskSecret, newPassphrase, passphraseFrom } from "../passphrase.ts";
import { keyListing, ownJson, trustJson, trustLines } from "../render/keys.ts";
import { clean, productStyle } from "../render/text.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage.ts";

/** Options as commander gives them. */
export type KeyOptions = Readonly<Record<string, unknown>>;

/** Makes a key of one's own. */
export async function keysInitCommand(terminal: Terminal, options: KeyOptions): Promise<number> {
  const places = placesOf(terminal);
  const given = textOption("--principal", options["principal"]);
  const { principal } = await operatorAt(terminal, terminal.cwd, given === undefined ? {} : { principal: given });
  const passphrase = await wantedPassphrase(terminal, options);
  const made = must(
    await makeOwnKey(places, {
      kid: textOption("--name", options["name"]) ?? null,
      principal,
      purposes: purposesOf(options["purpose"]) ?? ["approval"],
      passphrase,
      at: Date.now(),
    }),
  );
  await record(terminal, "made", { key: made.asTrusted, fingerprint: made.fingerprint });
  if (options["json"] === true) {
    terminal.out(`${JSON.stringify(ownJson(made, "not trusted"), null, 2)}\n`);
    return 0;
  }
  const lock = made.locked ? "passphrase" : "no passphrase";
  terminal.out(
    [
      `Made the key ${made.kid}`,
      `  fingerprint  ${made.fingerprint}`,
      `  principal    ${clean(made.principal)}`,
      `  purposes     ${made.purposes.join(", ")}`,
      `  file         ${clean(made.file)} (${lock})`,
      "",
    ].join("\n"),
  );
  terminal.err(
    `Nobody trusts it yet. Here: countersign keys trust ${made.kid}   Elsewhere: countersign keys export ${made.kid}\n`,
  );
  return 0;
}

/** Lists own and trusted keys. */
export async function keysListCommand(terminal: Terminal, options: KeyOptions): Promise<number> {
  const places = placesOf(terminal);
  const { keys, problems } = await ownKeys(places);
  const trusted = viewOf(must(await trustStore(places)));
  const marked = keys.map((key) => ({
    key,
    trust: trusted.find((one) => one.fingerprint === key.fingerprint)?.key.status ?? ("not trusted" as const),
  }));
  if (options["json"] === true) {
    const json = {
      own_folder: places.own,
      own: marked.map(({ key, trust }) => ownJson(key, trust)),
      problems: problems.map(({ code, message, file }) => ({ code, message, file: file ?? null })),
      trust_store: places.trust,
      trusted: trusted.map(trustJson),
    };
    terminal.out(`${JSON.stringify(json, null, 2)}\n`);
  } else terminal.out(keyListing(places, marked, trusted, productStyle(terminal)));
  for (const problem of problems) terminal.err(`countersign: ${clean(problem.message)} [${problem.code}]\n`);
  return 0;
}

/** Puts keys into the trust store, after asking. */
export async function keysTrustCommand(terminal: Terminal, source: string, options: KeyOptions): Promise<number> {
  const places = placesOf(terminal);
  const principals = listOption("--principal", options["principal"]);
  const wrong = principals?.find((one) => !isPrincipal(one));
  if (wrong !== undefined) throw new UsageError("option", principalRule("--principal"));
  const proposed = must(
    await proposedKeys(places, source, terminal.cwd, {
      kid: textOption("--key", options["key"]) ?? null,
      principals,
      purposes: purposesOf(options["purpose"]),
      environments:
        listOption("--environment", options["environment"])?.map((one) => oneOf("--environment", one, environments)) ??
        null,
    }),
  );
  const agreed: TrustView[] = [];
  for (const view of proposed) {
    if (view.key.status === "revoked") {
      terminal.err(`The key ${clean(view.key.kid)} is marked as revoked there and is left out.\n`);
      continue;
    }
    if (await confirmed(terminal, view, "Trust this key?", options["yes"])) agreed.push(view);
  }
  if (agreed.length === 0) throw new UsageError("keys.not_confirmed", "no key was confirmed, so nothing was changed");
  const trusted = must(
    await trustKeys(
      places,
      agreed.map((view) => view.key),
    ),
  );
  for (const { key } of agreed) {
    const since = trusted.keys.get(key.kid);
    if (since?.status !== "retired" || key.status === "retired" || since.retiredAt === null) continue;
    const time = new Date(since.retiredAt).toISOString();
    terminal.err(`The key ${clean(key.kid)} stays retired: what it signs since ${time} does not count.\n`);
  }
  for (const view of agreed) await record(terminal, "trusted", view);
  report(terminal, options, agreed, "Trusted");
  return 0;
}

/** Revokes a key for good, or retires it. */
export async function keysRevokeCommand(terminal: Terminal, name: string, options: KeyOptions): Promise<number> {
  const places = placesOf(terminal);
  const file = textOption("--key-set", options["keySet"]);
  const found = must(await findKey(places, name, file === undefined ? null : path.resolve(terminal.cwd, file)));
  const retire = options["retire"] === true;
  const question = retire ? "Retire this key from now on?" : "Revoke this key? This cannot be undone.";
  if (!(await confirmed(terminal, found, question, options["yes"]))) {
    throw new UsageError("keys.not_confirmed", "the key was not confirmed, so nothing was changed");
  }
  const key = must(await endKey(places, found.key, retire ? "retired" : "revoked", Date.now()));
  await record(terminal, "revoked", { key, fingerprint: found.fingerprint });
  report(terminal, options, [{ key, fingerprint: found.fingerprint }], retire ? "Retired" : "Revoked");
  if (!retire) {
    terminal.err("Tell the others who trust it: each trust store holds its own marks (countersign keys revoke).\n");
  }
  return 0;
}

/** Writes public keys as a JWKS. */
export async function keysExportCommand(
  terminal: Terminal,
  kids: readonly string[],
  options: KeyOptions,
): Promise<number> {
  const text = must(
    await exportedSet(placesOf(terminal), {
      kids: kids.length === 0 ? null : kids,
      trusted: options["trusted"] === true,
      issuer: textOption("--issuer", options["issuer"]) ?? "local",
    }),
  );
  const out = textOption("--out", options["out"]);
  if (out === undefined) terminal.out(text);
  else {
    try {
      await writeFile(path.resolve(terminal.cwd, out), text, {
        flag: options["force"] === true ? "w" : "wx",
        mode: 0o644,
      });
    } catch (problem) {
      const code = String((problem as NodeJS.ErrnoException).code);
      const why = code === "EEXIST" ? "is there already; --force replaces it" : `cannot be written (${code})`;
      throw new UsageError("out", `${out} ${why}`);
    }
  }
  return 0;
}

function placesOf(terminal: Terminal): KeyPlaces {
  return must(keyPlacesOf(terminal.env));
}

function must<T>(outcome: KeyOutcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new UsageError(outcome.problem.code, outcome.problem.message);
}

/** A passphrase, or null for a key without one, which somebody must have asked for. */
async function wantedPassphrase(terminal: Terminal, options: KeyOptions): Promise<string | null> {
  const file = textOption("--passphrase-file", options["passphraseFile"]);
  const none = options["passphrase"] === false;
  if (none && file !== undefined)
    throw new UsageError("option", "--no-passphrase and --passphrase-file exclude each other");
  if (none) return null;
  if (file !== undefined) return passphraseFrom(terminal, file);
  if (canAskSecret(terminal)) return newPassphrase(terminal);
  throw new UsageError(
    "passphrase",
    "nobody is here to type a passphrase: give one with --passphrase-file FILE (mode 0600), or make a key without one with --no-passphrase",
  );
}

function purposesOf(value: unknown): readonly KeyPurpose[] | null {
  const given = listOption("--purpose", value)?.map((word) => oneOf("--purpose", word, keyPurposes)) ?? null;
  return given === null ? null : keyPurposes.filter((one) => given.includes(one));
}

/** Texts of an option that may be repeated or separated by commas; null when it was not given. */
function listOption(flag: string, value: unknown): readonly string[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const words = value.flatMap((one) => (typeof one === "string" ? one.split(",") : [])).map((word) => word.trim());
  if (words.includes("")) throw new UsageError("option", `${flag} takes a value`);
  return [...new Set(words)];
}

/** Shows a key and asks; `--yes` must repeat its whole fingerprint. */
async function confirmed(terminal: Terminal, view: TrustView, question: string, yes: unknown): Promise<boolean> {
  const agreed = listOption("--yes", yes);
  if (agreed !== null) return agreed.includes(view.fingerprint);
  terminal.err(`${trustLines(view).join("\n")}\n`);
  if (!terminal.interactive.input || !terminal.interactive.output) {
    throw new UsageError(
      "keys.not_confirmed",
      `nobody is here to confirm; compare the fingerprint with its owner's and add --yes ${view.fingerprint}`,
    );
  }
  const answer = (await terminal.ask(`${question} [y/N] `))?.trim().toLowerCase();
  return answer === "y" || answer === "yes";
}

/** Notes a change in the audit of the state directory, where there is one. It has been made, so it is not undone by that. */
async function record(terminal: Terminal, what: "made" | "trusted" | "revoked", view: TrustView): Promise<void> {
  const { cwd, env } = terminal;
  const read = await readOperator({ flags: {}, env, cwd, folder: cwd });
  const failed = (why: string): void => terminal.err(`countersign: not in the audit: ${clean(why)}\n`);
  if (!read.ok) return failed(read.problems[0]?.message ?? "the configuration cannot be read");
  const { stateDir, principal: by } = read.operator;
  if (stateDir === null) return;
  const { kid, principals, purposes } = view.key;
  const entry = { kid, fingerprint: view.fingerprint, principal: principals.join(" "), purposes: [...purposes], by };
  const appended = await auditKey(stateDir, what, entry);
  if (!appended.ok) failed(appended.problem.message);
}

function report(terminal: Terminal, options: KeyOptions, views: readonly TrustView[], done: string): void {
  if (options["json"] === true) return terminal.out(`${JSON.stringify(views.map(trustJson), null, 2)}\n`);
  for (const view of views) terminal.out(`${done} ${clean(view.key.kid)} ${view.fingerprint}\n`);
}
