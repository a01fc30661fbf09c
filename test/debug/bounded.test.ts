/**
 * A step in a long run looks at a bounded part of its history: what is read is counted, not timed. The same session is
 * made short and long, and the long one may not read more.
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { GraphDebugAdapter } from "../../src/debug/adapter.ts";
import { History } from "../../src/debug/history.ts";
import type { JournalEvent } from "../../src/effects/events.ts";
import { debugHost } from "../../src/runtime/debug/launch.ts";
import { scratchFolder } from "../language/program.ts";
import { chain, journalOfMap } from "./long-runs.ts";

/** Reads of what a history holds, from when it is watched on. */
class Reads {
  count = 0;

  /** Watches all lists and maps of a history. */
  watch(history: History): void {
    const put = (of: object, name: string, value: unknown): void =>
      void Object.defineProperty(of, name, { value, writable: true });
    for (const frame of history.frames.values()) {
      put(frame, "visits", this.list(frame.visits));
      put(frame, "firsts", this.list(frame.firsts));
      put(frame, "byNode", this.map(frame.byNode));
      put(frame, "byEdge", this.map(frame.byEdge));
    }
    put(history, "events", this.list(history.events));
    put(history, "entries", this.list(history.entries));
    put(history, "frames", this.map(history.frames));
  }

  private list<T>(items: T[]): T[] {
    return new Proxy(items, {
      get: (target, name, receiver): unknown => {
        if (typeof name === "string" && /^\d+$/.test(name)) this.count++;
        return Reflect.get(target, name, receiver);
      },
    });
  }

  private map<K, V>(items: Map<K, V>): Map<K, V> {
    return new CountedMap(items, () => void this.count++);
  }
}

/** A map that tells of every entry that is gone through. */
class CountedMap<K, V> extends Map<K, V> {
  private readonly read: () => void;

  constructor(items: Map<K, V>, read: () => void) {
    super();
    for (const [key, value] of items) this.set(key, value);
    this.read = read;
  }

  override *keys(): MapIterator<K> {
    for (const [key] of this.entries()) yield key;
  }

  override *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  override *entries(): MapIterator<[K, V]> {
    for (const entry of super.entries()) {
      this.read();
      yield entry;
    }
  }

  override [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }
}

/** Runs a chain up to the node before its last but ten, and gives what the requests of one step read of the history. */
async function readsOfAStep(length: number, request: "next" | "stepBack"): Promise<number> {
  const folder = await scratchFolder();
  const file = path.join(folder, "chain.toml");
  await writeFile(file, chain(length));
  const host = debugHost({
    ...{ workspaceFolder: folder, env: {}, environment: null, opened: () => null, storage: null },
    refusal: () => null,
  });
  let seq = 0;
  let stops = 0;
  let answer: Readonly<Record<string, unknown>> = {};
  const adapter = new GraphDebugAdapter(host, (message) => {
    if ("event" in message && message.event === "stopped") stops++;
    if ("body" in message && message.type === "response") answer = message.body as typeof answer;
  });
  const ask = async (command: string, args: object = {}): Promise<typeof answer> => {
    await adapter.handle({ seq: ++seq, type: "request", command, arguments: args });
    return answer;
  };
  const stopped = async (wanted: number): Promise<void> => expect.poll(() => stops).toBe(wanted);
  await ask("launch", { program: file });
  await ask("setBreakpoints", { source: { path: file }, breakpoints: [{ line: 5 * (length - 10) + 7 }] });
  await ask("configurationDone");
  await stopped(1);
  const history = adapter.session?.history;
  if (history === undefined) throw new Error("there is no session");
  const reads = new Reads();
  reads.watch(history);
  await ask(request, { threadId: 1 });
  await stopped(2);
  await ask("threads");
  const { stackFrames } = await ask("stackTrace", { threadId: 1 });
  const [top] = stackFrames as { readonly id: number; readonly name: string }[];
  expect(top?.name).toBe(`n${length - (request === "next" ? 9 : 11)} · chain`);
  const { scopes } = await ask("scopes", { frameId: top?.id });
  const listed = scopes as { readonly name: string; readonly variablesReference: number }[];
  for (const { name, variablesReference } of listed)
    if (name !== "Outputs") await ask("variables", { variablesReference });
  await ask("evaluate", { expression: `n${length - 12}.rendered`, frameId: top?.id });
  const { count } = reads;
  await adapter.close();
  return count;
}

describe("the work of one step", () => {
  test.each(["next", "stepBack"] as const)("%s reads no more of 10,000 nodes than a search does", async (request) => {
    const short = await readsOfAStep(100, request);
    const long = await readsOfAStep(10_000, request);
    // Searches halve: a run that is a hundred times as long costs each of them seven looks more.
    expect(long).toBeLessThan(short + 300);
    expect(long).toBeLessThan(600);
  });

  test("outputs of 10,000 nodes are listed by the thousand", () => {
    const history = new History();
    for (const event of journalOfMap(0, 10_000)) history.add(event);
    const root = history.frames.get("");
    if (root === undefined) throw new Error("there is no root");
    const reads = new Reads();
    reads.watch(history);
    expect(history.outputsAt(root, history.tip, 999)).toHaveLength(999);
    expect(reads.count).toBeLessThan(999 * 20);
  });

  test("which of 10,000 children are open is found without going through them, at any instant", () => {
    const history = new History();
    const events: JournalEvent[] = journalOfMap(10_000, 0);
    for (const event of events) history.add(event);
    const reads = new Reads();
    reads.watch(history);
    for (const seq of [5, 9_999, 20_001, history.tip]) {
      const open = history.openFrames(seq).map(({ frame }) => frame);
      const expected = new Set<string>();
      for (const event of events.filter((one) => one.seq <= seq)) {
        if (event.type === "frame.opened") expected.add(event.frame);
        if (event.type === "frame.ended") expected.delete(event.frame);
      }
      expect(open).toEqual([...expected]);
    }
    expect(reads.count, "the tip, and nothing else").toBeLessThan(10);
  });
});
