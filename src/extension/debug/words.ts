/** What the extension says about debugging on the canvas. */

/** Sentences, labels and titles. */
export const debugWords = {
  changed: (name: string): string =>
    `${name} has changed since the session began. The session goes on with the text from then; start it again to debug the new one.`,
  gone: (name: string): string =>
    `${name} is not there any more. The session goes on with the text that it began with.`,
  running: "The run goes on; pause it first.",
  over: "Nothing is being debugged.",
  neverEntered: (node: string): string => `${node} has not been entered yet, so the run cannot go back to it.`,
  noPlace: "No breakpoint can stand here. Put it on a node, or on an edge that the document writes down.",
  condition: 'Stop here only when this is true, such as release.version == "1.0". Empty: always.',
  log: "Write this to the debug console instead of stopping; {{node.field}} stands for a value. Empty: stop.",
} as const;
