/** What is different between two versions of a text. */

/** `from` to `to` of the old text became something that is `delta` characters longer. */
export interface TextChange {
  readonly from: number;
  readonly to: number;
  readonly delta: number;
}

/** The stretch between what two texts have in common at their beginnings and ends. */
export function textChange(a: string, b: string): TextChange {
  const most = Math.min(a.length, b.length);
  const from = common(most, (at, step) => a.slice(at, at + step) === b.slice(at, at + step));
  const [x, y] = [a.length, b.length];
  const suffix = common(most - from, (at, step) => a.slice(x - at - step, x - at) === b.slice(y - at - step, y - at));
  return { from, to: a.length - suffix, delta: b.length - a.length };
}

/** How far texts agree, in steps that get smaller: whole stretches are compared at the speed of memory. */
function common(most: number, isSame: (at: number, step: number) => boolean): number {
  let at = 0;
  for (let step = 4096; step > 0; step = step === 1 ? 0 : step >> 4) {
    while (at + step <= most && isSame(at, step)) at += step;
  }
  return at;
}
