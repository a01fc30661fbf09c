import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileRego } from "../../../src/governance/static/rego/policy.ts";
import { fromPlain } from "../../../src/graph/value.ts";
import { answer, p, problems, show } from "./support.ts";

describe("an evaluation ends", () => {
  it.each([
    ["a huge range", "p := count(numbers.range(1, 1000000000000))"],
    ["loops in loops", "xs := numbers.range(1, 1000)\np := count([1 | some a in xs; some b in xs; some c in xs])"],
    [
      "a text that doubles",
      `a0 := "xxxxxxxxxxxxxxxx"\n${Array.from({ length: 30 }, (_n, i) => `a${i + 1} := concat("", [a${i}, a${i}])`).join("\n")}\np := count(a30)`,
    ],
    [
      "a number that squares",
      `a0 := 99999999999999999999\n${Array.from({ length: 30 }, (_n, i) => `a${i + 1} := a${i} * a${i}`).join("\n")}\np := a30`,
    ],
    ["a block of all addresses", 'p := count(net.cidr_expand("0.0.0.0/0"))'],
    [
      "functions that call two",
      `f0(x) := x\n${Array.from({ length: 40 }, (_n, i) => `f${i + 1}(x) := f${i}(x) + f${i}(x)`).join("\n")}\np := f40(1)`,
    ],
    ["shifted bits", "p := bits.lsh(1, 9000)"],
  ])("for %s", (_name, rules) => {
    expect(p(rules)).toBe("rego.limit");
  });

  it("when a regular expression would take other machines for ever", () => {
    expect(p('p := regex.match("^(a+)+$", input.s)', { input: { s: `${"a".repeat(5_000)}!` } })).toBe("false");
    expect(p('p := regex.match("(x+x+)+y", input.s)', { input: { s: "x".repeat(3_000) } })).toBe("false");
    expect(p('p := regex.is_valid("(?:(?:(?:){1000}){1000}){1000}")')).toBe("false");
    expect(p('p := regex.is_valid("((a{100}){100}){100}")')).toBe("false");
    expect(p('p := glob.match("*a*a*a*a*a*a*a*a*b", null, input.s)', { input: { s: "a".repeat(2_000) } })).toBe(
      "false",
    );
  });

  it("when its time is up by the given clock", () => {
    let now = 0;
    const clock = (): number => (now += 600);
    expect(p("p := count(numbers.range(1, 100000))", { clock })).toBe("rego.limit");
  });

  it("when rules wait for too many others", () => {
    const chain = Array.from({ length: 400 }, (_n, i) => `a${i} := a${i + 1}`).join("\n");
    expect(p(`${chain}\na400 := 1\np := a0`)).toBe("rego.limit");
  });
});

describe("hostile texts", () => {
  it.each([
    ["brackets", `p := ${"[".repeat(100_000)}`],
    ["brackets that close", `p := ${"[".repeat(5_000)}${"]".repeat(5_000)}`],
    ["parentheses", `p := ${"(".repeat(100_000)}1`],
    ["negations", `p if ${"not ".repeat(10_000)}true`],
    ["comprehensions", `p := ${"[1 | ".repeat(200)}`],
    ["operators", `p := 1${"+1".repeat(20_000)}`],
    ["memberships", `p := 1${" in [1]".repeat(20_000)}`],
    ["operators in brackets", `p := ${"((1+1".repeat(40)}${"+1)+1)".repeat(40)}${"+1".repeat(6_000)}`],
    ["names of a rule", `${"a.".repeat(50_000)}a := 1`],
    ["names of an import", `import data${".a".repeat(50_000)}\np := a`],
    ["names of a target", `p if { true with input${".a".repeat(50_000)} as 1 }`],
    ["long numbers", `p := ${"9".repeat(100_000)}`],
    ["large exponents", "p := 1e99999"],
    ["expressions", `p if { ${"true;".repeat(1_000)} }`],
    ["rules", "p := 1\n".repeat(3_000)],
  ])("of many %s are refused", (_name, rules) => {
    expect(problems(rules).length).toBeGreaterThan(0);
  });

  it("never throw and never hang, whatever they are", () => {
    const words = [
      "p",
      "x",
      "1",
      '"s"',
      "[",
      "]",
      "{",
      "}",
      "(",
      ")",
      ":",
      ",",
      ".",
      "|",
      "=",
      ":=",
      "==",
      "_",
      " ",
      "\n",
      "if",
      "in",
      "some",
      "every",
      "not",
      "with",
      "input",
      "data",
      "as",
      "else",
      "default",
      "contains",
      "import",
      "f(",
      "+",
      "-",
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 30 }), (parts) => {
        const compiled = compileRego([{ file: "x", text: `package t\np := 1\n${parts.join(" ")}` }], {
          query: "data.t",
        });
        if (!compiled.ok) return compiled.problems.length > 0;
        const made = compiled.policy.evaluate({ input: fromPlain({ x: [1, 2] }), now: 0n });
        return ["value", "undefined", "error"].includes(made.type);
      }),
      { numRuns: 1_000 },
    );
  });

  it("with members called like those of every object mean nothing special", () => {
    const input = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as unknown;
    expect(p("p := [input.toString == 1, input.constructor]", { input })).toBe("undefined");
    expect(p("p := input.constructor", { input })).toBe("1");
    expect(p("p := object.keys(input)", { input })).toBe('["__proto__","constructor"]');
    expect(p("p := input.hasOwnProperty")).toBe("undefined");
  });
});

