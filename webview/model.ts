/**
 * What the page shows: what the host said last, and what its user is doing. Changes are a closed union with one
 * applier. Pure: nothing here knows the page, the host or React.
 */
import type {
  ElementChange,
  Inspected,
  Mark,
  NodeDecision,
  Offer,
  PaletteKind,
  ToPage,
  WireDrawing,
  WireLayout,
} from "../src/protocol/webview.ts";
import { isDebugRun, type DebugView, type PageBreakpoint } from "../src/protocol/debug.ts";
import { emptyRun, foldSteps, viewOf, type RunView } from "../src/protocol/run-fold.ts";
import { instantHeard, nothingYet, type Past } from "./debug/past.ts";

/** The document that a node runs, drawn inside it; `drawing` null when it could not be drawn. */
export interface PageChild {
  readonly file: string;
  readonly drawing: WireDrawing | null;
  readonly layout: WireLayout | null;
  readonly problem: string | null;
}

/** Everything. */
export interface PageState {
  readonly title: string;
  readonly palette: readonly PaletteKind[];
  readonly canRun: { readonly yes: boolean; readonly reason: string };
  readonly version: number;
  readonly drawing: WireDrawing | null;
  readonly layout: WireLayout | null;
  readonly notice: string | null;
  /** A version that cannot be edited, git's HEAD for instance. */
  readonly readOnly: boolean;
  /** How elements differ from the version beside. */
  readonly changes: ReadonlyMap<string, ElementChange["change"]>;
  /** How often tests took each element; empty: nobody asked. */
  readonly coverage: ReadonlyMap<string, number>;
  /** What is wrong with a text that does not parse; null while it does. Nothing is edited meanwhile. */
  readonly broken: readonly Mark[] | null;
  /** What there is to draw from, where there is no graph. */
  readonly without: "syntax" | "blank" | "other" | null;
  readonly marks: ReadonlyMap<string | null, readonly Mark[]>;
  readonly decisions: ReadonlyMap<string, NodeDecision>;
  readonly selected: string | null;
  /** All that is selected, {@link selected} included. */
  readonly group: ReadonlySet<string>;
  readonly children: ReadonlyMap<string, PageChild>;
  /** The last answer to a field that asked what could stand there. */
  readonly offers: { readonly request: number; readonly items: readonly Offer[] };
  /** The context menu: where it is open, in pixels of the page. */
  readonly menu: { readonly x: number; readonly y: number } | null;
  /** The edge whose label is edited in place. */
  readonly labelling: string | null;
  readonly inspected: Inspected | null;
  readonly connecting: { readonly from: string; readonly port: string | null } | null;
  readonly renaming: string | null;
  readonly search: string | null;
  readonly show: Panels;
  /** The run that is shown, as far as it has come. */
  readonly run: RunView | null;
  /** An earlier instant of it that is looked at; null: its present. */
  readonly past: Past | null;
  /** The debugging session of this document. */
  readonly debug: DebugView | null;
  /** The place that the session was asked to go to and is not at yet. */
  readonly goingTo: number | null;
  /** By the element on which they stand. */
  readonly breakpoints: ReadonlyMap<string, PageBreakpoint>;
  /** Its steps in order are listed. */
  readonly timeline: boolean;
  /** A sentence for the status line and for screen readers; `count` makes equal sentences be said again. */
  readonly said: { readonly text: string; readonly count: number; readonly refusal: boolean };
}

/** Parts of the page that can be switched on and off. */
export interface Panels {
  readonly palette: boolean;
  readonly inspector: boolean;
  readonly data: boolean;
}

/** What can happen. */
export type Change =
  | { readonly type: "host"; readonly message: ToPage }
  /** `also`: added to what is selected, or taken out of it. */
  | { readonly type: "select"; readonly element: string | null; readonly also?: boolean }
  | { readonly type: "selectAll"; readonly elements: readonly string[] }
  | { readonly type: "menu"; readonly at: { readonly x: number; readonly y: number } | null }
  | { readonly type: "label"; readonly edge: string | null }
  | { readonly type: "connect"; readonly from: string | null; readonly port: string | null }
  | { readonly type: "rename"; readonly node: string | null }
  | { readonly type: "search"; readonly text: string | null }
  | { readonly type: "toggle"; readonly what: "palette" | "inspector" | "data" }
  | { readonly type: "timeline"; readonly open: boolean }
  /** To the instant after so many steps of the run; null: to its present. */
  | { readonly type: "lookAt"; readonly next: number | null }
  /** The session is asked to go to a place; null: it is there. */
  | { readonly type: "goTo"; readonly place: number | null }
  | { readonly type: "say"; readonly text: string; readonly refusal?: boolean };

