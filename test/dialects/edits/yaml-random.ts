/**
 * Random skill graphs in every form in which YAML lets them be written, with comments everywhere. Each comment says whose
 * it is: `# n1.4` belongs to the construct of step 1, `# free.5` to none.
 */
import fc from "fast-check";

/** A document as text, and what it is made of. */
export interface RandomYaml {
  readonly file: string;
  readonly text: string;
  /** Where the graph stands in the document. */
  readonly base: readonly string[];
  readonly steps: number;
}

type Pair = readonly [key: string, value: string | readonly Pair[]];

/** Bare graphs, graphs of an X.yaml, and graphs of a SKILL.md. */
export const randomYaml: fc.Arbitrary<RandomYaml> = fc.gen().map((g) => {
  const one = <T>(...values: readonly T[]): T => g(() => fc.constantFrom(...values));
  let count = 0;
  const note = (owner: string): string => `# ${owner}.${count++}`;
  const tail = (owner: string): string => one("", "", "", ` ${note(owner)}`);
  const eol = one("\n", "\n", "\r\n");
  const unit = one("  ", "  ", "    ");
  const flush = one(true, false, false);
  const gap = one(" ", " ", "   ");
  const blanks = one(0, 1, 1, 2);
  const lines: string[] = [];
  const file = one("graph.yaml", "graph.yaml", "X.yaml", "SKILL.md");
  const block = (pairs: readonly Pair[], indent: string, owner: string, head = indent): void => {
    pairs.forEach(([key, value], i) => {
      const lead = i === 0 ? head : indent;
      if (i > 0 && one(false, false, false, false, true)) lines.push(indent + note(owner));
      if (i > 0 && one(false, false, false, false, false, true)) lines.push("");
      if (typeof value === "string") lines.push(`${lead}${key}: ${value}${value.includes("|") ? "" : tail(owner)}`);
      else {
        lines.push(`${lead}${key}:${tail(owner)}`);
        block(value, indent + unit, owner);
      }
    });
  };
  const flow = (pairs: readonly Pair[]): string =>
    `{${pairs.map(([key, value]) => `${key}: ${typeof value === "string" ? value : flow(value)}`).join(", ")}}`;
  const quoted = (text: string): string => one(text, `"${text}"`, `'${text}'`);
  const isFlow = one(false, false, false, true);
  const stepCount = g(fc.integer, { min: 1, max: 4 });
  const steps = Array.from({ length: stepCount }, (_, i): Pair[] => {
    const args = one<string>("[]", "[a, 'b c']");
    const run: Pair[] = [
      ["type", quoted("cli-tool")],
      ["command", "node"],
      ["args", args],
    ];
    const inputs: Pair[] = [
      ["x", quoted("plain text")],
      ["y", "1"],
    ];
    const text: Pair = [
      "text",
      isFlow ? '"a"' : one("|\n{}one\n{}  # no comment\n\n{}two", '"a\\nb"', "|-\n{}only", "|+\n{}kept\n"),
    ];
    return [
      ["id", quoted(`n${i}`)],
      ...one<Pair[]>([], [["mutation", "false"]]),
      ["run", one<Pair[] | string>(run, flow(run))],
      ...(one(true, false) ? ([["inputs", one<Pair[]>(inputs, [text], [...inputs, text])]] as Pair[]) : []),
    ];
  });
  const base = file === "graph.yaml" ? [] : file === "X.yaml" ? ["runners", "r", "graph"] : ["source", "graph"];
  let indent = "";
  if (file === "SKILL.md") lines.push("---", "name: skill", "source:", `${unit}type: graph`, `${unit}graph:`);
  if (file === "X.yaml")
    lines.push("skill: s", "runners:", `${unit}r:`, `${unit}${unit}type: graph`, `${unit}${unit}graph:`);
  indent = unit.repeat(base.length);
  if (one(false, true)) lines.push(indent + note("free"), "");
  lines.push(`${indent}name: flow${tail("free")}`);
  const guard = one(false, false, true);
  const policy = (): void => {
    if (!guard) return;
    lines.push(`${indent}policy:`, `${indent}${unit}guards: [{step: n0, field: n0.x, equals: true}]${tail("free")}`);
  };
  const before = one(true, false);
  if (before) policy();
  const at = flush ? indent : indent + unit;
  if (isFlow && one(true, false)) lines.push(`${indent}steps: [${steps.map(flow).join(", ")}]${tail("free")}`);
  else {
    lines.push(`${indent}steps:${tail("free")}`);
    steps.forEach((step, i) => {
      const own = `n${i}`;
      if (i > 0) {
        for (let n = 0; n < blanks; n++) lines.push("");
        if (one(false, false, false, true)) lines.push(at + note("free"), "");
      }
      if (one(false, false, true)) lines.push(at + note(own));
      if (isFlow && one(true, false)) lines.push(`${at}-${gap}${flow(step)}${tail(own)}`);
      else {
        const start = lines.length;
        block(step, `${at} ${gap}`, own, `${at}-${gap}`);
        for (let n = start; n < lines.length; n++) {
          const line = lines[n] as string;
          if (!line.includes("{}\n") && !line.includes("\n{}")) continue;
          const lead = `${/^ */.exec(line)?.[0] ?? ""}${unit}`;
          lines[n] = line.replaceAll("{}", lead).replaceAll("\n", eol);
        }
      }
    });
  }
  if (!before) {
    if (one(true, false)) lines.push("");
    policy();
  }
  if (file === "SKILL.md") lines.push("---", "", "# Text");
  const text = lines.join(eol) + one(eol, eol, "");
  return { file, text, base, steps: stepCount };
});
