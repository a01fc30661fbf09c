import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { run } from "../../src/cli/program.ts";
import type { Terminal } from "../../src/cli/terminal.ts";
import { fromBase64Url } from "../../src/graph/base64url.ts";
import { fingerprint, parseKeySet, serializeKeySet } from "../../src/governance/credentials/key-set.ts";
import { sealKey } from "../../src/connect/keys/private-key.ts";
import { setOf, signerOf, trusted } from "../governance/credentials/support.ts";
import { expectGolden, fakeTerminal, folderWith, type FakeTerminal } from "./terminal.ts";

const PASSPHRASE = "CANARY-passphrase-8f2c";

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A person's home, and the commands they give there. */
class Home {
  readonly folder: string;
  readonly config: string;

  constructor(folder: string) {
    this.folder = folder;
    this.config = path.join(folder, "config", "countersign");
  }

  static async make(): Promise<Home> {
    return new Home(await folderWith());
  }

  /** Gives a command; `answers` and `secrets` make it a person's. */
  async keys(words: string, given: { answers?: readonly string[]; secrets?: readonly string[] } = {}): Promise<Said> {
    const person = given.answers !== undefined || given.secrets !== undefined;
    const base: FakeTerminal = fakeTerminal(this.folder, {
      env: { XDG_CONFIG_HOME: path.dirname(this.config), COUNTERSIGN_PRINCIPAL: "user:alice@example" },
      person,
    });
    base.answers.push(...(given.answers ?? []));
    const secrets = [...(given.secrets ?? [])];
    const terminal: Terminal = person ? { ...base, askSecret: async () => secrets.shift() ?? null } : base;
    const code = await run(["keys", ...words.split(" ")], terminal);
    return { code, ...base.written };
  }

  read(...names: readonly string[]): Promise<string> {
    return readFile(path.join(this.config, ...names), "utf8");
  }

  write(name: string, text: string, mode = 0o644): Promise<void> {
    return writeFile(path.join(this.folder, name), text, { mode });
  }

  /** The private part of a key's file as it stands there. */
  async secretOf(kid: string): Promise<string> {
    const { private: secret } = JSON.parse(await this.read("keys", `${kid}.key`)) as {
      private: { seed?: string; sealed?: string };
    };
    return secret.seed ?? secret.sealed ?? "";
  }
}

const bob = trusted(signerOf(2, "bob-1"), { principals: ["user:bob@example"] });
const bobPrint = fingerprint(bob.publicKey);

describe("keys init", () => {
  it("makes a key without a passphrase only when told to, where nobody can type one", async () => {
    const home = await Home.make();
    const refused = await home.keys("init");
    expect(refused.code).toBe(2);
    expect(refused.err).toContain("--no-passphrase");
    const made = await home.keys("init --name alice-1 --no-passphrase --json");
    expect(made.code).toBe(0);
    const told = JSON.parse(made.out) as Record<string, unknown>;
    expect(told).toMatchObject({
      kid: "alice-1",
      principal: "user:alice@example",
      purposes: ["approval"],
      passphrase: false,
      trust: "not trusted",
      file: path.join(home.config, "keys", "alice-1.key"),
    });
    expect((await stat(String(told["file"]))).mode & 0o777).toBe(0o600);
    expect((await home.keys("init --name alice-1 --no-passphrase")).err).toContain("[keys.exists]");
  });

  it("takes a passphrase from a file that only its owner can read", async () => {
    const home = await Home.make();
    await home.write("pass", `${PASSPHRASE}\n`, 0o644);
    const open = await home.keys("init --name a --passphrase-file pass");
    expect(open.code).toBe(2);
    expect(open.err).toContain("[keys.file_mode]");
    await chmod(path.join(home.folder, "pass"), 0o600);
    const made = await home.keys("init --name a --passphrase-file pass --purpose approval,receipt");
    expect(made).toMatchObject({ code: 0 });
    expect(made.out).toContain("(passphrase)");
    expect(await home.read("keys", "a.key")).toContain('"type":"scrypt-aes-256-gcm"');
    expect((await home.keys("init --name b --passphrase-file pass --no-passphrase")).code).toBe(2);
    await home.write("empty", "\n", 0o600);
    expect((await home.keys("init --name b --passphrase-file empty")).err).toContain("empty");
  });

  it("asks a person twice, unseen, and makes nothing when the two differ", async () => {
    const home = await Home.make();
    const differ = await home.keys("init --name a", { secrets: [PASSPHRASE, "other"] });
    expect(differ.code).toBe(2);
    expect(differ.err).toContain("differ");
    expect((await home.keys("init --name a", { secrets: [] })).err).toContain("no passphrase was given");
    expect((await home.keys("init --name a", { secrets: [PASSPHRASE, PASSPHRASE] })).out).toContain("(passphrase)");
    expect((await home.keys("init --name b", { secrets: [""] })).out).toContain("(no passphrase)");
  });

  it("refuses names, purposes and homes that are none", async () => {
    const home = await Home.make();
    expect((await home.keys("init --no-passphrase --name ../up")).err).toContain("[keys.file_format]");
    expect((await home.keys("init --no-passphrase --purpose everything")).err).toContain("--purpose takes approval");
    const nowhere = fakeTerminal(home.folder);
    expect(await run(["keys", "init", "--no-passphrase"], nowhere)).toBe(2);
    expect(nowhere.written.err).toContain("XDG_CONFIG_HOME");
  });
});

