/**
 * What a check is, what it may ask, and what it is told of the world (DESIGN.md "Diagnostics").
 *
 * Invariants of every check: it is a pure function of the graph and the context, it never throws, its cost grows
 * linearly with the graph, and it reports only codes it lists.
 */
import { graphCodes, type GraphCode } from "../codes.ts";
import type { Diagnostic, DocumentPath, Fix, Place, Related } from "../diagnostic.ts";
import {
  nodeIndex,
  type Edge,
  type FileReference,
  type Graph,
  type KindTable,
  type LiteralEffect,
  type Node,
  type Ports,
} from "../model.ts";
import { anyShape, type Shape } from "../shape.ts";
import { suggest } from "../suggest.ts";
import { flowOf, type Flow } from "./flow.ts";
import {
  factsBefore,
  headsOf,
  keepVersion,
  recordsBefore,
  sameEdges,
  sameNames,
  sameOrder,
  versionBefore,
  type Kept,
  type NodeFacts,
  type Recorded,
} from "./kept.ts";

/** What policy would say to an effect that the document fixes (spec/pipeline.md §4). */
export interface EffectVerdict {
  readonly decision: "Allow" | "DryRunOnly" | "RequireApproval" | "Deny";
  readonly code: string;
  readonly reason: string;
}

/** What is known of a file that a node names. */
export interface FileFacts {
  readonly exists: boolean;
  /** Why a file that exists cannot be used as what it is named for, e.g. that it does not parse. */
  readonly problem?: string;
  /** The document in it, for children. */
  readonly graph?: Graph | null;
  /** What tells files apart that are named differently; the graph's `file` when absent. */
  readonly key?: string;
}

/** What the checks are told of the world. What is absent is not checked. */
export interface CheckContext {
  /** Decides a literal effect under the document's policy; null for "not known before the run". */
  readonly decide?: (effect: LiteralEffect, node: Node) => EffectVerdict | null;
  /** Looks up a file that a node of `graph` names; null for "not looked at". */
  readonly files?: (node: Node, reference: FileReference, graph: Graph) => FileFacts | null;
  /** Key of the checked document, to recognise it among its children; its `file` when absent. */
  readonly key?: string;
  /** Names of model backends that the operator configured beside the document's. */
  readonly backends?: readonly string[];
  /** Findings that stand already; a warning of ours at the place of an error there is left out. */
  readonly found?: readonly Diagnostic[];
  /** Run only the checks that are fit for every keystroke. */
  readonly fastOnly?: boolean;
}

/** Extras of a finding. */
export interface Extras {
  readonly related?: readonly Related[];
  readonly fixes?: readonly Fix[];
}

/** Takes a finding. */
export interface Report {
  (code: GraphCode, at: Place, message: string, extras?: Extras): void;
  /** Takes one that was made before. */
  readonly again: (finding: Diagnostic) => void;
}

/** One check. `slow` ones wait until typing stops: they look at the whole graph or at the world. */
export interface Check {
  readonly codes: readonly GraphCode[];
  readonly speed: "fast" | "slow";
  readonly run: (view: View, context: CheckContext, report: Report) => void;
}

/** Names that all suggestions of one document may be compared with; past that, findings come without. */
const MAX_COMPARISONS = 100_000;

const noEffects: readonly LiteralEffect[] = [];

/** A graph as the checks see it: with indexes, and with what its kinds say, asked once for each node. */
export class View implements Kept {
  readonly graph: Graph;
  readonly byId: ReadonlyMap<string, number>;
  /** Out-edges by source index. Edges from nodes that do not exist are left out. */
  readonly out: ReadonlyMap<number, readonly Edge[]>;
  readonly facts: (NodeFacts | undefined)[];
  readonly records: Kept["records"];
  flowMade: Flow | null;
  private readonly kinds: KindTable;
  private readonly byKind = new Map<string, readonly Node[]>();
  private comparisons = 0;
  private isReplayed = false;

  /** `anew`: nothing is taken over from the version before. */
  constructor(graph: Graph, kinds: KindTable, anew = false) {
    this.graph = graph;
    this.kinds = kinds;
    const before = anew ? null : versionBefore(graph, kinds);
    const named = before !== null && sameNames(before.graph.nodes, graph.nodes) ? before : null;
    const same = named !== null && sameEdges(named.graph.edges, graph.edges) ? named : null;
    this.byId = named?.byId ?? nodeIndex(graph);
    this.out = same?.out ?? outEdges(graph, this.byId);
    this.facts = factsBefore(before, graph);
    const ordered = same !== null && sameOrder(same, graph, (node) => this.factsOf(node)) ? same : null;
    this.flowMade = ordered === null || ordered.flowMade?.isWorn === true ? null : ordered.flowMade;
    this.records =
      before === null ? new Map<string, (Recorded | undefined)[]>() : recordsBefore(before, this, ordered !== null);
    keepVersion(this, kinds);
  }

  node(index: number): Node {
    return this.graph.nodes[index] as Node;
  }

  /** The ways out of a node; null for a kind that nothing is known of. */
  ports(node: Node): Ports | null {
    return this.factsOf(node).ports;
  }

  /** What a node's output looks like. */
  output(node: Node): Shape {
    return this.factsOf(node).output;
  }

  literalEffects(node: Node): readonly LiteralEffect[] {
    return this.factsOf(node).effects;
  }

