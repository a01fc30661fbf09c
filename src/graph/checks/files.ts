/**
 * Files that nodes name: do they exist, and do children fit (DESIGN.md "Diagnostics", Decision D13,
 * spec/workflow.md §8.3). Knows files only through the injected lookup.
 */
import type { Fix, Place, Related } from "../diagnostic.ts";
import type { FileReference, Graph, Node } from "../model.ts";
import { didYouMean } from "../suggest.ts";
import { object, type Value } from "../value.ts";
import { named, type Check, type CheckContext, type FileFacts, type Report, type View } from "./check.ts";

const what = { child: "child document", schema: "schema", skill: "skill" } as const;

/** Documents looked into while searching for cycles. */
const MAX_DOCUMENTS = 1000;

/** Missing, unusable and unfitting files. */
export const files: Check = {
  codes: [
    "missing_file",
    "unusable_file",
    "unknown_child_start",
    "child_without_start",
    "child_pauses",
    "child_cycle",
    "missing_input",
  ],
  speed: "slow",
  run: (view, context, report) => {
    if (context.files === undefined) return;
    for (const node of view.graph.nodes) {
      for (const reference of node.files) {
        const facts = context.files(node, reference, view.graph);
        if (facts === null) continue;
        if (!facts.exists) {
          report("missing_file", reference.at, `the ${what[reference.role]} \`${reference.text}\` does not exist`);
          continue;
        }
        if (facts.problem !== undefined) {
          const message = `the ${what[reference.role]} \`${reference.text}\` cannot be used: ${facts.problem}`;
          report("unusable_file", reference.at, message);
        }
        if (facts.problem !== undefined || !facts.graph) continue;
        if (!runs(node, reference)) continue;
        if (reference.role === "child") checkChild(view, node, reference, facts.graph, report);
        else checkInputs(view, node, reference, facts.graph, report);
        checkCycle(view.graph, context, reference, facts, report);
      }
    }
  },
};

/** True when the node runs what it names; schemas, and skills that an agent reads, are only looked at. */
function runs(node: Node, { role, text }: FileReference): boolean {
  return role === "child" || (role === "skill" && node.kind === "skill" && node.fields["reference"] === text);
}

/** What a skill needs and the step does not give. */
function checkInputs(view: View, node: Node, reference: FileReference, skill: Graph, report: Report): void {
  const tables = (["inputs", "context"] as const).map((key) => [key, keysOf(node.fields[key])] as const);
  const given = tables.flatMap(([, keys]) => keys);
  const declared = new Set((skill.inputs ?? []).map(({ name }) => name));
  for (const { name, type, required, default: fallback } of skill.inputs ?? []) {
    if (!required || fallback !== undefined || given.includes(name)) continue;
    const others = given.filter((one) => !declared.has(one));
    const near = view.near(name, others);
    // Steps of a skill get all that the skill was given, declared or not.
    if (view.graph.inputs !== undefined && (near === null || view.graph.inputs.some((one) => one.name === name)))
      continue;
    const what = `\`${node.id}\` does not give the input \`${name}\` that \`${reference.text}\` needs`;
    if (near === null) {
      const at = { path: [...node.at, "inputs"], part: "construct" } as const;
      const title = `Give the input \`${name}\``;
      const fixes: Fix[] = [{ type: "set", title, at, key: name, value: emptyOf(type) }];
      report("missing_input", reference.at, what, { fixes });
      continue;
    }
    const table = tables.find(([, keys]) => keys.includes(near))?.[0] ?? "inputs";
    const at: Place = { path: [...node.at, table, near], part: "key" };
    const fixes: Fix[] = [{ type: "replace", title: `Change to \`${name}\``, at, text: name }];
    report("missing_input", at, `${what}; did you mean it by \`${near}\`?`, { fixes });
  }
}

function keysOf(table: unknown): readonly string[] {
  return typeof table === "object" && table !== null ? Object.keys(table) : [];
}

/** A value of a declared type to begin with. */
function emptyOf(type: string): Value {
  switch (type) {
    case "number":
    case "integer":
      return 0n;
    case "boolean":
      return false;
    case "array":
      return [];
    case "object":
      return object();
    default:
      return "";
  }
}

