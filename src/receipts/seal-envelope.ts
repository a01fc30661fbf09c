/**
 * What all receipts of one run have in common: schema, times, idempotency, authority and seal (spec/skill-graph.md §6.3).
 * Pure.
 */
import { canonicalDigest } from "./digest.ts";
import {
  RECEIPT_CANONICALIZATION,
  RECEIPT_SCHEMA,
  type Authority,
  type CriterionBinding,
  type Idempotency,
  type ReceiptBody,
  type Reference,
  type Seal,
} from "./model.ts";
import type { RunFold } from "./fold.ts";
import { identifier, iso, profileHash, type Result } from "./seal-parts.ts";

type Started = NonNullable<RunFold["started"]>;

/** Makes the common parts. */
export class Envelope {
  readonly dry: boolean;
  readonly graphName: string;
  private readonly createdAt: string;
  private readonly trigger: string;
  private readonly profile: string;

  /** `input`: the commitment to the run's input; `lastAt`: when its last event was. */
  constructor(started: Started, input: string | null, lastAt: number) {
    this.dry = started.options.dryRun !== "no";
    this.graphName = started.workflow === "" ? "graph" : started.workflow;
    this.createdAt = iso(lastAt);
    this.profile = profileHash(started);
    this.trigger = canonicalDigest({ input, kind: started.triggerKind, start: started.start });
  }

  /** Who is meant, and by what documents. `intent` names what the receipt is about. */
  head(
    intent: object,
    graphDigest: string,
  ): Pick<ReceiptBody, "schema" | "created_at" | "canonicalization" | "idempotency"> {
    const idempotency: Idempotency = {
      content_hash: graphDigest,
      intent_key: canonicalDigest(intent),
      trigger_fingerprint: this.trigger,
    };
    return {
      schema: RECEIPT_SCHEMA,
      created_at: this.createdAt,
      canonicalization: RECEIPT_CANONICALIZATION,
      idempotency,
    };
  }

  /** What the receipt is about. */
  ref(node: string, label: string, at: number): Reference {
    return {
      label,
      observed_at: iso(at),
      type: "harness",
      uri: `hrn_${identifier(this.graphName)}_${identifier(node)}`,
    };
  }

  /** By whose authority. */
  authority(principal: string, grants: readonly Reference[]): Authority {
    return {
      actor_ref: { type: "principal", uri: principal === "" ? "runx:principal:local_runtime" : principal },
      attenuation: { parent_authority_ref: null, subset_proof: null },
      authority_proof_refs: [],
      enforcement: {
        profile_hash: this.profile,
        redaction_refs: [],
        setup_refs: [],
        teardown_refs: [],
      },
      grant_refs: grants,
      scope_refs: [],
      terms: [],
    };
  }

  /** How it ended. */
  seal(reason: string, summary: string, result: Result, at: number, criteria: readonly CriterionBinding[]): Seal {
    const closedAt = iso(at);
    return {
      closed_at: closedAt,
      criteria,
      disposition: result.disposition,
      last_observed_at: closedAt,
      reason_code: this.reason(reason),
      summary: this.said(summary),
    };
  }

  /** A rehearsal must never be taken for the real thing. */
  reason(code: string): string {
    return this.dry ? `dry_run_${code}` : code;
  }

  /** A summary, marked likewise. */
  said(summary: string): string {
    return this.dry ? `dry run: ${summary}` : summary;
  }
}