  /** Nodes of a kind, in the order of the document. */
  ofKind(kind: string): readonly Node[] {
    let nodes = this.byKind.get(kind);
    if (nodes === undefined) {
      nodes = this.graph.nodes.filter((node) => node.kind === kind);
      this.byKind.set(kind, nodes);
    }
    return nodes;
  }

  private factsOf(node: Node): NodeFacts {
    const isOwn = this.graph.nodes[node.index] === node;
    const known = isOwn ? this.facts[node.index] : undefined;
    if (known !== undefined) return known;
    const kind = this.kinds(node.kind);
    const facts: NodeFacts = {
      ports: kind?.ports(node) ?? null,
      output: kind?.output(node) ?? anyShape,
      effects: kind?.literalEffects(node) ?? noEffects,
      heads: headsOf(node),
    };
    if (isOwn) this.facts[node.index] = facts;
    return facts;
  }

  /** False for an edge that no walk can follow: no such label, or a loop edge without iterations. */
  followable(edge: Edge): boolean {
    if (edge.maxIterations === 0) return false;
    const source = this.byId.get(edge.from);
    const ports = source === undefined ? null : this.ports(this.node(source));
    return ports === null || emits(ports, edge.when);
  }

  get flow(): Flow {
    return (this.flowMade ??= flowOf(this.graph, (edge) => this.followable(edge), this.byId));
  }

  /**
   * Reports what `find` finds in one node, or what it found in it before where that still holds. `find` may look at
   * the node, its out-edges, the nodes it reads, names of nodes (through `near`) and of secrets, and in {@link ORDER} the order of
   * nodes; at nothing else.
   */
  once(check: string, node: Node, report: Report, find: (report: Report) => void): void {
    let list = this.records.get(check);
    if (list === undefined) this.records.set(check, (list = []));
    let record = list[node.index];
    if (record === undefined) {
      // Heads must be known when the next version asks who reads whom.
      this.factsOf(node);
      const before = this.comparisons;
      const found: Diagnostic[] = [];
      find(reportOf(this.graph, (finding) => found.push(finding)));
      record = { found, comparisons: this.comparisons - before };
      list[node.index] = record;
    } else {
      this.comparisons += record.comparisons;
      this.isReplayed ||= record.comparisons > 0;
    }
    for (const finding of record.found) report.again(finding);
  }

  /** Some suggestions would have been left out, had nothing been taken over: everything must be looked for anew. */
  get isUncertain(): boolean {
    return this.isReplayed && this.comparisons > MAX_COMPARISONS;
  }

  /** What was recorded is of no use to later versions: suggestions were left out. */
  forgetIfWorn(): void {
    if (this.comparisons > MAX_COMPARISONS) this.records.clear();
  }

  /** The nearest of `names`; in a document that is full of unknown names only the first ones get an answer. */
  near(name: string, names: readonly string[]): string | null {
    if (this.comparisons > MAX_COMPARISONS) return null;
    this.comparisons += names.length;
    return suggest(name, names);
  }

  /** The path of a root table: wrapped documents keep theirs below `workflows`. */
  rootPath(...keys: (string | number)[]): DocumentPath {
    const { nodes, starts, edges } = this.graph;
    const some = nodes[0]?.at ?? starts[0]?.at ?? edges[0]?.at ?? [];
    return some[0] === "workflows" ? [...some.slice(0, 2), ...keys] : keys;
  }

  /** A place of this document that explains a finding. */
  related(message: string, at: Place): Related {
    return { message, file: this.graph.file, at };
  }
}

/** A report that makes findings about a graph. */
export function reportOf(graph: Graph, take: (finding: Diagnostic) => void): Report {
  const report = (code: GraphCode, at: Place, message: string, extras?: Extras): void => {
    take({
      code,
      severity: severityOf(code),
      message,
      file: graph.file,
      at,
      ...(extras?.related !== undefined && extras.related.length > 0 ? { related: extras.related } : {}),
      ...(extras?.fixes !== undefined && extras.fixes.length > 0 ? { fixes: extras.fixes } : {}),
    });
  };
  return Object.assign(report, { again: take });
}

function outEdges(graph: Graph, byId: ReadonlyMap<string, number>): Map<number, readonly Edge[]> {
  const out = new Map<number, Edge[]>();
  for (const edge of graph.edges) {
    const source = byId.get(edge.from);
    if (source === undefined) continue;
    const list = out.get(source);
    if (list === undefined) out.set(source, [edge]);
    else list.push(edge);
  }
  return out;
}

/** True when a node with these ports can end with `label`; null is the plain end. */
export function emits(ports: Ports, label: string | null): boolean {
  return label === null ? ports.plain : ports.open || ports.labels.includes(label);
}

/** Where a node is named. */
export function nodePlace(node: Node): Place {
  return { path: [...node.at, "id"], part: "value" };
}

/** A stretch of a string value; `from` and `to` count within `at` when that is a stretch itself. */
export function stretch(at: Place, from: number, to: number): Place {
  const base = at.within?.from ?? 0;
  return { path: at.path, part: "value", within: { from: base + from, to: base + to } };
}

/** `a`, `b` and `c`; long lists are cut. */
export function named(names: readonly string[], most = 8): string {
  const shown = names.slice(0, most).map((name) => `\`${name}\``);
  if (names.length > most) return `${shown.join(", ")} and ${names.length - most} more`;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown[shown.length - 1]}`;
}

/** Severities as the table of codes has them. */
export function severityOf(code: GraphCode): Diagnostic["severity"] {
  return graphCodes[code].severity;
}
