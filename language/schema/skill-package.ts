/**
 * The keys of SKILL.md, X.yaml and harness.yaml (spec/skill-graph.md §3, §7), as schemas of names and docs; held against
 * the readers by test/language/schema.test.ts.
 */
import { z } from "zod";
import { actKeys, type ActKey } from "../../src/graph/act.ts";
import { text } from "../../src/kinds/define.ts";
import { kindDefinition } from "../../src/kinds/definitions.generated.ts";
import { retry, shared, skillGraph } from "./skill-graph.ts";
import { chosen } from "./walk.ts";

const { flag, anyValue, args } = shared;
const strings = (description: string) => z.array(z.string()).meta({ description });
const words = (description: string, ...list: [string, ...string[]]) => z.enum(list).meta({ description });

/** Types of a skill's source that run. */
const running = ["cli-tool", "agent", "agent-task", "graph", "http"] as const;
/** Types that can be read and not run yet. */
const waiting = ["mcp", "catalog", "a2a", "harness-hook", "external-adapter", "thread-outbox-provider"] as const;
/** All, as `type` takes them. */
export const sourceTypes = [...running, ...waiting] as const;

const sourceType = z.enum(sourceTypes).meta({ description: "What carries the skill out." });

const toolShape = (kindDefinition("cli-tool")?.fields.shape ?? {}) as Readonly<Record<string, z.ZodType>>;
const toolField = (key: string): z.ZodType => toolShape[key] ?? z.unknown();
const agentShape = shared.ownFields("agent-task", ["agent", "task", "outputs"]);
const graph = skillGraph.meta({ description: "The graph that the skill runs." });

/** What the keys of an act mean (§6.6). */
const actDocs: Readonly<Record<ActKey, string>> = {
  form: "What sort of act it is: `review`, `revision`, `reply`, `verification` or, for any other word, `observation`.",
  form_from: "Input that gives the form.",
  purpose: "What the act is. Without a purpose the receipt says only that the steps ran.",
  purpose_from: "Input that gives the purpose.",
  legitimacy: "By what right the act is done, in words.",
  legitimacy_from: "Input that gives the legitimacy.",
  reason_from:
    "Output of `reason_step`, or of the skill itself, that holds the reason: the one text that a model may write.",
  target: "What is acted on: the uri of a reference.",
  target_from: "Input that gives the target.",
  decision: "What is decided: `accept`, `reject`, `continue`, `defer`, `escalate`, `monitor` and the like.",
  decision_from: "Input that gives the decision.",
  effect_from: "Field of the JSON result of `effect_step` that identifies the consequence.",
  effect_field_from: "Input that names this field.",
  effect_from_input: "Input that identifies a consequence itself.",
  effect_type: "What the consequence is, e.g. `artifact`, `tracking_item`, `github_issue`, `external_url`.",
  effect_prefix: "Stands before the consequence's id, e.g. `ticket:`.",
  effect_prefix_from: "Input that gives this prefix.",
  actor: "Who acts: the uri of a principal. Otherwise whoever started the run.",
  actor_from: "Input that gives the actor.",
  authority: "The right that is exercised: the uri of a grant.",
  authority_from: "Input that gives the authority.",
  previous_from: "Input that names the receipt which this one follows.",
  reason_step: "Step whose output holds the reason.",
  effect_step: "Deterministic step whose result holds the effect.",
};
/** The act of a runner: closed, and each key is text (§3.4). */
const act = z
  .strictObject(Object.fromEntries(actKeys.map((key) => [key, text(actDocs[key]).optional()])))
  .meta({ description: "The act that a receipt records." });

