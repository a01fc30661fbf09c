import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/effects/events.ts";
import { canonicalText } from "../../src/receipts/canonical.ts";
import { Merkle } from "../../src/receipts/merkle.ts";
import { commitmentDigest, saltName, saltsOf } from "../../src/receipts/value-digest.ts";
import type { Receipt } from "../../src/receipts/model.ts";
import { verifyTree } from "../../src/receipts/tree.ts";
import { act, entered, frameEnded, nodeEnded, opened, pausedRun, started, wholeRun } from "../cli/kept-runs.ts";
import { expectGolden } from "../cli/terminal.ts";
import { folded, rootOf, sealEvents, supplied, trusting } from "./support.ts";
import { sealPlan } from "../../src/receipts/seal.ts";

const digest = `sha256:${"11".repeat(32)}`;

/** One POST of a node, decided as told. */
export function* effect(
  node: string,
  given: {
    readonly decision?: "Allow" | "Deny" | "DryRunOnly" | "RequireApproval";
    readonly kind?: "http.request" | "shell.run" | "model.call";
    readonly value?: Extract<RunEvent, { type: "effect.ended" }>["value"];
    readonly visit?: number;
    readonly frame?: string;
  } = {},
): Generator<RunEvent> {
  const { decision = "Allow", kind = "http.request", value = { status: 200n }, visit = 1, frame = "" } = given;
  const where = act(node, frame, 1, visit);
  yield {
    type: "effect.decided",
    act: where,
    index: 0,
    kind,
    request: digest,
    description: { url: "https://example.test/canary-url", provider: "openai", model: "gpt" },
    digest,
    decision,
    code: `rule.${decision}`,
    reason: "canary-reason",
  };
  if (decision !== "Allow") return;
  yield { type: "effect.started", act: where, index: 0, digest };
  yield {
    type: "effect.ended",
    act: where,
    index: 0,
    ok: true,
    value,
    failure: null,
    by: "performer",
    usage: null,
    doubt: false,
  };
}

const done: RunEvent = { type: "run.ended", outcome: "completed", reason: null };

function* posting(): Generator<RunEvent> {
  yield started("r1", { input: { token: "canary-input" } });
  yield opened();
  yield entered("post");
  yield* effect("post");
  yield nodeEnded("post", { body: "canary-output" });
  yield frameEnded();
  yield done;
}

const node = (receipts: readonly { readonly receipt: Receipt }[], name: string): Receipt => {
  const found = receipts.find(({ receipt }) => receipt.subject.ref.uri.endsWith(`_${name}`));
  if (found === undefined) throw new Error(`no receipt of ${name}`);
  return found.receipt;
};

