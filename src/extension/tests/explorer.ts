/**
 * The Test Explorer (spec/editor.md §6): runs the tests of the catalogue, once, again and again, under the debugger, and
 * with coverage.
 *
 * Invariants: nothing is run in a workspace that is not trusted; tests run one after the other; a cancelled run really
 * stops.
 */
import * as vscode from "vscode";
import { CoveredDocuments } from "../../runtime/coverage.ts";
import { placeOf } from "../run/place.ts";
import { TestCatalogue } from "./catalogue.ts";
import { GraphCoverage } from "./coverage.ts";
import type { CoverageMarks } from "./marks.ts";
import type { TestOutcome, TestProvider } from "./provider.ts";
import { session } from "./session.ts";
import { refusedForTrust, tell, type Tally } from "./telling.ts";
import { words } from "./words.ts";

/** See the header. */
export class TestExplorer implements vscode.Disposable {
  private readonly controller: vscode.TestController;
  private readonly catalogue: TestCatalogue;
  private readonly marks: CoverageMarks;
  private readonly profilesMade: vscode.Disposable[] = [];
  private runProfile: vscode.TestRunProfile | undefined;

  constructor(
    controller: vscode.TestController,
    providers: readonly TestProvider[],
    marks: CoverageMarks,
    log: vscode.LogOutputChannel,
  ) {
    this.controller = controller;
    this.marks = marks;
    this.catalogue = new TestCatalogue(controller, providers, log);
    this.profiles();
  }

  /** Finds all tests, once. */
  scan(): Promise<void> {
    return this.catalogue.scan();
  }

  /** Runs the tests in a file, or those of a document. null: there are none. */
  async runFor(document: vscode.Uri): Promise<Tally | null> {
    await this.scan();
    const items = [...this.catalogue.itemsFor(document)];
    if (items.length === 0) return null;
    const token = new vscode.CancellationTokenSource();
    return this.run(new vscode.TestRunRequest(items, undefined, this.runProfile), token.token, false);
  }

  dispose(): void {
    this.catalogue.dispose();
    for (const one of this.profilesMade) one.dispose();
  }

  private profiles(): void {
    const { controller } = this;
    const { Run, Debug, Coverage } = vscode.TestRunProfileKind;
    const run = controller.createRunProfile(
      words.run,
      Run,
      (request, token) => this.start(request, token, false),
      true,
      undefined,
      true,
    );
    const debug = controller.createRunProfile(words.debug, Debug, (request, token) => this.debug(request, token), true);
    const coverage = controller.createRunProfile(
      words.coverage,
      Coverage,
      (request, token) => this.start(request, token, true),
      true,
      undefined,
      true,
    );
    coverage.loadDetailedCoverage = (_run, file) =>
      Promise.resolve(file instanceof GraphCoverage ? file.details() : []);
    this.runProfile = run;
    this.profilesMade.push(run, debug, coverage);
  }

  private async start(
    request: vscode.TestRunRequest,
    token: vscode.CancellationToken,
    coverage: boolean,
  ): Promise<void> {
    if (request.continuous !== true) {
      await this.run(request, token, coverage);
      return;
    }
    // Until it is switched off: what a saved file may have changed is run again.
    let last: Promise<unknown> = Promise.resolve();
    const saved = vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      const again = async (): Promise<void> => {
        if (token.isCancellationRequested) return;
        await this.catalogue.refresh(uri);
        const items = (await this.catalogue.wanted(request)).filter((item) => this.catalogue.touches(item, uri));
        const touched = new vscode.TestRunRequest(items, request.exclude, request.profile, true);
        if (items.length > 0) await this.run(touched, token, coverage);
      };
      last = last.then(again, again);
    });
    token.onCancellationRequested(() => {
      saved.dispose();
    });
  }

  private async run(
    request: vscode.TestRunRequest,
    token: vscode.CancellationToken,
    coverage: boolean,
  ): Promise<Tally> {
    const items = await this.catalogue.wanted(request);
    const run = this.controller.createTestRun(request);
    const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
    const covered = coverage ? new CoveredDocuments() : null;
    const { signal, stops } = stopsWith(token, run.token);
    try {
      if (refusedForTrust(run, items)) return { ...tally, failed: items.length };
      for (const item of items) run.enqueued(item);
      for (const item of items) {
        if (signal.aborted) {
          run.skipped(item);
          tally.skipped++;
        } else tell(run, item, await this.runOne(run, item, signal, covered), tally);
      }
      if (covered !== null && !signal.aborted) {
        const files = covered.files();
        for (const file of files) run.addCoverage(new GraphCoverage(file));
        this.marks.show(files);
      }
      return tally;
    } finally {
      for (const one of stops) one.dispose();
      run.end();
    }
  }

  private async runOne(
    run: vscode.TestRun,
    item: vscode.TestItem,
    signal: AbortSignal,
    coverage: CoveredDocuments | null,
  ): Promise<TestOutcome> {
    const known = this.catalogue.test(item);
    if (known === undefined) throw new TypeError(`${item.id} is no test`);
    run.started(item);
    const { provider, uri, caseId } = known;
    run.appendOutput(`${vscode.workspace.asRelativePath(uri)}: ${item.label}\r\n`, undefined, item);
    const outcome = await provider.run(caseId, { place: placeOf(uri), signal, coverage });
    this.catalogue.reads(known, outcome.documents);
    return outcome;
  }

  /** Steps through the tests one after the other; each is judged when its session has ended. */
  private async debug(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    const items = await this.catalogue.wanted(request);
    const run = this.controller.createTestRun(request);
    const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
    const { signal, stops } = stopsWith(token, run.token);
    try {
      if (refusedForTrust(run, items)) return;
      for (const item of items) {
        const known = this.catalogue.test(item);
        if (known === undefined) continue;
        if (token.isCancellationRequested) {
          run.skipped(item);
          continue;
        }
        const place = placeOf(known.uri);
        const made = await known.provider.debug(known.caseId, place);
        if (typeof made === "string") {
          run.errored(item, new vscode.TestMessage(words.notDebugged(item.label, made)));
          continue;
        }
        run.started(item);
        const went = await session(known.uri, { name: item.parent?.parent?.label ?? item.label, ...made }, run, token);
        if (!went) {
          run.skipped(item);
          continue;
        }
        run.appendOutput(`${words.verdict}\r\n`, undefined, item);
        tell(run, item, await this.runOne(run, item, signal, null), tally);
      }
    } finally {
      for (const one of stops) one.dispose();
      run.end();
    }
  }
}

/** A signal that ends a run for good once one of the tokens is cancelled; `stops` are to be disposed of afterwards. */
function stopsWith(...tokens: readonly vscode.CancellationToken[]): {
  readonly signal: AbortSignal;
  readonly stops: readonly vscode.Disposable[];
} {
  const abort = new AbortController();
  const stop = (): void => {
    // In the engine's words: by whom and why.
    if (!abort.signal.aborted) abort.abort({ how: "cancel", by: "the Test Explorer", reason: null });
  };
  return { signal: abort.signal, stops: tokens.map((one) => one.onCancellationRequested(stop)) };
}
