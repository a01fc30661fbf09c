/**
 * A run in the test's hand: graphs made from a few lines, kinds that do what a test says, and a world that records.
 */
import { createHash } from "node:crypto";
import type { Bundle, BundleEntry } from "../../src/dialects/bundle.ts";
import type { Decider, Decision, DecisionRequest } from "../../src/effects/decision.ts";
import type { Effect, EffectResult, PreparedEffect } from "../../src/effects/effect.ts";
import type { JournalEvent, RunEvent, RunOptions } from "../../src/effects/events.ts";
import type { Handler } from "../../src/effects/handler.ts";
import type { Clock, JournalStore, Performer, Seam } from "../../src/effects/seam.ts";
import { edgeKeys, noOperation, type Edge, type Graph, type Node } from "../../src/graph/model.ts";
import type { Value } from "../../src/graph/value.ts";
import type { KindRuntime } from "../../src/engine/handlers.ts";
import { startRun, type Control, type RunInput, type RunResult } from "../../src/engine/runner.ts";

export const sha256 = (data: string | Uint8Array): string =>
  `sha256:${createHash("sha256").update(data).digest("hex")}`;

export interface NodeSketch extends Partial<Omit<Node, "id" | "kind" | "fields">> {
  readonly kind: string;
  readonly fields?: Record<string, unknown>;
}

/** A graph from `{id: kind or sketch}` and edges as `[from, to, when?, max?]`. */
export function graph(
  name: string,
  nodes: Record<string, string | NodeSketch>,
  edges: readonly (readonly [string, string, (string | null)?, number?])[],
  extra: Partial<Graph> = {},
): Graph {
  const ids = Object.keys(nodes);
  const made: Node[] = ids.map((id, index) => {
    const given = nodes[id] as string | NodeSketch;
    const sketch: NodeSketch = typeof given === "string" ? { kind: given } : given;
    return {
      id,
      index,
      label: null,
      retry: null,
      onError: "stop",
      inDoubt: "pause",
      idempotencyKey: null,
      references: [],
      files: [],
      group: null,
      when: null,
      after: [],
      at: ["nodes", index],
      ...sketch,
      fields: sketch.fields ?? {},
    };
  });
  const plain = edges.map(([from, to, when, max]) => ({ from, to, when: when ?? null, maxIterations: max ?? null }));
  const keys = edgeKeys(plain);
  const list: Edge[] = plain.map((edge, index) => ({
    ...edge,
    index,
    key: keys[index] as string,
    at: ["edges", index],
  }));
  return {
    dialect: "workflow",
    name,
    description: null,
    file: `/${name}.toml`,
    starts: [{ name: "main", source: "manual", entry: ids[0] ?? null, at: ["start_nodes", 0] }],
    nodes: made,
    edges: list,
    groups: [],
    guards: [],
    policy: null,
    budget: null,
    secrets: [],
    mcpServers: [],
    backends: [],
    operation: noOperation,
    ...extra,
  };
}

/** A bundle of graphs; the first is the root. References between them go by graph name. */
export function bundle(...graphs: readonly Graph[]): Bundle {
  const entries = new Map<string, BundleEntry>();
  const links = new Map(graphs.map((one) => [one.file, new Map(graphs.map((other) => [other.name, other.file]))]));
  for (const one of graphs) {
    entries.set(one.file, {
      key: one.file,
      role: "child",
      digest: sha256(one.file),
      bytes: new Uint8Array(),
      graph: one,
      diagnostics: [],
    });
  }
  return { root: (graphs[0] as Graph).file, entries, links, digest: sha256(graphs.map((one) => one.file).join()) };
}

/** A clock that stands still unless moved; timers fire when it passes them. */
export class TestClock implements Clock {
  time = 1_000_000;
  private timers: { at: number; wake: () => void }[] = [];
  now(): number {
    return this.time;
  }
  timer(at: number, wake: () => void): () => void {
    const timer = { at, wake };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((one) => one !== timer);
    };
  }
  /** Moves to the next timer that is due before `limit`, if any. */
  advance(limit = Number.POSITIVE_INFINITY): boolean {
    const next = this.timers.filter((one) => one.at <= limit).sort((a, b) => a.at - b.at)[0];
    if (next === undefined) return false;
    this.time = Math.max(this.time, next.at);
    this.timers = this.timers.filter((one) => one !== next);
    next.wake();
    return true;
  }
  breathe(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
  get waiting(): number {
    return this.timers.length;
  }
}

