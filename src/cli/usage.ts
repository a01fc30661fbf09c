/** Usage errors: what was wrong with the words of a command line. Exit code 2, never a stack trace. */

/** Thrown by commands for a command line that cannot be carried out; `main` prints it and exits with 2. */
export class UsageError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = "UsageError";
    this.code = code;
  }
}
