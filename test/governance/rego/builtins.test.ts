import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { builtins } from "../../../src/governance/static/rego/builtins/index.ts";
import { p } from "./support.ts";

describe("built-ins", () => {
  it.each([
    ['concat("/", ["a", "b"])', '"a/b"'],
    ['contains("abc", "bc")', "true"],
    ['endswith("abc", "bc")', "true"],
    ['indexof("aéb", "b")', "2"],
    ['indexof_n("aXaX", "X")', "[1,3]"],
    ['lower("AÉ")', '"aé"'],
    ['replace("aaa", "a", "bb")', '"bbbbbb"'],
    ['split("a,b", ",")', '["a","b"]'],
    [
      'sprintf("%d %s %v %5.2f %x %q %05d|%-3s|", [1, "a", [1, {"k": "v"}], 1.5, 255, "q", 42, "z"])',
      '"1 a [1, {\\"k\\": \\"v\\"}]  1.50 ff \\"q\\" 00042|z  |"',
    ],
    ['substring("aéb", 1, -1)', '"éb"'],
    ['trim("xxaxx", "x")', '"a"'],
    ['trim_left("xxa", "x")', '"a"'],
    ['trim_right("axx", "x")', '"a"'],
    ['trim_prefix("abc", "ab")', '"c"'],
    ['trim_suffix("abc", "bc")', '"a"'],
    ['trim_space("  a b ")', '"a b"'],
    ['upper("a")', '"A"'],
    ["format_int(255, 16)", '"ff"'],
    ['strings.reverse("aé")', '"éa"'],
    ['strings.count("aXbX", "X")', "2"],
    ['strings.any_prefix_match(["/a/b", "c"], {"/a"})', "true"],
    ['strings.any_suffix_match("x.com", [".org", ".com"])', "true"],
    ['strings.replace_n({"a": "1", "b": "2"}, "abc")', '"12c"'],
    ["count([1, 2])", "2"],
    ['count("é")', "1"],
    ["sum([1, 2.5])", "3.5"],
    ["product({2, 3})", "6"],
    ["max([1, 3, 2])", "3"],
    ["min({1, 3})", "1"],
    ["max([])", "undefined"],
    ["sort({3, 1})", "[1,3]"],
    ["array.concat([1], [2])", "[1,2]"],
    ["array.slice([1, 2, 3, 4], 1, 3)", "[2,3]"],
    ["array.slice([1], -5, 9)", "[1]"],
    ["array.reverse([1, 2])", "[2,1]"],
    ["union({{1}, {2}})", "[1,2]"],
    ["intersection({{1, 2}, {2, 3}})", "[2]"],
    ['object.get({"a": {"b": 1}}, ["a", "b"], 0)', "1"],
    ['object.get({"a": 1}, "x", 0)', "0"],
    ['object.keys({"b": 1, "a": 2})', '["a","b"]'],
    ['object.remove({"a": 1, "b": 2}, ["a"])', '{"b":2}'],
    ['object.filter({"a": 1, "b": 2}, {"a"})', '{"a":1}'],
    ['object.union({"a": {"x": 1}}, {"a": {"y": 2}})', '{"a":{"x":1,"y":2}}'],
    ['object.union_n([{"a": 1}, {"a": 2}])', '{"a":2}'],
    ['object.subset({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}})', "true"],
    ["object.subset([1, 2, 3], [2, 3])", "true"],
    ['json.filter({"a": {"b": 1, "c": 2}}, ["a/b"])', '{"a":{"b":1}}'],
    ['json.remove({"a": [1, 2]}, ["a/0"])', '{"a":[2]}'],
    ['json.unmarshal(json.marshal({"a": {2, 1}}))', '{"a":[1,2]}'],
    ['json.unmarshal("{")', "undefined"],
    ['json.is_valid("[]")', "true"],
    ["abs(-3)", "3"],
    ["ceil(1.2)", "2"],
    ["floor(-1.2)", "-2"],
    ["numbers.range(3, 1)", "[3,2,1]"],
    ["numbers.range_step(0, 6, 3)", "[0,3,6]"],
    ['to_number("1.50")', "1.5"],
    ['to_number("1x")', "undefined"],
    [
      "[bits.and(6, 3), bits.or(6, 3), bits.xor(6, 3), bits.negate(0), bits.lsh(1, 70), bits.rsh(8, 2)]",
      "[2,7,5,-1,1180591620717411303424,2]",
    ],
    ['units.parse_bytes("1.5KiB")', "1536"],
    ['[type_name(1), type_name({1}), is_string("a"), is_array({}), is_set(set())]', '["number","set",true,false,true]'],
    ['regex.match(`^/data/(safe|x)/[a-z]+$`, "/data/safe/abc")', "true"],
    ['regex.match("(?i)ABC", "xabcx")', "true"],
    ['regex.match("a(?=b)", "ab")', "undefined"],
    ['regex.is_valid("(")', "false"],
    ['regex.find_n("a+", "aaabaa", 1)', '["aaa"]'],
    ['regex.find_n("a+?", "aa", -1)', '["a","a"]'],
    ['regex.find_all_string_submatch_n("(a)(b)?", "ab a", -1)', '[["ab","a","b"],["a","a",""]]'],
    ['regex.replace("foobar", "(o+)b", "<$1>")', '"f<oo>ar"'],
    ['regex.split("/+", "a//b/c")', '["a","b","c"]'],
    ['regex.match("^\\\\p{Greek}{2}\\\\b", "αβ")', "false"],
    ['glob.match("*.example.com", [], "a.example.com")', "true"],
    ['glob.match("*.example.com", [], "a.b.example.com")', "false"],
    ['glob.match("**.example.com", [], "a.b.example.com")', "true"],
    ['glob.match("/data/*/x", ["/"], "/data/a/x")', "true"],
    ['glob.match("{a,b}[0-9]?", null, "b7z")', "true"],
    ['glob.quote_meta("*.x")', '"\\\\*.x"'],
    ["time.now_ns()", "1700000000000000000"],
    ['time.parse_rfc3339_ns("2023-11-14T23:13:20.5+01:00")', "1700000000500000000"],
    ['time.parse_rfc3339_ns("2023-02-30T00:00:00Z")', "undefined"],
    ['time.parse_duration_ns("1h30m")', "5400000000000"],
    ["time.date(time.now_ns())", "[2023,11,14]"],
    ['time.clock([time.now_ns(), "Europe/Berlin"])', "[23,13,20]"],
    ['time.clock([time.now_ns(), "No/Where"])', "undefined"],
    ["time.weekday(time.now_ns())", '"Tuesday"'],
    ['time.format([time.now_ns(), "Asia/Kolkata"])', '"2023-11-15T03:43:20+05:30"'],
    ["time.date(time.add_date(time.now_ns(), 0, 1, 20))", "[2024,1,3]"],
    ["time.diff(time.now_ns(), 0)", "[53,10,13,22,13,20]"],
    ['net.cidr_contains("10.0.0.0/8", "10.1.2.3")', "true"],
    ['net.cidr_contains("10.0.0.0/8", "10.1.0.0/16")', "true"],
    ['net.cidr_contains("10.0.0.0/8", "010.1.2.3")', "undefined"],
    ['net.cidr_contains("fd00::/8", "fd12:3456::1")', "true"],
    ['net.cidr_intersects("10.0.0.0/8", "10.1.0.0/16")', "true"],
    ['net.cidr_is_valid("10.0.0.0/33")', "false"],
    ['net.cidr_expand("192.168.0.0/30")', '["192.168.0.0","192.168.0.1","192.168.0.2","192.168.0.3"]'],
    ['net.cidr_contains_matches(["1.1.1.0/24", "2.2.2.0/24"], "2.2.2.2")', '[[1,"2.2.2.2"]]'],
    ['base64.decode(base64.encode("aé"))', '"aé"'],
    ['base64url.encode_no_pad("??>")', '"Pz8-"'],
    ['hex.encode("az")', '"617a"'],
    ['urlquery.encode("a b&c")', '"a+b%26c"'],
    ['urlquery.decode_object("a=1&a=2&b=")', '{"a":["1","2"],"b":[""]}'],
    ['urlquery.encode_object({"a": ["1", "2"]})', '"a=1&a=2"'],
    ['semver.compare("1.0.0-alpha", "1.0.0")', "-1"],
    ['semver.is_valid("1.0")', "false"],
    ['startswith("abc", 1)', "undefined"],
  ])("%s is %s", (expression, wanted) => {
    expect(p(`p := ${expression}`)).toBe(wanted);
  });

  it.each([
    // A character never becomes several, nor hangs on what stands beside it.
    ['upper("ßéﬁ")', '"ßÉﬁ"'],
    ['lower("İΑΣ")', '"iασ"'],
    ['base64.decode("YQ")', "undefined"],
    ['base64.decode("YQ==")', '"a"'],
    ['base64url.decode("YQ")', '"a"'],
    ['regex.replace("ab", "(?P<x>a)", "<${x}$x$y>")', '"<aa>b"'],
    ['regex.replace("ab", "(a)(b)", "${2}$1$0$9")', '"baab"'],
    // A message that does not fit its arguments is still a message: a rule that denies with it must not vanish.
    ['sprintf("%d of %d", ["a", 1.5])', '"%!d(string=a) of %!d(float64=1.5)"'],
    ['sprintf("%d", [null])', '"%!d(string=null)"'],
    ['sprintf("%d", [])', '"%!d(MISSING)"'],
    ['sprintf("100%", [])', '"100%!(NOVERB)"'],
    ['sprintf("%[2]s%[1]s%s", ["a", "b"])', '"bab"'],
    ['sprintf("%y", [1])', '"%!y(int=1)"'],
    ['sprintf("%t", [18446744073709551616])', '"%!t(big.Int=18446744073709551616)"'],
    ['sprintf("%s", "a")', "undefined"],
  ])("do as the reference at the edges: %s is %s", (expression, wanted) => {
    expect(p(`p := ${expression}`)).toBe(wanted);
  });

  it("print anything, and change no decision by it", () => {
    expect(p('p if { print("a", input.none, 3); true }')).toBe("true");
    expect(p("p if { print(); print(input.none) }")).toBe("true");
    expect(p('p if { not print("a") }')).toBe("undefined");
    expect(p("p := [x | some x in [1, 2]; print(x, input.none[x])]")).toBe("[1,2]");
    expect(p("print(x) := x\np := print(7)")).toBe("7");
  });

  it("go through a whole document with `walk`", () => {
    expect(p('p contains path if walk({"a": [5]}, [path, 5])')).toBe('[["a",0]]');
  });

  it("are all in the documentation, and nothing else is", () => {
    const page = readFileSync(new URL("../../../docs/rego.md", import.meta.url), "utf8");
    const table = page.slice(page.indexOf("## Built-ins"), page.indexOf("## Limits"));
    const named = new Set([...table.matchAll(/`([a-z0-9_.]+)`/g)].map(([, name]) => name));
    const operators = "equal neq lt lte gt gte plus minus mul div rem or and".split(" ");
    const known = [...builtins.keys()].filter((name) => !name.startsWith("internal.") && !operators.includes(name));
    expect([...named].sort()).toEqual([...known, "walk"].sort());
  });
});
