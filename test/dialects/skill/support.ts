/** The front end with the kinds of this dialect, and short ways to ask it. */
import { createSkillFrontEnd } from "../../../src/dialects/skill/front-end.ts";
import { isRange, type Diagnostic } from "../../../src/graph/diagnostic.ts";
import type { Graph } from "../../../src/graph/model.ts";
import { definition as agentTask } from "../../../src/kinds/agent_task/definition.ts";
import { definition as approval } from "../../../src/kinds/approval/definition.ts";
import { definition as cliTool } from "../../../src/kinds/cli_tool/definition.ts";
import type { AnyKind } from "../../../src/kinds/define.ts";
import { definition as http } from "../../../src/kinds/http/definition.ts";
import { definition as skill } from "../../../src/kinds/skill/definition.ts";
import { definition as stage } from "../../../src/kinds/stage/definition.ts";
import { definition as tool } from "../../../src/kinds/tool/definition.ts";
import { definition as unsupported } from "../../../src/kinds/unsupported/definition.ts";

export const kinds = new Map<string, AnyKind>(
  [agentTask, approval, cliTool, http, skill, stage, tool, unsupported].map((one: AnyKind) => [one.kind, one]),
);

export const frontEnd = createSkillFrontEnd({ kinds: (kind) => kinds.get(kind) });

/** All diagnostics of a text, of parsing and of validating. */
export function check(text: string, file = "graph.yaml"): readonly Diagnostic[] {
  const { graph, diagnostics } = frontEnd.parse(text, file);
  return graph === null ? diagnostics : [...diagnostics, ...frontEnd.validate(graph)];
}

export const messages = (text: string, file?: string): string[] => check(text, file).map((one) => one.message);

/** The graph of a text that must be valid. */
export function graphOf(text: string, file = "graph.yaml"): Graph {
  const { graph } = frontEnd.parse(text, file);
  const found = check(text, file);
  if (graph === null || found.length > 0) throw new Error(found.map((one) => one.message).join("\n"));
  return graph;
}

/** The text that a diagnostic underlines. */
export async function underlined(text: string, diagnostic: Diagnostic): Promise<string> {
  const range = isRange(diagnostic.at) ? diagnostic.at : frontEnd.locator(text).range(diagnostic.at);
  return slice(text, range);
}

/** The text of a range. */
export function slice(text: string, range: { start: Pos; end: Pos }): string {
  const lines = text.split("\n");
  const offset = ({ line, character }: Pos): number =>
    lines.slice(0, line).join("\n").length + (line > 0 ? 1 : 0) + character;
  return text.slice(offset(range.start), offset(range.end));
}

interface Pos {
  readonly line: number;
  readonly character: number;
}
