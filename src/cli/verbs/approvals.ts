/** `countersign approvals`: its verbs and their flags. */
import type { Command } from "commander";
import type { Terminal } from "../terminal.ts";

type Options = Record<string, unknown>;

/** Adds the verbs. */
export function approvalsVerb(program: Command, terminal: Terminal, done: (code: number) => void): void {
  const parent = program.command("approvals").description("what waits for a person: list, show, approve, deny");
  parent
    .command("list")
    .description("every open request")
    .option("--state-dir <dir>", "where runs are kept")
    .option("--json", "as JSON")
    .action(async (options: Options) => {
      const { approvalsListCommand } = await import("../commands/approvals.ts");
      done(await approvalsListCommand(terminal, options));
    });
  parent
    .command("show")
    .description("exactly what would happen, why somebody is asked, and what a signature would bind")
    .argument("<run>", "run id")
    .argument("[request]", "the request's id (default: all of the run)")
    .option("--state-dir <dir>", "where runs are kept")
    .option("--json", "as JSON")
    .action(async (id: string, request: string | undefined, options: Options) => {
      const { approvalsShowCommand } = await import("../commands/approvals.ts");
      done(await approvalsShowCommand(terminal, id, request, options));
    });
  for (const decision of ["approve", "deny"] as const) {
    const command = parent
      .command(decision)
      .description(
        decision === "approve" ? "show a request, then sign a yes to it" : "show a request, then sign a no to it",
      )
      .argument("<run>", "run id")
      .argument("[request]", "the request's id, where the run asks more than one thing")
      .option("--state-dir <dir>", "where runs are kept")
      .option("--key <name>", "your key (default: the only one for approvals)")
      .option("--passphrase-file <file>", "its passphrase, in a file of mode 0600")
      .option("--reason <text>", "why; signed too")
      .option("--expires <time>", "how long the answer counts: 30m, 24h (default), at most 7d")
      .option("--out <file>", "write the credential there, to be carried to the run");
    if (decision === "approve") command.option("--answer <json>", "a typed answer");
    command.action(async (id: string, request: string | undefined, options: Options) => {
      const { approvalsAnswerCommand } = await import("../commands/approvals.ts");
      done(await approvalsAnswerCommand(terminal, decision, id, request, options));
    });
  }
}
