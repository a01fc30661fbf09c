import { describe, expect, it } from "vitest";
import { encodeEvent, encodeHeader, FIRST_PREV, sha256 } from "../../../src/connect/journal/codec.ts";
import { journalFailure, journalProblemText } from "../../../src/connect/journal/problem.ts";
import { takeOverRun } from "../../../src/connect/journal/takeover.ts";
import { Disk } from "./disk.ts";
import { ended, good, Owners, readAll, refusal, started, startRun } from "./world.ts";

const first = "/state/runs/r/journal.1.jsonl";
const second = "/state/runs/r/journal.2.jsonl";

/** A small run of two segments, all of it durable; the second one released. */
async function twoSegments(): Promise<Disk> {
  const disk = new Disk();
  const ownership = new Owners();
  const journal = await startRun(disk, ownership);
  journal.append(ended("ä"), 2000);
  await journal.sync();
  ownership.setAll("dead");
  const taken = good(await takeOverRun("/state", "r", 3000, { files: disk, ownership }));
  taken.journal.append(ended(2n), 4000);
  await taken.journal.close();
  return disk;
}

/** The disk with other bytes in one file. */
function changed(disk: Disk, path: string, data: Uint8Array): Disk {
  const other = disk.afterPowerLoss(() => 0.999999);
  other.put(path, data);
  return other;
}

