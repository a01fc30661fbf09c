import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sha256 } from "../../../src/connect/journal/codec.ts";
import { createRun } from "../../../src/connect/journal/create.ts";
import { MemoryJournal } from "../../../src/connect/journal/memory.ts";
import { readDocument, readRun } from "../../../src/connect/journal/reader.ts";
import { takeOverRun } from "../../../src/connect/journal/takeover.ts";
import type { JournalEvent } from "../../../src/effects/events.ts";
import { Disk } from "./disk.ts";
import { ended, good, Owners, readAll, refusal, started, startRun } from "./world.ts";

const big = "x".repeat(70_000);

describe("starting a run", () => {
  it("makes documents, segment and names durable before it returns", async () => {
    const disk = new Disk();
    const bytes = Buffer.from("[[nodes]]");
    const documents = [{ digest: `sha256:${sha256(bytes)}`, bytes }];
    const journal = good(await createRun("/deep/state", "r", documents, { files: disk, ownership: new Owners() }));
    const found = disk.afterPowerLoss(() => 0);
    const read = good(await readRun("/deep/state", "r", { files: found }));
    expect(read).toMatchObject({ seq: 0, epoch: 1, head: journal.head, released: false, findings: [] });
    expect(good(await readDocument("/deep/state", "r", documents[0]?.digest ?? "", found))).toEqual(bytes);
  });

  it("refuses an id that is in use, and texts that are no run id", async () => {
    const disk = new Disk();
    const options = { files: disk, ownership: new Owners() };
    good(await createRun("/state", "r", [], options));
    expect(refusal(await createRun("/state", "r", [], options))).toBe("journal.exists");
    for (const id of ["", "..", "a/b", "a.b", "ä", "x".repeat(129)]) {
      expect(refusal(await createRun("/state", id, [], options)), id).toBe("journal.run_id");
    }
    good(await createRun("/state", "-A_9".repeat(32), [], options));
  });

  it("reports a full disk at every point and claims nothing", async () => {
    const whole = new Disk();
    await startRun(whole, new Owners());
    for (let at = 1; at <= whole.operations; at++) {
      const disk = new Disk();
      const ownership = new Owners();
      disk.fault = (_operation, _path, count) => (count >= at ? "ENOSPC" : null);
      const made = await createRun("/state", "r", [], { files: disk, ownership });
      if (made.ok) continue;
      expect(made.problem).toMatchObject({ code: "journal.io" });
      expect(made.problem.message).toContain("no space left on the device");
      expect([...ownership.states.values()]).not.toContain("live");
    }
  });

  it("refuses a document whose digest is another's", async () => {
    const documents = [{ digest: sha256("a"), bytes: Buffer.from("b") }];
    await expect(createRun("/state", "r", documents, { files: new Disk() })).rejects.toThrow(TypeError);
  });
});

