/**
 * `countersign test [PATH…]`: runs fixtures and says which passed. Exit codes: 0 all passed, 1 some did not, 2 usage
 * (no fixtures, a bad path or option).
 *
 * The report goes to standard output, or with `--output` to a file; then the text for people still goes to standard
 * output. JSON and JUnit are documented in `src/fixtures/reports.ts`.
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { Coverage, summarize, type Share } from "../../fixtures/coverage.ts";
import { discoverFixtures } from "../../fixtures/discover.ts";
import { jsonReport, junitReport, placeText } from "../../fixtures/reports.ts";
import { tally, type FixtureFailure, type FixtureResult, type FixtureSummary } from "../../fixtures/result.ts";
import type { Interruption } from "../../engine/runner.ts";
import type { Graph } from "../../graph/model.ts";
import { runFixture } from "../../runtime/fixture-run.ts";
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
}

const reporters = ["text", "json", "junit"] as const;

/** Runs fixtures one after the other; gives the exit code. */
export async function testCommand(
  terminal: Terminal,
  paths: readonly string[],
  options: TestOptions = {},
): Promise<number> {
  const reporter = reporters.find((one) => one === (options.reporter ?? "text"));
  if (reporter === undefined) return usage(terminal, "--reporter takes one of text, json, junit");
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
  const style = productStyle(terminal);
  const covered = new CoveredDocuments();
  const summary = await runAll(terminal, files, options.bail === true, covered, (result) => {
    if (people) terminal.out(resultText(result, style));
  });
  if (people && options.coverage === true) terminal.out(covered.text(terminal.cwd, productWidth(terminal)));
  if (people) terminal.out(summaryText(summary, style));
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

/** What all fixtures together took of each document. */
class CoveredDocuments {
  private readonly coverage = new Coverage();
  private readonly graphs = new Map<string, Graph>();
  /** For a fixture's run. */
  readonly listeners: Pick<Parameters<typeof runFixture>[1], "onEvent" | "onLoaded"> = {
    onEvent: (event) => this.coverage.add(event),
    onLoaded: (bundle) => {
      for (const { key, graph } of bundle.entries.values()) if (graph !== null) this.graphs.set(key, graph);
    },
  };

  text(cwd: string, columns: number): string {
    const rows = [...this.graphs].map(([key, graph]) => {
      const { nodes, edges, branches } = summarize(graph, this.coverage.of(key));
      return [path.relative(cwd, key), shareText(nodes), shareText(edges), shareText(branches)];
    });
    rows.sort(([a = ""], [b = ""]) => (a < b ? -1 : a > b ? 1 : 0));
    const head = ["coverage", "nodes", "edges", "branches"];
    return `\n${table(
      [head, ...rows].map((row) => row.map((text) => ({ text }))),
      columns,
    ).join("\n")}\n`;
  }
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
