/** Code actions: a document with a cursor, the title of an action, and the document after it. */
import { describe, expect, test } from "vitest";
import type { CodeAction } from "vscode-languageserver";
import { acting, resolving } from "./acting.ts";

const resolvingWithSnippets = {
  ...resolving,
  workspace: { ...resolving.workspace, workspaceEdit: { documentChanges: true, snippetEditSupport: true } },
};

/** A workflow whose parts come after its start. */
const flow = (...parts: string[]): string =>
  ['name = "w"\n[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "load"\n', ...parts].join("\n");
const load = '[[nodes]]\nid = "load"\ntype = "merge"\n';
const node = (id: string, type: string, more = ""): string => `[[nodes]]\nid = "${id}"\ntype = "${type}"\n${more}`;
const edge = (from: string, to: string, more = ""): string => `[[edges]]\nfrom = "${from}"\nto = "${to}"\n${more}`;

describe("a name that is nearly right is put right, and nothing around it is touched", () => {
  const read = (text: string): string =>
    flow(
      node("load", "read_file", 'path_from = "trigger.p"\n'),
      node("next", "parse_json", text),
      edge("load", "next"),
    );
  test.for([
    ["the head of a reference", read('input_from = "la‹|›od.content"'), "load", read('input_from = "load.content"')],
    ["a segment", read("input_from = 'load.cont‹|›nt'"), "content", read("input_from = 'load.content'")],
    [
      "a field's name",
      read('input_form‹|› = "load.content" # why'),
      "input_from",
      read('input_from = "load.content" # why'),
    ],
    ["a kind", flow('[[nodes]]\nid = "load"\ntype = "mer‹|›g"\n'), "merge", flow(load)],
    [
      "the entry of a start, inline",
      'name = "w"\nstart_nodes = [{ name = "main", source = "manual", entry_node = "laod‹|›" }]\nnodes = [{ id = "load", type = "merge" }]\nedges = []\n',
      "load",
      'name = "w"\nstart_nodes = [{ name = "main", source = "manual", entry_node = "load" }]\nnodes = [{ id = "load", type = "merge" }]\nedges = []\n',
    ],
    [
      "an edge's end, with CRLF",
      flow(load, node("next", "merge"), edge("load", "nxet‹|›")).replaceAll("\n", "\r\n"),
      "next",
      flow(load, node("next", "merge"), edge("load", "next")).replaceAll("\n", "\r\n"),
    ],
    [
      "a label",
      flow(
        load,
        node("gate", "condition", 'expr = "load"\n'),
        node("end", "merge"),
        edge("load", "gate"),
        edge("gate", "end", 'when = "ture‹|›"\n'),
        edge("gate", "end", 'when = "false"\n'),
      ),
      "true",
      flow(
        load,
        node("gate", "condition", 'expr = "load"\n'),
        node("end", "merge"),
        edge("load", "gate"),
        edge("gate", "end", 'when = "true"\n'),
        edge("gate", "end", 'when = "false"\n'),
      ),
    ],
    [
      "the start that a route names, wrapped",
      `[[workflows]]\n${flow(load).replaceAll("[[", "[[workflows.")}\n[[workflows.http_routes]]\nmethod = "GET"\npath = "/"\nstart_node = "mian‹|›"\n`,
      "main",
      `[[workflows]]\n${flow(load).replaceAll("[[", "[[workflows.")}\n[[workflows.http_routes]]\nmethod = "GET"\npath = "/"\nstart_node = "main"\n`,
    ],
    [
      "a binding",
      flow(
        load,
        '[auth.bearer.team]\ntokens_env = "T"\n',
        '[[http_routes]]\nmethod = "GET"\npath = "/"\nstart_node = "main"\nauth = "bearer:taem‹|›"\n',
      ),
      "bearer:team",
      flow(
        load,
        '[auth.bearer.team]\ntokens_env = "T"\n',
        '[[http_routes]]\nmethod = "GET"\npath = "/"\nstart_node = "main"\nauth = "bearer:team"\n',
      ),
    ],
    [
      "a code in a comment",
      `# countersign: ignore no_polciy‹|›\n${flow(load)}`,
      "no_policy",
      `# countersign: ignore no_policy\n${flow(load)}`,
    ],
  ] as const)("%s", async ([, source, name, wanted]) => {
    const opened = await acting("w.toml", source);
    const found = await opened.actions();
    expect(found.find(({ title }) => title === `Change to \`${name}\``)?.isPreferred).toBe(true);
    expect(await opened.take(`Change to \`${name}\``)).toBe(wanted);
  });

  const steps = (second: string): string =>
    `name: g # one\nsteps:\n  - id: first\n    run: {type: agent-task}\n  - id: second\n${second}`;
  test.for([
    [
      "graph.yaml",
      steps("    run: {type: agent-task}\n    context: {m: 'frist‹|›.text'}\n"),
      "first",
      steps("    run: {type: agent-task}\n    context: {m: 'first.text'}\n"),
    ],
    [
      "graph.yaml",
      steps("    run: {type: agent-task}\n    contxt‹|›:\n      m: first.text\n"),
      "context",
      steps("    run: {type: agent-task}\n    context:\n      m: first.text\n"),
    ],
    [
      "graph.yaml",
      `${steps("    run: {type: agent-task}\n")}policy:\n  guards:\n    - step: secnod‹|›\n      field: first.a\n      equals: 1\n`,
      "second",
      `${steps("    run: {type: agent-task}\n")}policy:\n  guards:\n    - step: second\n      field: first.a\n      equals: 1\n`,
    ],
    [
      "X.yaml",
      "skill: s\nrunners:\n  one:\n    source:\n      type: cli-tol‹|›\n      command: /bin/true\n",
      "cli-tool",
      "skill: s\nrunners:\n  one:\n    source:\n      type: cli-tool\n      command: /bin/true\n",
    ],
    ["countersign.toml", 'side_efects‹|› = "deny_all"\n', "side_effects", 'side_effects = "deny_all"\n'],
    ["countersign.toml", 'side_effects = "deny_al‹|›"\n', "deny_all", 'side_effects = "deny_all"\n'],
  ] as const)("in %s: %#", async ([file, source, name, wanted]) => {
    expect(await (await acting(file, source)).take(`Change to \`${name}\``)).toBe(wanted);
  });

  test("a node that a fixture expects", async () => {
    const fixture = (id: string): string => `start = "main"\n[expected]\nstatus = "completed"\nlast_node = "${id}"\n`;
    const opened = await acting("fixture.toml", fixture("laod‹|›"), { "workflow.toml": flow(load) });
    expect(await opened.take("Change to `load`")).toBe(fixture("load"));
  });

  test("the ordering of a pipeline", async () => {
    const spec = (ordering: string): string =>
      `v=1\nmodel=single_ring\nname=p\nsingle_ring.shards=1\nsingle_ring.ordering=${ordering}\nsingle_ring.producer=single\nsingle_ring.scheduling=dedicated\nsingle_ring.stages.0.id=a\nsingle_ring.stages.0.stage=identity\n`;
    expect(await (await acting("spec.kv", spec("strcit‹|›"))).take("Change to `strict`")).toBe(spec("strict"));
  });
});