describe("the durable journal", () => {
  it("writes nothing until a sync, and then shares one fdatasync among all who wait", async () => {
    const disk = new Disk();
    const journal = await startRun(disk, new Owners());
    const before = { syncs: disk.count("datasync"), writes: disk.count("append") };
    const waits = [];
    for (let i = 0; i < 50; i++) {
      journal.append(ended(BigInt(i)), 2000);
      waits.push(journal.sync());
    }
    expect(await Promise.all(waits)).toEqual(Array(50).fill(null));
    expect(disk.count("datasync") - before.syncs).toBe(1);
    expect(disk.count("append") - before.writes).toBe(1);
    expect(good(await readAll(disk)).events).toHaveLength(51);
  });

  it("lets those who come during a sync share the next one", async () => {
    const disk = new Disk();
    const journal = await startRun(disk, new Owners());
    const before = disk.count("datasync");
    const late: Promise<unknown>[] = [];
    disk.fault = (operation) => {
      if (operation !== "datasync" || late.length > 0) return null;
      for (const n of [1n, 2n, 3n]) {
        journal.append(ended(n), 3000);
        late.push(journal.sync());
      }
      return null;
    };
    journal.append(ended(0n), 2000);
    await journal.sync();
    expect(await Promise.all(late)).toEqual([null, null, null]);
    expect(disk.count("datasync") - before).toBe(2);
    expect(good(await readAll(disk.afterPowerLoss(() => 0))).read.seq).toBe(5);
  });

  it("does not touch the disk when nothing is new", async () => {
    const disk = new Disk();
    const journal = await startRun(disk, new Owners());
    const before = disk.operations;
    expect(await journal.sync()).toBeNull();
    expect(disk.operations).toBe(before);
  });

  it("hands lines to the file without a sync when many wait", async () => {
    const disk = new Disk();
    const journal = await startRun(disk, new Owners());
    const before = disk.count("datasync");
    for (let i = 0; i < 30; i++) journal.append(ended("y".repeat(20_000)), 2000);
    while (disk.content("/state/runs/r/journal.1.jsonl").length < 600_000) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(disk.count("datasync")).toBe(before);
    expect(await journal.sync()).toBeNull();
    expect(good(await readAll(disk)).events).toHaveLength(31);
  });

  it("makes a blob and its name durable before the line that names it", async () => {
    const disk = new Disk();
    const journal = await startRun(disk, new Owners());
    const from = disk.log.length;
    journal.append(ended(big), 2000);
    journal.append(ended(big), 2000);
    expect(await journal.sync()).toBeNull();
    const digest = sha256(JSON.stringify(big));
    const done = disk.log.slice(from).map((line) => line.replace("/state/runs/r/", "").replace(".nonce1", ""));
    // The segment was created under the name that it had before it was linked.
    expect(done).toEqual([
      `create blobs/${digest}.tmp`,
      `append blobs/${digest}.tmp`,
      `datasync blobs/${digest}.tmp`,
      `rename blobs/${digest}`,
      "syncFolder blobs",
      "append segment.tmp",
      "datasync segment.tmp",
    ]);
    const { events } = good(await readAll(disk.afterPowerLoss(() => 0)));
    expect(events.slice(1)).toMatchObject([{ value: big }, { value: big }]);
  });

  it.each(["ENOSPC", "EIO"])(
    "ends with the first %s: every later call fails and nothing more is written",
    async (code) => {
      for (const failing of ["append", "datasync"] as const) {
        const disk = new Disk();
        const journal = await startRun(disk, new Owners());
        disk.fault = (operation) => (operation === failing ? code : null);
        journal.append(ended(1n), 2000);
        const failed = await journal.sync();
        expect(failed).toMatchObject({ class: "io" });
        expect(failed?.message).toContain(code);
        disk.fault = () => null;
        const length = disk.content("/state/runs/r/journal.1.jsonl").length;
        expect(journal.append(ended(2n), 2000).seq).toBe(3);
        expect(await journal.sync()).toEqual(failed);
        expect(await journal.stillOwner()).toEqual(failed);
        await journal.close();
        expect(await journal.sync()).toEqual(failed);
        expect(disk.content("/state/runs/r/journal.1.jsonl")).toHaveLength(length);
      }
    },
  );

  it("fails all who wait when a blob cannot be written, before its line is", async () => {
    for (const failing of ["create", "append", "datasync", "rename", "syncFolder"] as const) {
      const disk = new Disk();
      const journal = await startRun(disk, new Owners());
      disk.fault = (operation, path) => (operation === failing && path.includes("blobs") ? "ENOSPC" : null);
      const length = disk.content("/state/runs/r/journal.1.jsonl").length;
      journal.append(ended(big), 2000);
      const [first, second] = await Promise.all([journal.sync(), journal.sync()]);
      expect(first, failing).toMatchObject({ class: "io" });
      expect(second).toEqual(first);
      expect(disk.content("/state/runs/r/journal.1.jsonl")).toHaveLength(length);
    }
  });

  it("lets go of its segment when closed, and takes nothing any more", async () => {
    const disk = new Disk();
    const ownership = new Owners();
    const journal = await startRun(disk, ownership);
    journal.append({ type: "run.paused", requests: [] }, 2000);
    await Promise.all([journal.close(), journal.close()]);
    expect(good(await readAll(disk)).read).toMatchObject({ released: true, seq: 2, head: journal.head });
    expect(() => journal.append(ended(1n), 2000)).toThrow(TypeError);
    expect(await journal.sync()).toBeNull();
    expect([...ownership.states.values()]).toEqual(["dead"]);
  });

  it("does not number an event that it cannot write", async () => {
    const disk = new Disk();
    const journal = await startRun(disk, new Owners());
    expect(() => journal.append(ended(NaN), 2000)).toThrow(TypeError);
    expect(journal.append(ended(1n), 2000).seq).toBe(2);
    expect(await journal.sync()).toBeNull();
    expect(good(await readAll(disk)).read.seq).toBe(2);
  });

  it("masks what is written and heard, never what the run goes on with", async () => {
    const disk = new Disk();
    const masking = {
      mask: (text: string) => text.replaceAll("hunter2", "{secret:PW}"),
      unmask: (text: string) => ({ text: text.replaceAll("{secret:PW}", "hunter2") }),
    };
    const heard: JournalEvent[] = [];
    const ownership = new Owners();
    const options = { files: disk, ownership, masking, listener: (event: JournalEvent) => heard.push(event) };
    const journal = good(await createRun("/state", "r", [], options));
    const given = journal.append(ended(`hunter2 ${big}`), 1000);
    expect(given).toMatchObject({ value: `hunter2 ${big}` });
    expect(heard).toMatchObject([{ seq: 1, at: 1000, value: `{secret:PW} ${big}` }]);
    await journal.close();
    const names = await disk.names("/state/runs/r/blobs");
    for (const path of ["journal.1.jsonl", ...names.map((name) => `blobs/${name}`)]) {
      expect(disk.content(`/state/runs/r/${path}`).toString()).not.toContain("hunter2");
    }
    expect(good(await readAll(disk)).events).toMatchObject([{ value: `{secret:PW} ${big}` }]);
    const seen: JournalEvent[] = [];
    good(await takeOverRun("/state", "r", 2000, { ...options, onEvent: (event) => seen.push(event) }));
    expect(seen).toMatchObject([{ value: `hunter2 ${big}` }, { type: "segment.opened", seq: 2 }]);
    const refusing = { ...masking, unmask: () => ({ problem: "PW has changed" }) };
    expect(await readRun("/state", "r", { files: disk, unmask: refusing })).toMatchObject({
      problem: { code: "secret_changed", message: "PW has changed", line: 2 },
    });
  });
});