describe("keys trust", () => {
  it("shows the fingerprint and asks; only a yes is one", async () => {
    const home = await Home.make();
    await home.write("keys.json", serializeKeySet(setOf(bob)));
    for (const answer of ["", "n", "maybe"]) {
      const said = await home.keys("trust keys.json", { answers: [answer] });
      expect(said.code).toBe(2);
      expect(said.err).toContain(bobPrint);
      expect(said.err).toContain("[keys.not_confirmed]");
    }
    expect((await home.keys("list")).out).not.toContain("bob-1");
    const agreed = await home.keys("trust keys.json --environment staging", { answers: ["y"] });
    expect(agreed).toMatchObject({ code: 0, out: `Trusted bob-1 ${bobPrint}\n` });
    const store = parseKeySet(Buffer.from(await home.read("signing_keys.json")));
    expect(store.ok && store.keySet.keys.get("bob-1")).toEqual({ ...bob, environments: ["staging"] });
  });

  it("needs the whole fingerprint where nobody can be asked", async () => {
    const home = await Home.make();
    await home.write("keys.json", serializeKeySet(setOf(bob)));
    expect((await home.keys("trust keys.json")).err).toContain(`--yes ${bobPrint}`);
    for (const part of ["bob-1", bobPrint.slice(0, 20), `sha256:${"0".repeat(64)}`]) {
      expect((await home.keys(`trust keys.json --yes ${part}`)).code).toBe(2);
    }
    expect((await home.keys(`trust keys.json --yes ${bobPrint}`)).code).toBe(0);
  });

  it("says whose a key is and what for, over what the file says", async () => {
    const home = await Home.make();
    await home.write("keys.json", serializeKeySet(setOf(bob, trusted(signerOf(3, "carol-1")))));
    const words = `trust keys.json --key bob-1 --principal user:robert@example --purpose receipt --yes ${bobPrint} --json`;
    const said = await home.keys(words);
    expect(JSON.parse(said.out)).toMatchObject([
      { kid: "bob-1", principals: ["user:robert@example"], purposes: ["receipt"] },
    ]);
    expect((await home.keys(`trust keys.json --key nobody --yes ${bobPrint}`)).err).toContain("[keys.missing]");
    expect((await home.keys(`trust keys.json --principal a\u0007b --yes ${bobPrint}`)).code).toBe(2);
  });

  it("takes an own key by name or fingerprint", async () => {
    const home = await Home.make();
    const made = JSON.parse((await home.keys("init --name alice-1 --no-passphrase --json")).out) as {
      fingerprint: string;
    };
    expect((await home.keys(`trust ${made.fingerprint} --yes ${made.fingerprint}`)).code).toBe(0);
    expect((await home.keys("trust alice-1", { answers: ["yes"] })).code).toBe(0);
    expect((await home.keys(`trust sha256:${"0".repeat(64)}`)).err).toContain("give the file");
    expect((await home.keys("trust nothing")).err).toContain("no file and no own key");
  });

  it("never puts another key behind a name, gives a key a second name, or undoes a revocation", async () => {
    const home = await Home.make();
    const trust = async (key: typeof bob) => {
      await home.write("keys.json", serializeKeySet(setOf(key)));
      return home.keys(`trust keys.json --yes ${fingerprint(key.publicKey)}`);
    };
    expect((await trust(bob)).code).toBe(0);
    expect((await trust(trusted(signerOf(3, "bob-1")))).err).toContain("another key is trusted as `bob-1`");
    expect((await trust({ ...bob, kid: "bob-2" })).err).toContain("trusted already, as `bob-1`");
    expect((await home.keys(`revoke bob-1 --yes ${bobPrint}`)).code).toBe(0);
    expect((await trust(bob)).err).toContain("has been revoked here");
    expect((await trust({ ...bob, kid: "bob-2", status: "revoked" })).err).toContain("left out");
    expect((await home.keys("list")).out).toContain("revoked since");
  });
});

