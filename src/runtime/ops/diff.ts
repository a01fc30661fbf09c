/**
 * What changed between two documents, for whoever reviews the change: nodes with their fields, edges, starts, effects
 * and what governance would say of them, policies that widened or narrowed, and everything a document names. The two
 * may be of different dialects, since all compile to one graph.
 *
 * Comments, order and spelling are no difference: graphs are compared, not texts.
 */
import path from "node:path";
import type { Bundle, BundleEntry } from "../../dialects/bundle.ts";
import type { Edge, Graph, Node } from "../../graph/model.ts";
import type { CheckOperator } from "../check.ts";
import { describe, type DescribedEffect } from "../describe.ts";
import { changedFields, type FieldChange } from "./diff-fields.ts";
import { policyChanges, type PolicyChange } from "./diff-policy.ts";

/** A node on one side only, or with other fields. */
export interface NodeChange {
  readonly id: string;
  readonly kind: string;
  readonly fields: readonly FieldChange[];
}

/** An edge as people write it, e.g. `gate -> ship (true)`. */
export interface EdgeChange {
  readonly edge: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** An effect that is new, gone, or decided otherwise. */
export interface EffectChange {
  readonly node: string;
  readonly document: string | null;
  readonly family: string;
  readonly method: string | null;
  readonly target: string | null;
  /** `Allow (allow_all)`; null on the side that does not have the effect. */
  readonly before: string | null;
  readonly after: string | null;
  /** The decision allows more than it did. */
  readonly looser: boolean;
}

/** What changed in one document of the two bundles. */
export interface DocumentDiff {
  /** Relative to the root's folder; null for the root. */
  readonly document: string | null;
  readonly status: "added" | "removed" | "changed";
  readonly nodes: {
    readonly added: readonly NodeChange[];
    readonly removed: readonly NodeChange[];
    readonly changed: readonly NodeChange[];
  };
  readonly edges: readonly EdgeChange[];
  readonly policies: readonly PolicyChange[];
  /** Name, starts, budget, secrets, servers, backends, inputs, groups, guards, triggers and routes. */
  readonly settings: readonly FieldChange[];
}

/** One side. */
export interface DiffSide {
  readonly name: string;
  readonly dialect: string;
  readonly digest: string;
  readonly specHash: string | null;
}

/** The whole difference. */
export interface GraphDiff {
  readonly equal: boolean;
  /** The bytes differ, the graphs do not. */
  readonly textOnly: boolean;
  readonly environment: string;
  readonly before: DiffSide;
  readonly after: DiffSide;
  readonly documents: readonly DocumentDiff[];
  readonly effects: readonly EffectChange[];
}

/** Compares two bundles under one operator's settings. */
export async function diffBundles(
  before: Bundle,
  after: Bundle,
  operator: CheckOperator,
  cwd: string,
): Promise<GraphDiff> {
  const was = await describe(before, operator, cwd);
  const is = await describe(after, operator, cwd);
  const documents = documentDiffs(before, after);
  const effects = effectChanges(named(was.effects, before, cwd), named(is.effects, after, cwd));
  const equal = documents.length === 0 && effects.length === 0;
  return {
    equal,
    textOnly: equal && before.digest !== after.digest,
    environment: is.environment,
    before: { name: was.name, dialect: was.dialect, digest: before.digest, specHash: was.specHash },
    after: { name: is.name, dialect: is.dialect, digest: after.digest, specHash: is.specHash },
    documents,
    effects,
  };
}

/** Effects with their documents named as seen from the root, so that two places of one tree compare. */
function named(effects: readonly DescribedEffect[], bundle: Bundle, cwd: string): DescribedEffect[] {
  const folder = path.dirname(bundle.root);
  return effects.map((effect) =>
    effect.document === null
      ? effect
      : { ...effect, document: path.relative(folder, path.resolve(cwd, effect.document)) },
  );
}

function documentDiffs(before: Bundle, after: Bundle): DocumentDiff[] {
  const [was, is] = [entriesOf(before), entriesOf(after)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((name) => {
    const [a, b] = [was.get(name), is.get(name)];
    const document = name === "" ? null : name;
    if (a === undefined || b === undefined) {
      const only = (a ?? b)?.graph ?? null;
      return [onlyOn(document, only, a === undefined ? "added" : "removed")];
    }
    if (a.graph === null || b.graph === null) return a.digest === b.digest ? [] : [changedFile(document, a, b)];
    const made = graphDiff(document, a.graph, b.graph);
    return made === null ? [] : [made];
  });
}

/** Entries by their path from the root's folder; the root itself is the empty name. */
function entriesOf(bundle: Bundle): Map<string, BundleEntry> {
  const folder = path.dirname(bundle.root);
  return new Map(
    [...bundle.entries.values()].map((entry) => [
      entry.key === bundle.root ? "" : path.relative(folder, entry.key),
      entry,
    ]),
  );
}

const nothing = { added: [], removed: [], changed: [] } as const;

function onlyOn(document: string | null, graph: Graph | null, status: "added" | "removed"): DocumentDiff {
  const nodes = (graph?.nodes ?? []).map(({ id, kind }) => ({ id, kind, fields: [] }));
  return { document, status, nodes: { ...nothing, [status]: nodes }, edges: [], policies: [], settings: [] };
}

/** A schema or another file that is no graph: only that it differs can be said. */
function changedFile(document: string | null, a: BundleEntry, b: BundleEntry): DocumentDiff {
  const settings = [{ path: "content", before: a.digest, after: b.digest }];
  return { document, status: "changed", nodes: nothing, edges: [], policies: [], settings };
}

function graphDiff(document: string | null, a: Graph, b: Graph): DocumentDiff | null {
  const nodes = nodeChanges(a, b);
  const edges = edgeChanges(a, b);
  const policies = policyChanges(a, b);
  const settings = changedFields(settingsOf(a), settingsOf(b));
  const count = nodes.added.length + nodes.removed.length + nodes.changed.length + edges.length;
  if (count + policies.length + settings.length === 0) return null;
  return { document, status: "changed", nodes, edges, policies, settings };
}

function nodeChanges(a: Graph, b: Graph): DocumentDiff["nodes"] {
  const [was, is] = [byId(a), byId(b)];
  const only = (mine: ReadonlyMap<string, Node>, other: ReadonlyMap<string, Node>): NodeChange[] =>
    [...mine.values()].filter(({ id }) => !other.has(id)).map(({ id, kind }) => ({ id, kind, fields: [] }));
  const changed = [...is.values()].flatMap((node): NodeChange[] => {
    const before = was.get(node.id);
    const fields = before === undefined ? [] : changedFields(factsOf(before, a), factsOf(node, b));
    return fields.length === 0 ? [] : [{ id: node.id, kind: node.kind, fields }];
  });
  return { added: only(is, was), removed: only(was, is), changed };
}

function byId(graph: Graph): ReadonlyMap<string, Node> {
  return new Map(graph.nodes.map((node) => [node.id, node]));
}

/** What a node is, without where it stands in the text. */
function factsOf(node: Node, graph: Graph): object {
  const { kind, label, fields, retry, onError, inDoubt, idempotencyKey, group, when, after } = node;
  const condition = when === null ? null : { field: when.field, equals: when.equals, notEquals: when.notEquals };
  const ids = after.map((index) => graph.nodes[index]?.id ?? String(index));
  return {
    kind,
    label,
    ...fields,
    retry,
    on_error: onError,
    in_doubt: inDoubt,
    idempotencyKey,
    group,
    when: condition,
    after: ids,
  };
}

function edgeChanges(a: Graph, b: Graph): EdgeChange[] {
  const [was, is] = [edgesOf(a), edgesOf(b)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((edge) => {
    const [before, after] = [was.get(edge) ?? null, is.get(edge) ?? null];
    return before === after ? [] : [{ edge, before, after }];
  });
}

/** Edges by how people name them, with what else is to be said of them. */
function edgesOf(graph: Graph): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const text = ({ from, to, when }: Edge): string => `${from} -> ${to}${when === null ? "" : ` (${when})`}`;
  for (const edge of graph.edges) {
    const name = text(edge);
    let unique = name;
    for (let n = 2; found.has(unique); n++) unique = `${name} #${n}`;
    found.set(unique, edge.maxIterations === null ? "once" : `at most ${edge.maxIterations} times`);
  }
  return found;
}

/** Everything of a document besides nodes, edges and policies, without places in the text. */
function settingsOf(graph: Graph): object {
  const { name, description, starts, budget, secrets, mcpServers, backends, groups, guards, operation, inputs } = graph;
  return withoutPlaces({
    name,
    description,
    starts: keyed(starts),
    budget,
    secrets: keyed(secrets),
    mcp_servers: keyed(mcpServers.map(({ allowTools: _tools, allowResources: _resources, ...rest }) => rest)),
    backends: keyed(backends),
    groups: Object.fromEntries(groups.map((one) => [one.id, one])),
    guards,
    operation,
    inputs: inputs === undefined ? null : keyed(inputs),
  }) as object;
}

function keyed<T extends { readonly name: string }>(items: readonly T[]): Readonly<Record<string, T>> {
  return Object.fromEntries(items.map((item) => [item.name, item]));
}

/** `at` says where something stands in the text, which is no difference. */
function withoutPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) => (key === "at" ? [] : [[key, withoutPlaces(part)]])),
  );
}

