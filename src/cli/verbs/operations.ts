/** The verbs of operations, for `program.ts`: their flags and help. */
import type { Command } from "commander";
import type { Terminal } from "../terminal.ts";

type Options = Record<string, unknown>;

/** Adds them. `argv` is the whole command line, which a bundle tells as far as it may. */
export function operationVerbs(
  program: Command,
  terminal: Terminal,
  argv: readonly string[],
  done: (code: number) => void,
): void {
  documentVerbs(program, terminal, done);
  runVerbs(program, terminal, argv, done);
}

function documentVerbs(program: Command, terminal: Terminal, done: (code: number) => void): void {
  program
    .command("doctor")
    .description("is this machine, and this place on it, ready for runs?")
    .option("--state-dir <dir>", "where runs are kept")
    .option("--environment <name>", "dev, staging or prod")
    .option("--json", "as JSON")
    .action(async (options: Options) => {
      const { doctorCommand } = await import("../commands/doctor.ts");
      done(await doctorCommand(terminal, options));
    });
  program
    .command("capabilities")
    .description("what this build can do; with a document, what a credential must name to approve its effects")
    .argument("[file]", "document")
    .option("--environment <name>", "dev, staging or prod (default prod)")
    .option("--json", "as JSON")
    .action(async (file: string | undefined, options: Options) => {
      const { capabilitiesCommand } = await import("../commands/capabilities.ts");
      const verbs = program.commands.map((command) => command.name()).sort();
      done(await capabilitiesCommand(terminal, file, { ...options, verbs }));
    });
  program
    .command("diff")
    .description("what changed between two documents: nodes, edges, policies, effects and their decisions")
    .argument("<before>", "document, or REV:path of git")
    .argument("<after>", "document, or REV:path of git")
    .option("--environment <name>", "whose decisions are compared")
    .option("--json", "as JSON")
    .action(async (before: string, after: string, options: Options) => {
      const { diffCommand } = await import("../commands/diff.ts");
      done(await diffCommand(terminal, before, after, options));
    });
  program
    .command("dot")
    .description("the graph for Graphviz: `graph --format dot`")
    .argument("<file>", "document")
    .action(async (file: string) => {
      const { graphCommand } = await import("../commands/graph.ts");
      done(await graphCommand(terminal, file, { format: "dot" }));
    });
}

function runVerbs(program: Command, terminal: Terminal, argv: readonly string[], done: (code: number) => void): void {
  program
    .command("snapshot")
    .description("how a run stands, also while it goes on")
    .argument("<run>", "run id, a unique beginning of one, `last`, or a run's folder")
    .option("--state-dir <dir>", "where runs are kept")
    .option("--out <file>", "write the JSON there")
    .option("--json", "as JSON")
    .action(async (id: string, options: Options) => {
      const { snapshotCommand } = await import("../commands/snapshot.ts");
      done(await snapshotCommand(terminal, id, options));
    });
  program
    .command("incident-bundle")
    .description("everything about a run or a document in one archive that others can check and replay")
    .argument("<run|file>", "run id, `last`, a run's folder, or a document")
    .option("--state-dir <dir>", "where runs are kept")
    .option("--out <place>", "x.tar.gz, or a folder that is not there yet")
    .option("--key <kid>", "your key that signs the manifest (default: the only one for manifests)")
    .option("--passphrase-file <file>", "its passphrase, in a file of mode 0600")
    .option("--unsigned", "sign nothing")
    .option("--environment <name>", "dev, staging or prod")
    .option("--json", "as JSON")
    .action(async (named: string, options: Options) => {
      const { incidentBundleCommand } = await import("../commands/incident-bundle.ts");
      done(await incidentBundleCommand(terminal, named, options, argv));
    });
  program
    .command("replay")
    .description("walk a recorded run again with its recorded results, and say where it goes another way today")
    .argument("<bundle|run>", "an incident bundle, run id, `last`, or a run's folder")
    .option("--state-dir <dir>", "where runs are kept")
    .option("--environment <name>", "dev, staging or prod (default: that of the run)")
    .option("--replay-policy <policy>", "execute, dry_run_only or disabled")
    .option("--execute", "then do it again for real; needs --approval")
    .option("--approval <file>", "a credential that allows `replay.execute` for this document and environment")
    .option("--approval-key-set <file>", "the keys that count")
    .option("--out <file>", "write the replay audit there")
    .option("--json", "the replay audit as JSON")
    .action(async (named: string, options: Options) => {
      const { replayCommand } = await import("../commands/replay.ts");
      done(await replayCommand(terminal, named, options));
    });
}