/** A page that has heard nothing yet. */
export function emptyState(selected: string | null, show: Panels): PageState {
  return {
    title: "",
    palette: [],
    canRun: { yes: false, reason: "" },
    version: -1,
    drawing: null,
    layout: null,
    notice: null,
    readOnly: false,
    changes: new Map(),
    coverage: new Map(),
    broken: null,
    without: null,
    marks: new Map(),
    decisions: new Map(),
    selected,
    group: new Set(selected === null ? [] : [selected]),
    children: new Map(),
    offers: { request: -1, items: [] },
    menu: null,
    labelling: null,
    inspected: null,
    connecting: null,
    renaming: null,
    search: null,
    show,
    run: null,
    past: null,
    debug: null,
    goingTo: null,
    breakpoints: new Map(),
    timeline: false,
    said: { text: "", count: 0, refusal: false },
  };
}

/** Pure. */
export function applied(before: PageState, what: Change): PageState {
  switch (what.type) {
    case "host":
      return heard(before, what.message);
    case "select":
      return selection(before, what.element, what.also === true);
    case "selectAll":
      return { ...before, selected: what.elements[0] ?? null, group: new Set(what.elements), renaming: null };
    case "menu":
      return { ...before, menu: what.at };
    case "label":
      return { ...before, labelling: what.edge };
    case "connect":
      return { ...before, connecting: what.from === null ? null : { from: what.from, port: what.port } };
    case "rename":
      return { ...before, renaming: what.node };
    case "search":
      return { ...before, search: what.text };
    case "toggle":
      return { ...before, show: { ...before.show, [what.what]: !before.show[what.what] } };
    case "timeline":
      return { ...before, timeline: what.open };
    case "lookAt":
      if (what.next === null || before.run === null) return { ...before, past: null };
      return { ...before, past: { ...(before.past ?? nothingYet), wanted: what.next } };
    case "goTo":
      return { ...before, goingTo: what.place };
    case "say":
      return { ...before, said: { text: what.text, count: before.said.count + 1, refusal: what.refusal === true } };
  }
}

function selection(before: PageState, element: string | null, also: boolean): PageState {
  const plain = { renaming: null, labelling: null, menu: null };
  if (!also || element === null) {
    return {
      ...before,
      ...plain,
      connecting: null,
      selected: element,
      group: new Set(element === null ? [] : [element]),
    };
  }
  const group = new Set(before.group);
  if (!group.delete(element)) group.add(element);
  const selected = group.has(element) ? element : ([...group].at(-1) ?? null);
  return { ...before, ...plain, group, selected };
}

/** Selection by the host: the text's cursor, or what an edit has made. */
function moved(before: PageState, element: string | null): PageState {
  if (element === before.selected && (element === null || before.group.has(element))) return before;
  return { ...before, selected: element, group: new Set(element === null ? [] : [element]) };
}

