/**
 * The rules of a credential's members, one by one (spec/pipeline.md §5). Pure.
 *
 * Invariant: members are exact. One that is missing, unknown or of another form refuses the whole credential; only
 * `ext` may hold unknown ones, and only those it names itself in `ext.optional`.
 */
import { environments } from "../../graph/posture.ts";
import { isObject, type ObjectValue, type Value } from "../../graph/value.ts";
import { capabilityProblem } from "./capability.ts";
import { isDigest, isName, isPrincipalName, shown, sortedUnique, textList, utcTime } from "./rules.ts";

/** Longest life of a credential, in milliseconds. */
export const MAX_LIFE_MS = 7 * 24 * 60 * 60 * 1000;
/** Most capabilities of one credential. */
export const MAX_CAPABILITIES = 64;
/** Most uses that a credential may name. */
export const MAX_USES = 1_000_000;
/** Longest reason, in UTF-16 units. */
export const MAX_REASON = 4096;

/** What a member must be: null when it is, else the end of a sentence that begins with its name. */
type Rule = (value: Value) => string | null;

const must =
  (what: string, test: (value: Value) => boolean): Rule =>
  (value) =>
    test(value) ? null : `must be ${what}`;

const name = must("a name of 1 to 128 visible characters without white space", isName);
const digest = must("`sha256:` and 64 lower-case hex digits", isDigest);
const time = must("an RFC 3339 time in UTC, as in `2026-01-31T09:30:00Z`", (value) => utcTime(value) !== null);

const payloadRules: Readonly<Record<string, Rule>> = {
  v: must("1", (value) => value === 1n),
  kid: name,
  org_id: name,
  project_id: name,
  environment_id: name,
  environment_posture: must("dev, staging or prod", (value) => environments.some((one) => one === value)),
  spec_hash: digest,
  capabilities: capabilitiesProblem,
  issued_at: time,
  expires_at: time,
  issued_by: must("a principal such as `user:alice@example`", isPrincipalName),
  approval_id: must(
    "22 to 128 letters, digits, `-` or `_`, made from 128 random bits or more",
    (value) => typeof value === "string" && /^[A-Za-z0-9_-]{22,128}$/.test(value),
  ),
};

const extensionRules: Readonly<Record<string, Rule>> = {
  run_id: must(
    "1 to 128 letters, digits, `_` or `-`",
    (value) => typeof value === "string" && /^[A-Za-z0-9_-]{1,128}$/.test(value),
  ),
  node_id: must(
    "an activation, as in `gate#1.1`",
    (value) => typeof value === "string" && value !== "" && value.length <= 2048 && !/\p{Cc}/u.test(value),
  ),
  input_digest: digest,
  effect_digest: digest,
  max_uses: must(
    `a whole number from 1 to ${MAX_USES}`,
    (value) => typeof value === "bigint" && value >= 1n && value <= BigInt(MAX_USES),
  ),
  reason: must(
    `text of at most ${MAX_REASON} characters`,
    (value) => typeof value === "string" && value.length <= MAX_REASON,
  ),
  decision: must("approve or deny", (value) => value === "approve" || value === "deny"),
  answer: () => null,
  optional: must("a sorted list of at most 16 names, none of which this format has itself", (value) => {
    const names = textList(value);
    return names !== null && names.length <= 16 && sortedUnique(names) && names.every(isFurther);
  }),
};

/** What this format has itself binds, and can never be optional. */
function isFurther(text: string): boolean {
  return isName(text) && !Object.hasOwn(extensionRules, text);
}

/** What is wrong with a payload whose `v` is known; null when every rule holds. */
export function payloadProblem(payload: ObjectValue): string | null {
  const { ext } = payload;
  const own: Record<string, Value> = { ...payload };
  delete own["ext"];
  const wrong = membersProblem(own, payloadRules, Object.keys(payloadRules), "");
  if (wrong !== null) return wrong;
  const life = lifeProblem(utcTime(payload["issued_at"]), utcTime(payload["expires_at"]));
  if (life !== null || ext === undefined) return life;
  if (!isObject(ext)) return "`ext` must be an object";
  const optional = textList(ext["optional"]) ?? [];
  const known = Object.fromEntries(Object.entries(ext).filter(([key]) => !optional.includes(key) || !isFurther(key)));
  return membersProblem(known, extensionRules, [], "ext.");
}

function membersProblem(
  members: Readonly<Record<string, Value>>,
  rules: Readonly<Record<string, Rule>>,
  needed: readonly string[],
  prefix: string,
): string | null {
  const missing = needed.find((key) => !Object.hasOwn(members, key));
  if (missing !== undefined) return `its payload has no \`${prefix}${missing}\``;
  for (const [key, value] of Object.entries(members)) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule === undefined) return `its payload has an unknown member \`${shown(`${prefix}${key}`)}\``;
    const wrong = rule(value);
    if (wrong !== null) return `\`${prefix}${key}\` ${wrong}`;
  }
  return null;
}

function capabilitiesProblem(value: Value): string | null {
  const list = textList(value);
  if (list === null || list.length < 1 || list.length > MAX_CAPABILITIES) {
    return `must be a list of 1 to ${MAX_CAPABILITIES} capabilities`;
  }
  if (!sortedUnique(list)) return "must be sorted, without repetition";
  for (const one of list) {
    const wrong = capabilityProblem(one);
    if (wrong !== null) return `holds \`${shown(one)}\`: ${wrong}`;
  }
  return null;
}

function lifeProblem(issued: number | null, expires: number | null): string | null {
  if (issued === null || expires === null || expires <= issued) return "`expires_at` must be later than `issued_at`";
  return expires - issued > MAX_LIFE_MS ? "`expires_at` is more than 7 days after `issued_at`" : null;
}
