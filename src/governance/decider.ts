/**
 * The decider: every effect of every dialect passes here, at the moment it would happen (spec/pipeline.md §4).
 *
 * Boundary: touches the world only to find real paths of policy patterns, once per pattern: what a pattern meant
 * when the run began it means to the end, so that a link made during the run cannot widen it.
 * Invariants: first match of the table wins; whatever cannot be found out denies.
 */
import type { Decider, Decision, DecisionRequest, PolicyScope } from "../effects/decision.ts";
import { mutates } from "../effects/effect.ts";
import type { Digest } from "../effects/seam.ts";
import type { AllowLists, Posture, StageLists } from "../graph/posture.ts";
import { fromPlain, toText } from "../graph/value.ts";
import { failure, type Failure } from "../graph/failure.ts";
import { approvedDecision, consumeApprovals, judge, type ApprovalAuthority } from "./approvals/authority.ts";
import { termsOf } from "./approvals/terms.ts";
import { capabilityOf } from "./credentials/capability.ts";
import { operatorReason, stageReason } from "./static/operator.ts";
import { namedPaths, type RealPath } from "./static/path-pattern.ts";
import { codeVerdict, type PolicyCodes } from "./static/policy-code.ts";
import { policyDenial } from "./static/policy.ts";
import { decisionText, denialText, questionOf, type Question } from "./static/question.ts";
import { inlineCodes } from "./static/rego-code.ts";
import { decideByTable } from "./static/table.ts";

/** What an operator has laid down; `src/config` reads it. */
export interface GovernanceSettings {
  readonly posture: Posture;
  /** `countersign.toml`'s lists, one entry per file; all must allow. */
  readonly lists: readonly AllowLists[];
  readonly stages: StageLists;
}

/** What {@link createDecider} needs. */
export interface DeciderOptions extends GovernanceSettings {
  /** The policies of all documents of the run: for the digest, and so that their paths are pinned at the start. */
  readonly scopes: readonly PolicyScope[];
  /** Real path of a pattern's literal part: absolute, `..` removed, links resolved on the longest existing prefix. */
  readonly realPrefix: (path: string) => string | Promise<string>;
  readonly digest: Digest;
  /** The compiled policy code of documents; by default only the code that stands in them. */
  readonly codes?: PolicyCodes;
  /** What approvals are held against; absent: nothing can be approved. */
  readonly approvals?: ApprovalAuthority;
  /** False: the run is kept nowhere, and staging and prod change nothing then (spec/runtime.md §3, "Audit"). */
  readonly kept?: boolean;
}

/** Decides by the table of spec/pipeline.md §4. */
export function createDecider(options: DeciderOptions): Decider {
  const paths = new PinnedPaths(options.realPrefix);
  for (const pattern of allPathPatterns(options.scopes, options.lists)) paths.pin(pattern);
  const { approvals } = options;
  const decider: Decider = {
    environment: options.posture.environment,
    policyDigest: policyDigest(options),
    decide: async (request) => {
      const decision = await approve(await decide(request, options, paths), request, approvals);
      return options.kept === false ? unkept(decision, request, options.posture.environment) : decision;
    },
  };
  if (approvals === undefined) return decider;
  return {
    ...decider,
    terms: (question) => termsOf(approvals, question),
    consume: (request) => consume(request, approvals),
  };
}

/** What leaves no trace is not done where traces are required. */
function unkept(decision: Decision, { prepared }: DecisionRequest, environment: string): Decision {
  if (environment === "dev" || decision.decision !== "Allow" || !mutates(prepared.effect)) return decision;
  const reason = `${decision.reason}; but ${environment} changes nothing without a state directory in which the run is kept (--state-dir)`;
  return { decision: "Deny", code: "state_dir", reason };
}

/** Row 7: an approval satisfies the rule that asks for one, and no other. */
async function approve(
  decision: Decision,
  request: DecisionRequest,
  authority: ApprovalAuthority | undefined,
): Promise<Decision> {
  if (decision.decision !== "RequireApproval") return decision;
  if (authority === undefined || request.approval === undefined) return decision;
  const capability = capabilityOf(request.prepared, request.stageKey ?? null);
  const verdict = await judge(authority, { capability, approval: request.approval });
  if (!verdict.approved) {
    if (verdict.code === "approval_missing") return { ...decision, capability };
    return { ...decision, capability, code: verdict.code, reason: `${decision.reason}: ${verdict.reason}` };
  }
  const by = verdict.credentials.map(({ payload }) => `\`${payload.issued_by}\``).join(", ");
  return approvedDecision(verdict.credentials, capability, `${capability} was approved by ${by}`);
}

function consume(request: DecisionRequest, authority: ApprovalAuthority): Promise<Failure | null> {
  const { approval } = request;
  if (approval === undefined) return Promise.resolve(failure("approval", "nothing says what was approved"));
  return consumeApprovals(authority, {
    capability: capabilityOf(request.prepared, request.stageKey ?? null),
    approval,
  });
}

/** Code that stands in documents, where nobody has loaded any. */
const inlineCode = inlineCodes();

