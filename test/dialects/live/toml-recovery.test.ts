import { describe, expect, it } from "vitest";
import { createOpenLive, MAX_LIVE_LENGTH } from "../../../src/dialects/live/open.ts";
import type { LiveDocument } from "../../../src/dialects/live/live.ts";
import { located } from "../../../src/graph/diagnostic.ts";
import type { Graph } from "../../../src/graph/model.ts";
import { definitions } from "../../../src/kinds/definitions.generated.ts";
import { slice } from "../workflow/front-end.ts";

const open = createOpenLive({ kinds: definitions });

const start = '[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "a"\n';
const node = (id: string, rest = 'type = "read_file"\npath_from = "trigger.p"'): string =>
  `[[nodes]]\nid = "${id}"\n${rest}\n`;
const edge = (from: string, to: string): string => `[[edges]]\nfrom = "${from}"\nto = "${to}"\n`;
const head = `name = "w"\n${start}`;

function opened(text: string, file = "a.toml"): LiveDocument {
  const document = open(text, file);
  if (document === null) throw new Error("not taken for a document of ours");
  return document;
}

/** Codes with what they point at. */
function found(text: string): string[] {
  const document = opened(text);
  return located(document.findings, document.source).map(({ code, at }) => `${code} ${slice(text, at)}`);
}

function graphOf(text: string): Graph {
  const graph = opened(text).graphs[0]?.graph;
  if (graph === undefined) throw new Error("there is no graph");
  return graph;
}

