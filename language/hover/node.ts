/** A node for people: its kind, its fields, what it gives, what it does to the world and whether it may. */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import { scopeOf } from "../../src/governance/static/ahead.ts";
import type { Graph, LiteralEffect, Node } from "../../src/graph/model.ts";
import { kindDefinition } from "../../src/kinds/definitions.generated.ts";
import { Outputs } from "../completion/outputs.ts";
import { shapeText } from "../completion/shapes.ts";
import type { Session } from "../feature.ts";
import { viewOf } from "../schema/where.ts";
import type { Snapshot } from "../workspace.ts";
import { code, cut, paragraphs } from "./markdown.ts";

/** The document around what is shown. */
export interface Around {
  readonly session: Session;
  readonly document: Snapshot;
}

/** Everything about a node, in Markdown. */
export async function nodeText({ session, document }: Around, graph: Graph, node: Node): Promise<string> {
  const kind = kindDefinition(node.kind);
  const outputs = new Outputs(session, document, graph);
  const summary = kind === undefined ? node.kind : `${code(node.kind)} · ${kind.summary}`;
  return paragraphs(
    `**${node.id}**${summary === "" ? "" : ` — ${summary}`}`,
    node.label,
    fieldsText(document.live, node),
    kind === undefined ? null : `Output:\n\`\`\`ts\n${shapeText(await outputs.output(node))}\n\`\`\``,
    portsText(graph, node),
    await effectsText({ session, document }, graph, node),
    retryText(graph, node),
    kind === undefined ? null : `---\n\n${kind.docs}`,
  );
}

/** One line about a node, for places that only name it. */
export function nodeLine(node: Node): string {
  const summary = kindDefinition(node.kind)?.summary;
  return `**${node.id}**${node.kind === "" ? "" : ` (${code(node.kind)})`}${summary === undefined ? "" : ` · ${summary}`}`;
}

/** Longest value of a field that is shown. */
const MAX_VALUE = 80;
const headFields: ReadonlySet<string | number> = new Set(["id", "type", "label"]);

function fieldsText({ source, text }: LiveDocument, node: Node): string | null {
  const lines = (source.element(node.at)?.children ?? []).flatMap((name) => {
    const element = source.element([...node.at, name]);
    if (headFields.has(name) || element === null) return [];
    const value = element.value === null ? "…" : cut(text.slice(...element.value).replace(/\s+/g, " "), MAX_VALUE);
    return [`- ${code(String(name))}: ${code(value)}`];
  });
  return lines.length === 0 ? null : lines.join("\n");
}

function portsText(graph: Graph, node: Node): string | null {
  const ports = viewOf(graph).ports(node);
  if (graph.dialect !== "workflow" || ports === null) return null;
  const labels = ports.labels.map(code).join(", ");
  if (ports.open) return `Ends with a label that its data gives${labels === "" ? "" : `, or ${labels}`}.`;
  if (labels === "") return ports.plain ? null : "Nothing follows it.";
  return ports.plain ? `Ends without a label, or with ${labels}.` : `Ends with ${labels}.`;
}

const decisions = {
  Allow: "allowed",
  DryRunOnly: "only in a dry run",
  RequireApproval: "needs approval",
  Deny: "denied",
  depends: "decided when it runs",
} as const;

async function effectsText({ session, document }: Around, graph: Graph, node: Node): Promise<string | null> {
  const effects = viewOf(graph).literalEffects(node);
  if (effects.length === 0) return null;
  const operator = await session.checker.operator(document.key);
  const decide = await operator.decide(
    document.live.graphs.map((one) => one.graph),
    "shown",
  );
  const lines = effects.map((effect) => {
    const found = decide(effect, node.kind, [scopeOf(graph)]);
    const why = found.decision === "Allow" ? "" : `: ${found.reason}`;
    return `- ${effectText(effect)} — **${decisions[found.decision]}**${why}`;
  });
  return `Effects, as a run here would decide them:\n${lines.join("\n")}`;
}

function effectText({ family, target, method }: LiteralEffect): string {
  const what = target === null ? "of a target that only the run knows" : code(target);
  return `${code(family)} ${method === undefined ? "" : `${method} `}${what}`;
}

function retryText(graph: Graph, node: Node): string {
  const parts: string[] = [];
  if (node.retry !== null) {
    const { maxAttempts, backoffMs, on } = node.retry;
    const wait = backoffMs === 0 ? "" : `, ${backoffMs} ms more before each`;
    parts.push(
      `Tried ${maxAttempts === 1 ? "once" : `at most ${maxAttempts} times`}${wait}${on === "any" ? "" : ", for transient errors"}.`,
    );
  }
  if (graph.dialect === "workflow")
    parts.push(node.onError === "branch" ? "A hard error leads to the label `error`." : "A hard error ends the run.");
  else if (graph.dialect === "skill")
    parts.push(
      node.group === null ? "A failure ends the graph." : `A failure is judged by the group ${code(node.group)}.`,
    );
  else parts.push("An error ends the pipeline.");
  if (node.inDoubt !== "pause") parts.push(`An effect in doubt: ${node.inDoubt}.`);
  return parts.join(" ");
}