async function decide(request: DecisionRequest, options: DeciderOptions, paths: PinnedPaths): Promise<Decision> {
  const question = questionOf(request.prepared, request.nodeKind);
  const inLoop = request.nodeKind === "agent_loop";
  const says = (reason: string): string => denialText(question, reason, inLoop);
  const real = await paths.lookup(pathPatternsFor(question, request.scopes, options.lists));
  if (typeof real === "string") return { decision: "Deny", code: "policy_error", reason: says(real) };
  const { effect } = request.prepared;
  const stage =
    request.nodeKind === "stage"
      ? stageReason(question, effect.kind === "shell.run" ? effect.args : [], options.stages)
      : null;
  const listed = stage ?? operatorReason(question, options.lists, real.path);
  if (listed !== null) return { decision: "Deny", code: "allowlist", reason: says(listed) };
  const denial = policyDenial(question, request.scopes, { real: real.path, inLoop });
  if (denial !== null) return { decision: "Deny", ...denial };
  const code = codeVerdict(question, request.scopes, {
    codes: options.codes ?? inlineCode,
    effect,
    now: BigInt(Math.trunc(request.at)) * 1_000_000n,
    inLoop,
  });
  if (code.type === "deny") return { decision: "Deny", ...code.denial };
  if (code.type === "depends") return { decision: "Deny", code: "policy_error", reason: says(code.reason) };
  const facts = {
    mutates: mutates(effect),
    dryRun: request.dryRun,
    replay: request.replay,
    unbounded: request.chosenByModel && (request.scopes.at(-1)?.policy ?? null) === null,
  };
  return decideByTable(facts, options.posture, (reason) => decisionText(question, reason, inLoop));
}

/** Real paths by the path as patterns write it, each found once. */
class PinnedPaths {
  private readonly known = new Map<string, Promise<{ readonly path: string } | { readonly problem: string }>>();
  private readonly realPrefix: DeciderOptions["realPrefix"];
  /** Lists all of whose paths have been found, and the paths. */
  private readonly found = new WeakSet<readonly string[]>();
  private readonly real = new Map<string, string>();

  constructor(realPrefix: DeciderOptions["realPrefix"]) {
    this.realPrefix = realPrefix;
  }

  pin(pattern: string): void {
    for (const path of namedPaths([pattern])) if (!this.known.has(path)) this.known.set(path, this.find(path));
  }

  private async find(path: string): Promise<{ readonly path: string } | { readonly problem: string }> {
    try {
      return { path: await this.realPrefix(path) };
    } catch (error) {
      // The decision carries it: a pattern nobody can resolve denies.
      const why = error instanceof Error ? error.message : String(error);
      return { problem: `the allowed path \`${path}\` cannot be resolved: ${why}` };
    }
  }

  /** A look-up for all paths that these lists of patterns name, or the sentence that says why there is none. */
  async lookup(lists: readonly (readonly string[])[]): Promise<{ readonly path: RealPath } | string> {
    for (const list of lists) {
      if (this.found.has(list)) continue;
      const problem = await this.findAll(list);
      if (problem !== null) return problem;
      this.found.add(list);
    }
    return { path: this.path };
  }

  private readonly path: RealPath = (named) => {
    const path = this.real.get(named);
    if (path === undefined) throw new TypeError(`the path ${named} was not looked up`);
    return path;
  };

  /** Null when every path of the list has been found. */
  private async findAll(list: readonly string[]): Promise<string | null> {
    for (const pattern of list) this.pin(pattern);
    for (const named of namedPaths(list)) {
      const result = await this.known.get(named);
      if (result === undefined) continue;
      if ("problem" in result) return result.problem;
      this.real.set(named, result.path);
    }
    return null;
  }
}

/** The lists of path patterns that an answer to this question may depend on. */
function pathPatternsFor(
  question: Question,
  scopes: readonly PolicyScope[],
  lists: readonly AllowLists[],
): readonly (readonly string[])[] {
  switch (question.family) {
    case "fs.read":
      return [...scopes.map((one) => one.policy?.fs.read ?? []), ...lists.map((one) => one.fsRead ?? [])];
    case "fs.write":
      return [...scopes.map((one) => one.policy?.fs.write ?? []), ...lists.map((one) => one.fsWrite ?? [])];
    case "shell.run":
      return [...scopes.map((one) => one.policy?.shell.commands ?? []), ...lists.map((one) => one.shellCommands ?? [])];
    default:
      return [];
  }
}

function allPathPatterns(scopes: readonly PolicyScope[], lists: readonly AllowLists[]): string[] {
  return [
    ...scopes.flatMap(({ policy }) =>
      policy === null ? [] : [...policy.fs.read, ...policy.fs.write, ...policy.shell.commands],
    ),
    ...lists.flatMap((one) => [...(one.fsRead ?? []), ...(one.fsWrite ?? []), ...(one.shellCommands ?? [])]),
  ];
}

/**
 * Digest of everything that decides: document policies and server lists, operator lists, posture. File names are
 * left out, so that the same files elsewhere have the same digest; equal policies of several documents count once.
 */
export function policyDigest(
  options: Pick<DeciderOptions, "scopes" | "lists" | "stages" | "posture" | "digest" | "approvals" | "codes">,
): string {
  const documents = options.scopes.map(({ policy, mcpServers }) =>
    toText(
      fromPlain({
        policy,
        ...codeDigest(policy, options.codes),
        mcp: mcpServers.map(({ name, command, env, allowTools, allowResources }) => ({
          name,
          command,
          env,
          allowTools,
          allowResources,
        })),
      }),
    ),
  );
  const lists = options.lists.map(({ from: _from, ...level }) => level);
  const whole = {
    version: 1,
    documents: [...new Set(documents)].sort(),
    lists,
    stages: options.stages,
    posture: options.posture,
    ...(options.approvals === undefined ? {} : { approvals: options.approvals.rules }),
  };
  return options.digest(toText(fromPlain(whole)));
}

/** A file of policy code stands in the digest by its content. */
function codeDigest(policy: PolicyScope["policy"], codes: PolicyCodes | undefined): { readonly code?: string } {
  const code = policy === null || policy.rego === null ? undefined : codes?.(policy);
  return code === undefined || code.digest === null ? {} : { code: code.digest };
}
