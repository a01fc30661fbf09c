/**
 * Random workflow documents in every form in which TOML lets them be written, with comments everywhere. Each comment
 * says whose it is: `# n1.4` belongs to the construct of node 1, `# free.5` to none.
 */
import fc from "fast-check";

/** A document as text, and what it is made of. */
export interface RandomToml {
  readonly text: string;
  readonly nodes: number;
  readonly edges: number;
  readonly starts: number;
}

type Form = "headers" | "inline" | "lines";

/** Documents with `retry` tables, conditions, loops and policies. */
export const randomToml: fc.Arbitrary<RandomToml> = fc.gen().map((g) => {
  const one = <T>(...values: readonly T[]): T => g(() => fc.constantFrom(...values));
  const some = (): boolean => g(fc.boolean);
  let count = 0;
  const note = (owner: string): string => `# ${owner}.${count++}`;
  const eol = one("\n", "\n", "\r\n");
  const wrapped = one(false, false, true);
  const indent = one("", "", "  ");
  const equals = one(" = ", " = ", "=");
  const prefix = wrapped ? "workflows." : "";
  const lines: string[] = [];
  const quoted = (text: string): string => (/[\\]/.test(text) || one(false, false, true) ? `'${text}'` : `"${text}"`);
  const named = (key: string): string => (key.includes(".") ? key : one(key, key, key, key, `"${key}"`));
  const tail = (owner: string): string => one("", "", "", ` ${note(owner)}`);
  const gap = (): void => {
    const blanks = one(0, 1, 1, 1, 2);
    for (let i = 0; i < blanks; i++) lines.push("");
    if (one(false, false, false, true)) lines.push(note("free"), "");
  };
  const above = (owner: string): void => {
    if (one(false, false, true)) lines.push(note(owner));
  };
  const pairs = (owner: string, list: readonly (readonly [string, string])[], at: string): void => {
    for (const [key, value] of list) {
      if (one(false, false, false, false, true)) lines.push(at + note(owner));
      if (one(false, false, false, false, false, true)) lines.push("");
      lines.push(`${at}${named(key)}${equals}${value}${tail(owner)}`);
    }
  };
  const list = (
    name: string,
    owner: string,
    items: readonly (readonly (readonly [string, string])[])[],
  ): Form | null => {
    if (items.length === 0) return null;
    const form = one<Form>("headers", "headers", "headers", "inline", "lines");
    const table = (fields: readonly (readonly [string, string])[]): string =>
      `{ ${fields.map(([key, value]) => `${key}${equals}${value}`).join(", ")} }`;
    if (form === "inline") lines.push(`${name}${equals}[${items.map(table).join(", ")}]${tail("free")}`);
    if (form !== "lines") return form;
    const trailing = some();
    const leading = one(false, false, false, true);
    lines.push(`${name}${equals}[${tail("free")}`);
    items.forEach((fields, i) => {
      const comma = !leading && (i < items.length - 1 || trailing) ? "," : "";
      above(`${owner}${i}`);
      lines.push(`  ${leading && i > 0 ? ", " : ""}${table(fields)}${comma}${tail(`${owner}${i}`)}`);
    });
    lines.push("]");
    return form;
  };
  const nodeCount = g(fc.integer, { min: 1, max: 4 });
  const nodes = Array.from({ length: nodeCount }, (_, i): [string, string][] => [
    ["id", quoted(`n${i}`)],
    ["type", quoted(i === 1 ? "condition" : "template_render")],
    i === 1
      ? ["expr", quoted("trigger.a")]
      : ["template", some() ? quoted("a {{x}}") : `"""${eol}long${eol}# no comment${eol}"""`],
  ]);
  const long = (fields: readonly (readonly [string, string])[]): boolean =>
    fields.some(([, value]) => value.includes("\n"));
  const edgeCount = g(fc.integer, { min: 0, max: 4 });
  const edges = Array.from({ length: edgeCount }, (): [string, string][] => [
    ["from", quoted(`n${g(fc.nat, nodeCount - 1)}`)],
    ["to", quoted(`n${g(fc.nat, nodeCount - 1)}`)],
    ...(some() ? ([["when", quoted("true")]] as [string, string][]) : []),
    ...(some() ? ([["max_iterations", "3"]] as [string, string][]) : []),
  ]);
  const startCount = g(fc.nat, 2);
  const starts = Array.from({ length: startCount }, (_, i): [string, string][] => [
    ["name", quoted(`s${i}`)],
    ["source", quoted("manual")],
    ["entry_node", quoted(`n${g(fc.nat, nodeCount - 1)}`)],
  ]);
  if (one(false, false, true)) lines.push(note("free"), "");
  if (wrapped) lines.push("[[workflows]]");
  lines.push(`name${equals}${quoted("flow")}${tail("free")}`);
  const dotted = one(false, false, true);
  if (dotted) lines.push(`policy.fs.${named("read")}${equals}["a/**"]${tail("free")}`);
  // Lists between brackets are keys of the root, so they stand before all headers.
  const open: [string, string, [string, string][][]][] = [];
  for (const [name, owner, items] of [
    ["start_nodes", "s", starts],
    ["nodes", "n", nodes],
    ["edges", "e", edges],
  ] as const) {
    const before = lines.length;
    if (items.some(long)) open.push([name, owner, [...items]]);
    else if (list(name, owner, items) === "headers") open.push([name, owner, [...items]]);
    else if (lines.length === before) continue;
  }
  for (const [name, owner, items] of open) {
    items.forEach((fields, i) => {
      const own = `${owner}${i}`;
      gap();
      above(own);
      lines.push(`${indent}[[${prefix}${name}]]${tail(own)}`);
      const retry = name === "nodes" ? one("none", "none", "inline", "dotted", "table") : "none";
      const more: [string, string][] =
        retry === "inline"
          ? [["retry", `{ max_attempts${equals}2 }`]]
          : retry === "dotted"
            ? [
                ["retry.max_attempts", "2"],
                ["retry.backoff_ms", "10"],
              ]
            : [];
      pairs(own, [...fields, ...more], indent + one("", "", "  "));
      if (retry !== "table") return;
      if (some()) lines.push("");
      above(own);
      lines.push(`${indent}[${prefix}nodes.retry]`);
      pairs(own, [["max_attempts", "2"]], indent);
    });
  }
  if (!dotted && some()) {
    gap();
    lines.push(`[${prefix}policy.fs]`);
    pairs("free", [["read", one(`["a/**"]`, "[]", `[${eol}  "a/**", # free.read${eol}  "b/**"${eol}]`)]], "");
  }
  if (one(false, false, true)) gap();
  const text = lines.join(eol) + one(eol, eol, eol, "");
  return { text, nodes: nodeCount, edges: edgeCount, starts: startCount };
});
