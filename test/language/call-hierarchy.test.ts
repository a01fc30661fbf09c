import type { CallHierarchyIncomingCall, CallHierarchyItem, CallHierarchyOutgoingCall } from "vscode-languageserver";
import { describe, expect, test } from "vitest";
import { served, type Served } from "./harness.ts";
import { nameOf, shown } from "./navigation.ts";

/** An item as `kind name (file)`. */
function item({ kind, name, uri }: CallHierarchyItem): string {
  const word = kind === 2 ? "document" : kind === 12 ? "start" : "node";
  return `${word} ${name} (${nameOf(uri)})`;
}

async function prepare(s: Served, name: string, source: string): Promise<CallHierarchyItem> {
  const d = s.open(name, source);
  const [first] = await s.request<CallHierarchyItem[]>("textDocument/prepareCallHierarchy", d.at());
  if (first === undefined) throw new TypeError("nothing was prepared");
  return first;
}

async function incoming(s: Served, of: CallHierarchyItem): Promise<readonly CallHierarchyIncomingCall[]> {
  return s.request("callHierarchy/incomingCalls", { item: of });
}

async function outgoing(s: Served, of: CallHierarchyItem): Promise<readonly CallHierarchyOutgoingCall[]> {
  return s.request("callHierarchy/outgoingCalls", { item: of });
}

const child = `name = "child"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "a"
[[start_nodes]]
name = "other"
source = "manual"
entry_node = "b"
[[nodes]]
id = "a"
type = "merge"
[[nodes]]
id = "b"
type = "merge"
`;
const parent = `name = "parent"
[[start_nodes]]
name = "go"
source = "manual"
entry_node = "split"
[[start_nodes]]
name = "late"
source = "manual"
entry_node = "each"
[[nodes]]
id = "split"
type = "parallel"
branches = [{ workflow = "child.toml" }, { workflow = "child.toml", start = "other" }, { workflow = "gone.toml" }]
[[nodes]]
id = "each"
type = "map"
items_from = "trigger.x"
workflow = "child.toml"
max_items = 1
start = "other"
[[edges]]
from = "split"
to = "each"
`;

describe("workflow", () => {
  test("what a start comes to, what its nodes run, and back", async () => {
    const s = await served({ "child.toml": child });
    const start = await prepare(s, "parent.toml", parent.replace('"go"', '"g‹|›o"'));
    expect(item(start)).toBe("start go (parent.toml)");
    const nodes = await outgoing(s, start);
    expect(nodes.map((one) => item(one.to))).toEqual(["node split (parent.toml)", "node each (parent.toml)"]);
    const [split, each] = nodes.map((one) => one.to) as [CallHierarchyItem, CallHierarchyItem];
    const called = await outgoing(s, split);
    expect(called.map((one) => item(one.to))).toEqual(["start main (child.toml)", "start other (child.toml)"]);
    expect(called.map((one) => one.fromRanges.length)).toEqual([1, 1]);
    const other = called[1]?.to as CallHierarchyItem;
    const callers = await incoming(s, other);
    expect(callers.map((one) => item(one.from))).toEqual(["node split (parent.toml)", "node each (parent.toml)"]);
    expect(callers.map((one) => one.fromRanges.map((range) => shown(parent, range)))).toEqual([
      [
        'branches = [{ workflow = "child.toml" }, { workflow = "‹child.toml›", start = "other" }, { workflow = "gone.toml" }]',
      ],
      ['workflow = "‹child.toml›"'],
    ]);
    const starts = await incoming(s, each);
    expect(starts.map((one) => item(one.from))).toEqual(["start go (parent.toml)", "start late (parent.toml)"]);
    expect(starts.map((one) => one.fromRanges.map((range) => shown(parent, range)))).toEqual([
      ['entry_node = "‹split›"'],
      ['entry_node = "‹each›"'],
    ]);
    expect((await incoming(s, split)).map((one) => item(one.from))).toEqual(["start go (parent.toml)"]);
  });

  test("a start only comes to what its entry leads to", async () => {
    const s = await served({ "child.toml": child });
    const start = await prepare(s, "parent.toml", parent.replace('"late"', '"l‹|›ate"'));
    expect((await outgoing(s, start)).map((one) => item(one.to))).toEqual(["node each (parent.toml)"]);
  });

  test("a document as a whole is called by whoever names one of its starts", async () => {
    const s = await served({ "parent.toml": parent });
    const whole = await prepare(s, "child.toml", child.replace('"child"', '"chi‹|›ld"'));
    expect(item(whole)).toBe("document child (child.toml)");
    const callers = await incoming(s, whole);
    expect(callers.map((one) => [item(one.from), one.fromRanges.length])).toEqual([
      ["node split (parent.toml)", 2],
      ["node each (parent.toml)", 1],
    ]);
    expect(await outgoing(s, whole)).toEqual([]);
  });

  test("on a file, a reference, and anywhere within a node", async () => {
    const s = await served({ "child.toml": child });
    const at = (source: string): Promise<string> => prepare(s, "parent.toml", source).then(item);
    expect(await at(parent.replace('workflow = "child.toml"\nmax', 'workflow = "chi‹|›ld.toml"\nmax'))).toBe(
      "start other (child.toml)",
    );
    expect(await at(parent.replace('from = "split"', 'from = "sp‹|›lit"'))).toBe("node split (parent.toml)");
    expect(await at(parent.replace("max_items", "max‹|›_items"))).toBe("node each (parent.toml)");
  });

  test("circles end, because each question is one step", async () => {
    const loop = `name = "loop"\n[[start_nodes]]\nname = "s"\nsource = "manual"\nentry_node = "again"\n[[nodes]]\nid = "again"\ntype = "call"\nworkflow = "loop.toml"\n`;
    const s = await served();
    const start = await prepare(s, "loop.toml", loop.replace('"s"', '"‹|›s"'));
    const [node] = await outgoing(s, start);
    const [back] = await outgoing(s, node?.to as CallHierarchyItem);
    expect(back === undefined ? "" : item(back.to)).toBe("start s (loop.toml)");
    expect((await incoming(s, start)).map((one) => item(one.from))).toEqual(["node again (loop.toml)"]);
  });

  test("the wrapped form, while it is being typed", async () => {
    const s = await served({ "child.toml": child });
    const wrapped = `[[workflows]]\nname = "w"\nnodes = [{ id = "c‹|›", type = "call", workflow = "child.toml" }]\n[workflows.budget]\nx =\n`;
    const node = await prepare(s, "w.toml", wrapped);
    expect((await outgoing(s, node)).map((one) => item(one.to))).toEqual(["start main (child.toml)"]);
  });
});

