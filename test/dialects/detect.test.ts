import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { detect } from "../../src/dialects/detect.ts";

const workflow = { document: "graph", dialect: "workflow" };
const skill = { document: "graph", dialect: "skill" };

describe("files that are ours by name", () => {
  it.each([
    ["spec.kv", { document: "graph", dialect: "pipeline" }],
    ["graph.yaml", skill],
    ["X.yaml", { document: "skill", form: "manifest" }],
    ["SKILL.md", { document: "skill", form: "text" }],
    ["harness.yaml", { document: "fixture", dialect: "skill" }],
    ["fixture.toml", { document: "fixture", dialect: "workflow" }],
    ["countersign.toml", { document: "config" }],
  ])("%s, in any folder and with any text", (name, expected) => {
    for (const file of [name, `a/b.c/${name}`, `C:\\a\\${name}`]) {
      expect(detect(file, "")).toEqual(expected);
      expect(detect(file, "\u0000[[ :")).toEqual(expected);
    }
  });

  it.each(["skill.md", "README.md", "x.yaml", "graph.json", "graph.yaml.bak", "myspec.kv", "fixture.toml/notes.txt"])(
    "%s is none of them",
    (file) => {
      expect(detect(file, "a: 1")).toBeNull();
    },
  );
});

describe("workflows by their text", () => {
  const node = 'id = "a"\ntype = "merge"';

  it.each([
    ["array tables", `name = "w"\n[[nodes]]\n${node}\n`],
    ["an inline array", `nodes = [{ id = "a", type = "merge" }]`],
    ["a later node", `[[nodes]]\nx = 1\n[[nodes]]\n${node}`],
    ["quoted keys", `[["nodes"]]\n"id" = "a"\n'type' = "merge"`],
    ["escaped keys", `[["n\\u006fdes"]]\n${node}`],
    ["start nodes alone", '[[start_nodes]]\nname = "m"'],
    ["inline start nodes", 'start_nodes = [{ name = "m" }]'],
    ["the wrapped form", '[[workflows]]\nname = "w"'],
    ["the wrapped form inline", 'workflows = [{ name = "w" }]'],
    ["two wrapped entries", "[[workflows]]\n[[workflows]]\n"],
    ["the wrapped form with one bracket too few", `[workflows]\nname = "w"\n[[workflows.nodes]]\n${node}`],
    ["CRLF and a byte order mark", `\ufeffname = "w"\r\n[[nodes]]\r\nid = "a"\r\ntype = "x"\r\n`],
  ])("%s", (_name, text) => {
    expect(detect("a/b.toml", text)).toEqual(workflow);
  });

  it.each([
    ["a value is being typed", `[[nodes]]\nid = "a"\ntype = \n`],
    ["a string is not closed", `name = "w\n[[nodes]]\nid = "a"\ntype = "merge"\n`],
    ["a table is half written", `[[nodes]]\nid = "a"\ntype = "merge"\n[[no`],
    ["an inline node is not closed", `nodes = [\n  { id = "a", type = "merge"`],
    ["start nodes are written, the rest is not", "[[start_nodes]]\nname ="],
    ["a wrapped node is being typed", "[[workflows]]\n[[workflows.nodes]]\nid ="],
    ["a wrapped node stands before its header", '[[workflows.nodes]]\nid = "a"\ntype = "x"\nx = ='],
  ])("text that does not parse, when %s", (_name, text) => {
    expect(detect("b.toml", text)).toEqual(workflow);
  });

  it.each([
    ["a manifest", '[package]\nname = "x"\nversion = "0.1.0"\n[dependencies]\nserde = { version = "1" }\n'],
    ["a broken manifest", '[package]\nname = "x\n[dependencies]\n'],
    ["a workspace", '[workspace]\nmembers = ["crates/*"]\n[workspace.metadata.workflows]\nx = 1\n'],
    ["a Python project", '[project]\nname = "x"\n[tool.poetry]\n[[tool.poetry.nodes]]\nid = "a"\ntype = "b"\n'],
    ["another program's workflows", '[workflows]\nrunButton = "Run"\n[[workflows.workflow]]\nname = "x"\n'],
    ["nodes of something else", '[[nodes]]\nhost = "a"\ntype = "db"\n'],
    ["broken nodes of something else", '[[nodes]]\nhost = "a"\ntype = \n[x]\nid = 1'],
    ["nodes as a table", '[nodes]\nid = "a"\ntype = "b"\n'],
    ["only a name", 'name = "w"'],
    ["nothing", ""],
  ])("%s stays silent", (_name, text) => {
    for (const file of ["Cargo.toml", "pyproject.toml", "any.toml"]) expect(detect(file, text)).toBeNull();
  });

  it("a workflow in a file of another kind stays silent", () => {
    expect(detect("a.txt", `[[nodes]]\n${node}`)).toBeNull();
  });
});

