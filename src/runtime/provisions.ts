/**
 * Whether what effects need may be started: MCP servers, secret commands, token fetches (spec/runtime.md §2). Each is
 * decided like an effect, and nothing begins before the run's journal holds the decision, refusals included.
 *
 * Nobody is asked about a start by itself, because the effect that needs it is under way already: where approvals are
 * required, credentials for the whole document must cover it (`shell.run:PROGRAM`, `http.request:POST URL`).
 *
 * Invariants: secrets stand in a decision by name; a decision that cannot be journalled starts nothing; once a run has
 * been attached and has ended, nothing is started until another one is.
 *
 * A start asks nothing here ahead of its run: only variables and files are read then. A resume reads secrets again
 * before it owns the journal; what is decided then waits here, at most {@link MAX_BEFORE} of it, and is journalled first
 * thing when the run goes on. A start or a resume that is refused has no journal to write to: its decisions are kept
 * nowhere, and the audit log's `run.refused` (docs/audit.md) says only that, and with what code, it was refused.
 */
import type { Decision, DecisionRequest } from "../effects/decision.ts";
import { activationKey, type Activation, type PreparedEffect } from "../effects/effect.ts";
import type { Digest, Provision, Provisions } from "../effects/seam.ts";
import { failure, type Failure } from "../graph/failure.ts";
import { fromPlain, toText } from "../graph/value.ts";

/** Decisions that wait for the run to begin; more are refused. */
export const MAX_BEFORE = 256;

/** What is to be started, and for whom. */
export interface ProvisionQuestion {
  readonly what: Provision["what"];
  readonly name: string;
  /** Key of the document that declares it. */
  readonly document: string;
  /** The activation that needs it first; null: none does. */
  readonly act: Activation | null;
  readonly prepared: PreparedEffect;
}

/** Who decides. */
export interface ProvisionRules {
  readonly decide: (request: DecisionRequest) => Decision | Promise<Decision>;
  /** Uses up the approvals that an `approved` rests on; a failure when they do not count any more. */
  readonly consume: (request: DecisionRequest) => Promise<Failure | null>;
  readonly digest: Digest;
  /** Each run uses approvals of its own. */
  readonly runId: string;
  readonly dryRun: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

type Note = (provision: Provision) => Promise<Failure | null>;

/** See the header. One serves one world, also when several runs follow each other in it. */
export class RunProvisions implements Provisions {
  private readonly rules: ProvisionRules;
  private note: Note | null = null;
  /** null once a run has taken them over. */
  private before: Provision[] | null = [];

  constructor(rules: ProvisionRules) {
    this.rules = rules;
  }

  attach(note: Note): ReturnType<Provisions["attach"]> {
    const before = this.before ?? [];
    this.before = null;
    this.note = note;
    return {
      before,
      detach: () => {
        if (this.note === note) this.note = null;
      },
    };
  }

  /** Null when it may be started now; else why not, as the failure of the effect that needs it. */
  async admit(question: ProvisionQuestion): Promise<Failure | null> {
    const { what, name, document, act, prepared } = question;
    const request = this.request(question);
    const { decision, code, reason, capability, approvals = [] } = await this.decide(request);
    const lost = await this.tell({
      ...{ what, name, document, act },
      kind: prepared.effect.kind === "http.request" ? "http.request" : "shell.run",
      description: prepared.description,
      ...{ decision, code, reason },
      ...(capability === undefined ? {} : { capability }),
    });
    if (lost !== null) return lost;
    if (decision !== "Allow") return failure("policy", `${reason} (${code})`);
    return approvals.length === 0 ? null : this.rules.consume(request);
  }

  private request({ what, name, document, act, prepared }: ProvisionQuestion): DecisionRequest {
    const { runId, dryRun, now, digest } = this.rules;
    const at = now();
    const nodeId = act === null ? "" : activationKey(act);
    const whole = digest(toText(fromPlain([runId, what, name, document, nodeId, prepared.description])));
    return {
      prepared,
      activation: act ?? { frame: "", node: "", visit: 1, attempt: 1 },
      nodeKind: what,
      // The document's lists speak of its nodes; who may be started for them is the operator's matter.
      scopes: [],
      dryRun,
      replay: false,
      chosenByModel: false,
      at,
      approval: { nodeId, digest: whole, inputDigest: whole, use: `provision ${whole}`, granted: [], now: at },
    };
  }

  private async decide(request: DecisionRequest): Promise<Decision> {
    try {
      return await this.rules.decide(request);
    } catch (problem) {
      const why = problem instanceof Error ? problem.message : String(problem);
      return { decision: "Deny", code: "policy_error", reason: `the policy could not be evaluated: ${why}` };
    }
  }

  private async tell(provision: Provision): Promise<Failure | null> {
    if (this.note !== null) return this.note(provision);
    if (this.before === null) return failure("cancelled", "the run has ended, so nothing is started for it any more");
    if (this.before.length >= MAX_BEFORE)
      return failure("config", `more than ${MAX_BEFORE} secrets would have to be fetched before the run begins`);
    this.before.push(provision);
    return null;
  }
}
