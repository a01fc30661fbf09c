import { z } from "zod";
import type { LiteralEffect } from "../../graph/model.ts";
import { defineKind, plainOr, reference, shape, text, unsigned } from "../define.ts";

/** Tools a loop may be given, with the family that policy is asked about (spec/workflow.md §10). */
export const loopTools = {
  read_file: "fs.read",
  write_file: "fs.write",
  read_env: "env.read",
  http_request: "http.request",
  shell_run: "shell.run",
  call_mcp_tool: "mcp.tool",
} as const satisfies Record<string, LiteralEffect["family"]>;

/** The name of a tool of an agent loop. */
export type LoopTool = keyof typeof loopTools;

/** True for the names in {@link loopTools}. */
export function isLoopTool(name: string): name is LoopTool {
  return Object.hasOwn(loopTools, name);
}

export const definition = defineKind({
  kind: "agent_loop",
  dialects: ["workflow"],
  group: "intelligence",
  summary: "Let a model use tools for a bounded number of steps",
  docs: `Gives a model the instructions and the tools named in \`tools\`, and lets it act step by step: each reply is one JSON object,
\`{"action": "tool", "tool": …, "args": {…}}\` or \`{"action": "final", "result": …}\`. What a tool gives, or why it was refused,
goes back to the model. Every use of a tool is an effect like any other: policy, approvals and receipts apply, and without
a \`[policy]\` each one needs approval, since a model chose it.

\`result\` is what the model gave as final. \`transcript\` lists the steps, without the tools' results. When \`max_steps\`,
\`max_tokens\` or the run's token budget is spent, the loop leads to the edge \`when = "exhausted"\` with \`reason\`.

Errors: no backend configured: class \`capability\`; an unknown backend or a failed call: class \`intelligence\`; instructions
that are not in the context: class \`tool\`; a denied approval: class \`approval\`.

Dry run: \`{result: null, steps: 0, dry_run: true}\`; the model is not called.`,
  fields: z.strictObject({
    backend: text("Name of a model backend."),
    instructions: text("The task. Wins over `instructions_from`.").optional(),
    instructions_from: reference(
      "Where the task stands in the context; anything but a string is given as JSON.",
    ).optional(),
    tools: z
      .array(z.string())
      .default([])
      .meta({ description: `At least one of ${Object.keys(loopTools).join(", ")}.` }),
    max_steps: unsigned("u32", "Most steps, 1 to 64."),
    max_tokens: unsigned("u32", "Tokens after which no further step is taken.").optional(),
  }),
  effect: "spawn",
  ports: plainOr("exhausted"),
  output: () =>
    shape.object({
      result: shape.any,
      reason: shape.string,
      steps: shape.integer,
      tokens: shape.integer,
      transcript: shape.array(shape.object({ step: shape.integer, action: shape.string }, true)),
      dry_run: shape.dryRun,
    }),
  literalEffects: (fields, node) => [
    { family: "model.call", target: fields.backend, at: { path: [...node.at, "backend"], part: "value" } },
    ...fields.tools.flatMap((name, i): LiteralEffect[] =>
      isLoopTool(name)
        ? [{ family: loopTools[name], target: null, at: { path: [...node.at, "tools", i], part: "value" } }]
        : [],
    ),
  ],
  example: `[[nodes]]
id = "triage"
type = "agent_loop"
backend = "default"
instructions = "Find out why the job failed and say it in one sentence."
tools = ["read_file", "http_request"]
max_steps = 8
max_tokens = 20000`,
});
