/** A run's tree as people read it. Pure. */
import path from "node:path";
import { clean, cleanLines, count, cut } from "./plain.ts";
import type { AskView, EffectView, FrameView, ProvisionView, Records, RunTree, VisitView } from "./run-tree.ts";
import { statusPaint, type Paint } from "./status.ts";
import { duration, localTime, relativeTime } from "./time.ts";

/** How a run is shown. */
export interface InspectLook {
  readonly style: Paint;
  readonly width: number;
  /** Everything, nothing left out. */
  readonly full: boolean;
  readonly now: number;
  readonly status: string;
  /** The kind of a node of a document; empty when nobody knows. */
  kindOf(document: string, node: string): string;
  /** The command that answers open requests. */
  readonly answerWith: string;
}

/** Equal things in a row that are shown before the rest is only counted. */
const SHOWN = 20;

/** What became of the records of a stream. */
function writeRecords({ completed, last }: Records, write: (line: string) => void): void {
  write(`\n  records      ${completed.toLocaleString("en-US")} completed, in order`);
  if (last === null || last.status === "completed") return;
  const why = last.failure === null ? "" : `: ${cleanLines(last.failure.message)}`;
  write(
    `  record ${last.record}     ${last.status}${last.lastNode === null ? "" : ` at ${clean(last.lastNode)}`}${why}`,
  );
}

/** The whole run, line by line. Lines are handed on as they are made. */
export function writeInspection(tree: RunTree, look: InspectLook, write: (line: string) => void): void {
  header(tree, look, write);
  if (tree.root !== null && tree.root.visits.length > 0) {
    write("");
    new TreeText(look, write).frame(tree.root, "");
  } else if (tree.records !== null) writeRecords(tree.records, write);
  else write("\n(no node was entered)");
  const open = tree.openAsks;
  if (open.length > 0 && tree.ended?.outcome !== "completed" && tree.ended?.outcome !== "failed")
    waiting(open, look, write);
}

function header(tree: RunTree, look: InspectLook, write: (line: string) => void): void {
  const { style } = look;
  const { started } = tree;
  const status = statusPaint(look.status, style)(look.status);
  const dry = started === null || started.options.dryRun === "no" ? "" : ` (dry run: ${started.options.dryRun})`;
  write(`${style.bold(clean(started?.workflow ?? "?"))}  run ${clean(started?.runId ?? "?")}  ${status}${dry}`);
  const reason = tree.ended?.reason ?? tree.root?.reason ?? null;
  if (reason !== null) write(line(look, `  reason       ${clean(reason)}`));
  if (tree.root?.status === "completed" && tree.root.value !== null)
    write(line(look, `  value        ${clean(tree.root.value)}`));
  if (started !== null) {
    const start = started.start === null ? "" : `, start ${clean(started.start)}`;
    write(line(look, `  document     ${clean(started.root)} (${started.dialect}${start})`));
    write(line(look, `  principal    ${clean(started.principal)}`));
    write(`  environment  ${clean(started.environment)}`);
    write(`  started      ${localTime(started.at)}, ${relativeTime(started.at, look.now)}`);
    write(`  took         ${duration(Math.max(0, tree.lastAt - started.at))}, ${count(tree.events, "event")}`);
    write(`  graph        ${shortDigest(tree.resumed.at(-1)?.graphDigest ?? started.graphDigest)}`);
  }
  if (tree.forked !== null) write(`  forked       from ${clean(tree.forked.parent)} at event ${tree.forked.fromSeq}`);
  for (const { at, principal, changed } of tree.resumed)
    write(
      line(look, `  resumed      ${localTime(at)} by ${clean(principal)}${changed ? ", with a changed document" : ""}`),
    );
  provisions(tree.provisions, look, write);
  for (const remark of tree.remarks) write(line(look, `  note         ${clean(remark)}`));
}

/** What was started beside the effects, or was not: the first ones, and all that were refused. */
function provisions(list: readonly ProvisionView[], look: InspectLook, write: (line: string) => void): void {
  let left = 0;
  list.forEach(({ what, name, act, decision, code, reason }, i) => {
    const refused = decision !== "Allow";
    if (!look.full && i >= SHOWN && !refused) {
      left++;
      return;
    }
    const subject = what === "secret" ? "secret" : "MCP server";
    const by = act === null ? "" : ` for ${clean(act)}`;
    const why = refused ? `: ${clean(reason)}` : "";
    write(line(look, `  provision    ${subject} ${clean(name)}${by}: ${decision} (${clean(code)})${why}`));
  });
  if (left > 0) write(`  provision    … ${left} more (--full shows them)`);
}

/** `sha256:0123456789ab`. */
function shortDigest(digest: string): string {
  return digest.replace(/^(sha256:[0-9a-f]{12}).*$/, "$1");
}

function line(look: InspectLook, text: string): string {
  return look.full ? text : cut(text, look.width);
}

class TreeText {
  private readonly look: InspectLook;
  private readonly write: (line: string) => void;

  constructor(look: InspectLook, write: (line: string) => void) {
    this.look = look;
    this.write = write;
  }

  frame(frame: FrameView, indent: string): void {
    this.some(
      frame.visits,
      indent,
      (visit) => visit.state === "error" || visit.state === "open",
      "visits",
      (visit) => this.visit(visit, frame, indent),
    );
  }

  /** Shows the first ones, the last, and those that matter; the rest is counted. */
  private some<T>(
    list: readonly T[],
    indent: string,
    matters: (item: T) => boolean,
    name: string,
    show: (item: T) => void,
  ): void {
    let left = 0;
    const told = (): void => {
      if (left > 0)
        this.line(`${indent}… ${left} more ${name} (--full shows them)`, (text) => this.look.style.dim(text));
      left = 0;
    };
    list.forEach((item, i) => {
      const near = i < SHOWN || i === list.length - 1;
      if (!this.look.full && list.length > SHOWN + 2 && !near && !matters(item)) {
        left++;
        return;
      }
      told();
      show(item);
    });
    told();
  }

