/**
 * `countersign dap --stdio`: the debug adapter for any client that speaks the Debug Adapter Protocol. Standard output
 * belongs to the protocol; what is wrong with the bytes themselves is told on standard error.
 *
 * Invariants: one process is one session; it ends with its client, after `disconnect`, or when it is interrupted, and
 * whatever runs then is ended first; nothing that a client sends ends it otherwise.
 */
import { GraphDebugAdapter } from "../../debug/adapter.ts";
import { frame, FrameReader } from "../../debug/framing.ts";
import { debugHost } from "../../runtime/debug/launch.ts";
import { ownSigner } from "../../runtime/keys.ts";
import { keyPlacesOf } from "../../runtime/own-keys.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage.ts";

/** Serves one session. */
export async function dapCommand(terminal: Terminal, options: { readonly stdio?: unknown }): Promise<number> {
  if (options.stdio !== true)
    throw new UsageError("dap_transport", "a debug adapter speaks over --stdio; an editor starts it that way");
  const host = debugHost({
    workspaceFolder: terminal.cwd,
    env: terminal.env,
    environment: null,
    opened: () => null,
    // As with `countersign run`: live runs are kept where the configuration says, or nowhere.
    storage: null,
    keys: keysOf(terminal),
    refusal: () => null,
  });
  let end: () => void = () => undefined;
  const over = new Promise<null>((resolve) => {
    end = () => resolve(null);
  });
  let written: Promise<unknown> = Promise.resolve();
  const adapter = new GraphDebugAdapter(host, (message) => {
    // Nobody reads any more: the client is gone.
    written = terminal.outBytes(frame(message)).catch(end);
    const { type, command } = message as { readonly type: string; readonly command?: string };
    if (type === "response" && command === "disconnect") end();
  });
  const stopListening = terminal.onInterrupt(end);
  const reader = new FrameReader();
  const chunks = terminal.inputChunks()[Symbol.asyncIterator]();
  for (;;) {
    const read = chunks.next().catch(() => null);
    const chunk = await Promise.race([read, over]);
    if (chunk === null || chunk.done === true) break;
    for (const framed of reader.feed(chunk.value)) {
      if (framed.ok) void adapter.handle(framed.message);
      else terminal.err(`countersign: ${framed.problem}\n`);
    }
    // A client that does not read is not read from either.
    await Promise.race([written, over]);
  }
  stopListening();
  await adapter.close();
  await written;
  terminal.closeInput();
  return 0;
}

/**
 * The user's own keys. Standard input belongs to the protocol, so nobody can be asked for a passphrase: a key that has one
 * signs nothing here.
 */
function keysOf(terminal: Terminal): NonNullable<Parameters<typeof debugHost>[0]["keys"]> {
  return {
    async start(principal) {
      const places = keyPlacesOf(terminal.env);
      if (!places.ok) return { problem: places.problem.message };
      const wanted = { kid: null, purpose: "approval", principal } as const;
      const own = await ownSigner(places.value, wanted, () => Promise.resolve(null));
      return own.ok ? own.value : { problem: own.problem.message };
    },
    receipts: () => Promise.resolve(null),
  };
}
