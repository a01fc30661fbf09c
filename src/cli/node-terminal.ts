/** The real terminal of this process. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
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
    outBytes,
    inputChunks: () => process.stdin,
    closeInput: () => process.stdin.destroy(),
    readInput: async () => new Uint8Array(await buffer(process.stdin)),
    ask,
    askSecret,
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

/** As {@link write}, without holding the process up where a pipe is full; rejects when nobody reads any more. */
function outBytes(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    // The stream tells everybody of what went wrong; the one who writes is told below.
    const heard = (): void => undefined;
    process.stdout.once("error", heard);
    process.stdout.write(bytes, (problem) => {
      if (problem === undefined || problem === null) {
        process.stdout.off("error", heard);
        resolve();
      } else reject(problem);
    });
  });
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

/** The line editor thinks it has a terminal, so nothing is echoed; what it would show goes nowhere. */
function askSecret(question: string): Promise<string | null> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
  write(2, question);
  return new Promise((resolve) => {
    reader.once("close", () => {
      write(2, "\n");
      resolve(null);
    });
    reader.question("", (line) => {
      resolve(line);
      reader.close();
    });
  });
}
