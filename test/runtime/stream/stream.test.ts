/** Long-running pipelines as a program: real processes, pipes, folders and servers. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { listRuns } from "../../../src/connect/journal/runs.ts";
import { readRun } from "../../../src/connect/journal/reader.ts";
import type { JournalEvent } from "../../../src/effects/events.ts";
import { folderWith } from "../../cli/terminal.ts";
import { buildProgram } from "../../durability/kills.ts";

let built = "";
let program = "";

beforeAll(async () => {
  built = await mkdtemp(path.join(os.tmpdir(), "countersign-stream-"));
  program = await buildProgram(built, path.join(import.meta.dirname, "../../../src/cli/main.ts"));
});
afterAll(() => rm(built, { recursive: true, force: true }));

/** A pipeline of these stages, each after the one before it. */
function spec(...stages: readonly string[]): string {
  const head = "v=1\nmodel=single_ring\nname=p\nsingle_ring.shards=1\nsingle_ring.ordering=strict\n";
  const lines = stages.flatMap((stage, i) => [
    `single_ring.stages.${i}.id=s${i}`,
    `single_ring.stages.${i}.stage=${stage}`,
    `single_ring.stages.${i}.depends_on.count=${i === 0 ? 0 : 1}`,
    ...(i === 0 ? [] : [`single_ring.stages.${i}.depends_on.0=${i - 1}`]),
  ]);
  return `${head}single_ring.producer=single\nsingle_ring.scheduling=dedicated\n${lines.join("\n")}\n`;
}

interface Running {
  readonly child: ChildProcess;
  readonly seen: { out: string; err: string };
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
}

function start(folder: string, words: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(process.execPath, [program, "run", "spec.kv", ...words], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", NO_COLOR: "1", ...env },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const seen = { out: "", err: "" };
  child.stdout.on("data", (data: Buffer) => (seen.out += data.toString("utf8")));
  child.stderr.on("data", (data: Buffer) => (seen.err += data.toString("utf8")));
  child.stdin.on("error", () => undefined);
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal }) as never);
  return { child, seen, ended };
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function eventsOf(stateDir: string): Promise<JournalEvent[]> {
  const runs = await listRuns(stateDir);
  const id = runs.ok ? (runs.value[0]?.id ?? "") : "";
  const events: JournalEvent[] = [];
  const read = await readRun(stateDir, id, { onEvent: (event) => void events.push(event) });
  expect(read).toMatchObject({ ok: true });
  return events;
}

/** Takes what is posted; answers with what `status` says. */
async function server(status: (body: string) => number): Promise<{ url: string; bodies: string[] }> {
  const bodies: string[] = [];
  const made = createServer((request, response) => {
    let body = "";
    request.on("data", (data: Buffer) => (body += data.toString("utf8")));
    request.on("end", () => {
      bodies.push(body);
      response.writeHead(status(body)).end();
    });
  });
  made.listen(0, "127.0.0.1");
  await once(made, "listening");
  onTestFinished(() => {
    made.closeAllConnections();
    made.close();
  });
  return { url: `http://127.0.0.1:${(made.address() as AddressInfo).port}/`, bodies };
}

