/** Code actions beyond repairs of names and parts: silence, new files, all at once, and what the protocol asks of them. */
import { describe, expect, test } from "vitest";
import type { CodeAction } from "vscode-languageserver";
import { acting } from "./acting.ts";
import { everything } from "./harness.ts";

/** A workflow whose parts come after its start. */
const flow = (...parts: string[]): string =>
  ['name = "w"\n[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "load"\n', ...parts].join("\n");
const load = '[[nodes]]\nid = "load"\ntype = "merge"\n';
const node = (id: string, type: string, more = ""): string => `[[nodes]]\nid = "${id}"\ntype = "${type}"\n${more}`;
const edge = (from: string, to: string, more = ""): string => `[[edges]]\nfrom = "${from}"\nto = "${to}"\n${more}`;

describe("a warning is silenced in its place or by its code", () => {
  const last = node("b", "parse_json", '  input_from = "xyz‹|›zy"\n');
  const source = flow(load, last, edge("load", "b"));

  test("by a comment above, indented as the line, which takes further codes", async () => {
    const opened = await acting("w.toml", source.replaceAll("\n", "\r\n"));
    const after = await opened.take("Ignore `unknown_reference` here");
    expect(after).toContain("\r\n  # countersign: ignore unknown_reference\r\n  input_from");
    const more = await acting("w.toml", source.replace("  input", "  # countersign: ignore may_be_null\n  input"));
    expect(await more.take("Ignore `unknown_reference` here")).toContain(
      "\n  # countersign: ignore may_be_null, unknown_reference\n  input",
    );
  });

  test("by the configuration of its workspace", async () => {
    const files = { "countersign.toml": '# ours\n[diagnostics]\nno_policy = "off"\n' };
    const opened = await acting("sub/w.toml", source, files);
    const action = (await opened.actions()).find(({ title }) => title.startsWith("Set `unknown_reference` to `off`"));
    expect((await opened.after(action as CodeAction)).get("countersign.toml")).toBe(
      '# ours\n[diagnostics]\nno_policy = "off"\nunknown_reference = "off"\n',
    );
  });

  test("but not an error, not inside a text of several lines, and not in a pipeline", async () => {
    const dangling = await acting("w.toml", flow(load, edge("load", "xyz‹|›zy")));
    const text = await acting(
      "w.toml",
      flow(load, node("b", "template_render", 'template = """\nHi {{na‹|›me}}"""\n'), edge("load", "b")),
    );
    for (const opened of [dangling, text]) {
      const titles = (await opened.actions()).map(({ title }) => title);
      expect(titles.length).toBeGreaterThan(0);
      expect(titles.filter((title) => /Ignore|Set/.test(title))).toEqual([]);
    }
  });
});

describe("files that are named and not there are made", () => {
  test.for([
    ["w.toml", flow(node("load", "call", 'workflow = "kids/c‹|›.toml"\nstart = "go"\n')), "kids/c.toml"],
    [
      "w.toml",
      flow(node("load", "llm_infer", 'backend = "default"\nprompt = "x"\noutput_schema = "s‹|›.json"\n')),
      "s.json",
    ],
    ["graph.yaml", "name: g\nsteps:\n  - id: a\n    skill: ./echo‹|›\n", "./echo/SKILL.md"],
    ["fixture.toml", 'document = "fl‹|›ow.toml"\n[expected]\nstatus = "completed"\n', "flow.toml"],
  ] as const)("%s: %#", async ([file, source, made]) => {
    const opened = await acting(file, source);
    const action = (await opened.actions()).find(({ title }) => title === `Create \`${made}\``);
    const texts = await opened.after(action as CodeAction);
    expect(texts.get(made.replace("./", ""))).toMatchSnapshot();
    const again = await acting(file, source, Object.fromEntries(texts));
    expect((await again.document.diagnostics()).map(({ code }) => code)).not.toContain("missing_file");
  });

  test("not outside of the workspace, and not for a client that makes no files", async () => {
    const named = (file: string): string => flow(node("load", "call", `workflow = "${file}‹|›"\nstart = "go"\n`));
    const outside = await acting("w.toml", named("../../c.toml"));
    const plain = await acting("w.toml", named("c.toml"), {}, everything);
    for (const opened of [outside, plain])
      expect((await opened.actions()).map(({ title }) => title).filter((title) => /Create/.test(title))).toEqual([]);
  });
});