/** A journal in memory that knows what was synced. */
export class TestJournal implements JournalStore {
  readonly events: JournalEvent[] = [];
  synced = 0;
  failSync: string | null = null;
  constructor(earlier: readonly JournalEvent[] = []) {
    this.events.push(...earlier);
    this.synced = earlier.length;
  }
  append(event: RunEvent, at: number): JournalEvent {
    const made = Object.assign(event, { seq: this.events.length + 1, at }) as JournalEvent;
    this.events.push(made);
    return made;
  }
  sync(): Promise<{ class: "io"; message: string } | null> {
    if (this.failSync !== null) return Promise.resolve({ class: "io", message: this.failSync });
    this.synced = this.events.length;
    return Promise.resolve(null);
  }
  stillOwner(): Promise<null> {
    return Promise.resolve(null);
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
  types(): string[] {
    return this.events.map((event) => event.type);
  }
}

/** Answers effects by a function; records what was performed and when it was durable. */
export class TestWorld implements Performer {
  readonly performed: Effect[] = [];
  private readonly answer: (effect: Effect, signal: AbortSignal) => EffectResult | Promise<EffectResult>;
  constructor(
    answer: (effect: Effect, signal: AbortSignal) => EffectResult | Promise<EffectResult> = () => ({
      ok: true,
      value: null,
    }),
  ) {
    this.answer = answer;
  }
  prepare(effect: Effect): Promise<PreparedEffect> {
    const target =
      effect.kind === "fs.read"
        ? effect.path
        : effect.kind === "env.read"
          ? effect.key
          : effect.kind === "http.request"
            ? effect.url
            : "";
    return Promise.resolve({ effect, description: { kind: effect.kind, target }, target });
  }
  async perform(prepared: PreparedEffect, _scope: unknown, signal: AbortSignal): Promise<EffectResult> {
    this.performed.push(prepared.effect);
    return this.answer(prepared.effect, signal);
  }
}

export function decider(decide: (request: DecisionRequest) => Decision = allow): Decider {
  return { decide, environment: "dev", policyDigest: "sha256:policy" };
}

export const allow = (): Decision => ({ decision: "Allow", code: "allow_all", reason: "test" });

export const options: RunOptions = {
  dryRun: "no",
  replay: false,
  assume: {},
  canPause: false,
  timeoutMs: 120_000,
  maxFanout: 4,
};

export interface TestRun {
  readonly clock: TestClock;
  readonly journal: TestJournal;
  readonly world: TestWorld;
  readonly input: RunInput;
}

export function prepareRun(
  documents: Bundle,
  handlers: Record<string, Handler>,
  parts: {
    world?: TestWorld;
    decider?: Decider;
    journal?: TestJournal;
    clock?: TestClock;
    control?: Control;
    random?: () => number;
  } = {},
): TestRun {
  const clock = parts.clock ?? new TestClock();
  const journal = parts.journal ?? new TestJournal();
  const world = parts.world ?? new TestWorld();
  const kinds: KindRuntime = {
    handler: (kind) => handlers[kind],
    retryable: () => true,
    stageDefaults: undefined,
    workspace: undefined,
    enforcesSandbox: false,
  };
  const seam: Seam = {
    clock,
    random: parts.random ?? (() => 0.5),
    digest: sha256,
    decider: parts.decider ?? decider(),
    performer: world,
    journal,
    rehearsal: null,
    resources: null,
  };
  const input: RunInput = {
    bundle: documents,
    seam,
    kinds,
    backends: [],
    servers: [],
    ...(parts.control === undefined ? {} : { control: parts.control }),
  };
  return { clock, journal, world, input };
}

export function begin(
  run: TestRun,
  given: { input?: Value; options?: Partial<RunOptions>; start?: string | null } = {},
): Promise<RunResult> {
  const { bundle: documents } = run.input;
  const merged = { ...options, ...given.options };
  return startRun(run.input, {
    version: 1,
    runId: "run-1",
    dialect: "workflow",
    workflow: "t",
    root: documents.root,
    documents: [],
    graphDigest: documents.digest,
    policyDigest: "sha256:policy",
    environment: "dev",
    start: given.start ?? null,
    triggerKind: "manual",
    input: given.input ?? null,
    options: merged,
    principal: "user:test@local",
    deadline: run.clock.now() + merged.timeoutMs,
  });
}

/** Moves the clock whenever nothing else can happen, until the run is over. */
export async function settle<T>(run: TestRun, result: Promise<T>, limit?: number): Promise<T> {
  let over = false;
  void result.finally(() => {
    over = true;
  });
  for (let turns = 0; !over && turns < 100_000; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!over) run.clock.advance(limit);
  }
  return result;
}
