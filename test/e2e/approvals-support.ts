/** People with keys of their own, for tests of signed approvals through the command line. */
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { run } from "../../src/cli/program.ts";
import { readStoredKey, storedSigner } from "../../src/connect/keys/store.ts";
import { signCredential } from "../../src/governance/credentials/credential.ts";
import type { CredentialPayload } from "../../src/governance/credentials/model.ts";
import { fakeTerminal } from "../cli/terminal.ts";
import type { Ran } from "./commands.ts";

type Json = Record<string, unknown>;

/** Somebody with a configuration folder, and a key in it. */
export class Person {
  readonly principal: string;
  readonly kid: string;
  readonly home: string;
  private readonly folder: string;

  private constructor(folder: string, name: string) {
    this.folder = folder;
    this.principal = `user:${name}@test`;
    this.kid = `${name}-key`;
    this.home = path.join(folder, `home-${name}`);
  }

  /** Makes the person's folder and key. */
  static async with(folder: string, name: string, config = ""): Promise<Person> {
    const person = new Person(folder, name);
    mkdirSync(path.join(person.home, "countersign"), { recursive: true, mode: 0o700 });
    writeFileSync(path.join(person.home, "countersign", "config.toml"), `principal = "${person.principal}"\n${config}`);
    const made = await person.run(["keys", "init", "--name", person.kid, "--no-passphrase"]);
    if (made.exit !== 0) throw new Error(made.err);
    return person;
  }

  /** One command line of this person; `typed` are the lines that they type at a terminal, none: nobody sits there. */
  async run(
    words: readonly string[],
    typed: readonly string[] | null = null,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Ran> {
    const env = { PATH: process.env["PATH"] ?? "", HOME: this.home, XDG_CONFIG_HOME: this.home, ...more };
    const terminal = fakeTerminal(this.folder, { env, width: 400, person: typed !== null });
    terminal.answers.push(...(typed ?? []));
    const exit = await run(words, terminal);
    const { out, err } = terminal.written;
    return { exit, outcome: /^\s*\{/.test(out) ? (JSON.parse(out) as Json) : {}, out, err };
  }

  /** Trusts another's key, or one's own. */
  async trusts(other: Person): Promise<void> {
    const file = path.join(this.folder, `${other.kid}.json`);
    const exported = await other.run(["keys", "export", other.kid]);
    writeFileSync(file, exported.out);
    const listed = JSON.parse((await other.run(["keys", "list", "--json"])).out) as {
      own: { kid: string; fingerprint: string }[];
    };
    const fingerprint = listed.own.find(({ kid }) => kid === other.kid)?.fingerprint ?? "";
    const trusted = await this.run(["keys", "trust", file, "--yes", fingerprint]);
    if (trusted.exit !== 0) throw new Error(trusted.err);
  }

  /** A credential that this person signs by other means than the command line. */
  async credential(payload: Record<string, unknown>): Promise<string> {
    const key = await readStoredKey(path.join(this.home, "countersign", "keys", `${this.kid}.key`));
    if (!key.ok) throw new Error(key.problem.message);
    const now = Date.now();
    const whole = {
      v: 1,
      kid: this.kid,
      org_id: "local",
      project_id: "local",
      environment_id: "local",
      issued_at: new Date(now - 1000).toISOString(),
      expires_at: new Date(now + 3_600_000).toISOString(),
      issued_by: this.principal,
      approval_id: randomBytes(18).toString("base64url"),
      ...payload,
    };
    return signCredential(
      whole as unknown as CredentialPayload,
      storedSigner(key.value, () => Promise.resolve(null)),
    );
  }

  read(name: string): string {
    return readFileSync(path.join(this.folder, name), "utf8");
  }
}
