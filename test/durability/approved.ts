/** A gate in prod whose one change is a POST, with two people who have keys; for the process and for its test. */
import { createHash } from "node:crypto";
import { memorySigner } from "../../src/connect/keys/store.ts";
import type { KeyPurpose, Signer } from "../../src/effects/signing.ts";
import type { KeySet, TrustedKey } from "../../src/governance/credentials/model.ts";
import { defaultApprovalRules } from "../../src/graph/posture.ts";
import type { Value } from "../../src/graph/value.ts";
import type { ExecuteSettings } from "../../src/runtime/execute.ts";
import { runSettings } from "./settings.ts";

/** Sends the payload's text, then writes down what came back. */
export const gate = `name = "gate"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "publish"
[[nodes]]
id = "publish"
type = "http_request"
method = "POST"
url_from = "trigger.url"
body_from = "trigger.body"
[[nodes]]
id = "told"
type = "template_render"
input_from = "publish"
template = "{{body}}"
[[edges]]
from = "publish"
to = "told"
`;

function signerNamed(name: string): Signer {
  const purposes: readonly KeyPurpose[] = ["approval"];
  const seed = createHash("sha256").update(name).digest();
  return memorySigner(seed, { kid: `${name}-key`, principal: `user:${name}@test`, purposes });
}

/** Who starts runs, and who approves them. */
export const requester = signerNamed("alice");
export const approver = signerNamed("bob");

function trusted({ kid, publicKey, principal, purposes }: Signer): TrustedKey {
  const bounds = { notBefore: null, retiredAt: null, environments: null };
  return { kid, publicKey, status: "active", principals: [principal], purposes, ...bounds };
}

const keys: KeySet = {
  issuer: "test",
  fetchedAt: null,
  keys: new Map([requester, approver].map((signer) => [signer.kid, trusted(signer)])),
};

/** Settings of a run of the gate in prod, which asks for an approval of another than the requester. */
export function gateSettings(given: {
  readonly cwd: string;
  readonly runId: string;
  readonly stateDir: string;
  readonly input: Value;
}): ExecuteSettings & { readonly stateDir: string } {
  const settings = runSettings(given);
  return {
    ...settings,
    stateDir: given.stateDir,
    governance: {
      ...settings.governance,
      posture: { environment: "prod", sideEffects: "require_approval", replay: "dry_run_only" },
    },
    principal: requester.principal,
    approvals: { rules: { ...defaultApprovalRules, notRequester: true }, keys, documents: [] },
    signer: () => Promise.resolve(requester),
  };
}
