/** The audit log on a real disk: every byte counts, and many writers share it (spec/runtime.md §3). */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { auditFile } from "../../../src/connect/audit/file.ts";
import { decodeLine, encodeLine, FIRST_PREV, sha256 } from "../../../src/connect/audit/line.ts";
import { appendAudit } from "../../../src/connect/audit/log.ts";
import { verifyAudit, type AuditReport } from "../../../src/connect/audit/verify.ts";
import { Disk } from "../journal/disk.ts";
import { Owners } from "../journal/world.ts";
import { append, holds, refused, sealed, signer, verified, verifiedBytes } from "./support.ts";

let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), "countersign-audit-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const log = (): string => auditFile(dir);
const content = (): Promise<Buffer> => readFile(log());

/** A log of three entries and two signatures, the last line one of them. */
async function signedLog(): Promise<Buffer> {
  const key = signer();
  await append(dir, [refused("no")]);
  await append(dir, [sealed("r1")], { signer: key });
  await append(dir, [sealed("r2")], { signer: key });
  return content();
}

const clean = (report: AuditReport): boolean => report.problem === null && report.torn === 0;

describe("an audit log", () => {
  it("is whole and signed up to its last seal, with the tail behind it unsigned", async () => {
    const key = signer();
    expect(await append(dir, [refused("a"), refused("b")])).toBe(2);
    expect(await append(dir, [sealed("r1")], { signer: key })).toBe(4);
    expect(await append(dir, [refused("c")])).toBe(5);
    const report = await verified(dir);
    expect(report).toMatchObject({ lines: 5, signedUpTo: 4, cuts: [], torn: 0, problem: null });
    expect(report.signers).toMatchObject([{ kid: "k1", signatures: 1, lastLine: 4 }]);
    expect((await stat(log())).mode & 0o777).toBe(0o600);
    expect((await readdir(dir)).filter((name) => name !== "audit.jsonl")).toEqual([]);
  });

  it("is made with its folder, and missing where nothing was written", async () => {
    const deep = path.join(dir, "a/b");
    const before = await verifyAudit(deep, { holds });
    expect(before).toMatchObject({ ok: false, problem: { code: "audit.missing" } });
    await append(deep, [refused("x")]);
    expect((await verified(deep)).lines).toBe(1);
  });

  it("cuts texts to their bound and keeps lines on one line, whatever they hold", async () => {
    const [files, ownership] = [new Disk(), new Owners()];
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 40 }), fc.nat(5000), async (text, more) => {
        await append("/state", [refused(text + "x".repeat(more))], { files, ownership });
        expect(clean(await verified("/state", files))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it("keeps what was signed unsigned when the key refuses, and says so", async () => {
    const broken = { ...signer(), sign: () => Promise.reject(new Error("the key is locked")) };
    const done = await appendAudit(dir, [sealed("r")], { signer: broken });
    expect(done).toMatchObject({ ok: true, value: { line: 1, unsigned: "the key is locked" } });
    expect(await verified(dir)).toMatchObject({ lines: 1, signedUpTo: 0, problem: null });
  });
});

describe("damage to a signed log", () => {
  it("is seen wherever a single byte is flipped", async () => {
    const bytes = await signedLog();
    const whole = await verified(dir);
    expect(clean(whole) && whole.signedUpTo === whole.lines).toBe(true);
    const missed: number[] = [];
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      const report = await verifiedBytes(changed);
      if (clean(report)) missed.push(at);
      if (report.problem !== null) expect(report.problem.line).toBe(report.lines + 1);
    }
    expect(missed).toEqual([]);
  });

  it("is seen wherever a byte is added or taken away", async () => {
    const bytes = await signedLog();
    for (let at = 0; at < bytes.length; at += 3) {
      expect(clean(await verifiedBytes(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])))).toBe(false);
      expect(
        clean(await verifiedBytes(Buffer.concat([bytes.subarray(0, at), Buffer.from(" "), bytes.subarray(at)]))),
      ).toBe(false);
    }
  });

  it("is seen when lines are removed, repeated, exchanged or added", async () => {
    const lines = (await signedLog()).toString("utf8").trimEnd().split("\n");
    const tries: string[][] = [];
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i] as string;
      if (i < lines.length - 1) tries.push(lines.toSpliced(i, 1));
      tries.push(lines.toSpliced(i, 0, line), lines.toSpliced(i, 0, ""), lines.toSpliced(i, 0, "{}"));
      for (let j = 0; j < i; j++) tries.push(lines.with(i, lines[j] as string).with(j, line));
    }
    for (const changed of tries) {
      const report = await verifiedBytes(Buffer.from(`${changed.join("\n")}\n`));
      expect(report.problem?.code).toBe("audit.broken");
      expect(report.problem?.message).toMatch(/^line [1-6]: /);
    }
  });

  it("at its end is told: fewer lines are signed, or the last one is torn", async () => {
    const bytes = await signedLog();
    const whole = await verified(dir);
    for (let length = 0; length < bytes.length; length++) {
      const report = await verifiedBytes(bytes.subarray(0, length));
      expect(report.problem).toBeNull();
      expect(report.signedUpTo).toBeLessThan(whole.signedUpTo);
      expect(report.torn > 0).toBe(length > 0 && bytes[length - 1] !== 10);
    }
  });

  it("by writing a line anew breaks the signature, even where the chain is mended", async () => {
    await signedLog();
    const lines = (await content()).toString("utf8").trimEnd().split("\n");
    let prev = FIRST_PREV;
    const mended = lines.map((text) => {
      const decoded = decodeLine(Buffer.from(text));
      if (!decoded.ok) throw new Error(decoded.reason);
      const { entry } = decoded.line;
      const other = entry.type === "run.refused" ? { ...entry, message: "yes" } : entry;
      const line = encodeLine({ ...decoded.line, prev, entry: other });
      prev = sha256(line);
      return line;
    });
    expect((await verifiedBytes(Buffer.from(`${mended.join("\n")}\n`))).problem).toMatchObject({
      code: "audit.signature",
      line: 3,
    });
  });

  it("that no parser expects ends the reading without a throw", async () => {
    await signedLog();
    const bytes = await content();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(bytes.length), async (noise, at) => {
        expect(clean(await verifiedBytes(Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)])))).toBe(
          noise.length === 0,
        );
      }),
      { numRuns: 60 },
    );
    expect((await verifiedBytes(Buffer.alloc(600_000, 97))).problem?.code).toBe("audit.broken");
  });
});

