/** Which keys count for approvals, with a real control plane on 127.0.0.1. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseConfigFile } from "../../src/config/file.ts";
import { readStageEnvironment } from "../../src/config/stage-environment.ts";
import { fetchKeySet, keySetUrl } from "../../src/connect/keys/refresh.ts";
import { serializeKeySet } from "../../src/governance/credentials/key-set.ts";
import type { TrustedKey } from "../../src/governance/credentials/model.ts";
import { sha256 } from "../../src/governance/credentials/rules.ts";
import { resolveApprovalKeys, type KeyQuestion } from "../../src/runtime/keys.ts";
import { alice, setOf, signerOf, trusted } from "../governance/credentials/support.ts";

const API_KEY = "CANARY-api-key-1234567890";
const bob = trusted(signerOf(2, "bob-1"), { principals: ["user:bob@example"] });
const carol = trusted(signerOf(3, "carol-1"), { principals: ["user:carol@example"] });
const aliceKey = trusted(alice);

let home = "";
let project = "";
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  const base = await mkdtemp(path.join(os.tmpdir(), "countersign-trust-"));
  closing.push(() => rm(base, { recursive: true, force: true }));
  home = path.join(base, "config", "countersign");
  project = path.join(base, "project");
  await mkdir(home, { recursive: true });
  await mkdir(project);
});

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function put(folder: string, name: string, ...keys: readonly TrustedKey[]): Promise<string> {
  const text = serializeKeySet(setOf(...keys));
  await writeFile(path.join(folder, name), text, { mode: 0o644 });
  return sha256(text);
}

function question(more: Partial<KeyQuestion> = {}): KeyQuestion {
  return {
    env: { XDG_CONFIG_HOME: path.dirname(home) },
    cwd: project,
    keySetFlag: null,
    documentFolder: project,
    posture: "dev",
    user: null,
    api: null,
    ...more,
  };
}

/** The user's configuration with this text. */
function configured(text: string): NonNullable<KeyQuestion["user"]> {
  const read = parseConfigFile(text, path.join(home, "config.toml"), "user");
  if (!read.ok) throw new Error(read.problems[0]?.message);
  return read.config;
}

async function names(more: Partial<KeyQuestion> = {}): Promise<readonly string[]> {
  const found = await resolveApprovalKeys(question(more));
  if (!found.ok) throw new Error(`${found.problem.code}: ${found.problem.message}`);
  return [...found.value.keySet.keys.keys()];
}

async function codeOf(more: Partial<KeyQuestion> = {}): Promise<string> {
  const found = await resolveApprovalKeys(question(more));
  return found.ok ? found.value.notices.map((one) => one.code).join() : found.problem.code;
}

describe("keys for approvals", () => {
  it("are those of the trust store and of the set beside the document; with neither, nobody's", async () => {
    expect(await names()).toEqual([]);
    await put(home, "signing_keys.json", aliceKey);
    await put(project, "signing_keys.json", bob);
    expect(await names()).toEqual(["alice-1", "bob-1"]);
    expect(await names({ documentFolder: null })).toEqual(["alice-1"]);
    expect(await names({ env: {} })).toEqual(["bob-1"]);
  });

  it("are those of --approval-key-set in place of the set beside the document, in every posture", async () => {
    await put(project, "signing_keys.json", bob);
    await put(project, "release.json", carol);
    expect(await names({ keySetFlag: "release.json" })).toEqual(["carol-1"]);
    expect(await names({ keySetFlag: "release.json", posture: "prod" })).toEqual(["carol-1"]);
    expect(await codeOf({ keySetFlag: "none.json" })).toBe("keys.missing");
  });

  it.each(["staging", "prod"] as const)(
    "that came with a document do not count in %s unless pinned",
    async (posture) => {
      const digest = await put(project, "signing_keys.json", bob);
      expect(await names({ posture })).toEqual([]);
      expect(await codeOf({ posture })).toBe("keys.not_pinned");
      const pinned = configured(`[keys]\ntrust = ["${digest}"]`);
      expect(await names({ posture, user: pinned })).toEqual(["bob-1"]);
      const named = configured(`[keys]\ntrust = ["${path.join(project, "signing_keys.json")}"]`);
      expect(await names({ posture, user: named })).toEqual(["bob-1"]);
      // A key's own fingerprint pins no set: whose key it is would still be the workspace's word.
      const byKey = configured(`[keys]\ntrust = ["${sha256(bob.publicKey)}"]`);
      expect(await codeOf({ posture, user: byKey })).toBe("keys.not_pinned");
    },
  );

  it("that are pinned count no more when any byte of their file has changed", async () => {
    const digest = await put(project, "signing_keys.json", bob);
    const user = configured(`[keys]\ntrust = ["${digest}"]`);
    const file = path.join(project, "signing_keys.json");
    const whole = await readFile(file);
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await writeFile(file, changed);
      const found = await resolveApprovalKeys(question({ posture: "prod", user }));
      expect(found.ok ? found.value.keySet.keys.size : 0, `byte ${at}`).toBe(0);
    }
  });

  it("of files that the configuration names are below its own folder, and must be there", async () => {
    await put(home, "release.json", carol);
    const user = configured('[keys]\ntrust = ["release.json"]');
    expect(await names({ user, posture: "prod" })).toEqual(["carol-1"]);
    await chmod(path.join(home, "release.json"), 0o666);
    expect(await codeOf({ user })).toBe("keys.file_mode");
    await rm(path.join(home, "release.json"));
    expect(await codeOf({ user })).toBe("keys.missing");
  });

  it("are nobody's when one set cannot be used, rather than those of the others", async () => {
    await put(home, "signing_keys.json", aliceKey);
    await writeFile(path.join(project, "signing_keys.json"), '{"v":1');
    expect(await codeOf()).toBe("keys.decode");
    await rm(path.join(project, "signing_keys.json"));
    await writeFile(path.join(home, "signing_keys.json"), '{"v":1');
    expect(await codeOf()).toBe("keys.decode");
    await put(home, "signing_keys.json", aliceKey);
    await chmod(path.join(home, "signing_keys.json"), 0o646);
    expect(await codeOf()).toBe("keys.file_mode");
  });

  it("that the user has revoked stay so, whatever a workspace says", async () => {
    await put(home, "signing_keys.json", { ...aliceKey, status: "revoked" });
    await put(project, "signing_keys.json", { ...aliceKey, kid: "other-name" });
    const found = await resolveApprovalKeys(question());
    expect(found.ok && [...found.value.keySet.keys.values()].map((key) => key.status)).toEqual(["revoked"]);
  });
});

