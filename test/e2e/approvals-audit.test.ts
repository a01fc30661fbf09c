/** What becomes of credentials and keys, in the audit of the state directory (docs/audit.md). */
import { execFileSync } from "node:child_process";
import { realpathSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { loadDocument } from "../../src/runtime/documents.ts";
import { folderWith } from "../cli/terminal.ts";
import { Person } from "./approvals-support.ts";
import { receiver } from "./commands.ts";

const document = `name = "note"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "write"
[[nodes]]
id = "write"
type = "write_file"
path_from = "trigger.path"
content_from = "trigger.text"
`;

async function people() {
  const folder = await folderWith({ "note.toml": document });
  const alice = await Person.with(folder, "alice");
  const bob = await Person.with(folder, "bob");
  await alice.trusts(alice);
  await alice.trusts(bob);
  const input = JSON.stringify({ path: path.join(folder, "note.txt"), text: "hi" });
  const kept = ["--state-dir", "state"];
  const start = (id: string, more: Readonly<Record<string, string>> = {}) =>
    alice.run(["run", "note.toml", "-i", input, "--environment", "prod", ...kept, "--run-id", id], null, more);
  const approve = (id: string, ...more: string[]) => bob.run(["approvals", "approve", id, ...kept, ...more], ["write"]);
  const resume = (id: string, ...more: string[]) => alice.run(["resume", id, ...kept, ...more]);
  const audit = async (type: string): Promise<readonly Record<string, unknown>[]> => {
    const listed = await alice.run(["audit", "list", ...kept, "--type", type, "--json"]);
    expect(listed.exit, listed.err).toBe(0);
    return JSON.parse(listed.out) as Record<string, unknown>[];
  };
  return { folder, alice, bob, start, approve, resume, audit };
}

describe("the audit of a state directory", () => {
  it("says which credential was accepted and which effect used it up", async () => {
    const { start, approve, resume, audit, bob } = await people();
    expect((await start("r1")).exit).toBe(7);
    expect((await approve("r1")).exit).toBe(0);
    const resumed = await resume("r1");
    expect(resumed.exit, resumed.err).toBe(0);
    const lines = await audit("credential");
    expect(lines.map(({ type }) => type)).toEqual(["credential.accepted", "credential.used"]);
    for (const line of lines) {
      expect(line).toMatchObject({ kid: bob.kid, principal: bob.principal, run: "r1", node: "write#1.1" });
      expect(line["credential"]).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(line["capability"]).toMatch(/^fs\.write:/);
    }
    expect(new Set(lines.map(({ approval }) => approval)).size).toBe(1);
  });

  it("says which credential did not count, and why", async () => {
    const { folder, start, approve, resume, audit } = await people();
    expect((await start("r1")).exit).toBe(7);
    expect((await start("r2")).exit).toBe(7);
    expect((await approve("r1", "--out", "one.cred")).exit).toBe(0);
    const foreign = await resume("r2", "--approval", "one.cred");
    expect([foreign.exit, foreign.err]).toEqual([2, expect.stringContaining("[cred.spec_mismatch]")]);
    writeFileSync(path.join(folder, "broken.cred"), "no credential");
    const broken = await resume("r2", "--approval", "broken.cred");
    expect([broken.exit, broken.err]).toEqual([2, expect.stringContaining("[cred.decode]")]);
    expect(await audit("credential")).toMatchObject([
      { type: "credential.refused", code: "cred.spec_mismatch", run: "r2", principal: "user:bob@test" },
      { type: "credential.refused", code: "cred.decode", run: "r2", principal: null, approval: null },
    ]);
    expect((await audit("run.refused")).length).toBe(2);
  });

  it("says that keys could not be fetched, and never the key of the control plane", async () => {
    const { start, audit } = await people();
    const plane = {
      COUNTERSIGN_API_BASE_URL: "http://127.0.0.1:9",
      COUNTERSIGN_AGENT_ID: "agent",
      COUNTERSIGN_AGENT_API_KEY: "canary-of-the-plane",
    };
    const started = await start("r1", plane);
    expect([started.exit, started.err]).toEqual([7, expect.stringContaining("[keys.refresh_failed]")]);
    const lines = await audit("keys");
    expect(lines).toMatchObject([{ type: "keys.refresh_failed", from: "http://127.0.0.1:9" }]);
    expect(JSON.stringify(lines)).not.toContain("canary");
  });

  it("is not written by a rehearsal", async () => {
    const { alice, folder } = await people();
    const input = JSON.stringify({ path: path.join(folder, "note.txt"), text: "hi" });
    const plane = {
      COUNTERSIGN_API_BASE_URL: "http://127.0.0.1:9",
      COUNTERSIGN_AGENT_ID: "agent",
      COUNTERSIGN_AGENT_API_KEY: "canary-of-the-plane",
    };
    const words = ["run", "note.toml", "-i", input, "--dry-run", "--state-dir", "state"];
    const ran = await alice.run(words, null, plane);
    expect(ran.exit, ran.err).toBe(0);
    expect((await alice.run(["audit", "list", "--state-dir", "state"])).err).toContain("[audit.missing]");
  });
});

describe("what an effect needs started, in prod", () => {
  const gate = (argv: string): string => `name = "note"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "read"
[[nodes]]
id = "read"
type = "http_request"
method = "GET"
url_from = "trigger.url"
headers = { "X-Token" = "{{secret:TOK}}" }
[[secrets]]
name = "TOK"
source = "command"
argv = ${argv}
`;

  /** A run of a document whose request needs a secret that a command gives; Bob's credential covers what `capabilities` say. */
  async function fetching(capabilities: readonly string[], uses?: number) {
    const made = await people();
    const { folder, alice, bob } = made;
    const web = await receiver();
    const argv = [realpathSync(process.execPath), "-e", "console.log('canary-of-the-command')"];
    writeFileSync(path.join(folder, "gate.toml"), gate(JSON.stringify(argv)));
    const loaded = await loadDocument(path.join(folder, "gate.toml"), folder);
    if (!loaded.ok) throw new Error(loaded.message);
    const payload = { environment_posture: "prod", spec_hash: loaded.bundle.digest, capabilities };
    const text = await bob.credential(uses === undefined ? payload : { ...payload, ext: { max_uses: uses } });
    writeFileSync(path.join(folder, "doc.cred"), text);
    const input = JSON.stringify({ url: `${web.base}/x` });
    const start = (id: string) =>
      alice.run([
        ...["run", "gate.toml", "-i", input, "--environment", "prod", "--state-dir", "state", "--run-id", id],
        ...["--approval", "doc.cred"],
      ]);
    return { ...made, web, start };
  }

  it("does not start without an approval, nor with one for something else", async () => {
    for (const capabilities of [["http.request"], ["http.request", "shell.run:/usr/bin/other"]]) {
      const { web, start } = await fetching(capabilities);
      const ran = await start("r1");
      expect([ran.exit, ran.outcome["error"]]).toMatchObject([5, { class: "policy" }]);
      expect(web.seen.length).toBe(0);
    }
  });

  it("starts when a credential for the document covers its program, as often as that allows", async () => {
    const { web, start, audit } = await fetching(["http.request", `shell.run:${realpathSync(process.execPath)}`], 2);
    const first = await start("r1");
    expect([first.exit, web.seen.length], first.err).toEqual([0, 1]);
    const used = await audit("credential.used");
    expect(used.map(({ run, capability }) => [run, capability])).toEqual([
      ["r1", `http.request:GET ${web.base}/x`],
      ["r1", `shell.run:${realpathSync(process.execPath)}`],
    ]);
    const second = await start("r2");
    expect([second.exit, web.seen.length]).toEqual([7, 1]);
    expect(second.err).toContain("has been used 2 times");
  });
});

describe("a retired key", () => {
  it("starts no run in prod any more, and is not brought back by trusting it again", async () => {
    const { alice, start, approve, resume } = await people();
    expect((await start("before")).exit).toBe(7);
    const listed = JSON.parse((await alice.run(["keys", "list", "--json"])).out) as {
      own: { kid: string; fingerprint: string }[];
    };
    const print = listed.own.find(({ kid }) => kid === alice.kid)?.fingerprint ?? "";
    expect((await alice.run(["keys", "revoke", alice.kid, "--retire", "--yes", print])).exit).toBe(0);
    const again = await alice.run(["keys", "trust", alice.kid, "--yes", print]);
    expect([again.exit, again.err]).toEqual([0, expect.stringContaining("stays retired")]);
    const refused = await start("after");
    expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining("had been retired")]);
    // What it had started before is still its own.
    expect((await approve("before")).exit).toBe(0);
    const resumed = await resume("before");
    expect(resumed.exit, resumed.err).toBe(0);
  });
});

