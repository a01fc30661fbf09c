/**
 * Digests that bind effects (spec/runtime.md §2).
 */
import type { Activation, Effect } from "../effects/effect.ts";
import type { RunEvent } from "../effects/events.ts";
import type { Digest, Provision } from "../effects/seam.ts";
import { fromPlain, object, stringText, toText, type ObjectValue, type Value } from "../graph/value.ts";

/** What an effect digest binds besides the effect itself. */
export interface EffectBinding {
  readonly run: string;
  readonly activation: Activation;
  readonly graphDigest: string;
  readonly policyDigest: string;
  readonly environment: string;
}

/** The binding of an activation of a run that goes on with these documents. */
export function bindingIn(
  started: Pick<Extract<RunEvent, { type: "run.started" }>, "runId" | "policyDigest" | "environment">,
  graphDigest: string,
  activation: Activation,
): EffectBinding {
  const { runId: run, policyDigest, environment } = started;
  return { run, activation, graphDigest, policyDigest, environment };
}

/** What preparation found that may differ between asking and doing without making it another effect. */
const volatile: ReadonlySet<string> = new Set(["address", "address_class", "addresses", "address_problem"]);

/** `effect_digest`: the prepared effect, bound to run, activation, documents, policies and environment. */
export function effectDigest(
  digest: Digest,
  prepared: { readonly description: object; readonly effect: { readonly kind: string } },
  binding: EffectBinding,
): string {
  const { run, activation, graphDigest, policyDigest, environment } = binding;
  const stable = stableDescription(prepared.description);
  // The text of one object, members in ascending order; its shape is known, so nothing is built to be written.
  const { frame, node, visit, attempt } = activation;
  const act = `{"attempt":${attempt},"frame":${stringText(frame)},"node":${stringText(node)},"visit":${visit}}`;
  const where = `"environment":${stringText(environment)},"graph_digest":${stringText(graphDigest)}`;
  const what = `"kind":${stringText(prepared.effect.kind)},"policy_digest":${stringText(policyDigest)}`;
  return digest(`{"activation":${act},"effect":${toText(stable)},${where},${what},"run":${stringText(run)}}`);
}

function stableDescription(description: object): ObjectValue {
  const stable = object();
  for (const [name, item] of Object.entries(description)) {
    if (!volatile.has(name)) stable[name] = fromPlain(item);
  }
  return stable;
}

/**
 * The digest of a `provision.decided`: as {@link effectDigest}, of the prepared start or request, bound to run,
 * documents, policies and environment, and to what is provided, for which document, and for which activation first
 * (null where none needed it). SHA-256 over the text of one object, members in ascending order; secrets by name.
 */
export function provisionDigest(
  digest: Digest,
  { what, name, document, act, kind, description }: Provision,
  { run, graphDigest, policyDigest, environment }: Omit<EffectBinding, "activation">,
): string {
  const activation =
    act === null
      ? null
      : object({ attempt: BigInt(act.attempt), frame: act.frame, node: act.node, visit: BigInt(act.visit) });
  const where = { environment, graph_digest: graphDigest, policy_digest: policyDigest, run };
  const effect = stableDescription(description);
  return digest(toText(object({ activation, document, effect, kind, name, what, ...where })));
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

/** Digest of a question that is asked of a person: what a signed answer to it is bound to. */
export function questionDigest(
  digest: Digest,
  question: { readonly subject: string; readonly id: string; readonly summary: Value; readonly about: Value },
  binding: EffectBinding,
): string {
  const { run, activation, graphDigest, policyDigest, environment } = binding;
  const { frame, node, visit, attempt } = activation;
  const act = object({ attempt: BigInt(attempt), frame, node, visit: BigInt(visit) });
  const where = { environment, graph_digest: graphDigest, policy_digest: policyDigest, run };
  return digest(toText(object({ ...question, activation: act, ...where })));
}
