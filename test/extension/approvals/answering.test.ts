/** How the editor takes an answer: what was shown is held against what is, and nothing is signed before a person agrees. */
import { expect, describe, it } from "vitest";
import type { Signer } from "../../../src/effects/signing.ts";
import {
  giveAnswer,
  goOn,
  type AnsweringHost,
  type Confirmation,
  type Wish,
} from "../../../src/extension/approvals/answering.ts";
import { namedValues, viewOf } from "../../../src/extension/approvals/view.ts";
import { label } from "../../../src/extension/approvals/words.ts";
import { approvalView, fromApproval } from "../../../src/protocol/approval.ts";
import type { ApprovalSource, Given, ShownRequest, Verdict } from "../../../src/runtime/approvals/source.ts";
import type { EditorAnswer } from "../../../src/runtime/editor-run/index.ts";

const ref = { runId: "r-1", id: "save#1.1", askedAt: 5 };
const digest = `sha256:${"a".repeat(64)}`;

type Pending = ShownRequest["open"]["pending"];

function request(more: Partial<Pending> = {}, shown: Partial<ShownRequest> = {}): ShownRequest {
  const pending: Pending = {
    runId: "r-1",
    workflow: "gate",
    dialect: "workflow",
    document: "/w/gate.toml",
    graphDigest: digest,
    environment: "staging",
    requester: "user:ada@host",
    requesterSigned: true,
    startedAt: 1,
    id: "save#1.1",
    subject: "effect",
    place: "save",
    activation: { frame: "", node: "save", visit: 1, attempt: 1 },
    reason: "policy asks",
    what: {
      kind: "http.request",
      facts: [
        ["method", "POST"],
        ["url", "https://api.example/\u202egro.evil"],
      ],
      payload: { text: "{}", truncated: false },
      file: null,
      summary: null,
    },
    effectDigest: digest,
    terms: {
      specHash: digest,
      environment: "staging",
      nodeId: "save#1.1",
      capability: "http.request:POST https://api.example/x",
      inputDigest: null,
      rule: "approval_missing",
      needed: 2,
      notRequester: false,
      approvers: null,
      expiresAt: 10_000,
      answerSchema: null,
      signed: true,
    },
    askedAt: 5,
    soFar: [{ node: "notes", outcome: "continue" }],
    ...more,
  };
  const open = { pending, given: [] };
  return { ref, open, change: null, input: null, picture: null, bound: "bound", answer: null, digest, ...shown };
}

const signer: Signer = {
  kid: "editor-1",
  publicKey: new Uint8Array(32),
  principal: "user:bob@host",
  purposes: ["approval"],
  sign: () => Promise.resolve(new Uint8Array(64)),
};

interface Played {
  readonly shown?: ShownRequest;
  readonly given?: Given;
  readonly agrees?: boolean;
  readonly elsewhere?: string;
  readonly refusal?: { readonly code: string; readonly message: string };
}

/** A source and a window that note what is asked of them. */
function play({ shown = request(), given, agrees = true, elsewhere, refusal }: Played) {
  const verdicts: Verdict[] = [];
  const questions: Confirmation[] = [];
  const resumed: EditorAnswer[] = [];
  const kept: Given = { given: true, unsigned: null, futile: null, have: 1, needed: 2 };
  const source: ApprovalSource = {
    id: "/state dir",
    pending: () => Promise.resolve({ ok: true, value: [] }),
    history: () => Promise.resolve({ ok: true, value: [] }),
    show: () => Promise.resolve({ ok: true, value: shown }),
    answer: (_ref, verdict) => {
      verdicts.push(verdict);
      return Promise.resolve(given ?? kept);
    },
  };
  const host: AnsweringHost = {
    confirm: (question) => {
      questions.push(question);
      return Promise.resolve(agrees);
    },
    signer: (kid) => Promise.resolve(kid === signer.kid ? signer : null),
    elsewhere: () => Promise.resolve(elsewhere ?? null),
    goOn: (_shown, answer) => {
      resumed.push(answer);
      return Promise.resolve(refusal ?? null);
    },
    fingerprint: () => digest,
    now: () => 100,
  };
  return { source, host, verdicts, questions, resumed };
}

