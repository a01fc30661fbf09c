/** The graph editor page's line to its host, and what of the page outlives it. */
import { z } from "zod";
import { fromPage, PROTOCOL_VERSION, toPage, type FromPage, type ToPage } from "../src/protocol/webview.ts";
import { keepRaw, keptRaw, openLine } from "./line.ts";

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
  const parsed = kept.safeParse(keptRaw());
  if (parsed.success) return parsed.data;
  const width = window.innerWidth;
  const shown = { palette: width >= ROOM_FOR.palette, inspector: width >= ROOM_FOR.inspector };
  return { viewport: null, selected: null, ...shown, data: false };
}

/** Remembers it. */
export function keep(state: Kept): void {
  keepRaw(state);
}

/** Says something to the host, and listens to it. */
export const { tell, listen } = openLine<ToPage, FromPage>(
  { toPage, fromPage },
  { ready: { type: "ready", protocol: PROTOCOL_VERSION }, problem: (message) => ({ type: "problem", message }) },
);
