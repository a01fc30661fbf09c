/** Files of receipts as the editor shows them. */
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { receiptFileName } from "../../../src/connect/receipts/names.ts";
import type { ReceiptDetail, ReceiptRow } from "../../../src/protocol/receipt.ts";
import { exportedText, readReceiptFile, ShownFile } from "../../../src/runtime/receipt-view/index.ts";
import { MAX_NODES } from "../../../src/runtime/receipt-view/view.ts";
import { frameEnded, opened, started, wholeRun } from "../../cli/kept-runs.ts";
import { alicePrint } from "../../receipts/support.ts";
import { allMessages, edit, fileOf, pin, receiptsIn, shownFile, storeWith, trustOf, type Store } from "./support.ts";

async function rootOf(store: Store): Promise<ShownFile> {
  return shownFile(store, await fileOf(store, store.root));
}

/** The detail of the only step. */
function stepOf(read: ShownFile): { readonly detail: ReceiptDetail; readonly id: string } {
  const node = receiptsIn(read.view).nodes.find(({ kind }) => kind === "step");
  const detail = read.detail(node?.id ?? "");
  if (detail === null) throw new Error("there is no step");
  return { detail, id: detail.id };
}

const rowsOf = ({ sections }: ReceiptDetail): readonly ReceiptRow[] => sections.flatMap(({ rows }) => rows);
const row = (detail: ReceiptDetail, path: string): ReceiptRow | undefined =>
  rowsOf(detail).find((one) => one.path === path);
const wrongRows = (detail: ReceiptDetail): readonly string[] =>
  rowsOf(detail).flatMap(({ path: at, wrong }) => (wrong.length > 0 ? [at] : []));

describe("a run's receipt in its store", () => {
  test("is whole, of a key that is not trusted, until its fingerprint is", async () => {
    const store = await storeWith();
    const before = receiptsIn((await rootOf(store)).view);
    expect(before).toMatchObject({
      standing: "untrusted",
      title: "Run of gate",
      form: "receipt",
      keys: [{ fingerprint: alicePrint, names: "alice", words: "not trusted" }],
      findings: [{ code: "UntrustedRoot", path: "issuer" }],
    });
    await pin(store);
    const after = receiptsIn((await rootOf(store)).view);
    expect(after).toMatchObject({ standing: "verified", findings: [], verdict: "Verified" });
    expect(after.keys[0]?.words).toContain("your configuration");
  });

  test("shows the tree, the run's record, and every step's act, decisions, approval and digests", async () => {
    const store = await storeWith();
    const read = await rootOf(store);
    const view = receiptsIn(read.view);
    expect(view.nodes.map(({ depth, label, kind }) => [depth, label, kind])).toEqual([
      [0, "gate", "graph"],
      [1, "publish#1.1", "step"],
    ]);
    const run = view.sections.find(({ key }) => key === "run");
    expect(run?.rows.map(({ label, text }) => [label, text])).toContainEqual(["Document", "gate.toml"]);
    const { detail } = stepOf(read);
    expect(detail.title).toBe("Step publish#1.1");
    expect(row(detail, "acts[0].summary")?.text).toBe("Executed graph step publish");
    expect(row(detail, "acts[0].criterion_bindings[0].evidence_refs[0]")).toMatchObject({ tone: "good" });
    expect(row(detail, "decisions[0].choice")?.text).toMatch(/^approval required · /);
    expect(row(detail, "decisions[2].choice")?.text).toMatch(/^allowed · /);
    const approvals = detail.sections.find(({ key }) => key === "approvals");
    const said = approvals?.rows.map(({ label, text }) => `${label}: ${text}`).join("\n") ?? "";
    expect(said).toContain("approved by user:bob@host");
    expect(said).toContain("bob-key (user:bob@host)");
    expect(said).toContain(`sha256:${"22".repeat(32)}`);
    expect(said).toContain("looks right");
    expect(said).toMatch(/When: 2026-/);
    for (const digest of ["id", "digest", "idempotency.intent_key", "authority.enforcement.profile_hash"])
      expect(row(detail, digest)).toMatchObject({ copy: true, text: expect.stringMatching(/^sha256:/) as string });
  });

  test("no value, target, question or reason of policy reaches the page", async () => {
    const store = await storeWith();
    expect(allMessages(await rootOf(store))).not.toContain("canary");
  });

  test("a step's receipt names the run above it, which can be opened", async () => {
    const store = await storeWith();
    const { id } = stepOf(await rootOf(store));
    const read = await shownFile(store, await fileOf(store, id));
    const view = receiptsIn(read.view);
    expect(view).toMatchObject({ title: "Step publish#1.1", above: { id: store.root, label: "Run of gate" } });
    expect(view.standing).toBe("untrusted");
    expect(read.fileOf(store.root)).toBe(await fileOf(store, store.root));
  });
});

