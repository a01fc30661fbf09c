/**
 * Decisions about effects (spec/pipeline.md §4). The decider is the only door between a handler and the world.
 */
import type { DocumentPolicy, McpServer } from "../graph/model.ts";
import type { Activation, PreparedEffect } from "./effect.ts";

export type DecisionKind = "Allow" | "DryRunOnly" | "RequireApproval" | "Deny";

/** A decision with its stable code and the sentence that explains it. */
export interface Decision {
  readonly decision: DecisionKind;
  readonly code: string;
  readonly reason: string;
}

/** A policy that an effect must pass, and whose it is. Outermost first. */
export interface PolicyScope {
  readonly file: string;
  readonly policy: DocumentPolicy | null;
  readonly mcpServers: readonly McpServer[];
}

/** A question to the decider. `at` is the journalled time (milliseconds since 1970). */
export interface DecisionRequest {
  readonly prepared: PreparedEffect;
  readonly activation: Activation;
  readonly nodeKind: string;
  readonly scopes: readonly PolicyScope[];
  readonly dryRun: boolean;
  readonly replay: boolean;
  /** The effect was chosen by a model, not by the author (spec/runtime.md §2). */
  readonly chosenByModel: boolean;
  readonly at: number;
}

/** Decides effects. Must not touch the world except for policy code it was given at start. */
export interface Decider {
  decide(request: DecisionRequest): Decision | Promise<Decision>;
  /** Environment name and digest of all policies, bound into every effect digest. */
  readonly environment: string;
  readonly policyDigest: string;
}
