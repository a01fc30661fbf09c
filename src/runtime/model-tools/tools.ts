/**
 * What language models may ask of this workspace: to validate, describe and dry-run a document, and to explain a run
 * (spec/editor.md §7).
 *
 * Invariants: nothing is performed for real and nothing is read for a dry run; nothing is approved; what is answered
 * are names, types, lengths, branches and decisions, never a value of the environment, a file or a run.
 */
import { loadBundle } from "../../dialects/load.ts";
import { checkFile } from "../check.ts";
import { describe } from "../describe.ts";
import { loading } from "../documents.ts";
import type { InputAnswer } from "../editor-run/input.ts";
import { openedFiles, operatorOf, workingDirectory, type EditorPlace } from "../editor-run/place.ts";
import { startEditorRun } from "../editor-run/run.ts";
import { explainRun, type RunExplanation, type ToolResult } from "./explain.ts";

export { explainRun, type RunExplanation, type ToolResult } from "./explain.ts";
export { fileWithin } from "./within.ts";

/** Most findings, nodes and effects in one answer. */
const MAX_LISTED = 200;

/** A finding as it is told. Line and column count from 1. */
export interface ToldFinding {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** What validating says. */
export interface Validation {
  readonly status: "accepted" | "refused" | "unparsable" | "unreadable";
  readonly dialect: string | null;
  readonly nodes: number;
  readonly findings: readonly ToldFinding[];
  readonly more_findings: number;
}

/** Checks the document as the editor shows it. */
export async function validateForModel(place: EditorPlace): Promise<ToolResult<Validation>> {
  const read = await operatorOf(place);
  if (!read.ok) return { ok: false, message: read.problems.map(({ message }) => message).join("; ") };
  const text = place.opened(place.file);
  const report = await checkFile(place.file, workingDirectory(place), {
    operator: read.operator,
    ...(text === null ? {} : { text }),
  });
  const findings = report.diagnostics.map(({ severity, code, message, at }) => {
    const told = withoutText(message);
    return { severity, code, message: told, line: at.start.line + 1, column: at.start.character + 1 };
  });
  return {
    ok: true,
    value: {
      ...{ status: report.status, dialect: report.dialect, nodes: report.nodes },
      findings: findings.slice(0, MAX_LISTED),
      more_findings: Math.max(0, findings.length - MAX_LISTED),
    },
  };
}

/**
 * A message without the text that it quotes of a YAML file that cannot be read: any file of the workspace may be named,
 * and what stands there may be a secret.
 */
function withoutText(message: string): string {
  return message
    .replace(/(quote the value or key): [^]*$/, "$1")
    .replace(/(token in YAML (?:stream|document)): "[^]*"/, "$1");
}

/** What describing says: nodes, ways, and each reachable effect with the decision it would get. */
export async function describeForModel(place: EditorPlace): Promise<ToolResult<object>> {
  const read = await operatorOf(place);
  if (!read.ok) return { ok: false, message: read.problems.map(({ message }) => message).join("; ") };
  const loaded = await loadBundle(place.file, { ...loading, files: openedFiles(place) });
  if (!loaded.ok) return { ok: false, message: withoutText(loaded.diagnostics[0]?.message ?? loaded.message) };
  const told = await describe(loaded.bundle, read.operator, workingDirectory(place));
  return {
    ok: true,
    value: {
      ...{ name: told.name, dialect: told.dialect, environment: told.environment, side_effects: told.sideEffects },
      starts: told.starts,
      nodes: told.nodes.slice(0, MAX_LISTED),
      effects: told.effects
        .slice(0, MAX_LISTED)
        .map(({ document, node, family, method, decision, code, dependsOn }) => {
          return { document, node, family, method, decision, code, depends_on: dependsOn };
        }),
      secrets: told.secrets.map(({ name, source }) => ({ name, source })),
      unavailable: told.unavailable,
      warnings: told.warnings,
      cut_short: told.cutShort || told.nodes.length > MAX_LISTED || told.effects.length > MAX_LISTED,
    },
  };
}

/** What is to be dry-run. */
export interface ModelDryRun {
  readonly place: EditorPlace;
  readonly start: string | null;
  readonly input: InputAnswer;
  /** Branches for unknown conditions: node -> label. */
  readonly assume: Readonly<Record<string, string>>;
  /** As for runs of the editor. */
  readonly storage: string;
  readonly signal: AbortSignal;
}

/** Dry-runs the document without reading anything, and explains how it went. Kept like any run. */
export async function dryRunForModel(request: ModelDryRun): Promise<ToolResult<RunExplanation>> {
  const { signal, ...rest } = request;
  const begun = await startEditorRun({ ...rest, dry: true, dryReads: false, onStep: () => undefined });
  if (!begun.ok) {
    const [first] = begun.problem.findings;
    const where = first === undefined ? "" : ` (line ${first.at.start.line + 1})`;
    return { ok: false, message: `${withoutText(begun.problem.message)}${where}` };
  }
  const { run } = begun;
  const cancel = (): void => {
    run.cancel();
  };
  signal.addEventListener("abort", cancel);
  if (signal.aborted) cancel();
  const ended = await run.done.finally(() => {
    signal.removeEventListener("abort", cancel);
  });
  if (!ended.ok) return { ok: false, message: withoutText(ended.problem.message) };
  return explainRun(run.stateDir, run.runId);
}
