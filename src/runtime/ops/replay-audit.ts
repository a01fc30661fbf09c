/** The replay audit (spec/pipeline.md §7): what a replay was given, under what rules, and what each action came to. */
import type { ManifestAuthenticity } from "./manifest.ts";
import { inputFacts, replayGovernance, type Recording, type Replayed } from "./replay.ts";
import type { Operator } from "../operator.ts";

/** What a replay audit is made of. */
export interface ReplayFacts {
  readonly recording: Recording;
  readonly replayed: Replayed;
  readonly operator: Pick<Operator, "governance">;
  /** The bundle or run folder as it was named. */
  readonly place: string;
  /** null for a run of one's own, whose journal's chain was checked instead. */
  readonly manifest: { readonly digest: string; readonly authenticity: ManifestAuthenticity } | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The audit. Members of the sheet first; ours under `x_countersign`. */
export function replayAudit({ recording, replayed, operator, place, manifest, now }: ReplayFacts): object {
  const { started, bundle, source, walk, findings } = recording;
  const root = bundle.entries.get(bundle.root);
  const { posture } = replayGovernance(recording, operator);
  return {
    audit_v: 1,
    created_unix_ms: now,
    bundle_dir: place,
    spec_sha256: (root?.digest ?? "").replace(/^sha256:/, ""),
    input: inputFacts(started.input),
    policy: { env: posture.environment, approval_provided: false, mode: "dry_run" },
    actions: replayed.actions,
    x_countersign: {
      run_id: source.runId,
      graph_digest: bundle.digest,
      replay_policy: posture.replay,
      manifest: manifest === null ? null : { digest: manifest.digest, ...authenticityFacts(manifest.authenticity) },
      recorded_outcome: walk.outcome,
      replayed_outcome: replayed.outcome,
      same: replayed.differenceCount === 0 && !replayed.interrupted,
      interrupted: replayed.interrupted,
      differences: replayed.differences,
      difference_count: replayed.differenceCount,
      effects_not_recorded: replayed.unrecorded,
      effects_by_place: replayed.byPlace,
      actions_left_out: replayed.actionsLeftOut,
      findings,
    },
  };
}

function authenticityFacts(one: ManifestAuthenticity): object {
  if (one.state === "unsigned") return { authenticity: "unsigned" };
  const { state, kid, fingerprint, principal } = one;
  return { authenticity: state, kid, fingerprint, principal };
}
