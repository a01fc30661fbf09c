/** The difference of two documents as people read it: `+` new, `-` gone, `~` changed. Pure. */
import type { DocumentDiff, EffectChange, GraphDiff } from "../../runtime/ops/diff.ts";
import type { FieldChange } from "../../runtime/ops/diff-fields.ts";
import type { PolicyChange } from "../../runtime/ops/diff-policy.ts";
import type { Style } from "../terminal.ts";
import { clean, count, cut } from "./text.ts";

/** The difference, every line with its line feed. */
export function diffText(diff: GraphDiff, style: Style, columns: number): string {
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(cut(line, columns));
  const { before, after } = diff;
  if (diff.equal) {
    const how = diff.textOnly ? "the texts differ, the graphs do not" : "equal";
    return `${style.green(how)}\n`;
  }
  say(`${clean(before.name)} (${before.dialect}) -> ${clean(after.name)} (${after.dialect})`);
  for (const document of diff.documents) documentLines(document, style, say);
  if (diff.effects.length > 0) {
    lines.push("", style.bold(`Effects in ${diff.environment}`));
    for (const effect of diff.effects) say(effectLine(effect, style));
  }
  lines.push("", summary(diff, style));
  return `${lines.join("\n")}\n`;
}

function documentLines(one: DocumentDiff, style: Style, say: (line: string) => void): void {
  say("");
  const name = one.document === null ? "Document" : clean(one.document);
  say(style.bold(one.status === "changed" ? name : `${name} is ${one.status}`));
  for (const { id, kind } of one.nodes.added) say(style.green(`  + node ${clean(id)} (${clean(kind)})`));
  for (const { id, kind } of one.nodes.removed) say(style.red(`  - node ${clean(id)} (${clean(kind)})`));
  for (const { id, fields } of one.nodes.changed) {
    say(style.yellow(`  ~ node ${clean(id)}`));
    fieldLines(fields, "      ", say);
  }
  for (const { edge, before, after } of one.edges) {
    if (before === null) say(style.green(`  + edge ${clean(edge)}${after === "once" ? "" : `, ${after}`}`));
    else if (after === null) say(style.red(`  - edge ${clean(edge)}`));
    else say(style.yellow(`  ~ edge ${clean(edge)}: ${before} -> ${after}`));
  }
  for (const policy of one.policies) policyLines(policy, style, say);
  if (one.settings.length > 0) say(style.yellow("  ~ settings"));
  fieldLines(one.settings, "      ", say);
}

function fieldLines(fields: readonly FieldChange[], indent: string, say: (line: string) => void): void {
  for (const { path, before, after } of fields)
    say(
      `${indent}${clean(path)}: ${before === null ? "none" : clean(before)} -> ${after === null ? "none" : clean(after)}`,
    );
}

function policyLines({ list, verdict, added, removed }: PolicyChange, style: Style, say: (line: string) => void): void {
  const paint = verdict === "narrowed" ? style.green : style.red;
  say(paint(`  ! ${clean(list)} ${verdict}`));
  for (const item of added) say(`      + ${clean(item)}`);
  for (const item of removed) say(`      - ${clean(item)}`);
}

function effectLine(effect: EffectChange, style: Style): string {
  const { document, node, family, method, target, before, after, looser } = effect;
  const where = document === null ? clean(node) : `${clean(document)}: ${clean(node)}`;
  const what = `${where}  ${family}${method === null ? "" : ` ${method}`} ${target === null ? "known at run time" : clean(target)}`;
  if (before === null) return (looser ? style.red : style.green)(`  + ${what}  ${after ?? ""}`);
  if (after === null) return style.green(`  - ${what}  ${before}`);
  return (looser ? style.red : style.yellow)(`  ~ ${what}  ${before} -> ${after}`);
}

function summary(diff: GraphDiff, style: Style): string {
  const nodes = diff.documents.reduce(
    (sum, { nodes: { added, removed, changed } }) => sum + added.length + removed.length + changed.length,
    0,
  );
  const edges = diff.documents.reduce((sum, one) => sum + one.edges.length, 0);
  const wider = diff.documents.flatMap(({ policies }) => policies).filter(({ verdict }) => verdict !== "narrowed");
  const looser = diff.effects.filter((one) => one.looser);
  const parts = [
    count(nodes, "node"),
    count(edges, "edge"),
    count(diff.effects.length, "effect"),
    wider.length === 0
      ? "no policy widened"
      : style.red(`${count(wider.length, "policy", "policies")} widened or unclear`),
    looser.length === 0
      ? "nothing may do more"
      : style.red(`${count(looser.length, "effect")} may do more than before`),
  ];
  return parts.join(", ");
}