describe("what was changed", () => {
  test("in a step stands at its field, and first, because the attestation beside it says what was signed", async () => {
    const store = await storeWith();
    await pin(store);
    const { id } = stepOf(await rootOf(store));
    await edit(await fileOf(store, id), (text) =>
      text.replace("Executed graph step publish", "Executed nothing at all"),
    );
    const read = await rootOf(store);
    const view = receiptsIn(read.view);
    expect(view.standing).toBe("broken");
    expect(view.findings[0]).toMatchObject({
      code: "DiffersFromAttestation",
      receipt: id,
      path: "acts[0].summary",
      message: expect.stringContaining("it was signed as") as string,
    });
    expect(read.first).toEqual({ receipt: id, path: "acts[0].summary" });
    const codes = view.findings.map((one) => one.code);
    expect(codes).toEqual(expect.arrayContaining(["SealDigestMismatch", "ContentAddressMismatch", "SignatureInvalid"]));
    const { detail } = stepOf(read);
    expect(wrongRows(detail)).toEqual(expect.arrayContaining(["acts[0].summary", "digest", "id", "signature.value"]));
    expect(view.nodes.map(({ wrong, wrongBelow }) => [wrong > 0, wrongBelow > 0])).toEqual([
      [false, true],
      [true, false],
    ]);
  });

  test("in a copy under another name is found without anything beside it", async () => {
    const store = await storeWith();
    const { id } = stepOf(await rootOf(store));
    const folder = path.join(store.state, "elsewhere");
    await mkdir(path.join(folder, "keys"), { recursive: true });
    await cp(path.join(store.directory, "keys"), path.join(folder, "keys"), { recursive: true });
    const copy = path.join(folder, "copy.receipt.json");
    await cp(await fileOf(store, id), copy);
    expect(receiptsIn((await shownFile(store, copy)).view)).toMatchObject({
      standing: "untrusted",
      lines: expect.arrayContaining([expect.stringContaining("Only this receipt was checked")]) as string[],
    });
    await edit(copy, (text) => text.replace('"disposition":"closed"', '"disposition":"failed"'));
    const view = receiptsIn((await shownFile(store, copy)).view);
    expect(view.standing).toBe("broken");
    expect(view.findings.map((one) => one.code)).toContain("SealDigestMismatch");
  });

  test("a child that is gone, or one that cannot be read, is a finding at its link", async () => {
    const store = await storeWith();
    const { id } = stepOf(await rootOf(store));
    const file = await fileOf(store, id);
    await writeFile(file, "{");
    expect(receiptsIn((await rootOf(store)).view).findings[0]).toMatchObject({
      code: "ChildReceiptResolverError",
      path: "lineage.children[0]",
    });
    await rm(file);
    const read = await rootOf(store);
    expect(receiptsIn(read.view)).toMatchObject({
      standing: "broken",
      findings: [{ code: "ChildReceiptMissing" }, {}],
    });
    expect(wrongRows(read.detail(store.root) ?? fail())).toContain("lineage.children[0]");
  });

  test("a file under another receipt's name is a finding of its own", async () => {
    const store = await storeWith();
    const other = path.join(store.directory, receiptFileName(`sha256:${"ab".repeat(32)}`) ?? "");
    await cp(await fileOf(store, store.root), other);
    const view = receiptsIn((await shownFile(store, other)).view);
    expect(view.findings.map((one) => one.code)).toContain("ReceiptFileNameMismatch");
  });

  test("without any key at hand nothing is called broken, but it cannot be checked", async () => {
    const store = await storeWith();
    await rm(path.join(store.directory, "keys"), { recursive: true });
    const envelope = (await fileOf(store, store.root)).replace(/sha256[:-]/, "").replace(/\.json$/, ".dsse.json");
    await rm(envelope);
    expect(receiptsIn((await rootOf(store)).view)).toMatchObject({ standing: "unchecked" });
  });

  test("a trust store that cannot be used is said, and nothing is believed", async () => {
    const store = await storeWith();
    await pin(store, "no fingerprint");
    await writeFile(path.join(store.config, "countersign", "signing_keys.json"), "{}");
    const view = receiptsIn((await rootOf(store)).view);
    expect(view.standing).toBe("unchecked");
    expect(view.lines[0]).toContain("cannot be read");
  });
});

