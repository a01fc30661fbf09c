/** A description as people read it, and as JSON. Pure. */
import type { PathLine } from "../../draw/words.ts";
import type { DescribedEffect, Description } from "../../runtime/describe.ts";
import type { Style } from "../terminal.ts";
import { clean, count, cut, table, width, type Cell } from "./text.ts";

/** The description, every line with its line feed. */
export function descriptionText(about: Description, style: Style, columns: number): string {
  const lines: string[] = [];
  const title = (text: string): void => void lines.push("", style.bold(text));
  lines.push(`${style.bold(clean(about.name))}  ${style.dim(`${about.dialect} · ${clean(about.file)}`)}`);
  if (about.text !== null && about.text.trim() !== "") lines.push(cut(clean(about.text.trim()), columns));
  if (about.specHash !== null) lines.push(`spec_hash ${about.specHash}`);
  if (about.starts.length > 0) {
    title("Starts");
    lines.push(
      ...table(
        about.starts.map(({ name, source, entry }) =>
          cells(clean(name), source, `enters ${clean(entry ?? "the only root node")}`),
        ),
        columns,
        "  ",
      ),
    );
  }
  title(`Nodes (${about.nodes.length})`);
  lines.push(
    ...table(
      about.nodes.map((node) => nodeRow(node, style)),
      columns,
      "  ",
    ),
  );
  title("Paths");
  for (const line of about.paths) lines.push(...pathLines(line, style, columns));
  if (about.files.length > 0) {
    title("Files");
    lines.push(
      ...table(
        about.files.map((file) => [
          { text: clean(file.node) },
          { text: file.role },
          { text: clean(file.reference) },
          file.problem === null
            ? { text: clean(file.file ?? "not looked for"), paint: style.dim }
            : { text: clean(file.problem), paint: style.red },
        ]),
        columns,
        "  ",
      ),
    );
  }
  if (about.secrets.length > 0) {
    title("Secrets");
    const rows = about.secrets.map(({ name, source, from }) => cells(clean(name), source, clean(from)));
    lines.push(...table(rows, columns, "  "));
  }
  if (about.unavailable.length > 0) {
    title(`Not available in this version (${about.unavailable.length}): a run ends there, class capability`);
    const rows = about.unavailable.map(({ document, node, what }) => cells(ownerText(document, node), clean(what)));
    lines.push(...table(rows, columns, "  "));
  }
  title(`Effects (${about.effects.length}) in ${about.environment}, side effects ${about.sideEffects}`);
  if (about.effects.length === 0) lines.push("  none: this graph only computes");
  lines.push(...effectLines(about.effects, style, columns));
  if (about.cutShort) lines.push("  … more: so many documents are reached that not all were looked into");
  lines.push("", warningsLine(about, style));
  return `${lines.join("\n")}\n`;
}

function ownerText(document: string | null, node: string): string {
  return document === null ? clean(node) : `${clean(document)}: ${clean(node)}`;
}

function cells(...texts: readonly string[]): Cell[] {
  return texts.map((text) => ({ text }));
}

function nodeRow(node: Description["nodes"][number], style: Style): Cell[] {
  const summary = clean(node.summary);
  return [
    { text: clean(node.id) },
    { text: node.kind, paint: style.cyan },
    { text: node.effects.length === 0 ? "-" : node.effects.join(", ") },
    node.reachable ? { text: summary, paint: style.dim } : { text: "never reached", paint: style.yellow },
  ];
}

/** `label: a → b → c (note)`, broken at arrows where it is too long. */
function pathLines(line: PathLine, style: Style, columns: number): string[] {
  const indent = "  ".repeat(Math.min(line.depth, 12) + 1);
  const label = line.label === null ? "" : `${clean(line.label)}: `;
  const words = line.steps.map((step, i) => (i === 0 ? clean(step) : `→ ${clean(step)}`));
  if (line.note !== null) words.push(`(${line.note})`);
  const made: string[] = [];
  let current = `${indent}${label}`;
  let used = width(current);
  let fresh = true;
  for (const word of words) {
    const size = width(word) + (fresh ? 0 : 1);
    if (!fresh && used + size > columns) {
      made.push(current);
      current = `${indent}    ${word}`;
      used = width(current);
      continue;
    }
    current += `${fresh ? "" : " "}${word}`;
    used += size;
    fresh = false;
  }
  made.push(current);
  // The label is coloured last, so that it does not count as columns.
  if (label !== "")
    made[0] = `${indent}${style.cyan(label.trimEnd())}${(made[0] as string).slice(indent.length + label.length - 1)}`;
  return made.map((one) => one.trimEnd());
}

/** A row for each effect, and below it why. */
function effectLines(effects: readonly DescribedEffect[], style: Style, columns: number): string[] {
  const rows = effects.map((effect): Cell[] => [
    { text: ownerText(effect.document, effect.node) },
    { text: `${effect.family}${effect.method === null ? "" : ` ${effect.method}`}` },
    { text: effect.target === null ? "known at run time" : clean(effect.target) },
    { text: decisionText(effect), paint: paintOf(effect, style) },
  ]);
  const decisions = Math.max(0, ...effects.map((effect) => width(decisionText(effect))));
  const target = Math.max(12, columns - 2 - 22 - 2 - 18 - 2 - 2 - decisions);
  const lines = table(rows, columns, "  ", [22, 18, target]);
  return effects.flatMap((effect, i) => [lines[i] as string, style.dim(cut(`      ${why(effect)}`, columns))]);
}

function why(effect: DescribedEffect): string {
  if (effect.decision !== "Depends") return clean(effect.reason);
  const { otherwise } = effect;
  const best = otherwise === null ? "" : `; if nothing is against it: ${otherwise.decision} (${otherwise.code})`;
  const what =
    effect.dependsOn === null ? clean(effect.reason) : `depends on run-time data: ${clean(effect.dependsOn)}`;
  return `${what}${best}`;
}

function decisionText({ decision, code }: DescribedEffect): string {
  return code === null ? decision : `${decision} (${code})`;
}

function paintOf({ decision }: DescribedEffect, style: Style): (text: string) => string {
  switch (decision) {
    case "Allow":
      return style.green;
    case "Deny":
      return style.red;
    case "RequireApproval":
      return style.yellow;
    default:
      return style.cyan;
  }
}

function warningsLine(about: Description, style: Style): string {
  if (about.warnings === 0) return style.green("no warnings");
  return `${style.yellow(count(about.warnings, "warning"))}; see: countersign validate ${clean(about.file)}`;
}

/** The description as indented JSON, ending in a line feed. */
export function descriptionJson(about: Description): string {
  const effects = about.effects.map(({ dependsOn, ...effect }) => ({ ...effect, depends_on: dependsOn }));
  const {
    name,
    dialect,
    file,
    text,
    specHash,
    environment,
    sideEffects,
    starts,
    nodes,
    paths,
    files,
    secrets,
    unavailable,
    cutShort,
    warnings,
  } = about;
  const made = {
    name,
    dialect,
    file,
    description: text,
    spec_hash: specHash,
    environment,
    side_effects: sideEffects,
    starts,
    nodes,
    paths,
    files,
    secrets,
    effects,
    unavailable,
    cut_short: cutShort,
    warnings,
  };
  return `${JSON.stringify(made, null, 2)}\n`;
}