describe("a stream from standard input", () => {
  test("hands every record on in order, keeps one journal in segments, and ends with its input", async () => {
    const folder = await folderWith({ "spec.kv": spec("identity", "identity") });
    const input = Array.from({ length: 25_000 }, (_, i) => `record ${i}\n`).join("");
    const running = start(folder, ["--environment", "dev", "--state-dir", "st"]);
    running.child.stdin?.end(input);
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(running.seen.out === input).toBe(true);
    expect(running.seen.err).toContain("25,000 records completed");
    const events = await eventsOf(path.join(folder, "st"));
    const records = events.filter((event) => event.type === "record.ended");
    expect(records).toHaveLength(25_000);
    expect(records.every((event, i) => event.record === i + 1 && event.status === "completed")).toBe(true);
    expect(events.filter((event) => event.type === "segment.opened").length).toBe(2);
    expect(events.at(-1)).toMatchObject({ type: "run.ended", outcome: "completed" });
    // What a record holds stands nowhere in the journal.
    const [run = ""] = readdirSync(path.join(folder, "st/runs"));
    for (const name of readdirSync(path.join(folder, "st/runs", run)))
      if (name.endsWith(".jsonl"))
        expect(readFileSync(path.join(folder, "st/runs", run, name), "utf8")).not.toContain("record 77");
  });

  test("posts record after record; the first that fails ends it, and later ones are not begun", async () => {
    const { url, bodies } = await server((body) => (body === "c" ? 400 : 200));
    const folder = await folderWith({ "spec.kv": spec("identity", `http_post:${url}`) });
    const running = start(folder, ["--environment", "dev", "--state-dir", "st"]);
    running.child.stdin?.end("a\nb\nc\nd\n");
    expect(await running.ended).toMatchObject({ code: 5 });
    expect(bodies).toEqual(["a", "b", "c"]);
    expect(running.seen.out).toBe("a\nb\n");
    expect(running.seen.err).toContain("record 3:");
    expect(running.seen.err).toContain("2 records completed");
    const events = await eventsOf(path.join(folder, "st"));
    const posts = events.filter((event) => event.type === "effect.started");
    expect(posts.map(({ act }) => act.frame)).toEqual(["record[1]", "record[2]", "record[3]"]);
    expect(new Set(posts.map(({ digest }) => digest)).size).toBe(3);
    expect(events.at(-1)).toMatchObject({ type: "run.ended", outcome: "failed" });
  });

  test("SIGTERM drains: what was read is worked off, and the program ends with 0", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const bodies: string[] = [];
    const made = createServer((request, response) => {
      let body = "";
      request.on("data", (data: Buffer) => (body += data.toString("utf8")));
      request.on("end", () => {
        bodies.push(body);
        void held.then(() => response.writeHead(200).end());
      });
    });
    made.listen(0, "127.0.0.1");
    await once(made, "listening");
    onTestFinished(() => {
      made.closeAllConnections();
      made.close();
    });
    const url = `http://127.0.0.1:${(made.address() as AddressInfo).port}/`;
    const folder = await folderWith({ "spec.kv": spec(`http_post:${url}`) });
    const running = start(folder, ["--environment", "dev"]);
    running.child.stdin?.write("a\nb\n");
    await until(() => bodies.length === 1);
    running.child.kill("SIGTERM");
    await until(() => running.seen.err.includes("draining"));
    release();
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(bodies).toEqual(["a", "b"]);
    expect(running.seen.out).toBe("a\nb\n");
  });

  test("a reader that goes away ends the stream with a sentence", async () => {
    const folder = await folderWith({ "spec.kv": spec("identity") });
    const running = start(folder, ["--environment", "dev"]);
    running.child.stdout?.destroy();
    const pump = setInterval(() => running.child.stdin?.write("x\n".repeat(5000)), 1);
    const { code } = await running.ended;
    clearInterval(pump);
    expect(code).toBe(5);
    expect(running.seen.err).toContain("an output cannot be handed on");
  });

  test("prod asks for an approval before the first record is read", async () => {
    const { url, bodies } = await server(() => 200);
    const folder = await folderWith({ "spec.kv": spec(`http_post:${url}`) });
    const running = start(folder, ["--state-dir", "st"]);
    running.child.stdin?.end("a\n");
    expect(await running.ended).toMatchObject({ code: 6 });
    expect(bodies).toEqual([]);
    expect(running.seen.err).toContain("no record was read [approval_missing]");
    expect(existsSync(path.join(folder, "st/runs"))).toBe(false);
  });

  test("a stream that was killed is shown as interrupted, and is not resumed", async () => {
    const folder = await folderWith({ "spec.kv": spec("identity") });
    const running = start(folder, ["--environment", "dev", "--state-dir", "st"]);
    running.child.stdin?.write("a\nb\n");
    await until(() => running.seen.out === "a\nb\n");
    running.child.kill("SIGKILL");
    await running.ended;
    const runs = await listRuns(path.join(folder, "st"));
    expect(runs).toMatchObject({ ok: true, value: [{ status: "interrupted" }] });
    const resumed = spawn(process.execPath, [program, "resume", "last", "--state-dir", "st"], { cwd: folder });
    let err = "";
    resumed.stderr.on("data", (data: Buffer) => (err += data.toString("utf8")));
    const [code] = (await once(resumed, "close")) as [number];
    expect(code).toBe(2);
    expect(err).toContain("[run.stream]");
    const events = await eventsOf(path.join(folder, "st"));
    expect(events.filter((event) => event.type === "record.ended")).toHaveLength(2);
  });

  test.each([
    [["--frame", "words"], "frame"],
    [["--source", "folder"], "source"],
    [["--once"], "once"],
    [["--out", "x"], "stream"],
    [["--sp", "--frame", "lines"], "stream"],
    [["--sp"], "input"],
  ])("%j is refused with [%s]", async (words, code) => {
    const folder = await folderWith({ "spec.kv": spec("identity") });
    const running = start(folder, ["--environment", "dev", ...words]);
    expect(await running.ended).toMatchObject({ code: 2 });
    expect(running.seen.err).toContain(`[${code}]`);
  });
});