describe("bundles and attestations", () => {
  async function exportedTo(store: Store, format: "json" | "dsse", name: string): Promise<string> {
    const wish = {
      source: { type: "store", directory: store.directory, id: store.root, runId: "r1" },
      place: store.place,
      trust: await trustOf(store),
      stateDirs: [],
      maySign: false,
    } as const;
    const made = await exportedText(wish, format);
    if (!made.ok) throw new Error(made.problem.message);
    const file = path.join(store.state, name);
    await writeFile(file, made.text);
    return file;
  }

  test("show the same tree with the record, without a store", async () => {
    const store = await storeWith();
    await pin(store);
    for (const [format, form] of [
      ["json", "bundle"],
      ["dsse", "attestation"],
    ] as const) {
      const file = await exportedTo(store, format, `run.${format}.json`);
      const read = await shownFile(store, file);
      const view = receiptsIn(read.view);
      expect(view).toMatchObject({ form, standing: "verified", findings: [] });
      expect(view.nodes).toHaveLength(2);
      expect(view.sections.map(({ key }) => key)).toEqual(["run", "documents", "envelope"]);
      expect(allMessages(read)).not.toContain("canary");
    }
  });

  test("an edited statement is wrong at its field, in the receipt and in the record", async () => {
    const store = await storeWith();
    const file = await exportedTo(store, "json", "run.bundle.json");
    await edit(file, (text) => text.replace("Executed graph step publish", "Executed something else"));
    await edit(file, (text) => text.replace('"document":"gate.toml"', '"document":"gate.yaml"'));
    const read = await shownFile(store, file);
    const view = receiptsIn(read.view);
    expect(view.standing).toBe("broken");
    expect(view.findings.map(({ code, path: at }) => `${code} ${at}`)).toEqual(
      expect.arrayContaining([
        "BundleContentMismatch acts[0].summary",
        "BundleContentMismatch statement.predicate.run.document",
      ]),
    );
    expect(wrongRows(stepOf(read).detail)).toContain("acts[0].summary");
    const wrong = view.sections.flatMap(({ rows }) => rows).filter((one) => one.wrong.length > 0);
    expect(wrong.map((one) => one.path)).toContain("statement.predicate.run.document");
  });
});

describe("texts of receipts", () => {
  test("that hide or reorder are shown by their codes, and markup stays text", async () => {
    const name = "gate\u202egpj.\u200b<img src=x onerror=alert(1)>\u001b[31m";
    const store = await storeWith(function* (runId) {
      yield started(runId, { workflow: name });
      yield opened();
      yield frameEnded();
      yield { type: "run.ended", outcome: "completed", reason: null };
    });
    const said = allMessages(await rootOf(store));
    for (const character of ["\u202e", "\u200b", "\u001b"]) expect(said).not.toContain(character);
    expect(said).toContain("\\\\u{202e}");
    expect(said).toContain("<img src=x");
  });

  test("a long tree is cut, and what is left out is counted", async () => {
    const store = await storeWith();
    const trust = await trustOf(store);
    const read = await readReceiptFile(await fileOf(store, store.root), trust);
    if (read.type === "unreadable") throw new Error(read.sentence);
    const step = read.others[0];
    if (step === undefined) throw new Error("there is no step");
    const others = Array.from({ length: MAX_NODES + 500 }, (_, at) => ({
      ...step,
      receipt: { ...step.receipt, id: `sha256:${at.toString(16).padStart(64, "0")}` },
    }));
    const view = receiptsIn(new ShownFile({ ...read, others }, trust).view);
    expect([view.nodes.length, view.moreNodes]).toEqual([MAX_NODES, 501]);
  });

  test("a tree of several levels is walked in order", async () => {
    const store = await storeWith(wholeRun);
    const view = receiptsIn((await rootOf(store)).view);
    expect(view.nodes.map(({ depth, label }) => `${depth} ${label}`)).toEqual(["0 gate", "1 load#1.2"]);
    expect(view.standing).toBe("untrusted");
  });
});

function fail(): never {
  throw new Error("there is no detail");
}
