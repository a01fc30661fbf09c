/** A release in prod, exported: what another machine makes of the bundle, and of bundles that were changed. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import { dsse, crypto as peer } from "@sigstore/core";
import { run } from "../../../src/cli/program.ts";
import { Person } from "../../e2e/approvals-support.ts";
import { fakeTerminal } from "../../cli/terminal.ts";

type Json = Record<string, unknown>;
interface Report {
  readonly valid: boolean;
  readonly trees: readonly {
    readonly integrity: { readonly valid: boolean };
    readonly authenticity: { readonly status: string };
    readonly findings: readonly { code: string; path: string; message: string; receipt_id?: string; file?: string }[];
  }[];
  readonly unreadable_files: readonly { readonly message: string }[];
}

const canary = "canary-7f3a-value";
const gate = (url: string): string => `name = "release"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "notes"
[[nodes]]
id = "notes"
type = "template_render"
template = "release {{trigger.version}}"
[[nodes]]
id = "publish"
type = "http_request"
method = "POST"
url_from = "where.rendered"
body_from = "notes.rendered"
[[nodes]]
id = "where"
type = "template_render"
template = "${url}/{{trigger.version}}"
[[edges]]
from = "notes"
to = "where"
[[edges]]
from = "where"
to = "publish"
`;

let folder = "";
let bundle = "";
let print = "";
let alice: Person;
const server = createServer((_request, response) => response.end(`{"said":"${canary}"}`));

const kept = ["--state-dir", "state"];
const file = (name: string): string => path.join(folder, name);
const exported = async (format: string, out: string, ...more: string[]): Promise<string> => {
  const made = await alice.run(["export", "r1", ...kept, "--format", format, "--out", out, ...more]);
  expect([made.exit, made.out], made.err).toEqual([0, ""]);
  return readFileSync(file(out), "utf8");
};

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  folder = await mkdtemp(path.join(os.tmpdir(), "countersign-export-"));
  writeFileSync(file("gate.toml"), gate(base));
  writeFileSync(file("input.json"), JSON.stringify({ version: canary }));
  alice = await Person.with(folder, "alice", "[approvals]\nnot_requester = true\n");
  const bob = await Person.with(folder, "bob");
  await alice.trusts(alice);
  await alice.trusts(bob);
  const words = ["run", "gate.toml", "--input", "input.json", "--environment", "prod", ...kept, "--run-id", "r1"];
  const paused = await alice.run(words);
  expect(paused.exit, paused.err).toBe(7);
  const early = await alice.run(["export", "r1", ...kept]);
  expect([early.exit, early.err]).toEqual([2, expect.stringContaining("[export.unsealed]")]);
  const signed = await bob.run(["approvals", "approve", "r1", ...kept, "--reason", "looks right"], ["publish"]);
  expect(signed.exit, signed.err).toBe(0);
  const done = await alice.run(["resume", "r1", ...kept]);
  expect(done.exit, done.err).toBe(0);
  bundle = await exported("json", "run.bundle.json");
  print = (
    (JSON.parse(bundle) as { envelope: { signatures: { keyid: string }[] } }).envelope.signatures[0] ?? { keyid: "" }
  ).keyid;
}, 60_000);

afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

let machines = 0;

/** A machine that has nothing but the file: its own folder, an empty home. */
async function elsewhere(
  text: string | Uint8Array,
  ...more: string[]
): Promise<{ exit: number; report: Report; err: string }> {
  const away = path.join(folder, `away-${machines++}`);
  mkdirSync(path.join(away, "home"), { recursive: true });
  writeFileSync(path.join(away, "b.json"), text);
  const terminal = fakeTerminal(away, { env: { HOME: path.join(away, "home") } });
  const exit = await run(["verify", "b.json", "--json", ...more], terminal);
  return { exit, report: JSON.parse(terminal.written.out) as Report, err: terminal.written.err };
}

/** Changes a bundle and writes it in its canonical form again, so that only the change itself can be found. */
function changed(change: (copy: Json) => void): string {
  const copy = JSON.parse(bundle) as Json;
  change(copy);
  return `${JSON.stringify(copy)}\n`;
}

const statementOf = (copy: Json): { predicate: { receipts: Json[]; run: Json } } =>
  copy["statement"] as { predicate: { receipts: Json[]; run: Json } };

