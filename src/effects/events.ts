/**
 * The journal's events: a closed union (spec/runtime.md §3). Everything that is shown of a run is a fold over them.
 *
 * Fields named in {@link valueFields} hold node values; all other numbers are JavaScript integers. `at` is
 * milliseconds since 1970 as the clock gave it when the event was appended.
 */
import type { Failure } from "../graph/failure.ts";
import type { Value } from "../graph/value.ts";
import type { DecisionKind } from "./decision.ts";
import type { Activation, EffectKind, EffectUsage, PreparedEffect } from "./effect.ts";

/** The newest journal version this program writes and reads. */
export const JOURNAL_VERSION = 1;

/** How a run ended or stopped. `elapsedMs` counts from the start of this process's part of the run. */
export type Outcome =
  | {
      readonly status: "completed";
      readonly finalValue: Value;
      readonly lastNode: string | null;
      readonly httpResponse?: HttpReply;
      readonly assumed?: readonly string[];
      readonly wouldPause?: readonly string[];
    }
  | {
      readonly status: "failed";
      readonly reason: string;
      readonly lastNode: string | null;
      readonly error?: Failure;
      /** Somebody would have had to approve, and there is no place where the run could wait for it. */
      readonly needsApproval?: true;
      readonly assumed?: readonly string[];
      readonly wouldPause?: readonly string[];
    }
  | {
      readonly status: "timed_out";
      readonly elapsedMs: number;
      readonly lastNode: string | null;
      readonly assumed?: readonly string[];
      readonly wouldPause?: readonly string[];
    }
  | { readonly status: "paused"; readonly runId: string; readonly lastNode: string; readonly reason: string | null };

/** What `respond` declared. */
export interface HttpReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** What a person is asked (spec/runtime.md §7). */
export interface ApprovalRequest {
  readonly id: string;
  /** `pause`: pause_for_approval. `approval`: a skill graph's approval step. `effect`: RequireApproval. `fanout`: a gate. `doubt`: an effect nobody knows the end of. */
  readonly subject: "pause" | "approval" | "effect" | "fanout" | "doubt";
  readonly reason: string | null;
  /** What would happen or what is asked about. */
  readonly summary: Value;
  /** What a signed answer is bound to: the effect's digest, or that of the question where nothing would be done. */
  readonly effectDigest: string | null;
  /** Absent in journals of hosts that lay down no terms: then one unsigned answer is enough, but never for an effect. */
  readonly terms?: ApprovalTerms;
}

/** Under what terms a request may be answered: what a credential must name, who may sign, until when. */
export interface ApprovalTerms {
  /** Digest of the document being run, as credentials name it (`spec_hash`). */
  readonly specHash: string;
  readonly environment: string;
  /** The step, as credentials name it (`node_id`). */
  readonly nodeId: string;
  /** The capability that a credential must cover, e.g. `http_post:https://…`. */
  readonly capability: string;
  /** Digest of what the node asked for before the world was looked at. */
  readonly inputDigest: string | null;
  /** Code of the decision or the subject that asks. */
  readonly rule: string;
  /** How many principals must approve. */
  readonly needed: number;
  readonly notRequester: boolean;
  /** Principals that may answer; null: everybody whose key is trusted for approvals. */
  readonly approvers: readonly string[] | null;
  /** Milliseconds since 1970; null: never. */
  readonly expiresAt: number | null;
  /** JSON Schema of a typed answer, as JSON text; null: yes or no. */
  readonly answerSchema: string | null;
  /** Only signed answers count. */
  readonly signed: boolean;
}

/** A credential as journals name it; its text is in the run folder under its digest. */
export interface CredentialRef {
  readonly digest: string;
  readonly approvalId: string;
  readonly kid: string;
  readonly principal: string;
}

/** An answer, by whom and why. */
export interface ApprovalAnswer {
  readonly approved: boolean;
  readonly by: string;
  readonly reason: string | null;
  /** A typed answer, where the request asks for more than yes or no. */
  readonly answer: Value;
  /** The signed credentials that say so; absent: nobody signed. */
  readonly credentials?: readonly CredentialRef[];
}

/** Loaded documents of a run: key, digest and size; the text is in the run folder under its digest. */
export interface PinnedDocument {
  readonly key: string;
  readonly digest: string;
  readonly role: "root" | "child" | "schema" | "skill" | "policy";
}