describe("a torn last line", () => {
  it("is cut by the next writer, who says so; what was whole stays", async () => {
    const bytes = await signedLog();
    await writeFile(log(), Buffer.concat([bytes, Buffer.from('{"at":1,"audit":1,"co')]));
    expect((await verified(dir)).torn).toBe(21);
    await append(dir, [refused("next")]);
    expect((await content()).subarray(0, bytes.length).equals(bytes)).toBe(true);
    expect(await verified(dir)).toMatchObject({ lines: 7, torn: 0, problem: null, cuts: [{ line: 6, bytes: 21 }] });
  });

  it("may be the only one", async () => {
    await writeFile(log(), '{"at":');
    await append(dir, [refused("first")]);
    expect(await verified(dir)).toMatchObject({ lines: 2, problem: null, cuts: [{ line: 1, bytes: 6 }] });
  });

  it("may have been left as zeros", async () => {
    const bytes = await signedLog();
    await writeFile(log(), Buffer.concat([bytes, Buffer.alloc(100), Buffer.from("\n")]));
    expect(await verified(dir)).toMatchObject({ problem: null, torn: 101 });
    await append(dir, [refused("next")]);
    expect(await verified(dir)).toMatchObject({ lines: 7, problem: null, torn: 0 });
  });

  it("is not made of a whole one: what is broken further up stays broken, and nothing new is lost", async () => {
    const bytes = await signedLog();
    const changed = Buffer.from(bytes);
    changed[10] = 0x41;
    await writeFile(log(), changed);
    await append(dir, [refused("after the damage")]);
    expect((await verified(dir)).problem).toMatchObject({ code: "audit.broken", line: 1 });
    expect((await content()).toString("utf8")).toContain("after the damage");
  });
});

describe("several writers", () => {
  it("in one process leave one chain with every line", async () => {
    const key = signer();
    const numbers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => append(dir, [refused(`n${i}`)], i % 6 === 0 ? { signer: key } : {})),
    );
    expect(new Set(numbers).size).toBe(12);
    expect(await verified(dir)).toMatchObject({ lines: 14, problem: null });
  });
});
