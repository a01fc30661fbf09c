/** Ctrl-C in commands that take long. */
import type { Interruption } from "../engine/runner.ts";
import type { Terminal } from "./terminal.ts";

/** Ctrl-C stops a kept run so that it can be resumed, and cancels any other; a second one ends the process. */
export function interruptible(terminal: Terminal, kept: boolean): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  let count = 0;
  const release = terminal.onInterrupt((signal) => {
    if (++count > 1) process.exit(signal === "SIGTERM" ? 143 : 130);
    const why: Interruption = { how: kept ? "stop" : "cancel", by: signal, reason: null };
    terminal.err(
      kept
        ? "stopping at the next safe point; press again to end at once\n"
        : "cancelling; press again to end at once\n",
    );
    controller.abort(why);
  });
  return { signal: controller.signal, release };
}
