/** Classes of characters: ranges of code points and Unicode properties. */

/** A set of characters: ranges of code points, and whether it is the rest that is meant. */
export interface CharClass {
  readonly negated: boolean;
  readonly ranges: readonly (readonly [from: number, to: number])[];
  /** Unicode classes, and sets inside the brackets that are negated themselves. */
  readonly tests: readonly ((point: number) => boolean)[];
}

export const digits: readonly (readonly [number, number])[] = [[48, 57]];
export const spaces: readonly (readonly [number, number])[] = [
  [9, 10],
  [12, 13],
  [32, 32],
];
export const words: readonly (readonly [number, number])[] = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
export const posix: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  alnum: [
    [48, 57],
    [65, 90],
    [97, 122],
  ],
  alpha: [
    [65, 90],
    [97, 122],
  ],
  ascii: [[0, 127]],
  blank: [
    [9, 9],
    [32, 32],
  ],
  cntrl: [
    [0, 31],
    [127, 127],
  ],
  digit: digits,
  graph: [[33, 126]],
  lower: [[97, 122]],
  print: [[32, 126]],
  punct: [
    [33, 47],
    [58, 64],
    [91, 96],
    [123, 126],
  ],
  space: [
    [9, 13],
    [32, 32],
  ],
  upper: [[65, 90]],
  word: words,
  xdigit: [
    [48, 57],
    [65, 70],
    [97, 102],
  ],
};
export const escapes: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };

/** A Unicode class by its name; null for a name of none. */
export function unicodeClass(name: string): RegExp | null {
  for (const property of [name, `Script=${name}`]) {
    try {
      return new RegExp(`^\\p{${property}}$`, "u");
    } catch {
      // Not of this kind; perhaps of the next.
      continue;
    }
  }
  return null;
}

/** True when a character belongs to a class. */
export function inClass(set: CharClass, point: number): boolean {
  for (const [from, to] of set.ranges) if (point >= from && point <= to) return !set.negated;
  return set.tests.some((test) => test(point)) !== set.negated;
}
