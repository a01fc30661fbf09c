/**
 * Policy code of documents (`[policy.rego]`, spec/workflow.md §7.5, seed page "Policy-as-code"; spec/runtime.md §2):
 * what it is asked, and what its answers mean. Row 2 of the decision table, after the lists.
 *
 * Boundary: pure; the code itself is compiled by whoever loads documents. Invariants: the code of every scope is
 * asked, outermost first; only the value `true` allows; no answer, any other answer and every failure deny.
 */
import type { PolicyScope } from "../../effects/decision.ts";
import type { Effect } from "../../effects/effect.ts";
import type { DocumentPolicy } from "../../graph/model.ts";
import { object, type ObjectValue } from "../../graph/value.ts";
import type { PolicyDenial } from "./policy.ts";
import { denialText, type Question } from "./question.ts";
import { NEEDS_TIME } from "./rego/limits.ts";
import type { RegoAnswer } from "./rego/policy.ts";

/** Compiled policy code with its query. */
export interface PolicyCode {
  /** As the document has it, for messages. */
  readonly query: string;
  /** Digest of the code itself; null where the document holds all of it. */
  readonly digest: string | null;
  /** Never throws. `now`: nanoseconds since 1970; null when nobody knows yet when the effect will be. */
  ask(input: ObjectValue, now: bigint | null): RegoAnswer;
}

/** The code of a document's policy; undefined when it was not loaded. */
export type PolicyCodes = (policy: DocumentPolicy) => PolicyCode | undefined;

/** What the code of all scopes says. `depends`: on what only a run has. */
export type CodeVerdict =
  | { readonly type: "allow" }
  | { readonly type: "deny"; readonly denial: PolicyDenial }
  | { readonly type: "depends"; readonly reason: string };

/** What the code is asked with. */
export interface CodeAsk {
  readonly codes: PolicyCodes;
  /** The effect, for arguments that no list looks at; null ahead of time. */
  readonly effect: Effect | null;
  readonly now: bigint | null;
  readonly inLoop: boolean;
}

/** True when the policy has code that must be asked. */
export function hasCode(policy: DocumentPolicy | null): policy is DocumentPolicy {
  return policy !== null && policy.rego !== null && (policy.rego.inline !== null || policy.rego.file !== null);
}

/** Asks the code of every scope. A denial comes before what cannot be known yet. */
export function codeVerdict(question: Question, scopes: readonly PolicyScope[], ask: CodeAsk): CodeVerdict {
  let open: CodeVerdict = { type: "allow" };
  for (const { file, policy } of scopes) {
    if (!hasCode(policy)) continue;
    const verdict = scopeVerdict(question, file, ask.codes(policy), ask);
    if (verdict.type === "deny") return verdict;
    if (verdict.type === "depends") open = verdict;
  }
  return open;
}

function scopeVerdict(question: Question, file: string, code: PolicyCode | undefined, ask: CodeAsk): CodeVerdict {
  const deny = (kind: PolicyDenial["code"], reason: string): CodeVerdict => ({
    type: "deny",
    denial: { code: kind, reason: denialText(question, reason, ask.inLoop) },
  });
  if (code === undefined && ask.now === null) {
    return { type: "depends", reason: `the policy code of ${file} is asked when it is loaded for a run` };
  }
  if (code === undefined) return deny("policy_error", `rego eval error: \`[policy.rego]\` of ${file} is not loaded`);
  const args = codeArguments(question, ask.effect);
  if (args === null)
    return deny("policy_error", `rego eval error: the target is not known, so ${file} cannot be asked`);
  if (args === "later") {
    return {
      type: "depends",
      reason: `\`[policy.rego]\` of ${file} is asked with the arguments, which only a run has`,
    };
  }
  const answer = code.ask(object({ tool: question.family, args }), ask.now);
  if (answer.type === "error") {
    if (ask.now === null && answer.code === NEEDS_TIME) {
      return { type: "depends", reason: `\`[policy.rego]\` of ${file} asks what time it is` };
    }
    return deny("policy_error", `rego eval error: ${answer.message} (\`${code.query}\` of ${file})`);
  }
  if (answer.type === "value" && answer.value === true) return { type: "allow" };
  const shown = answer.type === "undefined" ? "is undefined" : answer.value === false ? "is false" : "is no boolean";
  return deny("policy", `rego.allow returned false: \`${code.query}\` of ${file} ${shown}`);
}

/**
 * `input.args` of the seed page's contract. Paths and programs are the real ones, URLs as they are connected to, so
 * that code compares what would happen and not how it was written. null: not known; `later`: known in a run.
 */
function codeArguments(question: Question, effect: Effect | null): ObjectValue | "later" | null {
  switch (question.family) {
    case "fs.read":
    case "fs.write":
      return question.real === null ? null : object({ path: question.real, written: question.path });
    case "env.read":
      return object({ key: question.key });
    case "http.request":
      return object({ method: question.method, url: question.url });
    case "shell.run":
      if (effect === null) return "later";
      if (question.real === null || effect.kind !== "shell.run") return null;
      return object({ command: question.real, args: [...effect.args] });
    case "mcp.tool":
      if (effect === null) return "later";
      if (effect.kind !== "mcp.tool") return null;
      return object({ server: question.server, tool: question.name, args: effect.args });
    case "mcp.resource":
      return object({ server: question.server, uri: question.name });
    case "model.call":
      return object({ backend: question.backend });
  }
}