/** What a source has by its type, beside `type` and `act`. */
const sources: Readonly<Record<(typeof sourceTypes)[number], Readonly<Record<string, z.ZodType>>>> = {
  "cli-tool": {
    command: toolField("command"),
    args: args.optional(),
    cwd: toolField("cwd"),
    outputs: toolField("outputs"),
    timeout_seconds: toolField("timeout_seconds"),
    input_mode: toolField("input_mode"),
    sandbox: toolField("sandbox"),
  },
  agent: agentShape,
  "agent-task": {
    ...agentShape,
    agent: text("Which agent."),
    task: text("What it has to do."),
  },
  graph: { graph },
  http: shared.ownFields("http", shared.httpKeys),
  mcp: {
    server: z
      .looseObject({ command: text("The program that is the server.") })
      .meta({ description: "The MCP server." }),
    tool: text("Name of its tool."),
    arguments: anyValue("Arguments of the tool.").optional(),
  },
  catalog: { catalog_ref: text("Name of the tool in the catalog.") },
  a2a: { agent_card_url: text("Where the agent's card is."), task: text("What it has to do.") },
  "harness-hook": { hook: text("Name of the hook.") },
  "external-adapter": {
    external_adapter: anyValue("The adapter.").optional(),
    external_adapter_manifest: anyValue("Its manifest.").optional(),
    external_adapter_manifest_path: text("Where its manifest is.").optional(),
  },
  "thread-outbox-provider": {},
};

const typed = new Map<string, z.ZodObject>(
  Object.entries(sources).map(([type, fields]) => [
    type,
    z.strictObject({ type: sourceType, act: act.optional(), ...fields }),
  ]),
);
const source = chosen(
  (beside) => typed.get(beside("type") ?? "") ?? z.strictObject({ type: sourceType, act: act.optional() }),
  "What carries the skill out. In a SKILL.md that has none, an agent that reads its text.",
);

const inputs = z
  .record(
    z.string(),
    z.strictObject({
      type: words("The input's type.", "string", "number", "integer", "boolean", "array", "object", "json").default(
        "string",
      ),
      required: flag("It must be given.").default(false),
      default: anyValue("What counts when it is not given.").optional(),
      description: text("What it is.").optional(),
    }),
  )
  .meta({ description: "Inputs of the skill, by name." });

const artifacts = shared.artifacts;
const runx = z
  .looseObject({
    allowed_tools: strings("Tools that an agent may call.").optional(),
    artifacts: artifacts.optional(),
    idempotency: anyValue("Says that the skill may be repeated.").optional(),
    mutating: flag("The skill changes the outside world.").optional(),
    retry: retry.meta({ description: "What to do when the skill fails." }).optional(),
    sandbox: toolField("sandbox"),
    post_run: z
      .looseObject({
        reflect: words("When an agent looks back at the run.", "auto", "always", "never").optional(),
      })
      .meta({ description: "After the run." })
      .optional(),
  })
  .meta({ description: "Defaults of the skill." });

/** What SKILL.md and each runner say of the skill around its source. */
const around = {
  inputs: inputs.optional(),
  retry: retry.meta({ description: "What to do when the skill fails." }).optional(),
  artifacts: artifacts.optional(),
  idempotency: anyValue("Says that the skill may be repeated.").optional(),
  mutating: flag("The skill changes the outside world.").optional(),
  risk: z
    .looseObject({ mutating: flag("The skill changes the outside world.").optional() })
    .meta({ description: "What the skill puts at risk." })
    .optional(),
  runx: runx.optional(),
};

/** The front matter of SKILL.md; other keys are allowed. */
export const skillText = z.looseObject({
  name: text("The skill's name."),
  description: text("What it is for.").optional(),
  source: source.optional(),
  ...around,
});

/** Keys of a runner that say how it runs, or belong to types that do not run yet. */
const runnerExtras = {
  act: act.optional(),
  agent_identity: anyValue("The agent's identity.").optional(),
  allowed_tools: strings("Tools that an agent may call.").optional(),
  auth: anyValue("What the call signs in with.").optional(),
  context: anyValue("What an agent reads as context.").optional(),
  context_skills: strings("Skills that an agent reads as context.").optional(),
  default: flag("The runner that counts when nobody names one.").optional(),
  execution: anyValue("How the skill is executed.").optional(),
  instructions: text("What an agent is told.").optional(),
  invocation_id: text("Name of the call.").optional(),
  policy: anyValue("Permissions that the skill needs.").optional(),
  run_id: text("Name of the run.").optional(),
  runtime: anyValue("What the skill needs to run.").optional(),
  scopes: strings("Scopes that the skill asks for.").optional(),
  skill_ref: text("Another skill that it stands for.").optional(),
  source: source.optional(),
};