describe("a bundle on another machine", () => {
  test("verifies with the bundle and a pinned fingerprint", async () => {
    const { exit, report } = await elsewhere(bundle, "--trust-root", print);
    expect(report.trees.map((tree) => tree.findings)).toEqual([[]]);
    expect([exit, report.valid]).toEqual([0, true]);
  });

  test("without a pin is whole, but its root is not trusted", async () => {
    const { exit, report } = await elsewhere(bundle);
    const [tree] = report.trees;
    expect([exit, tree?.integrity.valid, tree?.authenticity.status]).toEqual([1, true, "untrusted_root"]);
    expect(tree?.findings.map(({ code, file: named }) => [code, path.basename(named ?? "b.json")])).toEqual([
      ["UntrustedRoot", "b.json"],
    ]);
  });

  test("names file, receipt and field of what was changed", async () => {
    const text = changed((copy) => {
      const [receipt] = statementOf(copy).predicate.receipts;
      (receipt?.["seal"] as Json)["summary"] = "step publish was never run";
    });
    const { exit, report } = await elsewhere(text, "--trust-root", print);
    const id = statementOf(JSON.parse(bundle) as Json).predicate.receipts[0]?.["id"];
    const findings = report.trees[0]?.findings ?? [];
    expect([exit, report.trees[0]?.integrity.valid]).toEqual([1, false]);
    expect(findings).toContainEqual({
      code: "BundleContentMismatch",
      path: "statement.predicate.receipts[0].seal.summary",
      message: expect.stringContaining("step publish was never run") as string,
      receipt_id: id,
      file: expect.stringMatching(/b\.json$/) as string,
    });
    expect(findings.map(({ code }) => code)).toContain("SealDigestMismatch");
  });

  test("a fact outside of the receipts cannot be changed either", async () => {
    for (const [name, value] of [
      ["environment", "dev"],
      ["principal", "user:mallory@test"],
      ["ended_at", "2020-01-01T00:00:00.000Z"],
    ] as const) {
      const text = changed((copy) => void (statementOf(copy).predicate.run[name] = value));
      const { exit, report } = await elsewhere(text, "--trust-root", print);
      expect([exit, report.trees[0]?.findings[0]?.path]).toEqual([1, `statement.predicate.run.${name}`]);
    }
  });

  test("no single flipped byte goes unseen", async () => {
    const bytes = Buffer.from(bundle);
    for (let at = 0; at < bytes.length; at += 2503) {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ 1;
      const away = fakeTerminal(folder, { env: { HOME: file("nobody") } });
      writeFileSync(file("flipped.json"), copy);
      const exit = await run(["verify", "flipped.json", "--json", "--trust-root", print], away);
      expect([at, exit]).toEqual([at, 1]);
    }
  });

  test("a bundle that mallory made again with another key is not believed", async () => {
    const mallory = await Person.with(folder, "mallory");
    const store = file("stolen");
    const terminal = ["export", "state/receipts", "--receipt-dir", store, "--out", "forged.json"];
    expect((await mallory.run(terminal)).exit).toBe(0);
    const { report } = await elsewhere(readFileSync(file("forged.json")), "--trust-root", `sha256:${"0".repeat(64)}`);
    expect(report.trees[0]?.authenticity.status).toBe("untrusted_root");
  });
});

describe("the attestation", () => {
  test("is a DSSE envelope that an independent implementation verifies", async () => {
    const text = await exported("dsse", "run.dsse.json");
    const envelope = JSON.parse(text) as {
      payload: string;
      payloadType: string;
      signatures: { keyid: string; sig: string }[];
    };
    const payload = Buffer.from(envelope.payload, "base64");
    const statement = JSON.parse(payload.toString("utf8")) as {
      _type: string;
      subject: { name: string; digest: { sha256: string } }[];
      predicate: { keys: { x: string }[]; signed: string };
    };
    const x = Buffer.from(statement.predicate.keys[0]?.x ?? "", "base64url");
    const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), x]);
    const key = peer.createPublicKey(spki);
    const signed = dsse.preAuthEncoding(envelope.payloadType, payload);
    const signature = Buffer.from(envelope.signatures[0]?.sig ?? "", "base64");
    expect(peer.verify(signed, key, signature)).toBe(true);
    signed[signed.length - 1] = 0;
    expect(peer.verify(signed, key, signature)).toBe(false);
    expect(statement._type).toBe("https://in-toto.io/Statement/v1");
    expect(statement.subject.map(({ name }) => name)).toEqual(["run/r1", "gate.toml"]);
    expect(statement.predicate.signed).toBe("at_seal");
    const { exit } = await elsewhere(text, "--trust-root", print);
    expect(exit).toBe(0);
  });

  test("is signed at export, and says so, where the seal left none", async () => {
    const copy = file("bare");
    mkdirSync(copy);
    const { cpSync, readdirSync, rmSync } = await import("node:fs");
    cpSync(file("state/receipts"), copy, { recursive: true });
    for (const name of readdirSync(copy)) if (name.endsWith(".dsse.json")) rmSync(path.join(copy, name));
    const made = await alice.run(["export", "r1", ...kept, "--receipt-dir", "bare", "--out", "late.json"]);
    expect([made.exit, made.err]).toEqual([0, expect.stringContaining("it was signed now")]);
    const { exit } = await elsewhere(readFileSync(file("late.json")), "--trust-root", print);
    expect(exit).toBe(0);
  });
});

