/**
 * `countersign test [PATH…]`: runs fixtures and says which passed. Exit codes: 0 all passed, 1 some did not, 2 usage
 * (no fixtures, a bad path or option).
 *
 * The report goes to standard output, or with `--output` to a file; then the text for people still goes to standard
 * output. JSON and JUnit are documented in `src/fixtures/reports.ts`.
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { coverageJson, coverageLcov, sum, type FileCoverage } from "../../fixtures/coverage-report.ts";
import type { CoverageSummary, Share } from "../../fixtures/coverage.ts";
import { discoverFixtures } from "../../fixtures/discover.ts";
import { jsonReport, junitReport, placeText } from "../../fixtures/reports.ts";
import { tally, type FixtureFailure, type FixtureResult, type FixtureSummary } from "../../fixtures/result.ts";
import type { Interruption } from "../../engine/runner.ts";
import { CoveredDocuments } from "../../runtime/coverage.ts";
import { runFixture } from "../../runtime/fixture-run.ts";
import { oneOf, textOption } from "../options.ts";
import { refuseUnwritable, writeOutput } from "../outputs.ts";
import { clean, productStyle, productWidth, table } from "../render/text.ts";
import { styleFor, type Style, type Terminal } from "../terminal.ts";

/** Options of `test`. */
export interface TestOptions {
  /** `text` (default), `json` or `junit`. */
  readonly reporter?: unknown;
  /** A file for the report. */
  readonly output?: unknown;
  /** Only fixtures whose path holds this text. */
  readonly filter?: unknown;
  /** Stop at the first fixture that does not pass. */
  readonly bail?: unknown;
  /** Say which nodes, edges and branch labels of each document the fixtures took. */
  readonly coverage?: unknown;
  /** `text` (default), `lcov` or `json`. */
  readonly coverageFormat?: unknown;
  /** A file for the coverage; without one it follows the results. */
  readonly coverageOut?: unknown;
  /** A run that becomes a fixture; nothing is tested then. */
  readonly saveRun?: unknown;
  readonly stateDir?: unknown;
}

const reporters = ["text", "json", "junit"] as const;
const coverageFormats = ["text", "lcov", "json"] as const;

/** Runs fixtures one after the other; gives the exit code. */
export async function testCommand(
  terminal: Terminal,
  paths: readonly string[],
  options: TestOptions = {},
): Promise<number> {
  const reporter = reporters.find((one) => one === (options.reporter ?? "text"));
  if (reporter === undefined) return usage(terminal, "--reporter takes one of text, json, junit");
  const saved = textOption("--save-run", options.saveRun);
  if (saved !== undefined) {
    if (paths.length > 1) return usage(terminal, "--save-run takes one folder, in which the fixture is written");
    const { saveTestCommand } = await import("./save-test.ts");
    return saveTestCommand(terminal, saved, paths[0], options.stateDir);
  }
  if (options.stateDir !== undefined) return usage(terminal, "--state-dir is for --save-run");
  const coverage = coverageWish(options);
  if (coverage?.out === null && coverage.format !== "text" && reporter !== "text" && options.output === undefined)
    return usage(terminal, "both reports would go to standard output; name a file with --coverage-out or --output");
  await refuseUnwritable(terminal, [["--coverage-out", coverage?.out]]);
  const output = typeof options.output === "string" ? options.output : null;
  const filter = typeof options.filter === "string" ? options.filter : "";
  const found = await discoverFixtures(paths.length === 0 ? ["."] : paths, terminal.cwd);
  if (found.problems.length > 0) return usage(terminal, found.problems.join("\n"));
  const files = found.files.filter((file) => file.includes(filter));
  if (files.length === 0) {
    const where = paths.length === 0 ? "the working directory" : paths.join(", ");
    const why = found.files.length > 0 ? `none of ${found.files.length} holds "${filter}" in its path` : `in ${where}`;
    return usage(terminal, `no fixtures: ${why} (a fixture is a fixture.toml)`);
  }
  const people = reporter === "text" || output !== null;
  // A machine's coverage on standard output is alone there.
  const alone = coverage?.out === null && coverage.format !== "text";
  const say = (text: string): void => {
    if (alone) terminal.err(text);
    else terminal.out(text);
  };
  const style = productStyle(terminal);
  const covered = new CoveredDocuments();
  const summary = await runAll(terminal, files, options.bail === true, covered, (result) => {
    if (people) say(resultText(result, style));
  });
  const unwritten = coverage === null ? null : await tellCoverage(terminal, covered, coverage, people);
  if (people) say(summaryText(summary, style));
  if (unwritten !== null) return usage(terminal, unwritten);
  if (reporter !== "text" || output !== null) {
    const report =
      reporter === "json"
        ? jsonReport(summary)
        : reporter === "junit"
          ? junitReport(summary)
          : plain(terminal, summary);
    if (output === null) terminal.out(report);
    else {
      const problem = await write(path.resolve(terminal.cwd, output), report);
      if (problem !== null) return usage(terminal, `--output ${output}: cannot be written (${problem})`);
    }
  }
  return summary.skipped.length === 0 && tally(summary.results).failed === 0 ? 0 : 1;
}

/** How coverage is to be told. `out` null: on standard output. */
interface CoverageWish {
  readonly format: (typeof coverageFormats)[number];
  readonly out: string | null;
}

