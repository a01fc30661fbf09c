import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRun } from "../../../src/connect/journal/create.ts";
import { takeOverRun, type TakeOverOptions } from "../../../src/connect/journal/takeover.ts";
import type { RunJournal } from "../../../src/connect/journal/writer.ts";
import type { JournalEvent, RunEvent } from "../../../src/effects/events.ts";
import { Disk, randomFrom } from "./disk.ts";
import { anyRunEvent, ended, exactText, good, Owners, readAll, refusal, startRun } from "./world.ts";

const first = "/state/runs/r/journal.1.jsonl";

function take(files: Disk, ownership: Owners, options: TakeOverOptions = {}) {
  return takeOverRun("/state", "r", 5000, { files, ownership, ...options });
}

describe("taking a run over", () => {
  it("goes on where a dead owner stopped, and says where that was", async () => {
    const disk = new Disk();
    const ownership = new Owners();
    const journal = await startRun(disk, ownership);
    ownership.setAll("dead");
    const seen: JournalEvent[] = [];
    const heard: JournalEvent[] = [];
    const taken = good(
      await take(disk, ownership, { onEvent: (event) => seen.push(event), listener: (event) => heard.push(event) }),
    );
    const opened = { type: "segment.opened", seq: 2, at: 5000, epoch: 2, oldHead: journal.head, lateLines: 0 };
    expect(seen).toMatchObject([
      { type: "run.started", seq: 1 },
      { ...opened, oldLength: disk.content(first).length },
    ]);
    expect(heard).toMatchObject([opened]);
    expect(taken.read).toMatchObject({ seq: 1, epoch: 1 });
    expect(taken.journal).toMatchObject({ epoch: 2, seq: 2 });
    expect(taken.journal.append(ended(1n), 6000).seq).toBe(3);
    expect(await taken.journal.sync()).toBeNull();
    expect(good(await readAll(disk)).read).toMatchObject({ seq: 3, epoch: 2, head: taken.journal.head });
  });

  it("is refused while the owner lives, with its process and host, even when forced", async () => {
    const disk = new Disk();
    const ownership = new Owners();
    await startRun(disk, ownership);
    for (const takeOver of [false, true]) {
      expect(await take(disk, ownership, { takeOver })).toEqual({
        ok: false,
        problem: {
          code: "journal.owned",
          message: 'run "r" is in use by process 1001 on host here; stop it first',
          file: first,
        },
      });
    }
    expect(await disk.names("/state/runs/r")).not.toContain("journal.2.jsonl");
  });

  it("needs a word for an owner that cannot be judged; that owner then stops, and its late lines are ignored", async () => {
    const disk = new Disk();
    const ownership = new Owners();
    const old = await startRun(disk, ownership);
    expect(await old.stillOwner()).toBeNull();
    ownership.setAll("elsewhere");
    const refused = await take(disk, ownership);
    expect(refused).toMatchObject({ problem: { code: "journal.elsewhere" } });
    const taken = good(await take(disk, ownership, { takeOver: true }));

    old.append(ended("late"), 5001);
    expect(await old.sync()).toBeNull();
    const lost = await old.stillOwner();
    expect(lost).toMatchObject({ class: "cancelled" });
    expect(lost?.message).toContain("taken over");
    const length = disk.content(first).length;
    old.append(ended("later"), 5002);
    expect(await old.sync()).toEqual(lost);
    await old.close();
    expect(disk.content(first)).toHaveLength(length);

    taken.journal.append(ended("mine"), 5003);
    expect(await taken.journal.sync()).toBeNull();
    const { read, events } = good(await readAll(disk));
    expect(events.map(({ type }) => type)).toEqual(["run.started", "segment.opened", "effect.ended"]);
    expect(events[2]).toMatchObject({ value: "mine" });
    expect(read).toMatchObject({ ignoredLines: 1, findings: [{ code: "journal.late", file: first }] });

    ownership.setAll("dead");
    const seen: JournalEvent[] = [];
    good(await take(disk, ownership, { onEvent: (event) => seen.push(event) }));
    expect(seen.at(-1)).toMatchObject({ type: "segment.opened", epoch: 3, lateLines: 1 });
  });

  it("needs no judgement when the owner has let go, in the very same process too", async () => {
    const disk = new Disk();
    const ownership = new Owners();
    await (await startRun(disk, ownership)).close();
    ownership.setAll("live");
    good(await take(disk, ownership));
    expect(refusal(await take(disk, ownership))).toBe("journal.owned");
  });

  it("leaves a torn tail behind and counts it", async () => {
    const disk = new Disk();
    const ownership = new Owners();
    const journal = await startRun(disk, ownership);
    const length = disk.content(first).length;
    disk.fault = (operation) => (operation === "append" ? "EIO" : null);
    journal.append(ended("torn"), 2000);
    await journal.sync();
    disk.fault = () => null;
    ownership.setAll("dead");
    const taken = good(await take(disk, ownership));
    expect(taken.read).toMatchObject({ length, ignoredLines: 1, findings: [{ code: "journal.torn" }] });
    await taken.journal.close();
    const { events } = good(await readAll(disk));
    expect(events).toMatchObject([{ seq: 1 }, { type: "segment.opened", oldLength: length, lateLines: 1 }]);
  });

  it("is refused for a run that has ended", async () => {
    const disk = new Disk();
    const ownership = new Owners();
    const journal = await startRun(disk, ownership);
    journal.append({ type: "run.ended", outcome: "failed", reason: null }, 2000);
    await journal.close();
    expect(refusal(await take(disk, ownership))).toBe("journal.finished");
  });

  it("is won by one of many who try at once", async () => {
    const disk = new Disk();
    const ownership = new Owners();
    await (await startRun(disk, ownership)).close();
    const tries = await Promise.all(Array.from({ length: 8 }, () => take(disk, ownership)));
    expect(tries.filter(({ ok }) => ok)).toHaveLength(1);
    for (const one of tries) if (!one.ok) expect(one.problem.code).toMatch(/^journal\.(taken|owned)$/);
    expect([...ownership.states.values()].filter((state) => state === "live")).toHaveLength(1);
    expect((await disk.names("/state/runs/r")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("does not pass over a taker that came while the run was being read", async () => {
    const disk = new Disk();
    const ownership = new Owners();
    await (await startRun(disk, ownership)).close();
    const names = disk.names.bind(disk);
    let looks = 0;
    disk.names = async (path) => {
      if (++looks === 2) good(await takeOverRun("/state", "r", 4000, { files: disk, ownership }));
      return names(path);
    };
    expect(refusal(await take(disk, ownership))).toBe("journal.owned");
    expect(await names("/state/runs/r")).not.toContain("journal.3.jsonl");
  });

  it("claims nothing when the disk fails at any point", async () => {
    const whole = new Disk();
    const owners = new Owners();
    await (await startRun(whole, owners)).close();
    const before = whole.operations;
    good(await take(whole, owners));
    for (let at = 1; at <= whole.operations - before; at++) {
      const disk = new Disk();
      const ownership = new Owners();
      await (await startRun(disk, ownership)).close();
      const from = disk.operations;
      disk.fault = (_operation, _path, count) => (count === from + at ? "EIO" : null);
      const taken = await take(disk, ownership);
      expect(taken, `operation ${at}`).toMatchObject({ ok: false, problem: { code: "journal.io" } });
      expect([...ownership.states.values()]).not.toContain("live");
      disk.fault = () => null;
      expect(good(await readAll(disk)).events.length).toBeGreaterThan(0);
      good(await take(disk, ownership));
    }
  });

  it("works where the file system has no links, and then asks before it passes a segment begun by nobody known", async () => {
    const disk = new Disk();
    const ownership = new Owners();
    disk.fault = (operation) => (operation === "link" ? "ENOTSUP" : null);
    await (await startRun(disk, ownership)).close();
    // A taker died in the middle of its header.
    disk.put("/state/runs/r/journal.2.jsonl", Buffer.from('{"journal":1,"epoch":2,"af'));
    expect(good(await readAll(disk)).read).toMatchObject({ seq: 1, epoch: 1, highest: 2 });
    expect(refusal(await take(disk, ownership))).toBe("journal.elsewhere");
    const taken = good(await take(disk, ownership, { takeOver: true }));
    expect(taken.journal.epoch).toBe(3);
    await taken.journal.close();
    expect(good(await readAll(disk)).read).toMatchObject({ seq: 2, epoch: 3, findings: [{ code: "journal.late" }] });
    expect(await disk.names("/state/runs/r")).toEqual([
      "documents",
      "blobs",
      "journal.1.jsonl",
      "journal.2.jsonl",
      "journal.3.jsonl",
    ]);
  });
});

describe("a segment whose maker died before its name was durable", () => {
  it("is made durable before another one continues it", async () => {
    for (let seed = 0; seed < 40; seed++) {
      const disk = new Disk();
      const ownership = new Owners();
      await (await startRun(disk, ownership)).close();
      for (const epoch of [2, 3]) {
        disk.fault = (operation) =>
          operation === "syncFolder" && disk.count("link", `journal.${epoch}.`) > 0 ? "EIO" : null;
        expect(refusal(await take(disk, ownership))).toBe("journal.io");
        ownership.setAll("dead");
      }
      good(await readAll(disk.afterPowerLoss(randomFrom(seed))));
    }
  });
});

const bigEvent = fc.integer({ min: 0, max: 3 }).map((n) => ended(`${n}`.repeat(70_000)));
const group = fc.array(fc.oneof({ weight: 5, arbitrary: anyRunEvent }, { weight: 1, arbitrary: bigEvent }), {
  maxLength: 5,
});

describe("after a kill or a loss of power at any moment", () => {
  it("a run can be read and resumed, and holds everything that was said to be durable", async () => {
    let sessions = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(group, { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        async (groups, cuts, seed) => {
          const random = randomFrom(seed);
          const ownership = new Owners();
          let disk = new Disk();
          let durable: readonly JournalEvent[] | null = null;
          for (const cut of cuts) {
            const from = disk.operations;
            disk.tear = random;
            disk.fault = (_operation, _path, count) => (count > from + cut ? "EIO" : null);
            const session = await openSession(disk, ownership, durable === null);
            if (session !== null) {
              sessions++;
              durable = await work(session, groups, random);
            }
            // The process is killed; what it wrote stays, unless the power goes too.
            const powerLost = random() < 0.6;
            if (powerLost) disk = disk.afterPowerLoss(random);
            disk.fault = () => null;
            ownership.setAll("dead");
            if (durable === null) {
              disk = new Disk();
              continue;
            }
            const { events } = good(await readAll(disk));
            expect(events.slice(0, durable.length).map(exactText)).toEqual(durable.map(exactText));
            if (powerLost) durable = events;
          }
          if (durable !== null) good(await take(disk, ownership));
        },
      ),
      { numRuns: 400 },
    );
    expect(sessions).toBeGreaterThan(200);
  }, 120_000);
});

interface Session {
  readonly journal: RunJournal;
  readonly events: JournalEvent[];
}

/** Creates the run or takes it over; null when the disk did not let us. */
async function openSession(disk: Disk, ownership: Owners, create: boolean): Promise<Session | null> {
  const events: JournalEvent[] = [];
  const opened = create
    ? await createRun("/state", "r", [], { files: disk, ownership })
    : await take(disk, ownership, { onEvent: (event) => events.push(event) });
  if (!opened.ok) {
    expect(opened.problem.code).toBe("journal.io");
    return null;
  }
  return { journal: "journal" in opened.value ? opened.value.journal : opened.value, events };
}

/** Appends the groups with a sync after each; gives the events that are durable for sure. */
async function work(session: Session, groups: readonly (readonly RunEvent[])[], random: () => number) {
  const { journal, events } = session;
  let durable = events.length;
  for (const members of groups) {
    for (const event of members) events.push(journal.append(event, 6000));
    if ((await journal.sync()) === null) durable = events.length;
  }
  if (random() < 0.3) await journal.close();
  return events.slice(0, durable);
}
