/**
 * Where names stand in our documents, as patterns of paths: the tables that the sheets describe (spec/workflow.md §2,
 * §11 to §13; spec/skill-graph.md §2, §3, §7; spec/pipeline.md §3). `*` is any key or index.
 *
 * Boundary: which places there are. What stands within dotted references comes from the graph (`references.ts`).
 */
import type { SourceElement } from "../../src/dialects/live/source.ts";
import type { Home, SymbolName } from "./symbol.ts";
import { actRules } from "./act-rules.ts";
import { symbolOf, type Belongs, type Sink, type Site } from "./sink.ts";

/** What a rule is told of the place that it matches. */
export interface Match extends Site {
  readonly element: SourceElement;
  readonly sink: Sink;
  /** What every name around here belongs to: a runner, the document that a test is about. */
  readonly around: Belongs;
  /** The element so many levels above; 0 is the element itself. */
  up(levels: number): SourceElement | null;
  /** The decoded text at a key beside the element, `levels` above; null when there is none. */
  beside(levels: number, key: string): string | null;
}

/** Reports the names at one place. */
export type Rule = (match: Match) => void;

/** Patterns by path, segments joined with `.`. */
export type Rules = Readonly<Record<string, Rule>>;

const definition =
  (kind: "node" | "start" | "secret" | "server" | "backend"): Rule =>
  (match) =>
    match.sink.scalar(match, "definition", (name) => symbolOf(kind, name, match.around));

const reference =
  (kind: "node" | "start" | "secret" | "server" | "backend" | "group" | "runner"): Rule =>
  (match) =>
    match.sink.scalar(match, "reference", (name) => symbolOf(kind, name, match.around));

const keyOf = ({ element }: Match): string => String(element.path.at(-1));

/** `auth` of a route: `bearer:NAME`, or `bearer` for its binding `default` (spec/workflow.md §13.6). */
const authReference: Rule = (match) => {
  const { text, form } = match.element;
  if (text === null || form !== "string") return;
  const split = text.indexOf(":");
  const family = split < 0 ? text : text.slice(0, split);
  if (!["bearer", "basic", "hmac", "oidc"].includes(family)) return;
  const symbol = symbolOf("auth", split < 0 ? "default" : text.slice(split + 1), { owner: family });
  if (split < 0) match.sink.part(match, "reference", "implied", 0, text.length, symbol);
  else match.sink.part(match, "reference", "segment", split + 1, text.length, symbol);
};

const authDefinition: Rule = (match) => {
  const owner = String(match.up(1)?.path.at(-1) ?? "");
  match.sink.key(match, "definition", symbolOf("auth", keyOf(match), { owner }));
};

/** A start of the child document that `workflow` beside it names. */
const childStart: Rule = (match) => {
  const text = match.beside(1, "workflow");
  if (text === null) return;
  const home: Home = { role: "child", text };
  match.sink.scalar(match, "reference", (name) => symbolOf("start", name, { home }));
};

const label: Rule = (match) => {
  const owner = match.beside(1, "from");
  match.sink.scalar(match, "reference", (name) => symbolOf("label", name, { owner }));
};

/** Rules of a workflow, below its root or its `[[workflows]]`. */
export const workflowRules: Rules = {
  "start_nodes.*.name": definition("start"),
  "start_nodes.*.entry_node": reference("node"),
  "triggers.*.start_node": reference("start"),
  "triggers.*.server": reference("server"),
  "http_routes.*.start_node": reference("start"),
  "http_routes.*.auth": authReference,
  "nodes.*.id": definition("node"),
  "nodes.*.server": reference("server"),
  "nodes.*.backend": reference("backend"),
  "nodes.*.start": childStart,
  "nodes.*.branches.*.start": childStart,
  "edges.*.from": reference("node"),
  "edges.*.to": reference("node"),
  "edges.*.when": label,
  "auth.bearer.*": authDefinition,
  "auth.basic.*": authDefinition,
  "auth.hmac.*": authDefinition,
  "auth.oidc.*": authDefinition,
  "auth.bearer.*.tokens_env": reference("secret"),
  "auth.basic.*.credentials_env": reference("secret"),
  "auth.hmac.*.secret_env": reference("secret"),
  "secrets.*.name": definition("secret"),
  "secrets.*.client_id_env": reference("secret"),
  "secrets.*.client_secret_env": reference("secret"),
  "mcp_servers.*.name": definition("server"),
  "mcp_servers.*.env.*": reference("secret"),
  "intelligence.backends.*.name": definition("backend"),
  "intelligence.backends.*.api_key_env": reference("secret"),
};

/** A dotted text: its head is a node's id, what follows an output of that node. */
const dotted: Rule = (match) => {
  const { text, form } = match.element;
  if (text === null || form !== "string") return;
  const { node, output } = splitPath(text, match.around);
  match.sink.part(match, "reference", "segment", 0, node.name.length, node);
  if (output === null) return;
  const from = node.name.length + 1;
  match.sink.part(match, "reference", "segment", from, from + output.name.length, output);
};