/** null: it is not asked for. A format or a file asks for it, too. */
function coverageWish({ coverage, coverageFormat, coverageOut }: TestOptions): CoverageWish | null {
  if (coverage !== true && coverageFormat === undefined && coverageOut === undefined) return null;
  const format = oneOf("--coverage-format", coverageFormat ?? "text", coverageFormats);
  return { format, out: textOption("--coverage-out", coverageOut) ?? null };
}

/** Tells it; why it could not be written, or null. */
async function tellCoverage(
  terminal: Terminal,
  covered: CoveredDocuments,
  { format, out }: CoverageWish,
  people: boolean,
): Promise<string | null> {
  const files = covered.files(terminal.cwd);
  const text = (): string => coverageText(files, out === null ? productWidth(terminal) : 120);
  const report = format === "lcov" ? coverageLcov(files) : format === "json" ? coverageJson(files) : text();
  if (out !== null) return writeOutput(terminal, "--coverage-out", out, report);
  if (people || format !== "text") terminal.out(report);
  return null;
}

/** Runs until the end, the first failure with `bail`, or an interrupt; a second interrupt ends the process. */
async function runAll(
  terminal: Terminal,
  files: readonly string[],
  bail: boolean,
  covered: CoveredDocuments,
  each: (result: FixtureResult) => void,
): Promise<FixtureSummary> {
  const began = performance.now();
  const controller = new AbortController();
  let interrupts = 0;
  const release = terminal.onInterrupt((signal) => {
    if (++interrupts > 1) process.exit(signal === "SIGTERM" ? 143 : 130);
    controller.abort({ how: "cancel", by: signal, reason: null } satisfies Interruption);
  });
  const results: FixtureResult[] = [];
  try {
    for (const file of files) {
      if (controller.signal.aborted || (bail && results.some((one) => one.result !== "pass"))) break;
      const { cwd, env } = terminal;
      const control = { signal: controller.signal };
      const result = await runFixture(file, { cwd, env, control, ...covered.listeners });
      results.push(result);
      each(result);
    }
  } finally {
    release();
  }
  return { results, skipped: files.slice(results.length), durationMs: performance.now() - began };
}

/** The numbers of each file, and of all together where there are several. */
function coverageText(files: readonly FileCoverage[], columns: number): string {
  const row = (name: string, { nodes, edges, branches }: CoverageSummary): string[] => [
    name,
    ...[nodes, edges, branches].map(shareText),
  ];
  const rows = files.map(({ file, summary }) => row(clean(file), summary));
  if (rows.length > 1) rows.push(row("all files", sum(files.map(({ summary }) => summary))));
  const head = ["coverage", "nodes", "edges", "branches"];
  const cells = [head, ...rows].map((one) => one.map((text) => ({ text })));
  return `\n${table(cells, columns).join("\n")}\n`;
}

/** `7/8 87%`; a dash where there is nothing to cover. */
function shareText({ covered, total }: Share): string {
  return total === 0 ? "-" : `${covered}/${total} ${Math.floor((covered / total) * 100)}%`;
}

/** One line, and below a fixture that did not pass what was wrong. */
function resultText(result: FixtureResult, style: Style): string {
  const passed = result.result === "pass";
  const mark = passed ? style.green("✓") : style.red("✗");
  const what = result.result === "load_error" ? style.red(" could not be run") : "";
  const time = style.dim(`(${Math.round(result.durationMs)} ms)`);
  const lines = [`${mark} ${clean(nameOf(result.file))}${what} ${time}`];
  for (const note of result.notes) lines.push(`    ${style.yellow("note")} ${clean(note)}`);
  for (const failure of result.failures) lines.push(...failureLines(failure, style));
  return `${lines.join("\n")}\n`;
}

function failureLines(failure: FixtureFailure, style: Style): string[] {
  const lines = [`    ${clean(failure.message)}`];
  if (failure.expected !== null) lines.push(`      expected  ${style.green(clean(failure.expected))}`);
  if (failure.actual !== null) lines.push(`      actual    ${style.red(clean(failure.actual))}`);
  lines.push(style.dim(`      at ${clean(placeText(failure))}`));
  return lines;
}

/** A fixture goes by its folder's name. */
function nameOf(file: string): string {
  const folder = path.dirname(file);
  return path.basename(file) === "fixture.toml" && folder !== "." ? folder : file;
}

function summaryText({ results, skipped, durationMs }: FixtureSummary, style: Style): string {
  const { passed, failed } = tally(results);
  const parts = [`${passed} passed`, `${failed} failed`];
  if (skipped.length > 0) parts.push(`${skipped.length} not run`);
  const text = parts.join(", ");
  const bad = failed > 0 || skipped.length > 0;
  return `\n${bad ? style.red(text) : style.green(text)} ${style.dim(`(${Math.round(durationMs)} ms)`)}\n`;
}

/** The text for people without colours, for a file. */
function plain(terminal: Terminal, summary: FixtureSummary): string {
  const style = styleFor({ ...terminal, env: { NO_COLOR: "1" } });
  return summary.results.map((result) => resultText(result, style)).join("") + summaryText(summary, style);
}

async function write(file: string, text: string): Promise<string | null> {
  try {
    await writeFile(file, text);
    return null;
  } catch (problem) {
    return (problem as NodeJS.ErrnoException).code ?? String(problem);
  }
}

function usage(terminal: Terminal, message: string): number {
  terminal.err(`countersign: ${message}\n`);
  return 2;
}
