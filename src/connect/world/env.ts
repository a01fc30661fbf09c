/**
 * Effect env.read (spec/workflow.md §8.2): {value: text or null}. What is read is registered with the mask
 * before it goes anywhere (spec/runtime.md §3, "Secrets"). It never sees `[[secrets]]`.
 */
import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import type { Effect } from "../../effects/effect.ts";
import type { Performer } from "../../effects/seam.ts";
import { toolFailure } from "../../graph/failure.ts";
import { object } from "../../graph/value.ts";
import { abortFailure } from "./abort.ts";

/** The operator's environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Options of {@link envPerformer}. */
export interface EnvOptions {
  readonly env: Environment;
  /** Called with each value that is read, and the kind of node that reads it. */
  readonly onRead?: (key: string, value: string, nodeKind: string) => void;
  /** The environment's bytes, `KEY=value` ended by NUL; null where the system does not show them. */
  readonly rawEnv?: () => Promise<Uint8Array | null>;
}

/** One variable of its own: what objects inherit (`constructor`) is not in the environment. */
export function variable(env: Environment, key: string): string | undefined {
  return Object.hasOwn(env, key) ? env[key] : undefined;
}

/** Performs env.read. */
export function envPerformer(options: EnvOptions): Performer {
  const raw = options.rawEnv ?? ownEnvironment;
  return {
    prepare: (effect) => {
      const { kind, key } = effect as Extract<Effect, { kind: "env.read" }>;
      return Promise.resolve({ effect, description: { kind, key }, target: key });
    },
    perform: async (prepared, scope, signal) => {
      if (signal.aborted) return { ok: false, failure: abortFailure(signal) };
      const { key } = prepared.effect as Extract<Effect, { kind: "env.read" }>;
      const value = variable(options.env, key);
      if (value === undefined) return { ok: true, value: object({ value: null }) };
      if (value.includes("\ufffd") && (await isBroken(key, raw))) {
        return { ok: false, failure: toolFailure(scope.nodeKind, `env var \`${key}\` is not valid UTF-8`) };
      }
      options.onRead?.(key, value, scope.nodeKind);
      return { ok: true, value: object({ value }) };
    },
  };
}

/** Node shows bytes that are no UTF-8 as U+FFFD; only the raw bytes tell them from a real U+FFFD. */
async function isBroken(key: string, raw: () => Promise<Uint8Array | null>): Promise<boolean> {
  const bytes = await raw();
  if (bytes === null) return false;
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const name = Buffer.from(`${key}=`, "utf8");
  for (let from = 0; from < all.length;) {
    const nul = all.indexOf(0, from);
    const end = nul < 0 ? all.length : nul;
    const entry = all.subarray(from, end);
    if (entry.subarray(0, name.length).equals(name)) return !isUtf8(entry);
    from = end + 1;
  }
  return false;
}

async function ownEnvironment(): Promise<Uint8Array | null> {
  if (process.platform !== "linux") return null;
  return readFile("/proc/self/environ").catch(() => null);
}
