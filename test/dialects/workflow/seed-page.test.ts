import { describe, expect, it } from "vitest";
import { frontEnd, graphOf, linesOf, slice } from "./front-end.ts";
import { snippets } from "./seed-page.ts";

/** Each snippet as it would stand in a document. */
const document = (snippet: string) => `name = "page"\n${snippet}`;

const broken = "6.2 mTLS in a workflow";

describe("the page's snippets", () => {
  it.each(Object.entries(snippets).filter(([name]) => name !== broken))("%s is a workflow", (_name, snippet) => {
    const { graph, diagnostics } = frontEnd.parse(document(snippet), "x.toml");
    expect(diagnostics).toEqual([]);
    expect(graph).not.toBeNull();
  });

  it("the mTLS sample writes two keys on one line, which is no TOML; the place is that of the second", () => {
    const text = document(snippets[broken] as string);
    const { graph, diagnostics } = frontEnd.parse(text, "x.toml");
    expect(graph).toBeNull();
    expect(diagnostics).toHaveLength(1);
    const at = diagnostics[0]?.at;
    if (at === undefined || !("start" in at)) throw new Error("a syntax problem has a range");
    expect(text.split("\n")[at.start.line]).toBe('from = "audit" to = "allow"');
    expect(slice(text, at)).toBe("t");
    const repaired = text.replaceAll('" to =', '"\nto =');
    expect(graphOf(repaired).edges.map((edge) => edge.when)).toEqual(["sha256:abc123...…", null]);
  });

  it("put together, they use 22 of the kinds, all tables, and give the issues one expects of loose parts", () => {
    const kinds = new Set<string>();
    for (const [name, snippet] of Object.entries(snippets)) {
      if (name !== broken) for (const node of graphOf(document(snippet)).nodes) kinds.add(node.kind);
    }
    expect([...kinds].sort()).toEqual(
      [
        "call",
        "call_mcp_tool",
        "condition",
        "create_dir",
        "diff_compute",
        "fail",
        "http_request",
        "json_select",
        "llm_infer",
        "map",
        "merge",
        "parallel",
        "parse_json",
        "pause_for_approval",
        "read_env",
        "read_file",
        "read_mcp_resource",
        "respond",
        "shell_run",
        "switch",
        "template_render",
        "terminate",
        "write_file",
      ].sort(),
    );
    expect(linesOf(document(snippets["2 edges"] as string))).toEqual([
      "dangling_edge: edge #0 `node_id` → `other_node_id`: source node `node_id` is not declared",
      "dangling_edge: edge #0 `node_id` → `other_node_id`: target node `other_node_id` is not declared",
    ]);
  });
});
