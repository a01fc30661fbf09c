/**
 * Flags shared by commands, as commander options, and how they become settings (spec/workflow.md §17.1).
 */
import { Option, type Command } from "commander";
import type { Flags, Settings } from "../config/settings.ts";

interface FlagText {
  readonly key: keyof Settings;
  readonly flags: string;
  readonly text: string;
  readonly hidden?: true;
}

/** Flags of commands that run documents. Hidden ones are accepted for compatibility, or refused by name. */
const runFlags: readonly FlagText[] = [
  { key: "input", flags: "-i, --input <file|-|json>", text: "payload: a file, - for standard input, or inline JSON" },
  { key: "input", flags: "--input-file <file>", text: "the same", hidden: true },
  { key: "start", flags: "-s, --start <name>", text: "start node to enter" },
  { key: "timeoutSecs", flags: "--timeout-secs <n>", text: "deadline of the whole run (default 120)" },
  { key: "dryRun", flags: "--dry-run [how]", text: "perform nothing; =reads still reads files and environment" },
  { key: "record", flags: "--record <file>", text: "write a run record (outcome, cost, trace)" },
  { key: "stateDir", flags: "--state-dir <dir>", text: "keep the run here, so that it can pause and resume" },
  { key: "environment", flags: "--environment <name>", text: "dev, staging or prod: how strict governance is" },
  { key: "principal", flags: "--principal <name>", text: "who runs this, for the journal" },
  { key: "sideEffects", flags: "--side-effects <policy>", text: "allow_all, require_approval or deny_all" },
  {
    key: "approvalKeySet",
    flags: "--approval-key-set <file>",
    text: "keys whose approvals count, in place of signing_keys.json beside the document",
  },
  { key: "intelUnix", flags: "--intel-unix <path>", text: "model backend `default` over a Unix socket" },
  { key: "intelHttp", flags: "--intel-http <url>", text: "model backend `default` over HTTP" },
  { key: "intelHttpBearer", flags: "--intel-http-bearer-file <path>", text: "its bearer token" },
  { key: "mcpStdio", flags: "--mcp-stdio <command>", text: "MCP server `default`, split on white space" },
  { key: "quiet", flags: "-q, --quiet", text: "no progress on standard error" },
  {
    key: "checkpointEachNode",
    flags: "--checkpoint-each-node",
    text: "always on: the journal is the checkpoint",
    hidden: true,
  },
  { key: "mode", flags: "--mode <mode>", text: "once", hidden: true },
  { key: "bind", flags: "-b, --bind <address>", text: "for a server", hidden: true },
  { key: "drainTimeoutSecs", flags: "--drain-timeout-secs <n>", text: "for a server", hidden: true },
  { key: "signingRequired", flags: "--signing-required", text: "not available yet", hidden: true },
  { key: "signingKeyFile", flags: "--signing-key-file <path>", text: "not available yet", hidden: true },
  { key: "reloadFile", flags: "--reload-file <path>", text: "not available yet", hidden: true },
  { key: "instruction", flags: "--instruction <text>", text: "not available yet", hidden: true },
  { key: "instruction", flags: "--instruction-file <path>", text: "not available yet", hidden: true },
  { key: "goal", flags: "--goal <text>", text: "not available yet", hidden: true },
  { key: "instructions", flags: "--instructions <file>", text: "not available yet", hidden: true },
  { key: "planOnly", flags: "--plan-only", text: "not available yet", hidden: true },
  { key: "autoApprove", flags: "--auto-approve", text: "not available yet", hidden: true },
  { key: "planOut", flags: "--plan-out <path>", text: "not available yet", hidden: true },
  { key: "promote", flags: "--promote <path>", text: "not available yet", hidden: true },
  { key: "maxReplans", flags: "--max-replans <n>", text: "not available yet", hidden: true },
  { key: "logLevel", flags: "--log-level <level>", text: "not available yet", hidden: true },
  { key: "logFormat", flags: "--log-format <format>", text: "not available yet", hidden: true },
  { key: "logTarget", flags: "--log-target <target>", text: "not available yet", hidden: true },
];

/** Adds the run flags to a command, all or only some. */
export function addRunFlags(command: Command, only?: readonly (keyof Settings)[]): Command {
  for (const flag of runFlags) {
    if (only !== undefined && !only.includes(flag.key)) continue;
    const option = new Option(flag.flags, flag.text);
    command.addOption(flag.hidden === true ? option.hideHelp() : option);
  }
  return command;
}

/** The settings' flags out of commander's option values. */
export function flagsOf(values: Readonly<Record<string, unknown>>): Flags {
  const flags: Record<string, string | boolean> = {};
  for (const { key, flags: text } of runFlags) {
    const value = values[new Option(text).attributeName()];
    if (typeof value === "string" || typeof value === "boolean") flags[key] = value;
  }
  return flags;
}

/** Long flags of the reference's own command line, with whether they take a value; for use without a verb. */
export function referenceFlags(): ReadonlyMap<string, boolean> {
  const known = new Map<string, boolean>([
    ["--config", true],
    ["-c", true],
    ["--validate-only", false],
    ["--resume", true],
    ["--resume-incomplete", false],
    ["--list-checkpoints", false],
  ]);
  for (const { flags } of runFlags) {
    const option = new Option(flags);
    if (option.long !== undefined) known.set(option.long, option.required);
    if (option.short !== undefined) known.set(option.short, option.required);
  }
  return known;
}
