/**
 * Order-aware references: a node that reads another's output on a walk that has not run it (DESIGN.md
 * "Diagnostics"). Each pair of reader and source is reported once, at the first reference, with a walk that shows it.
 */
import type { Related } from "../diagnostic.ts";
import type { Node, NodeReference } from "../model.ts";
import { headOf } from "../reference.ts";
import { nodePlace, type Check, type Extras, type Report, type View } from "./check.ts";
import type { FlowStep, Miss } from "./flow.ts";
import { ORDER } from "./kept.ts";

/** At most this many steps of a walk become related places: its beginning and its end. */
const SHOWN_FIRST = 3;
const SHOWN_LAST = 5;

/** References to nodes that have not, or may not have, run. */
export const order: Check = {
  codes: ["may_not_have_run", "may_be_null", "never_runs_before"],
  speed: "slow",
  run: (view, _context, report) => {
    for (const node of view.graph.nodes) {
      if (node.references.length === 0) continue;
      view.once(ORDER, node, report, (found) => {
        const seen = new Set<number>();
        for (const reference of node.references) {
          if (reference.role === "context") check(view, node, reference, seen, found);
        }
      });
    }
  },
};

function check(view: View, reader: Node, reference: NodeReference, seen: Set<number>, report: Report): void {
  const head = headOf(reference.text);
  const index = view.byId.get(head);
  if (index === undefined || seen.has(index)) return;
  // The trigger stands under its name until a node of that name has run.
  if (head === "trigger" && view.graph.dialect === "workflow") return;
  seen.add(index);
  const miss = view.flow.miss(index, reader.index);
  if (miss === null) return;
  const reads = `\`${reader.id}\` reads \`${reference.text}\``;
  const then = consequence(view, reference);
  const extras = evidence(view, miss, index);
  if (miss.certain) {
    report("never_runs_before", reference.at, `${reads}, but ${certainty(view, miss, head, reader)}: ${then}`, extras);
    return;
  }
  const way = miss.path === null ? "on some walk" : `on the walk ${walkText(view, miss.path)}`;
  const code = reference.optional ? "may_be_null" : "may_not_have_run";
  report(code, reference.at, `${reads}, but \`${head}\` has not run ${way}: ${then}`, extras);
}

function consequence(view: View, reference: NodeReference): string {
  if (view.graph.dialect !== "workflow") return "the graph then stops there";
  return reference.optional ? "it then reads null" : "the run then ends with an error";
}

function certainty(view: View, miss: Miss, head: string, reader: Node): string {
  if (miss.why === "self") return `it is the node itself, which has not run before`;
  if (miss.why === "parallel") return `\`${head}\` runs side by side with it`;
  if (!view.flow.reachable(view.byId.get(head) as number)) return `\`${head}\` never runs`;
  return `\`${head}\` can never have run before \`${reader.id}\``;
}

function evidence(view: View, miss: Miss, source: number): Extras {
  const related: Related[] = [
    view.related(`\`${view.node(source).id}\` is declared here`, nodePlace(view.node(source))),
  ];
  if (miss.path !== null && !miss.certain) {
    const { path } = miss;
    path.forEach((step, i) => {
      if (path.length > SHOWN_FIRST + SHOWN_LAST && i >= SHOWN_FIRST && i < path.length - SHOWN_LAST) return;
      related.push(
        view.related(`step ${i + 1} of ${path.length}: ${stepText(view, step)}`, nodePlace(view.node(step.node))),
      );
    });
  }
  return { related };
}

function walkText(view: View, path: readonly FlowStep[]): string {
  const cut = path.length > SHOWN_FIRST + SHOWN_LAST;
  const first = cut ? path.slice(0, SHOWN_FIRST) : path;
  const texts = first.map((step) => stepText(view, step));
  if (cut) {
    texts.push(`(${path.length - SHOWN_FIRST - SHOWN_LAST} more)`);
    texts.push(...path.slice(-SHOWN_LAST).map((step) => stepText(view, step)));
  }
  const entry = path[0] === undefined ? undefined : view.node(path[0].node).id;
  const start = view.graph.starts.length > 1 ? view.graph.starts.find((one) => one.entry === entry) : undefined;
  return `${start === undefined ? "" : `from start \`${start.name}\`, `}${texts.join(" → ")}`;
}

function stepText(view: View, step: FlowStep): string {
  const id = `\`${view.node(step.node).id}\``;
  return step.how === "run" ? id : `${id} (${step.how === "skip" ? "skipped" : "failed"})`;
}
