import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { toPlain, type Value } from "../../src/graph/value.ts";
import { collectReferences } from "../../src/kinds/define.ts";
import { definitions, kindDefinition, kindTable } from "../../src/kinds/definitions.generated.ts";
import { handlers } from "../../src/kinds/handlers.generated.ts";
import { nodeOf } from "./driver.ts";

/** spec/workflow.md §2.6. */
const workflowKinds =
  "read_file read_env read_mcp_resource parse_json template_render diff_compute json_select llm_infer write_file create_dir http_request call_mcp_tool agent_loop shell_run call parallel map condition switch merge fail pause_for_approval respond terminate".split(
    " ",
  );
const common = ["id", "type", "retry", "on_error", "in_doubt", "idempotency_key"];
const ours = definitions.filter((one) => one.dialects.includes("workflow"));

const example = (text: string): Record<string, unknown> => {
  const { nodes } = parse(text, { integersAsBigInt: true }) as { nodes: Record<string, unknown>[] };
  expect(nodes).toHaveLength(1);
  return nodes[0] ?? {};
};
const fieldsOf = (node: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(node).filter(([key]) => !common.includes(key)));

describe("the registry", () => {
  it("has the 24 kinds of the workflow dialect, and `stage`", () => {
    expect(ours.map((one) => one.kind).sort()).toEqual([...workflowKinds, "stage"].sort());
  });

  it("names every kind once and gives each its behaviour", () => {
    const names = definitions.map((one) => one.kind);
    expect(new Set(names).size).toBe(names.length);
    expect([...handlers.keys()].sort()).toEqual([...names].sort());
    expect(kindDefinition("nope")).toBeUndefined();
    expect(kindTable("nope")).toBeUndefined();
  });

  it.each(ours.map((one) => [one.kind, one] as const))("%s documents itself", (kind, one) => {
    expect(one.summary).toMatch(/^[A-Z].*[^.]$/);
    expect(one.docs).not.toBe("");
    const node = example(one.example);
    expect(node["type"]).toBe(kind);
    expect(one.fields.safeParse(fieldsOf(node)).error?.issues).toBeUndefined();
  });

  it.each(ours.map((one) => [one.kind, one] as const))(
    "%s rejects a key it does not know (Decision D20)",
    (_kind, one) => {
      const fields = { ...fieldsOf(example(one.example)), bogus: 1n };
      expect(one.fields.safeParse(fields).error?.issues).toMatchObject([
        { code: "unrecognized_keys", keys: ["bogus"] },
      ]);
    },
  );

  it.each(ours.map((one) => [one.kind, one] as const))("%s requires exactly the fields of the sheet", (kind, one) => {
    const optional = Object.entries(one.fields.shape as Record<string, z.ZodType>).filter(
      ([, field]) => field.safeParse(undefined).success,
    );
    expect([kind, optional.map(([key]) => key).sort()]).toEqual([kind, [...(optionalFields[kind] ?? [])].sort()]);
  });

  it.each([
    ["respond", "status", 65_536n],
    ["map", "max_items", -1n],
    ["agent_loop", "max_steps", 4_294_967_296n],
  ])("%s refuses %s out of its range", (kind, field, value) => {
    const one = kindDefinition(kind);
    const fields = { ...fieldsOf(example(one?.example ?? "")), [field]: value };
    expect(one?.fields.safeParse(fields).success).toBe(false);
  });
});

/** Fields that may be left out, from the table of spec/workflow.md §2.6. */
const optionalFields: Readonly<Record<string, readonly string[]>> = {
  read_mcp_resource: ["server"],
  template_render: ["input_from"],
  llm_infer: ["input_from", "output_schema", "output_repairs"],
  http_request: ["body_from", "headers"],
  call_mcp_tool: ["args_from", "server"],
  agent_loop: ["instructions", "instructions_from", "tools", "max_tokens"],
  shell_run: ["args_from", "timeout_secs"],
  call: ["input_from", "start"],
  map: ["start", "max_concurrent"],
  fail: ["reason"],
  pause_for_approval: ["reason"],
  respond: ["status", "content_type", "input_from"],
  stage: ["input_from"],
};