describe("a workflow with errors", () => {
  it("has every node, edge and start that can be made out", () => {
    const text = `${head}${node("a")}${node("b", "type = ")}${node("c", 'type = "nonsense"')}${node("d")}${edge("a", "b")}${edge("b", "c")}[[edges]]\nfrom = "c"\nto =\n${edge("c", "d")}`;
    const { nodes, edges, starts } = graphOf(text);
    expect(nodes.map(({ id, kind }) => [id, kind])).toEqual([
      ["a", "read_file"],
      ["b", ""],
      ["c", ""],
      ["d", "read_file"],
    ]);
    expect(edges.map(({ from, to }) => `${from}-${to}`)).toEqual(["a-b", "b-c", "c-d"]);
    expect(starts.map(({ name, entry }) => [name, entry])).toEqual([["main", "a"]]);
    expect(opened(text)).toMatchObject({ accepted: false, graphs: [{ whole: false }] });
  });

  it("keeps the references of a node whose other fields are wrong", () => {
    const text = `${head}${node("a")}${node("b", 'type = "read_file"\npath_from = "a.content"\nbogus = 1')}${edge("a", "b")}`;
    expect(graphOf(text).nodes[1]).toMatchObject({ id: "b", kind: "", references: [{ text: "a.content" }] });
  });

  it("reports each broken statement at its place", () => {
    const text = `${head}${node("a", 'type = "read_file\npath_from = "trigger.p"')}${node("b", "type = ")}${edge("a", "b")}zzz\n`;
    const places = opened(text).findings.map(({ code, at }) => [code, "start" in at ? at.start.line : null]);
    expect(places).toEqual([
      ["toml_syntax", 7],
      ["toml_syntax", 11],
      ["toml_syntax", 15],
    ]);
  });

  it.each([
    [
      "an edge to a node whose id is broken",
      `${head}${node("a")}[[nodes]]\nid = "b\ntype = "read_file"\npath_from = "trigger.p"\n${edge("a", "b")}`,
    ],
    ["a node behind a broken edge", `${head}${node("a")}${node("b")}[[edges]]\nfrom = "a"\nto = "b\n`],
    [
      "everything while a header is being typed",
      `${head}${node("a")}[[no\nid = "b"\n${edge("a", "b")}${edge("b", "c")}`,
    ],
    [
      "a start that enters a broken node",
      `name = "w"\n${start}[[nodes]]\nid = \ntype = "read_file"\npath_from = "trigger.p"\n`,
    ],
    ["a field that is being typed", `${head}[[nodes]]\nid = "a"\ntype = "read_file"\npath_from = \n`],
    ["the name while its line is being typed", `name = \n${start}${node("a")}`],
    ["edges to nodes of a broken list", `name = "w"\nnodes = [{ id = "a", \n${start}${edge("a", "b")}`],
  ])("blames nobody else: %s", (_, text) => {
    const codes = opened(text).findings.map(({ code }) => code);
    expect(codes.length).toBeGreaterThan(0);
    expect(new Set(codes)).toEqual(new Set(["toml_syntax"]));
  });

  it("goes on finding what has nothing to do with the error", () => {
    const text = `${head}${node("a")}${node("b", 'type = "read_file"\npath_from = 5')}${edge("a", "b")}${edge("b", "nowhere")}`;
    expect(found(text)).toEqual(["wrong_type 5", 'dangling_edge "nowhere"']);
  });

  it("a table or key that is there twice is reported where smol-toml does", () => {
    const text = `${head}${node("a")}[policy]\n[budget]\n[policy]\n`;
    expect(found(text)).toEqual(["toml_syntax p"]);
    expect(found(`${head}name = "x"\n${node("a")}`)[0]).toBe("toml_syntax n");
  });

  it("a string of several lines that lacks its end does not swallow the next tables", () => {
    const text = `${head}${node("a", 'type = "template_render"\ntemplate = """\nHello')}${node("b", 'type = "template_render"\ntemplate = """\nBye\n"""')}${node("c")}${edge("a", "b")}${edge("b", "c")}`;
    expect(graphOf(text).nodes.map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect(found(text).every((one) => one.startsWith("toml_syntax "))).toBe(true);
  });

  it("a string with a header in it is what smol-toml takes it for", () => {
    const text = `name = """\n[[nodes]]\nx = """\n${start}${node("a")}`;
    expect(opened(text)).toMatchObject({ accepted: true, findings: [] });
    expect(opened(text).source.element(["name"])?.text).toBe("[[nodes]]\nx = ");
  });

  it("wrapped documents are recovered, too", () => {
    const text = `[[workflows]]\nname = "w"\n[[workflows.nodes]]\nid = "a"\ntype = \n[[workflows.nodes]]\nid = "b"\ntype = "read_file"\npath_from = "trigger.p"\n[[workflows.edges]]\nfrom = "a"\nto = "b"\n`;
    const { nodes, edges } = graphOf(text);
    expect([nodes.map(({ id }) => id), edges.length]).toEqual([["a", "b"], 1]);
    expect(opened(text).findings.map(({ code }) => code)).toEqual(["toml_syntax"]);
  });
});

describe("what is kept from the text before", () => {
  const text = `${head}${node("a")}${node("b")}${node("c")}${edge("a", "b")}${edge("b", "c")}`;

  it("nodes and edges that an edit did not touch are the same objects", () => {
    const before = opened(text);
    const after = open(text.replace('id = "b"', 'id = "bb"'), "a.toml", before);
    const [old, made] = [before.graphs[0]?.graph, after?.graphs[0]?.graph];
    expect(made?.nodes[1]?.id).toBe("bb");
    expect(made?.nodes[0]).toBe(old?.nodes[0]);
    expect(made?.nodes[2]).toBe(old?.nodes[2]);
    expect(made?.edges).toBe(old?.edges);
  });

  it("nodes behind a new one have their new places", () => {
    const after = open(text.replace('[[nodes]]\nid = "b"', `${node("x")}[[nodes]]\nid = "b"`), "a.toml", opened(text));
    const moved = after?.graphs[0]?.graph.nodes[2];
    expect(moved).toMatchObject({ id: "b", index: 2, at: ["nodes", 2] });
    expect(moved?.references[0]?.at.path).toEqual(["nodes", 2, "path_from"]);
  });
});

describe("what is opened", () => {
  it("fixtures and configuration have places and syntax findings only", () => {
    expect(opened("a = 1\n", "fixture.toml")).toMatchObject({ accepted: true, graphs: [], findings: [] });
    const broken = opened("a = \nb\n", "countersign.toml");
    expect(broken).toMatchObject({ accepted: false, graphs: [] });
    expect(broken.findings.map(({ code }) => code)).toEqual(["toml_syntax", "toml_syntax"]);
  });

  it("other TOML files are left alone", () => {
    expect(open('[package]\nname = "x"\n', "Cargo.toml")).toBeNull();
    expect(open("nodes = 3\n", "a.toml")).toBeNull();
  });

  it("a text of more than 10 Mi characters is only said to be too large", () => {
    const text = head + node("a") + "#".repeat(MAX_LIVE_LENGTH);
    const document = opened(text);
    expect(document).toMatchObject({ accepted: false, graphs: [] });
    expect(document.findings.map(({ code, severity }) => [code, severity])).toEqual([["document_too_large", "error"]]);
    expect(document.source.element([])?.children).toEqual([]);
    expect(document.source.at(5)).toMatchObject({ path: [], replace: [0, 0] });
  });

  it("a text of just 10 Mi characters is read", () => {
    const text = head + node("a") + "#".repeat(100);
    expect(opened(text + "\n".repeat(MAX_LIVE_LENGTH - text.length)).accepted).toBe(true);
  });
});
