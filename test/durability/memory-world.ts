/**
 * The reference runs' world without the outside: files in a map, programs that leave lines, a server that counts.
 * It can be copied at any moment, as the world stays what it is when a machine loses power.
 */
import type { Effect, EffectResult, PreparedEffect } from "../../src/effects/effect.ts";
import type { EffectScope, Performer } from "../../src/effects/seam.ts";
import { object, type Value } from "../../src/graph/value.ts";

/** What was performed, by key, and which activation did it. */
export interface Performed {
  readonly key: string;
  readonly activation: string;
}

/** A world in memory. */
export class MemoryWorld implements Performer {
  readonly performed: Performed[];
  readonly files: Map<string, string>;

  constructor(files: Iterable<readonly [string, string]>, performed: readonly Performed[] = []) {
    this.files = new Map(files);
    this.performed = [...performed];
  }

  copy(): MemoryWorld {
    return new MemoryWorld(this.files, this.performed);
  }

  /** How often each key was seen. */
  seen(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { key } of this.performed) counts[key] = (counts[key] ?? 0) + 1;
    return counts;
  }

  prepare(effect: Effect): Promise<PreparedEffect> {
    return Promise.resolve({ effect, description: { kind: effect.kind }, target: effect.kind });
  }

  async perform({ effect }: PreparedEffect, scope: EffectScope): Promise<EffectResult> {
    const { frame, node, visit, attempt } = scope.activation;
    const did = (key: string): number => {
      this.performed.push({ key, activation: `${frame}/${node}#${visit}.${attempt}` });
      return this.performed.filter((one) => one.key === key).length;
    };
    // Others have their turn, as with a real effect.
    await new Promise((resolve) => setImmediate(resolve));
    switch (effect.kind) {
      case "fs.read": {
        const content = this.files.get(effect.path);
        if (content === undefined) return failed(`${effect.path} is not there`);
        return { ok: true, value: object({ content, bytes: BigInt(content.length) }) };
      }
      case "fs.write": {
        const content = typeof effect.content === "string" ? effect.content : "";
        this.files.set(effect.path, content);
        return { ok: true, value: object({ bytes: BigInt(content.length) }) };
      }
      case "shell.run": {
        // Either `sh -c … sh KEY LOG`, or a step's `echo KEY >> LOG; …`.
        const key = effect.args[3] ?? /^echo (\S+)/.exec(effect.args[1] ?? "")?.[1] ?? "?";
        did(key);
        return { ok: true, value: ended(effect.args[3] === undefined ? '{"score": 0.5}' : "done\n") };
      }
      case "http.request": {
        const key = effect.url.split("/").at(-1) ?? "?";
        if (did(key) === 1 && key === "flaky") return failed("the connection was cut");
        const body = `seen ${key}`;
        const value = object({ status: 200n, headers: object(), body, bytes: BigInt(body.length), truncated: false });
        return { ok: true, value };
      }
      default:
        return failed(`no ${effect.kind} here`);
    }
  }
}

function ended(stdout: string): Value {
  return object({
    program: "/bin/sh",
    exit_code: 0n,
    signal: null,
    stdout,
    stderr: "",
    truncated: false,
    timed_out: false,
    duration_ms: 1n,
  });
}

function failed(message: string): EffectResult {
  return { ok: false, failure: { class: "tool", message } };
}
