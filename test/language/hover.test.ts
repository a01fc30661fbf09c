/** Hover: what is shown, and of which stretch of the text. `‹text›` marks the stretch, `‹|›` in it the cursor. */
import { describe, expect, test } from "vitest";
import type { Hover } from "vscode-languageserver";
import { served } from "./harness.ts";

/** What is shown at the cursor; the marked stretch must be its range. */
async function hover(
  name: string,
  source: string,
  files: Readonly<Record<string, string>> = {},
  markdown = true,
): Promise<string> {
  const server = await served(files, markdown ? {} : { capabilities: {} });
  const document = server.open(name, source);
  const shown = await server.request<Hover | null>("textDocument/hover", document.at());
  if (shown === null) return "";
  const wanted = [...document.ranges.values()][0]?.[0];
  if (wanted !== undefined) expect(shown.range).toEqual(wanted);
  if (typeof shown.contents !== "object" || !("value" in shown.contents)) throw new Error("no contents");
  expect("kind" in shown.contents ? shown.contents.kind : null).toBe(markdown ? "markdown" : "plaintext");
  return shown.contents.value;
}

const head = `name = "x"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "load"
`;
const load = `
[[nodes]]
id = "load"
type = "read_file"
path_from = "trigger.path"
`;

describe("a node of a workflow", () => {
  const text = `${head}
[[nodes]]
id = "‹lo‹|›ad›"
type = "shell_run"
command = "/bin/true"
retry = { max_attempts = 3 }
on_error = "branch"

[policy.shell]
commands = ["/opt/*"]
`;
  test("shows its kind, fields, output, effects with their decision, retry and errors", async () => {
    const shown = await hover("a.toml", text);
    expect(shown).toMatch(/^\*\*load\*\* — `shell_run` · Run a local program/);
    expect(shown).toContain('- `command`: `"/bin/true"`');
    expect(shown).toContain("exit_code: integer;");
    expect(shown).toContain("- `shell.run` `/bin/true` — **denied**:");
    expect(shown).toContain("Tried at most 3 times");
    expect(shown).toContain("A hard error leads to the label `error`.");
    expect(shown).toContain("There is no shell");
  });
  test("is shown on its header, its kind and where it is named", async () => {
    expect(await hover("a.toml", `${head}\n‹[‹|›[nodes]]›\nid = "a"\ntype = "merge"\n`)).toContain("**a** — `merge`");
    expect(await hover("a.toml", `${head}\n[[nodes]]\nid = "a"\ntype = "‹mer‹|›ge›"\n`)).toContain("**a** — `merge`");
    expect(await hover("a.toml", `${head.replace('"load"', '"‹lo‹|›ad›"')}${load}`)).toContain(
      "**load** — `read_file`",
    );
    const inline = `name = "x"\nnodes = [{ id = "‹a‹|››", type = "merge" }]\n`;
    expect(await hover("a.toml", inline)).toContain("**a** — `merge`");
    const wrapped = `[[workflows]]\nname = "x"\n[[workflows.nodes]]\nid = "‹a‹|››"\ntype = "merge"\n`;
    expect(await hover("a.toml", wrapped)).toContain("**a** — `merge`");
  });
  test("is plain text for a client that shows no Markdown", async () => {
    const shown = await hover("a.toml", text, {}, false);
    expect(shown).toMatch(/^load — shell_run · Run a local program/);
    expect(shown).not.toMatch(/[`]|\*\*/);
  });
  test("is shown as far as it can be made out while it is typed", async () => {
    expect(await hover("a.toml", `${head}\n[[nodes]]\nid = "‹a‹|››"\ntype = "rea\n`)).toContain("**a**");
  });
});

describe("references", () => {
  const reader = (from: string): string =>
    `${head}${load}
[[nodes]]
id = "gate"
type = "condition"
expr = "load.content"

[[nodes]]
id = "side"
type = "parse_json"
input_from = "load.content"

[[nodes]]
id = "show"
type = "template_render"
${from}

[[edges]]
from = "load"
to = "gate"
[[edges]]
from = "gate"
to = "side"
when = "true"
[[edges]]
from = "gate"
to = "show"
when = "false"
[[edges]]
from = "side"
to = "show"
`;
  test("show the type up to the cursor's segment and where it comes from", async () => {
    const whole = await hover("a.toml", reader('template = "x"\ninput_from = "‹load.con‹|›tent›"'));
    expect(whole).toContain("load.content: string");
    expect(whole).toContain("from **load** (`read_file`)");
    expect(whole).not.toContain("⚠");
    const part = await hover("a.toml", reader('template = "x"\ninput_from = "‹lo‹|›ad›.content"'));
    expect(part).toContain("load: {");
  });
  test("say on which walk the value is not there", async () => {
    const shown = await hover("a.toml", reader('template = "x"\ninput_from = "‹side.par‹|›sed›"'));
    expect(shown).toContain(
      "`side` may not have run on the walk `load` → `gate` → `show`: the run then ends with an error.",
    );
  });
  test("of markers are relative to the node's input", async () => {
    const shown = await hover("a.toml", reader('template = "Hi ‹{{con‹|›tent}}›"\ninput_from = "load"'));
    expect(shown).toContain("{{content}}: string");
    expect(shown).toContain("relative to `load`");
  });
  test("that lead nowhere say so", async () => {
    expect(await hover("a.toml", reader('template = "x"\ninput_from = "‹lod.x‹|››"'))).toContain(
      "there is no node `lod`",
    );
    expect(await hover("a.toml", reader('template = "x"\ninput_from = "‹load.x‹|››"'))).toContain("there is no `x`");
  });
});

describe("edges, fields and names", () => {
  const edges = `${head}${load}\n[[nodes]]\nid = "gate"\ntype = "condition"\nexpr = "load"\n`;
  test("an edge says when and how often it is taken", async () => {
    const shown = await hover(
      "a.toml",
      `${edges}\n‹[[ed‹|›ges]]›\nfrom = "gate"\nto = "load"\nwhen = "true"\nmax_iterations = 3\n`,
    );
    expect(shown).toContain("`gate` → `load` when `true`");
    expect(shown).toContain("Taken when `gate` ends with the label `true`.");
    expect(shown).toContain("at most 3 times");
    const never = await hover("a.toml", `${edges}\n[[edges]]\nfrom = "gate"\nto = "load"\nwhen = "‹may‹|›be›"\n`);
    expect(never).toContain("⚠ Never taken");
  });
  test("a field says its type, default and whether it must be there", async () => {
    expect(await hover("a.toml", `${edges}‹on_e‹|›rror› = "stop"\n`)).toContain('default `"stop"`');
    expect(await hover("a.toml", `${edges}retry = { ‹max_at‹|›tempts› = 2 }\n`)).toContain("_integer · required_");
  });
  test("a start, a secret, a server, a backend and a policy entry are explained; no value is shown", async () => {
    const declared = `
[[http_routes]]
method = "GET"
path = "/go"
start_node = "main"
[[secrets]]
name = "TOK"
source = "env"
var = "MY_VAR"
[[mcp_servers]]
name = "files"
command = ["/bin/x"]
allow_tools = ["read"]
[[intelligence.backends]]
name = "big"
provider = "openai"
model = "m1"
api_key_env = "TOK"
`;
    const at = (mark: string, from: string): Promise<string> =>
      hover("a.toml", `${edges}${declared}`.replace(from, mark));
    expect(await at('start_node = "‹ma‹|›in›"', 'start_node = "main"')).toContain("begun by `GET /go`");
    const secret = await at('api_key_env = "‹T‹|›OK›"', 'api_key_env = "TOK"');
    expect(secret).toContain("from the environment variable `MY_VAR`");
    expect(await at('name = "‹fi‹|›les›"', 'name = "files"')).toContain("Tools: `read`");
    expect(await at('name = "‹b‹|›ig›"', 'name = "big"')).toContain("`m1` of openai");
    const policy = `${edges}\n[policy.fs]\nread = ["‹/da‹|›ta/**›"]\n`;
    expect(await hover("a.toml", policy)).toContain("Everything below `/data`, at any depth.");
    const header = `${edges}\n[[nodes]]\nid = "h"\ntype = "http_request"\nmethod = "GET"\nurl_from = "load.path"\nheaders = { A = "‹{{secret:T‹|›OK}}›" }\n${declared}`;
    expect(await hover("a.toml", header)).toContain("secret **TOK**");
  });
  test("files say what they are and how they are entered", async () => {
    const files = {
      "child.toml": `${head}${load}`,
      "s.json": '{"title":"T","type":"object","properties":{"a":{"type":"string"}}}',
    };
    const call = `${edges}\n[[nodes]]\nid = "c"\ntype = "call"\nworkflow = "‹chi‹|›ld.toml›"\n`;
    expect(await hover("a.toml", call, files)).toContain("- start `main` → `load`");
    const start = `${edges}\n[[nodes]]\nid = "c"\ntype = "call"\nworkflow = "child.toml"\nstart = "‹ma‹|›in›"\n`;
    expect(await hover("a.toml", start, files)).toContain("start **main**");
    const schema = `${edges}\n[[nodes]]\nid = "m"\ntype = "llm_infer"\nbackend = "default"\nprompt = "x"\noutput_schema = "‹s.j‹|›son›"\n`;
    expect(await hover("a.toml", schema, files)).toContain("{ a: string; … }");
  });
  test("codes are explained in comments and in the configuration", async () => {
    expect(await hover("a.toml", `${edges}# countersign: ignore ‹no_po‹|›licy›\n`)).toContain(
      "**no_policy** (warning)",
    );
    expect(await hover("a.toml", `${edges}# a comment about no_po‹|›licy\n`)).toBe("");
    expect(await hover("countersign.toml", '[diagnostics]\n‹no_po‹|›licy› = "off"\n')).toContain("**no_policy**");
    expect(await hover("countersign.toml", '‹environ‹|›ment› = "dev"\n')).toContain("How strict effects are taken");
  });
  test("a fixture speaks of its document", async () => {
    const files = { "workflow.toml": `${head}${load}` };
    expect(await hover("fixture.toml", '[expected]\nlast_node = "‹lo‹|›ad›"\n', files)).toContain(
      "**load** — `read_file`",
    );
    expect(await hover("fixture.toml", 'start = "‹ma‹|›in›"\n', files)).toContain("start **main** (manual)");
  });
});

describe("skill graphs", () => {
  const skills = {
    "skills/hello/SKILL.md":
      "---\nname: hello\ndescription: Says hello.\ninputs:\n  message: { required: true }\nsource:\n  type: cli-tool\n  command: node\n  outputs: { greeting: string }\n---\n",
  };
  const graph = (mark: string, from: string): string =>
    `name: x
fanout:
  groups:
    g: { strategy: any }
steps:
  - id: first
    skill: skills/hello
    inputs: { message: hi }
  - id: second
    mode: fanout
    fanout_group: g
    run: { type: cli-tool, command: node, args: ['{{m}}'] }
    context: { m: first.greeting }
`.replace(from, mark);
  test("a step shows its kind, also of a nested skill with its outputs", async () => {
    const shown = await hover("graph.yaml", graph("id: ‹fi‹|›rst›", "id: first"), skills);
    expect(shown).toContain("**first** — `skill` · Run another skill");
    expect(shown).toContain("greeting: any;");
    expect(shown).toContain("A failure ends the graph.");
  });
  test("references, markers, skills and groups are resolved", async () => {
    expect(await hover("graph.yaml", graph("m: ‹first.gree‹|›ting›", "m: first.greeting"), skills)).toContain(
      "from **first**",
    );
    expect(await hover("graph.yaml", graph("'‹{{‹|›m}}›'", "'{{m}}'"), skills)).toContain("{{m}}: any");
    const skill = await hover("graph.yaml", graph("skill: ‹skills/h‹|›ello›", "skill: skills/hello"), skills);
    expect(skill).toContain("Says hello.");
    expect(skill).toContain("- input `message`: string, required");
    expect(await hover("graph.yaml", graph("fanout_group: ‹g‹|››", "fanout_group: g"), skills)).toContain(
      "one branch must succeed",
    );
    expect(await hover("graph.yaml", graph("‹fanout_g‹|›roup›: g", "fanout_group: g"), skills)).toContain(
      "a branch of",
    );
  });
  test("X.yaml and SKILL.md show fields and nodes", async () => {
    expect(await hover("SKILL.md", "---\nname: x\n‹desc‹|›ription›: y\n---\ntext\n")).toContain("What it is for.");
    expect(await hover("SKILL.md", "---\nname: x\n---\nte‹|›xt\n")).toBe("");
    const manifest =
      "skill: x\nrunners:\n  a:\n    type: graph\n    graph:\n      name: g\n      steps:\n        - id: ‹s‹|››\n          tool: a.b\n";
    expect(await hover("X.yaml", manifest)).toContain("**s** — `tool`");
  });
});

describe("spec.kv", () => {
  const ring =
    "v=1\nmodel=single_ring\nname=x\nsingle_ring.shards=1\nsingle_ring.ordering=strict\nsingle_ring.producer=single\nsingle_ring.scheduling=dedicated\nsingle_ring.stages.0.id=a\nsingle_ring.stages.0.stage=exec:/bin/cat|-n\nsingle_ring.stages.1.id=b\nsingle_ring.stages.1.stage=identity\nsingle_ring.stages.1.depends_on.count=1\nsingle_ring.stages.1.depends_on.0=0\n";
  test("a stage, its key and what it waits for are explained", async () => {
    expect(await hover("spec.kv", ring.replace("0.id=a", "0.id=‹a‹|››"))).toContain("**a** — `stage`");
    expect(await hover("spec.kv", ring.replace("exec:/bin/cat|-n", "‹key:exec:‹|›/bin/cat|-n›"))).toContain(
      "Starts `/bin/cat` with `-n`",
    );
    expect(await hover("spec.kv", ring.replace("on.0=0", "on.0=‹‹|›0›"))).toContain("**a** — `stage`");
    expect(await hover("spec.kv", ring.replace("ordering", "‹order‹|›ing›"))).toContain(
      "In which order items come out.",
    );
  });
});

test("what is half typed never fails", async () => {
  for (const text of [
    "http: {‹|›}",
    "run: { type: http‹|› }",
    "skill: ‹|›",
    "run: { type: cli-tool, command‹|› }",
    "tool: [‹|›]",
  ]) {
    expect(typeof (await hover("graph.yaml", `name: x\nsteps:\n  - id: a\n    ${text}\n`))).toBe("string");
  }
  expect(typeof (await hover("graph.yaml", "name: x\nsteps:\n  - id: a‹|›\n    http: {}\n"))).toBe("string");
});
