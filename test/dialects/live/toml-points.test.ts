import { describe, expect, it } from "vitest";
import { createOpenLive } from "../../../src/dialects/live/open.ts";
import { definitions } from "../../../src/kinds/definitions.generated.ts";

const open = createOpenLive({ kinds: definitions });

/** What stands at the mark `|`: part, path, what is replaced, and the table for a new key. */
function at(marked: string): string {
  const offset = marked.indexOf("|");
  const text = marked.slice(0, offset) + marked.slice(offset + 1);
  const document = open(text, "fixture.toml");
  if (document === null) throw new Error("its name is ours");
  const { part, path, replace, string, table } = document.source.at(offset);
  const inner = string === null ? "" : ` ${JSON.stringify(string.text)}@${string.offset}`;
  const into = table === null ? "" : ` into /${table.join("/")}`;
  return `${part} /${path.join("/")} <${text.slice(...replace)}>${inner}${into}`;
}

describe("what stands at an offset", () => {
  it.each([
    ["in a key", '[[nodes]]\nid = "a"\nty|pe = "x"\n', "key /nodes/0/type <type> into /nodes/0"],
    ["in a header", '[[nodes]]\n[[no|des]]\nid = "a"\n', "header /nodes/1 <nodes>"],
    ["in a header's last name", "[[nodes]]\n[nodes.ret|ry]\n", "header /nodes/0/retry <retry>"],
    ["in a string", '[[nodes]]\nid = "a\\u0041b|c"\n', 'value /nodes/0/id <"a\\u0041bc"> "aAbc"@3'],
    ["at a string's closing quote", 'x = "ab|"\n', 'value /x <"ab"> "ab"@2'],
    ["behind a string", 'x = "ab"|\n', 'value /x <"ab"> "ab"@2'],
    ["in a number", "x = 1|2\n", "value /x <12>"],
    ["in a missing value", "[[nodes]]\ntype = |\n[[edges]]\n", "value /nodes/0/type <>"],
    ["in a missing value at the end", "[[nodes]]\ntype =|", "value /nodes/0/type <>"],
    ["in a word without quotes", "type = read_|fi\n", "value /type <read_fi>"],
    ["in a lone key", '[[nodes]]\nid = "a"\nty|\n[[edges]]\n', "key /nodes/0/ty <ty> into /nodes/0"],
    ["behind a dot", "[[nodes]]\nretry.|\n", "key /nodes/0/retry <> into /nodes/0/retry"],
    ["in a dotted key", "retry.max|_a = 1\n", "key /retry/max_a <max_a> into /retry"],
    ["on a blank line", '[[nodes]]\nid = "a"\n|\n[[edges]]\n', "space /nodes/0 <> into /nodes/0"],
    ["on a blank line at the end", '[[nodes]]\nid = "a"\n\n|', "space /nodes/0 <> into /nodes/0"],
    [
      "on a blank line in a sub-table",
      '[[nodes]]\nid = "a"\n[nodes.retry]\n  |',
      "space /nodes/0/retry <> into /nodes/0/retry",
    ],
    ["at the beginning", "|\n[[nodes]]\n", "space / <> into /"],
    ["in an empty text", "|", "space / <> into /"],
    ["in a comment", '[[nodes]]\nid = "a" # so| on\n', "comment /nodes/0 <>"],
    ["before a comment", "x =| # so on\n", "value /x <>"],
    ["behind a value", 'x = "a" |\n', "space /x <>"],
    ["behind a header", "[[nodes]] |\n", "space /nodes/0 <>"],
    ["in an inline table's key", 'nodes = [{ id = "a", ty| }]\n', "key /nodes/0/ty <ty> into /nodes/0"],
    ["in an inline table's value", 'nodes = [{ id = "a|" }]\n', 'value /nodes/0/id <"a"> "a"@1'],
    ["in an inline table's missing value", "nodes = [{ id = | }]\n", "value /nodes/0/id <>"],
    ["in an inline table's missing value before a comma", "a = { b = |, c = 1 }\n", "value /a/b <>"],
    ["between an inline table's keys", "a = { b = 1, | }\n", "space /a <> into /a"],
    ["in an array", 'x = ["a", "b|"]\n', 'value /x/1 <"b"> "b"@1'],
    ["between an array's elements", 'x = ["a", | ]\n', "space /x <>"],
    ["in an unclosed array", 'x = ["a", |\n[[nodes]]\n', "space /x <>"],
    ["on a line in an unclosed array", 'x = [\n  |\n[[nodes]]\nid = "a"\n', "space /x <>"],
    ["in an unclosed string", '[[nodes]]\ntype = "re|ad\n[[edges]]\n', 'value /nodes/0/type <"read> "read"@2'],
    ["in an unclosed string at its quote", 'type = "|\n', 'value /type <"> ""@0'],
    [
      "in an unclosed string of several lines",
      '[[nodes]]\np = """\nab|c\n[[edges]]\nfrom = "a"\n',
      'value /nodes/0/p <"""\nabc> "abc"@2',
    ],
    ["in a header that is being typed", "[[nodes]]\n[[ed|\n", "header /ed/0 <ed>"],
    ["in an empty header", "[[|\n", "header / <>"],
    ["in an empty closed header", "[[|]]\n", "header / <>"],
    ["behind a header's dot", "[[nodes]]\n[nodes.|]\n", "header /nodes <>"],
  ])("%s", (_, marked, expected) => {
    expect(at(marked)).toBe(expected);
  });

  it("a broken statement leaves what stands behind it alone", () => {
    const rest = '[[edges]]\nfrom = "a"\nto = "b"\n';
    for (const broken of [
      'id = "a',
      "id = ",
      "id",
      "x = [1, 2",
      "x = { a = 1",
      'x = """\nz',
      "x = [\n[1,",
      "[[nodes",
      "[",
      "x = [{ a = [",
    ]) {
      const text = `[[nodes]]\n${broken}\n${rest}`;
      const document = open(text, "fixture.toml");
      expect([broken, document?.source.element(["edges", 0, "to"])?.text]).toEqual([broken, "b"]);
      expect(document?.accepted).toBe(false);
    }
  });

  it("elements tell keys, headers, values and extents", () => {
    const text = `# top\n[[nodes]]   # first\nid = "a\\n"\nretry = { on = "any" }\n\n[nodes.headers]\nX = 1\n\n# next\n[[edges]]\n`;
    const source = open(text, "fixture.toml")?.source;
    const slice = (span: readonly [number, number] | null | undefined): string | null =>
      span ? text.slice(...span) : null;
    const node = source?.element(["nodes", 0]);
    expect([slice(node?.header), node?.key, node?.value, node?.form]).toEqual(["[[nodes]]", null, null, "table"]);
    expect(node?.children).toEqual(["id", "retry", "headers"]);
    expect(slice(node?.extent)).toBe(text.slice(text.indexOf("[[nodes]]"), text.indexOf("\n\n# next")));
    const list = source?.element(["nodes"]);
    expect([slice(list?.key), list?.header, list?.form, list?.children]).toEqual(["nodes", null, "list", [0]]);
    const id = source?.element(["nodes", 0, "id"]);
    expect([slice(id?.key), slice(id?.value), id?.text, id?.form]).toEqual(["id", '"a\\n"', "a\n", "string"]);
    expect(slice(source?.element(["nodes", 0, "retry"])?.value)).toBe('{ on = "any" }');
    expect(slice(source?.element(["nodes", 0, "headers"])?.header)).toBe("[nodes.headers]");
    expect(source?.element([])?.children).toEqual(["nodes", "edges"]);
    expect(source?.element(["nodes", 1])).toBeNull();
  });
});