const wish = (more: Partial<Wish> = {}): Wish => ({
  ...{ type: "answer", digest, approved: true, reason: " looked at it ", typed: null, kid: "editor-1", target: "" },
  ...more,
});

describe("an answer in the editor", () => {
  it("is asked once more with the digest that was shown, then signed for exactly that, and the run goes on", async () => {
    const played = play({});
    const said = await giveAnswer(played.source, ref, wish(), played.host);
    expect(said.tone).toBe("good");
    expect(played.questions).toHaveLength(1);
    expect(played.questions[0]).toMatchObject({ agree: "Approve and Sign" });
    expect(played.questions[0]?.detail).toContain(digest);
    expect(played.questions[0]?.detail).toContain("user:bob@host with the key editor-1");
    // What would reorder the dialog's text is seen as what it is.
    expect(played.questions[0]?.detail).toContain("https://api.example/\\u{202e}gro.evil");
    expect(played.verdicts).toMatchObject([{ seen: digest, approved: true, reason: "looked at it", signer, now: 100 }]);
    expect(played.resumed).toEqual([{ id: "save#1.1", unsigned: null }]);
  });

  it.each([
    ["Send this greeting?", "Send this greeting?"],
    ["Publish “notes”.", "Publish “notes”."],
    ["Deploy \u202eteg", "Deploy \\u{202e}teg"],
    [" ", "to go on"],
    [null, "to go on"],
  ])("the question reads well whatever is asked: %j", async (reason, asks) => {
    const { what } = request().open.pending;
    const shown = request({ what: { ...what, kind: null }, reason, subject: "pause" });
    for (const [approved, verb] of [
      [true, "Approve"],
      [false, "Deny"],
    ] as const) {
      const { source, host, questions } = play({ shown });
      await giveAnswer(source, ref, wish({ approved }), host);
      expect(questions.map(({ question }) => question)).toEqual([`${verb}: ${asks}`]);
    }
  });

  it("nothing is signed when the person does not agree", async () => {
    const played = play({ agrees: false });
    expect(await giveAnswer(played.source, ref, wish(), played.host)).toMatchObject({ tone: "plain" });
    expect([played.verdicts, played.resumed]).toEqual([[], []]);
  });

  it.each([
    ["another digest was shown", {}, wish({ digest: `sha256:${"b".repeat(64)}` }), /changed since it was shown/],
    ["a key that is not there is named", {}, wish({ kid: "editor-2" }), /not there any more/],
    [
      "it was answered",
      { shown: request({}, { answer: { approved: true, by: "user:eve", reason: null, at: 1, signed: true } }) },
      wish(),
      /approved by user:eve/,
    ],
    [
      "prod asks for the target's name",
      { shown: request({ environment: "prod" }) },
      wish({ target: "sav" }),
      /save was not typed/,
    ],
    ["the answer is no JSON", {}, wish({ typed: "{" }), /not JSON/],
    [
      "nobody signs and the run is elsewhere",
      { elsewhere: "not here" },
      wish({ kid: null }),
      /countersign resume r-1 --state-dir "\/state dir"/,
    ],
  ] as const)("nobody is asked and nothing signed when %s", async (_when, played, wished, says) => {
    const { source, host, questions, verdicts } = play(played);
    const said = await giveAnswer(source, ref, wished, host);
    expect(said.tone).toBe("bad");
    expect(said.message).toMatch(says);
    expect([questions, verdicts]).toEqual([[], []]);
  });

  it("in prod the target's name lets the question come, and a denial needs none", async () => {
    for (const wished of [wish({ target: " save " }), wish({ approved: false })]) {
      const played = play({ shown: request({ environment: "prod" }) });
      await giveAnswer(played.source, ref, wished, played.host);
      expect(played.questions).toHaveLength(1);
    }
  });

  it("what changed while the person was asked is refused", async () => {
    const changed = { given: false, code: "approval.changed", message: "it is another" } as const;
    const played = play({ given: changed });
    const said = await giveAnswer(played.source, ref, wish(), played.host);
    expect(said.message).toMatch(/changed since it was shown/);
    expect(played.resumed).toEqual([]);
  });

  it("an approval that is not enough says how many are missing, one that does not count says why and what to do", async () => {
    const short = play({
      refusal: {
        code: "approval.waiting",
        message: "`save#1.1` is not answered yet (`save#1.1` has 1 of 2 approvals)",
      },
    });
    expect((await giveAnswer(short.source, ref, wish(), short.host)).message).toMatch(
      /1 of 2 are there.*one more of other principals has/,
    );
    const unknown = play({
      refusal: { code: "approval.waiting", message: "a credential does not count: nobody knows it [cred.key_unknown]" },
    });
    const said = await giveAnswer(unknown.source, ref, wish(), unknown.host);
    expect(said.message).toMatch(/does not count: .*nobody knows it/);
    expect(said.next).toMatch(/countersign keys trust/);
    expect(said.next).toContain(digest);
    const futile = play({ given: { given: true, unsigned: null, futile: "somebody else must", have: 1, needed: 1 } });
    expect((await giveAnswer(futile.source, ref, wish(), futile.host)).message).toMatch(/somebody else must/);
  });

  it("a signed answer to a run that this window does not go on with is kept, and the command is told", async () => {
    const played = play({ elsewhere: "its document is not in this window" });
    const said = await giveAnswer(played.source, ref, wish(), played.host);
    expect(said.message).toMatch(/Signed and kept.*countersign resume r-1/);
    expect(played.resumed).toEqual([]);
  });

  it("going on answers nothing", async () => {
    const played = play({});
    await goOn(played.source, ref, played.host);
    expect(played.verdicts).toEqual([]);
    expect(played.resumed).toEqual([{ id: "save#1.1", unsigned: null }]);
  });
});