describe("what is missing is added where an author would write it", () => {
  test("a node at the end of an edge stands behind the edge's beginning", async () => {
    const rest = edge("load", "next");
    const opened = await acting("w.toml", flow(load, rest.replace('"next"', '"nex‹|›t"')));
    expect(await opened.take("Add a node `next` (merge)")).toBe(flow(load, node("next", "merge"), rest));
  });

  test("an edge for an outcome leads to a new node that fails, with the quotes of the document", async () => {
    const post = "[[nodes]]\nid = 'load'\ntype = 'http_request'\nmethod = 'GET'\nurl_from = 'trigger.url'\n";
    const opened = await acting(
      "w.toml",
      flow(post.replace("'load'", "'lo‹|›ad'"), node("ok", "merge"), edge("load", "ok")),
    );
    expect(await opened.take("Lead `error` to a new node `load_error` (fail)")).toMatchSnapshot();
  });

  test("the one label that is left is put on an edge without one", async () => {
    const gate = (when: string): string =>
      flow(
        load,
        node("gate", "condition", 'expr = "load"\n'),
        node("a", "merge"),
        node("b", "merge"),
        edge("load", "gate"),
        edge("gate", "a", 'when = "true"\n'),
        `[[edges]]\nfrom = "gate${when === "" ? "‹|›" : ""}"\nto = "b"\n${when}`,
      );
    const opened = await acting("w.toml", gate(""));
    expect(await opened.take("Take this edge on `false`")).toBe(gate('when = "false"\n'));
  });

  test("a start that a route names", async () => {
    const route = '[[http_routes]]\nmethod = "GET"\npath = "/"\nstart_node = "web"\n';
    const opened = await acting("w.toml", flow(load, route.replace('"web"', '"we‹|›b"')));
    expect(await opened.take("Add a start `web`")).toMatchSnapshot();
  });

  test("an edge to a node that nothing leads to", async () => {
    const nodes = [load, node("next", "merge")];
    const opened = await acting("w.toml", flow(load, node("nex‹|›t", "merge")));
    expect(await opened.take("Lead `load` here")).toBe(flow(...nodes, edge("load", "next")));
  });

  test("a secret, a server, a backend and a binding are declared", async () => {
    const source = flow(
      node("load", "http_request", 'method = "GET"\nurl_from = "trigger.u"\nheaders = { a = "{{secret:KE‹|›Y}}" }\n'),
      node("tool", "call_mcp_tool", 'tool = "t"\nserver = "fi‹|›les"\n'),
      node("ask", "llm_infer", 'backend = "bi‹|›g"\nprompt = "Hi"\n'),
      '[[http_routes]]\nmethod = "GET"\npath = "/"\nstart_node = "main"\nauth = "hmac:ho‹|›ok"\n',
    );
    const opened = await acting("w.toml", source);
    const titles = [
      "Declare the secret `KEY`",
      "Declare the MCP server `files`",
      "Declare the model backend `big`",
      "Define `[auth.hmac.hook]`",
    ];
    for (const [cursor, title] of titles.entries())
      expect((await opened.take(title, { cursor })).slice(0, 2000), title).toMatchSnapshot();
  });

  test("a policy has exactly what the document does, and an entry goes to its list", async () => {
    const env = node("load", "read_env", 'key = "HO‹|›ME"\n');
    const without = await acting("w.toml", flow(env).replace('"w"', '"w‹|›"'));
    expect(await without.take("Add a `[policy]` that allows only what is named here")).toMatchSnapshot();
    const policy = (keys: string): string => `[policy.env]\nread_keys = [${keys}] # few\n`;
    const denied = await acting("w.toml", flow(env, policy('"PATH"')));
    expect(await denied.take("Add `HOME` to `env.read_keys` in `[policy]`")).toBe(
      flow(env.replace("‹|›", ""), policy('"PATH", "HOME"')),
    );
  });

  test("a field that must be there, with the cursor in it where the client can", async () => {
    const source = flow('[[no‹|›des]]\nid = "load"\ntype = "read_env"\n');
    expect(await (await acting("w.toml", source)).take("Add `key`")).toBe(
      flow('[[nodes]]\nid = "load"\ntype = "read_env"\nkey = "key"\n'),
    );
    const opened = await acting("w.toml", source, {}, resolvingWithSnippets);
    const [action] = await opened.actions();
    expect((await opened.edit(action as CodeAction)).documentChanges).toMatchSnapshot();
  });

  test("a cycle becomes a bounded loop", async () => {
    const both = (more: string): string => flow(load, node("b", "merge"), edge("load", "b"), edge("b", "load", more));
    const opened = await acting("w.toml", both("").replace('to = "b"', 'to = "‹|›b"'));
    expect(await opened.take("Make `b` → `load` a loop edge")).toBe(both("max_iterations = 3\n"));
  });

  test("a step that is read stands before its reader, and its group is declared", async () => {
    const graph =
      "name: g\nsteps:\n  - id: first\n    run: {type: agent-task}\n  - id: second\n    fanout_group: ‹|›both\n    run: {type: agent-task}\n    context: {m: ‹|›middle.text}\n";
    const opened = await acting("graph.yaml", graph);
    expect(await opened.take("Add a step `middle` (agent-task) before this one", { cursor: 1 })).toMatchSnapshot();
    expect(await opened.take("Declare the group `both`")).toMatchSnapshot();
  });
});