describe("skill graphs by their text", () => {
  it.each([
    ["a skill", "name: g\nsteps:\n  - id: a\n    skill: ./a\n"],
    ["a tool", "steps:\n- tool: t\n"],
    ["an http step", "steps:\n- id: a\n  http:\n    url: x\n"],
    ["a run with a type", "steps:\n- id: a\n  run:\n    type: agent-task\n"],
    ["a run with a type, inline", "steps: [{ id: a, run: { type: x } }]"],
    ["JSON", '{"name": "g", "steps": [{"id": "a", "skill": "s"}]}'],
    ["a later step", "steps:\n- id: a\n- id: b\n  skill: s\n"],
    ["an anchored step", "x: &s\n  skill: s\nsteps:\n- *s\n"],
    ["a skill being typed", "steps:\n- id: a\n  skill:\n"],
  ])("%s", (_name, text) => {
    expect(detect("flow.yaml", text)).toEqual(skill);
    expect(detect("flow.YML", text)).toEqual(skill);
  });

  it.each([
    ["a string is not closed", 'steps:\n- id: a\n  skill: s\n  x: "open\n- id: b\n'],
    ["a bracket is not closed", "name: [\nsteps:\n  - id: a\n    run:\n      type: agent\n"],
    ["a run is inline", "name: {\nsteps:\n  - run: { type: agent, x: [\n"],
  ])("text that does not parse, when %s", (_name, text) => {
    expect(detect("flow.yaml", text)).toEqual(skill);
  });

  it.each([
    [
      "azure-pipelines.yml",
      "trigger:\n- main\npool:\n  vmImage: ubuntu-latest\nsteps:\n- task: NodeTool@0\n  inputs:\n    versionSpec: '20.x'\n    tool: node\n- script: npm test\n  displayName: test\n",
    ],
    [
      "pipeline.yml",
      'steps:\n  - label: ":hammer:"\n    command: make\n    plugins:\n      - docker#v5:\n          image: x\n  - wait\n  - block: ok?\n  - trigger: deploy\n    skip: false\n',
    ],
    [
      "cloudbuild.yaml",
      "steps:\n- name: gcr.io/cloud-builders/docker\n  args: [build, .]\n- name: x\n  script: |\n    skill: no\noptions:\n  logging: CLOUD_LOGGING_ONLY\n",
    ],
    [
      ".github/workflows/ci.yml",
      "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: npm test\n      - name: skill\n        with:\n          tool: x\n",
    ],
    ["action.yml", "name: x\nruns:\n  using: composite\n  steps:\n    - run: echo\n      shell: bash\n    - tool: x\n"],
    ["broken-azure.yml", "steps:\n- task: X\n  inputs:\n    tool: node\n  x: [\n"],
    ["broken-build.yml", 'steps:\n- run: npm test\n  type: "x\n- command: a\n'],
    ["values.yaml", "steps: 3\nskill: x\n"],
    ["list.yaml", "- skill: a\n- tool: b\n"],
  ])("%s stays silent", (file, text) => {
    expect(detect(file, text)).toBeNull();
  });
});

it("any text of any name is answered", () => {
  const word = fc.constantFrom(
    ..."steps: |- |skill: |\n|  |[[nodes]]|id = |type = |{|}|[|]|\"|'|&a |*a|<<: |!t |---\n|start_nodes|\t|#|\u0000|%|".split(
      "|",
    ),
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(word, { maxLength: 40 }).map((words) => words.join("")),
  );
  fc.assert(
    fc.property(fc.constantFrom("a.toml", "a.yaml", "b.yml", "c"), text, (file, content) => {
      const found = detect(file, content);
      expect(found === null || found.document === "graph").toBe(true);
    }),
    { numRuns: 3000 },
  );
});

it("deep and long texts are answered", () => {
  const deep = "[".repeat(100_000);
  expect(detect("a.yaml", `steps: ${deep}`)).toBeNull();
  expect(detect("a.yaml", `x: ${"{a: ".repeat(50_000)}\nsteps:\n- skill: s\n`)).toEqual(skill);
  expect(detect("a.toml", `nodes = ${deep}`)).toBeNull();
  expect(detect("a.toml", `x = "${"y".repeat(5_000_000)}"\n[[start_nodes]]\n`)).toEqual(workflow);
});
