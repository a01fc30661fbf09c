/** What the bench calls in the frames of the browser; `page/probe.ts` does it. Times are milliseconds since the epoch. */

export interface Probe {
  /** Begins to remember when the last click or key came. */
  listen(): void;
  /** When the last click or key came. */
  lastInput(): number;
  /** When an element with this text (`present`: or none any more) has been painted. */
  painted(selector: string, text: string, present: boolean): Promise<number>;
  /** Moves the canvas to a zoom, around its middle. */
  zoom(to: number): Promise<void>;
  /** Drags the canvas for so many frames, {@link LONGEST} at most; gives how long each frame took. */
  pan(frames: number): Promise<readonly number[]>;
  /** Turns the wheel from one zoom to another and back in so many frames, {@link LONGEST} at most; the same. */
  wheel(from: number, to: number, frames: number): Promise<readonly number[]>;
  /** Size of the canvas, its zoom, and how many nodes it has mounted. */
  canvas(): {
    readonly width: number;
    readonly height: number;
    readonly zoom: number;
    readonly nodes: number;
    readonly edges: number;
  };
}

/** Longest time for one movement of the canvas, in milliseconds. */
export const LONGEST = 3_000;
