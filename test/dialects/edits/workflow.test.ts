import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { applyEdits } from "../../../src/dialects/edits/edit.ts";
import type { Intent } from "../../../src/dialects/edits/intent.ts";
import { applyFix, planEdits } from "../../../src/dialects/edits/plan.ts";
import { edited, open } from "./support.ts";

const text = `# A flow.
name = "flow"

[[start_nodes]]
name = "main"
source = "manual"
entry_node = "a"

# ---- nodes ----

# The first.
[[nodes]]
id = "a" # its name
type = "merge"

[[nodes]]
id = "b"
type = "merge"
[nodes.retry]
max_attempts = 2

[[edges]]
from = "a"
to = "b"
`;
const on = (...intents: Intent[]) => edited(text, "flow.toml", ...intents);
const example = (name: string) => readFileSync(new URL(`../../../examples/${name}`, import.meta.url), "utf8");

describe("tables that dotted keys make", () => {
  const flow = 'nodes = [{ id = "a", type = "merge" }]\npolicy.fs.read = ["a/**"] # its own\nname = "flow"\n';
  const at = (intent: Intent) => edited(flow, "flow.toml", intent);

  it("get dotted keys beside them, because a header would take the keys below into its table", () => {
    const beside = (line: string): string => flow.replace("# its own\n", `# its own\n${line}\n`);
    expect(at({ type: "add-policy-entry", family: "shell.commands", entry: "git" })).toBe(
      beside('policy.shell.commands = ["git"]'),
    );
    expect(at({ type: "set-field", path: ["policy", "http", "urls"], value: ["https://a/*"] })).toBe(
      beside('policy.http.urls = ["https://a/*"]'),
    );
    expect(at({ type: "set-field", path: ["policy", "fs", "write"], value: [] })).toBe(beside("policy.fs.write = []"));
  });

  it("below a header of their own are opened by headers again", () => {
    const headed = '[[nodes]]\nid = "a"\ntype = "merge"\n\n[policy]\nfs.read = ["a/**"]\n';
    expect(edited(headed, "flow.toml", { type: "add-policy-entry", family: "shell.commands", entry: "git" })).toBe(
      `${headed}\n[policy.shell]\ncommands = ["git"]\n`,
    );
  });
});

describe("lists whose commas lead", () => {
  const list = `nodes = [
  # About a.
  { id = "a", type = "merge" } # a's
  # About b.
  , { id = "b", type = "merge" } # b's
  # About c.
  , { id = "c", type = "merge" }
]
`;

  it("lose an item with its own comments and leave those of the next one", () => {
    expect(edited(list, "flow.toml", { type: "remove-node", node: "a", withEdges: true })).toBe(`nodes = [
  # About b.
  { id = "b", type = "merge" } # b's
  # About c.
  , { id = "c", type = "merge" }
]
`);
    const made = edited(list, "flow.toml", { type: "remove-node", node: "b", withEdges: true });
    expect(made).toContain("# About c.");
    expect(open(made, "flow.toml").graphs[0]?.graph.nodes.map((one) => one.id)).toEqual(["a", "c"]);
  });
});

describe("an edge between brackets", () => {
  it("loses its label and its loop at once", () => {
    const flow =
      'nodes = [{ id = "a", type = "merge" }]\nedges = [{ from = "a", to = "a", when = "x", max_iterations = 2 }]\n';
    expect(edited(flow, "flow.toml", { type: "set-edge", index: 0, when: null, maxIterations: null })).toBe(
      flow.replace(', when = "x", max_iterations = 2', ""),
    );
  });
});

