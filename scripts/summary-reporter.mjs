/**
 * A vitest reporter whose last line any program can read: `N passed, N failed, N skipped`.
 *
 * A file that cannot be loaded and an error outside of any test count as failures, so that `0 failed` means that
 * everything ran.
 */
export default class SummaryReporter {
  /** Vitest calls this once, when all files have been run. */
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[stateOf(test)]++;
      counts.failed += module.errors().length;
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
    }
    counts.failed += unhandledErrors.length;
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
}

/** A test that was collected and never ran says nothing good: it counts as failed. */
function stateOf(test) {
  const { state } = test.result();
  return state === "passed" || state === "skipped" ? state : "failed";
}
