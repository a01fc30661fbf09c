/** Lists of stores, their verdicts, and exports. */
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { readExportFile } from "../../../src/runtime/export-file.ts";
import { exportedText, exportIncident, ReceiptIndex, Verdicts } from "../../../src/runtime/receipt-view/index.ts";
import type { EditorFormat, ExportWish, ListedTree } from "../../../src/runtime/receipt-view/index.ts";
import { documentOfRun, receiptDirectories } from "../../../src/runtime/receipt-view/places.ts";
import { readReceiptFile } from "../../../src/runtime/receipt-view/read-file.ts";
import { openBundle } from "../../../src/runtime/ops/index.ts";
import { verifyTrees } from "../../../src/runtime/verify.ts";
import { folderWith } from "../../cli/terminal.ts";
import { trusting } from "../../receipts/support.ts";
import { approvedRun, edit, fileOf, pin, sealed, storeWith, trustOf, type Store } from "./support.ts";

const never = (): boolean => false;

async function listed(index: ReceiptIndex): Promise<readonly ListedTree[]> {
  return (await index.list()).trees;
}

describe("the list of a store", () => {
  test("holds each run with what is below it, the document of its record, and nothing where there is nothing", async () => {
    const store = await storeWith();
    await sealed(store.state, "r2", approvedRun("r2"));
    const trees = await listed(new ReceiptIndex(store.directory));
    expect(trees).toHaveLength(2);
    for (const { root, others } of trees) {
      expect(root).toMatchObject({ label: "gate", kind: "graph", disposition: "closed", actor: "user:ada@host" });
      expect(others.map(({ label }) => label)).toEqual(["publish#1.1"]);
    }
    expect(trees.map(({ root }) => root.runId).sort()).toEqual(["r1", "r2"]);
    expect(await documentOfRun(store.state, "r1")).toBe("/w/gate.toml");
    expect(await documentOfRun(store.state, "r9")).toBeNull();
    expect(await receiptDirectories(store.state, store.place)).toContain(store.directory);
    const nothing = await new ReceiptIndex(path.join(store.state, "none")).list();
    expect(nothing).toMatchObject({ trees: [], unreadable: [], left: 0, problem: null });
  });

  test("names what cannot be read, and what stands there now", async () => {
    const store = await storeWith();
    const index = new ReceiptIndex(store.directory);
    const [before] = await listed(index);
    const step = before?.others[0]?.file ?? "";
    const text = await readFile(step, "utf8");
    await writeFile(step, "not a receipt");
    const broken = await index.list();
    expect(broken.unreadable).toMatchObject([{ file: step, finding: { code: "ReceiptParseError" } }]);
    expect(broken.trees[0]?.others).toEqual([]);
    await writeFile(step, text);
    expect((await listed(index))[0]?.others).toHaveLength(1);
    await rm(step);
    expect((await listed(index))[0]?.others).toEqual([]);
  });
});

describe("verdicts of a list", () => {
  test("hold for as long as files and trusted keys do", async () => {
    const store = await storeWith();
    const index = new ReceiptIndex(store.directory);
    const verdicts = new Verdicts();
    const ask = async () => {
      const [tree] = await listed(index);
      if (tree === undefined) throw new Error("there is no tree");
      const trust = await trustOf(store);
      const known = verdicts.known(store.directory, tree, trust);
      return { known, verdict: await verdicts.ask(store.directory, tree, trust, never) };
    };
    expect(await ask()).toMatchObject({ known: null, verdict: { standing: "untrusted" } });
    expect(await ask()).toMatchObject({ known: { standing: "untrusted" } });
    await pin(store);
    expect(await ask()).toMatchObject({ known: null, verdict: { standing: "verified", why: null } });
    const [tree] = await listed(index);
    const step = tree?.others[0];
    await edit(step?.file ?? "", (text) => text.replace("Executed", "Executes"));
    const { known, verdict } = await ask();
    expect([known, verdict?.standing]).toEqual([null, "broken"]);
    expect([...(verdict?.wrong.keys() ?? [])]).toEqual([step?.receipt.id]);
  });

  test("that nobody waits for any more are not made", async () => {
    const store = await storeWith();
    const [tree] = await listed(new ReceiptIndex(store.directory));
    if (tree === undefined) throw new Error("there is no tree");
    expect(await new Verdicts().ask(store.directory, tree, await trustOf(store), () => true)).toBeNull();
  });

  test("say why when the configuration cannot be used", async () => {
    const store = await storeWith();
    await mkdir(path.join(store.config, "countersign"), { recursive: true });
    await writeFile(path.join(store.config, "countersign", "config.toml"), "[keys]\ntrust = 3\n");
    const [tree] = await listed(new ReceiptIndex(store.directory));
    if (tree === undefined) throw new Error("there is no tree");
    const verdict = await new Verdicts().ask(store.directory, tree, await trustOf(store), never);
    expect(verdict).toMatchObject({ standing: "unchecked", why: expect.stringContaining("trust") as string });
  });
});