/** Every key that some source may have; all of them may stand in a runner. */
const flat = Object.assign({}, ...Object.values(sources)) as Record<string, z.ZodType>;
const optionalFlat = Object.fromEntries(Object.entries(flat).map(([key, schema]) => [key, schema.optional()]));
const anyRunner = z.strictObject({
  ...runnerExtras,
  ...optionalFlat,
  type: sourceType.optional(),
  http: z.strictObject(shared.ownFields("http", shared.httpKeys)).meta({ description: "The call." }).optional(),
  ...around,
});
/** A runner is flat (`type: …`), or has a `source`. */
const runners = new Map<string, z.ZodObject>(
  Object.entries(sources).map(([type, fields]) => [
    type,
    z.strictObject({ ...anyRunner.shape, type: sourceType, ...fields }),
  ]),
);
/** One runner, with all of its keys. */
export const runner = chosen((beside) => runners.get(beside("type") ?? "") ?? anyRunner);

const catalog = z
  .looseObject({
    kind: words("What it is.", "skill", "graph").optional(),
    audience: words("Who it is for.", "public", "builder", "operator", "system").optional(),
    visibility: words("Who may see it.", "public", "internal").default("public"),
    role: words(
      "Its part in the catalog.",
      "canonical",
      "branded",
      "context",
      "graph-stage",
      "runtime-path",
      "harness-fixture",
    ),
    canonical_skill: text("The skill that a branded one stands for.").optional(),
    provider: text("Whose brand it is.").optional(),
    part_of: strings("Skills that it is a part of.").optional(),
  })
  .meta({ description: "Facts for the catalog." });

const status = words("How the run ends.", "sealed", "failure", "needs_agent", "policy_denied", "escalated");
const expectation = z
  .looseObject({
    status: status.optional(),
    steps: strings("Steps that ran, in order.").optional(),
    receipt: anyValue("What the receipt says.").optional(),
  })
  .meta({ description: "What is expected of the run." });
const caller = z
  .looseObject({
    answers: anyValue("Answers of agents, by request id.").optional(),
    approvals: z.record(z.string(), z.boolean()).meta({ description: "Answers to approvals, by gate." }).optional(),
  })
  .meta({ description: "Who answers what the run asks." });
const testCase = {
  name: text("The test's name.").optional(),
  runner: text("The runner that is tested."),
  inputs: anyValue("Inputs of the run.").optional(),
  env: z.record(z.string(), z.string()).meta({ description: "Environment variables." }).optional(),
  caller: caller.optional(),
  expect: expectation.optional(),
};

/** X.yaml. */
export const skillManifest = z.strictObject({
  skill: text("The skill's name.").optional(),
  version: text("Its version.").optional(),
  runx: anyValue("Defaults of the runners.").optional(),
  policy: anyValue("Permissions that the skill needs.").optional(),
  emits: anyValue("What the skill emits.").optional(),
  catalog: catalog.optional(),
  runners: z.record(z.string(), runner).meta({ description: "Ways to run the skill, by name." }),
  harness: z
    .looseObject({ cases: z.array(z.looseObject(testCase)).meta({ description: "Tests of the runners." }).optional() })
    .meta({ description: "Tests." })
    .optional(),
});

/** harness.yaml (§7.1). */
export const harness = z.strictObject({
  ...testCase,
  runner: text("The runner that is tested.").optional(),
  kind: words("What is tested.", "skill", "graph", "mcp", "a2a", "agent", "agent_task"),
  target: text("The document, relative to this file.").optional(),
  metadata: anyValue("Further facts.").optional(),
});
