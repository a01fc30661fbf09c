import { describe, expect, it } from "vitest";
import { answer, p, problems, show } from "./support.ts";

const seedPage = `package agent

default allow = false

allow if {
    input.tool == "fs.read"
    startswith(input.args.path, "/data/safe/")
}

allow if {
    input.tool == "http.request"
    input.args.method == "POST"
    startswith(input.args.url, "https://api.internal/")
}
`;

describe("the seed page's policy", () => {
  it.each([
    [{ tool: "fs.read", args: { path: "/data/safe/x" } }, "true"],
    [{ tool: "fs.read", args: { path: "/data/unsafe" } }, "false"],
    [{ tool: "http.request", args: { method: "POST", url: "https://api.internal/v1" } }, "true"],
    [{ tool: "http.request", args: { method: "GET", url: "https://api.internal/v1" } }, "false"],
    [{ tool: "shell.run", args: {} }, "false"],
    [null, "false"],
  ])("answers %j with %s", (input, wanted) => {
    expect(show(answer(seedPage, "data.agent.allow", { input }))).toBe(wanted);
  });

  it("has no answer to another query", () => {
    expect(show(answer(seedPage, "data.agent.deny"))).toBe("undefined");
  });
});

describe("rules", () => {
  it.each([
    ["a complete rule has one value", "p := 7", "7"],
    ["a rule without a true body is undefined", "p if 1 == 2", "undefined"],
    ["a default stands where no body holds", "default p := 3\np := 4 if false", "3"],
    ["rules of one name are alternatives", "p if false\np if true", "true"],
    ["two different values contradict", "p := 1\np := 2", "rego.conflict"],
    ["two equal values do not", "p := 1\np := 1.0", "1"],
    ["one body with two values contradicts", "p := x if some x in [1, 2]", "rego.conflict"],
    ["`contains` makes a set", "p contains x if some x in [3, 1, 3, 2]", "[1,2,3]"],
    ["a set without members is empty", "p contains 1 if false", "[]"],
    ["a key in brackets makes an object", 'p[k] := v if some k, v in {"b": 2, "a": 1}', '{"a":1,"b":2}'],
    [
      "two values of one key contradict",
      'p["a"] := x if some x in [1, 2]\np[k] := 0 if some k in ["b"]',
      "rego.conflict",
    ],
    ["an object's members may be named and chosen", 'p.a := 1\np[k] := 2 if some k in ["b"]', '{"a":1,"b":2}'],
    ["keys may lie deeper", "p[a][b] := a + b if { some a in [1]; some b in [2, 3] }", '{"1":{"2":3,"3":4}}'],
    ["sets may lie below keys", 'p[k] contains v if { some k in ["a"]; some v in [1, 2] }', '{"a":[1,2]}'],
    ["a dotted rule is a member of its package", "q.r := 5\np := data.t.q", '{"r":5}'],
    ["`else` holds where nothing before it does", "p := 1 if false\nelse := 2 if true\nelse := 3", "2"],
    ["the first of `if` and `else` that holds decides", "p := 1 if true\nelse := 2", "1"],
    ["functions are called", "f(x, y) := x + y\np := f(1, 2)", "3"],
    ["functions choose by their parameters", 'f("a") := 1\nf("b") := 2\np := [f("b"), f("a")]', "[2,1]"],
    ["functions take arrays apart", "f([a, b]) := a - b\np := f([5, 3])", "2"],
    ["functions have defaults", "default f(_) := 0\nf(x) := x if x > 2\np := [f(1), f(3)]", "[0,3]"],
    ["functions with two values contradict", "f(_) := 1\nf(_) := 2\np := f(0)", "rego.conflict"],
    ["functions of a false body are undefined", "f(x) if x > 1\np if f(0)", "undefined"],
    ["one more argument gets the result", 'p := x if split("a/b", "/", x)', '["a","b"]'],
    ["imports name paths", "import data.t.q as z\nimport rego.v1\nq := 4\np := z", "4"],
    ["`import input.x` names a part of the input", "import input.x.y\np := y", "5"],
  ])("%s", (_name, rules, wanted) => {
    expect(p(rules, { input: { x: { y: 5 } } })).toBe(wanted);
  });

  it("of several packages see one another", () => {
    expect(show(answer("package a.b\nx := data.a.b.y + 1\ny := 1", "data.a"))).toBe('{"b":{"x":2,"y":1}}');
  });

  it("stand beside the data that is merged at the root", () => {
    const module = 'package agent\nallow if input.region == data.region\nallow if data.tenants[_] == "acme"';
    expect(show(answer(module, "data.agent.allow", { data: { region: "eu" }, input: { region: "eu" } }))).toBe("true");
    expect(show(answer(module, "data.agent.allow", { data: { tenants: ["x", "acme"] } }))).toBe("true");
    expect(show(answer(module, "data.agent.allow", { data: {} }))).toBe("undefined");
    expect(show(answer(module, "data", { data: { n: 1 }, input: {} }))).toBe('{"agent":{},"n":1}');
  });
});