describe("[keys] of a configuration", () => {
  it("is refused in a workspace, and for fingerprints and paths that are none", () => {
    const problems = (text: string, level: "user" | "workspace") => {
      const read = parseConfigFile(text, "countersign.toml", level);
      return read.ok ? [] : read.problems.map((one) => one.code);
    };
    expect(problems("[keys]\ntrust = []", "workspace")).toEqual(["config_operator_only"]);
    expect(problems('[keys]\ntrust = ["sha256:AB"]', "user")).toEqual(["config_value"]);
    expect(problems('[keys]\ntrust = [""]', "user")).toEqual(["config_value"]);
    expect(problems('[keys]\nrefresh_path = "//evil.example/x?y"', "user")).toEqual(["config_value"]);
    expect(problems('[keys]\ntrust = ["a.json"]\nrefresh_path = "/keys"', "user")).toEqual([]);
  });
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function controlPlane(answer: Answer): Promise<KeyQuestion["api"]> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  const { port } = server.address() as AddressInfo;
  const read = readStageEnvironment(apiVariables(`http://127.0.0.1:${port}/api`));
  if (!read.ok) throw new Error(read.problems[0]?.message);
  return read.settings.api;
}

const apiVariables = (base: string) => ({
  COUNTERSIGN_API_BASE_URL: base,
  COUNTERSIGN_AGENT_ID: "agent-7",
  COUNTERSIGN_AGENT_API_KEY: API_KEY,
});

/** A question with the control plane's key in the environment. */
function asking(api: KeyQuestion["api"], more: Partial<KeyQuestion> = {}): Partial<KeyQuestion> {
  return { api, env: { XDG_CONFIG_HOME: path.dirname(home), COUNTERSIGN_AGENT_API_KEY: API_KEY }, ...more };
}

const giving =
  (...keys: readonly TrustedKey[]): Answer =>
  (_request, response) =>
    void response.end(serializeKeySet(setOf(...keys)));

describe("keys of the control plane", () => {
  it("are fetched with the agent's name and key, counted, and kept", async () => {
    const seen: unknown[] = [];
    const api = await controlPlane((request, response) => {
      seen.push([request.method, request.url, request.headers.authorization, request.headers["x-agent-id"]]);
      giving(carol)(request, response);
    });
    expect(await names(asking(api, { posture: "prod" }))).toEqual(["carol-1"]);
    expect(seen).toEqual([["GET", "/api/v1/signing-keys", `Bearer ${API_KEY}`, "agent-7"]]);
    const [kept = ""] = await readdir(path.join(home, "fetched"));
    const text = await readFile(path.join(home, "fetched", kept), "utf8");
    expect(JSON.parse(text)).toMatchObject({ fetched_at: expect.stringMatching(/Z$/) as string });
    expect(text).not.toContain(API_KEY);
    const elsewhere = configured('[keys]\nrefresh_path = "/keys.json"');
    expect(await names(asking(api, { user: elsewhere }))).toEqual(["carol-1"]);
    expect((seen.at(-1) as unknown[])[1]).toBe("/api/keys.json");
  });

  it("take the place of those fetched before, but for what was revoked", async () => {
    let answer = giving(carol, { ...bob, status: "revoked" });
    const api = await controlPlane((request, response) => answer(request, response));
    expect(await names(asking(api))).toEqual(["bob-1", "carol-1"]);
    answer = giving(aliceKey, { ...bob, kid: "bob-again" });
    const found = await resolveApprovalKeys(question(asking(api)));
    expect(found.ok && [...found.value.keySet.keys.values()].map(({ kid, status }) => [kid, status])).toEqual([
      ["alice-1", "active"],
      ["bob-again", "revoked"],
    ]);
  });

  const failures: readonly (readonly [string, Answer, string])[] = [
    ["an error", (_q, r) => void r.writeHead(503).end("no"), "answered 503"],
    ["a redirect", (_q, r) => void r.writeHead(302, { location: "/elsewhere" }).end(), "redirect"],
    ["no answer to the end", (_q, r) => void r.socket?.destroy(), "connection failed"],
    ["something else than keys", (_q, r) => void r.end("<html>"), "not JSON"],
    ["a private key", (_q, r) => void r.end('{"v":1,"issuer":"a","keys":[{"d":"x"}]}'), "private key"],
    ["an endless answer", endless, "larger than"],
  ];

  it.each(failures)("are those of last time when the answer is %s", async (_what, failing, words) => {
    let answer = giving(carol, { ...bob, status: "revoked" });
    const api = await controlPlane((request, response) => answer(request, response));
    await names(asking(api));
    const [kept = ""] = await readdir(path.join(home, "fetched"));
    const before = await readFile(path.join(home, "fetched", kept));
    answer = failing;
    const found = await resolveApprovalKeys(question(asking(api)));
    if (!found.ok) throw new Error(found.problem.message);
    expect([...found.value.keySet.keys.keys()].sort()).toEqual(["bob-1", "carol-1"]);
    expect(found.value.notices.map((one) => one.code)).toEqual(["keys.refresh_failed"]);
    expect(found.value.notices[0]?.message).toContain(words);
    expect(found.value.notices[0]?.message).not.toContain(API_KEY);
    expect(await readFile(path.join(home, "fetched", kept))).toEqual(before);
  });

  it("are nobody's when nothing was ever fetched and nobody listens", async () => {
    const api = { baseUrl: "http://127.0.0.1:1", agentId: "agent-7", apiKeyVariable: "COUNTERSIGN_AGENT_API_KEY" };
    expect(await names(asking(api))).toEqual([]);
    expect(await codeOf(asking(api))).toBe("keys.refresh_failed");
  });

  it("are not waited for beyond the time, neither for a word nor for the rest of one", async () => {
    for (const slow of [() => undefined, (_q, r) => void r.write('{"v":1')] satisfies Answer[]) {
      const api = await controlPlane(slow);
      const plane = { baseUrl: api?.baseUrl ?? "", path: "/k", agentId: "a", apiKey: API_KEY };
      const fetched = await fetchKeySet(plane, 1000, 100);
      expect(fetched).toMatchObject({ ok: false, problem: { code: "keys.refresh_failed" } });
      expect(fetched.ok ? "" : fetched.problem.message).toContain("no answer within 0.1 s");
    }
  });

  it("are asked for over https only, except on this machine", () => {
    const url = (baseUrl: string, at = "/k") => keySetUrl({ baseUrl, path: at })?.href ?? null;
    expect(url("https://plane.example/a/")).toBe("https://plane.example/a/k");
    expect(url("http://127.0.0.1:8080")).toBe("http://127.0.0.1:8080/k");
    expect(url("http://[::1]")).toBe("http://[::1]/k");
    for (const base of ["http://plane.example", "http://127.0.0.1.example", "ftp://localhost", "file:///x", "no"]) {
      expect(url(base), base).toBeNull();
    }
    expect(url("https://plane.example", "//evil.example/k")).toBe("https://plane.example//evil.example/k");
  });
});

/** Two megabytes and more, until the other side has heard enough. */
function endless(_request: IncomingMessage, response: ServerResponse): void {
  const part = Buffer.alloc(256 * 1024, 0x20);
  const write = (): void => {
    if (response.destroyed) return;
    if (response.write(part)) setImmediate(write);
    else response.once("drain", write);
  };
  write();
}
