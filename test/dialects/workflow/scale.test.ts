import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { coveredBy, diagnosticsOf, frontEnd, graphOf, linesOf, slice } from "./front-end.ts";

function chain(nodes: number, last = ""): string {
  const parts = ['name = "big"\n[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "n0"\n'];
  for (let i = 0; i < nodes; i++) parts.push(`[[nodes]]\nid = "n${i}"\ntype = "read_file"\npath_from = "trigger.p"\n`);
  for (let i = 1; i < nodes; i++) parts.push(`[[edges]]\nfrom = "n${i - 1}"\nto = "n${i}"\n`);
  return parts.join("") + last;
}

/** Processor time of the fastest of several runs, in milliseconds: other work on the machine does not count. */
function fastest(runs: number, work: () => void): number {
  let best = Infinity;
  for (let i = 0; i < runs; i++) {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

describe("large documents", () => {
  it("10,000 nodes are read and checked in at most four times what reading the TOML alone takes", () => {
    const text = chain(10_000);
    const bare = fastest(5, () => parse(text, { integersAsBigInt: true }));
    const whole = fastest(5, () => frontEnd.validate(graphOf(text)));
    expect(whole).toBeLessThan(4 * bare);
  });

  it("nodes in a row have no issue; 100,000 closed to a ring are one cycle through all of them", () => {
    expect(diagnosticsOf(chain(20_000))).toEqual([]);
    const ring = diagnosticsOf(chain(100_000, '[[edges]]\nfrom = "n99999"\nto = "n0"\n'));
    expect(ring).toHaveLength(1);
    expect(ring[0]?.related).toHaveLength(100_000);
  }, 120_000);

  it("20,000 wrong names cost no quadratic time", () => {
    const wrong = Array.from({ length: 20_000 }, (_, i) => `[[edges]]\nfrom = "m${i}"\nto = "n0"\n`).join("");
    const found = diagnosticsOf(chain(20_000, wrong));
    expect(found).toHaveLength(20_000);
    expect(found.filter((one) => one.fixes !== undefined).length).toBeLessThanOrEqual(50);
  });

  it("a place at the end of 10,000 nodes is found", () => {
    const text = chain(10_000, '[[edges]]\nfrom = "n9999"\nto = "nn0"\n');
    expect(coveredBy(text)).toEqual([{ code: "dangling_edge", text: '"nn0"' }]);
  });

  it("a line of 5 MB", () => {
    const long = "x".repeat(5_000_000);
    const text = `name = "w"\ndescription = "${long}{{y}}"\nbogus = "${long}"`;
    expect(coveredBy(text).map((one) => one.text)).toEqual(["bogus"]);
    const locator = frontEnd.locator(text);
    const at = { path: ["description"], part: "value", within: { from: 5_000_000, to: 5_000_005 } } as const;
    expect(slice(text, locator.range(at))).toBe("{{y}}");
    expect(linesOf(`name = "${long}\n`)).toEqual([
      "toml_syntax: this is not TOML: control characters are not allowed in strings",
    ]);
  });
});

describe("deep documents", () => {
  const deep: [name: string, text: string][] = [
    ["arrays, closed", `name = "w"\npolicy.rego.data = ${"[".repeat(100_000)}${"]".repeat(100_000)}`],
    ["arrays, not closed", `a = ${"[".repeat(100_000)}`],
    ["inline tables", `a = ${"{ a = ".repeat(100_000)}`],
    ["dotted keys", `${"a.".repeat(100_000)}a = 1`],
    ["headers", `[${"a.".repeat(100_000)}a]\nb = 1`],
    ["array headers", `[[${"a.".repeat(50_000)}a]]\nb = 1\n`.repeat(2)],
    ["data by header", `name = "w"\n[policy.rego.data.${"a.".repeat(100_000)}a]\nb = 1`],
  ];

  it.each(deep)("%s are refused with a place and without running out of stack", (_name, text) => {
    const found = diagnosticsOf(text);
    expect(found.length).toBeGreaterThan(0);
    expect(coveredBy(text).length).toBe(found.length);
  });
});
