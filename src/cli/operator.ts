/** The operator's settings for commands that run nothing, read without loading what running takes. */
import path from "node:path";
import type { Flags } from "../config/settings.ts";
import { readOperator, type Operator } from "../runtime/operator.ts";
import { unavailableSetting } from "../runtime/starting.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage.ts";

/** Flags, variables and configuration for a document in `folder` (absolute); all problems are one usage error. */
export async function operatorAt(terminal: Terminal, folder: string, flags: Flags): Promise<Operator> {
  const read = await readOperator({ flags, env: terminal.env, cwd: terminal.cwd, folder });
  if (read.ok) return read.operator;
  throw new UsageError(read.problems[0]?.code ?? "config", read.problems.map((one) => one.message).join("\n"));
}

/** Where runs are kept, or a sentence that says how to set it. */
export async function stateDirOf(terminal: Terminal, given: string | undefined): Promise<string> {
  const flags: Flags = given === undefined ? {} : { stateDir: given };
  const { stateDir } = await operatorAt(terminal, terminal.cwd, flags);
  if (stateDir !== null) return stateDir;
  throw new UsageError(
    "state_dir",
    'nothing says where runs are kept: pass --state-dir DIR, set COUNTERSIGN_STATE_DIR, or put state_dir = ".countersign" into a countersign.toml here',
  );
}

/** As {@link operatorAt}, for the folder of a document. */
export function operatorFor(terminal: Terminal, file: string, flags: Flags): Promise<Operator> {
  return operatorAt(terminal, path.dirname(path.resolve(terminal.cwd, file)), flags);
}

/** Settings that this version takes but cannot carry out are refused, not ignored. */
export function refuseUnavailable(operator: Operator): void {
  const found = unavailableSetting(operator.settings);
  if (found !== null) throw new UsageError("not_available", found);
}
