import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createRun } from "../../../src/connect/journal/create.ts";
import { followRun, type Followed } from "../../../src/connect/journal/follow.ts";
import { takeOverRun } from "../../../src/connect/journal/takeover.ts";
import { Disk } from "./disk.ts";
import { ended, good, Owners, readAll, started, startRun } from "./world.ts";

const first = "/state/runs/r/journal.1.jsonl";

function show(item: Followed): string {
  if (item.type === "event") return `${item.event.seq} ${item.event.type}`;
  return item.type === "void" ? `void after ${item.seq}` : item.problem.code;
}

/** A follower under test. */
class Watcher {
  private readonly abort = new AbortController();
  private readonly items: AsyncGenerator<Followed, void>;

  constructor(files: Disk, afterSeq = 0) {
    this.items = followRun("/state", "r", this.abort.signal, { files, afterSeq });
  }

  async next(count: number): Promise<string[]> {
    const seen: string[] = [];
    while (seen.length < count) {
      const { value, done } = await this.items.next();
      if (done === true) return [...seen, "end"];
      seen.push(show(value));
    }
    return seen;
  }

  async stop(): Promise<string[]> {
    this.abort.abort();
    return this.next(1);
  }
}

describe("following a run", () => {
  it("gives what is there, then what comes, and ends when told", async () => {
    const disk = new Disk();
    const journal = await startRun(disk, new Owners());
    const watcher = new Watcher(disk);
    expect(await watcher.next(1)).toEqual(["1 run.started"]);
    const coming = watcher.next(2);
    journal.append(ended(1n), 2000);
    await journal.sync();
    journal.append(ended("x".repeat(70_000)), 2000);
    await journal.sync();
    expect(await coming).toEqual(["2 effect.ended", "3 effect.ended"]);
    const end = watcher.next(1);
    expect(await watcher.stop()).toEqual(["end"]);
    expect(await end).toEqual(["end"]);
  });

  it("starts behind an event that is known already", async () => {
    const disk = new Disk();
    const journal = await startRun(disk, new Owners());
    for (let i = 0; i < 2000; i++) journal.append(ended(BigInt(i)), 2000);
    await journal.sync();
    const watcher = new Watcher(disk, 1999);
    expect(await watcher.next(2)).toEqual(["2000 effect.ended", "2001 effect.ended"]);
    expect(await watcher.stop()).toEqual(["end"]);
  });

  it("waits for the rest of a line, byte by byte", async () => {
    const source = new Disk();
    const journal = await startRun(source, new Owners());
    const from = source.content(first).length;
    journal.append(ended("ä😀"), 2000);
    await journal.sync();
    const whole = source.content(first);
    const disk = new Disk();
    await startRun(disk, new Owners());
    disk.put(first, whole.subarray(0, from));
    const watcher = new Watcher(disk);
    expect(await watcher.next(1)).toEqual(["1 run.started"]);
    const coming = watcher.next(1);
    let settled = false;
    void coming.then(() => (settled = true));
    for (let length = from; length <= whole.length; length++) {
      expect(settled).toBe(false);
      disk.put(first, whole.subarray(0, length));
      const reads = disk.count("names");
      disk.changed();
      while (length < whole.length && disk.count("names") === reads) await new Promise((done) => setImmediate(done));
    }
    expect(await coming).toEqual(["2 effect.ended"]);
    expect(await watcher.stop()).toEqual(["end"]);
  });

  it("goes over to the next segment, past a torn tail", async () => {
    const disk = new Disk();
    const ownership = new Owners();
    const journal = await startRun(disk, ownership);
    const watcher = new Watcher(disk);
    expect(await watcher.next(1)).toEqual(["1 run.started"]);
    disk.fault = (operation) => (operation === "append" ? "EIO" : null);
    journal.append(ended("torn"), 2000);
    await journal.sync();
    disk.fault = () => null;
    ownership.setAll("dead");
    const taken = good(await takeOverRun("/state", "r", 3000, { files: disk, ownership }));
    taken.journal.append(ended(2n), 4000);
    await taken.journal.close();
    expect(await watcher.next(2)).toEqual(["2 segment.opened", "3 effect.ended"]);
    expect(await watcher.stop()).toEqual(["end"]);
  });

  it("takes back a former owner's lines that the take-over cut off", async () => {
    const disk = new Disk();
    const ownership = new Owners();
    const old = await startRun(disk, ownership);
    const watcher = new Watcher(disk);
    expect(await watcher.next(1)).toEqual(["1 run.started"]);
    ownership.setAll("elsewhere");
    // The taker has read the run; the old owner writes on before the new segment has its name.
    const link = disk.link.bind(disk);
    disk.link = async (from, to) => {
      old.append(ended("late"), 3000);
      old.append(ended("later"), 3000);
      await old.sync();
      expect(await watcher.next(2)).toEqual(["2 effect.ended", "3 effect.ended"]);
      await link(from, to);
    };
    const taken = good(await takeOverRun("/state", "r", 3000, { files: disk, ownership, takeOver: true }));
    taken.journal.append(ended("mine"), 4000);
    await taken.journal.sync();
    expect(await watcher.next(3)).toEqual(["void after 1", "2 segment.opened", "3 effect.ended"]);
    expect(await watcher.stop()).toEqual(["end"]);
    expect(good(await readAll(disk)).read.ignoredLines).toBe(2);
  });

  it("ends with the problem when the journal is broken, changed or gone", async () => {
    expect(await new Watcher(new Disk()).next(2)).toEqual(["journal.missing", "end"]);
    const disk = new Disk();
    const journal = await startRun(disk, new Owners());
    const watcher = new Watcher(disk);
    expect(await watcher.next(1)).toEqual(["1 run.started"]);
    disk.put(first, Buffer.concat([disk.content(first), Buffer.from("{}\n")]));
    disk.changed();
    expect(await watcher.next(2)).toEqual(["journal.corrupt", "end"]);
    await journal.close();
  });

  it("works on the real file system", async () => {
    const dir = await mkdtemp(join(tmpdir(), "follow-"));
    const journal = good(await createRun(dir, "r", []));
    const abort = new AbortController();
    const seen: string[] = [];
    const following = (async () => {
      for await (const item of followRun(dir, "r", abort.signal)) {
        seen.push(show(item));
        if (seen.length === 1) {
          await appendFile(join(journal.folder, "other"), "x");
          journal.append(ended(1n), 2000);
          expect(await journal.sync()).toBeNull();
        }
        if (seen.length === 2) abort.abort();
      }
    })();
    journal.append(started, 1000);
    expect(await journal.sync()).toBeNull();
    await following;
    expect(seen).toEqual(["1 run.started", "2 effect.ended"]);
    await journal.close();
    await rm(dir, { recursive: true });
  });
});
