/**
 * The line to the host: messages of the protocol, checked both ways. Nothing else of VS Code is used.
 */
import { z } from "zod";
import { fromPage, PROTOCOL_VERSION, toPage, type FromPage, type ToPage } from "../src/protocol/webview.ts";

// The page's content security policy allows no generated code.
z.config({ jitless: true });

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();

/** What of the page outlives it: where one looked, never what one saw. */
const kept = z.object({
  viewport: z.object({ x: z.number(), y: z.number(), zoom: z.number() }).nullable(),
  selected: z.string().nullable(),
  palette: z.boolean(),
  inspector: z.boolean(),
  data: z.boolean(),
});

/** See {@link kept}. */
export type Kept = z.infer<typeof kept>;

/** Narrower pages begin without the panel, in pixels: what is left would be too little to draw on. */
const ROOM_FOR = { palette: 900, inspector: 640 };

/** The state of this page before it was hidden. */
export function keptState(): Kept {
  const parsed = kept.safeParse(api.getState());
  if (parsed.success) return parsed.data;
  const width = window.innerWidth;
  const shown = { palette: width >= ROOM_FOR.palette, inspector: width >= ROOM_FOR.inspector };
  return { viewport: null, selected: null, ...shown, data: false };
}

/** Remembers it. */
export function keep(state: Kept): void {
  api.setState(state);
}

/** Says something to the host. */
export function tell(message: FromPage): void {
  api.postMessage(fromPage.parse(message));
}

/** Listens to the host, and says that it does. The returned function stops. */
export function listen(heard: (message: ToPage) => void): () => void {
  const receive = (event: MessageEvent): void => {
    const parsed = toPage.safeParse(event.data);
    if (parsed.success) heard(parsed.data);
    else tell({ type: "problem", message: `a message of the host was not understood: ${parsed.error.message}` });
  };
  window.addEventListener("message", receive);
  tell({ type: "ready", protocol: PROTOCOL_VERSION });
  return () => {
    window.removeEventListener("message", receive);
  };
}