describe("skill graph and pipeline", () => {
  const skill = "---\nname: s\nsource: { type: cli-tool, command: x }\n---\n";
  const manifest =
    "skill: t\nrunners:\n  fast: { type: cli-tool, command: x }\n  deep:\n    type: graph\n    default: true\n    graph:\n      name: d\n      steps:\n        - { id: one, skill: ../s }\n";
  const graph =
    "name: g\nsteps:\n  - id: a\n    skill: ../t\n  - { id: b, skill: ../t, runner: fast }\n  - { id: c, run: { type: approval } }\n";
  const files = { "s/SKILL.md": skill, "t/X.yaml": manifest };

  test("nested skills, by runner", async () => {
    const s = await served(files);
    const whole = await prepare(s, "g/graph.yaml", `‹|›${graph}`);
    const steps = await outgoing(s, whole);
    expect(steps.map((one) => item(one.to))).toEqual(["node a (g/graph.yaml)", "node b (g/graph.yaml)"]);
    const [deep] = await outgoing(s, steps[0]?.to as CallHierarchyItem);
    expect(item(deep?.to as CallHierarchyItem)).toBe("start deep (t/X.yaml)");
    const [fast] = await outgoing(s, steps[1]?.to as CallHierarchyItem);
    expect(item(fast?.to as CallHierarchyItem)).toBe("start fast (t/X.yaml)");
    const [one] = await outgoing(s, deep?.to as CallHierarchyItem);
    expect(item(one?.to as CallHierarchyItem)).toBe("node one (t/X.yaml)");
    const [last] = await outgoing(s, one?.to as CallHierarchyItem);
    expect(item(last?.to as CallHierarchyItem)).toBe("document s (s/SKILL.md)");
    const [caller] = await incoming(s, last?.to as CallHierarchyItem);
    expect(item(caller?.from as CallHierarchyItem)).toBe("node one (t/X.yaml)");
    const [runner] = await incoming(s, caller?.from as CallHierarchyItem);
    expect(item(runner?.from as CallHierarchyItem)).toBe("start deep (t/X.yaml)");
    const [step] = await incoming(s, runner?.from as CallHierarchyItem);
    expect(item(step?.from as CallHierarchyItem)).toBe("node a (g/graph.yaml)");
    const [document] = await incoming(s, step?.from as CallHierarchyItem);
    expect(item(document?.from as CallHierarchyItem)).toBe("document g (g/graph.yaml)");
  });

  test("a pipeline has stages and calls nobody", async () => {
    const s = await served();
    const stage = await prepare(
      s,
      "spec.kv",
      "v=1\nmodel=single_ring\nname=p\nsingle_ring.shards=1\nsingle_ring.ordering=strict\nsingle_ring.producer=single\nsingle_ring.scheduling=dedicated\nsingle_ring.stages.0.id=f‹|›etch\nsingle_ring.stages.0.stage=identity\nsingle_ring.stages.0.depends_on.count=0\n",
    );
    expect(item(stage)).toBe("node fetch (spec.kv)");
    expect(await outgoing(s, stage)).toEqual([]);
    expect((await incoming(s, stage)).map((one) => item(one.from))).toEqual(["document p (spec.kv)"]);
  });
});