describe("keys revoke", () => {
  it("marks a key for good after asking, and only once", async () => {
    const home = await Home.make();
    await home.write("keys.json", serializeKeySet(setOf(bob)));
    await home.keys(`trust keys.json --yes ${bobPrint}`);
    expect((await home.keys("revoke bob-1")).code).toBe(2);
    expect((await home.keys("revoke bob-1", { answers: ["no"] })).code).toBe(2);
    expect((await home.keys(`revoke bob-1 --retire --yes ${bobPrint}`)).out).toBe(`Retired bob-1 ${bobPrint}\n`);
    expect((await home.keys("revoke bob-1", { answers: ["y"] })).out).toBe(`Revoked bob-1 ${bobPrint}\n`);
    expect((await home.keys(`revoke bob-1 --yes ${bobPrint}`)).err).toContain("revoked already");
    expect((await home.keys(`revoke bob-1 --retire --yes ${bobPrint}`)).err).toContain("revoked already");
  });

  it("also takes a key that is only in a file, so that it can never be trusted by mistake", async () => {
    const home = await Home.make();
    await home.write("keys.json", serializeKeySet(setOf(bob)));
    expect((await home.keys(`revoke bob-1 --yes ${bobPrint}`)).err).toContain("[keys.missing]");
    const said = await home.keys(`revoke ${bobPrint} --key-set keys.json --yes ${bobPrint} --json`);
    expect(JSON.parse(said.out)).toMatchObject([{ kid: "bob-1", status: "revoked" }]);
    expect((await home.keys(`trust keys.json --yes ${bobPrint}`)).code).toBe(2);
  });
});

describe("keys export", () => {
  it("gives out public keys that others can trust", async () => {
    const home = await Home.make();
    await home.keys("init --name alice-1 --no-passphrase");
    await home.keys("init --name alice-2 --no-passphrase --purpose receipt");
    const said = await home.keys("export alice-1 --issuer acme");
    const set = parseKeySet(Buffer.from(said.out));
    expect(set.ok && [...set.keySet.keys.keys()]).toEqual(["alice-1"]);
    expect(set.ok && set.keySet.issuer).toBe("acme");
    expect(said.out).not.toContain(await home.secretOf("alice-1"));
    expect((await home.keys("export --out set.json")).code).toBe(0);
    expect((await home.keys("export --out set.json")).err).toContain("--force");
    expect((await home.keys("export --out set.json --force")).code).toBe(0);
    const other = await Home.make();
    await other.write("set.json", await readFile(path.join(home.folder, "set.json"), "utf8"));
    expect((await other.keys("trust set.json", { answers: ["y", "y"] })).out).toMatch(
      /^Trusted alice-1 .*\nTrusted alice-2 /,
    );
    expect((await other.keys("export")).err).toContain("no key to export");
    expect(parseKeySet(Buffer.from((await other.keys("export --trusted")).out)).ok).toBe(true);
    expect((await home.keys("export nobody")).err).toContain("[keys.missing]");
  });
});

describe("keys list", () => {
  it("shows own and trusted keys with whole fingerprints", async () => {
    const home = await Home.make();
    const empty = await home.keys("list");
    expect(empty.out).toContain("none");
    const folder = path.join(home.config, "keys");
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const seal = async (byte: number, kid: string, passphrase: string | null) => {
      const { publicKey } = signerOf(byte);
      const label = { kid, principal: "user:alice@example", purposes: ["approval"] as const, createdAt: 0, publicKey };
      const bytes = await sealKey(label, Buffer.alloc(32, byte), passphrase, { n: 1024, r: 8, p: 1 });
      await writeFile(path.join(folder, `${kid}.key`), bytes, { mode: 0o600 });
    };
    await seal(1, "alice-1", PASSPHRASE);
    await seal(5, "alice-spare", null);
    await writeFile(path.join(folder, "half.key"), '{"v":1', { mode: 0o600 });
    const keys = [
      trusted(signerOf(1, "alice-1")),
      { ...bob, purposes: ["approval", "receipt"] as const, environments: ["dev", "staging"] as const },
      trusted(signerOf(3, "old-1"), { status: "retired", retiredAt: Date.parse("2026-01-31T00:00:00Z") }),
    ];
    await writeFile(path.join(home.config, "signing_keys.json"), serializeKeySet(setOf(...keys)), { mode: 0o644 });
    const said = await home.keys("list");
    expect(said.code).toBe(0);
    await expectGolden("keys-list.txt", said.out.replaceAll(home.folder, "HOME"));
    expect(said.err).toContain("half.key is not a key of Countersign");
    const json = JSON.parse((await home.keys("list --json")).out) as {
      own: unknown[];
      trusted: unknown[];
      problems: unknown[];
    };
    expect(json.own).toMatchObject([
      { kid: "alice-1", trust: "active" },
      { kid: "alice-spare", trust: "not trusted" },
    ]);
    expect(json.trusted).toMatchObject([{ kid: "alice-1" }, { kid: "bob-1", fingerprint: bobPrint }, { kid: "old-1" }]);
    expect(json.problems).toMatchObject([{ code: "keys.file_format" }]);
  });

  it("does not believe a trust store that others can write", async () => {
    const home = await Home.make();
    await mkdir(home.config, { recursive: true });
    await writeFile(path.join(home.config, "signing_keys.json"), serializeKeySet(setOf(bob)));
    await chmod(path.join(home.config, "signing_keys.json"), 0o666);
    expect(await home.keys("list")).toMatchObject({ code: 2, out: "" });
  });
});