function checkChild(view: View, node: Node, reference: FileReference, child: Graph, report: Report): void {
  const names = child.starts.map((start) => start.name);
  const start = startBeside(node, reference);
  if (names.length === 0) {
    report(
      "child_without_start",
      reference.at,
      `\`${reference.text}\` declares no start, so \`${node.id}\` cannot begin it`,
    );
  } else if (start !== undefined && !names.includes(start.name)) {
    const near = view.near(start.name, names);
    const fixes: Fix[] = (near === null ? names.slice(0, 3) : [near]).map((name) => ({
      type: "replace",
      title: `Change to \`${name}\``,
      at: { ...start.at, within: { from: 0, to: start.name.length } },
      text: name,
    }));
    const hint = near === null ? `; it declares ${named(names)}` : didYouMean(near);
    const message = `\`${reference.text}\` declares no start \`${start.name}\`${hint}`;
    report("unknown_child_start", start.at, message, { fixes });
  }
  const pause = child.nodes.find((one) => one.kind === "pause_for_approval");
  if (pause === undefined) return;
  report(
    "child_pauses",
    reference.at,
    `\`${pause.id}\` in \`${reference.text}\` pauses for approval, which a child cannot`,
    {
      related: [
        { message: `\`${pause.id}\` pauses here`, file: child.file, at: { path: [...pause.at, "id"], part: "value" } },
      ],
    },
  );
}

/** The `start` beside the key that names the child, e.g. in one branch of `parallel`. */
function startBeside(node: Node, reference: FileReference): { readonly name: string; readonly at: Place } | undefined {
  const inner = reference.at.path.slice(node.at.length, -1);
  let holder: unknown = node.fields;
  for (const key of inner) {
    if (typeof holder !== "object" || holder === null || !Object.hasOwn(holder, key)) return undefined;
    holder = (holder as Record<string | number, unknown>)[key];
  }
  if (typeof holder !== "object" || holder === null) return undefined;
  const name = (holder as { readonly start?: unknown }).start;
  if (typeof name !== "string") return undefined;
  return { name, at: { path: [...node.at, ...inner, "start"], part: "value" } };
}

/** Reports a child that leads back to the checked document. */
function checkCycle(
  root: Graph,
  context: CheckContext,
  reference: FileReference,
  facts: FileFacts,
  report: Report,
): void {
  const home = context.key ?? root.file;
  const seen = new Set<string>();
  const open: {
    readonly graph: Graph;
    readonly key: string;
    readonly names: readonly string[];
    readonly way: readonly Related[];
  }[] = [];
  const visit = (found: FileFacts, names: readonly string[], way: readonly Related[]): boolean => {
    if (!found.graph) return false;
    const key = found.key ?? found.graph.file;
    if (key === home) return true;
    if (!seen.has(key) && seen.size < MAX_DOCUMENTS) {
      seen.add(key);
      open.push({ graph: found.graph, key, names, way });
    }
    return false;
  };
  const limit = reference.role === "skill" ? 16 : 8;
  const cycle = (names: readonly string[], way: readonly Related[]): void => {
    const through = names.length < 3 ? "" : ` through ${named(names.slice(1, -1))}`;
    const message = `\`${reference.text}\` leads back to this document${through}; the depth limit of ${limit} ends such a run`;
    report("child_cycle", reference.at, message, { related: way });
  };
  const hop = (graph: Graph, { text, at }: FileReference): Related => {
    return { message: `\`${text}\` is called here`, file: graph.file, at };
  };
  const first = [hop(root, reference)];
  if (visit(facts, [reference.text], first)) return cycle([reference.text], first);
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    for (const node of next.graph.nodes) {
      for (const inner of node.files) {
        if (!runs(node, inner)) continue;
        const found = context.files?.(node, inner, next.graph) ?? null;
        const names = [...next.names, inner.text];
        const way = [...next.way, hop(next.graph, inner)];
        if (found !== null && visit(found, names, way)) return cycle(names, way);
      }
    }
  }
}
