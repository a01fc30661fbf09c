/** Keys as text and as JSON (pure). Public parts only. */
import type { KeyPlaces } from "../../runtime/keys.ts";
import type { OwnKey, TrustView } from "../../runtime/own-keys.ts";
import type { Style } from "../terminal.ts";
import { clean, table, type Cell } from "./text.ts";

/** How an own key stands in the trust store. */
export type OwnTrust = "active" | "retired" | "revoked" | "not trusted";

/** The listing of `keys list`. Fingerprints are never cut: they are there to be compared. */
export function keyListing(
  places: KeyPlaces,
  own: readonly { readonly key: OwnKey; readonly trust: OwnTrust }[],
  trusted: readonly TrustView[],
  style: Style,
): string {
  const none = [`  ${style.dim("none")}`];
  const ownRows = own.map(({ key, trust }): Cell[] => [
    { text: key.kid },
    { text: key.fingerprint, paint: style.dim },
    { text: clean(key.principal) },
    { text: key.purposes.join(", ") },
    { text: `${key.locked ? "passphrase" : "no passphrase"}, ${trust === "active" ? "trusted" : trust}` },
  ]);
  const trustRows = trusted.map(({ key, fingerprint }): Cell[] => [
    { text: clean(key.kid) },
    { text: fingerprint, paint: style.dim },
    { text: key.principals.map(clean).join(", ") },
    { text: key.purposes.join(", ") },
    {
      text: [statusText(key), key.environments === null ? "" : `in ${key.environments.join(", ")}`]
        .filter(Boolean)
        .join(", "),
    },
  ]);
  return [
    `Own keys in ${clean(places.own)}`,
    ...(own.length === 0 ? none : table(ownRows, Number.POSITIVE_INFINITY, "  ")),
    `Trusted keys in ${clean(places.trust)}`,
    ...(trusted.length === 0 ? none : table(trustRows, Number.POSITIVE_INFINITY, "  ")),
    "",
  ].join("\n");
}

function statusText(key: TrustView["key"]): string {
  const since = key.retiredAt === null ? "" : ` since ${new Date(key.retiredAt).toISOString()}`;
  return key.status === "active" ? "active" : `${key.status}${since}`;
}

/** A key as it is shown before somebody agrees to it. */
export function trustLines({ key, fingerprint }: TrustView): string[] {
  return [
    `Key          ${clean(key.kid)}`,
    `Fingerprint  ${fingerprint}`,
    `Principals   ${key.principals.map(clean).join(", ") || "nobody"}`,
    `Purposes     ${key.purposes.join(", ") || "nothing"}`,
    `Environments ${key.environments === null ? "all" : key.environments.join(", ") || "none"}`,
    `Status       ${statusText(key)}`,
  ];
}

/** A trusted key as JSON. */
export function trustJson({ key, fingerprint }: TrustView): object {
  const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
  return {
    kid: key.kid,
    fingerprint,
    status: key.status,
    principals: key.principals,
    purposes: key.purposes,
    not_before: time(key.notBefore),
    retired_at: time(key.retiredAt),
    environments: key.environments,
  };
}

/** An own key as JSON. */
export function ownJson(key: OwnKey, trust: OwnTrust): object {
  return {
    kid: key.kid,
    fingerprint: key.fingerprint,
    principal: key.principal,
    purposes: key.purposes,
    created_at: new Date(key.createdAt).toISOString(),
    file: key.file,
    passphrase: key.locked,
    trust,
  };
}