describe("what a run's receipts say", () => {
  test("the receipts of a run are what they were, byte for byte", async () => {
    const sealed = await sealEvents(posting());
    await expectGolden("receipts-post.txt", `${sealed.map(({ text }) => text).join("\n")}\n`);
  });

  test("the members of a sealed receipt stand in canonical order, so that sealing has nothing to sort", async () => {
    const sealed = [...(await sealEvents(posting())), ...(await sealEvents(wholeRun("r1")))];
    for (const { receipt } of sealed) {
      for (const member of Object.values(receipt)) expect(JSON.stringify(member)).toBe(canonicalText(member));
    }
  });

  test("an effectful activation and the run get a receipt each, and they verify as a tree", async () => {
    const sealed = await sealEvents(wholeRun("r1"));
    expect(sealed.map(({ receipt }) => receipt.subject.ref.label)).toEqual(["load#1.2", "gate"]);
    const tree = verifyTree(supplied(sealed), trusting());
    expect(tree).toMatchObject({ integrity: true, trust: "pinned", findings: [], count: 2 });
  });

  test("no value, address, reason or text of a program stands in a receipt", async () => {
    const events = [
      ...[...posting()].slice(0, 5),
      nodeEnded("post", { body: "canary-output" }),
      entered("tool"),
      ...effect("tool", { kind: "shell.run", value: { stdout: "canary-stdout", stderr: "canary-stderr" } }),
      {
        type: "node.failed",
        ...act("tool"),
        failure: { class: "tool", message: "canary-failure" },
        then: "stop",
      },
      { ...frameEnded("", "failed"), failure: { class: "tool", message: "canary-failure" } },
      { type: "run.ended", outcome: "failed", reason: "canary-failure" },
    ] as RunEvent[];
    const sealed = await sealEvents(events);
    expect(sealed).toHaveLength(3);
    expect(sealed.map(({ text }) => text).join("")).not.toContain("canary");
    const tool = node(sealed, "tool");
    expect(tool.subject.commitments.map(({ scope }) => scope)).toEqual(["input", "stdout", "stderr", "error"]);
    expect(tool.seal).toMatchObject({ disposition: "failed", reason_code: "process_failed_tool" });
  });

  test("equal data in two runs gives different commitments, and the same run gives the same", async () => {
    const values = async (salt: string): Promise<readonly string[]> =>
      (await sealEvents(posting(), { salt })).flatMap(({ receipt }) =>
        receipt.subject.commitments.map(({ value }) => value),
      );
    const [first, again, other] = [await values("one"), await values("one"), await values("two")];
    expect(first).toEqual(again);
    expect(new Set([...first, ...other]).size).toBe(first.length * 2);
  });

  test("decisions stand with their choice and code", async () => {
    const events: RunEvent[] = [started("r1"), opened(), entered("a")];
    for (const decision of ["RequireApproval", "Allow", "Deny", "DryRunOnly"] as const) {
      events.push(...effect("a", { decision }));
    }
    events.push(nodeEnded("a", null), frameEnded(), done);
    const { decisions } = node(await sealEvents(events), "a");
    expect(decisions.map(({ choice, justification }) => [choice, justification.summary])).toEqual([
      ["defer", "rule.RequireApproval"],
      ["continue", "rule.Allow"],
      ["decline", "rule.Deny"],
      ["monitor", "rule.DryRunOnly"],
    ]);
    expect(decisions.map(({ selected_act_id: id }) => id)).toEqual([null, "act_a", null, null]);
  });

  test("an approval is a grant with its credential's digest", async () => {
    const credential = { digest, approvalId: "ap-1", kid: "bob", principal: "user:bob@host" };
    const events: RunEvent[] = [
      ...[...pausedRun("r1")].slice(0, 4),
      {
        type: "run.resumed",
        principal: "user:ada@host",
        deadline: 0,
        changed: false,
        documents: [],
        graphDigest: digest,
      },
      {
        type: "approval.answered",
        id: "ask#1.1",
        approved: true,
        by: "user:bob@host",
        reason: "canary",
        answer: null,
        credentials: [credential],
      },
      nodeEnded("ask", { approved: true }),
      frameEnded(),
      done,
    ];
    const ask = node(await sealEvents(events), "ask");
    expect(ask.authority.grant_refs).toEqual([
      { type: "grant", uri: "countersign:approval:ask#1.1", locator: digest, label: "approved by user:bob@host" },
    ]);
    expect(ask.seal.disposition).toBe("closed");
  });

  test("a denial seals declined, and a denied effect blocked", async () => {
    const denied: RunEvent[] = [
      ...[...pausedRun("r1")].slice(0, 4),
      { type: "approval.answered", id: "ask#1.1", approved: false, by: "user:bob@host", reason: null, answer: null },
      { type: "node.failed", ...act("ask"), failure: { class: "approval", message: "denied" }, then: "stop" },
      { ...frameEnded("", "failed"), failure: { class: "approval", message: "denied" } } as RunEvent,
      { type: "run.ended", outcome: "failed", reason: "denied" },
    ];
    expect((await sealEvents(denied)).map(({ receipt }) => receipt.seal.disposition)).toEqual(["declined", "declined"]);
    const policy: RunEvent[] = [
      started("r1"),
      opened(),
      entered("a"),
      ...effect("a", { decision: "Deny" }),
      { type: "node.failed", ...act("a"), failure: { class: "policy", message: "no" }, then: "stop" },
      { ...frameEnded("", "failed"), failure: { class: "policy", message: "no" } } as RunEvent,
      { type: "run.ended", outcome: "failed", reason: "no" },
    ];
    const [step, run] = await sealEvents(policy);
    expect(step?.receipt.seal).toMatchObject({ disposition: "blocked", reason_code: "step_authority_denied" });
    expect(run?.receipt.seal).toMatchObject({ disposition: "blocked", reason_code: "graph_authority_denied" });
  });

  test.each([
    [[{ type: "run.ended", outcome: "timed_out", reason: null }], "timed_out"],
    [
      [
        { type: "run.cancelled", by: "x", reason: null },
        { type: "run.ended", outcome: "failed", reason: "x" },
      ],
      "killed",
    ],
    [
      [
        { type: "budget.exceeded", budget: "max_cpu_secs", limit: 1, used: 2 },
        { type: "run.ended", outcome: "failed", reason: "x" },
      ],
      "killed",
    ],
  ] as const)("a run that was stopped seals itself and what was under way: %j", async (end, disposition) => {
    const events = [started("r1"), opened(), entered("a"), ...effect("a"), ...end] as RunEvent[];
    const sealed = await sealEvents(events);
    expect(sealed.map(({ receipt }) => receipt.seal.disposition)).toEqual([disposition, disposition]);
  });

  test("a pause seals nothing, an open run nothing, an abandoned one killed", async () => {
    expect(await sealEvents(pausedRun("r1"))).toEqual([]);
    expect(await sealEvents(pausedRun("r1"), { context: { abandoned: true } })).toEqual([]);
    const cut = [...posting()].slice(0, 5);
    expect(await sealEvents(cut)).toEqual([]);
    const sealed = await sealEvents(cut, { context: { abandoned: true } });
    expect(sealed.map(({ receipt }) => receipt.seal.reason_code)).toEqual(["step_abandoned", "graph_abandoned"]);
  });

  test("nested walks are trees, and a walk without effects leaves no receipt", async () => {
    const events: RunEvent[] = [
      started("r1"),
      opened(),
      entered("map"),
      opened("map[0]", act("map"), 0),
      opened("map[1]", act("map"), 1),
      entered("post", "map[1]"),
      ...effect("post", { frame: "map[1]" }),
      nodeEnded("post", null, { frame: "map[1]" }),
      entered("pure", "map[0]"),
      nodeEnded("pure", null, { frame: "map[0]" }),
      frameEnded("map[0]"),
      frameEnded("map[1]"),
      nodeEnded("map", null),
      frameEnded(),
      done,
    ];
    const sealed = await sealEvents(events);
    expect(sealed.map(({ receipt }) => receipt.subject.ref.label)).toEqual(["map[1]/post#1.1", "map[1]", "gate"]);
    expect(verifyTree(supplied(sealed), trusting()).findings).toEqual([]);
  });

  test("a dry run says that it is one, in every receipt", async () => {
    const options = { dryRun: "stub", replay: false, assume: {}, canPause: true, timeoutMs: 1, maxFanout: 1 } as const;
    const events = [
      started("r1", { options }),
      opened(),
      entered("a"),
      ...effect("a", { decision: "DryRunOnly" }),
      nodeEnded("a", null),
      frameEnded(),
      done,
    ];
    for (const { receipt } of await sealEvents(events)) {
      expect(receipt.seal.reason_code).toMatch(/^dry_run_/);
      expect(receipt.seal.summary).toMatch(/^dry run: /);
    }
  });

  test("visits and attempts have intent keys of their own", async () => {
    const events: RunEvent[] = [started("r1"), opened()];
    for (let visit = 1; visit <= 3; visit++) {
      events.push(entered("a", "", 1, visit), ...effect("a", { visit }), nodeEnded("a", null, { visit }));
    }
    events.push(frameEnded(), done);
    const sealed = await sealEvents(events);
    expect(new Set(sealed.map(({ receipt }) => receipt.idempotency.intent_key)).size).toBe(4);
    expect(new Set(sealed.map(({ receipt }) => receipt.id)).size).toBe(4);
  });

  test("thousands of visits seal in groups and verify", async () => {
    const events: RunEvent[] = [started("r1"), opened()];
    for (let visit = 1; visit <= 2_100; visit++) {
      events.push(entered("a", "", 1, visit), ...effect("a", { visit }), nodeEnded("a", null, { visit }));
    }
    events.push(frameEnded(), done);
    const sealed = await sealEvents(events);
    expect(sealed).toHaveLength(2_104);
    expect(rootOf(sealed).receipt.lineage?.children).toHaveLength(3);
    expect(verifyTree(supplied(sealed), trusting())).toMatchObject({ integrity: true, trust: "pinned" });
  }, 60_000);

  test("a run that was sealed before it went on names that receipt", async () => {
    const previous = { type: "receipt", uri: `runx:receipt:${digest}`, locator: digest } as const;
    const sealed = await sealEvents(posting(), { context: { previous } });
    expect(rootOf(sealed).receipt.lineage?.previous).toEqual(previous);
  });

  test("a stream has one receipt for each segment, whose output is the root of its records", async () => {
    const stream = "stdin lines";
    const options = {
      dryRun: "no",
      replay: false,
      assume: {},
      canPause: false,
      timeoutMs: 1,
      maxFanout: 1,
      stream,
    } as const;
    const record = (number: number, status: "completed" | "failed" = "completed"): RunEvent => ({
      type: "record.ended",
      record: number,
      status,
      bytes: 3,
      input: digest,
      output: status === "completed" ? digest : null,
      lastNode: "post",
      failure: null,
    });
    const rotated: RunEvent = {
      type: "segment.opened",
      epoch: 2,
      oldHead: "cd".repeat(32),
      oldLength: 1,
      lateLines: 0,
    };
    const events: RunEvent[] = [
      started("r1", { options }),
      ...effect("post", { frame: "record[1]" }),
      record(1),
      ...effect("post", { frame: "record[2]" }),
      record(2),
      rotated,
      record(3, "failed"),
      { type: "run.ended", outcome: "failed", reason: "record 3" },
    ];
    const sealed = await sealEvents(events);
    expect(sealed.map(({ receipt }) => [receipt.subject.ref.label, receipt.seal.disposition])).toEqual([
      ["records 1 to 2", "closed"],
      ["records 3 to 3", "failed"],
      ["gate", "failed"],
    ]);
    const [first] = sealed;
    expect(first?.receipt.seal.criteria[0]?.evidence_refs[0]?.locator).toBe(`sha256:${"cd".repeat(32)}`);
    expect(first?.receipt.decisions.map((one) => [one.choice, one.proposed_intent.purpose])).toEqual([
      ["continue", "Decide about http.request, 2 times"],
    ]);
    const leaves = [1, 2].map((number) =>
      canonicalText({ bytes: 3, input: digest, output: digest, record: number, status: "completed" }),
    );
    const tree = new Merkle();
    for (const leaf of leaves) tree.add(leaf);
    const salt = saltsOf(Buffer.from("salt"))(saltName("segment 1", "output", 0));
    expect(first?.receipt.subject.commitments[0]?.value).toBe(commitmentDigest(salt, tree.root()));
    expect(verifyTree(supplied(sealed), trusting())).toMatchObject({ integrity: true, findings: [] });
  });

  test("the root of a list of texts is that of RFC 6962", () => {
    const sha = (...parts: readonly (string | Buffer)[]): Buffer =>
      parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
    const leaf = (text: string): Buffer => sha(Buffer.of(0), text);
    const node = (a: Buffer, b: Buffer): Buffer => sha(Buffer.of(1), a, b);
    const rootOfTexts = (texts: readonly string[]): Buffer => {
      if (texts.length === 0) return sha("");
      if (texts.length === 1) return leaf(texts[0] ?? "");
      const left = 2 ** Math.ceil(Math.log2(texts.length) - 1);
      return node(rootOfTexts(texts.slice(0, left)), rootOfTexts(texts.slice(left)));
    };
    for (let count = 0; count <= 33; count++) {
      const texts = Array.from({ length: count }, (_, at) => `t${at}`);
      const tree = new Merkle();
      for (const text of texts) tree.add(text);
      expect([tree.size, tree.root()]).toEqual([count, `sha256:${rootOfTexts(texts).toString("hex")}`]);
    }
  });

  test("a journal without a start has no receipts", () => {
    const context = { journalHead: null, abandoned: true, previous: null };
    expect(sealPlan(folded([]), context)).toBeNull();
  });
});
