/**
 * Effects: everything by which a run touches the world, as data (DESIGN.md idea 5, spec/runtime.md §2).
 *
 * A handler yields an Effect; the runner has it prepared, decided, journalled and performed. Secrets stand in an
 * effect by name only (`{{secret:NAME}}` in headers); only the performer knows their values.
 */
import type { Failure } from "../graph/failure.ts";
import type { Value } from "../graph/value.ts";

/** Classes of spec/runtime.md §2. Only `mutate` and `spawn` are side effects in the sense of the decision table. */
export type EffectClass = "read" | "mutate" | "model" | "spawn";

/** One use of the world. `kind` is the policy family's name. */
export type Effect =
  | { readonly kind: "fs.read"; readonly path: string }
  | { readonly kind: "fs.write"; readonly path: string; readonly content: string | Uint8Array | null }
  | { readonly kind: "fs.mkdir"; readonly path: string }
  | { readonly kind: "env.read"; readonly key: string }
  | HttpEffect
  | ProcessEffect
  | { readonly kind: "mcp.tool"; readonly server: string | null; readonly tool: string; readonly args: Value }
  | { readonly kind: "mcp.resource"; readonly server: string | null; readonly uri: string }
  | ModelEffect;

export type EffectKind = Effect["kind"];

/** All of them. */
export const effectKinds = [
  "fs.read",
  "fs.write",
  "fs.mkdir",
  "env.read",
  "http.request",
  "shell.run",
  "mcp.tool",
  "mcp.resource",
  "model.call",
] as const satisfies readonly EffectKind[];

/** An HTTP exchange. Header values may hold `{{secret:NAME}}`. */
export interface HttpEffect {
  readonly kind: "http.request";
  /** Upper case. */
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** null sends no body. */
  readonly body: string | Uint8Array | null;
  /** Whole exchange, in milliseconds. */
  readonly timeoutMs: number;
  /** Bytes of the reply's body that are kept; the rest is read and dropped. */
  readonly maxReplyBytes: number;
}

/** A program without a shell. */
export interface ProcessEffect {
  readonly kind: "shell.run";
  /** As authored. Preparation makes it a real path. */
  readonly program: string;
  readonly args: readonly string[];
  readonly stdin: string | Uint8Array | null;
  /** The child's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of variables passed through from the operator's environment. */
  readonly inheritEnv: readonly string[];
  /** null: where the run was started. */
  readonly cwd: string | null;
  readonly timeoutMs: number;
  /** Bytes kept of each of stdout and stderr. */
  readonly maxOutputBytes: number;
  /** Look the program up in PATH when it holds no slash (skill dialect). */
  readonly lookup: boolean;
  /** Milliseconds between SIGTERM and SIGKILL at a time-out; 0 kills at once. */
  readonly graceMs: number;
  /**
   * A file the program needs: the performer writes it (mode 0600) outside the workspace, puts its path into the
   * variable and removes it when the program has ended (spec/skill-graph.md §3.6, inputs over 48 KiB).
   */
  readonly inputsFile?: { readonly variable: string; readonly content: string };
  /** Isolation that the author declared. A performer that cannot enforce all of it must not start the program (R15). */
  readonly sandbox?: ProcessSandbox;
  /** Resource limits of the child, set where the platform can (spec/skill-graph.md §3.6). */
  readonly limits?: ProcessLimits;
}

/** A declared sandbox (spec/skill-graph.md §3.5). */
export interface ProcessSandbox {
  readonly profile: "readonly" | "workspace-write" | "network";
  readonly network: boolean;
  /** Relative ones are below the working directory. */
  readonly writablePaths: readonly string[];
}

/** Limits in files, bytes and seconds of processor time. */
export interface ProcessLimits {
  readonly openFiles: number;
  readonly fileBytes: number;
  readonly cpuSeconds: number;
  readonly addressSpaceBytes: number;
}

/** One model call. */
export interface ModelEffect {
  readonly kind: "model.call";
  readonly backend: string;
  /** `fast` or `reasoning`: a hint for transports that choose the model themselves. */
  readonly tier: "fast" | "reasoning";
  readonly messages: readonly { readonly role: "system" | "user" | "assistant"; readonly content: string }[];
  readonly maxTokens: number | null;
}

/** Variables of the operator that every tool is given (spec/skill-graph.md §3.6); no list is asked about them. */
export const ordinaryVariables: readonly string[] = [
  "PATH",
  "HOME",
  "TMPDIR",
  "TMP",
  "TEMP",
  "SystemRoot",
  "WINDIR",
  "COMSPEC",
  "PATHEXT",
];

/** The class of each kind of effect. */
export const effectClasses: Readonly<Record<EffectKind, EffectClass>> = {
  "fs.read": "read",
  "fs.write": "mutate",
  "fs.mkdir": "mutate",
  "env.read": "read",
  "http.request": "mutate",
  "shell.run": "spawn",
  "mcp.tool": "mutate",
  "mcp.resource": "read",
  "model.call": "model",
};

/** True for effects to which rows 4 to 8 of the decision table apply (spec/pipeline.md §4). */
export function mutates(effect: Effect): boolean {
  const kind = effectClasses[effect.kind];
  return kind === "mutate" || kind === "spawn";
}

/**
 * An effect whose target has been resolved against the world, without having been performed: real paths, parsed
 * URL, checked address, the program's digest. What policy is asked about and what the digest covers.
 */
export interface PreparedEffect {
  readonly effect: Effect;
  /**
   * Exactly what would happen, for people, digest and journal; keys as in {@link Effect} plus what preparation
   * found (`real_path`, `program_sha256`, `body_digest`). Bodies stand by digest and length; secrets by name.
   */
  readonly description: Readonly<
    Record<string, string | number | boolean | null | readonly string[] | readonly (readonly string[])[]>
  >;
  /** The one string that allow lists are asked about: path, URL, program, key, tool or backend. */
  readonly target: string;
}

/** What came of an effect. `value` is the kind's raw result (see the performers in `src/connect`). */
export type EffectResult =
  | { readonly ok: true; readonly value: Value; readonly usage?: EffectUsage }
  | { readonly ok: false; readonly failure: Failure; readonly doubt?: boolean };

/** What an effect used up of the run's budgets. */
export interface EffectUsage {
  /** Prompt and completion tokens. */
  readonly tokens?: number;
  readonly bytesWritten?: number;
}

/** Names one thing that happens (spec/runtime.md §1). */
export interface Activation {
  readonly frame: string;
  readonly node: string;
  /** From 1: how often the walk has entered the node. */
  readonly visit: number;
  /** From 1: retries. */
  readonly attempt: number;
}

/** The text form of an activation: `frame/node#visit.attempt`. The root frame is the empty string. */
export function activationKey(activation: Activation): string {
  const { frame, node, visit, attempt } = activation;
  return `${frame === "" ? "" : `${frame}/`}${node}#${visit}.${attempt}`;
}
