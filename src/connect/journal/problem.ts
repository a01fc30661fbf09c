/**
 * What can be wrong with a run's folder, as values with stable codes. A refusal carries exactly one; findings that
 * do not stop a reader (`journal.torn`, `journal.late`) come in a list.
 */
import { failure, type Failure } from "../../graph/failure.ts";

/**
 * - `journal.run_id`: not a run id (Decision D15);
 * - `journal.exists`, `journal.missing`: there is, or is not, a run of that id;
 * - `journal.torn`: an unfinished last line was cut (finding);
 * - `journal.late`: bytes that a former owner wrote after a take-over are ignored (finding);
 * - `journal.corrupt`: a break anywhere else, with the place;
 * - `journal.version`: written by a newer program;
 * - `journal.owned`: a living process on this machine writes it;
 * - `journal.elsewhere`: its owner cannot be judged from here (another host or container);
 * - `journal.taken`: another process was faster, or has taken the run over from this writer;
 * - `journal.finished`: a finished run is never reopened;
 * - `journal.paused`: kept because it waits for a person;
 * - `journal.io`: the file system refused;
 * - `secret_changed`: a journalled secret no longer has the value it had.
 */
export type JournalProblemCode =
  | "journal.run_id"
  | "journal.exists"
  | "journal.missing"
  | "journal.torn"
  | "journal.late"
  | "journal.corrupt"
  | "journal.version"
  | "journal.owned"
  | "journal.elsewhere"
  | "journal.taken"
  | "journal.finished"
  | "journal.paused"
  | "journal.io"
  | "secret_changed";

/** One problem: a code, a sentence a person can act on, and the place where there is one (line from 1). */
export interface JournalProblem {
  readonly code: JournalProblemCode;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  /** The system's code (ENOSPC, EACCES) of a `journal.io`. */
  readonly system?: string;
}

/** A value or the problem that stands in its way. */
export type Checked<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: JournalProblem };

/** A refusal. */
export function refused(problem: JournalProblem): { readonly ok: false; readonly problem: JournalProblem } {
  return { ok: false, problem };
}

/** `code: message (file:line)`, for terminals and logs. */
export function journalProblemText(problem: JournalProblem): string {
  return `${problem.code}: ${journalProblemSentence(problem)}`;
}

/** `message (file:line)`, where the code is shown in another way. */
export function journalProblemSentence({ message, file, line }: JournalProblem): string {
  if (file === undefined) return message;
  return `${message} (${file}${line === undefined ? "" : `:${line}`})`;
}

/** The problem as a run's hard error: class `io` for what the disk did, `config` for what the caller asked for. */
export function journalFailure(problem: JournalProblem): Failure {
  switch (problem.code) {
    case "journal.io":
    case "journal.corrupt":
    case "journal.torn":
    case "journal.late":
      return failure("io", journalProblemText(problem));
    case "journal.taken":
      return failure("cancelled", journalProblemText(problem));
    default:
      return failure("config", journalProblemText(problem));
  }
}

/** The `code` of an error from the file system, e.g. `ENOSPC`; null for anything else. */
export function systemCode(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/** An error that came out of the file layer, as a problem. Anything but a system error is a bug and is thrown on. */
export function ioProblem(error: unknown, doing: string, file: string): JournalProblem {
  const code = systemCode(error);
  if (code === null) throw error;
  const told = meanings[code];
  return {
    code: "journal.io",
    message: `cannot ${doing}: ${told === undefined ? code : `${told} (${code})`}`,
    file,
    system: code,
  };
}

/** The place itself is wrong, and no try there can succeed: what the operator set is to blame, not the disk. */
const unusablePlaces = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR", "EISDIR", "ENOENT", "ENAMETOOLONG"]);

/** True when a problem means that the chosen place cannot hold runs at all (a usage error rather than a failure). */
export function isUnusablePlace(problem: JournalProblem): boolean {
  return problem.system !== undefined && unusablePlaces.has(problem.system);
}

const meanings: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  EIO: "the device reported an error",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
  ENOENT: "no such file or folder",
  ENOTDIR: "a part of the path is no folder",
  EMFILE: "too many open files",
  ENFILE: "too many open files in the system",
  ENAMETOOLONG: "the name is too long",
};