describe("the journal in memory", () => {
  it("numbers events, keeps them, tells the listener, and can never fail", async () => {
    const heard: JournalEvent[] = [];
    const journal = new MemoryJournal({ listener: (event) => heard.push(event) });
    expect(journal.append(started, 5)).toEqual({ ...started, seq: 1, at: 5 });
    const value = Array(3).fill(big);
    expect(journal.append(ended(value), 6)).toMatchObject({ seq: 2, at: 6 });
    expect(heard).toEqual(journal.events);
    expect((journal.events[1] as { value?: unknown }).value).toBe(value);
    expect(await journal.sync()).toBeNull();
    expect(await journal.stillOwner()).toBeNull();
    await journal.close();
    const forgetful = new MemoryJournal({ retain: false, masking: { mask: () => "*", unmask: (text) => ({ text }) } });
    forgetful.append(started, 1);
    expect(forgetful.events).toEqual([]);
  });
});

describe("on the real file system", () => {
  let dir = "";
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "journal-"));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it("folders are 0700 and files 0600, blobs and documents too", async () => {
    const bytes = Buffer.from("text");
    const stateDir = join(dir, "state");
    const journal = good(await createRun(stateDir, "r", [{ digest: sha256(bytes), bytes }]));
    journal.append({ ...started, runId: "r" }, 1000);
    journal.append(ended(big), 2000);
    expect(await journal.sync()).toBeNull();
    expect(await journal.stillOwner()).toBeNull();
    await journal.close();
    const names = await readdir(stateDir, { recursive: true, withFileTypes: true });
    const modes = await Promise.all(
      names.map(async (entry) => [entry.isDirectory(), (await stat(join(entry.parentPath, entry.name))).mode & 0o777]),
    );
    expect(names.map(({ name }) => name).sort()).toEqual(
      ["runs", "r", "documents", "blobs", "journal.1.jsonl", sha256(bytes), sha256(JSON.stringify(big))].sort(),
    );
    for (const [folder, mode] of modes) expect(mode).toBe(folder === true ? 0o700 : 0o600);
    expect((await stat(stateDir)).mode & 0o777).toBe(0o700);
    const text = await readFile(join(stateDir, "runs/r/journal.1.jsonl"), "utf8");
    expect(text.split("\n")).toHaveLength(5);
    expect(good(await readRun(stateDir, "r"))).toMatchObject({ seq: 2, released: true });
  });
});
