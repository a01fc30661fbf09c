/**
 * Whom receipts are believed on this computer at this moment, and why: the same keys that `countersign verify` takes
 * (spec/runtime.md §8). Reads configuration and trust store; writes nothing.
 */
import path from "node:path";
import { sha256 } from "../../receipts/digest.ts";
import { KeyRing } from "../../receipts/keyring.ts";
import type { VerifyOptions } from "../../receipts/verify-one.ts";
import { operatorOf, type EditorPlace } from "../editor-run/place.ts";
import { configFolderOf, keyPlacesIn } from "../key-places.ts";
import { pinsOf } from "../keys.ts";
import { receiptVerifierKeys, type VerifierKey } from "../receipt-keys.ts";
import { verifierKeys } from "../receipts.ts";

/** A public key that was found beside receipts or in a bundle. */
export type FoundKey = { readonly kid: string; readonly publicKey: Uint8Array };

/** See the header. */
export interface Trust {
  /** Equal for two moments at which the same keys are believed. */
  readonly stamp: string;
  /** Why nothing can be checked: the configuration or the trust store cannot be used. A sentence; null: it can. */
  readonly problem: string | null;
  /** What receipts of a directory, or of a file with these keys in it, are checked with. */
  optionsFor(directory: string | null, found: readonly FoundKey[]): Promise<VerifyOptions>;
  /** The key with this fingerprint, if it is known here by itself; `pinned`: by its fingerprint alone. */
  keyOf(fingerprint: string): { readonly key: VerifierKey | null; readonly pinned: boolean };
}

/** Reads it. */
export async function trustNow(place: EditorPlace): Promise<Trust> {
  const read = await operatorOf(place);
  if (!read.ok) return nothing(read.problems.map(({ message }) => message).join("; "));
  const pins = pinsOf(read.operator.user);
  const believed = await receiptVerifierKeys(place.env, configFolderOf(place.env), pins);
  if (!believed.ok) return nothing(believed.problem.message);
  const { keys, pins: prints } = believed.value;
  const byPrint = new Map<string, VerifierKey>();
  for (const key of keys) {
    const before = byPrint.get(key.fingerprint);
    // A key that is there twice is what the worse of the two says.
    if (before === undefined || key.status === "revoked" || before.source === "own key")
      byPrint.set(key.fingerprint, key);
  }
  const told = keys.map(({ publicKey: _key, ...rest }) => rest);
  return {
    stamp: sha256(JSON.stringify([told, [...prints].sort()])),
    problem: null,
    async optionsFor(directory, found) {
      const hints = directory === null ? [] : [directory];
      const ring = await verifierKeys(place.env, pins, [], hints, found);
      return { keys: ring.ok ? ring.keys : new KeyRing([]), allowPseudo: false };
    },
    keyOf: (print) => ({ key: byPrint.get(print) ?? null, pinned: prints.has(print) }),
  };
}

/** Without a usable configuration nobody is believed, and that is said. */
function nothing(problem: string): Trust {
  return {
    stamp: sha256(problem),
    problem,
    optionsFor: () => Promise.resolve({ keys: new KeyRing([]), allowPseudo: false }),
    keyOf: () => ({ key: null, pinned: false }),
  };
}

/** Folders (absolute) in which a change may change whom receipts are believed; null where there is no home. */
export function trustFolders(env: EditorPlace["env"]): readonly string[] {
  const folder = configFolderOf(env);
  if (folder === null) return [];
  const { own, trust } = keyPlacesIn(folder);
  return [...new Set([folder, path.dirname(trust), own])];
}
