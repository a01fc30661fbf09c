/** What is settled between a loaded document and its run, for whoever starts it: the command line or an editor. Pure. */
import type { Settings } from "../config/settings.ts";
import type { Graph } from "../graph/model.ts";
import { isObject, member } from "../graph/value.ts";

/** The name of a start, or why none can be chosen. */
export type ChosenStart =
  { readonly ok: true; readonly start: string | null } | { readonly ok: false; readonly message: string };

/** The reference's choice of a start in one-shot mode (spec/workflow.md §14). */
export function defaultStart(graph: Graph): ChosenStart {
  if (graph.dialect !== "workflow") return { ok: true, start: graph.starts[0]?.name ?? null };
  const manual = graph.starts.filter((start) => start.source === "manual");
  const only = manual.length === 1 ? manual[0] : graph.starts.length === 1 ? graph.starts[0] : undefined;
  if (only !== undefined) return { ok: true, start: only.name };
  const counts = `${manual.length} manual / ${graph.starts.length} total`;
  return { ok: false, message: `cannot pick a start node automatically (${counts}); pass --start NAME` };
}

/** True for a document that must not run unless its signature verifies (spec/workflow.md §18.2). */
export function wantsSignature(graph: Graph): boolean {
  const { signing } = graph.operation;
  return isObject(signing) && member(signing, "required") === true;
}

/** Why a document that {@link wantsSignature} is not run. */
export const unverified =
  "the document says [signing] required = true, and this version does not verify document signatures";

/** How long a run may take, in milliseconds: `[budget] max_run_time_secs` shortens the operator's time; 0 means none. */
export function timeoutFor(graph: Graph, secs: number): number {
  const cap = graph.budget?.maxRunTimeSecs ?? 0;
  return (cap > 0 ? Math.min(cap, secs) : secs) * 1000;
}

/** Most branches of a fan-out at once: pipelines have a limit of their own. */
export function fanoutFor(graph: Graph, given: number): number {
  return graph.dialect === "pipeline" ? 64 : given;
}

/** Settings that this version takes but cannot carry out: how each is recognised, and what is said of it. */
const absent: readonly (readonly [given: (settings: Settings) => boolean, says: string])[] = [
  [({ mode }) => mode === "serve", "--mode serve: this version has no server; run the document once"],
  [({ signingRequired }) => signingRequired, "--signing-required: this version does not verify document signatures"],
  [
    ({ signingKeyFile }) => signingKeyFile !== null,
    "--signing-key-file: this version does not verify document signatures",
  ],
  [
    ({ goal, instruction }) => goal !== null || instruction !== null,
    "--goal and --instruction: this version has no goal mode",
  ],
  [({ instructions }) => instructions !== null, "--instructions: this version has no goal mode and no standing prompt"],
  [
    ({ planOnly, autoApprove, planOut, promote }) => planOnly || autoApprove || planOut !== null || promote !== null,
    "--plan-only, --plan-out, --promote and --auto-approve: this version has no goal mode",
  ],
  [({ reloadFile }) => reloadFile !== null, "--reload-file: this version has no server to reload"],
  [
    ({ logLevel, logFormat, logTarget }) => logLevel !== null || logFormat !== null || logTarget !== null,
    "--log-level, --log-format and --log-target: this version writes no logs; the journal holds every event",
  ],
];

/** What this version refuses by name, as sentences. */
export const absentSettings: readonly string[] = absent.map(([, says]) => says);

/** A setting that this version takes but cannot carry out, as a sentence; null when there is none. Refused, not ignored. */
export function unavailableSetting(settings: Settings): string | null {
  return absent.find(([given]) => given(settings))?.[1] ?? null;
}
