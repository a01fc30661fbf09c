/** What is done to a language server, and how long its answers take. Times are milliseconds of wall clock. */
import type { Position } from "vscode-languageserver/node";
import { typed, type Typed } from "./places.ts";
import { clock, type Server } from "./server.ts";

/** A server with a document open in it. */
export interface Seat {
  readonly server: Server;
  readonly document: Typed;
  /** It says which version a publication belongs to, and when all checks of one have been published. */
  readonly exact: boolean;
  /** What it waits on purpose after a key, in case more follow; taken off. */
  readonly delay: number;
}

/** One key: from sending the edit until the last diagnostics for it have come. */
async function key(seat: Seat, change: Parameters<Server["change"]>[1]): Promise<number> {
  const { server, document, exact, delay } = seat;
  const { uri } = document;
  let last = 0;
  if (!exact) {
    const published = server.published(uri);
    const start = clock();
    server.change(uri, change);
    await published;
    return clock() - start - delay;
  }
  const start = clock();
  const version = server.change(uri, change);
  const stop = server.onPublished((published) => {
    if (published.uri === uri && published.version === version) last = clock();
  });
  await server.request("countersign/settled", { textDocument: { uri } });
  stop();
  if (last === 0) throw new Error(`no diagnostics came for version ${version} of ${uri}`);
  return last - start;
}

/** A letter typed and taken away again: two times. */
export async function keystrokes(seat: Seat, at: Position): Promise<number[]> {
  const [insert, remove] = typed(at);
  return [await key(seat, insert), await key(seat, remove)];
}

/** A letter typed and completion asked for at once, as editors do: from the letter until the list has come. */
export async function completion(seat: Seat, at: Position): Promise<number> {
  const [insert, remove] = typed(at);
  const { server, document } = seat;
  const published = server.published(document.uri);
  const start = clock();
  server.change(document.uri, insert);
  await server.request("textDocument/completion", {
    textDocument: { uri: document.uri },
    position: { line: at.line, character: at.character + 1 },
    context: { triggerKind: 1 },
  });
  const took = clock() - start;
  await published;
  await key(seat, remove);
  return took;
}

/** One request about a place of a document that has just been looked at. */
export async function asked(seat: Seat, method: string, at: Position, more: object = {}): Promise<number> {
  const { server, document } = seat;
  const start = clock();
  await server.request(method, { textDocument: { uri: document.uri }, position: at, ...more });
  return clock() - start;
}

/** What typing at a steady pace came to. */
export interface Typing {
  readonly keys: number;
  /** From each key to the diagnostics of it or of newer text. */
  readonly delays: readonly number[];
  /** Most keys without diagnostics at any one time, and when the last key was sent. */
  readonly mostWaiting: number;
  readonly waitingAtEnd: number;
}

/** Types letters at a place, so many a second, without waiting for anything; then takes them away. */
export async function typing(seat: Seat, at: Position, perSecond: number, seconds: number): Promise<Typing> {
  const { server, document } = seat;
  const { uri } = document;
  const sent = new Map<number, number>();
  const delays: number[] = [];
  let wake: () => void = () => undefined;
  const stop = server.onPublished((published) => {
    if (published.uri !== uri) return;
    const now = clock();
    for (const [version, start] of sent) {
      if (version > (published.version ?? 0)) continue;
      delays.push(now - start);
      sent.delete(version);
    }
    wake();
  });
  const keys = perSecond * seconds;
  const start = clock();
  let mostWaiting = 0;
  for (let i = 0; i < keys; i++) {
    await until(start + (i * 1000) / perSecond);
    const here = { line: at.line, character: at.character + i };
    sent.set(server.change(uri, { range: { start: here, end: here }, text: "x" }), clock());
    mostWaiting = Math.max(mostWaiting, sent.size);
  }
  const waitingAtEnd = sent.size;
  while (sent.size > 0) await new Promise<void>((resolve) => (wake = resolve));
  stop();
  const end = { line: at.line, character: at.character + keys };
  await key(seat, { range: { start: at, end }, text: "" });
  return { keys, delays, mostWaiting, waitingAtEnd };
}

function until(moment: number): Promise<void> {
  const wait = moment - clock();
  return wait <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, wait));
}

/** A value that this share of the list does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