describe("what is too much goes, with its construct and nothing else", () => {
  test("an edge that leads nowhere", async () => {
    const kept = "# about the rest\n";
    const source = (gone: string): string => flow(load, `${gone}\n${kept}[policy]\n`);
    const opened = await acting("w.toml", source(`# soon\n${edge("load", "‹|›xyzzy")}`));
    expect(await opened.take("Remove the edge `load` → `xyzzy`")).toBe(
      flow(load, `\n${kept}[policy]\n`).replace("\n\n\n", "\n\n"),
    );
  });

  test("an unknown key in a flow mapping", async () => {
    const graph = (key: string): string => `name: g\nsteps:\n  - {id: a, ${key}run: {type: agent-task}}\n`;
    const opened = await acting("graph.yaml", graph("xyz‹|›zy: 1, "));
    expect(await opened.take("Remove `xyzzy`")).toBe(graph(""));
  });

  test("a comment that silences nothing, with its line when that is all there is", async () => {
    const opened = await acting("w.toml", `# countersign: ignore may_be_‹|›null\n${flow(load)}`);
    expect(await opened.take("Remove `may_be_null` from the comment")).toBe(flow(load));
    const behind = await acting(
      "w.toml",
      flow(load).replace('"merge"', '"merge" # countersign: ignore may_be_‹|›null, xyz'),
    );
    expect(await behind.take("Remove `may_be_null` from the comment")).toBe(
      flow(load).replace('"merge"', '"merge" # countersign: ignore xyz'),
    );
  });

  test("a line of a pipeline", async () => {
    const opened = await acting("spec.kv", "v=1\n# wh‹|›y\nmodel=single_ring\n");
    expect(await opened.take("Remove this line")).toBe("v=1\nmodel=single_ring\n");
  });
});

describe("an input that is an output moves to the context", () => {
  const graph = (second: string): string =>
    `name: g\nsteps:\n  - id: first\n    run: {type: agent-task}\n  - id: second\n    run: {type: agent-task}\n${second}`;
  test.for([
    ["alone", '    inputs: # all\n      m: "first‹|›.text"\n', '    context: # all\n      m: "first.text"\n'],
    [
      "beside others",
      "    inputs:\n      a: 1\n      m: first‹|›.text\n    context:\n      n: first.n\n",
      "    inputs:\n      a: 1\n    context:\n      n: first.n\n      m: first.text\n",
    ],
    ["in flow", "    inputs: {m: first‹|›.text}\n", "    context: {m: first.text}\n"],
  ])("%s", async ([, before = "", after = ""]) => {
    expect(await (await acting("graph.yaml", graph(before))).take("Move `m` to `context`")).toBe(graph(after));
  });
});