describe("bodies", () => {
  it.each([
    ["an expression holds unless it is false or undefined", 'p if { null; 0; "" }', "true"],
    ["`false` does not hold", "p if { false }", "undefined"],
    ["`not` holds where nothing does", "p if not input.missing", "true"],
    ["`not` fails where something holds", "p if not input.x", "undefined"],
    ["`:=` gives a value once", "p := y if { x := 2; y := x * 3 }", "6"],
    ["`=` works in both directions", "p := [x, y] if { [x, 2] = [1, y] }", "[1,2]"],
    ["`=` takes objects apart", 'p := x if { {"a": x, "b": 1} = {"b": 1, "a": 9} }', "9"],
    ["`=` compares what has a value", "p if { x := 1; x = 1.0 }", "true"],
    ["the order of expressions does not matter", "p := y if { y = x + 1; x = 1 }", "2"],
    ["a variable goes through an array", "p contains i if input.a[i] == 20", "[1]"],
    ["`_` goes through everything", "p contains v if v := input.o[_]", '["x","y"]'],
    ["a variable joins two references", "p contains x if { x := input.a[i]; input.b[i] == true }", "[10,30]"],
    ["a variable goes through a set", "p contains x if { s := {1, 2}; s[x] }", "[1,2]"],
    ["`some` declares", 'p contains k if { some k; input.o[k] == "x" }', '["a"]'],
    ["`some … in` goes through values", "p := [x | some x in input.a]", "[10,20,30]"],
    ["`some k, v in` goes through both", "p := [[k, v] | some k, v in input.o]", '[["a","x"],["b","y"]]'],
    ["`some … in` takes members apart", 'p := [a | some {"n": a} in [{"n": 1}, {"m": 2}, {"n": 3}]]', "[1,3]"],
    ["a set has its members as keys", "p := [k | some k, v in {7}; k == v]", "[7]"],
    ["`in` asks for a member", 'p := [20 in input.a, 21 in input.a, "x" in input.o]', "[true,false,true]"],
    ["`key, value in` asks for both", "p if { 1, 20 in input.a }", "true"],
    ["`in` of no collection is false", "p := 1 in 2", "false"],
    ["`every` holds for all", "p if every x in input.a { x >= 10 }", "true"],
    ["`every` fails for one", "p if every x in input.a { x > 10 }", "undefined"],
    ["`every` holds for none", "p if every x in [] { x > 10 }", "true"],
    ["`every` of nothing defined fails", "p if every x in input.nothing { true }", "undefined"],
    ["`every` has keys", "p if every i, x in [0, 1] { i == x }", "true"],
    ["array comprehensions keep order and doubles", "p := [x % 2 | some x in [3, 2, 1]]", "[1,0,1]"],
    ["set comprehensions do not", "p := {x % 2 | some x in [3, 2, 1]}", "[0,1]"],
    ["object comprehensions have keys", 'p := {k: count(v) | some k, v in {"a": [1, 2]}}', '{"a":2}'],
    ["two values of a key contradict there too", 'p := {"k": x | some x in [1, 2]}', "rego.conflict"],
    [
      "comprehensions see variables around them",
      "p := [[y | some y in input.a; y > x] | some x in [10, 20]]",
      "[[20,30],[30]]",
    ],
    ["a comprehension without solutions is empty", "p := [x | some x in input.a; x > 99]", "[]"],
    ["`with` replaces the input", "q := input.n\np := v if v := q with input.n as 8", "8"],
    ["`with` replaces all of the input", "q := input\np := v if v := q with input as 8", "8"],
    ["`with` ends with its expression", "q := input.x\np := [v, q] if v := q with input.x as 8", "[8,1]"],
    ["`with` replaces data", "p := v if v := data.cfg.n with data.cfg.n as 2", "2"],
    ["`with` stands for rules", "q := 1\nr := q + 1\np := v if v := r with data.t.q as 10", "11"],
    [
      "`with` may be nested",
      "a := input.x\nb := v if v := a with input.x as 5\np := [v, w] if { v := b with input.x as 6; w := a with input.x as 6 }",
      "[5,6]",
    ],
    ["`with` may be said twice", "q := input.x + data.y\np := v if v := q with input.x as 1 with data.y as 2", "3"],
    ["sets are sorted where they are gone through", "p := [x | some x in {3, 1, 2}]", "[1,2,3]"],
    ["an index that is not there is undefined", "p := input.a[7]", "undefined"],
    ["`==` of equal collections is true", 'p := [[1, {"a": {2}}] == [1.0, {"a": {2}}], {1} == {2}]', "[true,false]"],
  ])("%s", (_name, rules, wanted) => {
    const input = { x: 1, a: [10, 20, 30], b: [true, false, true], o: { a: "x", b: "y" } };
    expect(p(rules, { input, data: { cfg: { n: 1 } } })).toBe(wanted);
  });

  it("order values of all types as the reference does", () => {
    expect(p('p := sort([{1}, {"a": 1}, [1], "s", 2, true, null, false])')).toBe(
      '[null,false,true,2,"s",[1],{"a":1},[1]]',
    );
  });
});

