/**
 * A vitest reporter that counts. It ends with one line that any program can read, `N passed, N failed, N skipped`;
 * where COUNTERSIGN_COUNTS names a file, it writes the counts of each test file there instead (scripts/test.mjs).
 *
 * A file that cannot be loaded and an error outside of any test count as failures, so that `0 failed` means that
 * everything ran.
 */
import { writeFileSync } from "node:fs";

/** Counts together. */
export function sum(counts) {
  const all = { passed: 0, failed: 0, skipped: 0 };
  for (const one of counts) for (const state of Object.keys(all)) all[state] += one[state];
  return all;
}

/** The line. */
export function line({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

export default class SummaryReporter {
  /** Vitest calls this once, when all files have been run. */
  onTestRunEnd(modules, unhandledErrors) {
    const files = modules.map((module) => {
      const counts = { passed: 0, failed: 0, skipped: 0 };
      for (const test of module.children.allTests()) counts[stateOf(test)]++;
      counts.failed += module.errors().length;
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
      return { project: module.project.name, file: module.relativeModuleId, ...counts };
    });
    const outside = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const target = process.env["COUNTERSIGN_COUNTS"] ?? "";
    if (target === "") console.log(line(sum([...files, outside])));
    else writeFileSync(target, JSON.stringify({ files, outside }));
  }
}

/** A test that was collected and never ran says nothing good: it counts as failed. */
function stateOf(test) {
  const { state } = test.result();
  return state === "passed" || state === "skipped" ? state : "failed";
}
