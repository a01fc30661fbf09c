/**
 * Where nodes and edges of a run stand in its texts, for breakpoints and stacks (spec/editor.md §5): any line of a
 * node's construct is the node's, an edge's line is the edge's. Texts are those that the run pinned.
 *
 * Where an editor shows another text by now, lines that it names are lines of that text: a breakpoint stands on the node
 * that a person sees there, if the run knows it.
 */
import type { BreakpointPlace } from "../../debug/breakpoints.ts";
import type { Breakable, TextPlace } from "../../debug/host.ts";
import type { LiveDocument } from "../../dialects/live/live.ts";
import { openDocuments } from "../canvas/state.ts";
import type { Bundle } from "../graphs.ts";
import { spotAt, spotsOf } from "./spots.ts";

type BundleEntry = Bundle["entries"] extends ReadonlyMap<string, infer Entry> ? Entry : never;

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
  private readonly present: (file: string) => string | null;
  /** What an editor showed of a file last. */
  private readonly read = new Map<string, { readonly text: string; readonly live: LiveDocument | null }>();

  /** `present`: the text of a file as an editor shows it at this moment; null when none does. */
  constructor(bundle: Bundle, present: (file: string) => string | null = () => null) {
    this.bundle = bundle;
    this.present = present;
  }

  /** Where a node or edge stands; null when its text cannot tell. */
  where(place: BreakpointPlace): TextPlace | null {
    return this.spotsIn(place.document).get(placeKey(place))?.at ?? null;
  }

  /** What stands at a line: an edge before the node that it is written in. */
  breakable(file: string, line: number): Breakable | null {
    const text = this.present(file);
    const entry = this.entriesOf(file)[0];
    if (text !== null && entry !== undefined && text !== new TextDecoder().decode(entry.bytes))
      return this.inPresent(file, text, line);
    const found = spotAt(this.inFile(file), line);
    return found === null ? null : { place: found.place, at: found.at };
  }

  /** Everything whose line lies between two lines, in the order of the text. */
  breakables(file: string, from: number, to: number): readonly Breakable[] {
    return this.inFile(file)
      .filter(({ at }) => from <= at.line && at.line <= to)
      .sort((a, b) => a.at.line - b.at.line)
      .map(({ place, at }) => ({ place, at }));
  }

  private entriesOf(file: string): BundleEntry[] {
    return [...this.bundle.entries.values()].filter((entry) => entry.graph !== null && fileOf(entry.key) === file);
  }

  private inFile(file: string): readonly Spot[] {
    return this.entriesOf(file).flatMap((entry) => [...this.spotsIn(entry.key).values()]);
  }

  /** What stands at a line of a text that is not the one of the run. */
  private inPresent(file: string, text: string, line: number): Breakable | null {
    const known = this.read.get(file);
    const live = known?.text === text ? known.live : this.open(text, file);
    this.read.set(file, { text, live });
    for (const { key, graph: pinned } of this.entriesOf(file)) {
      const runner = key === file ? null : key.slice(file.length + 1);
      const shown =
        live?.graphs.find((one) => one.runner === runner) ?? (runner === null ? live?.graphs[0] : undefined);
      if (live === null || shown === undefined || pinned === null) continue;
      const spot = spotAt(spotsOf(shown.graph, live), line);
      if (spot === null) continue;
      const at = { file, line: spot.line, column: spot.column };
      if (spot.on === "node" && pinned.nodes.some(({ id }) => id === spot.id))
        return { place: { on: "node", document: key, node: spot.id }, at };
      if (spot.on === "edge" && pinned.edges.some((edge) => edge.key === spot.id))
        return { place: { on: "edge", document: key, edge: spot.id }, at };
    }
    return null;
  }

  private spotsIn(document: string): ReadonlyMap<string, Spot> {
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
    return spotsOf(graph, text.live).map(({ on, id, from, to, line, column }) => ({
      place: on === "node" ? { on, document, node: id } : { on, document, edge: id },
      ...{ file: text.file, from, to },
      at: { file: text.file, line, column },
    }));
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

/** Names a place within its document. */
function placeKey(place: BreakpointPlace): string {
  return place.on === "node" ? `n ${place.node}` : `e ${place.edge}`;
}
