/** Effects that the document fixes: without any policy, or against the declared one (DESIGN.md "Diagnostics"). */
import type { Fix } from "../diagnostic.ts";
import type { LiteralEffect } from "../model.ts";
import { object, type Value } from "../value.ts";
import type { Check, View } from "./check.ts";

/** A document that acts without a `[policy]`. The other dialects have no such table. */
export const noPolicy: Check = {
  codes: ["no_policy"],
  speed: "fast",
  run: (view, _context, report) => {
    if (view.graph.dialect !== "workflow" || view.graph.policy !== null) return;
    const acting = view.graph.nodes.filter((node) => view.literalEffects(node).length > 0);
    const [first] = acting;
    if (first === undefined) return;
    const others = acting.length === 1 ? "" : ` and ${acting.length - 1} more`;
    const message = `\`${first.id}\` (${first.kind})${others} can act on the world, and without a \`[policy]\` everything is allowed`;
    report("no_policy", { path: view.rootPath("name"), part: "value" }, message, { fixes: [policyFix(view)] });
  },
};

/** Effects that the declared policy denies. */
export const deniedEffects: Check = {
  codes: ["effect_denied"],
  speed: "slow",
  run: (view, context, report) => {
    if (context.decide === undefined) return;
    for (const node of view.graph.nodes) {
      for (const effect of view.literalEffects(node)) {
        const verdict = context.decide(effect, node);
        if (verdict?.decision !== "Deny") continue;
        const target = effect.target === null ? "" : ` on \`${effect.target}\``;
        const message = `${effect.family}${target} of \`${node.id}\` would be denied (${verdict.code}): ${verdict.reason}`;
        report("effect_denied", effect.at, message);
      }
    }
  },
};

/** A `[policy]` that allows what the document names literally, and leaves the rest for its author to name. */
function policyFix(view: View): Fix {
  const lists = new Map<string, Map<string, Set<string>>>();
  for (const node of view.graph.nodes) {
    for (const effect of view.literalEffects(node)) {
      const where = policyList(effect);
      if (where === null) continue;
      const [table, list] = where;
      const inTable = lists.get(table) ?? new Map<string, Set<string>>();
      const entries = inTable.get(list) ?? new Set<string>();
      if (effect.target !== null) entries.add(effect.target);
      lists.set(table, inTable.set(list, entries));
    }
  }
  const entries: Record<string, Value> = {};
  for (const [table, inTable] of [...lists].sort()) {
    const members = [...inTable].sort().map(([list, values]) => [list, [...values]] as const);
    entries[table] = object(Object.fromEntries(members));
  }
  return { type: "append", title: "Add a `[policy]` that allows only what is named here", table: "policy", entries };
}

function policyList(effect: LiteralEffect): readonly [table: string, list: string] | null {
  switch (effect.family) {
    case "fs.read":
      return ["fs", "read"];
    case "fs.write":
      return ["fs", "write"];
    case "env.read":
      return ["env", "read_keys"];
    case "http.request":
      return ["http", "urls"];
    case "shell.run":
      return ["shell", "commands"];
    case "mcp.tool":
      return ["mcp", "tools"];
    case "mcp.resource":
      return ["mcp", "resources"];
    case "model.call":
      return null;
  }
}
