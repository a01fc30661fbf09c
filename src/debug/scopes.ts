/** The scopes of a step on the stack: what its walk knows at an instant. Pure reads of the history. */
import type { Bundle } from "../dialects/bundle.ts";
import { splitReference } from "../graph/reference.ts";
import { object, type MutableObject, type Value } from "../graph/value.ts";
import type { FrameHistory, History, Visit } from "./history.ts";
import { lookupAt, triggerOf } from "./look.ts";
import { MAX_CHILDREN, moreOf, type Shown } from "./variables.ts";

/** Most outputs that are listed; of more nodes those that were visited last. */
const MAX_OUTPUTS = MAX_CHILDREN - 1;

/** A scope and what stands in it. */
export interface Scope {
  readonly name: string;
  readonly shown: () => readonly Shown[];
  /** Costs more to look at than others. */
  readonly expensive: boolean;
}

/** What scopes are made from. */
export interface ScopeSource {
  readonly bundle: Bundle;
  readonly history: History;
  readonly frame: FrameHistory;
  readonly node: string | null;
  readonly seq: number;
}

/** Inputs, outputs, trigger and the run itself. */
export function scopesOf(source: ScopeSource): readonly Scope[] {
  return [
    { name: "Inputs", shown: () => inputs(source), expensive: false },
    { name: "Outputs", shown: () => outputs(source), expensive: false },
    { name: "Trigger", shown: () => trigger(source), expensive: false },
    { name: "Run", shown: () => run(source), expensive: false },
  ];
}

function plain(name: string, value: Value, expression: string | null = null): Shown {
  return { name, value, expression, output: null };
}

/** What the current node reads, resolved, and what was decided about its effects. */
function inputs({ bundle, history, frame, node, seq }: ScopeSource): readonly Shown[] {
  const found = bundle.entries.get(frame.document)?.graph?.nodes.find((one) => one.id === node);
  if (found === undefined) return [];
  const lookup = lookupAt(bundle, history, frame, seq);
  const read = found.references.filter(({ role }) => role === "context" || role === "node");
  const names = [...new Set(read.map(({ text }) => text))];
  const values = names.map((reference): Shown => {
    const output = partOf(history, frame, seq, reference);
    return { name: reference, value: lookup(reference) ?? null, expression: reference, output };
  });
  const visit = history.visitAt(frame, seq);
  const decisions = visit?.act.node === node ? decisionsOf(visit, seq) : [];
  return [...values, ...decisions];
}

/** The part of an output that a reference names, which can be set, also where a dry run left it unknown; null: none. */
function partOf(history: History, frame: FrameHistory, seq: number, reference: string): Shown["output"] {
  const { head, rest } = splitReference(reference);
  const known = history.outputAt(frame, head, seq) !== undefined;
  return known ? { frame: frame.frame, node: head, path: rest } : null;
}

function decisionsOf(visit: Visit, seq: number): Shown[] {
  return visit.decisions
    .filter((event) => event.seq <= seq)
    .map((event, index) =>
      plain(
        `decision ${index + 1}`,
        object({
          effect: event.kind,
          decision: event.decision,
          code: event.code,
          reason: event.reason,
          live: event.live === undefined ? undefined : `${event.live.decision} (${event.live.code})`,
        }),
      ),
    );
}

function outputs({ history, frame, seq }: ScopeSource): readonly Shown[] {
  const shown = history.outputsAt(frame, seq, MAX_OUTPUTS).map(({ node, output }): Shown => ({
    name: node,
    value: output,
    expression: node,
    output: { frame: frame.frame, node, path: [] },
  }));
  const more = history.nodesAt(frame, seq) - MAX_OUTPUTS;
  if (more <= 0) return shown;
  return [...shown, moreOf(more, " of earlier nodes")];
}

function trigger({ bundle, history, frame }: ScopeSource): readonly Shown[] {
  return [plain("trigger", triggerOf(bundle, history, frame), "trigger")];
}

/** The run as a whole: who, where, how long, and how often each loop was taken. */
function run({ bundle, history, frame, seq }: ScopeSource): readonly Shown[] {
  const { started } = history;
  if (started === null) return [];
  const now = history.event(seq)?.at ?? started.deadline;
  const loops: MutableObject = object();
  const edges = bundle.entries.get(frame.document)?.graph?.edges ?? [];
  for (const edge of edges) {
    if (edge.maxIterations === null) continue;
    const taken = history.takenAt(frame, edge.key, seq);
    loops[`${edge.from} → ${edge.to}${edge.when === null ? "" : ` (${edge.when})`}`] =
      `${taken} of ${edge.maxIterations}`;
  }
  return [
    plain("principal", started.principal),
    plain("environment", started.environment),
    plain("dry run", started.options.dryRun),
    plain("milliseconds left", BigInt(Math.max(0, Math.trunc(started.deadline - now)))),
    plain("nodes entered", BigInt(history.entryAfter(seq))),
    plain("loops", loops),
  ];
}
