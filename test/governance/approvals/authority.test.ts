/** Row 7 of the decision table: what counts as an approval, and every reason why one does not. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryUseBook } from "../../../src/connect/approvals/uses.ts";
import type { ApprovalQuestion, Decision } from "../../../src/effects/decision.ts";
import { createDecider } from "../../../src/governance/decider.ts";
import type { ApprovalAuthority } from "../../../src/governance/approvals/authority.ts";
import { readCredential } from "../../../src/governance/credentials/credential.ts";
import type { CredentialPayload } from "../../../src/governance/credentials/model.ts";
import { defaultApprovalRules } from "../../../src/graph/posture.ts";
import { open, policy, prepared, scope } from "../support.ts";
import { credential, keySet, NOW, person, sha256, SPEC, type Person } from "./people.ts";

const alice = person("alice");
const bob = person("bob");
const carol = person("carol");
const mallory = person("mallory");
const effect = sha256("effect");
const step = { run_id: "r1", node_id: "publish#1.1", effect_digest: effect, input_digest: sha256("input") };

function authority(texts: readonly string[], more: Partial<ApprovalAuthority> = {}): ApprovalAuthority {
  const kept = new Map(texts.map((text) => [sha256(text), text]));
  return {
    runId: "r1",
    specHash: SPEC,
    requester: "user:alice@test",
    requesterProblem: null,
    place: { orgId: "local", projectId: "local", environmentId: "local" },
    posture: "prod",
    rules: defaultApprovalRules,
    keys: keySet(alice, bob, carol),
    documents: [],
    credential: (digest) => Promise.resolve(kept.get(digest) ?? null),
    uses: memoryUseBook(),
    ...more,
  };
}

function request(texts: readonly string[], more: Partial<ApprovalQuestion> = {}) {
  const url = "https://api.example/release";
  return {
    prepared: { ...prepared.http(url, { url }, "POST"), target: url },
    activation: { frame: "", node: "publish", visit: 1, attempt: 1 },
    nodeKind: "http_request",
    scopes: [],
    dryRun: false,
    replay: false,
    chosenByModel: false,
    at: NOW,
    approval: {
      nodeId: "publish#1.1",
      digest: effect,
      inputDigest: sha256("input"),
      use: "r1 publish 0",
      granted: texts.map((text) => ({ credential: sha256(text), digest: effect })),
      now: NOW,
      ...more,
    },
  };
}

const posture = { environment: "prod", sideEffects: "require_approval", replay: "dry_run_only" } as const;
const made = (by: ApprovalAuthority) => createDecider({ ...open, posture, approvals: by });
const decide = async (texts: readonly string[], more: Partial<ApprovalAuthority> = {}): Promise<Decision> =>
  made(authority(texts, more)).decide(request(texts));

describe("an effect that needs approval", () => {
  it("is allowed by one valid credential for exactly this step, and says whose", async () => {
    const text = await credential(bob, { ext: step });
    expect(await decide([text])).toMatchObject({
      decision: "Allow",
      code: "approved",
      approvals: [{ digest: sha256(text), kid: "bob-key", principal: "user:bob@test" }],
    });
    expect(await decide([])).toMatchObject({ decision: "RequireApproval", code: "approval_missing" });
  });

  const other = sha256("other");
  const cases: readonly (readonly [string, Partial<CredentialPayload>, Partial<ApprovalAuthority>?, Person?])[] = [
    ["cred.key_unknown", {}, {}, mallory],
    ["cred.key_revoked", {}, { keys: keySet({ ...bob, key: { ...bob.key, status: "revoked" } }) }],
    ["cred.signature", {}, { keys: keySet({ ...bob, key: { ...bob.key, publicKey: carol.key.publicKey } }) }],
    ["cred.spec_mismatch", { spec_hash: other }],
    ["cred.spec_mismatch", { ext: { ...step, run_id: "r2" } }],
    ["cred.spec_mismatch", { ext: { ...step, node_id: "publish#2.1" } }],
    ["cred.spec_mismatch", { ext: { ...step, effect_digest: other } }],
    ["cred.spec_mismatch", { ext: { ...step, input_digest: other } }],
    ["cred.spec_mismatch", { ext: { run_id: "r1", node_id: "publish#1.1" } }],
    ["cred.environment_mismatch", { environment_posture: "staging" }],
    ["cred.environment_mismatch", { project_id: "another" }],
    ["cred.not_yet_valid", { issued_at: new Date(NOW + 120_000).toISOString() }],
    ["cred.expired", { issued_at: new Date(NOW - 7_200_000).toISOString(), expires_at: new Date(NOW).toISOString() }],
    ["cred.capability_missing", { capabilities: ["http.request:POST https://api.example/other"] }],
    ["cred.capability_missing", { ext: { ...step, decision: "deny" } }],
    ["cred.principal_mismatch", {}, { keys: keySet({ ...bob, key: { ...bob.key, principals: ["user:x@test"] } }) }],
    ["cred.principal_mismatch", {}, { rules: { ...defaultApprovalRules, approvers: ["user:carol@test"] } }],
    ["cred.principal_mismatch", {}, { rules: { ...defaultApprovalRules, notRequester: true } }, alice],
    ["cred.principal_mismatch", {}, { requesterProblem: "the start is not signed" }],
    ["cred.purpose", {}, { keys: keySet({ ...bob, key: { ...bob.key, purposes: ["receipt"] } }) }],
  ];
  it.each(cases.map(([code, change, more = {}, by = bob]) => ({ code, change, more, by })))(
    "stays unapproved with $code ($change)",
    async ({ code, change, more, by }) => {
      const text = await credential(by, { ext: step, ...change });
      const decision = await decide([text], more);
      expect([decision.decision, decision.code]).toEqual(["RequireApproval", code]);
    },
  );

  it("stays unapproved with what is no credential, or is not in the run's folder any more", async () => {
    const text = await credential(bob, { ext: step });
    const gone = await made(authority([])).decide(request([text]));
    expect([gone.decision, gone.code]).toEqual(["RequireApproval", "cred.decode"]);
    expect((await decide(["no credential"])).code).toBe("cred.decode");
    const bytes = Buffer.from('{"v":2}').toString("base64url");
    expect((await decide([`${bytes}.${Buffer.alloc(64).toString("base64url")}`])).code).toBe("cred.version");
  });

  it("is never approved against an allow list, a policy or a denial", async () => {
    const text = await credential(bob, { ext: step, capabilities: ["http.request"] });
    const by = authority([text]);
    const denied = scope(policy({ urls: ["https://elsewhere.example/**"] }));
    const one = await made(by).decide({ ...request([text]), scopes: [denied] });
    expect([one.decision, one.code]).toEqual(["Deny", "policy"]);
    const shut = createDecider({ ...open, posture: { ...posture, sideEffects: "deny_all" }, approvals: by });
    expect((await shut.decide(request([text]))).code).toBe("deny_all");
  });

  it("counts principals and not keys", async () => {
    const second = person("bob2", {}, "user:bob@test");
    const keys = keySet(bob, second, carol);
    const rules = { ...defaultApprovalRules, needed: 2 };
    const [one, two, three] = await Promise.all([bob, second, carol].map((by) => credential(by, { ext: step })));
    const short = await decide([one ?? "", two ?? ""], { keys, rules });
    expect([short.decision, short.code]).toEqual(["RequireApproval", "approval_missing"]);
    expect((await decide([one ?? "", three ?? ""], { keys, rules })).code).toBe("approved");
  });

  it("is approved for the document until its uses are used up", async () => {
    const text = await credential(bob, { capabilities: ["http.request"], ext: { max_uses: 2 } });
    const decider = made(authority([], { documents: [text] }));
    const codes: string[] = [];
    for (const use of ["a", "b", "a", "c"]) {
      const one = request([], { use });
      codes.push((await decider.decide(one)).code);
      await decider.consume?.(one);
    }
    expect(codes).toEqual(["approved", "approved", "approved", "cred.replayed"]);
  });
});

describe("a step's credential", () => {
  it("serves one use: the same again, another never", async () => {
    const text = await credential(bob, { ext: step });
    const decider = made(authority([text]));
    expect(await decider.consume?.(request([text]))).toBeNull();
    expect((await decider.decide(request([text]))).code).toBe("approved");
    const again = request([text], { use: "r1 publish 1" });
    expect((await decider.decide(again)).code).toBe("cred.replayed");
    expect(await decider.consume?.(again)).toMatchObject({ class: "approval" });
  });

  it("is consumed by at most one of any uses, in any order of deciding and starting", async () => {
    const text = await credential(bob, { ext: step });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), fc.nat(3)), { maxLength: 12 }), async (moves) => {
        const decider = made(authority([text]));
        const consumed = new Set<number>();
        for (const [starts, use] of moves) {
          const one = request([text], { use: `use ${use}` });
          const decision = await decider.decide(one);
          if (decision.decision === "Allow") expect(consumed.size === 0 || consumed.has(use)).toBe(true);
          if (starts && (await decider.consume?.(one)) === null) consumed.add(use);
        }
        expect(consumed.size).toBeLessThanOrEqual(1);
      }),
      { numRuns: 40 },
    );
  });

  it("approves nothing with any single byte changed", async () => {
    const text = await credential(bob, { ext: step });
    for (let at = 0; at < text.length; at += 3) {
      const flipped = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1);
      expect([at, (await decide([flipped])).decision]).toEqual([at, "RequireApproval"]);
    }
    expect(readCredential(text).ok).toBe(true);
  });
});

describe("a run that is kept nowhere", () => {
  it("changes nothing outside dev, whoever allows it", async () => {
    const allowed = { ...posture, sideEffects: "allow_all" } as const;
    const decision = await createDecider({ ...open, posture: allowed, kept: false }).decide(request([]));
    expect([decision.decision, decision.code]).toEqual(["Deny", "state_dir"]);
    const dev = { ...allowed, environment: "dev" } as const;
    expect((await createDecider({ ...open, posture: dev, kept: false }).decide(request([]))).decision).toBe("Allow");
  });
});