function heard(before: PageState, message: ToPage): PageState {
  switch (message.type) {
    case "init":
      return { ...before, palette: message.palette, canRun: message.canRun, title: message.title };
    case "graph": {
      const drawing = before.drawing === null ? message.drawing : shared(before.drawing, message.drawing);
      return {
        ...withoutGone(renamed(before, message.renames), drawing),
        version: message.version,
        drawing,
        layout: message.layout,
        notice: message.notice,
        readOnly: !message.editable,
        broken: null,
        without: null,
      };
    }
    case "broken":
      return {
        ...before,
        version: message.version,
        broken: message.errors,
        without: message.why,
        connecting: null,
        renaming: null,
      };
    case "marks": {
      const marks = new Map<string | null, Mark[]>();
      for (const mark of message.marks) marks.set(mark.element, [...(marks.get(mark.element) ?? []), mark]);
      return { ...before, marks, decisions: new Map(message.decisions.map((one) => [one.node, one])) };
    }
    case "coverage":
      return { ...before, coverage: new Map(message.taken.map((one) => [one.element, one.times])) };
    case "changes":
      return { ...before, changes: new Map(message.changes.map((one) => [one.element, one.change])) };
    case "selected":
      return moved(before, message.element);
    case "inspected":
      return { ...before, inspected: message.fields };
    case "answered": {
      const count = before.said.count + 1;
      if (!message.ok) return { ...before, said: { text: message.message ?? "", count, refusal: true } };
      return message.select === null ? before : moved(before, message.select);
    }
    case "completions":
      return { ...before, offers: { request: message.request, items: message.items } };
    case "child": {
      const { node, file, drawing, layout, problem } = message;
      const children = new Map(before.children);
      if (drawing === null && problem === null) children.delete(node);
      else children.set(node, { file, drawing, layout, problem });
      if (problem === null) return { ...before, children };
      return { ...before, children, said: { text: problem, count: before.said.count + 1, refusal: true } };
    }
    case "rasterise":
      return before;
    case "run": {
      const known = before.run?.runId === message.runId ? before.run : emptyRun(message.runId);
      return { ...before, run: foldSteps(known, message.steps) };
    }
    case "runView": {
      if (message.run === null) return { ...before, run: null, past: null, timeline: false };
      const same = before.run?.runId === message.run.runId;
      // A session is seen on the nodes themselves, and there is little room beside it.
      const open = same || isDebugRun(message.run.runId) ? before.timeline : true;
      return { ...before, run: viewOf(message.run), past: same ? before.past : null, timeline: open };
    }
    case "runAt":
      return { ...before, past: instantHeard(before.past, before.run, message) };
    case "debug": {
      const { session } = message;
      const back = session === null || !session.past;
      return { ...before, debug: session, past: back && before.debug !== null ? null : before.past };
    }
    case "breakpoints":
      return { ...before, breakpoints: new Map(message.list.map((one) => [one.element, one])) };
  }
}

/** Elements that are known by other keys from here on are still selected, named and shown with their fields. */
function renamed(before: PageState, renames: Readonly<Record<string, string>>): PageState {
  if (Object.keys(renames).length === 0) return before;
  const now = (key: string): string => (Object.hasOwn(renames, key) ? (renames[key] ?? key) : key);
  const nowOrNull = (key: string | null): string | null => (key === null ? null : now(key));
  const { inspected, connecting } = before;
  return {
    ...before,
    selected: nowOrNull(before.selected),
    group: new Set([...before.group].map(now)),
    children: new Map([...before.children].map(([key, child]) => [now(key), child])),
    renaming: nowOrNull(before.renaming),
    inspected: inspected === null ? null : { ...inspected, element: nowOrNull(inspected.element) },
    connecting: connecting === null ? null : { ...connecting, from: now(connecting.from) },
  };
}

/** What is selected and no longer drawn is selected no longer; the host says what is selected instead. */
function withoutGone(before: PageState, drawing: WireDrawing): PageState {
  const keys = [drawing.nodes, drawing.edges, drawing.entries].flatMap((list) => list.map((one) => one.key));
  const known = new Set(keys);
  const group = [...before.group].filter((key) => known.has(key));
  const children = [...before.children].filter(([key]) => known.has(key));
  return { ...before, group: new Set(group), children: new Map(children) };
}

/** The new drawing with the old elements where they are equal, so that React draws only what has changed. */
function shared(before: WireDrawing, after: WireDrawing): WireDrawing {
  const keep = <T extends { readonly key: string }>(old: readonly T[], fresh: readonly T[]): T[] => {
    const known = new Map(old.map((one) => [one.key, one]));
    return fresh.map((one) => {
      const same = known.get(one.key);
      return same !== undefined && JSON.stringify(same) === JSON.stringify(one) ? same : one;
    });
  };
  return {
    ...after,
    nodes: keep(before.nodes, after.nodes),
    edges: keep(before.edges, after.edges),
    entries: keep(before.entries, after.entries),
    frames: keep(before.frames, after.frames),
    references: keep(before.references, after.references),
  };
}
