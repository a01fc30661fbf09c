import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, readFile, rm, truncate, utimes, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRun } from "../../../src/connect/journal/create.ts";
import { nodeFiles, type JournalFiles } from "../../../src/connect/journal/file.ts";
import { RunList, type KeptRuns } from "../../../src/runtime/kept-runs/list.ts";
import { deleteRun } from "../../../src/runtime/runs.ts";
import {
  entered,
  frameEnded,
  keepRun,
  nodeEnded,
  opened,
  pausedRun,
  started,
  T0,
  wholeRun,
} from "../../cli/kept-runs.ts";

/** Counts what is read of journals. */
function counting(): { readonly files: JournalFiles; readonly seen: { opened: string[]; bytes: number } } {
  const seen = { opened: [] as string[], bytes: 0 };
  const files: JournalFiles = {
    ...nodeFiles,
    openRead: async (file) => {
      seen.opened.push(file);
      const read = await nodeFiles.openRead(file);
      return {
        size: () => read.size(),
        datasync: () => read.datasync(),
        close: () => read.close(),
        read: async (position, length) => {
          const bytes = await read.read(position, length);
          seen.bytes += bytes.length;
          return bytes;
        },
      };
    },
  };
  return { files, seen };
}

describe("the list of kept runs", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "countersign-list-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const journalOf = (id: string): string => path.join(folder, "runs", id, "journal.1.jsonl");

  async function whole(list: RunList, directories = [folder]): Promise<KeptRuns> {
    let last: KeptRuns = { runs: [], pending: 0, problems: [] };
    for await (const one of list.list(directories)) last = one;
    return last;
  }
  const shown = ({ runs }: KeptRuns): string[] => runs.map(({ summary: { id, status } }) => `${id} ${status}`);

  /** Many finished runs, written as files at once. */
  async function many(count: number): Promise<void> {
    const events = [started("r0"), opened(), entered("load"), nodeEnded("load", { n: 1 }), frameEnded()];
    await keepRun(folder, "r0", [...events, { type: "run.ended", outcome: "completed", reason: null }]);
    const text = await readFile(journalOf("r0"), "utf8");
    for (let i = 1; i < count; i++) {
      mkdirSync(path.join(folder, "runs", `r${i}`));
      writeFileSync(journalOf(`r${i}`), text.replaceAll('"r0"', `"r${i}"`));
    }
  }

  it("shows runs newest first, with what a row needs, from several directories", async () => {
    await keepRun(folder, "a", wholeRun("a"), T0);
    const other = path.join(folder, "other");
    await keepRun(other, "b", pausedRun("b"), T0 + 5000);
    await keepRun(folder, "c", [started("c", { environment: "prod" }), opened(), entered("load")], T0 + 9000);
    const found = await whole(new RunList(), [folder, other, folder, path.join(folder, "not there")]);
    expect(shown(found)).toEqual(["c interrupted", "b paused", "a completed"]);
    expect(found.problems).toEqual([]);
    expect(found.runs[0]?.summary).toMatchObject({ start: "main", environment: "prod", principal: "user:ada@host" });
    expect(found.runs.map(({ stateDir }) => stateDir)).toEqual([folder, other, folder]);
  });

  it("says that a failed run was cancelled, and why one failed", async () => {
    const cut = { type: "run.cancelled", by: "user:ada@host", reason: null } as const;
    const ended = { type: "run.ended", outcome: "failed", reason: "cancelled by user:ada@host" } as const;
    await keepRun(folder, "a", [started("a"), opened(), entered("load"), cut, frameEnded("", "failed"), ended]);
    await keepRun(folder, "b", [started("b"), opened(), entered("load"), frameEnded("", "failed"), ended], T0 + 1);
    const { runs } = await whole(new RunList());
    expect(runs.map(({ summary: { id, cancelled, reason } }) => [id, cancelled, reason])).toEqual([
      ["b", false, "cancelled by user:ada@host"],
      ["a", true, "cancelled by user:ada@host"],
    ]);
  });

  it("of 2,000 runs looks at the newest first, reads none as a whole, and looks at none again that has not changed", async () => {
    await many(2000);
    // One of them is long.
    const long = `${JSON.stringify({ filler: "x".repeat(1000) })}\n`.repeat(3000);
    const text = await readFile(journalOf("r7"), "utf8");
    const [header = "", ...rest] = text.split("\n");
    await writeFile(journalOf("r7"), `${header}\n${rest[0] ?? ""}\n${long}${rest.slice(1).join("\n")}`);
    const { files, seen } = counting();
    const list = new RunList({ files });
    const parts = list.list([folder]);
    const first = await parts.next();
    expect(first.value?.runs).toHaveLength(60);
    expect(first.value?.pending).toBe(1940);
    expect(new Set(seen.opened).size).toBe(60);
    let last: KeptRuns | null = null;
    for await (const one of parts) last = one;
    expect(last).toMatchObject({ pending: 0, problems: [] });
    expect(last?.runs).toHaveLength(2000);
    expect(new Set(seen.opened).size).toBe(2000);
    expect(seen.opened.length / 2000).toBeLessThanOrEqual(4);
    const perRun = 4 * text.length;
    expect(seen.bytes).toBeLessThan(2000 * perRun + 512 * 1024);
    seen.opened = [];
    expect((await whole(list)).runs).toHaveLength(2000);
    expect(seen.opened).toEqual([]);
    await utimes(journalOf("r3"), new Date(), new Date());
    await whole(list);
    expect([...new Set(seen.opened)]).toEqual([journalOf("r3")]);
  });

  it("a run that goes on is looked at again, and shows as interrupted once its process has let go of it", async () => {
    const created = await createRun(folder, "live", []);
    if (!created.ok) throw new Error(created.problem.message);
    const journal = created.value;
    journal.append(started("live"), T0);
    journal.append(opened(), T0 + 1);
    await journal.sync();
    const list = new RunList();
    expect(shown(await whole(list))).toEqual(["live running"]);
    journal.append(entered("load"), T0 + 50);
    await journal.sync();
    expect((await whole(list)).runs[0]?.summary.updatedAt).toBe(T0 + 50);
    await journal.close();
    expect(shown(await whole(list))).toEqual(["live interrupted"]);
  });

  it("a journal that was cut in half can be resumed; one that was cut in its first line says why it cannot be read", async () => {
    await keepRun(folder, "half", wholeRun("half"));
    await keepRun(folder, "head", wholeRun("head"));
    await truncate(journalOf("half"), Math.floor(statSync(journalOf("half")).size / 2));
    await truncate(journalOf("head"), 20);
    const found = await whole(new RunList());
    expect(shown(found).sort()).toEqual(["half interrupted", "head unreadable"]);
    expect(found.runs.find(({ summary }) => summary.id === "head")?.summary.problem?.message).toContain("no journal");
  });

  it("a run of a newer program is listed with the reason", async () => {
    await keepRun(folder, "new", wholeRun("new"));
    const text = await readFile(journalOf("new"), "utf8");
    await writeFile(journalOf("new"), text.replace(/"journal":\d+/, `"journal":999`));
    const [run] = (await whole(new RunList())).runs;
    expect(run?.summary).toMatchObject({ status: "unreadable", problem: { code: "journal.version" } });
  });

  it("forgets a run that another process deletes, and everything when the directory goes", async () => {
    await keepRun(folder, "a", wholeRun("a"));
    await keepRun(folder, "b", wholeRun("b"));
    const list = new RunList();
    expect((await whole(list)).runs).toHaveLength(2);
    await deleteRun(folder, "a");
    expect(shown(await whole(list))).toEqual(["b completed"]);
    await rm(path.join(folder, "runs"), { recursive: true });
    expect(await whole(list)).toEqual({ runs: [], pending: 0, problems: [] });
  });

  it("a directory that cannot be read is a sentence, and the others are shown", async () => {
    const other = path.join(folder, "other");
    await keepRun(folder, "a", wholeRun("a"));
    await mkdir(other);
    await writeFile(path.join(other, "runs"), "no folder");
    const found = await whole(new RunList(), [folder, other]);
    expect(shown(found)).toEqual(["a completed"]);
    expect(found.problems).toHaveLength(1);
    expect(found.problems[0]).toContain("no folder");
  });

  it("a file among the runs is none, and bytes behind a finished run change nothing", async () => {
    await keepRun(folder, "a", wholeRun("a"));
    await writeFile(path.join(folder, "runs", "note"), "mine");
    await appendFile(journalOf("a"), '{"torn');
    expect(shown(await whole(new RunList()))).toEqual(["a completed"]);
  });
});
