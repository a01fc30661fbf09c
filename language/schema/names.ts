/**
 * What the string at a place names, beyond the roles that schemas give: nodes, starts, secrets and the like. One table for
 * each sort of document; `*` stands for any key or number.
 */
import { actInputKeys, actWords } from "../../src/graph/act.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import { perObject } from "../../src/graph/memo.ts";

/** What a string, or a key of a map, names. */
export type Named =
  | "node"
  | "kind"
  | "start"
  | "child-start"
  | "label"
  | "secret"
  | "server"
  | "tool"
  | "backend"
  | "auth"
  | "group"
  | "runner"
  | "child-runner"
  | "env"
  | "command"
  | "http-method"
  | "watch-event"
  | "loop-tool"
  | "file"
  | "schema"
  | "document"
  | "rego"
  | "skill"
  | "stage-key"
  | "stage-index"
  | "reference"
  | "binding"
  | "input"
  | "act-word"
  | "code";

/** A row: a path, what its value names, and what the keys of the table there name. */
interface Row {
  readonly path: readonly string[];
  readonly value?: Named;
  readonly keys?: Named;
}

const row = (path: string, value: Named): Row => ({ path: path.split(" "), value });
const keys = (path: string, named: Named): Row => ({ path: path.split(" "), keys: named });

const workflow: readonly Row[] = [
  row("nodes * type", "kind"),
  row("nodes * start", "child-start"),
  row("nodes * branches * start", "child-start"),
  row("nodes * server", "server"),
  row("nodes * tool", "tool"),
  row("nodes * backend", "backend"),
  row("nodes * method", "http-method"),
  row("nodes * key", "env"),
  row("nodes * command", "command"),
  row("nodes * tools *", "loop-tool"),
  row("edges * from", "node"),
  row("edges * to", "node"),
  row("edges * when", "label"),
  row("start_nodes * entry_node", "node"),
  row("triggers * start_node", "start"),
  row("triggers * server", "server"),
  row("triggers * events *", "watch-event"),
  row("triggers * path", "file"),
  row("http_routes * start_node", "start"),
  row("http_routes * auth", "auth"),
  row("http_routes * method", "http-method"),
  row("http_routes * input_schema", "schema"),
  row("mcp_servers * env *", "secret"),
  row("intelligence backends * api_key_env", "secret"),
  row("auth bearer * tokens_env", "secret"),
  row("auth basic * credentials_env", "secret"),
  row("auth hmac * secret_env", "secret"),
  row("auth oidc * jwks_file", "file"),
  row("secrets * client_id_env", "secret"),
  row("secrets * client_secret_env", "secret"),
  row("secrets * path", "file"),
  row("server tls cert_file", "file"),
  row("server tls key_file", "file"),
  row("server tls client_auth ca_file", "file"),
  row("signing public_key_file", "file"),
  row("policy rego file", "rego"),
  row("policy mcp servers *", "server"),
  row("policy http methods *", "http-method"),
];

/** The keys of an act, wherever it may stand. */
const acts: readonly Row[] = ["source act", "runners * act", "runners * source act"].flatMap((act) => [
  row(`${act} reason_step`, "node"),
  row(`${act} effect_step`, "node"),
  ...actInputKeys.map((key) => row(`${act} ${key}`, "input")),
  ...Object.keys(actWords).map((key) => row(`${act} ${key}`, "act-word")),
]);

const skill: readonly Row[] = [
  row("steps * skill", "skill"),
  row("steps * runner", "child-runner"),
  row("steps * context_skills *", "skill"),
  row("steps * fanout_group", "group"),
  row("steps * when field", "reference"),
  row("steps * run key", "stage-key"),
  row("steps * run method", "http-method"),
  row("steps * http method", "http-method"),
  row("steps * source method", "http-method"),
  row("steps * inputs *", "binding"),
  keys("fanout groups", "group"),
  row("fanout groups * threshold_gates * step", "node"),
  row("fanout groups * conflict_gates * steps *", "node"),
  row("policy guards * step", "node"),
  row("policy guards * field", "reference"),
  row("runners * context_skills *", "skill"),
  row("runners * method", "http-method"),
  row("runners * source method", "http-method"),
  row("source method", "http-method"),
  row("harness cases * runner", "runner"),
  ...acts,
];

const pipeline: readonly Row[] = [
  row("single_ring stages * stage", "stage-key"),
  row("single_ring stages * depends_on *", "stage-index"),
];

const fixture: readonly Row[] = [
  row("start", "start"),
  row("document", "document"),
  row("expected last_node", "node"),
  row("expected path *", "node"),
  keys("expected branches", "node"),
  row("expected branches *", "label"),
  keys("expected outputs", "reference"),
  keys("answers", "node"),
  keys("assume", "node"),
  row("assume *", "label"),
  row("mocks effects * node", "node"),
];

const harness: readonly Row[] = [row("target", "document")];

const config: readonly Row[] = [
  keys("diagnostics", "code"),
  row("allow http methods *", "http-method"),
  row("state_dir", "file"),
];

function rowsOf({ what }: LiveDocument): readonly Row[] {
  switch (what.document) {
    case "graph":
      return { workflow, skill, pipeline }[what.dialect];
    case "skill":
      return skill;
    case "fixture":
      return what.dialect === "workflow" ? fixture : harness;
    case "config":
      return config;
  }
}

const isWrapped = perObject(
  ({ what, source }: LiveDocument) =>
    what.document === "graph" && what.dialect === "workflow" && source.element(["workflows"]) !== null,
);
const wrapped: DocumentPath = ["workflows", 0];
const bareRoot: DocumentPath = [];

/** Where a document's workflow begins: `["workflows", 0]` in a wrapped one. */
export function rootPath(live: LiveDocument): DocumentPath {
  return isWrapped(live) ? wrapped : bareRoot;
}

/** Where the graph begins that a path leads through: `runners.x.graph` of an X.yaml, `workflows[0]` of a wrapped workflow. */
export function graphPath(live: LiveDocument, path: DocumentPath): DocumentPath {
  if (live.what.document === "skill") {
    const index = path.findIndex((key, i) => key === "graph" && i <= 3 && (i !== 1 || path[0] === "source"));
    return index < 0 ? [] : path.slice(0, index + 1);
  }
  return rootPath(live);
}

function matches(pattern: readonly string[], path: DocumentPath): boolean {
  return pattern.length === path.length && pattern.every((key, i) => key === "*" || key === path[i]);
}

function lookup(live: LiveDocument, path: DocumentPath, side: "value" | "keys"): Named | null {
  const base = graphPath(live, path);
  const rest = path.slice(base.length);
  return rowsOf(live).find((one) => one[side] !== undefined && matches(one.path, rest))?.[side] ?? null;
}

/** What the value at a path names; null when it is just a value. */
export function namedAt(live: LiveDocument, path: DocumentPath): Named | null {
  const { what } = live;
  // `key` is a variable's name for read_env, and a stage's identity for `stage`.
  const last = path.at(-1);
  if (what.document === "graph" && what.dialect === "workflow" && (last === "key" || last === "command")) {
    const kind = live.source.element([...path.slice(0, -1), "type"])?.text;
    if (last === "key" && kind === "stage") return "stage-key";
  }
  return lookup(live, path, "value");
}

/** What the keys of the table at a path name; null when they are fields, or free. */
export function keysNamedAt(live: LiveDocument, path: DocumentPath): Named | null {
  return lookup(live, path, "keys");
}
