/** The machine's clock, as the engine's seam wants it. */
import type { Clock } from "../effects/seam.ts";

/** Longest delay a Node timer takes; longer ones are set again. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Milliseconds since 1970, and timers that do not keep the process alive once nothing else does. */
export const systemClock: Clock = {
  now: () => Date.now(),
  timer(at, wake) {
    let handle: NodeJS.Timeout;
    const set = (): void => {
      const delay = at - Date.now();
      handle = delay > MAX_DELAY_MS ? setTimeout(set, MAX_DELAY_MS) : setTimeout(wake, Math.max(0, delay));
    };
    set();
    return () => clearTimeout(handle);
  },
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
};
