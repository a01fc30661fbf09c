import { chmod, cp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { createRun } from "../../src/connect/journal/create.ts";
import { readKeyHints } from "../../src/connect/receipts/key-hints.ts";
import { receiptFileName, receiptIdOfName } from "../../src/connect/receipts/names.ts";
import { readReceiptFile, writeReceipts } from "../../src/connect/receipts/store.ts";
import { KeyRing } from "../../src/receipts/keyring.ts";
import { readDirectory } from "../../src/runtime/receipts.ts";
import {
  beginSealing,
  sealLeftovers,
  sealRunFolder,
  type ReceiptSettings,
  type SealReport,
} from "../../src/runtime/seal.ts";
import { readVerifiable } from "../../src/runtime/verifiable.ts";
import { verifyTrees } from "../../src/runtime/verify.ts";
import { entered, keepRun, opened, pausedRun, started, wholeRun } from "../cli/kept-runs.ts";
import { folderWith } from "../cli/terminal.ts";
import { alice, alicePrint, mallory, placed, sealEvents, trusting } from "../receipts/support.ts";

const settingsIn = (directory: string, named = false): ReceiptSettings => ({
  directory,
  named,
  signer: () => Promise.resolve({ ok: true, value: alice }),
});

const sealedReport = (report: SealReport): Extract<SealReport, { status: "sealed" }> => {
  if (report.status !== "sealed") throw new Error(JSON.stringify(report));
  return report;
};

async function keptRun(): Promise<{
  readonly state: string;
  readonly folder: string;
  readonly settings: ReceiptSettings;
}> {
  const state = await folderWith();
  const folder = await keepRun(state, "r1", wholeRun("r1"));
  return { state, folder, settings: settingsIn(path.join(state, "receipts")) };
}

const receiptNames = async (directory: string): Promise<readonly string[]> =>
  (await readdir(directory)).filter((name) => receiptIdOfName(name) !== null).sort();

describe("sealing a kept run", () => {
  test("its receipts are stored, private, with key and index, and verify from the directory alone", async () => {
    const { folder, settings } = await keptRun();
    const report = sealedReport(await sealRunFolder(folder, "r1", settings));
    expect(report).toMatchObject({ receipts: 2, fingerprint: alicePrint, abandoned: false });
    const names = await receiptNames(settings.directory);
    expect(names).toHaveLength(2);
    for (const name of names) expect((await stat(path.join(settings.directory, name))).mode & 0o777).toBe(0o600);
    expect((await stat(path.join(folder, "receipts.salt"))).mode & 0o777).toBe(0o600);
    const index = JSON.parse(await readFile(path.join(settings.directory, "index.json"), "utf8")) as {
      entries: unknown[];
    };
    expect(index.entries).toHaveLength(2);
    const hints = readKeyHints(settings.directory).map((key) => ({ ...key, pinned: false }));
    const read = readDirectory(settings.directory);
    if (!read.ok) throw new Error(read.problem.message);
    const how = { keys: new KeyRing(hints, [alicePrint]), allowPseudo: false };
    expect(verifyTrees(read.value, how)).toMatchObject({ valid: true, trees: [{ receipt_count: 2, findings: [] }] });
    expect(verifyTrees(read.value, { ...how, keys: new KeyRing(hints) })).toMatchObject({
      valid: false,
      trees: [{ integrity: { valid: true }, authenticity: { status: "untrusted_root" } }],
    });
  });

  test("sealing again after a crash at any instant gives the same receipts", async () => {
    const { state, folder, settings } = await keptRun();
    const first = sealedReport(await sealRunFolder(folder, "r1", settings));
    const names = await receiptNames(settings.directory);
    const texts = await Promise.all(names.map((name) => readFile(path.join(settings.directory, name), "utf8")));
    // The instants: nothing of the note, then nor of the index, then some of the receipts, then none.
    const lost = [[], ["index.json"], [names[0] ?? ""], names];
    for (const some of lost) {
      await rm(path.join(folder, "sealed.json"));
      for (const name of some) await rm(path.join(settings.directory, name), { force: true });
      const [again] = await sealLeftovers(state, settings, null);
      expect(again).toEqual(first);
      const after = await Promise.all(names.map((name) => readFile(path.join(settings.directory, name), "utf8")));
      expect(after).toEqual(texts);
    }
    expect(await sealLeftovers(state, settings, null)).toEqual([]);
    expect(await sealRunFolder(folder, "r1", settings)).toMatchObject({ status: "none", why: "sealed_before" });
  });

  test("a run that was cut is sealed killed by the next opener, and its end names that receipt", async () => {
    const state = await folderWith();
    const settings = settingsIn(path.join(state, "receipts"));
    const events = [...wholeRun("r1")];
    const folder = await keepRun(state, "r1", events.slice(0, 9));
    expect(await sealLeftovers(state, settings, "r1")).toEqual([]);
    const [report] = await sealLeftovers(state, settings, "r2");
    expect(report).toMatchObject({ status: "sealed", abandoned: true });
    // What a resume would have left: the same beginning, and an end.
    const whole = await keepRun(await folderWith(), "r1", events);
    await cp(path.join(whole, "journal.1.jsonl"), path.join(folder, "journal.1.jsonl"));
    const end = sealedReport(await sealRunFolder(folder, "r1", settings));
    const text = await readFile(path.join(settings.directory, receiptFileName(end.id) ?? ""), "utf8");
    expect(JSON.parse(text)).toMatchObject({
      lineage: { previous: { locator: sealedReport(report as SealReport).digest } },
    });
    const read = readDirectory(settings.directory);
    expect(read.ok && verifyTrees(read.value, trusting()).valid).toBe(true);
  });

  test("a paused run, an open one and a dry one without a named directory are left alone", async () => {
    const state = await folderWith();
    const settings = settingsIn(path.join(state, "receipts"));
    await keepRun(state, "paused", pausedRun("paused"));
    const options = { dryRun: "stub", replay: false, assume: {}, canPause: true, timeoutMs: 1, maxFanout: 1 } as const;
    const [, ...rest] = wholeRun("dry");
    const dry = await keepRun(state, "dry", [started("dry", { options }), ...rest]);
    const held = await createRun(state, "held", []);
    if (!held.ok) throw new Error(held.problem.message);
    held.value.append(started("held"), 1);
    await held.value.sync();
    expect(await sealLeftovers(state, settings, null)).toEqual([]);
    expect(await sealRunFolder(dry, "dry", settings)).toMatchObject({ why: "dry_run" });
    expect(await sealRunFolder(held.value.folder, "held", settings)).toMatchObject({ why: "open" });
    expect((await sealRunFolder(dry, "dry", settingsIn(settings.directory, true))).status).toBe("sealed");
    await held.value.close();
  });

  test("what goes wrong is a report, and the run can be sealed later", async () => {
    const { state, folder, settings } = await keptRun();
    const refusing: ReceiptSettings = {
      ...settings,
      signer: () => Promise.resolve({ ok: false, problem: { code: "keys.missing", message: "no key" } }),
    };
    expect(await sealRunFolder(folder, "r1", refusing)).toMatchObject({
      status: "failed",
      problem: { code: "keys.missing" },
    });
    const unwilling: ReceiptSettings = {
      ...settings,
      signer: () =>
        Promise.resolve({
          ok: true,
          value: { ...alice, signer: { ...alice.signer, sign: () => Promise.reject(new Error("locked")) } },
        }),
    };
    expect(await sealRunFolder(folder, "r1", unwilling)).toMatchObject({
      problem: { code: "receipts.signing", message: "locked" },
    });
    await writeFile(path.join(state, "file"), "");
    expect(await sealRunFolder(folder, "r1", settingsIn(path.join(state, "file", "x")))).toMatchObject({
      problem: { code: "receipts.io" },
    });
    expect((await sealRunFolder(folder, "r1", settings)).status).toBe("sealed");
  });

  test("a damaged salt refuses to seal, since other commitments would look like another run", async () => {
    const { folder, settings } = await keptRun();
    await writeFile(path.join(folder, "receipts.salt"), "short");
    expect(await sealRunFolder(folder, "r1", settings)).toMatchObject({
      status: "failed",
      problem: { code: "receipts.io" },
    });
  });

  test("a run in memory is sealed from its events", async () => {
    const directory = path.join(await folderWith(), "receipts");
    const heard: string[] = [];
    const sealing = await beginSealing({
      runId: "r1",
      stateDir: null,
      receipts: settingsIn(directory),
      onEvent: (event) => heard.push(event.type),
    });
    for (const event of placed(wholeRun("r1"))) sealing.listener?.(event);
    expect(heard.at(-1)).toBe("run.ended");
    expect(await sealing.end(null, true)).toEqual([]);
    expect(await sealing.end(null, false)).toMatchObject([{ status: "sealed", receipts: 2 }]);
    expect(await (await beginSealing({ runId: "r1", stateDir: null })).end(null, false)).toEqual([]);
  });

  test("two runs of equal data say nothing of being equal", async () => {
    const values = async (): Promise<readonly string[]> => {
      const { folder, settings } = await keptRun();
      await sealRunFolder(folder, "r1", settings);
      const read = readDirectory(settings.directory);
      if (!read.ok) throw new Error(read.problem.message);
      return read.value.receipts.flatMap(({ receipt }) => receipt.subject.commitments.map(({ value }) => value));
    };
    const [a, b] = [await values(), await values()];
    expect(a.length).toBeGreaterThan(2);
    expect(new Set([...a, ...b]).size).toBe(a.length + b.length);
  });
});

describe("the receipt directory", () => {
  test("the same content may be written again, another one not, and nothing of it is left", async () => {
    const directory = await folderWith();
    const [one] = await sealEvents(wholeRun("r1"));
    if (one === undefined) throw new Error("nothing was sealed");
    const entry = { id: one.receipt.id, createdAt: one.receipt.created_at, text: one.text };
    expect(await writeReceipts(directory, [entry])).toEqual({ ok: true, value: 1 });
    expect(await writeReceipts(directory, [entry])).toEqual({ ok: true, value: 0 });
    expect(await writeReceipts(directory, [{ ...entry, text: "{}" }])).toMatchObject({
      problem: { code: "receipts.divergent" },
    });
    expect(await writeReceipts(directory, [{ ...entry, id: "../x" }])).toMatchObject({
      problem: { code: "receipts.id" },
    });
    expect((await readdir(directory)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("ids are read whole, under both names, and never by a part", async () => {
    const directory = await folderWith();
    const [one] = await sealEvents(wholeRun("r1"));
    if (one === undefined) throw new Error("nothing was sealed");
    const { id } = one.receipt;
    expect([receiptFileName(id, "linux"), receiptFileName(id, "win32")]).toEqual([
      `${id}.json`,
      `${id.replace(":", "-")}.json`,
    ]);
    await writeFile(path.join(directory, receiptFileName(id, "win32") ?? ""), one.text);
    const found = readReceiptFile(directory, id);
    expect(found.ok && found.value?.id).toBe(id);
    expect(readReceiptFile(directory, id.slice(0, -1)).ok).toBe(false);
  });

  test("a file under another name, a damaged one and an unreadable one are each told", async () => {
    const { folder, settings } = await keptRun();
    await sealRunFolder(folder, "r1", settings);
    const { directory } = settings;
    const [first, second] = await receiptNames(directory);
    const other = path.join(directory, `sha256:${"0".repeat(64)}.json`);
    await rename(path.join(directory, first ?? ""), other);
    const moved = readDirectory(directory);
    expect(moved.ok && moved.value.receipts.flatMap(({ findings }) => findings.map(({ code }) => code))).toEqual([
      "ReceiptFileNameMismatch",
    ]);
    await writeFile(path.join(directory, second ?? ""), "{");
    const broken = readDirectory(directory);
    if (!broken.ok) throw new Error(broken.problem.message);
    const report = verifyTrees(broken.value, trusting());
    expect(report).toMatchObject({ valid: false, unreadable_files: [{ code: "ReceiptParseError" }] });
    await chmod(other, 0o600);
  });

  test("a key that is not what its name says is no key", async () => {
    const { folder, settings } = await keptRun();
    await sealRunFolder(folder, "r1", settings);
    const keys = path.join(settings.directory, "keys");
    const [name = ""] = await readdir(keys);
    expect(readKeyHints(settings.directory)).toHaveLength(1);
    const text = await readFile(path.join(keys, name), "utf8");
    await writeFile(path.join(keys, `${"0".repeat(64)}.json`), text);
    await writeFile(path.join(keys, name), text.replace('"OKP"', '"EC"'));
    expect(readKeyHints(settings.directory)).toEqual([]);
  });

  test("what is named is found as a folder, a file, an id or standard input, or the word says what is missing", async () => {
    const { folder, settings } = await keptRun();
    const { id, directory } = sealedReport(await sealRunFolder(folder, "r1", settings));
    const name = receiptFileName(id) ?? "";
    const input = await readFile(path.join(directory, name));
    const target = { cwd: directory, directory, tree: false, readInput: async () => input };
    const counts = async (named: string, tree = false): Promise<unknown> => {
      const read = await readVerifiable({ ...target, named, tree });
      return read.ok ? [read.value.receipts.length, read.value.wanted === id] : read.problem.code;
    };
    expect(await counts(".")).toEqual([2, false]);
    expect(await counts(`./${name}`)).toEqual([1, true]);
    expect(await counts(`./${name}`, true)).toEqual([2, true]);
    expect(await counts(id)).toEqual([2, true]);
    expect(await counts(id.slice("sha256:".length))).toEqual([2, true]);
    expect(await counts("-")).toEqual([1, true]);
    expect(await counts(`sha256:${"0".repeat(64)}`)).toBe("receipts.missing");
    expect(await counts("nothing")).toBe("receipts.missing");
    const nowhere = await readVerifiable({ ...target, directory: null, named: id });
    expect(nowhere.ok || nowhere.problem.code).toBe("receipts.directory");
  });

  test("a tree sealed with another key beside it stays untrusted, whatever stands in the directory", async () => {
    const { folder, settings } = await keptRun();
    const bad = { ...settings, signer: () => Promise.resolve({ ok: true as const, value: mallory }) };
    await sealRunFolder(folder, "r1", bad);
    const read = readDirectory(settings.directory);
    if (!read.ok) throw new Error(read.problem.message);
    const hints = readKeyHints(settings.directory).map((key) => ({ ...key, pinned: false }));
    const report = verifyTrees(read.value, { keys: new KeyRing(hints, [alicePrint]), allowPseudo: false });
    expect(report.trees).toMatchObject([
      { valid: false, integrity: { valid: true }, authenticity: { status: "untrusted_root" } },
    ]);
  });

  test("an activation that was entered and showed no effect has no receipt", async () => {
    const sealed = await sealEvents([
      started("r1"),
      opened(),
      entered("a"),
      { type: "run.ended", outcome: "timed_out", reason: null },
    ]);
    expect(sealed.map(({ receipt }) => receipt.subject.kind)).toEqual(["graph"]);
  });
});
