/**
 * `countersign test --save-run RUN [DIR]`: a kept run as a fixture that passes. Exit codes: 0 written; 2 usage, and runs
 * that cannot become a test; 5 when the run's journal is damaged or tells another story the second time.
 */
import path from "node:path";
import type { Interruption } from "../../engine/runner.ts";
import { saveRunAsTest } from "../../runtime/save-test.ts";
import { keptRun } from "../kept-run.ts";
import { textOption } from "../options.ts";
import { refuseOps } from "../render/ops.ts";
import { clean, productStyle } from "../render/text.ts";
import type { Terminal } from "../terminal.ts";

/** Saves the run; prints the file, and what it leaves out. */
export async function saveTestCommand(
  terminal: Terminal,
  named: string,
  folder: string | undefined,
  stateDir: unknown,
): Promise<number> {
  const { cwd, env } = terminal;
  const { folder: run } = await keptRun(terminal, named, textOption("--state-dir", stateDir));
  const controller = new AbortController();
  const release = terminal.onInterrupt((signal) => {
    controller.abort({ how: "cancel", by: signal, reason: null } satisfies Interruption);
  });
  try {
    const into = folder === undefined ? null : path.resolve(cwd, folder);
    const saved = await saveRunAsTest({ ...{ cwd, env, run }, folder: into, control: { signal: controller.signal } });
    if (!saved.ok) return refuseOps(terminal, saved.problem);
    const { file, notes } = saved.value;
    terminal.out(`${clean(path.relative(cwd, file))}\n`);
    const style = productStyle(terminal);
    for (const note of notes) terminal.err(`${style.yellow("note")} ${clean(note)}\n`);
    return 0;
  } finally {
    release();
  }
}
