/**
 * What the Test Explorer needs of something that can be tested: fixtures now, and whatever else holds tests in a file
 * later. No `vscode` here, so that providers are tested without it.
 */
import type { EditorPlace } from "../../runtime/editor-run/index.ts";
import type { CoveredDocuments } from "../../runtime/coverage.ts";
import type { Range } from "../../graph/diagnostic.ts";

/** One test of a file. */
export interface TestCase {
  /** Unique in its file, and the same as long as the test is. */
  readonly id: string;
  readonly label: string;
  readonly description: string | null;
  /** Where it stands. */
  readonly at: Range;
}

/** The tests of a file. */
export interface DiscoveredTests {
  readonly cases: readonly TestCase[];
  /** Why its tests cannot be run as it stands, as a sentence; null: they can. */
  readonly problem: string | null;
  /** The document that it tests; absolute, null when it cannot be told. */
  readonly document: string | null;
}

/** Something that was not as expected. */
export interface TestMismatch {
  readonly message: string;
  /** Absolute. */
  readonly file: string;
  /** Zero-based; null: the whole file. */
  readonly at: { readonly line: number; readonly character: number } | null;
  readonly expected: string | null;
  readonly actual: string | null;
}

/** How a test came out. */
export interface TestOutcome {
  readonly result: "passed" | "failed" | "errored" | "stopped";
  readonly mismatches: readonly TestMismatch[];
  /** For people who read its output; lines. */
  readonly output: readonly string[];
  readonly durationMs: number;
  /** Files that it read as documents; absolute. */
  readonly documents: readonly string[];
}

/** What a test is run with. */
export interface TestRunOptions {
  /** The file's place, with unsaved texts. */
  readonly place: EditorPlace;
  /** Aborted: the run ends as soon as it can. */
  readonly signal: AbortSignal;
  /** Collects what was taken; null: nobody asks. */
  readonly coverage: Pick<CoveredDocuments, "listeners"> | null;
}

/** See the header. */
export interface TestProvider {
  /** Files that may hold tests, as a glob pattern of VS Code. */
  readonly pattern: string;
  /** Whether a file may hold tests, by its path. */
  holds(file: string): boolean;
  /** Never rejects: a text that is none has a problem. */
  discover(file: string, text: string): Promise<DiscoveredTests>;
  /** Never rejects for what texts or runs do. */
  run(id: string, options: TestRunOptions): Promise<TestOutcome>;
  /** A launch configuration without type and request, or why there can be none. */
  debug(
    id: string,
    place: EditorPlace,
  ): Promise<{ readonly program: string; readonly [key: string]: unknown } | string>;
}