describe("what leaves", () => {
  test("no format gives away a value that was not named", async () => {
    for (const format of ["json", "dsse", "html", "md"]) {
      const text = await exported(format, `plain.${format}`);
      const inside =
        format === "html" ? text.replace(/base64,([A-Za-z0-9+/=]+)/g, (_all, some: string) => decoded(some)) : text;
      const envelope =
        format === "json" ? (JSON.parse(text) as { envelope: { payload: string } }).envelope.payload : "";
      expect(`${inside}${decoded(envelope)}`).not.toContain(canary);
    }
  });

  test("a named node's values come with salts that its receipt commits to, and its credential in full", async () => {
    const text = await exported("json", "open.json", "--disclose", "publish", "--documents");
    const copy = JSON.parse(text) as {
      disclosed: { scope: string; value: string }[];
      credentials: unknown[];
      documents: unknown[];
    };
    expect(copy.disclosed.map(({ scope }) => scope)).toEqual(["input", "output"]);
    expect(copy.disclosed.at(-1)?.value).toContain(canary);
    expect([copy.credentials.length, copy.documents.length]).toEqual([1, 1]);
    expect((await elsewhere(text, "--trust-root", print)).exit).toBe(0);
    const lied = text.replaceAll(canary, "canary-0000-value");
    const { exit, report } = await elsewhere(lied, "--trust-root", print);
    expect([exit, report.trees[0]?.findings[0]?.code]).toEqual([1, "BundleDisclosureMismatch"]);
    const report2 = await exported("md", "open.md", "--disclose", "publish");
    expect(report2).toContain(canary);
  });

  test("a name that discloses nothing is refused", async () => {
    const made = await alice.run(["export", "r1", ...kept, "--disclose", "notes"]);
    expect([made.exit, made.err]).toEqual([2, expect.stringContaining("[export.disclose]")]);
    expect(made.err).toContain("publish#1.1");
  });

  test("a store that does not verify is not exported", async () => {
    const { cpSync, readdirSync } = await import("node:fs");
    cpSync(file("state/receipts"), file("broken"), { recursive: true });
    const name = readdirSync(file("broken")).find((one) => one.startsWith("sha256"));
    const at = path.join(file("broken"), name ?? "");
    writeFileSync(at, readFileSync(at, "utf8").replace('"closed"', '"failed"'));
    const made = await alice.run(["export", "r1", ...kept, "--receipt-dir", "broken"]);
    expect([made.exit, made.out, made.err]).toEqual([2, "", expect.stringContaining("[export.broken]")]);
  });
});

describe("reports", () => {
  test("the HTML report has no script, fetches nothing, and says who approved with which key and why", async () => {
    const text = await exported("html", "run.html", "--trust-root", print);
    const outside = text.replace(/base64,[A-Za-z0-9+/=]+/g, "base64,");
    expect(outside).not.toMatch(/<script|<iframe|<link|\son\w+=|href=|src="(?!data:)|url\(|@import/i);
    expect(text).toContain("default-src 'none'");
    for (const said of [
      "user:bob@test",
      "bob-key",
      "looks right",
      "user:alice@test",
      "gate.toml",
      "prod",
      "Verified:",
    ]) {
      expect(text).toContain(said);
    }
    expect(text.match(/data:image\/svg\+xml/g)).toHaveLength(2);
  });

  test("the Markdown report draws the graph and gives the verdict in words", async () => {
    const text = await exported("md", "run.md");
    expect(text).toContain("```mermaid");
    expect(text).toContain("Whole, but the signer is not pinned.");
    expect(text).toContain("What this does not prove");
  });
});

function decoded(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}
