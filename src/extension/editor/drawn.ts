/**
 * What one view draws of its document: the last text that could be drawn, its layout, the children that are open
 * inside nodes, and the frames that are closed (spec/editor.md §2, §3).
 *
 * Invariants: text that does not parse leaves the last drawing; a rename takes place, child and layout of a node along.
 */
import type * as vscode from "vscode";
import {
  carriedLayout,
  closeFrames,
  drawDocument,
  isDrawn,
  LayoutWorker,
  renamedKeys,
  SentDrawings,
  withChildren,
  type BrokenText,
  type CanvasState,
  type Drawing,
  type Layout,
  type OpenLive,
} from "../../runtime/canvas/index.ts";
import { documentName } from "../document-name.ts";
import { ChildViews } from "./children.ts";
import type { PlacesStore } from "./places.ts";
import type { ViewServices } from "./services.ts";
import { rangeOf } from "./text-beside.ts";

/** A drawing that can be shown, with the version of its text. */
export interface Shown {
  readonly version: number;
  readonly state: CanvasState;
  readonly drawing: Drawing;
  readonly layout: Layout;
}

/** What drawings share. */
export type DrawingServices = Pick<ViewServices, "places" | "layouts">;

/** See the header. */
export class DrawnDocument {
  readonly children: ChildViews;
  /** What the page was shown lately. */
  readonly sent = new SentDrawings();
  /** The last text that could be drawn. */
  state: CanvasState | null = null;
  broken: BrokenText | null = null;
  version = -1;
  layout: Layout | null = null;
  /** Keys of frames that are drawn as one box. */
  readonly closed = new Set<string>();
  private readonly document: vscode.TextDocument;
  private readonly open: OpenLive;
  private readonly places: PlacesStore;
  private readonly layouts: LayoutWorker;

  /** `later` hears that a better layout than the rows that were shown can be had. */
  constructor(document: vscode.TextDocument, open: OpenLive, services: DrawingServices, later: () => void) {
    this.document = document;
    this.open = open;
    this.places = services.places;
    this.layouts = new LayoutWorker(services.layouts, later);
    this.children = new ChildViews(document, open, async ({ drawing }) => {
      const own = new LayoutWorker(services.layouts);
      const layout = await own.layout(drawing, { moved: {}, before: null });
      own.stop();
      return layout;
    });
  }

  /** Reads the present text. The renames that its change amounts to are given; null when nothing was read. */
  read(): ReadonlyMap<string, string> | null {
    if (this.version === this.document.version) return null;
    this.version = this.document.version;
    const before = this.broken?.live ?? this.state?.live ?? null;
    const text = this.document.getText();
    const state = drawDocument(text, documentName(this.document), this.open, before);
    this.sent.read(this.version, text, isDrawn(state) ? state : null);
    if (!isDrawn(state)) {
      this.broken = state;
      return new Map();
    }
    const renames = this.state === null ? new Map<string, string>() : renamedKeys(this.state.drawing, state.drawing);
    this.children.follow(renames, state);
    if (this.layout !== null) this.layout = carriedLayout(this.layout, renames);
    this.state = state;
    this.broken = null;
    return renames;
  }

  /** What is drawn: with children inside their nodes, and closed frames as one box. */
  drawing(state: CanvasState): Drawing {
    return closeFrames(withChildren(state.drawing, this.children.drawings()), this.closed);
  }

  /** Lays the last drawing out; null when there is none, or a newer one came meanwhile. */
  async layOut(): Promise<Shown | null> {
    const { state, version } = this;
    if (state === null) return null;
    const drawing = this.drawing(state);
    const moved = this.places.of(this.document.uri);
    const layout = await this.layouts.layout(drawing, { moved, before: this.layout });
    if (layout === null || this.state !== state) return null;
    await this.keepNewPlaces(drawing, layout, moved);
    this.layout = layout;
    return { version, state, drawing, layout };
  }

  /** Among nodes that a person arranged, a new node stays where it was put the first time. */
  private async keepNewPlaces(
    drawing: Drawing,
    layout: Layout,
    moved: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const { layout: before } = this;
    if (before === null || Object.keys(moved).length === 0) return;
    const neighbours = new Set(
      drawing.edges.flatMap(({ from, to }) => [...(from in moved ? [to] : []), ...(to in moved ? [from] : [])]),
    );
    const places = drawing.nodes.flatMap(({ key }) => {
      const box = layout.nodes[key];
      const isNew = before.nodes[key] === undefined && !(key in moved) && neighbours.has(key);
      return box === undefined || !isNew ? [] : [[key, { x: box.x, y: box.y }] as const];
    });
    if (places.length > 0) await this.places.keep(this.document.uri, Object.fromEntries(places));
  }

  /** Where an element stands in the text; null for none. */
  rangeOf(key: string | null): vscode.Range | null {
    return key === null || this.state === null ? null : rangeOf(this.document, this.state, key);
  }

  dispose(): void {
    this.layouts.stop();
  }
}
