/** Fixtures as tests: each `fixture.toml` holds one. */
import path from "node:path";
import type { JournalEvent } from "../../effects/events.ts";
import { FIXTURE_NAME } from "../../fixtures/discover.ts";
import type { Fixture } from "../../fixtures/model.ts";
import { parseFixture } from "../../fixtures/parse.ts";
import type { FixtureResult } from "../../fixtures/result.ts";
import { locatorOf } from "../../runtime/documents.ts";
import { workingDirectory, openedFiles, type EditorPlace } from "../../runtime/editor-run/place.ts";
import { runFixture } from "../../runtime/fixture-run.ts";
import type { DiscoveredTests, TestOutcome, TestProvider, TestRunOptions } from "./provider.ts";

/** Lines of output that a run may give. */
const MAX_LINES = 2_000;

/** The provider. */
export const fixtureTests: TestProvider = {
  pattern: `**/${FIXTURE_NAME}`,
  holds: (file) => path.basename(file) === FIXTURE_NAME,
  discover: (file, text) => Promise.resolve(discover(file, text)),
  run,
  debug,
};

function discover(file: string, text: string): DiscoveredTests {
  const { fixture, diagnostics } = parseFixture(text, file);
  const locator = locatorOf(text, file);
  const at = locator.range({ path: ["expected"], part: "construct" });
  if (fixture === null) {
    const problem = diagnostics.find((one) => one.severity === "error")?.message ?? "it is not a fixture";
    const named = /^\s*document\s*=\s*["']([^"'\n]+)["']/m.exec(text)?.[1] ?? "workflow.toml";
    return {
      cases: [{ id: "fixture", label: "does not load", description: null, at }],
      problem,
      document: documentAt(file, named),
    };
  }
  const { start, dryRun, expected } = fixture;
  const label = `${start ?? "run"}: ${expected.status.replace("_", " ")}`;
  const description = [dryRun ? "dry run" : null, expected.lastNode === null ? null : `at ${expected.lastNode}`];
  return {
    cases: [{ id: "fixture", label, description: description.filter((one) => one !== null).join(", ") || null, at }],
    problem: null,
    document: documentOf(fixture, file),
  };
}

/** The document of a fixture, without the name of a runner; absolute. */
function documentOf(fixture: Fixture, file: string): string {
  return documentAt(file, fixture.document ?? "workflow.toml");
}

function documentAt(file: string, named: string): string {
  return path.resolve(path.dirname(file), named.replace(/#[^/\\]*$/, ""));
}

async function run(_id: string, { place, signal, coverage }: TestRunOptions): Promise<TestOutcome> {
  const { env, file } = place;
  const cwd = workingDirectory(place);
  const steps = new Steps();
  const documents = new Set<string>();
  const result = await runFixture(file, {
    ...{ cwd, env, place },
    control: { signal },
    onEvent: (event) => {
      steps.add(event);
      coverage?.listeners.onEvent(event);
    },
    onLoaded: (bundle) => {
      for (const key of bundle.entries.keys()) documents.add(key.replace(/#[^/\\]*$/, ""));
      coverage?.listeners.onLoaded(bundle);
    },
  });
  return {
    result: signal.aborted ? "stopped" : resultWord(result.result),
    mismatches: result.failures.map(({ message, file: named, at, expected, actual }) => ({
      ...{ message, at, expected, actual },
      file: path.resolve(cwd, named),
    })),
    output: [...steps.lines, ...result.notes.map((note) => `note: ${note}`), endLine(result)],
    durationMs: result.durationMs,
    documents: [...documents],
  };
}

function resultWord(result: FixtureResult["result"]): TestOutcome["result"] {
  return result === "pass" ? "passed" : result === "fail" ? "failed" : "errored";
}

function endLine({ status, failures }: FixtureResult): string {
  const found = failures.length === 0 ? "as expected" : `${failures.length} not as expected`;
  return `${status ?? "did not start"}, ${found}`;
}

/** What a run did, line by line: nodes, ways, refusals. */
class Steps {
  readonly lines: string[] = [];

  add(event: JournalEvent): void {
    if (this.lines.length >= MAX_LINES) return;
    switch (event.type) {
      case "node.ended":
        return this.say(event.frame, `${event.node}${event.label === null ? "" : ` → ${event.label}`}`);
      case "node.failed":
        return this.say(event.frame, `${event.node} failed: ${event.failure.message}`);
      case "effect.decided":
        if (event.decision === "Deny") this.say(event.act.frame, `${event.act.node}: denied, ${event.reason}`);
        return;
      case "approval.answered":
        return this.say("", `${event.id}: ${event.approved ? "approved" : "denied"}`);
      default:
        return;
    }
  }

  private say(frame: string, text: string): void {
    this.lines.push(`${frame === "" ? "" : `${frame}/`}${text}`);
  }
}

async function debug(
  _id: string,
  place: EditorPlace,
): Promise<{ readonly program: string; readonly [key: string]: unknown } | string> {
  const content = await openedFiles(place).read(place.file);
  if (!content.ok) return content.message;
  const { fixture, diagnostics } = parseFixture(new TextDecoder().decode(content.bytes), place.file);
  if (fixture === null) return diagnostics.find((one) => one.severity === "error")?.message ?? "it is not a fixture";
  const named = /#[^/\\]*$/.exec(fixture.document ?? "")?.[0] ?? "";
  return {
    program: `${documentOf(fixture, place.file)}${named}`,
    fixture: place.file,
    // It is judged when it has ended, so it does not stand still there.
    stopOnEnd: false,
    ...(fixture.start === null ? {} : { start: fixture.start }),
    ...(fixture.assume.size === 0 ? {} : { assume: Object.fromEntries(fixture.assume) }),
  };
}
