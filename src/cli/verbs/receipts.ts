/** `countersign verify`, `history` and `export`: their options and help. Their code is loaded when it is used. */
import { InvalidArgumentError, Option, type Command } from "commander";
import { collect } from "../options.ts";
import type { Terminal } from "../terminal.ts";

type Options = Record<string, unknown>;

/** Adds the verbs about receipts to the program. */
export function receiptVerbs(program: Command, terminal: Terminal, done: (code: number) => void): void {
  program
    .command("verify")
    .description("are receipts whole, and whose are they? offline")
    .argument("[what]", "a receipt's file or id, a bundle, a receipt directory, or - for standard input")
    .option("--tree", "with the receipts that belong to it")
    .option("--json", "the verdict as JSON")
    .option("--receipt-dir <dir>", "where receipts are kept")
    .option("--state-dir <dir>", "where runs are kept, and receipts below it")
    .option("--trust-root <fingerprint>", "believe the key with this fingerprint; may be repeated", collect, [])
    .option("--allow-local-development-signatures", "take the pseudo signatures of local development")
    .action(async (what: string | undefined, options: Options) => {
      const { verifyCommand } = await import("../commands/verify.ts");
      done(await verifyCommand(terminal, what, options));
    });
  program
    .command("history")
    .description("receipts, newest first, and runs that wait")
    .argument("[query]", "part of an id, name, summary or actor")
    .option("--skill <name>", "part of the step's or graph's name")
    .option("--status <disposition>", "closed, failed, declined, blocked, killed, timed_out, …")
    .option("--source <type>", "issuer: local, hosted, ci or verifier")
    .option("--actor <name>", "part of a principal or model")
    .option("--artifact-type <type>", "a reference type among the evidence")
    .option("--since <time>", "made then or later: 2026-01-31, or with a time")
    .option("--until <time>", "made then or earlier")
    .option("--limit <n>", "how many to show", whole, 100)
    .option("--receipt-dir <dir>", "where receipts are kept")
    .option("--state-dir <dir>", "where runs are kept, and receipts below it")
    .option("--json", "as JSON")
    .action(async (query: string | undefined, options: Options) => {
      const { historyCommand } = await import("../commands/history.ts");
      done(await historyCommand(terminal, query, options));
    });
  program
    .command("export")
    .description("a run's receipts for others: a bundle to verify, a DSSE envelope, or a report")
    .argument("<what>", "run id, `last`, a run's folder, a receipt's id, or a receipt directory with one run")
    .addOption(new Option("--format <format>", "output").choices(["json", "dsse", "html", "md"]).default("json"))
    .option("--out <file>", "write it there (default: standard output)")
    .option("--disclose <node>", "give away a node's values with their salts; may be repeated", collect, [])
    .option("--documents", "attach the documents to the bundle")
    .option("--trust-root <fingerprint>", "report: believe the key with this fingerprint; may be repeated", collect, [])
    .option("--receipt-dir <dir>", "where receipts are kept")
    .option("--state-dir <dir>", "where runs are kept, and receipts below it")
    .action(async (what: string, options: Options) => {
      const { exportCommand } = await import("../commands/export.ts");
      done(await exportCommand(terminal, what, options));
    });
}

function whole(value: string): number {
  if (/^[0-9]{1,6}$/.test(value)) return Number(value);
  throw new InvalidArgumentError("a whole number is expected");
}
