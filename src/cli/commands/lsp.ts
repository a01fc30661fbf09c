/**
 * `countersign lsp --stdio`: the language server for any client that speaks the Language Server Protocol. Standard
 * output belongs to the protocol; what the server has to say goes to the client's log.
 *
 * The process ends when the client says `exit`, closes the streams, or dies.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { createConnection } from "vscode-languageserver/node";
import { serve } from "../../../language/server.ts";
import { languageHost } from "../../runtime/language-host.ts";
import { VERSION } from "../../runtime/version.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage.ts";

/** Serves until the client ends it. */
export function lspCommand(terminal: Terminal, options: { readonly stdio?: unknown }): Promise<number> {
  if (options.stdio !== true)
    throw new UsageError("lsp_transport", "a language server speaks over --stdio; an editor starts it that way");
  // Of every version nearly all is that of the one before, and the rest is soon garbage. Left to itself the heap grows
  // to several times what is in use before it is cleaned; a server that runs all day should stay small instead.
  setFlagsFromString("--heap-growing-percent=50");
  // Given the streams themselves, the connection ends the process when they end.
  const connection = createConnection(process.stdin, process.stdout);
  process.on("unhandledRejection", (problem) => {
    connection.console.error(`internal error: ${problem instanceof Error ? problem.message : String(problem)}`);
  });
  const page = docsPage();
  serve(connection, languageHost(terminal.cwd, terminal.env), {
    version: VERSION,
    docs: (code) => (page === null ? null : `${page}#${code}`),
  });
  // The connection ends the process itself, with the exit code that the protocol asks for.
  return new Promise(() => undefined);
}

/** The page of codes that stands beside the program, as an address. */
function docsPage(): string | null {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const file = [path.join(here, "../docs/diagnostics.md"), path.join(here, "../../../docs/diagnostics.md")].find(
    (one) => existsSync(one),
  );
  return file === undefined ? null : pathToFileURL(path.normalize(file)).href;
}
