/**
 * `policy_audit.json` of a bundle (spec/pipeline.md §7): under what rules effects were, or would be, decided. The
 * members are those of the sheet; decisions and posture stand under `x_countersign`.
 */
import { activationKey } from "../../effects/effect.ts";
import type { JournalEvent } from "../../effects/events.ts";
import type { Posture } from "../../graph/posture.ts";
import { VERSION } from "../version.ts";
import type { Description } from "../describe.ts";
import { timeText } from "./snapshot.ts";

/** Decisions that an audit lists; those beyond are counted. */
const MAX_DECISIONS = 10_000;

/** One decision of a run (spec/pipeline.md §4, "Record"). */
export interface DecisionRecord {
  readonly decision: string;
  readonly code: string;
  readonly reason: string;
  readonly effect: string;
  readonly capability: string | null;
  readonly environment: string;
  readonly posture: { readonly dry_run: boolean; readonly replay: boolean };
  readonly policy_digest: string;
  readonly approval_id: string | null;
  readonly at: string;
  readonly x_countersign: {
    /** null for what no activation needed. */
    readonly activation: string | null;
    /** null for what is no effect of its own. */
    readonly index: number | null;
    readonly effect_digest: string;
    readonly live: string | null;
    /** What an effect needed started or fetched first; absent for an effect. */
    readonly provision?: { readonly what: "mcp_server" | "secret"; readonly name: string };
  };
}

type Of<T extends JournalEvent["type"]> = Extract<JournalEvent, { type: T }>;

/** Collects a run's decisions. */
export class DecisionFold {
  readonly decisions: DecisionRecord[] = [];
  leftOut = 0;
  private started: Extract<JournalEvent, { type: "run.started" }> | null = null;

  add(event: JournalEvent): void {
    if (event.type === "run.started") this.started = event;
    if ((event.type !== "effect.decided" && event.type !== "provision.decided") || this.started === null) return;
    if (this.decisions.length >= MAX_DECISIONS) {
      this.leftOut++;
      return;
    }
    const { environment, policyDigest, options } = this.started;
    this.decisions.push({
      decision: event.decision,
      code: event.code,
      reason: event.reason,
      effect: event.kind,
      capability: event.capability ?? null,
      environment,
      posture: { dry_run: options.dryRun !== "no", replay: options.replay },
      policy_digest: policyDigest,
      approval_id: event.type === "effect.decided" ? (event.approvals?.[0]?.approvalId ?? null) : null,
      at: timeText(event.at),
      x_countersign: event.type === "effect.decided" ? placeOfEffect(event) : placeOfProvision(event),
    });
  }
}

function placeOfEffect({ act, index, digest, live }: Of<"effect.decided">): DecisionRecord["x_countersign"] {
  return {
    activation: activationKey(act),
    index,
    effect_digest: digest,
    live: live === undefined ? null : `${live.decision} (${live.code})`,
  };
}

function placeOfProvision({ act, digest, what, name }: Of<"provision.decided">): DecisionRecord["x_countersign"] {
  const activation = act === null ? null : activationKey(act);
  return { activation, index: null, effect_digest: digest, live: null, provision: { what, name } };
}

/** What an audit is made of. */
export interface AuditFacts {
  readonly specPath: string;
  readonly posture: Posture;
  readonly dryRun: boolean;
  /** What the document would get now; or why it cannot be described. */
  readonly about: Description | { readonly error: string };
  readonly policyDigest: string | null;
  /** null for a document without a run. */
  readonly run: DecisionFold | null;
}

/** The member `policy_audit.json`. */
export function policyAudit({ specPath, posture, dryRun, about, policyDigest, run }: AuditFacts): object {
  const failed = "error" in about;
  return {
    ok: !failed,
    policy_version: 1,
    mode: dryRun ? "dry_run" : "execute",
    enforced: true,
    stage_failure_policy: "stop_pipeline",
    spec_path: specPath,
    runtime_crate: { name: "countersign", version: VERSION },
    ...(failed
      ? { error: about.error }
      : { spec: { name: about.name, model: about.dialect, spec_hash: about.specHash, nodes: about.nodes.length } }),
    x_countersign: {
      environment: posture.environment,
      side_effects: posture.sideEffects,
      replay: posture.replay,
      policy_digest: policyDigest,
      decisions: run?.decisions ?? null,
      decisions_left_out: run?.leftOut ?? 0,
      ahead: failed
        ? null
        : about.effects.map(({ document, node, family, method, target, decision, code, reason }) => ({
            document,
            node,
            family,
            method,
            target,
            decision,
            code,
            reason,
          })),
    },
  };
}