describe("a pipe in the place of a file", () => {
  it.runIf(process.platform === "linux").each([
    ["the document's approval", "approval.cred", ["run", "note.toml", "-i", "{}", "--dry-run"], "approval.file"],
    [
      "the workspace's configuration",
      "countersign.toml",
      ["run", "note.toml", "-i", "{}", "--dry-run"],
      "it is a pipe",
    ],
    ["an approval that is named", "x.cred", ["run", "note.toml", "-i", "{}", "--approval", "x.cred"], "approval.file"],
  ])("is refused and not waited for: %s", async (_what, name, words, code) => {
    const { alice, folder } = await people();
    execFileSync("mkfifo", [path.join(folder, name)]);
    const ran = await alice.run(words);
    expect([ran.exit, ran.err]).toEqual([2, expect.stringContaining(code)]);
  });

  it.runIf(process.platform === "linux")("is shown as such where a request would write", async () => {
    const { alice, folder, start } = await people();
    expect((await start("r1")).exit).toBe(7);
    execFileSync("mkfifo", [path.join(folder, "note.txt")]);
    const shown = await alice.run(["approvals", "show", "r1", "--state-dir", "state"]);
    expect([shown.exit, shown.out]).toEqual([0, expect.stringContaining("no plain file")]);
  });
});
