/**
 * The terminal as commands see it, so that a test can stand in for it. Everything that leaves goes through here,
 * where secrets that have been read are masked.
 */
import pc from "picocolors";

/** Where a command reads and writes. */
export interface Terminal {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether standard error, standard input and (where known) standard output belong to a person. */
  readonly interactive: { readonly output: boolean; readonly input: boolean; readonly product?: boolean };
  /** Columns of standard error; 80 when unknown. */
  readonly width: number;
  out(text: string): void;
  err(text: string): void;
  /** Writes bytes to standard output; resolves when it can take more. */
  outBytes(bytes: Uint8Array): Promise<void>;
  /** The whole standard input. */
  readInput(): Promise<Uint8Array>;
  /** Standard input as it comes. */
  inputChunks(): AsyncIterable<Uint8Array>;
  /** Nothing more is read, so that an open input keeps no process alive. */
  closeInput(): void;
  /** Asks a question on standard error and gives one line of standard input; null at its end. */
  ask(question: string): Promise<string | null>;
  /** As {@link ask}, for what must not be shown while it is typed; absent where that cannot be had. */
  askSecret?(question: string): Promise<string | null>;
  /** Calls back on an interrupt (SIGINT, SIGTERM); the returned function stops listening. */
  onInterrupt(callback: (signal: string) => void): () => void;
}

export type Style = ReturnType<typeof pc.createColors>;

/** Colours for standard error, or none: `NO_COLOR`, `TERM=dumb` and pipes turn them off, `FORCE_COLOR` on. */
export function styleFor(terminal: Terminal): Style {
  const { env } = terminal;
  const forced = env["FORCE_COLOR"] !== undefined && env["FORCE_COLOR"] !== "0";
  const off = (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb" || !terminal.interactive.output;
  return pc.createColors(forced ? (env["NO_COLOR"] ?? "") === "" : !off);
}
