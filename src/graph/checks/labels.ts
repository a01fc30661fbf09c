/**
 * Branch labels: edges that wait for what never comes, outcomes that nothing takes, edges that match together
 * (spec/workflow.md §5.2, §5.3). Only workflows have labels; edges of the other dialects follow from their order.
 *
 * What is reported, and what is not:
 * - a node without any out-edge is an end that its author chose, so its outcomes are not reported;
 * - an open `switch` has no default edge, so an author could do nothing about "other values": silence, unless the
 *   type of the switched value leaves few possible labels;
 * - a label whose only edge is a loop edge is handled: when its iterations are used up, ending is all that is left.
 */
import type { Fix, Place } from "../diagnostic.ts";
import type { Edge, Node, Ports } from "../model.ts";
import { splitReference } from "../reference.ts";
import { walkShape, type Shape } from "../shape.ts";
import { didYouMean } from "../suggest.ts";
import { emits, named, nodePlace, type Check, type Report, type View } from "./check.ts";

/** Labels, outcomes and ambiguity. */
export const labels: Check = {
  codes: [
    "impossible_label",
    "unlabelled_branch",
    "edge_never_followed",
    "unhandled_outcome",
    "unhandled_branch",
    "switch_value_unhandled",
    "ambiguous_edges",
  ],
  speed: "fast",
  run: (view, _context, report) => {
    if (view.graph.dialect !== "workflow") return;
    for (const [index, edges] of view.out) {
      const node = view.node(index);
      const ports = view.ports(node);
      if (ports === null) continue;
      view.once("labels", node, report, (found) => {
        const switched = ports.open ? switchLabels(view, node) : null;
        for (const edge of edges) checkEdge(view, node, ports, switched, edge, found);
        checkOutcomes(view, node, ports, switched, edges, found);
        checkAmbiguity(view, node, ports, edges, found);
      });
    }
  },
};

function place(edge: Edge): Place {
  return { path: [...edge.at, edge.when === null ? "from" : "when"], part: "value" };
}

function arrow(edge: Edge): string {
  return `the edge \`${edge.from}\` → \`${edge.to}\``;
}

function checkEdge(
  view: View,
  node: Node,
  ports: Ports,
  switched: SwitchLabels | null,
  edge: Edge,
  report: Report,
): void {
  if (edge.maxIterations === 0) {
    const at: Place = { path: [...edge.at, "max_iterations"], part: "value" };
    report("edge_never_followed", at, `${arrow(edge)} is never followed: \`max_iterations\` is 0`);
    return;
  }
  if (emits(ports, edge.when)) {
    if (edge.when === null || switched === null || ports.labels.includes(edge.when) || switched.allows(edge.when))
      return;
    const message = `${arrow(edge)} waits for \`${edge.when}\`, but the value that \`${node.id}\` switches on is ${switched.type}`;
    report("impossible_label", place(edge), message);
    return;
  }
  if (!ports.plain && !ports.open && ports.labels.length === 0) {
    report(
      "edge_never_followed",
      place(edge),
      `${arrow(edge)} is never followed: \`${node.id}\` (${node.kind}) ends the run`,
    );
    return;
  }
  if (edge.when === null) {
    const ways = ports.open ? "the label that its value gives" : named(ports.labels);
    const message = `${arrow(edge)} is never followed: \`${node.id}\` (${node.kind}) always ends with ${ways}, and an edge without \`when\` is not a fallback`;
    report("unlabelled_branch", place(edge), message);
    return;
  }
  reportImpossible(view, node, ports, edge, edge.when, report);
}

function reportImpossible(view: View, node: Node, ports: Ports, edge: Edge, when: string, report: Report): void {
  const start = `${arrow(edge)} waits for \`${when}\`, which \`${node.id}\` (${node.kind}) never gives`;
  if (when === "error") {
    const fix: Fix = {
      type: "set",
      title: `Let hard errors of \`${node.id}\` take this edge`,
      at: { path: node.at, part: "construct" },
      key: "on_error",
      value: "branch",
    };
    const message = `${start}: a hard error ends the run unless the node says \`on_error = "branch"\``;
    report("impossible_label", place(edge), message, { fixes: [fix] });
    return;
  }
  const near = view.near(when, ports.labels);
  const at = place(edge);
  const fixes: Fix[] =
    near === null
      ? []
      : [
          {
            type: "replace",
            title: `Change to \`${near}\``,
            at: { ...at, within: { from: 0, to: when.length } },
            text: near,
          },
        ];
  const ways = ports.labels.length === 0 ? "it ends without a label" : `it gives ${named(ports.labels)}`;
  const other = node.kind === "condition" ? "; a `switch` branches on other values" : "";
  report("impossible_label", at, `${start}: ${ways}${near === null ? other : didYouMean(near)}`, { fixes });
}

