import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { occurrencesOf } from "../../language/symbols/occurrences.ts";
import { createOpenLive } from "../../src/dialects/live/open.ts";
import { definitions } from "../../src/kinds/definitions.generated.ts";

const open = createOpenLive({ kinds: definitions });

/** `line role kind name` of each name; what it belongs to behind it. */
function names(text: string, file: string): string[] {
  const live = open(text, file);
  if (live === null) throw new TypeError(`${file} is not ours`);
  return occurrencesOf(live).map(({ symbol, role, range, written, span }) => {
    const belongs = [
      symbol.owner === null ? "" : ` of ${symbol.owner}`,
      symbol.runner === null ? "" : ` in ${symbol.runner}`,
      symbol.home === null ? "" : ` from ${symbol.home.text}`,
    ].join("");
    if (written !== "index" && written !== "implied") expect(live.text.slice(...span)).toContain(symbol.name);
    return `${range.start.line + 1} ${role === "definition" ? "def" : "ref"} ${symbol.kind} ${symbol.name}${belongs}`;
  });
}

const workflow = `name = "w"
[[start_nodes]]
name = "main"
source = "http"
entry_node = "load"
[[triggers]]
type = "interval"
every = "1m"
start_node = "main"
[[http_routes]]
method = "POST"
path = "/"
start_node = "main"
auth = "bearer:ci"
[auth.bearer.ci]
tokens_env = "TOKENS"
[[secrets]]
name = "TOKENS"
source = "env"
var = "T"
[[mcp_servers]]
name = "files"
command = ["x"]
env = { KEY = "TOKENS" }
[[intelligence.backends]]
name = "big"
provider = "openai"
model = "m"
api_key_env = "TOKENS"
[[nodes]]
id = "load"
type = "read_file"
path_from = "trigger.path"
[[nodes]]
id = "post"
type = "http_request"
method = "POST"
url_from = "load.content"
headers = { A = "Bearer {{ secret:TOKENS }}" }
idempotency_key = "k-{{load.content}}"
[[nodes]]
id = "ask"
type = "llm_infer"
backend = "big"
prompt = "{{content}}"
input_from = "load"
[[nodes]]
id = "tool"
type = "call_mcp_tool"
tool = "t"
server = "files"
[[nodes]]
id = "child"
type = "call"
workflow = "c.toml"
start = "go"
[[edges]]
from = "load"
to = "post"
[[edges]]
from = "post"
to = "ask"
when = "error"
`;

describe("names of a workflow", () => {
  test("all places where a node, start, secret, server, backend, binding or label stands", () => {
    expect(names(workflow, "/w/w.toml")).toMatchInlineSnapshot(`
      [
        "3 def start main",
        "5 ref node load",
        "9 ref start main",
        "13 ref start main",
        "14 ref auth ci of bearer",
        "15 def auth ci of bearer",
        "16 ref secret TOKENS",
        "18 def secret TOKENS",
        "22 def server files",
        "24 ref secret TOKENS",
        "26 def backend big",
        "29 ref secret TOKENS",
        "31 def node load",
        "33 ref node trigger",
        "33 ref output path of trigger",
        "35 def node post",
        "38 ref node load",
        "38 ref output content of load",
        "39 ref secret TOKENS",
        "40 ref node load",
        "40 ref output content of load",
        "42 def node ask",
        "44 ref backend big",
        "46 ref node load",
        "48 def node tool",
        "51 ref server files",
        "53 def node child",
        "56 ref start go from c.toml",
        "58 ref node load",
        "59 ref node post",
        "61 ref node post",
        "62 ref node ask",
        "63 ref label error of post",
      ]
    `);
  });

  test("the wrapped form and inline tables hold the same names", () => {
    const wrapped = `[[workflows]]
name = "w"
nodes = [{ id = "a", type = "merge" }, { id = 'b', type = "parse_json", input_from = 'a.x' }]
[[workflows.edges]]
from = "a"
to = "b"
`;
    expect(names(wrapped, "/w/w.toml")).toEqual([
      "3 def node a",
      "3 def node b",
      "3 ref node a",
      "3 ref output x of a",
      "5 ref node a",
      "6 ref node b",
    ]);
  });

  test("text that is being typed keeps the names of what can be read", () => {
    const half = `name = "w"
[[nodes]]
id = "a"
type = "merge"
[[nodes]]
id = "b"
type =
[[edges]]
from = "a"
to = "
[[edges]]
from = "b"
to = "a"
`;
    const found = names(half, "/w/w.toml");
    expect(found).toEqual(expect.arrayContaining(["3 def node a", "6 def node b", "9 ref node a", "12 ref node b"]));
  });

  test("a name behind escapes has the place of what is written", () => {
    const live = open('name = "w"\n[[nodes]]\nid = "a\\u0062c"\ntype = "merge"\n', "/w/w.toml");
    const [only] = live === null ? [] : occurrencesOf(live);
    expect(only?.symbol.name).toBe("abc");
    expect(only?.span.map((at) => live?.text.slice(0, at).length)).toEqual([27, 35]);
  });
});

