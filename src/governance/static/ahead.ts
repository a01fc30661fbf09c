/**
 * Decisions shown ahead of time, by `describe`, checks and the canvas (spec/pipeline.md §4): what an effect would get
 * as far as the document fixes it.
 *
 * Boundary: pure. Invariant: an answer other than `depends` is what the decider would answer for that target in the
 * same circumstances, provided that a host's name does not lead to an address that needs to be named exactly.
 */
import type { Graph, LiteralEffect } from "../../graph/model.ts";
import type { AllowLists, Posture, StageLists } from "../../graph/posture.ts";
import type { Decision, PolicyScope } from "../../effects/decision.ts";
import { operatorReason, stageReason } from "./operator.ts";
import type { RealPath } from "./path-pattern.ts";
import { codeVerdict, type PolicyCodes } from "./policy-code.ts";
import { policyDenial } from "./policy.ts";
import { decisionText, denialText, handedOn, serverIdentity, type Question } from "./question.ts";
import { inlineCodes } from "./rego-code.ts";
import { decideByTable } from "./table.ts";
import { isAddress, parseUrl } from "./url-pattern.ts";

/** Circumstances of a decision ahead of time. */
export interface AheadSettings {
  readonly posture: Posture;
  readonly lists: readonly AllowLists[];
  readonly stages: StageLists;
  readonly nodeKind: string;
  readonly dryRun: boolean;
  readonly replay: boolean;
  readonly chosenByModel: boolean;
  /** Real paths where the caller can find them, else lexical ones. */
  readonly real: RealPath;
  /** Compiled policy code; by default only what stands in the documents. */
  readonly codes?: PolicyCodes;
  /** The class of an address (`public`, `loopback`, …), for URLs that name one. */
  readonly addressClass: (address: string) => string;
}

/** A decision, or that it hangs on data that only a run has. */
export type AheadDecision = Decision | { readonly decision: "depends"; readonly reason: string };

/** What an effect of a node would get; `scopes` outermost first. `nodeKind` stands for an effect without a node. */
export type DecideAhead = (effect: LiteralEffect, nodeKind: string, scopes: readonly PolicyScope[]) => AheadDecision;

/** The policy of one document, as the decider is told of it. */
export function scopeOf(graph: Graph): PolicyScope {
  return { file: graph.file, policy: graph.policy, mcpServers: graph.mcpServers };
}

/** What the effect would get. `scopes` outermost first, as in a DecisionRequest. */
export function decideLiteral(
  effect: LiteralEffect,
  scopes: readonly PolicyScope[],
  settings: AheadSettings,
): AheadDecision {
  const inLoop = settings.nodeKind === "agent_loop";
  const facts = {
    mutates: ["fs.write", "http.request", "shell.run", "mcp.tool"].includes(effect.family),
    dryRun: settings.dryRun,
    replay: settings.replay,
    unbounded: settings.chosenByModel && (scopes.at(-1)?.policy ?? null) === null,
  };
  if (effect.target === null) return decideOpen(effect, scopes, settings, facts.mutates);
  const question = questionAhead(effect, effect.target, scopes, settings);
  const says = (reason: string): string => denialText(question, reason, inLoop);
  const stage = settings.nodeKind === "stage" ? stageReason(question, [], settings.stages) : null;
  if (stage !== null) return { decision: "Deny", code: "allowlist", reason: says(stage) };
  if (effect.family === "shell.run" && !/[/\\]/.test(effect.target) && asksForProgram(scopes, settings)) {
    return { decision: "depends", reason: `where \`${effect.target}\` stands is only known when PATH is searched` };
  }
  const listed = operatorReason(question, settings.lists, settings.real);
  if (listed !== null) return { decision: "Deny", code: "allowlist", reason: says(listed) };
  const denial = policyDenial(question, scopes, { real: settings.real, inLoop });
  if (denial !== null) return { decision: "Deny", ...denial };
  const codes = settings.codes ?? inlineCodes();
  const code = codeVerdict(question, scopes, { codes, effect: null, now: null, inLoop });
  if (code.type === "deny") return { decision: "Deny", ...code.denial };
  if (code.type === "depends") return { decision: "depends", reason: code.reason };
  return decideByTable(facts, settings.posture, (reason) => decisionText(question, reason, inLoop));
}

/** True when somebody's list of programs has to be asked. */
function asksForProgram(scopes: readonly PolicyScope[], settings: AheadSettings): boolean {
  return scopes.some(({ policy }) => policy !== null) || settings.lists.some((one) => one.shellCommands !== null);
}

/** An effect whose target nobody knows yet: certain only where no target at all would do. */
function decideOpen(
  effect: LiteralEffect,
  scopes: readonly PolicyScope[],
  settings: AheadSettings,
  mutates: boolean,
): AheadDecision {
  const shut = scopes.find((scope) => shutFamily(effect, scope));
  if (shut !== undefined) {
    const reason = `the \`[policy]\` of ${shut.file} allows no ${effect.family} at all`;
    return { decision: "Deny", code: "policy", reason };
  }
  if (mutates && settings.posture.sideEffects === "deny_all") {
    const reason = "the side-effect policy `deny_all` lets no effect happen that changes anything";
    return { decision: "Deny", code: "deny_all", reason };
  }
  return { decision: "depends", reason: `the target of this ${effect.family} is only known at run time` };
}

function shutFamily(effect: LiteralEffect, { policy }: PolicyScope): boolean {
  if (policy === null) return false;
  const lists: Partial<Record<LiteralEffect["family"], readonly string[]>> = {
    "fs.read": policy.fs.read,
    "fs.write": policy.fs.write,
    "env.read": policy.env.readKeys,
    "http.request": policy.http.urls,
    "shell.run": policy.shell.commands,
  };
  return lists[effect.family]?.length === 0;
}

function questionAhead(
  effect: LiteralEffect,
  target: string,
  scopes: readonly PolicyScope[],
  settings: AheadSettings,
): Question {
  const tool = settings.nodeKind;
  switch (effect.family) {
    case "fs.read":
    case "fs.write":
      return { family: effect.family, path: target, real: settings.real(target), tool };
    case "env.read":
      return { family: effect.family, key: target, tool };
    case "http.request": {
      const host = parseUrl(target)?.host ?? "";
      const literal = isAddress(host);
      return {
        family: effect.family,
        method: (effect.method ?? "GET").toUpperCase(),
        shown: target,
        url: target,
        addresses: literal ? [host] : [],
        addressClass: literal ? settings.addressClass(host) : null,
        tool,
      };
    }
    case "shell.run":
      return {
        family: effect.family,
        program: target,
        real: settings.real(target),
        inherited: handedOn(effect.inheritEnv ?? []),
        tool,
      };
    case "mcp.tool":
    case "mcp.resource": {
      const server = chosenServer(effect.server ?? null, scopes);
      const declared = scopes.findLast((scope) => scope.mcpServers.some((one) => one.name === server));
      const one = declared?.mcpServers.find((candidate) => candidate.name === server);
      const identity = one === undefined ? null : serverIdentity(one);
      return { family: effect.family, server, identity, name: target, tool };
    }
    case "model.call":
      return { family: effect.family, backend: target, tool };
  }
}

/** A node without `server` uses the only one there is (spec/workflow.md §11). */
function chosenServer(named: string | null, scopes: readonly PolicyScope[]): string | null {
  if (named !== null) return named;
  const names = new Set(scopes.flatMap((scope) => scope.mcpServers.map((server) => server.name)));
  return names.size === 1 ? ([...names][0] as string) : null;
}
