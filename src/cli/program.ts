/**
 * The `countersign` command: its verbs, their flags and help. Each verb's code is loaded when it is used, so that
 * help and validation start fast.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { didYouMean, suggest } from "../graph/suggest.ts";
import { VERSION } from "../runtime/version.ts";
import { addRunFlags, flagsOf } from "./flags.ts";
import { withVerb } from "./reference.ts";
import { cleanLines } from "./render/text.ts";
import type { Terminal } from "./terminal.ts";
import { collect } from "./options.ts";
import { UsageError } from "./usage.ts";
import { operationVerbs } from "./verbs/operations.ts";
import { approvalsVerb } from "./verbs/approvals.ts";
import { keysVerb } from "./verbs/keys.ts";
import { receiptVerbs } from "./verbs/receipts.ts";

const EPILOGUE = `
Examples:
  countersign init                                    write a starter of each dialect
  countersign validate graph.toml                     is it right? where is it wrong?
  countersign describe graph.toml --environment prod  what would it do, and what would policy say?
  countersign run graph.toml --dry-run                walk it without touching anything
  countersign run graph.toml --input payload.json --state-dir .countersign
  countersign resume RUN_ID                           answer a paused run and let it go on
  countersign inspect last                            what happened, step by step
  countersign lsp --stdio                             the language server, for an editor to start
  countersign dap --stdio                             the debug adapter, likewise

Exit codes:
  0 completed   2 usage or configuration   5 failed, timed out, denied or invalid
  6 approval required and no place to pause   7 paused
  (test and fmt --check: 1 when something is not as expected)

Documents: *.toml workflows, graph.yaml and skills, spec.kv pipelines. See docs/ for each dialect.
`;

type Options = Record<string, unknown>;

/** Runs a command line and gives its exit code. Nothing is thrown. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  let code = 0;
  try {
    const words = withVerb(argv, terminal.env) ?? argv;
    const program = build(terminal, argv, (result) => {
      code = result;
    });
    await program.parseAsync([...words], { from: "user" });
    return code;
  } catch (problem) {
    if (problem instanceof CommanderError) return problem.exitCode === 0 ? 0 : 2;
    if (problem instanceof UsageError) {
      terminal.err(`countersign: ${cleanLines(problem.message)} [${problem.code}]\n`);
      return 2;
    }
    terminal.err(
      `countersign: internal error: ${cleanLines(problem instanceof Error ? problem.message : String(problem))}\n`,
    );
    if ((terminal.env["COUNTERSIGN_DEBUG"] ?? "") !== "" && problem instanceof Error)
      terminal.err(`${problem.stack ?? ""}\n`);
    else terminal.err("Please report it; COUNTERSIGN_DEBUG=1 shows where it happened.\n");
    return 5;
  }
}

function build(terminal: Terminal, argv: readonly string[], done: (code: number) => void): Command {
  const program = new Command("countersign")
    .description("Author, dry-run, approve and prove graphs that act: workflows, skill graphs and action pipelines.")
    .version(VERSION, "-V, --version")
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    .addHelpText("after", EPILOGUE)
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      getOutHelpWidth: () => terminal.width,
      getErrHelpWidth: () => terminal.width,
    })
    .showHelpAfterError("(countersign --help shows the verbs)")
    .showSuggestionAfterError()
    .exitOverride();

  authoring(program, terminal, done);
  running(program, terminal, done);
  operationVerbs(program, terminal, argv, done);
  approvalsVerb(program, terminal, done);
  keysVerb(program, terminal, done);
  receiptVerbs(program, terminal, done);
  audit(program, terminal, done);
  program.allowExcessArguments().action(() => {
    const [verb] = program.args;
    if (verb === undefined) return program.help();
    const verbs = program.commands.map((command) => command.name());
    throw new UsageError("verb", `there is no verb \`${verb}\`${didYouMean(suggest(verb, verbs))}`);
  });
  return program;
}

function authoring(program: Command, terminal: Terminal, done: (code: number) => void): void {
  program
    .command("init")
    .description("write a commented starter of each dialect, and a countersign.toml")
    .argument("[dir]", "where", ".")
    .addOption(new Option("--dialect <name>", "which").choices(["workflow", "skill", "pipeline", "all"]).default("all"))
    .option("--force", "overwrite files that are there")
    .action(async (dir: string, options: Options) => {
      const { initCommand } = await import("./commands/init.ts");
      done(await initCommand(terminal, dir, options));
    });
  program
    .command("validate")
    .description("check documents: errors the engine would refuse, and what the author likely did not mean")
    .argument("<file...>", "documents")
    .addOption(new Option("--format <format>", "output").choices(["text", "json", "sarif"]).default("text"))
    .option("--deny-warnings", "warnings refuse the document too")
    .action(async (files: string[], options: Options) => {
      const { validateCommand } = await import("./commands/validate.ts");
      done(await validateCommand(terminal, files, options));
    });
  program
    .command("describe")
    .description("what a graph would do: nodes, paths, every effect and the decision it would get")
    .argument("<file>", "document")
    .option("--environment <name>", "dev, staging or prod")
    .option("--json", "as JSON")
    .action(async (file: string, options: Options) => {
      const { describeCommand } = await import("./commands/describe.ts");
      done(await describeCommand(terminal, file, options));
    });
  program
    .command("graph")
    .description("the graph as text for other tools, or as a picture")
    .argument("<file>", "document")
    .addOption(new Option("--format <format>", "output").choices(["mermaid", "dot", "svg"]).default("mermaid"))
    .addOption(new Option("--theme <theme>", "colours of the SVG").choices(["light", "dark"]).default("light"))
    .action(async (file: string, options: Options) => {
      const { graphCommand } = await import("./commands/graph.ts");
      done(await graphCommand(terminal, file, options));
    });
  program
    .command("fmt")
    .description("put spec.kv files into canonical order (TOML and YAML are never reformatted)")
    .argument("<file...>", "spec.kv files")
    .option("--check", "change nothing; exit 1 when a file is not canonical")
    .action(async (files: string[], options: Options) => {
      const { fmtCommand } = await import("./commands/fmt.ts");
      done(await fmtCommand(terminal, files, options));
    });
  program
    .command("lsp")
    .description("the language server, for an editor to start (docs/editors.md)")
    .option("--stdio", "speak over standard input and output")
    // What clients made with vscode-languageclient add; the process also ends when that one does.
    .addOption(new Option("--clientProcessId <pid>").hideHelp())
    .action(async (options: Options) => {
      const { lspCommand } = await import("./commands/lsp.ts");
      done(await lspCommand(terminal, options));
    });
  program
    .command("dap")
    .description("the debug adapter, for an editor to start (docs/debugger.md)")
    .option("--stdio", "speak over standard input and output")
    .action(async (options: Options) => {
      const { dapCommand } = await import("./commands/dap.ts");
      done(await dapCommand(terminal, options));
    });
  program
    .command("test")
    .description("run fixtures: a fixture.toml, a folder with one, or a tree of them")
    .argument("[path...]", "where (default: the working directory)")
    .addOption(new Option("--reporter <name>", "output").choices(["text", "json", "junit"]).default("text"))
    .option("--output <file>", "write the report there")
    .option("--filter <text>", "only fixtures whose path holds this text")
    .option("--bail", "stop at the first failure")
    .option("--coverage", "say which nodes, edges and branches were taken")
    .addOption(new Option("--coverage-format <name>", "as what").choices(["text", "lcov", "json"]))
    .option("--coverage-out <file>", "write the coverage there")
    .option("--save-run <run>", "test nothing; make a fixture of a kept run, in the folder that is named")
    .option("--state-dir <dir>", "where that run is kept")
    .action(async (paths: string[], options: Options) => {
      const { testCommand } = await import("./commands/test.ts");
      done(await testCommand(terminal, paths, options));
    });
}

function running(program: Command, terminal: Terminal, done: (code: number) => void): void {
  addRunFlags(
    program
      .command("run")
      .description("run a document; the outcome is the only thing on standard output")
      .argument("<file>", "document"),
  )
    .option("--trace <file>", "write the visited nodes with their outputs")
    .option("--run-id <id>", "name of the run")
    .option("--receipt-dir <dir>", "where receipts go (default: receipts in the state directory)")
    .option("--assume <node=label>", "dry run: the branch of an unknown condition", collect, [])
    .option("--mocks <fixture>", "dry run: answers from a fixture.toml")
    .option("--from-run <id>", "dry run: answers from an earlier run's journal")
    .option("--sp", "pipeline: one record, then exit")
    .option("--frame <framing>", "pipeline: how records stand in standard input: lines or len32 (default lines)")
    .option("--source <dir:path>", "pipeline: records are the files of a folder")
    .option("--once", "with --source: end when the folder is empty")
    .option("--input-hex <digits>", "pipeline: the record's bytes")
    .option("--input-ascii <text>", "pipeline: the record's bytes")
    .option("--out <file>", "write the final value's bytes")
    .option("--approval <file>", "a signed approval for the document (more than one: repeat)", collect, [])
    .option("--key <name>", "your key that signs the start (staging and prod)")
    .option("--passphrase-file <file>", "its passphrase, in a file of mode 0600")
    .option("--validate-only", "only validate, as JSON")
    .action(async (file: string, options: Options) => {
      if (options["validateOnly"] === true) {
        const { validateCommand } = await import("./commands/validate.ts");
        return done(await validateCommand(terminal, [file], { format: "json" }));
      }
      const { runCommand } = await import("./commands/run.ts");
      return done(await runCommand(terminal, file, { ...options, flags: flagsOf(options) }));
    });
  addRunFlags(
    program
      .command("resume")
      .description("answer what a paused run waits for, or go on with an interrupted one")
      .argument("[run]", "run id, or `last`"),
    [
      "stateDir",
      "timeoutSecs",
      "record",
      "principal",
      "environment",
      "sideEffects",
      "approvalKeySet",
      "quiet",
      "intelUnix",
      "intelHttp",
      "intelHttpBearer",
      "mcpStdio",
      "checkpointEachNode",
    ],
  )
    .option("--approve", "approve every open request")
    .option("--deny", "deny every open request")
    .option("--reason <text>", "why; kept in the journal")
    .option("--approval <file>", "a signed approval (more than one: repeat)", collect, [])
    .option("--answers <file>", 'typed answers: {"answers": {id: value}}')
    .option("--file <document>", "the document as it is now; refused when it has changed")
    .option("--allow-changed", "go on with the changed document; open approvals are void")
    .option("--take-over", "also a run of another machine")
    .option("--receipt-dir <dir>", "where receipts go (default: receipts in the state directory)")
    .option("--incomplete", "go on with every interrupted run of the document")
    .option("--trace <file>", "write the visited nodes with their outputs")
    .action(async (id: string | undefined, options: Options) => {
      const { resumeCommand } = await import("./commands/resume.ts");
      done(await resumeCommand(terminal, id, { ...options, flags: flagsOf(options) }));
    });
  const runs = program
    .command("runs")
    .description("kept runs, newest first; `runs prune` and `runs delete` remove them")
    .option("--state-dir <dir>", "where runs are kept")
    .option("--status <names>", "only these, separated by commas")
    .option("--json", "as JSON")
    .action(async (options: Options) => {
      const { runsCommand } = await import("./commands/runs.ts");
      done(await runsCommand(terminal, options));
    });
  runs
    .command("prune")
    .description("remove old runs; paused and running ones stay")
    .option("--state-dir <dir>", "where runs are kept")
    .option("--keep <n>", "how many to keep", whole, 200)
    .option("--days <n>", "how old they may get", whole, 30)
    .option("--dry-run", "only say what would go")
    .action(async (_options: Options, command: Command) => {
      const { runsPruneCommand } = await import("./commands/runs.ts");
      done(await runsPruneCommand(terminal, command.optsWithGlobals()));
    });
  runs
    .command("delete")
    .description("remove one run")
    .argument("<run>", "run id")
    .option("--state-dir <dir>", "where runs are kept")
    .option("--force", "also a paused one")
    .action(async (id: string, _options: Options, command: Command) => {
      const { runsDeleteCommand } = await import("./commands/runs.ts");
      done(await runsDeleteCommand(terminal, id, command.optsWithGlobals()));
    });
  program
    .command("inspect")
    .description("what a run did: nodes, branches, effects, decisions, timings")
    .argument(
      "<run>",
      "run id, a unique beginning of one, `last`, a run's folder, a run record, or a receipt's file or id",
    )
    .option("--state-dir <dir>", "where runs are kept")
    .option("--receipt-dir <dir>", "where receipts are kept")
    .option("--full", "whole outputs")
    .option("--json", "the journal's events as JSON")
    .action(async (id: string, options: Options) => {
      const { inspectCommand } = await import("./commands/inspect.ts");
      done(await inspectCommand(terminal, id, options));
    });
}

function audit(program: Command, terminal: Terminal, done: (code: number) => void): void {
  const parent = program
    .command("audit")
    .description("what a state directory recorded beside its runs: refused starts, keys, credentials, sealed runs");
  parent
    .command("verify")
    .description("is the record whole, and how far is it signed?")
    .option("--state-dir <dir>", "whose record (default: as for a run)")
    .option("--trust-root <fingerprint>", "believe the key with this fingerprint", collect, [])
    .option("--contains <hash>", "a line with this hash must be there: a head that was noted earlier", collect, [])
    .option("--json", "as JSON")
    .action(async (options: Options) => {
      const { auditVerifyCommand } = await import("./commands/audit.ts");
      done(await auditVerifyCommand(terminal, options));
    });
  parent
    .command("list")
    .description("the newest entries, oldest first")
    .option("--state-dir <dir>", "whose record (default: as for a run)")
    .option("--type <names>", "only these, separated by commas: run, key, credential, run.sealed, …")
    .option("--limit <n>", "at most so many (default 50)", whole)
    .option("--json", "as JSON")
    .action(async (options: Options) => {
      const { auditListCommand } = await import("./commands/audit.ts");
      done(await auditListCommand(terminal, options));
    });
}

function whole(value: string): number {
  if (/^[0-9]{1,6}$/.test(value)) return Number(value);
  throw new InvalidArgumentError("a whole number is expected");
}
