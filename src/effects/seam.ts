/**
 * The one seam between the pure engine and the world (DESIGN.md idea 3). Tests hold it in their hand; the
 * composition root fills it with `src/connect` and `src/governance`.
 */
import type { Failure } from "../graph/failure.ts";
import type { Value } from "../graph/value.ts";
import type { Decider } from "./decision.ts";
import type { Activation, Effect, EffectResult, PreparedEffect } from "./effect.ts";
import type { JournalEvent, RunEvent } from "./events.ts";

/** Time and timers, in milliseconds since 1970. */
export interface Clock {
  now(): number;
  /** Calls back once at or after `at`; the returned function cancels. */
  timer(at: number, wake: () => void): () => void;
  /** Lets timers, signals and finished I/O have their turn. */
  breathe(): Promise<void>;
}

/** What the run's process has used since the run started: resident memory and processor time. */
export interface Resources {
  usage(): { readonly memoryMb: number; readonly cpuSecs: number };
}

/** Reads documents for loading. Paths are opaque keys; `resolve` says what `reference` means in the file `from`. */
export interface FileSource {
  /** Absolute, normalised keys to try in order (spec/workflow.md Decision D13: beside the file, then the working directory). */
  resolve(reference: string, from: string | null): readonly string[];
  read(key: string): Promise<FileContent>;
}

export type FileContent =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | {
      readonly ok: false;
      readonly reason: "missing" | "directory" | "too_large" | "unreadable";
      readonly message: string;
    };

/** Who asks, for performers that keep things per run or per document. */
export interface EffectScope {
  readonly activation: Activation;
  readonly nodeKind: string;
  /** Key of the document the node stands in: its `[[secrets]]`, `[[mcp_servers]]` and backends apply. */
  readonly document: string;
  readonly idempotencyKey: string | null;
}

/** Prepares and performs effects. */
export interface Performer {
  /** Resolves the target without performing anything. A failure is the node's hard error. */
  prepare(effect: Effect, scope: EffectScope): Promise<PreparedEffect | Failure>;
  /** Performs it. Never throws; an abort ends it with class `timeout` or `cancelled`. */
  perform(prepared: PreparedEffect, scope: EffectScope, signal: AbortSignal): Promise<EffectResult>;
}

/**
 * One run's journal. `append` gives the event its `seq` and `at` and keeps it in memory until `sync`, which
 * returns when everything appended before is durable. After a failed sync every call fails (spec/runtime.md §3).
 */
export interface JournalStore {
  append(event: RunEvent, at: number): JournalEvent;
  sync(): Promise<Failure | null>;
  /** Throws nothing; null when this writer may go on, else why it must not perform another effect (a higher epoch exists). */
  stillOwner(): Promise<Failure | null>;
  close(): Promise<void>;
}

/** SHA-256, lower-case hex with the prefix `sha256:`. Strings are hashed as UTF-8. */
export type Digest = (data: string | Uint8Array) => string;

/** Replaces secrets in text that leaves the process (spec/runtime.md §3, "Secrets"). */
export interface Redactor {
  mask(text: string): string;
}

/** A decision about what effects need, as `provision.decided` tells it; the run adds the digest. */
export type Provision = Omit<Extract<RunEvent, { readonly type: "provision.decided" }>, "type" | "digest">;

/**
 * Where performers have it decided whether what they need may be started: MCP servers, secret commands, token fetches.
 * The run that is attached journals each decision before anything happens.
 */
export interface Provisions {
  /**
   * From now on `note` is told of every decision; a failure of it means that nothing may be started. `before` are the
   * decisions that were made ahead of the first run, in order: they are the run's from now on.
   */
  attach(note: (provision: Provision) => Promise<Failure | null>): {
    readonly before: readonly Provision[];
    detach(): void;
  };
}

/** What an effect answers in a dry run before its placeholder: a mock or a recorded result; null for neither. */
export interface Rehearsal {
  reply(effect: Effect, scope: EffectScope): { readonly result: EffectResult; readonly by: "mock" | "record" } | null;
  /** What a person would answer to the request `id` of a node; null: yes, as dry runs answer themselves. */
  answer?(act: Activation, id: string): { readonly approved: boolean; readonly answer: Value } | null;
}

/** Everything the runner may touch. */
export interface Seam {
  readonly clock: Clock;
  /** In [0, 1). */
  random(): number;
  readonly digest: Digest;
  readonly decider: Decider;
  readonly performer: Performer;
  readonly journal: JournalStore;
  readonly rehearsal: Rehearsal | null;
  /** null: memory and processor budgets cannot be watched here. */
  readonly resources: Resources | null;
  /** Absent: performers start nothing that would have to be decided by itself. */
  readonly provisions?: Provisions;
}