describe("what a page is sent", () => {
  const context = {
    standing: {
      principal: "user:ada@host",
      elsewhere: null,
      keys: new Map([["editor-1", "nobody here trusts it yet"]]),
    },
    keys: [
      {
        ...{ kid: "editor-1", publicKey: "A", fingerprint: digest, principal: "user:bob@host", createdAt: 1 },
        purposes: ["approval"],
      },
    ],
    documentName: "gate.toml",
    elsewhere: null,
    stateDir: "/state",
    now: 100,
  } as const;

  it("is a message of the protocol, with what has to be typed in prod only", () => {
    const view = viewOf(request(), context);
    expect(approvalView.parse(view)).toEqual(view);
    expect(view).toMatchObject({ status: "open", toType: null, signing: { approve: true, deny: false } });
    expect(view.signing.keys).toMatchObject([{ kid: "editor-1", trusted: "nobody here trusts it yet" }]);
    expect(viewOf(request({ environment: "prod" }), context).toType).toBe("save");
    expect(viewOf(request(), { ...context, now: 10_000 }).status).toBe("expired");
  });

  it("large values are folded, long ones shortened, and lists and objects say how large they are", () => {
    const values = namedValues({ a: "x", b: "y".repeat(30_000), c: [1n, 2n], d: { e: null } });
    expect(values.map(({ name, type, large, cut }) => [name, type, large, cut])).toEqual([
      ["a", "text, 1 character", false, false],
      ["b", "text, 30000 characters", true, true],
      ["c", "list, 2 items", false, false],
      ["d", "object, 1 member", false, false],
    ]);
    expect(values[1]?.text.length).toBeLessThan(30_000);
    expect(namedValues(null)).toEqual([]);
    expect(namedValues("only")).toMatchObject([{ name: "", text: "only" }]);
  });

  it("a page cannot say more than the protocol has words for", () => {
    expect(fromApproval.safeParse({ type: "approve", digest }).success).toBe(false);
    expect(fromApproval.safeParse({ ...wish(), reason: "x".repeat(3_000) }).success).toBe(false);
  });

  it("labels are one short line without hidden characters", () => {
    expect(label("a\nb\u202ec")).toBe("a␊b\\u{202e}c");
    expect(label("x".repeat(500)).length).toBeLessThan(160);
  });
});
