/**
 * Two walks held against each other: what the record says and what its replay did (pure). Events may be interleaved
 * differently without being different: only what stands at one place (frame, node, visit; effect) is compared.
 */
import { activationKey } from "../../effects/effect.ts";
import type { JournalEvent } from "../../effects/events.ts";
import { toText } from "../../graph/value.ts";

/** Where the replay went another way. */
export interface Difference {
  /**
   * - `outcome`: how the run ended;
   * - `path`: a node that only one of the two visited;
   * - `label`, `output`, `failure`: how a visit ended;
   * - `decision`: what governance says of an effect today;
   * - `effect`: an effect that only one of the two asked for.
   */
  readonly kind: "outcome" | "path" | "label" | "output" | "failure" | "decision" | "effect";
  /** `frame/node#visit`, for effects with the attempt and its number; empty for the run. */
  readonly where: string;
  readonly recorded: string | null;
  readonly replayed: string | null;
}

/** Differences that are listed. */
const MAX_DIFFERENCES = 1000;
/** Characters of an output that a difference shows. */
const MAX_SHOWN = 400;

interface Visit {
  ended: {
    readonly how: string;
    readonly label: string | null;
    readonly output: string;
    readonly partial: boolean;
  } | null;
}

/** What one walk did. */
export class WalkFold {
  readonly visits = new Map<string, Visit>();
  /** The first decision about each effect, as it was or would be for real, by activation and number. */
  readonly decisions = new Map<string, { readonly kind: string; readonly act: string; readonly decision: string }>();
  outcome: string | null = null;
  value: string | null = null;

  add(event: JournalEvent): void {
    switch (event.type) {
      case "node.entered":
        if (event.attempt === 1) this.visits.set(placeOf(event), { ended: null });
        return;
      case "node.ended":
        this.end(event, event.outcome, event.label, toText(event.output), event.partial);
        return;
      case "node.failed":
        if (event.then === "retry") return;
        this.end(event, `failed: ${event.failure.message}`, event.then === "branch" ? "error" : null, "", false);
        return;
      case "effect.decided": {
        const key = `${activationKey(event.act)} ${event.index}`;
        if (this.decisions.has(key)) return;
        const { decision, code } = event.live ?? event;
        this.decisions.set(key, { kind: event.kind, act: activationKey(event.act), decision: `${decision} (${code})` });
        return;
      }
      case "frame.ended":
        if (event.frame === "") this.value = toText(event.value);
        return;
      case "run.ended":
        this.outcome = event.outcome;
        return;
      default:
        return;
    }
  }

  private end(
    event: { readonly frame: string; readonly node: string; readonly visit: number },
    how: string,
    label: string | null,
    output: string,
    partial: boolean,
  ): void {
    this.visits.set(placeOf(event), { ended: { how, label, output, partial } });
  }
}

function placeOf({
  frame,
  node,
  visit,
}: {
  readonly frame: string;
  readonly node: string;
  readonly visit: number;
}): string {
  return `${frame === "" ? "" : `${frame}/`}${node}#${visit}`;
}

/** Whether the record had come to its end; what it has not come to is no difference. */
function isWhole({ outcome }: WalkFold): boolean {
  return outcome === "completed" || outcome === "failed" || outcome === "timed_out";
}

/**
 * Where the two walks differ, the first {@link MAX_DIFFERENCES} of it, and how many there are. `live`: what the
 * replay's effects would get for real today, by activation in the order of its effects.
 */
export function compareWalks(
  record: WalkFold,
  replay: WalkFold,
  live: ReadonlyMap<string, readonly string[]>,
): { readonly differences: readonly Difference[]; readonly total: number } {
  const differences: Difference[] = [];
  let total = 0;
  const note = (kind: Difference["kind"], where: string, recorded: string | null, replayed: string | null): void => {
    total++;
    if (differences.length < MAX_DIFFERENCES) differences.push({ kind, where, recorded, replayed });
  };
  const whole = isWhole(record);
  if (whole && record.outcome !== replay.outcome) note("outcome", "", record.outcome, replay.outcome);
  for (const [where, visit] of record.visits) {
    const other = replay.visits.get(where);
    if (visit.ended === null) continue;
    if (other === undefined || other.ended === null) note("path", where, visit.ended.how, null);
    else compareVisit(where, visit.ended, other.ended, note);
  }
  for (const [where, visit] of replay.visits)
    if (whole && !record.visits.has(where)) note("path", where, null, visit.ended?.how ?? "entered");
  const order = new Map<string, number>();
  for (const [where, { act }] of replay.decisions) {
    const at = order.get(act) ?? 0;
    order.set(act, at + 1);
    const was = record.decisions.get(where);
    const is = live.get(act)?.[at];
    // What the same effect would get for real: in the record as it was, in the replay as it is now.
    if (was !== undefined && is !== undefined && !sameRule(was.decision, is)) note("decision", where, was.decision, is);
  }
  for (const [where, decided] of record.decisions)
    if (whole && !replay.decisions.has(where)) note("effect", where, decided.kind, null);
  for (const [where, decided] of replay.decisions)
    if (whole && !record.decisions.has(where)) note("effect", where, null, decided.kind);
  if (whole && total === 0 && record.value !== replay.value)
    note("outcome", "", cutText(record.value ?? ""), cutText(replay.value ?? ""));
  return { differences, total };
}

/** An effect that was approved is one that needs approval: the replay is given no credentials. */
function sameRule(was: string, is: string): boolean {
  return was === is || (was === "Allow (approved)" && is.startsWith("RequireApproval"));
}

type Ended = NonNullable<Visit["ended"]>;

function compareVisit(
  where: string,
  was: Ended,
  is: Ended,
  note: (kind: Difference["kind"], where: string, recorded: string | null, replayed: string | null) => void,
): void {
  if (was.how !== is.how) return note("failure", where, was.how, is.how);
  if (was.label !== is.label) note("label", where, was.label, is.label);
  if (was.output !== is.output) note("output", where, cutText(was.output), cutText(is.output));
}

function cutText(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}
