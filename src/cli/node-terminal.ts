/** The real terminal of this process. */
import { createInterface } from "node:readline";
import { buffer } from "node:stream/consumers";
import { writeSync } from "node:fs";
import type { Terminal } from "./terminal.ts";

/** Standard streams as a {@link Terminal}. A closed pipe ends writing quietly, as tools in pipelines do. */
export function nodeTerminal(): Terminal {
  return {
    cwd: process.cwd(),
    env: process.env,
    interactive: { output: process.stderr.isTTY, input: process.stdin.isTTY, product: process.stdout.isTTY },
    width: process.stderr.columns > 0 ? process.stderr.columns : 80,
    out: (text) => write(1, text),
    err: (text) => write(2, text),
    readInput: async () => new Uint8Array(await buffer(process.stdin)),
    ask,
    onInterrupt(callback) {
      const interrupt = (): void => callback("SIGINT");
      const terminate = (): void => callback("SIGTERM");
      process.on("SIGINT", interrupt);
      process.on("SIGTERM", terminate);
      return () => {
        process.off("SIGINT", interrupt);
        process.off("SIGTERM", terminate);
      };
    },
  };
}

/** Writes all of `text`, waiting where a pipe is full, so that nothing is lost when the process exits. */
function write(descriptor: number, text: string): void {
  const bytes = Buffer.from(text, "utf8");
  for (let from = 0; from < bytes.length;) {
    try {
      from += writeSync(descriptor, bytes, from);
    } catch (problem) {
      const code = (problem as NodeJS.ErrnoException).code;
      if (code === "EPIPE") return;
      if (code !== "EAGAIN") throw problem;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function ask(question: string): Promise<string | null> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    reader.once("close", () => resolve(null));
    reader.question(question, (line) => {
      resolve(line);
      reader.close();
    });
  });
}