describe("against a plain reading", () => {
  const member = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom("a", "b"), fc.boolean());
  const list = fc.array(member, { maxLength: 6 });
  const plain = (value: unknown): string => show({ type: "value", value: fromPlain(value) });

  it("comprehensions join two arrays as loops do", () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        const wanted = a.flatMap((x, i) => b.flatMap((y, j) => (x === y ? [[i, j, x]] : [])));
        const rules = "p := [[i, j, x] | some i, x in input.a; some j, y in input.b; x == y]";
        expect(p(rules, { input: { a, b } })).toBe(plain(wanted));
        const joined = "p := [[i, j, x] | x := input.a[i]; x == input.b[j]]";
        expect(p(joined, { input: { a, b } })).toBe(plain(wanted));
        // The order of the expressions decides the order of solutions, never which there are.
        const turned = "p := {[i, j, x] | x == input.b[j]; x = input.a[i]}";
        expect(p(turned, { input: { a, b } })).toBe(p("p := {v | some v in input.w}", { input: { w: wanted } }));
      }),
      { numRuns: 150 },
    );
  });

  it("sets, `every` and `in` do as sets, `every` and `includes`", () => {
    fc.assert(
      fc.property(list, member, (a, x) => {
        const rules = "s contains v if some v in input.a\np := [count(s), input.x in s, input.x in input.a, e]\n";
        const every = "default e := false\ne if every v in input.a { v == input.x }";
        const wanted = [new Set(a).size, a.includes(x), a.includes(x), a.every((v) => v === x)];
        expect(p(rules + every, { input: { a, x } })).toBe(plain(wanted));
      }),
      { numRuns: 150 },
    );
  });

  it("partial objects group as a map does", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.integer({ min: 0, max: 9 })), { maxLength: 8 }),
        (pairs) => {
          const rules =
            "p[k] := n if { some pair in input.pairs; k := pair[0]; n := sum([v | some [k, v] in input.pairs]) }";
          const wanted: Record<string, number> = {};
          for (const [k, v] of pairs) wanted[k] = (wanted[k] ?? 0) + v;
          const shadowed = rules
            .replace("some [k, v] in", "some [w, v] in")
            .replace("input.pairs]) }", "input.pairs; w == k]) }");
          expect(p(shadowed, { input: { pairs } })).toBe(plain(wanted));
        },
      ),
      { numRuns: 100 },
    );
  });

  it("patterns match what the platform's do", () => {
    const piece = fc.constantFrom(
      "a",
      "b",
      ".",
      "a*",
      "b+",
      "a?",
      "[ab]",
      "[^a]",
      "(a|b)",
      "(?:ab)*",
      "a{2}",
      "b{1,2}",
      "\\w",
      "\\b",
      "a+?",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 5 }), fc.stringMatching(/^[abc ]{0,10}$/), (pieces, text) => {
        const pattern = pieces.join("");
        const wanted = new RegExp(pattern, "s").exec(text.replaceAll("\n", ""));
        const found = p("p := regex.find_n(input.r, input.s, 1)", { input: { r: pattern, s: text } });
        expect(found).toBe(plain(wanted === null ? [] : [wanted[0]]));
      }),
      { numRuns: 400 },
    );
  });

  it("integers are exact and comparison is total", () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), (a, b) => {
        const input = { a, b };
        expect(p("p := [input.a + input.b, input.a * input.b, input.a - input.b]", { input })).toBe(
          `[${a + b},${a * b},${a - b}]`,
        );
        expect(p("p := [input.a < input.b, input.a == input.b]", { input })).toBe(`[${a < b},${a === b}]`);
      }),
      { numRuns: 100 },
    );
  });
});

describe("an answer", () => {
  it("never depends on an earlier one", () => {
    const module = "package t\np := input.n";
    expect(show(answer(module, "data.t.p", { input: { n: 1 } }))).toBe("1");
    const compiled = compileRego([{ file: "x", text: module }], { query: "data.t.p" });
    if (!compiled.ok) throw new Error("refused");
    const ask = (n: number): string => show(compiled.policy.evaluate({ input: fromPlain({ n }), now: 0n }));
    expect([ask(1), ask(2), ask(1)]).toEqual(["1", "2", "1"]);
  });

  it("needs the time only where code asks for it", () => {
    const ask = (text: string): string => {
      const compiled = compileRego([{ file: "x", text: `package t\n${text}` }], { query: "data.t.p" });
      return compiled.ok ? show(compiled.policy.evaluate({ input: null, now: null })) : "refused";
    };
    expect([ask("p := time.now_ns() > 0"), ask("p := true")]).toEqual(["rego.time", "true"]);
  });
});