describe("names of a skill graph", () => {
  const graph = `name: g
policy:
  guards:
    - step: deploy
      field: ask.approval.data.approved
      equals: true
fanout:
  groups:
    review:
      strategy: all
      threshold_gates:
        - { step: style, field: score, above: 1, action: pause }
      conflict_gates:
        - { field: verdict, steps: [style, "sec"], action: pause }
steps:
  - id: style
    fanout_group: review
    run: { type: cli-tool, command: node, outputs: { score: number, verdict: string } }
  - id: sec
    fanout_group: review
    run: { type: cli-tool, command: node, args: ["{{ topic }}", "{{own}}"] }
    inputs: { own: $input.topic.name }
  - id: ask
    run: { type: approval }
    artifacts: { wrap_as: answer }
    when: { field: style.score, equals: 1 }
  - id: deploy
    skill: ../deploy
    runner: fast
    inputs: { target: x }
    context:
      parts: style.verdict
`;

  test("steps, groups, outputs, inputs and runners", () => {
    expect(names(graph, "/w/graph.yaml")).toMatchInlineSnapshot(`
      [
        "4 ref node deploy",
        "5 ref node ask",
        "5 ref output approval of ask",
        "9 def group review",
        "12 ref node style",
        "12 ref output score of style",
        "14 ref output verdict of style",
        "14 ref output verdict of sec",
        "14 ref node style",
        "14 ref node sec",
        "16 def node style",
        "17 ref group review",
        "18 def output score of style",
        "18 def output verdict of style",
        "19 def node sec",
        "20 ref group review",
        "21 ref input topic",
        "21 ref input own of sec",
        "22 def input own of sec",
        "22 ref input topic",
        "23 def node ask",
        "25 def output answer of ask",
        "26 ref node style",
        "26 ref output score of style",
        "27 def node deploy",
        "29 ref runner fast from ../deploy",
        "30 ref input target in fast from ../deploy",
        "32 ref input parts in fast from ../deploy",
        "32 ref node style",
        "32 ref output verdict of style",
      ]
    `);
  });

  test("the runners of an X.yaml keep their names apart", () => {
    const manifest = `skill: s
runners:
  one:
    type: graph
    inputs: { topic: { type: string } }
    graph:
      name: g
      steps:
        - id: a
          run: { type: cli-tool, command: node }
          inputs: { t: $input.topic }
  two:
    type: cli-tool
    command: node
    args: ["{{topic}}"]
    inputs: { topic: {} }
harness:
  cases:
    - name: c
      runner: one
      inputs: { topic: x }
      expect: { steps: [a] }
`;
    expect(names(manifest, "/w/X.yaml")).toEqual([
      "3 def runner one",
      "5 def input topic in one",
      "9 def node a in one",
      "11 def input t of a in one",
      "11 ref input topic in one",
      "12 def runner two",
      "15 ref input topic in two",
      "16 def input topic in two",
      "20 ref runner one",
      "21 ref input topic in one",
      "22 ref node a in one",
    ]);
  });

  test("the front matter of a SKILL.md", () => {
    const skill =
      "---\nname: s\nsource:\n  type: cli-tool\n  command: node\n  args: ['--x={{ message }}']\ninputs:\n  message: {}\n---\n# {{ message }}\n";
    expect(names(skill, "/w/SKILL.md")).toEqual(["6 ref input message", "8 def input message"]);
  });

  test("a test of a skill names its target's steps", () => {
    const harness = "name: h\nkind: graph\ntarget: ../graph.yaml\ninputs: { a: 1 }\nexpect:\n  steps: [x, y]\n";
    expect(names(harness, "/w/t/harness.yaml")).toEqual([
      "4 ref input a from ../graph.yaml",
      "6 ref node x from ../graph.yaml",
      "6 ref node y from ../graph.yaml",
    ]);
  });
});

describe("names of a pipeline and of fixtures", () => {
  test("a stage by its id and by its number", () => {
    const spec = readFileSync("examples/pipeline-exec/spec.kv", "utf8");
    expect(names(spec, "/w/spec.kv")).toEqual(["8 def node record", "11 def node count", "14 ref node record"]);
  });

  test("a fixture speaks of its document", () => {
    const fixture = `start = "main"
[answers]
ask = "approved"
"child/ask" = "approved"
[expected]
status = "completed"
last_node = "b"
path = ["a", "b"]
[expected.outputs]
"a.x.y" = 1
[expected.branches]
a = ["true", "false"]
b = "error"
`;
    expect(names(fixture, "/w/fixture.toml").map((one) => one.replace(" from workflow.toml", ""))).toEqual([
      "1 ref start main",
      "3 ref node ask",
      "7 ref node b",
      "8 ref node a",
      "8 ref node b",
      "10 ref node a",
      "10 ref output x of a",
      "12 ref node a",
      "12 ref label true of a",
      "12 ref label false of a",
      "13 ref node b",
      "13 ref label error of b",
    ]);
  });

  test("a binding whose name is spelled with every key has all its places", () => {
    const text = `name = "w"\n[[nodes]]\nid = "a"\ntype = "merge"\n[auth.bearer]\nci.tokens = []\nci . tokens_env = "X"\n`;
    const found = names(text, "/w/w.toml").filter((one) => one.includes("auth"));
    expect(found).toEqual(["6 def auth ci of bearer", "7 def auth ci of bearer"]);
  });
});
