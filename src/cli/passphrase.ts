/**
 * Passphrases of keys on the command line. From a person at a terminal, unseen, or from a file of mode 0600; never from
 * a flag's value or a variable, which other processes can see and children inherit.
 */
import path from "node:path";
import type { PassphrasePrompt } from "../runtime/keys.ts";
import { passphraseFile, passphraseProblem } from "../runtime/own-keys.ts";
import { clean } from "./render/text.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage.ts";

/** True when a person can be asked for something that is not shown. */
export function canAskSecret(terminal: Terminal): boolean {
  return terminal.askSecret !== undefined && terminal.interactive.input && terminal.interactive.output;
}

/** The passphrase in `file` (relative to the working directory). A file that others can read is refused. */
export async function passphraseFrom(terminal: Terminal, file: string): Promise<string> {
  const read = await passphraseFile(path.resolve(terminal.cwd, file));
  if (read.ok) return read.value;
  throw new UsageError(read.problem.code, read.problem.message);
}

/** How a signer asks here: the file once, if one was named, else the person; with neither, nobody answers. */
export function passphrasePrompt(terminal: Terminal, file: string | null): PassphrasePrompt {
  return async (key, again) => {
    if (file !== null) return again ? null : passphraseFrom(terminal, file);
    if (!canAskSecret(terminal)) return null;
    const wrong = again ? "That passphrase is wrong. " : "";
    return (await terminal.askSecret?.(`${wrong}Passphrase of the key ${clean(key.kid)}: `)) ?? null;
  };
}

/** Asks for a new passphrase, twice; null when the person wants none (an empty line). */
export async function newPassphrase(terminal: Terminal): Promise<string | null> {
  const first = await terminal.askSecret?.("New passphrase (empty for none): ");
  if (first === undefined || first === null) throw new UsageError("passphrase", "no passphrase was given");
  if (first === "") return null;
  const problem = passphraseProblem(first);
  if (problem !== null) throw new UsageError("passphrase", problem);
  const second = await terminal.askSecret?.("The same again: ");
  if (second !== first) throw new UsageError("passphrase", "the two passphrases differ; nothing was made");
  return first;
}
