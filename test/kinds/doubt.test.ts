/** What a doubt is answered with when somebody says that the effect did happen: every handler can go on with it. */
import { describe, expect, it } from "vitest";
import type { ApprovalAnswer } from "../../src/effects/events.ts";
import { happenedValue } from "../../src/engine/doubt.ts";
import type { Failure } from "../../src/graph/failure.ts";
import { object } from "../../src/graph/value.ts";
import { drive, effectsOf, type Case } from "./driver.ts";

const said: ApprovalAnswer = { approved: true, by: "user:ada", reason: null, answer: object({ happened: true }) };

const doubt: Failure = { class: "in_doubt", message: "" };

const cases: readonly (readonly [name: string, given: Case])[] = [
  ["read_file", { kind: "read_file", fields: { path_from: "p" } }],
  ["write_file", { kind: "write_file", fields: { path_from: "p", content_from: "p" } }],
  ["create_dir", { kind: "create_dir", fields: { path_from: "p" } }],
  ["read_env", { kind: "read_env", fields: { key: "K" } }],
  ["http_request", { kind: "http_request", fields: { method: "post", url_from: "p" } }],
  ["shell_run", { kind: "shell_run", fields: { command: "/bin/x" } }],
  ["call_mcp_tool", { kind: "call_mcp_tool", fields: { tool: "t" } }],
  ["read_mcp_resource", { kind: "read_mcp_resource", fields: { resource_from: "p" } }],
  ["stage exec", { kind: "stage", fields: { key: "exec:true" } }],
  ["llm_infer", { kind: "llm_infer", fields: { backend: "default", prompt: "p" } }],
];

describe("an effect in doubt that did happen", () => {
  it.each(cases)("lets %s end well", (_name, given) => {
    const values = { p: "http://h/" };
    const [effect] = effectsOf(drive({ ...given, values, answers: [{ failed: doubt }] }));
    if (effect === undefined) throw new Error("there was no effect");
    const happened = happenedValue(effect, said);
    expect(happened).not.toBeNull();
    const ran = drive({ ...given, values, answers: [{ done: happened?.value ?? null }] });
    expect(ran.failure).toBeNull();
    expect(ran.result?.outcome).toBe("continue");
    expect(ran.result?.outcome === "continue" ? ran.result.label : "").not.toBe("error");
  });

  it("is only what the person who answers says it is", () => {
    const [effect] = effectsOf(drive({ kind: "call_mcp_tool", fields: { tool: "t" }, answers: [{ failed: doubt }] }));
    if (effect === undefined) throw new Error("there was no effect");
    expect(happenedValue(effect, { ...said, approved: false })).toBeNull();
    expect(happenedValue(effect, { ...said, answer: true })).toBeNull();
    expect(happenedValue(effect, { ...said, answer: object({ happened: true, value: 7n }) })).toEqual({ value: 7n });
  });
});
