/** While somebody types: what is broken is told, and not what only follows from it; the rest stays as it was. */
import { expect, test } from "vitest";
import { served } from "./harness.ts";

const workflow = `name = "w"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "load"
[[http_routes]]
method = "POST"
path = "/a"
start_node = "main"
auth = "bearer:team"
[auth.bearer.team]
tokens_env = "TOKENS"
[[secrets]]
name = "KEY"
source = "env"
var = "KEY"
[[intelligence.backends]]
name = "big"
provider = "openai-compatible"
model = "m"
base_url = "https://models.example"
[[nodes]]
id = "load"
type = "read_env"
key = "HOME"
[[nodes]]
id = "ask"
type = "llm_infer"
backend = "big"
input_from = "load.value"
prompt = "{{}}"
[[nodes]]
id = "post"
type = "http_request"
method = "GET"
url_from = "ask.contnt"
headers = { auth = "{{secret:KEY}}" }
[[edges]]
from = "load"
to = "ask"
[[edges]]
from = "ask"
to = "post"
[policy]
env = { read_keys = ["HOME"] }
http = { urls = ["https://a.example/**"] }
`;

async function codes(name: string, text: string): Promise<string[]> {
  const found = await (await served()).open(name, text).diagnostics();
  return [...new Set(found.map(({ code }) => String(code)))].sort();
}

/** What is found in the whole text: one slip far from what is torn. */
const slip = ["unknown_field"];

test("of a whole text everything is told", async () => {
  expect(await codes("w.toml", workflow)).toEqual(["unknown_field"]);
});

test.for([
  ["a node's id", 'id = "load"', 'id = "lo'],
  ["a node's id that is gone", 'id = "load"\n', ""],
  ["a policy", '"https://a.example/**"] }', '"https:'],
  ["a policy's key that is not known", "[policy]\n", "[policy]\nsecrets = []\n"],
  ["a secret's name", 'name = "KEY"', "name = "],
  ["a backend's name", 'name = "big"', 'name = "bi'],
  ["a backend's header", "[[intelligence.backends]]", "[[intelligence.backends"],
  ["a binding's header", "[auth.bearer.team]", "[auth.bearer.te"],
  ["a policy's header", "[policy]", "[poli"],
] as const)("%s that is being typed is told alone, beside what is wrong elsewhere", async ([, from, to]) => {
  const text = workflow.replace(from, () => to);
  expect(text).not.toBe(workflow);
  const found = await codes("w.toml", text);
  expect(found).toContain("unknown_field");
  expect(
    found.filter(
      (code) => !slip.includes(code) && !/^(?:toml_syntax|missing_field|unknown_key|invalid_secret)$/.test(code),
    ),
  ).toEqual([]);
});

test("a comment that silences what is not told meanwhile is not unused", async () => {
  const text = workflow.replace(
    'url_from = "ask.contnt"',
    'url_from = "laod.value" # countersign: ignore unknown_reference',
  );
  expect(await codes("w.toml", text)).toEqual([]);
  expect(await codes("w.toml", text.replace('id = "load"', 'id = "lo'))).toEqual(["toml_syntax"]);
});

test("a step whose id is being typed is not missed by those that read it", async () => {
  const graph = `name: g
steps:
  - id: first
    run: { type: agent-task }
  - id: second
    run: { type: agent-task }
    context: { v: first.stdout }
    labl: L
`;
  expect(await codes("graph.yaml", graph)).toEqual(["skill_unknown_key"]);
  expect(await codes("graph.yaml", graph.replace("id: first", "i"))).toEqual([
    "skill_unknown_key",
    "skill_yaml_ambiguous",
  ]);
});
