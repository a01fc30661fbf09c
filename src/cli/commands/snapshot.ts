/**
 * `countersign snapshot RUN`: how a run stands, as a fold over its journal; also of a run under way. Exit code 0; 2 when
 * there is no such run, 5 when its journal is damaged.
 */
import { runOnDisk, takeSnapshot, type Snapshot } from "../../runtime/ops/index.ts";
import { keptRun } from "../kept-run.ts";
import { textOption } from "../options.ts";
import { refuseUnwritable, writeOutput } from "../outputs.ts";
import { refuseOps } from "../render/ops.ts";
import { clean, count, productStyle, productWidth, table, type Cell } from "../render/text.ts";
import { statusPaint } from "../../runtime/kept-runs/status.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage.ts";

/** Options of `snapshot`. */
export interface SnapshotOptions {
  readonly stateDir?: unknown;
  readonly json?: unknown;
  /** A file that gets the JSON. */
  readonly out?: unknown;
}

/** Shows the snapshot on standard output, or writes it. */
export async function snapshotCommand(
  terminal: Terminal,
  named: string,
  options: SnapshotOptions = {},
): Promise<number> {
  const out = textOption("--out", options.out);
  await refuseUnwritable(terminal, [["--out", out]]);
  const { folder } = await keptRun(terminal, named, textOption("--state-dir", options.stateDir));
  const source = runOnDisk(folder);
  const taken = source.ok ? await takeSnapshot(source.value) : source;
  if (!taken.ok) return refuseOps(terminal, taken.problem);
  const json = `${JSON.stringify(taken.value, null, 2)}\n`;
  if (out !== undefined) {
    const problem = await writeOutput(terminal, "--out", out, json);
    if (problem !== null) throw new UsageError("output.file", problem);
    terminal.err(`snapshot of ${taken.value.run_id} written to ${clean(out)}\n`);
    if (options.json !== true) return 0;
  }
  terminal.out(options.json === true ? json : snapshotText(terminal, taken.value));
  return 0;
}

function snapshotText(terminal: Terminal, snapshot: Snapshot): string {
  const style = productStyle(terminal);
  const { x_countersign: own } = snapshot;
  const rows = snapshot.nodes.map((node): Cell[] => [
    { text: clean(node.id) },
    { text: node.state, paint: statusPaint(node.state === "waiting" ? "paused" : node.state, style) },
    { text: node.attempts === 0 ? "" : count(node.attempts, "attempt") },
    { text: clean(node.x_countersign.label ?? ""), paint: style.cyan },
    { text: node.output_digest ?? "", paint: style.dim },
  ]);
  const lines = [
    `${style.bold(clean(own.name ?? "?"))}  ${style.dim(`${snapshot.run_id} · ${snapshot.model} · ${own.environment ?? "?"}`)}`,
    `${statusPaint(own.status, style)(own.status)} at ${snapshot.at}, event ${own.seq}`,
    ...table(rows, productWidth(terminal), "  "),
    ...snapshot.pending_approvals.map(({ id, subject, reason }) =>
      style.yellow(`  waits for ${clean(id)} (${subject})${reason === null ? "" : `: ${clean(reason)}`}`),
    ),
    ...(own.left_out > 0 ? [`  … ${own.left_out} more nodes and edges are left out`] : []),
    `${count(snapshot.edges_taken.length, "edge")} taken, ${snapshot.queue_depth} in work`,
    ...own.findings.map((code) => style.yellow(`note: ${code}`)),
  ];
  return `${lines.join("\n")}\n`;
}
