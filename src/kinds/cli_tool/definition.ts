import { z } from "zod";
import { defineKind, plain, text, unsigned } from "../define.ts";
import { outputs, stepFields, stepShape } from "../step/fields.ts";

/** A declared sandbox (spec/skill-graph.md §3.5). */
const sandbox = z
  .strictObject({
    profile: z.enum(["readonly", "workspace-write", "network", "unrestricted-local-dev"]),
    cwd_policy: z.enum(["skill-directory", "workspace", "custom"]).optional(),
    env_allowlist: z.array(z.string()).optional(),
    network: z.boolean().optional(),
    writable_paths: z.array(z.string()).optional(),
    require_enforcement: z.boolean().optional(),
  })
  .meta({ description: "What the program may reach. Without it there is no sandbox." });

export const definition = defineKind({
  kind: "cli-tool",
  dialects: ["skill"],
  group: "step",
  summary: "Run a command-line tool",
  docs: `Starts \`command\` without a shell, in the folder of the graph or of the skill. \`args\` may hold \`{{input}}\` and
\`{{env.NAME}}\`. The tool gets its inputs in RUNX_INPUTS_JSON (RUNX_INPUTS_PATH names a file when they exceed 48 KiB) and one
by one in RUNX_INPUT_<NAME>; of the operator's environment only PATH, HOME, the temporary folders and what
\`sandbox.env_allowlist\` names.

Output: \`stdout\`, \`stderr\`, \`status\`; when stdout is JSON also \`raw\` and \`skill_claim\`, its keys, the declared \`outputs\`
and the \`artifacts\`.

Errors: an exit code other than 0 fails the step with the text of stderr; so do a time-out (60 s unless
\`timeout_seconds\` says otherwise), more than 1 MiB on either stream, an output that was declared and not returned, and a
sandbox that cannot be enforced here (class \`capability\`).

Dry run: the decision about the command is made and shown; outputs are unknown.`,
  fields: z.strictObject({
    ...stepFields,
    command: text("The program: a path, or a name that is looked up in PATH."),
    args: z.array(z.string()).optional().meta({ description: "Arguments; templates over the step's inputs." }),
    cwd: text("Working folder, below the folder of the document.").optional(),
    outputs: outputs.optional(),
    timeout_seconds: unsigned("u32", "How long the tool may run; 60 when absent.").optional(),
    input_mode: z
      .enum(["args", "stdin", "none"])
      .optional()
      .meta({ description: "`stdin` also writes the inputs there." }),
    sandbox: sandbox.optional(),
    skill_retry: z
      .strictObject({ max_attempts: unsigned("u32", "All attempts."), backoff_ms: unsigned("u32", "Wait.").optional() })
      .optional()
      .meta({ description: "The skill's own retry; it counts where the step that uses the skill has none." }),
    mutating: z.boolean().optional().meta({ description: "The skill changes the outside world." }),
    idempotent: z.boolean().optional().meta({ description: "The skill declares an idempotency key of its own." }),
  }),
  effect: "spawn",
  ports: plain,
  output: stepShape,
  literalEffects: (fields, node) => {
    const inline = node.at.at(-2) === "steps";
    const path = inline ? [...node.at, "run", "command"] : [...node.at, "command"];
    const inheritEnv = fields.sandbox?.env_allowlist ?? [];
    return [{ family: "shell.run", target: fields.command, inheritEnv, at: { path, part: "value" } }];
  },
  example: `- id: stamp
  run:
    type: cli-tool
    command: node
    args: [stamp.mjs, "{{message}}"]
  inputs:
    message: hello`,
});
