/**
 * What becomes of credentials, in the audit of the state directory (spec/runtime.md §3; docs/audit.md): given and
 * verified, given and not counted, used up by an effect that starts.
 *
 * Invariant: nothing that is recorded here changes what a run does; a record that cannot be made is told.
 */
import type { ApprovalCase } from "../../governance/approvals/authority.ts";
import { readCredential } from "../../governance/credentials/credential.ts";
import { sha256 } from "../../governance/credentials/rules.ts";
import { auditCredential, type AuditFields, type CredentialEvent } from "../audit.ts";

/** Hears why something could not be recorded: a stable code and a sentence. */
export type Unaudited = (problem: { readonly code: string; readonly message: string }) => void;

/** What a credential was given for, as far as that is known. */
export interface GivenFor {
  readonly node: string | null;
  readonly capability: string | null;
}

/** The record of one run's credentials. */
export class CredentialAudit {
  private readonly stateDir: string;
  private readonly runId: string;
  private readonly tell: Unaudited;

  constructor(stateDir: string, runId: string, tell: Unaudited = () => undefined) {
    this.stateDir = stateDir;
    this.runId = runId;
    this.tell = tell;
  }

  /** It was verified and answers a request. */
  accepted(text: string, about: GivenFor): Promise<void> {
    return this.append({ what: "accepted", ...this.fields(text, about) });
  }

  /** It does not count, and why. */
  refused(text: string, about: GivenFor, why: { readonly code: string; readonly message: string }): Promise<void> {
    const { code, message } = why;
    return this.append({ what: "refused", ...this.fields(text, about), code, message });
  }

  /** One of its uses was taken. */
  used(text: string, about: GivenFor): Promise<void> {
    return this.append({ what: "used", ...this.fields(text, about) });
  }

  /** For {@link ApprovalAuthority.used}. */
  readonly onUsed = ({ text }: { readonly text: string }, { capability, approval }: ApprovalCase): Promise<void> =>
    this.used(text, { node: approval.nodeId, capability });

  /** Nothing but names and digests of it; what cannot be read has its digest only. */
  private fields(text: string, { node, capability }: GivenFor): AuditFields<"credential.accepted"> {
    const read = readCredential(text);
    const payload = read.ok ? read.credential.payload : null;
    return {
      approval: payload?.approval_id ?? null,
      credential: sha256(text),
      kid: payload?.kid ?? null,
      principal: payload?.issued_by ?? null,
      run: this.runId,
      node: node ?? payload?.ext?.node_id ?? null,
      capability,
    };
  }

  private async append(event: CredentialEvent): Promise<void> {
    const written = await auditCredential(this.stateDir, event);
    if (!written.ok) this.tell(written.problem);
  }
}
