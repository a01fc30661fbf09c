/**
 * Credentials for a whole document and the keys that count, found where the operator and the document keep them
 * (spec/pipeline.md §5; spec/runtime.md §7).
 *
 * Invariant: what came with a workspace counts in dev only, unless the operator's own configuration names its digest.
 */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";
import { resolveApprovalRules } from "../../config/approvals.ts";
import type { Environment } from "../../config/problem.ts";
import { sha256 } from "../../governance/credentials/rules.ts";
import type { EnvironmentName } from "../../graph/posture.ts";
import { auditRefreshFailed } from "../audit.ts";
import { resolveApprovalKeys } from "../keys.ts";
import type { Operator } from "../operator.ts";
import type { RunApprovals } from "./authority.ts";

/** Name of a credential beside a document. */
export const CREDENTIAL_NAME = "approval.cred";
/** More than a credential may have, so that a longer file is refused by its rule and not cut into one. */
const MAX_READ = 32 * 1024;

/** A start-up error; exit code 2. */
export interface ApprovalsProblem {
  readonly code: string;
  readonly message: string;
}

/** What was found, and what a person should hear of it. */
export interface FoundApprovals {
  readonly approvals: RunApprovals;
  readonly notices: readonly { readonly code: string; readonly message: string }[];
}

/** Reads rules, keys and credentials for a document. `files`: those named by `--approval`. */
export async function findApprovals(given: {
  readonly operator: Operator;
  readonly env: Environment;
  readonly cwd: string;
  /** The document's folder (absolute). */
  readonly folder: string;
  readonly posture: EnvironmentName;
  readonly files: readonly string[];
  /** The state directory in whose audit it stands when keys could not be fetched; null: in none. */
  readonly auditIn: string | null;
}): Promise<FoundApprovals | ApprovalsProblem> {
  const { operator, env, cwd, folder, posture, auditIn } = given;
  const keys = await resolveApprovalKeys({
    env,
    cwd,
    keySetFlag: operator.settings.approvalKeySet,
    documentFolder: folder,
    posture,
    user: operator.user,
    api: operator.stages.api,
  });
  if (!keys.ok) return keys.problem;
  const documents: string[] = [];
  const notices: { code: string; message: string }[] = [...keys.value.notices];
  for (const { code, message } of keys.value.notices) {
    if (code !== "keys.refresh_failed" || auditIn === null) continue;
    const written = await auditRefreshFailed(auditIn, { from: operator.stages.api?.baseUrl ?? "", message });
    if (!written.ok) notices.push(written.problem);
  }
  for (const file of given.files) {
    const read = await readCredentialFile(path.resolve(cwd, file));
    if ("problem" in read) return { code: "approval.file", message: `--approval ${file}: ${read.problem}` };
    documents.push(read.text);
  }
  if (given.files.length === 0) {
    const file = path.join(folder, CREDENTIAL_NAME);
    const beside = await readCredentialFile(file);
    if ("text" in beside) {
      const digest = sha256(beside.text);
      if (posture === "dev" || operator.user?.approvals.trust.includes(digest) === true) documents.push(beside.text);
      else {
        const message = `${file} does not count in ${posture}: it came with the document; the operator pins it by \`[approvals] trust = ["${digest}"]\` in the user's configuration, or names it with --approval`;
        notices.push({ code: "approval.not_pinned", message });
      }
    } else if (!beside.missing) return { code: "approval.file", message: `${file}: ${beside.problem}` };
  }
  const rules = resolveApprovalRules([operator.user?.approvals ?? null, operator.workspace?.approvals ?? null]);
  return { approvals: { rules, keys: keys.value.keySet, documents }, notices };
}

/** The text of a credential's file, as it is: a credential is its very bytes. */
export async function readCredentialFile(
  file: string,
): Promise<{ readonly text: string } | { readonly problem: string; readonly missing: boolean }> {
  try {
    // Without O_NONBLOCK the opening of a pipe would wait for a writer.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await handle.stat()).isFile()) return { problem: "it is not a plain file", missing: false };
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_READ), 0, MAX_READ, 0);
      // Bytes beyond ASCII stay visible as such, and the credential's own rule refuses them.
      return { text: buffer.subarray(0, bytesRead).toString("latin1") };
    } finally {
      await handle.close();
    }
  } catch (problem) {
    const code = (problem as NodeJS.ErrnoException).code ?? String(problem);
    return {
      problem: code === "ENOENT" ? "there is no such file" : `cannot be read (${code})`,
      missing: code === "ENOENT",
    };
  }
}