/** How much a decision lets happen, least first. */
const looseness = ["Deny", "DryRunOnly", "RequireApproval", "Depends", "Allow"];

function effectChanges(before: readonly DescribedEffect[], after: readonly DescribedEffect[]): EffectChange[] {
  const [was, is] = [effectsByKey(before), effectsByKey(after)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((key): EffectChange[] => {
    const [a, b] = [was.get(key), is.get(key)];
    const one = b ?? a;
    const [from, to] = [decisionText(a), decisionText(b)];
    if (one === undefined || from === to) return [];
    const { node, document, family, method, target } = one;
    const rank = (effect: DescribedEffect | undefined): number => looseness.indexOf(effect?.decision ?? "Deny");
    return [{ node, document, family, method, target, before: from, after: to, looser: rank(b) > rank(a) }];
  });
}

function effectsByKey(effects: readonly DescribedEffect[]): ReadonlyMap<string, DescribedEffect> {
  const found = new Map<string, DescribedEffect>();
  for (const effect of effects) {
    const { document, node, family, method, target, dependsOn } = effect;
    const base = JSON.stringify([document, node, family, method, target, dependsOn]);
    let key = base;
    for (let n = 2; found.has(key); n++) key = `${base}#${n}`;
    found.set(key, effect);
  }
  return found;
}

function decisionText(effect: DescribedEffect | undefined): string | null {
  if (effect === undefined) return null;
  const { decision, code, otherwise } = effect;
  if (code !== null) return `${decision} (${code})`;
  return otherwise === null ? decision : `${decision}, else ${otherwise.decision} (${otherwise.code})`;
}
