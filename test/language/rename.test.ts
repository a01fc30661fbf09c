import type { WorkspaceEdit } from "vscode-languageserver";
import { describe, expect, test } from "vitest";
import { everything, served } from "./harness.ts";
import { marked } from "./marks.ts";
import { applied, refusal } from "./navigation.ts";

const method = "textDocument/rename";

/** What changes, by document, when the name at the cursor gets another. */
async function rename(
  name: string,
  source: string,
  newName: string,
  files: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, string>>> {
  const s = await served(files);
  const d = s.open(name, source);
  const edit = await s.request<WorkspaceEdit>(method, { ...d.at(), newName });
  return applied(edit, { ...files, [name]: marked(source).text });
}

/** The sentence with which renaming is refused. */
async function refused(
  name: string,
  source: string,
  newName: string,
  files: Record<string, string> = {},
): Promise<string> {
  const s = await served(files);
  const d = s.open(name, source);
  return refusal(s, method, { ...d.at(), newName });
}

const workflow = `name = "w" # load
[[start_nodes]]
name = "main"
source = "http"
entry_node = "load"
[[http_routes]]
method = "POST"
path = "/load"
start_node = "main"
auth = "bearer:ci"
[auth.bearer.ci]
tokens_env = "TOKENS"
[[secrets]]
name = "TOKENS"
source = "env"
var = "TOKENS"
[[mcp_servers]]
name = "files"
command = ["files"]
env = { TOKENS = "TOKENS" }
[[intelligence.backends]]
name = "big"
provider = "openai"
model = "big"
api_key_env = 'TOKENS'
[[nodes]]
id = "load"
type = "read_file"
path_from = "trigger.load"
[[nodes]]
id = 'post'
type = "http_request"
method = "POST"
url_from = "load.content"
headers = { A = "load {{ secret:TOKENS }}" }
idempotency_key = "{{load.load}}-{{ load }}"
[[nodes]]
id = "t"
type = "call_mcp_tool"
tool = "files"
server = "files"
[[nodes]]
id = "q"
type = "agent_loop"
backend = "big"
instructions = "load"
tools = []
max_steps = 1
[[edges]]
from = "load"
to = 'post'
`;

/** The cursor in front of the n-th place of a text. */
function cursorAt(text: string, word: string, nth = 1): string {
  let at = -1;
  for (let i = 0; i < nth; i++) at = text.indexOf(word, at + 1);
  return `${text.slice(0, at)}‹|›${text.slice(at)}`;
}

describe("workflow", () => {
  test("a node in edges, starts, references and templates, and nothing that only looks like it", async () => {
    const made = await rename("w.toml", cursorAt(workflow, 'load"\ntype').replace("id = ‹|›", "id = ‹|›"), "fetch");
    expect(made["w.toml"]).toBe(
      workflow
        .replace('entry_node = "load"', 'entry_node = "fetch"')
        .replace('id = "load"', 'id = "fetch"')
        .replace('url_from = "load.content"', 'url_from = "fetch.content"')
        .replace('"{{load.load}}-{{ load }}"', '"{{fetch.load}}-{{ fetch }}"')
        .replace('from = "load"', 'from = "fetch"'),
    );
  });

  test("a secret with all that reads it", async () => {
    const made = await rename("w.toml", cursorAt(workflow, 'TOKENS"\nsource'), "KEY");
    expect(made["w.toml"]).toBe(
      workflow
        .replace('tokens_env = "TOKENS"', 'tokens_env = "KEY"')
        .replace('name = "TOKENS"', 'name = "KEY"')
        .replace('{ TOKENS = "TOKENS" }', '{ TOKENS = "KEY" }')
        .replace("'TOKENS'", "'KEY'")
        .replace("secret:TOKENS", "secret:KEY"),
    );
  });

  test("a server, a backend, an auth binding", async () => {
    const server = await rename("w.toml", cursorAt(workflow, 'files"\ncommand'), "disk");
    expect(server["w.toml"]).toBe(
      workflow.replace('name = "files"', 'name = "disk"').replace('server = "files"', 'server = "disk"'),
    );
    const backend = await rename("w.toml", cursorAt(workflow, 'big"\ninstructions'), "large");
    expect(backend["w.toml"]).toBe(
      workflow.replace('name = "big"', 'name = "large"').replace('backend = "big"', 'backend = "large"'),
    );
    const auth = await rename("w.toml", cursorAt(workflow, 'ci"\n'), "build agents");
    expect(auth["w.toml"]).toBe(
      workflow.replace("bearer:ci", "bearer:build agents").replace("[auth.bearer.ci]", '[auth.bearer."build agents"]'),
    );
  });

  test("the quotes of each place decide how a name is written", async () => {
    const made = await rename("w.toml", cursorAt(workflow, "post'\ntype"), 'it\'s "p"');
    expect(made["w.toml"]).toBe(
      workflow.replace("id = 'post'", 'id = "it\'s \\"p\\""').replace("to = 'post'", 'to = "it\'s \\"p\\""'),
    );
  });

  test("the wrapped form, inline tables and text with errors", async () => {
    const text = `[[workflows]]
name = "w"
nodes = [{ id = "a", type = "merge" }, { id = "b", type = "parse_json", input_from = "a.x" }]
edges = [{ from = "a", to = "b" }]
[workflows.budget]
max_llm_tokens =
`;
    const made = await rename("w.toml", cursorAt(text, 'a", type'), "z");
    expect(made["w.toml"]).toBe(text.replaceAll('"a"', '"z"').replace('"a.x"', '"z.x"'));
  });

  test("fixtures and parents follow", async () => {
    const files = {
      "t/fixture.toml": `document = "../w.toml"\nstart = "main"\n[answers]\nload = "approved"\n[expected]\nlast_node = "load"\npath = ["load", 'post']\n[expected.outputs]\n"load.content" = "load"\nload.x = 1\n[expected.branches]\nload = ["load"]\n`,
      "p.toml": `name = "p"\n[[nodes]]\nid = "load"\ntype = "call"\nworkflow = "w.toml"\nstart = "main"\n`,
    };
    const node = await rename("w.toml", cursorAt(workflow, 'load"\n\[\[http'), "fetch it", files);
    expect(Object.keys(node).sort()).toEqual(["t/fixture.toml", "w.toml"]);
    expect(node["t/fixture.toml"]).toBe(
      `document = "../w.toml"\nstart = "main"\n[answers]\n"fetch it" = "approved"\n[expected]\nlast_node = "fetch it"\npath = ["fetch it", 'post']\n[expected.outputs]\n"fetch it.content" = "load"\n"fetch it".x = 1\n[expected.branches]\n"fetch it" = ["load"]\n`,
    );
    const start = await rename("p.toml", cursorAt(files["p.toml"], 'main"'), "go", { ...files, "w.toml": workflow });
    expect(Object.keys(start).sort()).toEqual(["p.toml", "t/fixture.toml", "w.toml"]);
    expect(start["p.toml"]).toBe(files["p.toml"].replace('"main"', '"go"'));
    expect(start["w.toml"]).toBe(workflow.replaceAll('"main"', '"go"'));
  });

  test("an open document is edited at its version, a file on disk without one", async () => {
    const s = await served({ "fixture.toml": 'document = "w.toml"\n[expected]\nlast_node = "load"\n' });
    const d = s.open("w.toml", workflow);
    d.change(cursorAt(workflow, 'load"\n\[\[http'));
    const position = marked(cursorAt(workflow, 'load"\n\[\[http')).cursor;
    const edit = await s.request<WorkspaceEdit>(method, { textDocument: { uri: d.uri }, position, newName: "x" });
    const versions = (edit.documentChanges ?? []).map((one) => ("textDocument" in one ? one.textDocument.version : -1));
    expect(versions).toEqual([2, null]);
  });

  test("a client that knows no document changes gets plain ones", async () => {
    const s = await served({}, { capabilities: { ...everything, workspace: {} } });
    const d = s.open("w.toml", cursorAt(workflow, 'big"\ninstructions'));
    const edit = await s.request<WorkspaceEdit>(method, { ...d.at(), newName: "x" });
    expect(Object.keys(edit.changes ?? {})).toEqual([d.uri]);
    expect(edit.changes?.[d.uri]).toHaveLength(2);
  });
});

describe("skill graph and pipeline", () => {
  const graph = `name: g
policy:
  guards: [{ step: ship, field: ask.data.ok, equals: true }]
fanout:
  groups:
    pair: { conflict_gates: [{ field: ok, steps: [ask, 'two'], action: pause }] }
steps:
  - id: ask
    fanout_group: pair
    run: { type: cli-tool, command: x, outputs: { ok: boolean, data: object } }
  - { id: "two", fanout_group: "pair", run: { type: cli-tool, command: x, outputs: { ok: boolean } } }
  - id: ship
    skill: ../s
    inputs: { message: "ask" }
    context:
      other: ask.data.y # ask
    when: { field: ask.ok, equals: 1 }
`;

  test("a step in guards, gates, conditions and contexts", async () => {
    const made = await rename("g/graph.yaml", cursorAt(graph, "ask.ok"), "approve");
    expect(made["g/graph.yaml"]).toBe(
      graph
        .replace("field: ask.data", "field: approve.data")
        .replace("[ask,", "[approve,")
        .replace("id: ask", "id: approve")
        .replace("other: ask.data", "other: approve.data")
        .replace("field: ask.ok", "field: approve.ok"),
    );
  });

  test("a name that plain YAML cannot hold is quoted, with what stands around it", async () => {
    const made = await rename("g/graph.yaml", cursorAt(graph, "ask.ok"), "1: #x");
    const text = made["g/graph.yaml"] ?? "";
    expect(text).toContain('- id: "1: #x"\n');
    expect(text).toContain('other: "1: #x.data.y" # ask');
    expect(text).toContain("[\"1: #x\", 'two']");
    const quoted = await rename("g/graph.yaml", cursorAt(graph, 'two", fan'), "it's");
    expect(quoted["g/graph.yaml"]).toBe(graph.replace("'two'", "'it''s'").replace('"two"', `"it's"`));
  });

  test("a word of YAML is quoted as a whole name and plain as a part", async () => {
    const made = await rename("g/graph.yaml", cursorAt(graph, "ask.ok"), "no");
    expect(made["g/graph.yaml"]).toContain('id: "no"\n');
    expect(made["g/graph.yaml"]).toContain("other: no.data.y");
  });

  test("a group, an output, an input of a skill with its callers", async () => {
    const group = await rename("g/graph.yaml", cursorAt(graph, "pair\n"), "both");
    expect(group["g/graph.yaml"]).toBe(graph.replaceAll("pair", "both"));
    const output = await rename("g/graph.yaml", cursorAt(graph, "data: object"), "facts");
    expect(output["g/graph.yaml"]).toBe(
      graph
        .replace("ask.data.ok", "ask.facts.ok")
        .replace("data: object", "facts: object")
        .replace("ask.data.y", "ask.facts.y"),
    );
    const skill =
      "---\nname: s\nsource: { type: cli-tool, command: x, args: ['{{message}}'] }\ninputs:\n  message: {}\n---\n{{message}}\n";
    const input = await rename("s/SKILL.md", cursorAt(skill, "message: {}"), "text", { "g/graph.yaml": graph });
    expect(input).toEqual({
      "s/SKILL.md": skill.replace("'{{message}}'", "'{{text}}'").replace("message: {}", "text: {}"),
      "g/graph.yaml": graph.replace("message:", "text:"),
    });
  });

  test("a stage; its number stays", async () => {
    const spec =
      "v=1\nmodel=single_ring\nsingle_ring.stages.0.id=a\nsingle_ring.stages.1.id=b\nsingle_ring.stages.1.depends_on.0=0\n";
    const made = await rename("spec.kv", spec.replace("on.0=0", "on.0=‹|›0"), "first = one", {
      "fixture.toml": 'document = "spec.kv"\n[expected]\npath = ["a"]\n',
    });
    expect(made["spec.kv"]).toBe(spec.replace("id=a", "id=first = one"));
    expect(made["fixture.toml"]).toContain('path = ["first = one"]');
  });

  test("a runner with the graphs and tests that name it", async () => {
    const manifest =
      "skill: s\nrunners:\n  fast: { type: cli-tool, command: x }\nharness:\n  cases: [{ name: c, runner: fast }]\n";
    const caller = "name: g\nsteps:\n  - id: fast\n    skill: ../s\n    runner: fast\n";
    const made = await rename("s/X.yaml", cursorAt(manifest, "fast:"), "quick", { "g/graph.yaml": caller });
    expect(made).toEqual({
      "s/X.yaml": manifest.replaceAll("fast", "quick"),
      "g/graph.yaml": caller.replace("runner: fast", "runner: quick"),
    });
  });
});

describe("what is refused, with a sentence", () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    ["the trigger", cursorAt(workflow, "trigger."), "x", "`trigger` is reserved: it stands for what started the run."],
    ["a name that is taken", cursorAt(workflow, 'load"\ntype'), "post", "There is already a node `post` (line 31)."],
    [
      "a name with a dot",
      cursorAt(workflow, 'load"\ntype'),
      "a.b",
      "A node's name cannot hold `.`: references and templates could not hold it.",
    ],
    [
      "the reserved name",
      cursorAt(workflow, 'load"\ntype'),
      "trigger",
      "`trigger` is reserved: it stands for what started the run.",
    ],
    ["no name", cursorAt(workflow, 'load"\ntype'), "", "A node needs a name."],
    [
      "a line break",
      cursorAt(workflow, 'load"\ntype'),
      "a\nb",
      "A name cannot hold line breaks or control characters.",
    ],
    ["outer space", cursorAt(workflow, 'load"\ntype'), " a", "A name cannot begin or end with a space."],
    [
      "a field of an output",
      cursorAt(workflow, 'content"'),
      "x",
      "`content` comes from outside: no document gives the output of `load` that name.",
    ],
    [
      "a secret with braces",
      cursorAt(workflow, 'TOKENS"\nsource'),
      "a}}",
      "A secret's name cannot hold `}`: `{{secret:…}}` could not hold it.",
    ],
    [
      "the reserved backend",
      cursorAt(workflow, 'big"\nprovider'),
      "default",
      "`default` is reserved for the backend of the command line.",
    ],
  ];
  test.each(cases)("%s", async (_, source, newName, sentence) => {
    expect(await refused("w.toml", source, newName)).toBe(sentence);
  });

  test("names from outside", async () => {
    const env = workflow.replace('[[secrets]]\nname = "TOKENS"\nsource = "env"\nvar = "TOKENS"\n', "");
    expect(await refused("w.toml", cursorAt(env, 'TOKENS"\n[['), "X")).toBe(
      "`TOKENS` is not declared in `[[secrets]]`: it is the name of an environment variable.",
    );
    const gone = 'document = "gone.toml"\n[expected]\nlast_node = "‹|›a"\n';
    expect(await refused("fixture.toml", gone, "b")).toBe("`a` is defined in `gone.toml`, which cannot be found.");
    const dangling = cursorAt(workflow.replace("to = 'post'", "to = 'nobody'"), "nobody");
    expect(await refused("w.toml", dangling, "b")).toBe(
      "There is no node `nobody` that could be renamed: its name comes from outside, or it is missing.",
    );
  });

  test("a label, and a name that is spelled by leaving it out", async () => {
    const label = `${workflow}when = "‹|›error"\n`;
    expect(await refused("w.toml", label, "x")).toBe(
      "`error` is what `load` ends with, not a name that this document gives.",
    );
    const implied = workflow.replace("bearer:ci", "bearer").replace("bearer.ci", "bearer.default");
    expect(await refused("w.toml", cursorAt(implied, "default]"), "x")).toBe(
      "`bearer` alone means `bearer:default`: write that on line 10 first.",
    );
  });

  test("a name that a dangling reference already means", async () => {
    const text = workflow.replace("to = 'post'", "to = 'soon'");
    expect(await refused("w.toml", cursorAt(text, 'load"\ntype'), "soon")).toMatch(
      /^`soon` is already meant on line \d+/,
    );
  });

  test("a field that a gate compares between steps, a reserved output, an input with a dash", async () => {
    const graph = `name: g
fanout:
  groups:
    p: { conflict_gates: [{ field: ok, steps: [a, b], action: pause }] }
steps:
  - { id: a, fanout_group: p, run: { type: cli-tool, command: x, outputs: { ok: boolean, more: string } }, inputs: { k: 1 } }
  - { id: b, fanout_group: p, run: { type: cli-tool, command: x, outputs: { ok: boolean } } }
`;
    expect(await refused("graph.yaml", cursorAt(graph, "ok: boolean"), "x")).toBe(
      "`ok` on line 4 is compared between several steps, so it cannot be renamed in one.",
    );
    expect(await refused("graph.yaml", cursorAt(graph, "more:"), "stdout")).toBe(
      "`stdout` is reserved: every step has it.",
    );
    expect(await refused("graph.yaml", cursorAt(graph, "k: 1"), "a-b")).toBe(
      "An input's name consists of letters, digits and underscores.",
    );
  });

  test("preparing says so before anybody types", async () => {
    const s = await served();
    const d = s.open("w.toml", cursorAt(workflow, "trigger."));
    expect(await refusal(s, "textDocument/prepareRename", d.at())).toContain("reserved");
    const e = s.open("x.toml", cursorAt(workflow, 'load"\ntype'));
    expect(await s.request("textDocument/prepareRename", e.at())).toEqual({
      range: { start: e.cursor, end: { line: e.cursor.line, character: e.cursor.character + 4 } },
      placeholder: "load",
    });
    const f = s.open("y.toml", workflow.replace("# load", "# lo‹|›ad"));
    expect(await s.request("textDocument/prepareRename", f.at())).toBeNull();
  });
});

