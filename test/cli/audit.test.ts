/** `countersign audit` and refused starts, through the command line (docs/audit.md). */
import { appendFile, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { run } from "../../src/cli/program.ts";
import { auditCredential, auditKey, auditRefreshFailed, auditSealed } from "../../src/runtime/audit.ts";
import { receiptSigner } from "../../src/runtime/receipt-keys.ts";
import { fakeTerminal, folderWith } from "./terminal.ts";

const seed = Buffer.alloc(32, 7).toString("base64");
const signing = {
  RUNX_RECEIPT_SIGN_KID: "ci-1",
  RUNX_RECEIPT_SIGN_ED25519_SEED_BASE64: seed,
  RUNX_RECEIPT_SIGN_ISSUER_TYPE: "ci",
};

const good = `name = "w"

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

async function sealedDir(): Promise<{ readonly cwd: string; readonly stateDir: string; readonly print: string }> {
  const cwd = await folderWith({});
  const stateDir = path.join(cwd, "state");
  const made = await receiptSigner(signing, null);
  if (!made.ok) throw new Error(made.problem.message);
  const { signer } = made.value;
  const key = { kid: "k", fingerprint: "sha256:00", principal: "user:a", purposes: ["approval"], by: "user:a" };
  await auditKey(stateDir, "made", key);
  await auditKey(stateDir, "trusted", key);
  await auditRefreshFailed(stateDir, { from: "https://api.example", message: "no answer" });
  const credential = {
    approval: "a1",
    credential: "sha256:11",
    kid: "k",
    principal: "user:a",
    run: "r1",
    node: "n#1.1",
    capability: "shell.run:/bin/x",
  };
  await auditCredential(stateDir, { what: "accepted", ...credential });
  await auditCredential(stateDir, { what: "used", ...credential });
  await auditCredential(stateDir, { what: "refused", ...credential, code: "cred.replayed", message: "used already" });
  const run = { run: "r1", head: "a".repeat(64), events: 9, receipt: null, outcome: "completed", environment: "prod" };
  const sealed = await auditSealed(stateDir, run, signer);
  expect(sealed).toMatchObject({ ok: true, value: { line: 8, unsigned: null } });
  const { fingerprint } = await import("../../src/receipts/sign.ts");
  return { cwd, stateDir, print: fingerprint(signer.publicKey) };
}

async function audit(cwd: string, words: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const terminal = fakeTerminal(cwd);
  const code = await run(["audit", ...words, "--state-dir", "state"], terminal);
  return { code, out: terminal.written.out, err: terminal.written.err };
}

describe("countersign audit verify", () => {
  it("says how far the log is signed and what stands behind", async () => {
    const { cwd, stateDir, print } = await sealedDir();
    await auditRefreshFailed(stateDir, { from: "https://api.example", message: "no answer" });
    const made = await audit(cwd, ["verify", "--trust-root", print]);
    expect(made.out).toContain("signed up to line 8\n");
    expect(made.out).toContain("unsigned tail: line 9");
    expect(made.out).toContain("whole: 9 lines");
    expect(made.code).toBe(0);
  });

  it("refuses a signer that nobody trusts, and a log that nobody signed", async () => {
    const { cwd } = await sealedDir();
    expect(await audit(cwd, ["verify"])).toMatchObject({
      code: 1,
      err: expect.stringContaining("[untrusted_root]") as string,
    });
    const other = await folderWith({});
    await auditRefreshFailed(path.join(other, "state"), { from: "x", message: "y" });
    expect(await audit(other, ["verify"])).toMatchObject({
      code: 1,
      err: expect.stringContaining("[audit.unsigned]") as string,
    });
  });

  it("tells line and reason of a break, as text and as JSON, and exits with 1", async () => {
    const { cwd, stateDir, print } = await sealedDir();
    const file = path.join(stateDir, "audit.jsonl");
    const lines = (await readFile(file, "utf8")).split("\n");
    await writeFile(file, lines.toSpliced(2, 1).join("\n"));
    const text = await audit(cwd, ["verify", "--trust-root", print]);
    expect(text).toMatchObject({
      code: 1,
      err: expect.stringContaining("line 3: the hash of the line before") as string,
    });
    expect(text.out).toContain("broken at line 3");
    const json = JSON.parse((await audit(cwd, ["verify", "--json", "--trust-root", print])).out) as Record<
      string,
      unknown
    >;
    expect(json).toMatchObject({ ok: false, integrity: false, lines: 2, signed_up_to: 0, broken: { line: 3 } });
  });

  it("sees that the end was cut off by a head that was noted before", async () => {
    const { cwd, stateDir, print } = await sealedDir();
    const json = JSON.parse((await audit(cwd, ["verify", "--json", "--trust-root", print])).out) as {
      head: string;
      ok: boolean;
    };
    expect(json.ok).toBe(true);
    const file = path.join(stateDir, "audit.jsonl");
    const lines = (await readFile(file, "utf8")).split("\n");
    expect((await audit(cwd, ["verify", "--trust-root", print, "--contains", json.head])).code).toBe(0);
    await writeFile(file, `${lines.slice(0, 6).join("\n")}\n`);
    const cut = await audit(cwd, ["verify", "--trust-root", print, "--contains", json.head]);
    expect(cut).toMatchObject({ code: 1, err: expect.stringContaining("[audit.absent]") as string });
  });

  it("needs a log and right options", async () => {
    const cwd = await folderWith({});
    expect(await audit(cwd, ["verify"])).toMatchObject({
      code: 2,
      err: expect.stringContaining("[audit.missing]") as string,
    });
    expect((await audit(cwd, ["verify", "--contains", "x"])).code).toBe(2);
    expect((await audit(cwd, ["verify", "--trust-root", "x"])).code).toBe(2);
    expect((await audit(cwd, ["list", "--type", "x"])).code).toBe(2);
  });
});

describe("countersign audit list", () => {
  it("shows entries, bounded and by type, as a table and as JSON", async () => {
    const { cwd } = await sealedDir();
    const all = await audit(cwd, ["list"]);
    expect(all.out.trimEnd().split("\n")).toHaveLength(8);
    expect(all.out).toContain("used already [cred.replayed]");
    const some = await audit(cwd, ["list", "--type", "credential,run.sealed", "--limit", "2", "--json"]);
    const rows = JSON.parse(some.out) as Record<string, unknown>[];
    expect(rows.map((row) => [row["line"], row["type"]])).toEqual([
      [6, "credential.refused"],
      [7, "run.sealed"],
    ]);
    expect(some.err).toContain("2 earlier entries");
  });

  it("shows what stands before a break and exits with 1", async () => {
    const { cwd, stateDir } = await sealedDir();
    await appendFile(path.join(stateDir, "audit.jsonl"), "{}\n");
    const made = await audit(cwd, ["list", "--json"]);
    expect(made.code).toBe(1);
    expect(JSON.parse(made.out)).toHaveLength(8);
  });
});

describe("refused starts", () => {
  const list = async (cwd: string): Promise<readonly Record<string, unknown>[]> =>
    JSON.parse((await audit(cwd, ["list", "--json"])).out) as Record<string, unknown>[];

  it("are recorded where the run would have been kept", async () => {
    const cwd = await folderWith({
      "bad.toml": good.replace('entry_node = "write"', 'entry_node = "nowhere"'),
      "signed.toml": `${good}\n[signing]\nrequired = true\n`,
      "good.toml": good,
    });
    const start = async (file: string, more: readonly string[] = []): Promise<number> =>
      run(
        ["run", file, "--state-dir", "state", "--input", '{"path":"out","text":"x"}', ...more],
        fakeTerminal(cwd, { env: signing }),
      );
    expect(await start("bad.toml")).toBe(5);
    expect(await start("signed.toml")).toBe(5);
    expect(await start("good.toml", ["--run-id", "r1"])).toBe(0);
    expect(await start("good.toml", ["--run-id", "r1"])).toBe(2);
    expect(await start("bad.toml", ["--dry-run"])).toBe(5);
    const refused = (await list(cwd)).filter((row) => row["type"] === "run.refused");
    expect(refused.map((row) => row["code"])).toEqual(["document.invalid", "signing.unavailable", "journal.exists"]);
    expect(refused[2]).toMatchObject({ run: "r1", document: "good.toml", environment: "dev" });
    // The run that did begin was sealed, and the log signed up to there.
    const types = (await list(cwd)).map((row) => row["type"]);
    expect(types.filter((type) => type === "run.sealed" || type === "log.signed")).toEqual([
      "run.sealed",
      "log.signed",
    ]);
  });

  it("leave no trace without a state directory", async () => {
    const cwd = await folderWith({ "bad.toml": good.replace('entry_node = "write"', 'entry_node = "nowhere"') });
    expect(await run(["run", "bad.toml"], fakeTerminal(cwd))).toBe(5);
    expect((await audit(cwd, ["list"])).code).toBe(2);
  });
});