describe("reading a run", () => {
  it("gives all events in order over all segments", async () => {
    const disk = await twoSegments();
    const { read, events } = good(await readAll(disk));
    expect(events.map(({ seq, type }) => `${seq} ${type}`)).toEqual([
      "1 run.started",
      "2 effect.ended",
      "3 segment.opened",
      "4 effect.ended",
    ]);
    expect(events[2]).toMatchObject({ epoch: 2, oldLength: disk.content(first).length, lateLines: 0 });
    expect(read).toMatchObject({ seq: 4, epoch: 2, released: true, findings: [], finished: false, ignoredLines: 0 });
  });

  it("cuts the last line wherever it is torn, and gives all lines before it", async () => {
    const disk = new Disk();
    const journal = await startRun(disk, new Owners());
    journal.append(ended("before"), 2000);
    await journal.sync();
    const kept = disk.content(first).length;
    journal.append(ended("ä torn line 😀"), 2000);
    await journal.sync();
    const whole = disk.content(first);
    for (let length = kept; length < whole.length; length++) {
      const { read, events } = good(await readAll(changed(disk, first, whole.subarray(0, length))));
      expect(events, `cut at ${length}`).toHaveLength(2);
      expect(read).toMatchObject({ seq: 2, length: kept, ignoredLines: length === kept ? 0 : 1 });
      expect(read.findings.map(({ code, line }) => ({ code, line }))).toEqual(
        length === kept ? [] : [{ code: "journal.torn", line: 4 }],
      );
    }
  });

  it("cuts a last line that is terminated but no JSON, as a torn block leaves it", async () => {
    const disk = new Disk();
    await startRun(disk, new Owners());
    for (const tail of ["\0\0\0\n", "{\n", "\n", '{"seq":2\n', "\u00ff\n"]) {
      const data = Buffer.concat([disk.content(first), Buffer.from(tail, "latin1")]);
      const { read } = good(await readAll(changed(disk, first, data)));
      expect(read.findings).toMatchObject([{ code: "journal.torn", file: first, line: 3 }]);
    }
  });

  it("finds every flipped byte, wherever it is", async () => {
    const disk = await twoSegments();
    const intact = JSON.stringify(good(await readAll(disk)).events.map(({ seq, at, type }) => [seq, at, type]));
    for (const path of [first, second]) {
      const bytes = disk.content(path);
      for (let i = 0; i < bytes.length; i++) {
        for (const mask of [0x01, 0x20, 0x80, 0xff]) {
          const spoiled = Buffer.from(bytes);
          spoiled[i] = (spoiled[i] as number) ^ mask;
          const found = await readAll(changed(disk, path, spoiled));
          const where = `${path} byte ${i} ^ ${mask}`;
          if (found.ok) {
            // Only the very last line, the release, may count as torn; no event may be lost or changed.
            expect(found.value.read.findings, where).toMatchObject([{ code: "journal.torn", file: second, line: 4 }]);
            expect(JSON.stringify(found.value.events.map(({ seq, at, type }) => [seq, at, type])), where).toBe(intact);
          } else {
            expect(found.problem.code, where).toMatch(/^journal\.(corrupt|version|missing)$/);
          }
        }
      }
    }
  }, 120_000);

  it("finds every line that is missing, twice there, or in another place", async () => {
    const disk = await twoSegments();
    for (const path of [first, second]) {
      const lines = disk.content(path).toString().trimEnd().split("\n");
      const texts = lines.flatMap((line, i) => [
        i === lines.length - 1 ? lines : lines.toSpliced(i, 1),
        lines.toSpliced(i, 0, line),
        i === 0 ? lines : lines.toSpliced(i - 1, 2, line, lines[i - 1] as string),
      ]);
      for (const text of texts.filter((one) => one !== lines)) {
        const found = await readAll(changed(disk, path, Buffer.from(`${text.join("\n")}\n`)));
        // What stands behind the end that the second segment cites is not part of the run.
        const behind = path === first && text.slice(0, lines.length).join() === lines.join();
        if (behind) expect(good(found).read).toMatchObject({ ignoredLines: 1, findings: [{ code: "journal.late" }] });
        else expect(refusal(found)).toMatch(/corrupt|missing/);
      }
    }
  });

  it("says where it broke", async () => {
    const disk = await twoSegments();
    const text = disk.content(first).toString().replace('"principal":"user:me@here"', '"principal":"user:xx@here"');
    const found = await readAll(changed(disk, first, Buffer.from(text)));
    if (found.ok) throw new Error("was not refused");
    expect(found.problem).toMatchObject({ code: "journal.corrupt", file: first, line: 3 });
    expect(journalProblemText(found.problem)).toBe(
      `journal.corrupt: the hash of the line before this one does not agree (${first}:3)`,
    );
    expect(journalFailure(found.problem).class).toBe("io");
  });

  it("refuses an earlier segment that is shorter than the next one cites, and a blob that is gone or changed", async () => {
    const disk = await twoSegments();
    const bytes = disk.content(first);
    expect(refusal(await readAll(changed(disk, first, bytes.subarray(0, bytes.length - 1))))).toBe("journal.corrupt");

    const large = new Disk();
    const journal = await startRun(large, new Owners());
    journal.append(ended("x".repeat(70_000)), 2000);
    await journal.close();
    const [name] = await large.names("/state/runs/r/blobs");
    const path = `/state/runs/r/blobs/${name}`;
    for (const data of [Buffer.from('"x"'), large.content(path).subarray(1)]) {
      expect(refusal(await readAll(changed(large, path, data)))).toBe("journal.corrupt");
    }
    await large.unlink(path);
    expect(await readAll(large)).toMatchObject({ problem: { code: "journal.corrupt", file: path } });
  });

  it("refuses a newer version and an event type it does not know, in words", async () => {
    const disk = new Disk();
    await startRun(disk, new Owners());
    const header = disk.content(first).toString().split("\n")[0] as string;
    const newer = header.replace('"journal":1', '"journal":2');
    expect(await readAll(changed(disk, first, Buffer.from(`${newer}\n`)))).toMatchObject({
      problem: { code: "journal.version", line: 1 },
    });
    const future = encodeEvent({ ...started, version: 2 }, 1, 1000, sha256(header)).line;
    expect(await readAll(changed(disk, first, Buffer.from(`${header}\n${future}\n`)))).toMatchObject({
      problem: { code: "journal.version", line: 2 },
    });
    const odd = encodeEvent({ type: "deadline.passed" }, 1, 1000, sha256(header)).line.replace("deadline", "planet");
    expect(await readAll(changed(disk, first, Buffer.from(`${header}\n${odd}\n`)))).toMatchObject({
      problem: { code: "journal.corrupt", message: 'this version knows no event of type "planet.passed"', line: 2 },
    });
  });

  it("refuses another run's journal under this run's name", async () => {
    const disk = new Disk();
    const owner = await new Owners().claim();
    await startRun(disk, new Owners());
    const header = encodeHeader({ epoch: 1, after: 0, run: "other", owner }, FIRST_PREV);
    expect(refusal(await readAll(changed(disk, first, Buffer.from(`${header}\n`))))).toBe("journal.corrupt");
  });

  it("says that there is no such run, or no journal in its folder", async () => {
    const disk = new Disk();
    expect(refusal(await readAll(disk))).toBe("journal.missing");
    await startRun(disk, new Owners());
    await disk.unlink(first);
    expect(refusal(await readAll(disk))).toBe("journal.missing");
    expect(refusal(await readAll(disk, "../r"))).toBe("journal.run_id");
  });

  it("reads a journal of any length in chunks, lines longer than a chunk too", async () => {
    const disk = new Disk();
    const journal = await startRun(disk, new Owners());
    const reply = { status: 200, contentType: "t", body: "b".repeat(900_000) };
    for (let i = 0; i < 6000; i++) journal.append(ended(BigInt(i)), 2000 + i);
    journal.append(
      {
        type: "node.ended",
        frame: "",
        node: "n",
        visit: 1,
        attempt: 1,
        outcome: "continue",
        output: null,
        label: null,
        reason: null,
        partial: false,
        assumed: false,
        reply,
      },
      9000,
    );
    journal.append(ended("last"), 9001);
    await journal.close();
    const { events } = good(await readAll(disk));
    expect(events).toHaveLength(6003);
    expect(events.at(-2)).toMatchObject({ reply });
    expect(events.at(-1)).toMatchObject({ value: "last" });
  });
});