describe("acts and tests", () => {
  const acts = `skill: acts
runners:
  main:
    source:
      type: graph
      act:
        purpose_from: why
        reason_step: look
        reason_from: verdict
        effect_step: act
        effect_from: id
      graph:
        name: inner
        steps:
          - id: look
            run: { type: agent-task, outputs: { verdict: string } }
          - id: act
            run: { type: cli-tool, command: node }
            context: { v: look.verdict }
    inputs:
      why: { type: string }
  flat:
    type: cli-tool
    command: node
    act: { purpose_from: why, reason_from: verdict }
    outputs: { verdict: string }
    inputs:
      why: { type: string }
`;
  const aTest = `document = "X.yaml"
start = "main"
[trigger.payload]
why = "x"
[[mocks.effects]]
node = "look"
kind = "model.call"
result = { verdict = "yes" }
[expected]
status = "completed"
`;

  test("an act names steps, inputs and outputs of its own runner", async () => {
    const files = { "fixture.toml": aTest };
    const step = await rename("X.yaml", cursorAt(acts, "look\n            run"), "see", files);
    expect(step["X.yaml"]).toBe(
      acts
        .replace("reason_step: look", "reason_step: see")
        .replace("id: look", "id: see")
        .replace("look.verdict", "see.verdict"),
    );
    expect(step["fixture.toml"]).toBe(aTest.replace('"look"', '"see"'));
    const effect = await rename("X.yaml", cursorAt(acts, "act\n        effect_from"), "publish");
    expect(effect["X.yaml"]).toBe(
      acts.replace("effect_step: act", "effect_step: publish").replace("- id: act", "- id: publish"),
    );
    const input = await rename("X.yaml", cursorAt(acts, "why\n        reason_step"), "because", files);
    expect(input["X.yaml"]).toBe(
      acts.replace("purpose_from: why", "purpose_from: because").replace("why: {", "because: {"),
    );
    expect(input["fixture.toml"]).toBe(aTest.replace("why =", "because ="));
    const output = await rename("X.yaml", cursorAt(acts, "verdict: string"), "ruling");
    expect(output["X.yaml"]).toBe(
      acts
        .replace("reason_from: verdict", "reason_from: ruling")
        .replace("outputs: { verdict", "outputs: { ruling")
        .replace("look.verdict", "look.ruling"),
    );
    const own = await rename("X.yaml", cursorAt(acts, "verdict }\n    outputs"), "ruling");
    expect(own["X.yaml"]).toBe(
      acts
        .replace("reason_from: verdict }", "reason_from: ruling }")
        .replace("{ verdict: string }\n    inputs", "{ ruling: string }\n    inputs"),
    );
  });

  test("a test names nodes where it assumes, answers and mocks, also before what is in a child", async () => {
    const text = `name = "w"
start_nodes = [{ name = "main", source = "manual", entry_node = "each" }]
nodes = [{ id = "each", type = "call", workflow = "c.toml" }, { id = "gate", type = "condition", expr = "each" }]
edges = [{ from = "each", to = "gate" }]
`;
    const fixture = `document = "w.toml"
start = "main"
dry_run = true
[assume]
gate = "true"
"each[0]/gate" = "false"
"each@2.3[1:0]/each[0]/gate" = "false"
[[mocks.effects]]
node = "each[0]/load"
kind = "fs.read"
[[mocks.effects]]
node = "each"
kind = "fs.read"
[expected]
status = "completed"
`;
    const each = await rename("w.toml", cursorAt(text, 'each", type'), "many", { "fixture.toml": fixture });
    expect(each["fixture.toml"]).toBe(
      fixture
        .replace('"each[0]/gate"', '"many[0]/gate"')
        .replace('"each@2.3', '"many@2.3')
        .replace('"each[0]/load"', '"many[0]/load"')
        .replace('node = "each"', 'node = "many"'),
    );
    const gate = await rename("w.toml", cursorAt(text, 'gate", type'), "door", { "fixture.toml": fixture });
    expect(gate["fixture.toml"]).toBe(fixture.replace('gate = "true"', 'door = "true"'));
  });

  test("a payload's keys are no names where a workflow is tested", async () => {
    const fixture =
      'document = "w.toml"\nstart = "main"\n[trigger.payload]\npa‹|›th = "x"\n[expected]\nstatus = "completed"\n';
    expect(await refused("fixture.toml", fixture, "b", { "w.toml": workflow })).toBe(
      "There is no name here that could be renamed.",
    );
  });
});
