/**
 * `[approvals]` of a `countersign.toml`: who may approve, how many must, how long a request stays open
 * (spec/runtime.md §7).
 *
 * ```toml
 * [approvals]
 * needed = 2                       # principals that must approve, 1 to 16
 * not_requester = true             # the one who started the run does not count
 * expires = "24h"                  # a request nobody answered by then counts as denied: s, m, h, d; at most 30 days
 * approvers = ["user:bob@example"] # nobody else may approve
 * trust = ["sha256:…"]             # user configuration only: an approval.cred beside a document counts in staging and prod
 * ```
 *
 * Invariant: put together, a workspace can only narrow: the larger number, the shorter time, the approvers of both.
 */
import { z } from "zod";
import { defaultApprovalRules, type ApprovalRules } from "../graph/posture.ts";

/** The table's own form. */
export const approvalsSchema = z.strictObject({
  needed: z.bigint().optional(),
  not_requester: z.boolean().optional(),
  expires: z.string().optional(),
  approvers: z.array(z.string()).optional(),
  trust: z.array(z.string()).optional(),
});

/** One file's word; null where it says nothing. */
export interface ApprovalSettings {
  readonly needed: number | null;
  readonly notRequester: boolean | null;
  /** Milliseconds. */
  readonly expiresMs: number | null;
  readonly approvers: readonly string[] | null;
  /** Digests of credentials (`sha256:` and hex) that count beside a document wherever the run is. */
  readonly trust: readonly string[];
}

/** A finding, by the key it stands under. */
export interface ApprovalsProblem {
  readonly key: "needed" | "expires" | "approvers" | "trust";
  readonly code: "config_value" | "config_operator_only";
  readonly message: string;
}

/** Most approvals that can be asked for. */
const MAX_NEEDED = 16;
const MAX_EXPIRES_MS = 30 * 24 * 60 * 60 * 1000;
const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads a time such as `24h`, in milliseconds; null for any other text, nothing, and more than 30 days. */
export function parseExpiry(text: string): number | null {
  const [, digits = "", unit = ""] = /^([1-9][0-9]{0,8})([smhd])$/.exec(text) ?? [];
  const ms = Number(digits) * (units[unit] ?? 0);
  return ms > 0 && ms <= MAX_EXPIRES_MS ? ms : null;
}

/** What the schema alone cannot see. */
export function approvalsProblems(
  data: z.output<typeof approvalsSchema>,
  level: "user" | "workspace",
  isPrincipal: (text: string) => boolean,
): readonly ApprovalsProblem[] {
  const problems: ApprovalsProblem[] = [];
  const bad = (key: ApprovalsProblem["key"], message: string): void => {
    problems.push({ key, code: "config_value", message });
  };
  const { needed, expires, approvers, trust } = data;
  if (needed !== undefined && (needed < 1n || needed > BigInt(MAX_NEEDED)))
    bad("needed", `\`approvals.needed\` must be a whole number from 1 to ${MAX_NEEDED}`);
  if (expires !== undefined && parseExpiry(expires) === null)
    bad("expires", "`approvals.expires` must be a time such as `30m`, `24h` or `7d`, at most 30 days");
  if (approvers?.every(isPrincipal) === false)
    bad("approvers", "`approvals.approvers` must name principals, as in `user:alice@example`");
  if (trust?.every((one) => /^sha256:[0-9a-f]{64}$/.test(one)) === false)
    bad("trust", "`approvals.trust` must hold digests of credentials: `sha256:` and 64 lower-case hex digits");
  if (trust !== undefined && level === "workspace") {
    const message =
      "a workspace cannot vouch for its own approvals: `approvals.trust` belongs in the user's own configuration";
    problems.push({ key: "trust", code: "config_operator_only", message });
  }
  return problems;
}

/** The table's meaning; the values have been checked. */
export function approvalSettings(data: z.output<typeof approvalsSchema> | undefined): ApprovalSettings {
  return {
    needed: data?.needed === undefined ? null : Number(data.needed),
    notRequester: data?.not_requester ?? null,
    expiresMs: data?.expires === undefined ? null : parseExpiry(data.expires),
    approvers: data?.approvers ?? null,
    trust: data?.trust ?? [],
  };
}

/** The rules in force: of each the strictest that any file says. */
export function resolveApprovalRules(files: readonly (ApprovalSettings | null)[]): ApprovalRules {
  let rules = defaultApprovalRules;
  for (const file of files) {
    if (file === null) continue;
    rules = {
      needed: Math.max(rules.needed, file.needed ?? 1),
      notRequester: rules.notRequester || file.notRequester === true,
      expiresMs: least(rules.expiresMs, file.expiresMs),
      approvers: both(rules.approvers, file.approvers),
    };
  }
  return rules;
}

function least(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function both(a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null {
  return a === null || b === null ? (a ?? b) : a.filter((one) => b.includes(one));
}
