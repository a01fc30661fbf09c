/** A journal that somebody rewrote: what a request shows is digested again, and a forged one is never signed. */
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../../src/effects/events.ts";
import { bindingIn, effectDigest, questionDigest } from "../../../src/engine/digests.ts";
import { sha256 } from "../../../src/governance/credentials/rules.ts";
import { object, type Value } from "../../../src/graph/value.ts";
import { editorSigner, makeEditorKey } from "../../../src/runtime/approvals/editor-keys.ts";
import { LocalApprovals } from "../../../src/runtime/approvals/local-source.ts";
import type { ApprovalTerms } from "../../../src/effects/events.ts";
import { act, entered, keepRun, opened, started, T0 } from "../../cli/kept-runs.ts";
import { folderWith } from "../../cli/terminal.ts";

type Asked = Extract<RunEvent, { type: "approval.requested" }>;

const begin = started("r-1") as Extract<RunEvent, { type: "run.started" }>;
const binding = bindingIn(begin, begin.graphDigest, act("publish"));

const terms: ApprovalTerms = {
  ...{ specHash: begin.graphDigest, environment: "dev", nodeId: "publish#1.1", inputDigest: null },
  ...{ capability: "http.request:POST https://api.example/x", rule: "approval_missing", needed: 1 },
  ...{ notRequester: false, approvers: null, expiresAt: null, answerSchema: null, signed: true },
};

const post = { kind: "http.request", method: "POST", url: "https://api.example/x", body_digest: sha256("hello") };

function asking(
  effect: { readonly [name: string]: Value },
  shown: Partial<typeof post>,
  text = "hello",
  truncated = false,
): Asked {
  const effectDigestOf = effectDigest(sha256, { description: effect, effect: { kind: "http.request" } }, binding);
  return {
    ...{ type: "approval.requested", act: act("publish"), index: 0, id: "publish#1.1", subject: "effect" },
    ...{ reason: null, effectDigest: effectDigestOf, terms },
    // The address is looked up anew each time and not bound.
    summary: {
      kind: "http.request",
      effect: { ...effect, ...shown, address: "10.0.0.1" },
      preview: { text, truncated },
    },
  };
}

async function boundOf(asked: Asked) {
  const stateDir = path.join(await folderWith(), "state");
  await keepRun(stateDir, "r-1", [
    begin,
    opened(),
    entered("publish"),
    asked,
    { type: "run.paused", requests: [asked.id] },
  ]);
  const source = new LocalApprovals(stateDir);
  const read = await source.pending();
  const [one] = read.ok ? read.value : [];
  const shown = one === undefined ? null : await source.show(one.ref);
  if (shown?.ok !== true || one === undefined) throw new Error("the request is there");
  return { source, one, shown: shown.value };
}

describe("what a request shows", () => {
  it.each([
    ["is bound when it is what was digested", asking(post, {}), "bound"],
    ["is forged when it names another target", asking(post, { url: "https://api.example/other" }), "forged"],
    ["is forged when its content is another", asking(post, {}, "bye"), "forged"],
    ["cannot be told when only its beginning is there", asking(post, {}, "hel", true), "masked"],
    ["cannot be told when it holds a secret by name", asking(post, { url: "https://x/{secret:TOKEN}" }), "masked"],
  ] as const)("%s", async (_what, asked, bound) => {
    expect((await boundOf(asked)).shown.bound).toBe(bound);
  });

  it("a question is bound to its words", async () => {
    const summary = { reason: "Ship it?" };
    const about = object({ effect: null, starts: 0n });
    const digest = questionDigest(sha256, { subject: "pause", id: "publish#1.1", summary, about }, binding);
    const asked: Asked = { ...asking(post, {}), subject: "pause", summary, effectDigest: digest };
    expect((await boundOf(asked)).shown.bound).toBe("bound");
    const other: Asked = { ...asked, summary: { reason: "Is it raining?" } };
    expect((await boundOf(other)).shown.bound).toBe("forged");
  });

  it("a forged request is signed by nobody, denied or approved", async () => {
    const { source, one, shown } = await boundOf(asking(post, { url: "https://api.example/other" }));
    const { key, secret } = makeEditorKey("user:bob@host", ["approval"], T0);
    for (const approved of [true, false]) {
      const verdict = { seen: shown.digest, approved, reason: null, typed: null, now: T0 + 1 };
      const given = await source.answer(one.ref, { ...verdict, signer: editorSigner(key, secret) });
      expect(given).toMatchObject({ given: false, code: "approval.forged" });
    }
    expect((await source.show(one.ref)).ok && shown.open.given).toEqual([]);
  });
});