export interface RunOptions {
  readonly dryRun: "no" | "stub" | "reads";
  readonly replay: boolean;
  /** Branches chosen for unknown conditions: node id -> label. */
  readonly assume: Readonly<Record<string, string>>;
  /** Where a pause can be kept. */
  readonly canPause: boolean;
  readonly timeoutMs: number;
  /** Most branches of a skill graph's fan-out at once. */
  readonly maxFanout: number;
  /** A pipeline that takes record after record: where from and how they are framed, as in `stdin lines`. */
  readonly stream?: string;
}

export type RunEvent =
  | {
      readonly type: "run.started";
      readonly version: number;
      readonly runId: string;
      readonly dialect: string;
      readonly workflow: string;
      readonly root: string;
      readonly documents: readonly PinnedDocument[];
      readonly graphDigest: string;
      readonly policyDigest: string;
      readonly environment: string;
      /** The side-effect policy in force, which a resume keeps unless it is told another. */
      readonly sideEffects?: string;
      /** Where relative paths begin, and the working directory that child programs are told of; a resume keeps both. */
      readonly cwd?: string;
      readonly workspace?: string;
      readonly start: string | null;
      readonly triggerKind: "manual" | "http" | "event";
      readonly input: Value;
      readonly options: RunOptions;
      readonly principal: string;
      /** The principal's signature over {@link requesterText}, base64url; absent: nobody vouches for the name. */
      readonly requester?: { readonly kid: string; readonly signature: string };
      /** When the run times out, in milliseconds since 1970. */
      readonly deadline: number;
    }
  | {
      readonly type: "run.resumed";
      readonly principal: string;
      readonly deadline: number;
      readonly changed: boolean;
      readonly documents: readonly PinnedDocument[];
      readonly graphDigest: string;
    }
  | {
      readonly type: "frame.opened";
      readonly frame: string;
      readonly parent: Activation | null;
      /** Which request of the parent's handler, and which child of it. */
      readonly index: number;
      readonly child: number;
      readonly document: string;
      readonly start: string | null;
      readonly input: Value;
      readonly depth: number;
    }
  | {
      readonly type: "node.entered";
      readonly frame: string;
      readonly node: string;
      readonly visit: number;
      readonly attempt: number;
      readonly edge: string | null;
      /** Its condition is unknown in this dry run and was taken to hold. */
      readonly assumed?: boolean;
    }
  | {
      readonly type: "effect.decided";
      readonly act: Activation;
      readonly index: number;
      readonly kind: EffectKind;
      /** Digest of the request as the handler made it; a resume that asks otherwise has diverged. */
      readonly request: string;
      readonly description: PreparedEffect["description"];
      readonly digest: string;
      readonly decision: DecisionKind;
      readonly code: string;
      readonly reason: string;
      readonly live?: { readonly decision: DecisionKind; readonly code: string };
      readonly capability?: string;
      /** The credentials that an `approved` rests on. */
      readonly approvals?: readonly CredentialRef[];
    }
  | { readonly type: "effect.started"; readonly act: Activation; readonly index: number; readonly digest: string }
  | {
      readonly type: "effect.ended";
      readonly act: Activation;
      readonly index: number;
      readonly ok: boolean;
      readonly value: Value;
      readonly failure: Failure | null;
      /** `person`: somebody answered for an effect in doubt that it did happen. */
      readonly by: "performer" | "dry" | "mock" | "record" | "engine" | "person";
      readonly usage: EffectUsage | null;
      readonly doubt: boolean;
    }
  | {
      /**
       * What was decided about something that effects need and that touches the world itself (spec/runtime.md §2): an
       * MCP server's process, a secret's command, the request for a token. Durable before it starts or leaves. No plan
       * depends on it: a resume decides anew. Whether it succeeded is told by the effect that needed it.
       */
      readonly type: "provision.decided";
      readonly what: "mcp_server" | "secret";
      /** The server's or the secret's name. */
      readonly name: string;
      /** Key of the document that declares it. */
      readonly document: string;
      /** The activation whose effect needed it first; null where none did, e.g. when a resume reads a secret again. */
      readonly act: Activation | null;
      readonly kind: "shell.run" | "http.request";
      readonly description: PreparedEffect["description"];
      /** Of the prepared effect in its place; see `provisionDigest` of the engine. */
      readonly digest: string;
      /** Started only when it is `Allow`: nobody can approve one. */
      readonly decision: DecisionKind;
      readonly code: string;
      readonly reason: string;
      readonly capability?: string;
    }
  | {
      readonly type: "approval.requested";
      readonly act: Activation;
      readonly index: number;
      readonly id: string;
      readonly subject: ApprovalRequest["subject"];
      readonly reason: string | null;
      readonly effectDigest: string | null;
      readonly terms?: ApprovalTerms;
      readonly summary: Value;
    }
  | {
      readonly type: "approval.answered";
      readonly id: string;
      readonly approved: boolean;
      readonly by: string;
      readonly reason: string | null;
      readonly credentials?: readonly CredentialRef[];
      readonly answer: Value;
    }
  | {
      readonly type: "timer.set";
      readonly act: Activation;
      readonly index: number;
      readonly wakeAt: number;
      readonly why: "retry" | "backoff";
    }
  | { readonly type: "timer.fired"; readonly act: Activation; readonly index: number }
  | {
      readonly type: "node.ended";
      readonly frame: string;
      readonly node: string;
      readonly visit: number;
      readonly attempt: number;
      readonly outcome: "continue" | "terminate" | "fail" | "skip";
      readonly output: Value;
      readonly label: string | null;
      readonly reason: string | null;
      readonly partial: boolean;
      readonly assumed: boolean;
      readonly reply: HttpReply | null;
    }
  | {
      readonly type: "node.failed";
      readonly frame: string;
      readonly node: string;
      readonly visit: number;
      readonly attempt: number;
      readonly failure: Failure;
      /** What follows: another attempt, the edge labelled `error`, or the end of the frame. */
      readonly then: "retry" | "branch" | "stop";
    }
  | {
      readonly type: "frame.ended";
      readonly frame: string;
      readonly status: "completed" | "failed" | "timed_out";
      readonly value: Value;
      readonly partial: boolean;
      readonly reason: string | null;
      readonly failure: Failure | null;
      readonly lastNode: string | null;
    }
  | { readonly type: "deadline.passed" }
  | {
      readonly type: "budget.exceeded";
      readonly budget: "max_memory_mb" | "max_cpu_secs";
      readonly limit: number;
      readonly used: number;
    }
  | { readonly type: "run.cancelled"; readonly by: string; readonly reason: string | null }
  | { readonly type: "run.paused"; readonly requests: readonly string[] }
  | { readonly type: "run.ended"; readonly outcome: Outcome["status"]; readonly reason: string | null }
  | {
      readonly type: "value.edited";
      readonly frame: string;
      readonly node: string;
      readonly output: Value;
      readonly by: string;
    }
  | {
      /**
       * One record of a pipeline's long-running run, in the order of their numbers from 1. Its effects stand before
       * it, in the frame `record[N]`; its bytes stand here by digest only.
       */
      readonly type: "record.ended";
      readonly record: number;
      readonly status: "completed" | "failed" | "timed_out";
      /** Length of the input, in bytes. */
      readonly bytes: number;
      readonly input: string;
      /** null where there is no output. */
      readonly output: string | null;
      readonly lastNode: string | null;
      readonly failure: Failure | null;
    }
  | { readonly type: "cursor.moved"; readonly to: number }
  | { readonly type: "run.forked"; readonly parent: string; readonly fromSeq: number; readonly head: string }
  | {
      readonly type: "segment.opened";
      readonly epoch: number;
      readonly oldHead: string;
      readonly oldLength: number;
      readonly lateLines: number;
    };

export type EventType = RunEvent["type"];

/** An event in its place: `seq` counts from 1 without gaps through all segments. */
export type JournalEvent = RunEvent & { readonly seq: number; readonly at: number };

/** Fields that hold node values, by event type; the codec keeps their numbers exact and masks secrets in them. */
export const valueFields: Readonly<Partial<Record<EventType, readonly string[]>>> = {
  "run.started": ["input"],
  "frame.opened": ["input"],
  "effect.ended": ["value"],
  "approval.requested": ["summary"],
  "approval.answered": ["answer"],
  "node.ended": ["output"],
  "frame.ended": ["value"],
  "value.edited": ["output"],
};
