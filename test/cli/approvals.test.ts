/** The list and the page of open requests, as people and tools get them. */
import path from "node:path";
import { describe, expect, it } from "vitest";
import { approvalsListCommand, approvalsShowCommand } from "../../src/cli/commands/approvals.ts";
import type { ApprovalTerms, RunEvent } from "../../src/effects/events.ts";
import { act, entered, keepRun, nodeEnded, opened, started, T0 } from "./kept-runs.ts";
import { expectGolden, fakeTerminal, folderWith } from "./terminal.ts";

const now = T0 + 5 * 60_000;
const digest = (n: number): string => `sha256:${String(n).repeat(64)}`;

const terms: ApprovalTerms = {
  specHash: digest(1),
  environment: "prod",
  nodeId: "publish#1.1",
  capability: "http.request:POST https://api.example/releases",
  inputDigest: digest(2),
  rule: "side_effects",
  needed: 2,
  notRequester: true,
  approvers: ["user:bob@host", "user:carol@host"],
  expiresAt: T0 + 3_600_000,
  answerSchema: null,
  signed: true,
};

type Asked = Extract<RunEvent, { type: "approval.requested" }>;

const post: Asked = {
  type: "approval.requested",
  act: act("publish"),
  index: 0,
  id: "publish#1.1",
  subject: "effect",
  reason: "environment `prod` asks for approval of every change",
  effectDigest: digest(3),
  terms,
  summary: {
    kind: "http.request",
    effect: {
      kind: "http.request",
      method: "POST",
      url: "https://api.example/releases",
      headers: [
        ["Authorization", "Bearer {secret:TOKEN}"],
        ["X-Evil", "a\u001b[31mb\r\nSet-Cookie: c"],
      ],
      body_digest: digest(4),
    },
    preview: { text: '{"tag": "1.4"}\n\u001b]0;title\u0007', truncated: false },
  },
};

const write: Asked = {
  type: "approval.requested",
  act: act("save"),
  index: 0,
  id: "save#1.1",
  subject: "effect",
  reason: null,
  effectDigest: digest(5),
  terms: { ...terms, nodeId: "save#1.1", capability: "fs.write:/x", needed: 1, notRequester: false, approvers: null },
  summary: {
    kind: "fs.write",
    effect: { kind: "fs.write", path: "notes.txt", real_path: "/nowhere/notes.txt", content_digest: digest(6) },
    preview: { text: "one\ntwo\n", truncated: true },
  },
};

const typed: Asked = {
  type: "approval.requested",
  act: act("ask"),
  index: 0,
  id: "gate",
  subject: "approval",
  reason: "Which region?",
  effectDigest: digest(7),
  terms: {
    ...terms,
    environment: "dev",
    nodeId: "ask#1.1",
    capability: "approval:ask",
    rule: "approval",
    needed: 1,
    approvers: null,
    notRequester: false,
    expiresAt: T0 + 60_000,
    answerSchema: '{"type":"string"}',
    signed: false,
  },
  summary: { gate_id: "gate", regions: ["eu", "us"] },
};

/** A state directory with a paused run for each of these requests. */
async function waiting(): Promise<string> {
  const cwd = await folderWith();
  const runs = [
    ["r-post", post],
    ["r-write", write],
    ["r-typed", typed],
  ] as const;
  for (const [runId, asked] of runs) {
    await keepRun(path.join(cwd, "state"), runId, [
      started(runId, { environment: asked.terms?.environment ?? "dev" }),
      opened(),
      entered("load"),
      nodeEnded("load", "x"),
      entered(asked.act.node),
      asked,
      { type: "run.paused", requests: [asked.id] },
    ]);
  }
  return cwd;
}

const requests = [
  ["r-post", "approvals-show-post"],
  ["r-write", "approvals-show-write"],
  ["r-typed", "approvals-show-typed"],
] as const;

describe("approvals list", () => {
  it("has one line for each open request, without control characters from documents", async () => {
    const terminal = fakeTerminal(await waiting(), { person: true, width: 140 });
    expect(await approvalsListCommand(terminal, { stateDir: "state", now })).toBe(0);
    expect(terminal.written.err).toBe("");
    await expectGolden("approvals-list.txt", terminal.written.out);
  });

  it("is the same as JSON, for tools", async () => {
    const terminal = fakeTerminal(await waiting());
    expect(await approvalsListCommand(terminal, { stateDir: "state", now, json: true })).toBe(0);
    await expectGolden("approvals-list.json", terminal.written.out);
  });

  it("says that nothing waits, on standard error only", async () => {
    const terminal = fakeTerminal(await folderWith());
    await approvalsListCommand(terminal, { stateDir: "state", now });
    expect(terminal.written).toEqual({ out: "", err: expect.stringMatching(/^nothing in .*state waits/) as string });
  });
});

describe("approvals show", () => {
  it.each(requests)("tells everything about the request of %s", async (runId, golden) => {
    const terminal = fakeTerminal(await waiting(), { person: true, width: 100 });
    expect(await approvalsShowCommand(terminal, runId, undefined, { stateDir: "state", now })).toBe(0);
    await expectGolden(`${golden}.txt`, terminal.written.out);
    const json = fakeTerminal(terminal.cwd);
    await approvalsShowCommand(json, runId, undefined, { stateDir: "state", now, json: true });
    await expectGolden(`${golden}.json`, json.written.out);
  });

  it.each([
    ["r-none", undefined, "journal.missing"],
    ["r-post", "other", "approval.unknown"],
  ])("refuses run %s and request %s with %s", async (runId, request, code) => {
    const terminal = fakeTerminal(await waiting());
    await expect(approvalsShowCommand(terminal, runId, request, { stateDir: "state", now })).rejects.toMatchObject({
      code,
    });
  });

  it("has nothing to show of a run that does not wait", async () => {
    const cwd = await folderWith();
    await keepRun(path.join(cwd, "state"), "r-open", [started("r-open"), opened(), entered("load")]);
    const shown = approvalsShowCommand(fakeTerminal(cwd), "r-open", undefined, { stateDir: "state", now });
    await expect(shown).rejects.toMatchObject({ code: "approval.none" });
  });
});
