import { z } from "zod";
import { defineKind, optionalReference, plainOr, shape, text, unsigned } from "../define.ts";

export const definition = defineKind({
  kind: "shell_run",
  dialects: ["workflow"],
  group: "action",
  summary: "Run a local program",
  docs: `Starts the program \`command\` with the arguments at \`args_from\`. There is no shell, no look-up in PATH and no standard
input; the environment is exactly \`PATH\` (the system's folders) and \`LANG=C.UTF-8\`. Of each of stdout and stderr 64 KiB
are kept, the rest is dropped and \`truncated\` is true. When the time is over the program is killed: \`exit_code\` -1,
\`signal\` 9, \`timed_out\` true.

An exit code other than 0, or a signal, leads to the edge \`when = "error"\`.

Errors: a command that is not an absolute path or does not exist, and arguments that are not an array of strings end the
run with class \`tool\`; a program outside \`policy.shell.commands\` with class \`policy\`. Policy sees the program's real path.

Dry run: \`{command, args, dry_run: true}\`; nothing is started, but the program must exist.`,
  fields: z.strictObject({
    command: text("Absolute path of the program, literally."),
    args_from: optionalReference(
      "Where an array of strings stands in the context; no arguments when left out.",
    ).optional(),
    timeout_secs: unsigned("u64", "Seconds until the program is killed; 30 when left out, at least 1.").optional(),
  }),
  effect: "spawn",
  ports: plainOr("error"),
  output: () =>
    shape.object({
      command: shape.string,
      args: shape.array(shape.string),
      exit_code: shape.integer,
      signal: shape.union(shape.integer, shape.null),
      stdout: shape.string,
      stderr: shape.string,
      truncated: shape.boolean,
      timed_out: shape.boolean,
      duration_ms: shape.integer,
      dry_run: shape.dryRun,
    }),
  literalEffects: (fields, node) => [
    { family: "shell.run", target: fields.command, at: { path: [...node.at, "command"], part: "value" } },
  ],
  example: `[[nodes]]
id = "run"
type = "shell_run"
command = "/usr/bin/git"
args_from = "trigger.git_args"
timeout_secs = 60`,
});
