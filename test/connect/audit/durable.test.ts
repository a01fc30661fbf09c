/** The audit log under kills, several processes, faults and losses of power: what was acknowledged is never lost. */
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditFile } from "../../../src/connect/audit/file.ts";
import { appendAudit } from "../../../src/connect/audit/log.ts";
import { buildProgram, spread } from "../../durability/kills.ts";
import { Disk, randomFrom } from "../journal/disk.ts";
import { Owners } from "../journal/world.ts";
import type { Order } from "./appender.ts";
import { append, refused, signer, verified } from "./support.ts";

let root = "";
let program = "";
beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), "countersign-audit-"));
  program = await buildProgram(root, path.join(import.meta.dirname, "appender.ts"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** What a process acknowledged, and how many points it passed; null when it was killed. */
function appender(order: Order): Promise<{ readonly acknowledged: readonly string[]; readonly points: number | null }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, JSON.stringify(order)], { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code !== 0 && signal !== "SIGKILL") return reject(new Error(`the appender ended with ${code}`));
      const lines = text.split("\n").filter((line) => line !== "");
      const points = lines.find((line) => line.startsWith("points "));
      resolve({
        acknowledged: lines.filter((line) => line !== points),
        points: points === undefined ? null : Number(points.slice(7)),
      });
    });
  });
}

const missing = (log: string, acknowledged: readonly string[]): readonly string[] =>
  acknowledged.filter((message) => !log.includes(`"message":"${message}"`));

describe("a killed writer", () => {
  it("loses nothing that it was told was kept, and holds nobody up", async () => {
    const whole = await appender({ stateDir: path.join(root, "whole"), name: "p", count: 3, killAt: 0 });
    expect(whole.acknowledged).toEqual(["p-0", "p-1", "p-2"]);
    let torn = 0;
    for (const killAt of spread(whole.points ?? 0, 16)) {
      const stateDir = path.join(root, `kill-${killAt}`);
      const { acknowledged, points } = await appender({ stateDir, name: "p", count: 3, killAt });
      expect(points).toBeNull();
      await append(stateDir, [refused("after")], { signer: signer() });
      const report = await verified(stateDir);
      expect(report).toMatchObject({ torn: 0, problem: null, signedUpTo: report.lines });
      torn += report.cuts.length;
      const log = await readFile(auditFile(stateDir), "utf8");
      expect(missing(log, [...acknowledged, "after"])).toEqual([]);
      expect((await readdir(stateDir)).filter((name) => name.startsWith("audit.lock"))).toEqual([]);
    }
    // Otherwise the points missed what they are for.
    expect(torn).toBeGreaterThan(0);
  });
});

describe("several processes", () => {
  it("leave one chain with every line of each", async () => {
    const stateDir = path.join(root, "many");
    const names = ["a", "b", "c"];
    const all = await Promise.all(names.map((name) => appender({ stateDir, name, count: 6, killAt: 0 })));
    const log = await readFile(auditFile(stateDir), "utf8");
    expect(
      missing(
        log,
        all.flatMap((one) => one.acknowledged),
      ),
    ).toEqual([]);
    const report = await verified(stateDir);
    expect(report).toMatchObject({ lines: 18 + 9, problem: null, cuts: [] });
    expect(report.signers).toHaveLength(3);
  });
});

describe("a lock", () => {
  it("that cannot be judged from here is waited for, then told", async () => {
    const disk = new Disk();
    await disk.makeFolder("/state");
    const others = new Owners();
    const owner = await others.claim();
    disk.put(`/state/audit.lock.${owner.nonce}`, Buffer.from(JSON.stringify(owner)));
    const ownership = new Owners();
    ownership.states.set(owner.nonce, "elsewhere");
    const held = {
      files: disk,
      ownership: { ...bound(ownership), claim: () => claimAs(ownership, "other") },
      patienceMs: 20,
    };
    const done = await appendAudit("/state", [refused("x")], held);
    expect(done).toMatchObject({ ok: false, problem: { code: "audit.locked" } });
    ownership.states.set(owner.nonce, "dead");
    expect(await appendAudit("/state", [refused("x")], held)).toMatchObject({ ok: true });
    expect(await disk.names("/state")).toEqual(["audit.jsonl"]);
  });

  it("that a loss of power left empty is nobody's", async () => {
    const disk = new Disk();
    await disk.makeFolder("/state");
    disk.put("/state/audit.lock.abc", Buffer.alloc(0));
    await append("/state", [refused("x")], { files: disk, ownership: new Owners(), patienceMs: 20 });
    expect(await disk.names("/state")).toEqual(["audit.jsonl"]);
  });
});

function bound(ownership: Owners): Pick<Owners, "judge" | "release"> {
  return { judge: (owner) => ownership.judge(owner), release: (owner) => ownership.release(owner) };
}

async function claimAs(ownership: Owners, name: string): ReturnType<Owners["claim"]> {
  return { ...(await ownership.claim()), nonce: name };
}

/** Appends until the disk fails from its `failAt`-th operation on; gives what was acknowledged. */
async function appendUntil(disk: Disk, owners: Owners, failAt: number, code: string): Promise<readonly string[]> {
  disk.fault = (_operation, _path, count) => (count >= failAt ? code : null);
  const acknowledged: string[] = [];
  const key = signer();
  for (let i = 0; i < 6; i++) {
    const options = { files: disk, ownership: owners, patienceMs: 5, ...(i % 2 === 0 ? { signer: key } : {}) };
    const done = await appendAudit("/state", [refused(`m${i}`)], options);
    if (!done.ok) expect(done.problem.code).toBe("audit.io");
    else acknowledged.push(`m${i}`);
  }
  disk.fault = () => null;
  return acknowledged;
}

describe("a disk that fails", () => {
  it.each(["ENOSPC", "EIO"])("with %s keeps what was acknowledged, and the log goes on", async (code) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 90 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (at, tear) => {
          const [disk, owners] = [new Disk(), new Owners()];
          disk.tear = () => tear;
          const acknowledged = await appendUntil(disk, owners, at, code);
          await append("/state", [refused("after")], { files: disk, ownership: owners, patienceMs: 5 });
          expect(await verified("/state", disk)).toMatchObject({ problem: null, torn: 0 });
          const log = disk.content("/state/audit.jsonl").toString("utf8");
          expect(missing(log, [...acknowledged, "after"])).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("and loses power keeps what was acknowledged, and the log goes on", async () => {
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 120 }), fc.nat(), async (at, seed) => {
        const random = randomFrom(seed);
        const [before, owners] = [new Disk(), new Owners()];
        before.tear = random;
        const acknowledged = await appendUntil(before, owners, at, "EIO");
        const disk = before.afterPowerLoss(random);
        await append("/state", [refused("after")], { files: disk, ownership: owners, patienceMs: 5 });
        expect(await verified("/state", disk)).toMatchObject({ problem: null, torn: 0 });
        const log = disk.content("/state/audit.jsonl").toString("utf8");
        expect(missing(log, [...acknowledged, "after"])).toEqual([]);
        kept += acknowledged.length;
      }),
      { numRuns: 80 },
    );
    expect(kept).toBeGreaterThan(0);
  });
});
