/**
 * The run so far as a small graph: the nodes that were visited, and the one that asks. Drawn from the documents that the
 * run has pinned, whatever they say now. Texts of the document are escaped by the drawing (src/draw/svg.ts).
 */
import type { Drawing, DrawnNode } from "../../draw/drawing.ts";
import { drawGraph } from "../../draw/make.ts";
import { svg } from "../../draw/svg.ts";
import type { PendingApproval } from "../../governance/approvals/pending.ts";
import { visibleText } from "../../graph/visible.ts";
import { layoutOnce } from "../canvas/layout-once.ts";
import { lookOf } from "../canvas/state.ts";
import { readRecorded } from "../execute.ts";
import { rootGraph } from "../graphs.ts";
import type { AskingRecord, RecordedAnswer } from "./recorded.ts";
import type { RunPicture } from "./source.ts";

/** Most nodes that are drawn; the latest ones. More would be a picture that nobody can read. */
const MAX_NODES = 24;

const outcomes: Readonly<Record<string, string>> = {
  continue: "done",
  terminate: "done, ended the run",
  skip: "skipped",
  fail: "failed",
  error: "failed",
};

/** Draws it; null when the pinned documents cannot be read. */
export async function pictureOfRun(
  stateDir: string,
  record: AskingRecord,
  pending: PendingApproval,
  answer: RecordedAnswer | null,
): Promise<RunPicture | null> {
  const read = await readRecorded(stateDir, pending.runId, record.started.cwd ?? stateDir);
  if (!read.ok) return null;
  const { frame, node } = pending.activation;
  const asking = frame === "" ? node : (record.rootNodes.get(frame) ?? null);
  const whole = drawGraph(rootGraph(read.run.bundle), lookOf);
  const standing = answer === null ? "waits for an answer" : answer.approved ? "was approved" : "was denied";
  const drawing = partOf(whole, record.soFar, asking, standing);
  if (drawing.nodes.length === 0) return null;
  const layout = await layoutOnce(drawing);
  const said = drawing.nodes.map(({ id, summary }) => `${visibleText(id)}: ${summary}`).join(", ");
  return { light: svg(drawing, layout, { theme: "light" }), dark: svg(drawing, layout, { theme: "dark" }), said };
}

function partOf(whole: Drawing, soFar: AskingRecord["soFar"], asking: string | null, standing: string): Drawing {
  const ended = new Map(soFar.map(({ node, outcome }) => [node, outcomes[outcome] ?? "done"]));
  const order = [...new Set([...soFar.map(({ node }) => node), ...(asking === null ? [] : [asking])])];
  const shown = new Set(order.slice(-MAX_NODES));
  const nodes = whole.nodes
    .filter(({ id }) => shown.has(id))
    .map((node): DrawnNode => {
      const waits = node.id === asking;
      const name = visibleText(node.label ?? node.id);
      const summary = waits ? standing : (ended.get(node.id) ?? "under way");
      return {
        ...node,
        label: name,
        summary,
        badges: [],
        ports: plain,
        child: null,
        frame: null,
      };
    });
  const keys = new Set(nodes.map(({ key }) => key));
  const edges = whole.edges
    .filter(({ from, to }) => keys.has(from) && keys.has(to))
    .map((edge) => ({ ...edge, port: null, label: edge.label === null ? null : visibleText(edge.label) }));
  const entries = whole.entries
    .filter(({ to }) => to !== null && keys.has(to))
    .map((entry) => ({ ...entry, name: visibleText(entry.name), triggers: [], also: [] }));
  return { ...whole, name: visibleText(whole.name), nodes, edges, entries, frames: [], references: [] };
}

const plain: DrawnNode["ports"] = [{ label: null, type: "plain" }];