describe("a stream from a folder", () => {
  test("takes files in the order of their names and moves each one away when it is done", async () => {
    const folder = await folderWith({ "spec.kv": spec("identity"), "in/b": "two", "in/a": "one", "in/.c": "hidden" });
    const running = start(folder, ["--environment", "dev", "--source", "dir:in", "--once"]);
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(running.seen.out).toBe("one\ntwo\n");
    expect(readdirSync(path.join(folder, "in")).sort()).toEqual([".c", "done"]);
    expect(readdirSync(path.join(folder, "in/done")).sort()).toEqual(["a", "b"]);
  });

  test("never writes over what lies in done, and hands on both files of one name", async () => {
    const folder = await folderWith({ "spec.kv": spec("identity"), "in/a": "new", "in/done/a": "old" });
    const running = start(folder, ["--environment", "dev", "--source", "dir:in", "--once"]);
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(running.seen.out).toBe("new\n");
    const kept = ["a", "a.2"].map((name) => readFileSync(path.join(folder, "in/done", name), "utf8"));
    expect(kept).toEqual(["old", "new"]);
  });

  test("waits for more files until it is told to stop", async () => {
    const folder = await folderWith({ "spec.kv": spec("identity"), "in/a": "one" });
    const running = start(folder, ["--environment", "dev", "--source", "dir:in"]);
    await until(() => running.seen.out === "one\n");
    writeFileSync(path.join(folder, "b"), "two");
    await rename(path.join(folder, "b"), path.join(folder, "in/b"));
    await until(() => running.seen.out === "one\ntwo\n");
    running.child.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ code: 0 });
  });

  test("leaves the file of a record that failed where it is", async () => {
    const { url } = await server((body) => (body === "two" ? 400 : 200));
    const folder = await folderWith({ "spec.kv": spec(`http_post:${url}`), "in/a": "one", "in/b": "two" });
    const running = start(folder, ["--environment", "dev", "--source", "dir:in", "--once"]);
    expect(await running.ended).toMatchObject({ code: 5 });
    expect(readdirSync(path.join(folder, "in")).sort()).toEqual(["b", "done"]);
  });

  test("a folder that is not there is refused with its name", async () => {
    const folder = await folderWith({ "spec.kv": spec("identity"), in: "a file" });
    const running = start(folder, ["--environment", "dev", "--source", "dir:in", "--once"]);
    expect(await running.ended).toMatchObject({ code: 5 });
    expect(running.seen.err).toContain("cannot be used as a source");
  });
});