describe("the audit of a state directory", () => {
  it("says what was made, trusted and revoked, by whom", async () => {
    const home = await Home.make();
    await home.write("countersign.toml", 'state_dir = ".state"\n');
    const made = JSON.parse((await home.keys("init --name alice-1 --no-passphrase --json")).out) as {
      fingerprint: string;
    };
    await home.keys("trust alice-1", { answers: ["n"] });
    await home.keys("trust alice-1", { answers: ["y"] });
    await home.keys("revoke alice-1", { answers: ["y"] });
    const text = await readFile(path.join(home.folder, ".state", "audit.jsonl"), "utf8");
    const entries = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries.map((entry) => entry["type"])).toEqual(["key.made", "key.trusted", "key.revoked"]);
    for (const entry of entries) {
      expect(entry).toMatchObject({ kid: "alice-1", fingerprint: made.fingerprint, by: "user:alice@example" });
    }
    expect(text).not.toContain(await home.secretOf("alice-1"));
  });

  it("does not hold up a revocation where the configuration is broken", async () => {
    const home = await Home.make();
    await home.write("keys.json", serializeKeySet(setOf(bob)));
    await home.write("countersign.toml", "no toml");
    const said = await home.keys(`revoke ${bobPrint} --key-set keys.json --yes ${bobPrint}`);
    expect(said).toMatchObject({ code: 0, out: `Revoked bob-1 ${bobPrint}\n` });
    expect(said.err).toContain("not in the audit");
  });
});

describe("private keys and passphrases", () => {
  it("never leave by any command, in any form", async () => {
    const home = await Home.make();
    const said: Said[] = [];
    const give = async (words: string, more: Parameters<Home["keys"]>[1] = {}) =>
      said.push(await home.keys(words, more));
    await give("init --name open --no-passphrase");
    await give("init --name locked", { secrets: [PASSPHRASE, PASSPHRASE] });
    await give("init --name locked", { secrets: [PASSPHRASE, PASSPHRASE] });
    await give("init --name other", { secrets: [PASSPHRASE, `${PASSPHRASE}!`] });
    await home.write("pass", `${PASSPHRASE}\u0000${"x".repeat(5000)}`, 0o600);
    await give("init --name third --passphrase-file pass");
    for (const words of [
      "list",
      "list --json",
      "export",
      "trust open",
      "trust locked",
      "revoke open",
      "revoke locked --retire",
    ]) {
      await give(words);
      await give(words, { answers: ["y"] });
      await give(`${words} --json`);
    }
    // A private key where a public set is expected, broken in every tenth place.
    const file = await home.read("keys", "open.key");
    for (let cut = 0; cut < file.length; cut += 10) {
      await home.write("cut.json", file.slice(0, cut));
      await give("trust cut.json");
    }
    await home.write("whole.json", file);
    await give("trust whole.json");
    const seed = fromBase64Url(await home.secretOf("open")) ?? new Uint8Array();
    const forms = ["base64", "base64url", "hex"] as const;
    const canaries = [
      ...forms.map((form) => Buffer.from(seed).toString(form).replace(/=+$/, "")),
      await home.secretOf("locked"),
    ];
    canaries.push(PASSPHRASE, Buffer.from(PASSPHRASE).toString("base64url"));
    const all = said.map(({ out, err }) => out + err).join("\n");
    expect(all).toContain("Revoked open");
    for (const canary of canaries) {
      expect(canary.length).toBeGreaterThan(16);
      expect(all).not.toContain(canary);
    }
  });
});
