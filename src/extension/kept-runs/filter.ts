/** Which runs the view shows. Knows nothing of VS Code. */
import path from "node:path";
import { visibleText } from "../../graph/visible.ts";
import type { RunSummary } from "../../runtime/runs.ts";
import { nameOf, statusText } from "./rows.ts";

/** A filter; null or empty: everything. All of them have to be passed. */
export interface RunFilter {
  readonly text: string;
  /** Words of {@link statusText}. */
  readonly statuses: readonly string[];
  /** A document's file, absolute. */
  readonly document: string | null;
  readonly environment: string | null;
}

/** Shows every run. */
export const noFilter: RunFilter = { text: "", statuses: [], document: null, environment: null };

/** True when it may leave something out. */
export function isFiltering({ text, statuses, document, environment }: RunFilter): boolean {
  return text !== "" || statuses.length > 0 || document !== null || environment !== null;
}

/** Whether the run is shown. Letter case does not matter in texts. */
export function passes(run: RunSummary, filter: RunFilter): boolean {
  const { text, statuses, document, environment } = filter;
  if (statuses.length > 0 && !statuses.includes(statusText(run))) return false;
  if (document !== null && documentOf(run) !== document) return false;
  if (environment !== null && run.environment !== environment) return false;
  if (text === "") return true;
  const parts = [
    run.id,
    run.root,
    run.workflow,
    run.start,
    run.reason,
    run.environment,
    run.principal,
    run.problem?.message,
  ];
  const all = [...parts, ...run.requests.map(({ reason }) => reason), nameOf(run), statusText(run)];
  const wanted = text.toLowerCase();
  return all.some((part) => part?.toLowerCase().includes(wanted) === true);
}

/** The document of a run without the runner of an X.yaml; null when nothing tells. */
export function documentOf({ root }: RunSummary): string | null {
  return root === null ? null : root.replace(/#[^/\\]*$/, "");
}

/** The filter in words, for the view's title; empty where everything is shown. */
export function filterText({ text, statuses, document, environment }: RunFilter): string {
  const parts = [
    document === null ? "" : path.basename(document),
    statuses.join(" or "),
    environment ?? "",
    text === "" ? "" : `"${text}"`,
  ];
  return parts.flatMap((part) => (part === "" ? [] : [visibleText(part)])).join(", ");
}