describe("exports", () => {
  const wishFor = async (store: Store, extra: Partial<ExportWish> = {}): Promise<ExportWish> => ({
    source: { type: "store", directory: store.directory, id: store.root, runId: "r1" },
    place: store.place,
    trust: await trustOf(store),
    stateDirs: [store.state],
    maySign: false,
    ...extra,
  });
  const made = async (wish: ExportWish, format: Exclude<EditorFormat, "incident">): Promise<string> => {
    const one = await exportedText(wish, format);
    if (!one.ok) throw new Error(one.problem.message);
    return one.text;
  };

  test("as bundle and attestation verify elsewhere, reports read, and a bundle gives all of them again", async () => {
    const store = await storeWith();
    const folder = await folderWith();
    for (const format of ["json", "dsse"] as const) {
      const file = path.join(folder, `run.${format}`);
      await writeFile(file, await made(await wishFor(store), format));
      const read = await readExportFile(file);
      expect(read?.ok === true && verifyTrees(read.value, trusting()).valid).toBe(true);
      const opened = await readReceiptFile(file, await trustOf(store));
      if (opened.type === "unreadable" || opened.exported === null) throw new Error("it was not read");
      const again = await wishFor(store, { source: { type: "read", read: opened.exported, file } });
      expect(await made(again, format)).toBe(await readFile(file, "utf8"));
      expect(await made(again, "md")).toContain("# Run of gate");
    }
    const html = await made(await wishFor(store), "html");
    expect(html).toContain("<!doctype html>");
    expect(html).not.toContain("canary-output");
  });

  test("of a broken store, of a broken bundle, and of a run that would have to be signed unasked are refused", async () => {
    const store = await storeWith();
    const file = path.join(await folderWith(), "run.bundle.json");
    await writeFile(file, await made(await wishFor(store), "json"));
    await edit(file, (text) => text.replace("Executed graph step", "Executes graph step"));
    const opened = await readReceiptFile(file, await trustOf(store));
    if (opened.type === "unreadable" || opened.exported === null) throw new Error("it was not read");
    const source = { type: "read", read: opened.exported, file } as const;
    expect(await exportedText(await wishFor(store, { source }), "html")).toMatchObject({
      ok: false,
      problem: { code: "export.broken" },
    });
    const root = await fileOf(store, store.root);
    await rm(root.replace(/sha256[:-]/, "").replace(/\.json$/, ".dsse.json"));
    expect(await exportedText(await wishFor(store), "json")).toMatchObject({
      ok: false,
      problem: { code: "export.untrusted" },
    });
    await edit(root, (text) => text.replace('"closed"', '"failed"'));
    expect(await exportedText(await wishFor(store, { maySign: true }), "json")).toMatchObject({ ok: false });
  });

  test("as incident bundle hold the run's record, and are refused where it is not", async () => {
    const store = await storeWith();
    const target = path.join(await folderWith(), "run.incident.tar.gz");
    const written = await exportIncident(await wishFor(store), target);
    expect(written).toMatchObject({ ok: true });
    const bundle = await openBundle(target, null);
    expect(bundle.ok && [...bundle.value.files.keys()].some((name) => name.startsWith("run/journal"))).toBe(true);
    const alone = path.join(await folderWith(), "receipts");
    await cp(store.directory, alone, { recursive: true });
    const source = { type: "store", directory: alone, id: store.root, runId: "r1" } as const;
    const refused = await exportIncident(await wishFor(store, { source, stateDirs: [] }), `${target}2`);
    expect(refused).toMatchObject({ ok: false, problem: { code: "export.no_run" } });
  });
});
