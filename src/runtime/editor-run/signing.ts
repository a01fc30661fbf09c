/**
 * What approvals of an editor's runs are held against, and whose keys sign them: starts in staging and prod, and
 * receipts (spec/runtime.md §7, spec/editor.md §7). The editor keeps its keys itself and gives signers.
 *
 * Invariant: nothing here trusts a key; what is signed counts only where the operator's key sets say so.
 */
import path from "node:path";
import { lookup, type Environment } from "../../config/problem.ts";
import type { Signer } from "../../effects/signing.ts";
import type { EnvironmentName } from "../../graph/posture.ts";
import type { Unaudited } from "../approvals/audited.ts";
import type { RunApprovals } from "../approvals/authority.ts";
import { findApprovals } from "../approvals/given.ts";
import type { RequesterSigner } from "../approvals/requester.ts";
import type { Operator } from "../operator.ts";
import { receiptPlace, receiptSettings } from "../receipts.ts";
import type { ReceiptSettings } from "../seal.ts";
import { workingDirectory, type EditorPlace } from "./place.ts";

/** The keys of whoever sits at the editor. */
export interface EditorKeys {
  /** The key of this principal that signs starts, or why there is none; one that `counts`, if there is one. */
  start(principal: string, counts: (kid: string) => boolean): ReturnType<RequesterSigner>;
  /** The key that signs receipts; null: the user's local key on this computer does. */
  receipts(principal: string): Promise<Signer | null>;
}

/** Rules, keys and credentials for a run of the document at a place. `auditIn`: where it stands that keys could not be fetched. */
export async function approvalsAt(
  place: EditorPlace,
  operator: Operator,
  posture: EnvironmentName,
  auditIn: string | null = null,
): Promise<
  | {
      readonly ok: true;
      readonly approvals: RunApprovals;
      /** Sentences; what {@link onUnaudited} hears is added. */
      readonly notices: readonly string[];
      readonly onUnaudited: Unaudited;
    }
  | { readonly ok: false; readonly code: string; readonly message: string }
> {
  const found = await findApprovals({
    ...{ operator, env: place.env, cwd: workingDirectory(place), posture, files: [], auditIn },
    folder: path.dirname(documentFile(place.file)),
  });
  if ("code" in found) return { ok: false, ...found };
  const notices = found.notices.map(({ message }) => message);
  const onUnaudited: Unaudited = ({ message }) => {
    notices.push(`not in the audit: ${message}`);
  };
  return { ok: true, approvals: found.approvals, notices, onUnaudited };
}

/** The file of a document, without the runner of an X.yaml. */
export function documentFile(document: string): string {
  return document.replace(/#[^/\\]*$/, "");
}

const receiptNames = [
  "RUNX_RECEIPT_SIGN_KID",
  "RUNX_RECEIPT_SIGN_ED25519_SEED_BASE64",
  "RUNX_RECEIPT_SIGN_ISSUER_TYPE",
];

/**
 * Receipts of a run in the editor: where a variable says, else beside its runs. They are signed by the key that
 * variables name, else by the editor's, else by the user's local key.
 */
export function receiptsIn(
  stateDir: string,
  env: Environment,
  operator: Operator,
  keys: EditorKeys | null = null,
): ReceiptSettings | null {
  const place = receiptPlace(null, env, { ...operator, stateDir }, null, stateDir);
  if (place === null) return null;
  const settings = receiptSettings(place, env, operator.principal);
  if (keys === null || receiptNames.some((name) => (lookup(env, name)?.value.trim() ?? "") !== "")) return settings;
  return {
    ...settings,
    async signer() {
      const own = await keys.receipts(operator.principal);
      return own === null ? settings.signer() : { ok: true, value: { signer: own, issuerType: "local" } };
    },
  };
}