describe("all repairs that are beyond doubt are made at once", () => {
  test("each once, and no other", async () => {
    const source = (a: string, b: string): string =>
      flow(
        node("load", "read_file", `path_from = "${a}.p"\n`),
        node("b", "parse_json", `input_from = "${b}"\n`),
        edge("load", "b"),
        edge("load", "xyzzy"),
      );
    const opened = await acting("w.toml", source("tirgger", "laod.content"));
    const title = "Apply all repairs that are beyond doubt";
    expect((await opened.actions()).map((one) => one.title)).not.toContain(title);
    expect(await opened.take(title, { only: ["source.fixAll"] })).toBe(source("trigger", "load.content"));
  });

  test("a pipeline is put into its canonical form", async () => {
    const opened = await acting(
      "spec.kv",
      "model=single_ring\r\nv=1\r\nname=p\nsingle_ring.shards=1\nsingle_ring.ordering=strict\nsingle_ring.producer=single\nsingle_ring.scheduling=dedicated\nsingle_ring.stages.0.id=a\nsingle_ring.stages.0.stage=identity",
    );
    expect(
      await opened.take("Apply all repairs that are beyond doubt", { only: ["source.fixAll.countersign"] }),
    ).toMatch(/^v=1\nmodel=single_ring\nname=p\n[^\r]*identity\n$/);
  });
});

describe("what stands at the cursor is changed where nothing is wrong", () => {
  const source = (at: string): string => flow(load, node("b", "merge"), edge("load", "b")).replace(at, `${at}‹|›`);
  test.for([
    ['to = "', "Make `load` → `b` a loop edge"],
    ['to = "', "Insert a node `step` (merge) on `load` → `b`"],
    ['id = "b', "Duplicate the node `b`"],
  ] as const)("%s: %s", async ([at, title]) => {
    const opened = await acting("w.toml", source(at));
    const action = (await opened.actions()).find((one) => one.title === title);
    expect(action?.kind).toBe("refactor.rewrite");
    expect(await opened.take(title)).toMatchSnapshot();
    expect((await opened.actions({ only: ["quickfix"] })).map((one) => one.title)).not.toContain(title);
  });
});

describe("an action belongs to the text that it was made for", () => {
  const source = flow(load, edge("load", "loda‹|›"), edge("load", "xyzzy"));

  test("edits carry the version, and an action of an older text is refused", async () => {
    const opened = await acting("w.toml", source);
    const [action] = await opened.actions();
    const edit = await opened.edit(action as CodeAction);
    expect(edit.documentChanges?.[0]).toMatchObject({ textDocument: { uri: opened.document.uri, version: 1 } });
    opened.document.change(flow(load));
    await expect(opened.edit(action as CodeAction)).rejects.toThrow("changed meanwhile");
    expect(await opened.actions({ only: ["quickfix"] })).toEqual([]);
  });

  test("a client that cannot wait gets the edits at once", async () => {
    const opened = await acting("w.toml", source, {}, everything);
    const actions = await opened.actions();
    expect(actions.length).toBeGreaterThan(1);
    for (const action of actions) expect(action.edit?.documentChanges).toHaveLength(1);
    const plain = await acting("w.toml", source, {}, { textDocument: everything.textDocument ?? {} });
    const [first] = await plain.actions();
    expect(Object.keys(first?.edit?.changes ?? {})).toEqual([plain.document.uri]);
  });

  test("only the diagnostics that the client names are repaired, and others' are left to others", async () => {
    const opened = await acting("w.toml", source);
    const diagnostics = await opened.document.diagnostics();
    const one = diagnostics.find(({ message }) => JSON.stringify(message).includes("xyzzy"));
    const actions = await opened.actions({ diagnostics: one === undefined ? [] : [one], only: ["quickfix"] });
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) expect(action.diagnostics).toEqual([one]);
    const cargo = await acting("Cargo.toml", "[package]\nname = 1‹|›\n");
    expect(await cargo.actions()).toEqual([]);
  });

  test("where the text is broken nothing is offered, and elsewhere it is", async () => {
    const broken = flow(load, `[[edges]]\nfrom = "load\nto = "loda‹|›"\n`, edge("load", "loda‹|›"));
    const opened = await acting("w.toml", broken);
    expect(await opened.actions({ cursor: 0 })).toEqual([]);
    expect((await opened.actions({ cursor: 1 })).map(({ title }) => title)).toContain("Change to `load`");
  });

  test("however many findings there are, the list ends", async () => {
    const edges = Array.from({ length: 2_000 }, (_, i) => `{ from = "load", to = "x${i}" }`).join(", ");
    const opened = await acting(
      "w.toml",
      `${flow()}nodes = [{ id = "load", type = "merge" }]\nedges = [${edges}‹|›]\n`
        .replace(/^([\s\S]*?)(\[\[start_nodes[\s\S]*?)(nodes = \[)/, "$1$3")
        .replace("nodes = [{", "start_nodes = []\nnodes = [{"),
    );
    const diagnostics = await opened.document.diagnostics();
    expect(diagnostics.length).toBeGreaterThan(100);
    expect((await opened.actions({ diagnostics })).length).toBeLessThanOrEqual(60);
  });
});