/** The first two segments of a path into the context. */
function splitPath(text: string, around: Belongs): { readonly node: SymbolName; readonly output: SymbolName | null } {
  const [head = "", ...rest] = text.split(".", 2);
  const [second] = rest;
  const output = second === undefined ? null : symbolOf("output", second, { ...around, owner: head });
  return { node: symbolOf("node", head, around), output };
}

/** A key that is such a path. */
const dottedKey: Rule = (match) => {
  const { node, output } = splitPath(keyOf(match), match.around);
  match.sink.key(match, "reference", node);
  if (output !== null) match.sink.key(match, "reference", output, node.name.length + 1);
};

/** An output of the step that stands `levels` above. */
const outputKey =
  (levels: number): Rule =>
  (match) => {
    const owner = match.beside(levels, "id");
    if (owner !== null)
      match.sink.key(match, "definition", symbolOf("output", keyOf(match), { ...match.around, owner }));
  };

const outputName =
  (levels: number): Rule =>
  (match) => {
    const owner = match.beside(levels, "id");
    if (owner === null) return;
    match.sink.scalar(match, "definition", (name) => symbolOf("output", name, { ...match.around, owner }));
  };

/** The skill that the step `levels` above runs, and with which runner; null for other steps. */
function skillOf(match: Match, levels: number): Belongs | null {
  const text = match.beside(levels, "skill");
  if (text === null) return null;
  return { home: { role: "skill", text }, runner: match.beside(levels, "runner") };
}

/** `inputs.NAME` and `context.NAME` of a step: an input of the skill that it runs, or of its own tool. */
const stepInput: Rule = (match) => {
  const skill = skillOf(match, 2);
  const id = match.beside(2, "id");
  if (skill !== null) match.sink.key(match, "reference", symbolOf("input", keyOf(match), skill));
  else if (id !== null)
    match.sink.key(match, "definition", symbolOf("input", keyOf(match), { ...match.around, owner: id }));
};

const stepRunner: Rule = (match) => {
  const skill = skillOf(match, 1);
  if (skill === null) return;
  match.sink.scalar(match, "reference", (name) => symbolOf("runner", name, { home: skill.home ?? null }));
};

const gateField: Rule = (match) => {
  const owner = match.beside(1, "step");
  if (owner !== null) gateOutput(match, owner);
};

const conflictField: Rule = (match) => {
  const gate = match.up(1);
  const steps = gate === null ? null : match.sink.live.source.element([...gate.path, "steps"]);
  for (const index of steps?.children ?? []) {
    const owner = match.sink.live.source.element([...(steps?.path ?? []), index])?.text ?? null;
    if (owner !== null) gateOutput(match, owner);
  }
};

/** A gate's field is a path into one step's outputs; its first segment is the output. */
function gateOutput(match: Match, owner: string): void {
  const { text } = match.element;
  if (text === null) return;
  const dot = text.indexOf(".");
  const end = dot < 0 ? text.length : dot;
  const symbol = symbolOf("output", text.slice(0, end), { ...match.around, owner });
  match.sink.part(match, "reference", "segment", 0, end, symbol);
}

/** Rules of a skill graph, below the root of a graph.yaml or the `graph` of a skill. */
export const graphRules: Rules = {
  "steps.*.id": definition("node"),
  "steps.*.runner": stepRunner,
  "steps.*.fanout_group": reference("group"),
  "steps.*.inputs.*": stepInput,
  "steps.*.context.*": (match) => {
    stepInput(match);
    dotted(match);
  },
  "steps.*.when.field": dotted,
  "steps.*.run.input_from": dotted,
  "steps.*.run.outputs.*": outputKey(3),
  "steps.*.outputs.*": outputKey(2),
  "steps.*.source.outputs.*": outputKey(3),
  "steps.*.http.outputs.*": outputKey(3),
  "steps.*.artifacts.wrap_as": outputName(2),
  "steps.*.artifacts.named_emits.*": outputName(3),
  "policy.guards.*.step": reference("node"),
  "policy.guards.*.field": dotted,
  "fanout.groups.*": (match) => match.sink.key(match, "definition", symbolOf("group", keyOf(match), match.around)),
  "fanout.groups.*.threshold_gates.*.step": reference("node"),
  "fanout.groups.*.threshold_gates.*.field": gateField,
  "fanout.groups.*.conflict_gates.*.steps.*": reference("node"),
  "fanout.groups.*.conflict_gates.*.field": conflictField,
};

const declaredInput: Rule = (match) =>
  match.sink.key(match, "definition", symbolOf("input", keyOf(match), match.around));

/** An output of the skill as a whole, which callers read under the id of their step. */
const skillOutput: Rule = (match) =>
  match.sink.key(match, "definition", symbolOf("output", keyOf(match), match.around));

