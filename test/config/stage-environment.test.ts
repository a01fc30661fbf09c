import { describe, expect, it } from "vitest";
import type { Environment } from "../../src/config/problem.ts";
import { readStageEnvironment } from "../../src/config/stage-environment.ts";

describe("the variables of stages (spec/pipeline.md §2)", () => {
  it("have the documented defaults", () => {
    expect(readStageEnvironment({})).toEqual({
      ok: true,
      settings: { lists: { httpPost: null, exec: [] }, timeoutMs: 10_000, maxRetries: 0, retryBaseMs: 200, api: null },
    });
  });

  it.each<[Environment, object]>([
    [{ BYTEOR_HTTP_POST_TIMEOUT: "250ms" }, { timeoutMs: 250 }],
    [{ BYTEOR_HTTP_POST_TIMEOUT: "10s" }, { timeoutMs: 10_000 }],
    [{ BYTEOR_HTTP_POST_TIMEOUT: "2m" }, { timeoutMs: 120_000 }],
    [{ BYTEOR_HTTP_POST_TIMEOUT: "3" }, { timeoutMs: 3000 }],
    [{ BYTEOR_HTTP_POST_TIMEOUT: "3", COUNTERSIGN_HTTP_POST_TIMEOUT: "4" }, { timeoutMs: 4000 }],
    [{ BYTEOR_HTTP_POST_ALLOWLIST: "" }, { lists: { httpPost: [], exec: [] } }],
    [
      { BYTEOR_HTTP_POST_ALLOWLIST: "https://a/x, http://b:8/" },
      { lists: { httpPost: ["https://a/x", "http://b:8/"] } },
    ],
    [{ COUNTERSIGN_HTTP_POST_ALLOWLIST: "", BYTEOR_HTTP_POST_ALLOWLIST: "https://a/" }, { lists: { httpPost: [] } }],
    [{ BYTEOR_EXEC_ALLOWLIST: "" }, { lists: { exec: [] } }],
    [{ BYTEOR_EXEC_ALLOWLIST: "/bin/x, tee" }, { lists: { exec: ["/bin/x", "tee"] } }],
    [{ BYTEOR_ACTION_MAX_RETRIES: "10" }, { maxRetries: 10 }],
    [{ BYTEOR_ACTION_RETRY_BASE_MS: "0" }, { retryBaseMs: 0 }],
    [
      { BYTEOR_API_BASE_URL: "https://api", BYTEOR_AGENT_ID: "a", COUNTERSIGN_AGENT_API_KEY: "hush" },
      { api: { baseUrl: "https://api", agentId: "a", apiKeyVariable: "COUNTERSIGN_AGENT_API_KEY" } },
    ],
    [
      { BYTEOR_API_BASE_URL: "http://127.0.0.1:8/", BYTEOR_AGENT_ID: "a", BYTEOR_AGENT_API_KEY: "k" },
      { api: { baseUrl: "http://127.0.0.1:8/" } },
    ],
  ])("%j gives %j", (env, expected) => {
    const read = readStageEnvironment(env);
    expect(read).toMatchObject({ ok: true, settings: expected });
    expect(JSON.stringify(read)).not.toContain("hush");
  });

  it.each<[Environment, string[]]>([
    [{ BYTEOR_HTTP_POST_TIMEOUT: "" }, ["BYTEOR_HTTP_POST_TIMEOUT"]],
    [{ BYTEOR_HTTP_POST_TIMEOUT: "0" }, ["BYTEOR_HTTP_POST_TIMEOUT"]],
    [{ BYTEOR_HTTP_POST_TIMEOUT: "1h" }, ["BYTEOR_HTTP_POST_TIMEOUT"]],
    [{ BYTEOR_HTTP_POST_TIMEOUT: "1.5s" }, ["BYTEOR_HTTP_POST_TIMEOUT"]],
    [{ BYTEOR_HTTP_POST_TIMEOUT: "-1" }, ["BYTEOR_HTTP_POST_TIMEOUT"]],
    [{ BYTEOR_HTTP_POST_TIMEOUT: "99999999m" }, ["BYTEOR_HTTP_POST_TIMEOUT"]],
    [{ COUNTERSIGN_HTTP_POST_ALLOWLIST: "https://a/,,https://b/" }, ["COUNTERSIGN_HTTP_POST_ALLOWLIST"]],
    [{ BYTEOR_HTTP_POST_ALLOWLIST: "a/x" }, ["BYTEOR_HTTP_POST_ALLOWLIST"]],
    [{ BYTEOR_HTTP_POST_ALLOWLIST: "https://*.a/" }, ["BYTEOR_HTTP_POST_ALLOWLIST"]],
    [{ BYTEOR_HTTP_POST_ALLOWLIST: "https://a/?x" }, ["BYTEOR_HTTP_POST_ALLOWLIST"]],
    [{ BYTEOR_HTTP_POST_ALLOWLIST: "https://u@a/" }, ["BYTEOR_HTTP_POST_ALLOWLIST"]],
    [{ BYTEOR_EXEC_ALLOWLIST: "/bin/x|a" }, ["BYTEOR_EXEC_ALLOWLIST"]],
    [{ BYTEOR_ACTION_MAX_RETRIES: "11" }, ["BYTEOR_ACTION_MAX_RETRIES"]],
    [{ BYTEOR_ACTION_MAX_RETRIES: "" }, ["BYTEOR_ACTION_MAX_RETRIES"]],
    [{ BYTEOR_ACTION_RETRY_BASE_MS: "30001" }, ["BYTEOR_ACTION_RETRY_BASE_MS"]],
    [{ BYTEOR_AGENT_ID: "a" }, ["COUNTERSIGN_API_BASE_URL", "COUNTERSIGN_AGENT_API_KEY"]],
    [{ BYTEOR_API_BASE_URL: "http://api/", BYTEOR_AGENT_ID: "a", BYTEOR_AGENT_API_KEY: "k" }, ["BYTEOR_API_BASE_URL"]],
    [
      { BYTEOR_HTTP_POST_TIMEOUT: "x", BYTEOR_ACTION_MAX_RETRIES: "x" },
      ["BYTEOR_HTTP_POST_TIMEOUT", "BYTEOR_ACTION_MAX_RETRIES"],
    ],
  ])("%j is refused by name", (env, where) => {
    const read = readStageEnvironment(env);
    expect(read.ok).toBe(false);
    if (read.ok) return;
    expect(read.problems.map((one) => one.where)).toEqual(where);
    for (const problem of read.problems) expect(problem.message).toContain(problem.where);
  });
});
