/** How long frames take while the canvas is moved, ours and the peer's in turn. */
import type { Frame, Page } from "playwright-core";
import { percentile } from "../language/rounds.ts";
import { probe } from "./browser.ts";

/** Frames of one movement, and how often the contestants take turns. */
const FRAMES = 60;
const ROUNDS = 2;

/** Somebody with a canvas. */
export interface Contestant {
  readonly name: string;
  readonly frame: Frame | Page;
}

/** Frame times of one movement by contestant, in milliseconds. */
export interface Movement {
  readonly what: string;
  readonly took: Readonly<Record<string, readonly number[]>>;
}

type Move = (frame: Frame | Page) => Promise<readonly number[]>;

/** Pans near and far, and turns the wheel between them. `far`: the zoom at which everything is in view. */
export async function movements(contestants: readonly Contestant[], far: number): Promise<Movement[]> {
  const pan =
    (zoom: number): Move =>
    async (frame) => {
      await probe(frame, "zoom", zoom);
      return probe(frame, "pan", FRAMES);
    };
  const moves: readonly (readonly [string, Move])[] = [
    ["panning at zoom 1", pan(1)],
    ["panning with everything in view", pan(far)],
    ["zooming out and in", (frame) => probe(frame, "wheel", 1, far, FRAMES)],
  ];
  const found: Movement[] = [];
  for (const [what, move] of moves) {
    const took: Record<string, number[]> = {};
    for (let round = 0; round < ROUNDS; round++)
      for (const { name, frame } of contestants) (took[name] ??= []).push(...(await move(frame)));
    found.push({ what, took });
  }
  return found;
}

/** The middle frame time of a contestant. */
export function middle({ took }: Movement, name: string): number {
  return percentile(took[name] ?? [], 0.5);
}