const skillOutputName: Rule = (match) =>
  match.sink.scalar(match, "definition", (name) => symbolOf("output", name, match.around));

/** Inputs of a case of an X.yaml's harness belong to the runner of the case. */
const caseRunner = (match: Match, levels: number): Belongs => ({ runner: match.beside(levels, "runner") });

/** Rules of a SKILL.md beside those of its graph, and of one runner of an X.yaml. */
export const skillRules: Rules = {
  "inputs.*": declaredInput,
  "outputs.*": skillOutput,
  "source.outputs.*": skillOutput,
  "artifacts.wrap_as": skillOutputName,
  "artifacts.named_emits.*": skillOutputName,
  "runx.artifacts.wrap_as": skillOutputName,
  "runx.artifacts.named_emits.*": skillOutputName,
  ...actRules,
};

/** Rules of an X.yaml beside those of its runners. */
export const manifestRules: Rules = {
  "runners.*": (match) => match.sink.key(match, "definition", symbolOf("runner", keyOf(match))),
  "harness.cases.*.runner": reference("runner"),
  "harness.cases.*.inputs.*": (match) =>
    match.sink.key(match, "reference", symbolOf("input", keyOf(match), caseRunner(match, 2))),
  "harness.cases.*.expect.steps.*": (match) =>
    match.sink.scalar(match, "reference", (name) => symbolOf("node", name, caseRunner(match, 3))),
};

/** Rules of a harness.yaml; what is around is its `target`. */
export const harnessRules: Rules = {
  runner: (match) =>
    match.sink.scalar(match, "reference", (name) => symbolOf("runner", name, { home: match.around.home ?? null })),
  "inputs.*": (match) => match.sink.key(match, "reference", symbolOf("input", keyOf(match), match.around)),
  "expect.steps.*": reference("node"),
};

/** A stage by its number; a file that is being typed may name one that is not there. */
const stageIndex: Rule = (match) => {
  const { text, path } = match.element;
  if (text === null || !/^[0-9]{1,9}$/.test(text) || path.at(-1) === "count") return;
  const stage = match.sink.live.source.element(["single_ring", "stages", Number(text), "id"]);
  const name = stage?.text ?? null;
  if (name !== null) match.sink.part(match, "reference", "index", 0, text.length, symbolOf("node", name));
};

/** Rules of a pipeline. */
export const pipelineRules: Rules = {
  "single_ring.stages.*.id": definition("node"),
  "single_ring.stages.*.depends_on.*": stageIndex,
};

/** The node before the number of a child's run: `each@2[0]/load` is the node `load` below `each`. */
const framed = /^([^@[\]/]+)(?:@[0-9]+(?:\.[0-9]+)?)?\[(?:[0-9]+:)?[0-9]+\]\//;

/** The node of this document that a name means; null for one that only a child can have. */
function ownNode(name: string): string | null {
  return name.includes("/") ? (framed.exec(name)?.[1] ?? null) : name;
}

/** A key that is a node's id; of one with a slash, which names a node of a child, the node that runs the child. */
const nodeKey: Rule = (match) => {
  const name = ownNode(keyOf(match));
  if (name !== null) match.sink.key(match, "reference", symbolOf("node", name, match.around));
};

/** As {@link nodeKey} for a value. */
const nodeValue: Rule = (match) => {
  const { text } = match.element;
  const name = text === null ? null : ownNode(text);
  if (name === null || name === text) return reference("node")(match);
  match.sink.part(match, "reference", "segment", 0, name.length, symbolOf("node", name, match.around));
};

/** A key of the payload is an input where a skill is tested; else nobody declares it. */
const payloadKey: Rule = (match) => {
  if (!/(?:^|[/\\])(?:x\.ya?ml|skill\.md)$/i.test(match.around.home?.text ?? "")) return;
  match.sink.key(match, "reference", symbolOf("input", keyOf(match), match.around));
};

const nodeLabel =
  (levels: number): Rule =>
  (match) => {
    const owner = String(match.up(levels)?.path.at(-1) ?? "");
    match.sink.scalar(match, "reference", (name) => symbolOf("label", name, { ...match.around, owner }));
  };

/** Rules of a fixture.toml; what is around is its document. */
export const fixtureRules: Rules = {
  start: (match) => {
    const manifest = match.around.runner !== undefined;
    const belongs = { home: match.around.home ?? null };
    match.sink.scalar(match, "reference", (name) => symbolOf(manifest ? "runner" : "start", name, belongs));
  },
  "trigger.payload.*": payloadKey,
  "assume.*": (match) => {
    nodeKey(match);
    nodeLabel(0)(match);
  },
  "mocks.effects.*.node": nodeValue,
  "answers.*": nodeKey,
  "expected.last_node": reference("node"),
  "expected.path.*": reference("node"),
  "expected.outputs.*": dottedKey,
  "expected.branches.*": (match) => {
    nodeKey(match);
    nodeLabel(0)(match);
  },
  "expected.branches.*.*": nodeLabel(1),
};
