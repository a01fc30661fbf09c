/**
 * Where nodes and edges of a run stand in its texts, for breakpoints and stacks (spec/editor.md §5): any line of a
 * node's construct is the node's, an edge's line is the edge's. Texts are those that the run pinned.
 */
import type { BreakpointPlace } from "../../debug/breakpoints.ts";
import type { Breakable, TextPlace } from "../../debug/host.ts";
import type { LiveDocument } from "../../dialects/live/live.ts";
import type { DocumentPath } from "../../graph/diagnostic.ts";
import type { Graph } from "../../graph/model.ts";
import { openDocuments } from "../canvas/state.ts";
import type { Bundle } from "../graphs.ts";

interface Text {
  readonly file: string;
  readonly live: LiveDocument;
}

interface Spot {
  readonly place: BreakpointPlace;
  readonly file: string;
  readonly from: number;
  readonly to: number;
  readonly at: TextPlace;
}

/** Places of all documents of a run; each text is read once, when it is first asked for. */
export class RunPlaces {
  private readonly bundle: Bundle;
  private readonly open = openDocuments();
  private readonly texts = new Map<string, Text | null>();
  private readonly spots = new Map<string, ReadonlyMap<string, Spot>>();

  constructor(bundle: Bundle) {
    this.bundle = bundle;
  }

  /** Where a node or edge stands; null when its text cannot tell. */
  where(place: BreakpointPlace): TextPlace | null {
    return this.spotsOf(place.document).get(placeKey(place))?.at ?? null;
  }

  /** What stands at a line: an edge before the node that it is written in. */
  breakable(file: string, line: number): Breakable | null {
    const here = this.inFile(file).filter((spot) => spot.from <= line && line <= spot.to);
    const innermost = here.reduce<Spot | null>(
      (best, spot) => (best === null || spot.to - spot.from < best.to - best.from ? spot : best),
      null,
    );
    return innermost === null ? null : { place: innermost.place, at: innermost.at };
  }

  /** Everything whose line lies between two lines, in the order of the text. */
  breakables(file: string, from: number, to: number): readonly Breakable[] {
    return this.inFile(file)
      .filter(({ at }) => from <= at.line && at.line <= to)
      .sort((a, b) => a.at.line - b.at.line)
      .map(({ place, at }) => ({ place, at }));
  }

  private inFile(file: string): readonly Spot[] {
    return [...this.bundle.entries.values()]
      .filter((entry) => entry.graph !== null && fileOf(entry.key) === file)
      .flatMap((entry) => [...this.spotsOf(entry.key).values()]);
  }

  private spotsOf(document: string): ReadonlyMap<string, Spot> {
    const known = this.spots.get(document);
    if (known !== undefined) return known;
    const made = new Map(this.findSpots(document).map((spot) => [placeKey(spot.place), spot]));
    this.spots.set(document, made);
    return made;
  }

  private findSpots(document: string): readonly Spot[] {
    const graph = this.bundle.entries.get(document)?.graph ?? null;
    const text = this.textOf(document);
    if (graph === null || text === null) return [];
    return [...nodeSpots(document, graph, text), ...edgeSpots(document, graph, text)];
  }

  private textOf(document: string): Text | null {
    const file = fileOf(document);
    const known = this.texts.get(file);
    if (known !== undefined) return known;
    const bytes = this.bundle.entries.get(document)?.bytes;
    const live = bytes === undefined ? null : this.open(new TextDecoder().decode(bytes), file);
    const made = live === null ? null : { file, live };
    this.texts.set(file, made);
    return made;
  }
}

/** The file of a document: a skill's runner is named behind a `#`. */
function fileOf(key: string): string {
  return key.replace(/#[^/\\]*$/, "");
}

function nodeSpots(document: string, graph: Graph, text: Text): Spot[] {
  return graph.nodes.flatMap((node) => {
    const named = ["id", "name"]
      .map((key) => [...node.at, key])
      .find((path) => text.live.source.element(path) !== null);
    return spot({ on: "node", document, node: node.id }, text, node.at, named ?? node.at);
  });
}

function edgeSpots(document: string, graph: Graph, text: Text): Spot[] {
  return graph.edges.flatMap((edge) => {
    const label = [...edge.at, "when"];
    const labelled = edge.when !== null && text.live.source.element(label) !== null;
    return spot({ on: "edge", document, edge: edge.key }, text, edge.at, labelled ? label : edge.at);
  });
}

function spot(place: BreakpointPlace, { file, live }: Text, whole: DocumentPath, named: DocumentPath): Spot[] {
  const construct = live.source.element(whole);
  const line = live.source.element(named);
  // Edges that a dialect derives (a pipeline's, a skill graph's order) stand nowhere of their own.
  if (construct === null || line === null || whole.length === 0) return [];
  const from = live.lines.position(construct.extent[0]);
  const to = live.lines.position(construct.extent[1]);
  const at = live.lines.position((line.key ?? line.header ?? line.extent)[0]);
  return [{ place, file, from: from.line, to: to.line, at: { file, line: at.line, column: at.character } }];
}

/** Names a place within its document. */
function placeKey(place: BreakpointPlace): string {
  return place.on === "node" ? `n ${place.node}` : `e ${place.edge}`;
}
