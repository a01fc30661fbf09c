/**
 * Digests that bind effects (spec/runtime.md §2).
 */
import type { Activation, Effect, PreparedEffect } from "../effects/effect.ts";
import type { Digest } from "../effects/seam.ts";
import { fromPlain, object, toText, type Value } from "../graph/value.ts";

/** What an effect digest binds besides the effect itself. */
export interface EffectBinding {
  readonly run: string;
  readonly activation: Activation;
  readonly graphDigest: string;
  readonly policyDigest: string;
  readonly environment: string;
}

/** What preparation found that may differ between asking and doing without making it another effect. */
const volatile: ReadonlySet<string> = new Set(["address", "address_class", "addresses", "address_problem"]);

/** `effect_digest`: the prepared effect, bound to run, activation, documents, policies and environment. */
export function effectDigest(digest: Digest, prepared: PreparedEffect, binding: EffectBinding): string {
  const { run, activation, graphDigest, policyDigest, environment } = binding;
  const stable = Object.fromEntries(Object.entries(prepared.description).filter(([name]) => !volatile.has(name)));
  return digest(
    toText(
      object({
        activation: fromPlain(activation),
        effect: fromPlain(stable),
        environment,
        graph_digest: graphDigest,
        kind: prepared.effect.kind,
        policy_digest: policyDigest,
        run,
      }),
    ),
  );
}

/** Digest of a request as the handler made it, before the world was asked; equal on every drive. */
export function requestDigest(digest: Digest, effect: Effect): string {
  return digest(toText(plainEffect(digest, effect)));
}

function plainEffect(digest: Digest, effect: Effect): Value {
  const made = object();
  for (const [key, value] of Object.entries(effect) as [string, unknown][]) {
    made[key] = value instanceof Uint8Array ? digest(value) : isValueField(key) ? (value as Value) : fromPlain(value);
  }
  return made;
}

/** `args` of an MCP call is a node value already; everything else in an effect is plain data. */
function isValueField(key: string): boolean {
  return key === "args";
}
