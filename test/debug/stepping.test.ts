/** What a session is told to stop for, by what has happened. */
import { describe, expect, test } from "vitest";
import { pendingFor } from "../../src/debug/stepping.ts";
import type { JournalEvent } from "../../src/effects/events.ts";

const act = { frame: "", node: "ask", visit: 1, attempt: 1 };
const place = { seq: 9, at: 0, digest: "sha256:0", description: {}, code: "operator", reason: "nobody may" };
const start: JournalEvent = {
  ...{ ...place, type: "provision.decided", what: "mcp_server", name: "files", document: "/g.toml", act },
  ...{ kind: "shell.run", decision: "Deny" },
};
const effect: JournalEvent = {
  ...{ ...place, type: "effect.decided", act, index: 0, kind: "shell.run", request: "sha256:1", decision: "Allow" },
  live: { decision: "RequireApproval", code: "approval_missing" },
};
const [all, none] = [
  { failures: true, decisions: true },
  { failures: true, decisions: false },
];

describe("a decision", () => {
  test("about a start that is refused stops like one about an effect, where that is asked for", () => {
    expect(pendingFor(start, all)).toEqual({ reason: "decision", text: "files: Deny. nobody may" });
    expect(pendingFor({ ...start, decision: "Allow" }, all)).toBeNull();
    expect(pendingFor(start, none)).toBeNull();
  });

  test("of a dry run stops for what it would be for real", () => {
    expect(pendingFor(effect, all)).toEqual({
      reason: "decision",
      text: "ask: live: RequireApproval (approval_missing). nobody may",
    });
    expect(pendingFor({ ...effect, live: { decision: "Allow", code: "ok" } }, all)).toBeNull();
    expect(pendingFor(effect, none)).toBeNull();
  });
});