describe("numbers", () => {
  it.each([
    ["1 == 1.0", "true"],
    ["9007199254740993 + 1", "9007199254740994"],
    ["18446744073709551615 * 18446744073709551615", "340282366920938463426481119284349108225"],
    ["9007199254740992 == 9007199254740993", "false"],
    ["7 / 2", "3.5"],
    ["8 / 2", "4"],
    ["-7 % 3", "-1"],
    ["1 / 0", "undefined"],
    ["1.5 % 1", "undefined"],
    ["1e3", "1000"],
    ["round(-2.5)", "-3"],
    ["{1, 2, 3} - {2}", "[1,3]"],
    ["{1} | {2}", "[1,2]"],
    ["{1, 2} & {2, 3}", "[2]"],
    ["2 + 3 * 4 - 1", "13"],
    ["(2 + 3) * 4", "20"],
    ['"a" + 1', "undefined"],
    ["1 < 2 == true", "true"],
  ])("%s is %s", (expression, wanted) => {
    expect(p(`p := ${expression}`)).toBe(wanted);
  });

  it("of the input keep their exact value", () => {
    const input = { n: 18446744073709551615n };
    expect(p("p := input.n", { input })).toBe("18446744073709551615");
    expect(p("p if input.n == 18446744073709551614", { input })).toBe("undefined");
  });
});