describe("nodes of a workflow", () => {
  it("are added behind the last one, in its form and at its distance", () => {
    const made = on({ type: "add-node", id: "c", kind: "read_file", fields: [["path_from", "trigger.p"]] });
    const block = '[[nodes]]\nid = "c"\ntype = "read_file"\npath_from = "trigger.p"\n\n';
    expect(made).toBe(text.replace("[[edges]]", `${block}[[edges]]`));
  });

  it("go with the comments above and on their lines, and leave no double blank line", () => {
    expect(on({ type: "remove-node", node: "a", withEdges: true })).toBe(`# A flow.
name = "flow"

[[start_nodes]]
name = "main"
source = "manual"

# ---- nodes ----

[[nodes]]
id = "b"
type = "merge"
[nodes.retry]
max_attempts = 2
`);
  });

  it("go with a sub-table that stands behind other tables", () => {
    const apart =
      'name = "f"\n[[nodes]]\nid = "a"\ntype = "merge"\n\n[policy.fs]\nread = []\n\n[nodes.retry]\nmax_attempts = 2\n';
    const made = edited(apart, "f.toml", { type: "remove-node", node: 0, withEdges: false });
    expect(made).toBe('name = "f"\n\n[policy.fs]\nread = []\n');
    expect(edited(`${apart}\n[[nodes]]\nid = "b"\n`, "f.toml", { type: "reorder-node", node: 0, steps: 1 })).toMatch(
      /^\[edit_unsafe\] the item's tables stand apart/,
    );
  });

  it("are copied as they are written, under another id", () => {
    const made = on({ type: "duplicate-node", node: "b", id: "b2" });
    const copy = '[[nodes]]\nid = "b2"\ntype = "merge"\n[nodes.retry]\nmax_attempts = 2\n\n';
    expect(made).toBe(text.replace("[[edges]]", `${copy}[[edges]]`));
  });

  it("move with their comments", () => {
    const first = '# The first.\n[[nodes]]\nid = "a" # its name\ntype = "merge"\n\n';
    const made = on({ type: "reorder-node", node: "a", steps: 1 });
    expect(made).toBe(text.replace(first, "").replace("[[edges]]", `${first}[[edges]]`));
    expect(on({ type: "reorder-node", node: "a", steps: 1 }, { type: "reorder-node", node: "a", steps: -1 })).toBe(
      text,
    );
  });

  it("never get the id of another", () => {
    expect(on({ type: "add-node", id: "a", kind: "merge", fields: [] })).toMatch(/^\[edit_conflict\]/);
    expect(on({ type: "remove-node", node: "z", withEdges: true })).toBe("[edit_unknown] there is no node `z`");
  });

  it("are added to a document without any, behind the starts and before the edges", () => {
    const bare = 'name = "f"\n\n[[start_nodes]]\nname = "m"\nsource = "manual"\n\n[[edges]]\nfrom = "a"\nto = "a"\n';
    const made = edited(bare, "f.toml", { type: "add-node", id: "a", kind: "merge", fields: [] });
    expect(made).toBe(bare.replace("[[edges]]", '[[nodes]]\nid = "a"\ntype = "merge"\n\n[[edges]]'));
  });

  it("follow arrays on one line, arrays on many, and wrapped documents in their own form", () => {
    const add: Intent = { type: "add-node", id: "c", kind: "merge", fields: [] };
    const inline = 'name = "f"\nnodes = [{id="a", type="merge"}]\n';
    expect(edited(inline, "f.toml", add)).toBe(
      'name = "f"\nnodes = [{id="a", type="merge"}, {id="c", type="merge"}]\n',
    );
    const many = "name = 'f'\nnodes = [\n  { id = 'a', type = 'merge' }, # first\n]\n";
    expect(edited(many, "f.toml", add)).toBe(many.replace("]\n", "  { id = 'c', type = 'merge' },\n]\n"));
    const wrapped = '[[workflows]]\r\nname = "f"\r\n\r\n  [[workflows.nodes]]\r\n  id = "a"\r\n  type = "merge"\r\n';
    expect(edited(wrapped, "f.toml", add)).toBe(
      `${wrapped}\r\n  [[workflows.nodes]]\r\n  id = "c"\r\n  type = "merge"\r\n`,
    );
  });
});

describe("edges of a workflow", () => {
  it("are added, labelled, made loops and removed", () => {
    const loop = on({ type: "add-edge", from: "b", to: "a", when: "x", maxIterations: 3 });
    expect(loop).toBe(`${text}\n[[edges]]\nfrom = "b"\nto = "a"\nwhen = "x"\nmax_iterations = 3\n`);
    expect(on({ type: "set-edge", index: 0, maxIterations: 2 }, { type: "set-edge", index: 0, when: "ok" })).toBe(
      `${text}when = "ok"\nmax_iterations = 2\n`,
    );
    expect(on({ type: "remove-edge", index: 0 })).toBe(text.slice(0, text.indexOf("\n[[edges]]")));
    expect(on({ type: "remove-edge", index: 0 }, { type: "add-edge", from: "a", to: "b" })).toBe(text);
  });

  it("take a new node between their ends", () => {
    const made = on({ type: "insert-on-edge", index: 0, node: { id: "c", kind: "merge", fields: [] } });
    expect(made).toBe(
      text
        .replace('\n[[nodes]]\nid = "b"', '\n[[nodes]]\nid = "c"\ntype = "merge"\n\n[[nodes]]\nid = "b"')
        .replace('to = "b"\n', 'to = "c"\n\n[[edges]]\nfrom = "c"\nto = "b"\n'),
    );
  });
});

