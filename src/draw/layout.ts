/**
 * Where the parts of a drawing stand. Coordinates in pixels at zoom 1, from the top left.
 *
 * Invariant: the same drawing, sizes and fixed places always give the same layout.
 */

/** A place and a size. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A point of an arrow's way. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A laid-out drawing, by the keys of its elements. */
export interface Layout {
  readonly nodes: Readonly<Record<string, Box>>;
  readonly entries: Readonly<Record<string, Box>>;
  readonly frames: Readonly<Record<string, Box>>;
  /** The bends of each arrow, ends included; an arrow that is not here is drawn between its ports. */
  readonly edges: Readonly<Record<string, readonly Point[]>>;
  readonly width: number;
  readonly height: number;
}

/** What stays where it is: positions that a person gave, and those of before that an edit should not disturb. */
export interface Fixed {
  /** Top left corners by key, moved by hand. */
  readonly moved: Readonly<Record<string, Point>>;
  /** The layout of before this edit; null when the graph is drawn for the first time. */
  readonly before: Layout | null;
}
