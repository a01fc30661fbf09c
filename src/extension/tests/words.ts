/** What the extension says about tests. */

/** Sentences, labels and titles. */
export const words = {
  controller: "Countersign",
  run: "Run",
  debug: "Debug",
  coverage: "Run with Coverage",
  untrusted: "This workspace is not trusted, so no test is run in it.",
  noTests: (name: string): string => `No fixture tests ${name}. Save a run as a test to have one.`,
  noDocument: "Open a graph document or a fixture first.",
  stopped: "stopped",
  notDebugged: (name: string, why: string): string => `${name} cannot be debugged: ${why}`,
  verdict: "The session was a dry run; the verdict is that of the test itself, run after it.",
  saveWhich: "Which run becomes a test?",
  noRuns: "There is no run yet that could become a test.",
  saveName: "Name of the test",
  saveNameHint: "The folder of the test, below fixtures beside the document",
  badName: "Letters, digits, . _ and - only",
  taken: "There is such a folder already",
  saving: "Saving the run as a test…",
  saved: (file: string): string => `Saved as ${file}. It passes.`,
  leftOut: (count: number): string => (count === 1 ? "One thing was left out." : `${count} things were left out.`),
  runIt: "Run Test",
  showNotes: "What Was Left Out",
  notSaved: (why: string): string => `The run was not saved as a test: ${why}`,
} as const;