describe("facts", () => {
  const facts = (kind: string, fields: Record<string, unknown>, more = {}) => {
    const node = { ...nodeOf(kind, fields), ...more };
    const table = kindTable(kind);
    if (table === undefined) throw new Error(kind);
    return { ports: table.ports(node), output: table.output(node), effects: table.literalEffects(node) };
  };

  it.each([
    ["condition", { expr: "x" }, { plain: false, labels: ["true", "false"], open: false }],
    ["switch", { expr: "x" }, { plain: false, labels: [], open: true }],
    ["http_request", { method: "GET", url_from: "x" }, { plain: true, labels: ["error"], open: false }],
    ["agent_loop", { backend: "b", max_steps: 1n }, { plain: true, labels: ["exhausted"], open: false }],
    ["pause_for_approval", {}, { plain: true, labels: ["denied"], open: false }],
    ["terminate", {}, { plain: false, labels: [], open: false }],
    ["merge", {}, { plain: true, labels: [], open: false }],
  ])("%s has its ways out", (kind, fields, ports) => {
    expect(facts(kind, fields).ports).toEqual(ports);
  });

  it("on_error = branch adds the label `error` and its output", () => {
    const { ports, output } = facts("read_file", { path_from: "p" }, { onError: "branch" });
    expect(ports.labels).toEqual(["error"]);
    expect(output).toMatchObject({
      type: "union",
      of: [{}, { members: { error: { members: { class: {}, message: {} } } } }],
    });
  });

  it.each([
    ["read_env", { key: "K" }, { family: "env.read", target: "K" }],
    ["shell_run", { command: "/bin/x" }, { family: "shell.run", target: "/bin/x" }],
    ["write_file", { path_from: "p", content_from: "c" }, { family: "fs.write", target: null }],
    ["http_request", { method: "post", url_from: "u" }, { family: "http.request", target: null, method: "POST" }],
    ["call_mcp_tool", { tool: "t", server: "s" }, { family: "mcp.tool", target: "t", server: "s" }],
    ["read_mcp_resource", { resource_from: "u" }, { family: "mcp.resource", target: null, server: null }],
    ["llm_infer", { backend: "b", prompt: "" }, { family: "model.call", target: "b" }],
    ["stage", { key: "http_post:http://h/" }, { family: "http.request", target: "http://h/", method: "POST" }],
    ["stage", { key: "exec:jq|." }, { family: "shell.run", target: "jq" }],
  ])("%s %j shows its effect ahead of time", (kind, fields, effect) => {
    expect(facts(kind, fields).effects).toMatchObject([effect]);
  });

  it.each(["identity", "what:ever"])("the stage %s shows none", (key) => {
    expect(facts("stage", { key }).effects).toEqual([]);
  });

  it("an agent loop shows its model and each tool", () => {
    const { effects } = facts("agent_loop", { backend: "b", max_steps: 1n, tools: ["shell_run", "nope"] });
    expect(effects.map((one) => one.family)).toEqual(["model.call", "shell.run"]);
    expect(effects[1]?.at.path).toEqual(["nodes", 0, "tools", 0]);
  });

  it("finds references, templates, secrets and files in fields", () => {
    const found = (kind: string, raw: Record<string, unknown>) => {
      const fields = kindDefinition(kind)?.fields;
      if (fields === undefined) throw new Error(kind);
      const { references, files } = collectReferences(fields, raw, ["nodes", 3]);
      return [...references, ...files].map((one) => [one.role, one.text, one.at.path.slice(2).join(".")]);
    };
    expect(found("http_request", { method: "GET", url_from: "a.b", headers: { A: "{{secret: T }}" } })).toEqual([
      ["context", "a.b", "url_from"],
      ["secret", "T", "headers.A"],
    ]);
    expect(found("parallel", { branches: [{ workflow: "c.toml", input_from: "t" }] })).toEqual([
      ["context", "t", "branches.0.input_from"],
      ["child", "c.toml", "branches.0.workflow"],
    ]);
    expect(found("llm_infer", { backend: "b", prompt: "{{ q }}", output_schema: "s.json" })).toEqual([
      ["input", "q", "prompt"],
      ["schema", "s.json", "output_schema"],
    ]);
  });
});

describe("generated files", () => {
  it("are what the generator writes", () => {
    execFileSync(process.execPath, ["scripts/run.mjs", "scripts/generate.ts", "--check"], { stdio: "pipe" });
  });

  const schema = JSON.parse(readFileSync("schemas/workflow.schema.json", "utf8")) as object;
  const validate = new Ajv({ strict: false, logger: false }).compile(schema);
  const accepts = (document: string) => validate(toPlain(parse(document, { integersAsBigInt: true }) as Value));

  it.each(ours.map((one) => [one.kind, one.example] as const))(
    "the schema accepts the example of %s",
    (_kind, text) => {
      expect([accepts(`name = "w"\n${text}`), validate.errors]).toEqual([true, null]);
    },
  );

  it("the schema accepts both forms and the tables around the nodes", () => {
    const document = `
      name = "w"
      [[start_nodes]]
      name = "main"
      source = "manual"
      [[triggers]]
      type = "cron"
      schedule = "0 * * * *"
      start_node = "main"
      [[http_routes]]
      method = "POST"
      path = "/"
      start_node = "main"
      rate_limit = { capacity = 1, per_second = 1 }
      [policy.fs]
      read = ["/x/**"]
      [[secrets]]
      name = "s"
      source = "env"
      var = "V"
      [[nodes]]
      id = "a"
      type = "merge"
      retry = { max_attempts = 2 }
      [[edges]]
      from = "a"
      to = "a"
      max_iterations = 2`;
    expect([accepts(document), validate.errors]).toEqual([true, null]);
    expect(accepts(`[[workflows]]\nname = "w"`)).toBe(true);
  });

  it.each([
    "name = 1",
    'name = "w"\nbogus = 1',
    'name = "w"\n[[nodes]]\nid = "a"\ntype = "bogus"',
    'name = "w"\n[[nodes]]\nid = "a"\ntype = "merge"\nextra = 1',
    'name = "w"\n[[nodes]]\nid = "a"\ntype = "map"\nitems_from = "x"\nworkflow = "c"',
    'name = "w"\n[[edges]]\nfrom = "a"\nto = "b"\nlabel = "x"',
    '[[workflows]]\nname = "x"\n[[workflows]]\nname = "y"',
  ])("the schema refuses %j", (document) => {
    expect(accepts(document)).toBe(false);
  });
});