describe("fields of a workflow", () => {
  it("are set where they stand, in the quotes they have", () => {
    const own = "name = 'f'\nnodes = [{ id = 'a', type = 'fail', reason = 'no' }]\n";
    expect(edited(own, "f.toml", { type: "set-field", node: "a", path: ["reason"], value: "C:\\x" })).toBe(
      own.replace("'no'", "'C:\\x'"),
    );
    expect(edited(own, "f.toml", { type: "set-field", node: "a", path: ["reason"], value: "it's" })).toBe(
      own.replace("'no'", '"it\'s"'),
    );
  });

  it("keep the form of strings of several lines", () => {
    const long = 'name = "f"\n[[nodes]]\nid = "a"\ntype = "fail"\nreason = """\nold\n""" # why\n';
    expect(edited(long, "f.toml", { type: "set-field", node: 0, path: ["reason"], value: 'new\n"x"\n' })).toBe(
      long.replace("old\n", 'new\n"x"\n'),
    );
  });

  it("are made in the sub-table that is there, and refused where TOML has no word for the value", () => {
    expect(on({ type: "set-field", node: "b", path: ["retry", "backoff_ms"], value: 5n })).toBe(
      text.replace("max_attempts = 2\n", "max_attempts = 2\nbackoff_ms = 5\n"),
    );
    expect(on({ type: "set-field", node: "b", path: ["x"], value: null })).toMatch(
      /^\[edit_not_expressible\] TOML has no null/,
    );
  });

  it("of the policy get tables of their own, and lists keep their form", () => {
    const made = on(
      { type: "add-policy-entry", family: "fs.read", entry: "a/**" },
      { type: "add-policy-entry", family: "fs.read", entry: "b/**" },
      { type: "add-policy-entry", family: "fs.read", entry: "b/**" },
      { type: "add-policy-entry", family: "shell.commands", entry: "/usr/bin/git" },
      { type: "add-policy-entry", family: "fs.write", entry: "out/**" },
    );
    const policy =
      '\n[policy.fs]\nread = ["a/**", "b/**"]\nwrite = ["out/**"]\n\n[policy.shell]\ncommands = ["/usr/bin/git"]\n';
    expect(made).toBe(text + policy);
  });
});

describe("edits of the examples", () => {
  it("leave the release gate as it is but for one node, its edges and its comment", () => {
    const before = example("release-gate/release-gate.toml");
    const made = edited(before, "release-gate.toml", { type: "remove-node", node: "declined", withEdges: true });
    expect(made).toBe(
      before
        .replace('[[nodes]]\nid = "declined"\ntype = "fail"\nreason = "the release was declined"\n\n', "")
        .replace(
          /# Without this edge a denial[^\n]*\n\[\[edges\]\]\nfrom = "approve"\nto = "declined"\nwhen = "denied"\n\n/,
          "",
        ),
    );
  });

  it("add an entry to the support router's policy", () => {
    const before = example("support-router/support-router.toml");
    const made = edited(before, "support-router.toml", { type: "add-policy-entry", family: "fs.read", entry: "x" });
    expect(made).toBe(before.replace('greetings/**"]', 'greetings/**", "x"]'));
  });
});

describe("documents with errors", () => {
  const broken = `${text}\n[[nodes]]\nid = \ntype = "merge"\n`;

  it("are edited where the text is intact", () => {
    expect(edited(broken, "flow.toml", { type: "remove-edge", index: 0 })).toBe(
      broken.replace('[[edges]]\nfrom = "a"\nto = "b"\n\n', ""),
    );
  });

  it("are left alone where it is not", () => {
    const torn = text.replace("# its name\n", "# its name\n!!! what\n");
    const plan = planEdits(open(torn, "flow.toml"), { type: "remove-node", node: 0, withEdges: false });
    expect(plan).toMatchObject({ ok: false, code: "edit_unsafe" });
  });
});

describe("repairs of a workflow", () => {
  const repaired = (before: string, code: string, title?: string): string => {
    const document = open(before, "flow.toml");
    const found = document.findings.find((one) => one.code === code);
    const fix = found?.fixes?.find((one) => title === undefined || one.title.startsWith(title));
    if (fix === undefined) throw new Error(`no fix for ${code}: ${JSON.stringify(document.findings)}`);
    const plan = applyFix(document, fix);
    if (!plan.ok) throw new Error(plan.message);
    return applyEdits(before, plan.edits);
  };

  it("write a suggested word in the quotes of the wrong one", () => {
    const wrong = text.replace('to = "b"', "to = 'bb'").replace('id = "b"', 'id = "bbb"');
    expect(repaired(wrong, "dangling_edge")).toBe(wrong.replace("'bb'", "'bbb'"));
    expect(repaired(text.replace("source =", "sorce ="), "unknown_key", "Change")).toBe(text);
    expect(
      repaired(text.replace('entry_node = "a"', 'nonsense_here = 1\nentry_node = "a"'), "unknown_key", "Remove"),
    ).toBe(text);
  });

  it("turn the edge that closes a cycle into a loop", () => {
    const cycle = `${text}\n[[edges]]\nfrom = "b"\nto = "a"\n`;
    expect(repaired(cycle, "cycle")).toBe(`${cycle}max_iterations = 3\n`);
  });

  it("append edges and whole policies", () => {
    const document = open(text, "flow.toml");
    const edge = applyFix(document, { type: "append", title: "", table: "edges", entries: { from: "b", to: "a" } });
    expect(edge.ok && applyEdits(text, edge.edits)).toBe(`${text}\n[[edges]]\nfrom = "b"\nto = "a"\n`);
    const entries = { fs: { read: ["x"] }, shell: { commands: [] } };
    const policy = applyFix(document, { type: "append", title: "", table: "policy", entries });
    expect(policy.ok && applyEdits(text, policy.edits)).toBe(
      `${text}\n[policy.fs]\nread = ["x"]\n\n[policy.shell]\ncommands = []\n`,
    );
  });
});