function checkOutcomes(
  view: View,
  node: Node,
  ports: Ports,
  switched: SwitchLabels | null,
  edges: readonly Edge[],
  report: Report,
): void {
  const taken = new Set<string>();
  for (const edge of edges) if (edge.when !== null && edge.maxIterations !== 0) taken.add(edge.when);
  const ends = `the run then ends at \`${node.id}\` as completed`;
  const decides = !ports.plain;
  for (const label of ports.labels) {
    // A denial without an edge fails the run (spec/runtime.md §7), which is what a denial should do.
    if (taken.has(label) || node.kind === "pause_for_approval") continue;
    const failing = !decides || label === "error";
    const message = `no edge takes \`${label}\` of \`${node.id}\` (${node.kind}): ${ends}`;
    const fixes = failing ? failFix(view, node, label) : [];
    report(failing ? "unhandled_outcome" : "unhandled_branch", nodePlace(node), message, { fixes });
  }
  for (const label of switched?.closed ?? []) {
    if (taken.has(label)) continue;
    report("switch_value_unhandled", nodePlace(node), `no edge takes \`${label}\` of \`${node.id}\`: ${ends}`);
  }
}

/** Offers an edge to the first `fail` node. */
function failFix(view: View, node: Node, label: string): Fix[] {
  const target = view.ofKind("fail").find((one) => one.index !== node.index);
  if (target === undefined) return [];
  const entries = { from: node.id, to: target.id, when: label };
  return [{ type: "append", title: `Lead \`${label}\` to \`${target.id}\``, table: "edges", entries }];
}

function checkAmbiguity(view: View, node: Node, ports: Ports, edges: readonly Edge[], report: Report): void {
  const groups = new Map<string | null, Edge[]>();
  for (const edge of edges) {
    if (edge.maxIterations === 0 || !emits(ports, edge.when)) continue;
    const group = groups.get(edge.when);
    if (group === undefined) groups.set(edge.when, [edge]);
    else group.push(edge);
  }
  for (const [when, group] of groups) {
    const [first, second] = group;
    if (first === undefined || second === undefined) continue;
    const outcome = when === null ? "without a label" : `with \`${when}\``;
    const loops = group.filter((edge) => edge.maxIterations !== null).length;
    const until = group.length - loops < 2 ? ", until the iterations of the loop edge are used up" : "";
    const message = `${group.length} edges match when \`${node.id}\` ends ${outcome} (to ${named(group.map((edge) => edge.to))}): the run then ends with an error${until}`;
    const related = group
      .filter((edge) => edge !== second)
      .map((edge) => view.related(`${arrow(edge)} matches too`, place(edge)));
    report("ambiguous_edges", place(second), message, { related: related.slice(0, 8) });
  }
}

/** Labels that a switch over a value of known type can give. */
interface SwitchLabels {
  readonly type: string;
  /** All of them, when they are few. */
  readonly closed: readonly string[] | null;
  allows(label: string): boolean;
}

const numberLabel = /^-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?$/;

/** What the type of the switched value says of its labels (spec/workflow.md §5.5); null when it says nothing. */
function switchLabels(view: View, node: Node): SwitchLabels | null {
  const expr = node.fields["expr"];
  if (node.kind !== "switch" || typeof expr !== "string") return null;
  const { head, rest } = splitReference(expr);
  const index = view.byId.get(head);
  if (index === undefined || head === "trigger") return null;
  const found = walkShape(view.output(view.node(index)), rest);
  if (found.type === "miss") return null;
  const types = new Set<string>();
  if (!collectTypes(found.shape, types) || types.has("string")) return null;
  const fixed = [...types].flatMap((type) =>
    type === "boolean" ? ["true", "false"] : type === "number" ? [] : [type],
  );
  return {
    type: [...types]
      .map((type) => (type === "null" ? "null" : `${/^[ao]/.test(type) ? "an" : "a"} ${type}`))
      .join(" or "),
    closed: types.has("number") ? null : fixed.filter((label) => label !== "null"),
    // A reference that leads nowhere counts as null.
    allows: (label) => label === "null" || fixed.includes(label) || (types.has("number") && numberLabel.test(label)),
  };
}

function collectTypes(shape: Shape, into: Set<string>): boolean {
  if (shape.type === "any") return false;
  if (shape.type === "union") return shape.of.every((one) => collectTypes(one, into));
  into.add(shape.type === "integer" ? "number" : shape.type);
  return true;
}
