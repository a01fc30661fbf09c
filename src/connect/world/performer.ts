/**
 * One Performer out of several, by the effect's kind, and the performers of this room put together.
 *
 * The combined performer keeps the seam's promises for all of them: it never throws, and no failure text holds a
 * secret's value, whoever wrote it (a server that echoes a header, a program's path).
 */
import { setMaxListeners } from "node:events";
import { effectClasses, type EffectKind, type EffectResult } from "../../effects/effect.ts";
import type { Performer, Redactor } from "../../effects/seam.ts";
import { failure, type Failure } from "../../graph/failure.ts";
import type { SecretResolver } from "../secrets/resolver.ts";
import { envPerformer, type Environment } from "./env.ts";
import { errorText } from "./errno.ts";
import { filePerformer } from "./files.ts";
import { httpPerformer } from "./http.ts";
import { processPerformer } from "./process.ts";
import type { ProgramDigests } from "./program.ts";
import type { ResolveName } from "./resolve.ts";

/** Performers by family. null: effects of that family are unavailable. */
export interface PerformerParts {
  readonly fs: Performer | null;
  readonly env: Performer | null;
  readonly http: Performer | null;
  readonly shell: Performer | null;
  readonly mcp: Performer | null;
  readonly model: Performer | null;
}

const families: Readonly<Record<EffectKind, keyof PerformerParts>> = {
  "fs.read": "fs",
  "fs.write": "fs",
  "fs.mkdir": "fs",
  "env.read": "env",
  "http.request": "http",
  "shell.run": "shell",
  "mcp.tool": "mcp",
  "mcp.resource": "mcp",
  "model.call": "model",
};

/** Dispatches by kind. `redactor` takes secrets out of failure texts. */
export function combinePerformers(parts: PerformerParts, redactor: Redactor): Performer {
  const masked = (problem: Failure): Failure => ({ ...problem, message: redactor.mask(problem.message) });
  const broken = (error: unknown): Failure => masked(failure("internal", `internal error: ${errorText(error)}`));
  const missing = (kind: EffectKind): Failure => failure("capability", `nothing here performs \`${kind}\``);
  return {
    prepare: async (effect, scope) => {
      const part = parts[families[effect.kind]];
      if (part === null) return missing(effect.kind);
      try {
        const prepared = await part.prepare(effect, scope);
        return "effect" in prepared ? prepared : masked(prepared);
      } catch (error) {
        return broken(error);
      }
    },
    perform: async (prepared, scope, signal): Promise<EffectResult> => {
      const { kind } = prepared.effect;
      const part = parts[families[kind]];
      if (part === null) return { ok: false, failure: missing(kind) };
      // One signal serves all effects of a run; many listeners are no leak.
      setMaxListeners(0, signal);
      try {
        const result = await part.perform(prepared, scope, signal);
        return result.ok ? result : { ...result, failure: masked(result.failure) };
      } catch (error) {
        // A fault of ours says nothing of how far the effect came.
        return { ok: false, failure: broken(error), doubt: effectClasses[kind] !== "read" };
      }
    },
  };
}

/** What {@link worldPerformers} needs. */
export interface WorldOptions {
  readonly env: Environment;
  /** Where the run was started: an absolute path. */
  readonly cwd: string;
  readonly secrets: SecretResolver;
  /** Called with each environment variable that is read. */
  readonly onEnvRead: (key: string, value: string, nodeKind: string) => void;
  readonly resolveName?: ResolveName;
  readonly ca?: string | readonly string[];
  readonly digests?: ProgramDigests;
}

/** The performers of files, environment, HTTP and programs. */
export function worldPerformers(options: WorldOptions): Pick<PerformerParts, "fs" | "env" | "http" | "shell"> {
  const { env, cwd, secrets, resolveName, ca, digests } = options;
  return {
    fs: filePerformer({ cwd }),
    env: envPerformer({ env, onRead: options.onEnvRead }),
    http: httpPerformer({
      secrets,
      ...(resolveName === undefined ? {} : { resolveName }),
      ...(ca === undefined ? {} : { ca }),
    }),
    shell: processPerformer({ env, cwd, ...(digests === undefined ? {} : { digests }) }),
  };
}
