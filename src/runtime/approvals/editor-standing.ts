/**
 * How an editor's window stands to a request: whether it goes on with the run itself, as whom it answers without a
 * signature, and which of its keys would count there (spec/editor.md §7).
 */
import type { KeySet, TrustedKey } from "../../governance/credentials/model.ts";
import { fingerprint } from "../../governance/credentials/key-set.ts";
import { environments, type EnvironmentName } from "../../graph/posture.ts";
import { operatorOf, type EditorPlace } from "../editor-run/place.ts";
import { approvalsAt } from "../editor-run/signing.ts";
import type { EditorKey } from "./editor-keys.ts";

/** See the header. */
export interface Standing {
  /** Who answers where nobody signs. */
  readonly principal: string;
  /** Why this window does not go on with the run; null when it does. */
  readonly elsewhere: string | null;
  /** Why a key does not count there, by its name; null when it does. */
  readonly keys: ReadonlyMap<string, string | null>;
}

/** Looks. `stateDir` is where the run is kept, `storage` where runs are kept that no configuration speaks of. */
export async function standingAt(given: {
  readonly place: EditorPlace;
  readonly environment: string;
  readonly stateDir: string;
  readonly storage: string;
  readonly keys: readonly EditorKey[];
}): Promise<Standing> {
  const { place, stateDir, storage, keys } = given;
  const read = await operatorOf({ ...place, environment: null });
  if (!read.ok) {
    const why = read.problems.map(({ message }) => message).join("; ");
    return { principal: "", elsewhere: why, keys: new Map(keys.map(({ kid }) => [kid, why])) };
  }
  const { operator } = read;
  const own = operator.stateDir ?? storage;
  const environment = environments.find((one) => one === given.environment) ?? "prod";
  const found = await approvalsAt(place, operator, environment);
  const why = (key: EditorKey): string | null =>
    found.ok ? whyUntrusted(found.approvals.keys, key, environment) : found.message;
  return {
    principal: operator.principal,
    elsewhere: own === stateDir ? null : `runs of its document are kept in ${own} here`,
    keys: new Map(keys.map((key) => [key.kid, why(key)])),
  };
}

/** Why what a key signs does not count among these; null when it does. */
export function whyUntrusted(set: KeySet, key: EditorKey, environment: EnvironmentName): string | null {
  const known = set.keys.get(key.kid);
  const same = (one: TrustedKey): boolean => fingerprint(one.publicKey) === key.fingerprint;
  if (known === undefined || !same(known)) {
    const named = [...set.keys.values()].find(same);
    return named === undefined ? "nobody here trusts it yet" : `it is trusted under another name, \`${named.kid}\``;
  }
  if (known.status !== "active") return `it has been ${known.status}`;
  if (!known.purposes.includes("approval")) return "it is not trusted for approvals";
  if (!known.principals.includes(key.principal)) return `it is not trusted to sign for \`${key.principal}\``;
  if (known.environments !== null && !known.environments.includes(environment))
    return `it is not trusted in ${environment}`;
  return null;
}