describe("what is refused, with its place", () => {
  it.each([
    ["a rule without `if`", "p { true }", ["2:3 rego.syntax"]],
    ["a rule without anything", "p", ["2:1 rego.syntax"]],
    ["an unknown character", "p := 1 ~ 2", ["2:8 rego.syntax"]],
    ["a string over lines", 'p := "a\n"', ["2:6 rego.syntax"]],
    ["several faults at once", "p := ]\nq := 1\nr := }", ["2:6 rego.syntax", "4:6 rego.syntax"]],
    ["an unsafe variable", "p if x > 1", ["2:6 rego.unsafe"]],
    ["an unsafe variable under `not`", "p if not input.a[i] == 1", ["2:18 rego.unsafe"]],
    ["a wildcard under `not`", "p if not input.a[_] == 1", ["2:6 rego.unsafe"]],
    ["an unsafe head", "p := x", ["2:6 rego.unsafe"]],
    ["an unsafe comprehension", "p := [x | y := 1]", ["2:7 rego.unsafe"]],
    ["a variable declared twice", "p if { x := 1; x := 2 }", ["2:16 rego.declared"]],
    ["a variable used above", "p if { y := x; x := 1 }", ["2:16 rego.declared"]],
    ["a rule that needs itself", "p if not p", ["2:10 rego.recursion"]],
    ["rules that need one another", "p if q\nq if p", ["3:6 rego.recursion"]],
    ["a function that needs itself", "p := f(1)\nf(x) := f(x - 1)", ["3:9 rego.recursion"]],
    ["a package that needs itself", "p := data.t", ["2:6 rego.recursion"]],
    ["an unknown function", "p if foo(1)", ["2:6 rego.unknown_function"]],
    ["a function of the world", 'p := http.send({"url": "x"})', ["2:6 rego.unknown_function"]],
    ["a wrong number of arguments", "p if startswith(1)", ["2:6 rego.arity"]],
    ["a function that is not called", "f(x) := x\np := f", ["3:6 rego.arity"]],
    ["a rule that is called", "q := 1\np := q(1)", ["3:6 rego.unknown_function"]],
    ["functions of two arities", "f(x) := x\nf(x, y) := y\np := 1", ["3:1 rego.rule_conflict"]],
    ["a rule that is many things", "p := 1\np contains 2", ["3:1 rego.rule_conflict"]],
    ["a rule below a rule", "p := 1\np.q := 2", ["3:1 rego.rule_conflict"]],
    ["two defaults", "default p := 1\ndefault p := 2", ["3:1 rego.rule_conflict"]],
    ["a default that is computed", "default p := 1 + 1", ["2:1 rego.syntax"]],
    ["replaced functions", "p if count([]) with count as 1", ["2:16 rego.unsupported"]],
    ["replaced parts of rules", "q := {}\np if q.x with data.t.q.x as 1", ["3:10 rego.unsupported"]],
    ["template strings", 'p := $"x"', ["2:6 rego.unsupported"]],
    ["an import of nothing", "import foo.bar\np := 1", ["2:8 rego.import"]],
    ["an import twice", "import data.a\nimport input.a\np := 1", ["3:8 rego.import"]],
    [
      "`else` of a partial rule",
      'p["a"] := 1 if false\nelse := 2\np[x] := 1 if some x in []',
      ["2:1 rego.unsupported"],
    ],
  ])("%s", (_name, rules, wanted) => {
    expect(problems(rules).map((one) => one.replace(/^(\d+):\d+ (rego\.(?:import|unsupported))$/, "$1 $2"))).toEqual(
      wanted.map((one) => one.replace(/^(\d+):\d+ (rego\.(?:import|unsupported))$/, "$1 $2")),
    );
  });

  it("a module without a package, one that is too large, data in a rule's place", () => {
    expect(() => answer("p := 1", "data.t.p")).toThrow("a module begins with `package`");
    expect(() => answer(`package t\n#${"x".repeat(300_000)}`, "data.t.p")).toThrow("a module may have at most");
    expect(() => answer("package t\np := 1", "data.t.p", { data: { t: { p: 2 } } })).toThrow("cannot be given as data");
    expect(() => answer("package t\np := 1", "data.t.p", { data: { t: 1 } })).toThrow("holds packages");
    expect(() => answer("package t\np := 1", "data.t.p +")).toThrow("a term is expected");
  });

  it("says what is not supported by its name", () => {
    expect(() => answer('package t\np := rand.intn("x", 3)', "data.t.p")).toThrow("`rand.intn` is not supported");
  });
});