  private visit(visit: VisitView, frame: FrameView, indent: string): void {
    const { style } = this.look;
    const kind = this.look.kindOf(frame.document, visit.node);
    const words = [
      mark(visit, style),
      `${clean(visit.node)}${visit.visit > 1 ? ` (visit ${visit.visit})` : ""}`,
      ...(kind === "" ? [] : [style.dim(clean(kind))]),
      ...(visit.label === null ? [] : [`${style.dim("→")} ${clean(visit.label)}`]),
      ...(visit.assumed ? [style.yellow("(assumed)")] : []),
      ...(visit.endedAt === null ? [] : [style.dim(duration(visit.endedAt - visit.enteredAt))]),
    ];
    this.write(`${indent}${words.join(" ")}`);
    const inner = `${indent}    `;
    for (const { attempt, message } of visit.failedAttempts)
      this.line(`${inner}attempt ${attempt} failed: ${clean(message)}`, style.yellow);
    this.some(
      visit.effects,
      inner,
      (effect) => effect.decision === "Deny" || effect.end?.ok === false,
      "effects",
      (effect) => this.effect(effect, inner),
    );
    for (const ask of visit.asks) this.line(`${inner}${askText(ask)}`, style.yellow);
    this.some(
      visit.frames,
      inner,
      (child) => child.status !== "completed",
      "children",
      (child) => this.child(child, inner),
    );
    if (visit.reason !== null) {
      const bad = visit.state === "error" || visit.state === "fail";
      this.line(`${inner}${clean(visit.reason)}`, bad ? style.red : style.dim);
    }
    if (visit.editedBy !== null) this.line(`${inner}output edited by ${clean(visit.editedBy)}`, style.yellow);
    if (visit.output !== null && visit.output !== "null") this.line(`${inner}${clean(visit.output)}`, style.dim);
  }

  private child(child: FrameView, indent: string): void {
    const { style } = this.look;
    const status = child.status ?? "open";
    const took = child.endedAt === null ? "" : ` ${style.dim(duration(child.endedAt - child.openedAt))}`;
    const name = `${clean(child.frame)} ${style.dim(clean(path.basename(child.document)))}`;
    this.write(`${indent}${style.dim("▸")} ${name} ${statusPaint(status, style)(status)}${took}`);
    if (child.reason !== null) this.line(`${indent}    ${clean(child.reason)}`, style.red);
    this.frame(child, `${indent}    `);
  }

  private effect(effect: EffectView, indent: string): void {
    const { style } = this.look;
    const attempt = effect.attempt > 1 ? ` (attempt ${effect.attempt})` : "";
    const live = effect.live === null ? "" : `, live ${effect.live.decision} (${effect.live.code})`;
    const denied = effect.decision === "Deny";
    const text = `${effect.kind} ${clean(effect.what)}${attempt}: ${effect.decision} (${effect.code})${live}`;
    this.line(`${indent}${text}`, denied ? style.red : style.cyan);
    if (denied || effect.decision === "RequireApproval") this.line(`${indent}  ${clean(effect.reason)}`, style.dim);
    const end = endText(effect);
    if (end !== "") this.line(`${indent}  ${end}`, effect.end?.ok === false ? style.red : style.dim);
  }

  private line(text: string, paint: (text: string) => string): void {
    const shown = line(this.look, text);
    const at = shown.search(/\S/);
    this.write(at < 0 ? shown : `${shown.slice(0, at)}${paint(shown.slice(at))}`);
  }
}

function endText({ end, started }: EffectView): string {
  if (end === null) return started ? "started; its end is not known" : "";
  const by = end.by === "performer" || end.by === "engine" ? "" : ` (${end.by})`;
  const doubt = end.doubt ? "; nobody knows whether it happened" : "";
  return `${end.ok ? "ok" : "failed"}${by} ${clean(end.text)}${doubt}`;
}

function mark(visit: VisitView, style: Paint): string {
  switch (visit.state) {
    case "continue":
    case "terminate":
      return style.green("✓");
    case "skip":
      return style.dim("↷");
    case "open":
      return style.yellow("…");
    case "caught":
      return style.yellow("✗");
    case "fail":
    case "error":
      return style.red("✗");
  }
}

function askText(ask: AskView): string {
  const why = ask.reason === null ? "" : `: ${clean(ask.reason)}`;
  const asked = `⏸ ${clean(ask.id)} (${ask.subject})${why}`;
  if (ask.answer === null) return ask.void ? `${asked} — void since the document changed` : `${asked} — open`;
  const { approved, by, reason } = ask.answer;
  return `${asked} — ${approved ? "approved" : "denied"} by ${clean(by)}${reason === null ? "" : `: ${clean(reason)}`}`;
}

function waiting(open: readonly AskView[], look: InspectLook, write: (line: string) => void): void {
  const { style } = look;
  write("");
  write(style.yellow(`Waits for ${count(open.length, "answer")}`));
  for (const ask of open) {
    write(line(look, `  ${clean(ask.id)} (${ask.subject}) at ${clean(ask.node)}, ${relativeTime(ask.at, look.now)}`));
    if (ask.reason !== null) write(line(look, `    ${clean(ask.reason)}`));
    if (ask.summary !== "null") write(line(look, `    ${clean(ask.summary)}`));
  }
  write(`  answer with   ${look.answerWith}`);
}
