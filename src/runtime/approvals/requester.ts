/**
 * Signing a start (spec/runtime.md §7): staging and prod keep no live run whose requester nobody vouches for, since
 * "somebody else must approve" would mean nothing.
 */
import type { Signer } from "../../effects/signing.ts";
import { requesterProblem, signRequester, type RequesterSignature } from "../../governance/approvals/requester.ts";
import type { EnvironmentName } from "../../graph/posture.ts";
import { systemClock } from "../clock.ts";
import type { RunApprovals } from "./authority.ts";

/** Gives the operator's own key for signing starts, or says why there is none. */
export type RequesterSigner = () => Promise<Signer | { readonly problem: string }>;

/** What a start is signed for. */
export interface StartToSign {
  readonly runId: string;
  readonly principal: string;
  readonly graphDigest: string;
  readonly environment: EnvironmentName;
  readonly dryRun: boolean;
  readonly stateDir: string | null;
  readonly approvals: RunApprovals;
  readonly signer: RequesterSigner | null;
}

/** The signature of a start; null where none is needed. A problem refuses the start. */
export async function signStart(
  start: StartToSign,
): Promise<{ readonly signature: RequesterSignature | null } | { readonly problem: string }> {
  const { runId, principal, graphDigest, environment, approvals } = start;
  // Without a state directory nothing waits for an approval, and staging and prod change nothing at all.
  if (environment === "dev" || start.dryRun || start.stateDir === null) return { signature: null };
  const refuse = (why: string): { problem: string } => ({
    problem: `${environment} keeps no run whose start is not signed with a trusted key: ${why}`,
  });
  if (start.signer === null) return refuse("nothing here can sign");
  const signer = await start.signer();
  if ("problem" in signer) return refuse(signer.problem);
  if (signer.principal !== principal)
    return refuse(
      `the key \`${signer.kid}\` belongs to \`${signer.principal}\`, and the run is started as \`${principal}\``,
    );
  const claim = { runId, principal, graphDigest, environment };
  try {
    const signature = await signRequester(claim, signer);
    const wrong = requesterProblem(claim, signature, approvals.keys, systemClock.now());
    return wrong === null ? { signature } : refuse(`${wrong}; see \`countersign keys trust\``);
  } catch (problem) {
    return refuse(problem instanceof Error ? problem.message : String(problem));
  }
}
