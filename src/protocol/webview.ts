/**
 * What the graph editor's page and its host say to each other (spec/editor.md §3): closed unions, checked with zod at
 * both ends, with a version. The page holds no truth: it draws what it is told and says what its user wants.
 *
 * Invariants: every message names its `type`; a host that meets another {@link PROTOCOL_VERSION} reloads the page;
 * node values cross as JSON text, because their integers are wider than a message may carry; nothing here holds a
 * secret or a resolved environment value.
 */
import { z } from "zod";
import { debugFromPage, debugToPage } from "./debug.ts";
import { runSnapshot, runStep } from "./run.ts";

/** Changes with every change of these messages that an older page or host would misread. */
export const PROTOCOL_VERSION = 5;

const key = z.string();
const index = z.number().int().min(0);
const point = z.object({ x: z.number(), y: z.number() });
const box = point.extend({ width: z.number(), height: z.number() });

/** A node value as JSON text (src/graph/json.ts). */
const valueText = z.string();

const port = z.object({ label: z.string().nullable(), type: z.enum(["plain", "label", "error", "open"]) });

/** As `src/draw/drawing.ts`. */
export const drawing = z.object({
  dialect: z.enum(["workflow", "skill", "pipeline"]),
  name: z.string(),
  nodes: z.array(
    z.object({
      key,
      index,
      id: z.string(),
      kind: z.string(),
      family: z.enum(["input", "transform", "intelligence", "action", "composition", "control", "step", "unknown"]),
      label: z.string().nullable(),
      summary: z.string(),
      ports: z.array(port),
      effect: z.enum(["read", "mutate", "spawn"]).nullable(),
      badges: z.array(
        z.object({ type: z.enum(["retry", "on_error", "when", "mutation", "idempotency"]), text: z.string() }),
      ),
      child: z.string().nullable(),
      frame: z.string().nullable(),
      /** The size of what is drawn inside it: a child document, opened in place. Absent when it is closed. */
      inner: z.object({ width: z.number(), height: z.number() }).optional(),
    }),
  ),
  edges: z.array(
    z.object({
      key,
      index: index.nullable(),
      from: key,
      to: key,
      port: z.string().nullable(),
      label: z.string().nullable(),
      loop: z.number().nullable(),
      type: z.enum(["control", "sequence", "dependency"]),
    }),
  ),
  entries: z.array(
    z.object({
      key,
      name: z.string(),
      source: z.enum(["event", "http", "manual"]),
      triggers: z.array(z.string()),
      to: key.nullable(),
      also: z.array(key),
    }),
  ),
  frames: z.array(z.object({ key, title: z.string(), rule: z.string(), nodes: z.array(key) })),
  references: z.array(z.object({ key, from: key, to: key, text: z.string() })),
});

/** As `src/draw/layout.ts`. */
export const layout = z.object({
  nodes: z.record(z.string(), box),
  entries: z.record(z.string(), box),
  frames: z.record(z.string(), box),
  edges: z.record(z.string(), z.array(point)),
  width: z.number(),
  height: z.number(),
});

/** A finding of the document at an element. */
export const mark = z.object({
  severity: z.enum(["error", "warning", "information"]),
  code: z.string(),
  message: z.string(),
  /** Key of a node, an edge or an entry; null for the document as a whole. */
  element: key.nullable(),
});

/** How a node or an edge differs from the version that stands beside it. */
export const elementChange = z.object({ element: key, change: z.enum(["added", "removed", "changed"]) });

/** What policy would say to a node's effects in the environment that is chosen. */
export const decision = z.object({
  node: key,
  decision: z.enum(["Allow", "DryRunOnly", "RequireApproval", "Deny", "depends"]),
  reason: z.string(),
});

/** One kind of node in the palette. `form` is the JSON Schema of its fields, with `x-role` and `x-docs` on each. */
export const paletteKind = z.object({
  kind: z.string(),
  family: z.string(),
  summary: z.string(),
  docs: z.string(),
  form: z.record(z.string(), z.unknown()),
});

/** Where a field stands, from its node, start or document. */
const fieldPath = z.array(z.union([z.string(), z.number()])).readonly();

/**
 * Fields for the inspector: of a node, of a start, or of the document itself, whose `element` is null. `written`: as the
 * document has it, JSON text by key, unknown keys included. `kind` is empty for what is no node.
 */
export const inspected = z.object({
  element: key.nullable(),
  what: z.enum(["node", "start", "document"]),
  kind: z.string(),
  form: z.record(z.string(), z.unknown()),
  written: z.array(z.object({ key: z.string(), value: valueText, problems: z.array(z.string()) })),
});

/** What a completion offers; `insert` stands instead of what was typed of it. */
export const offer = z.object({ label: z.string(), detail: z.string(), insert: z.string() });

/** Host -> page. */
export const toPage = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("init"),
    protocol: z.number(),
    palette: z.array(paletteKind),
    /** False in an untrusted workspace, with the reason why runs are refused. */
    canRun: z.object({ yes: z.boolean(), reason: z.string() }),
    title: z.string(),
  }),
  /** A new state of the document. `marks` follow in messages of their own. */
  z.object({
    type: z.literal("graph"),
    version: index,
    drawing,
    layout,
    editable: z.boolean(),
    /** Elements that have other keys than in the drawing before: their names changed, they did not. */
    renames: z.record(key, key),
    notice: z.string().nullable(),
  }),
  /**
   * There is nothing to draw from: text that does not parse (the last drawing stays, greyed, with what is wrong), a blank
   * file that can become a graph by `begin`, or a text that is no graph.
   */
  z.object({
    type: z.literal("broken"),
    version: index,
    why: z.enum(["syntax", "blank", "other"]),
    errors: z.array(mark),
  }),
  z.object({ type: z.literal("marks"), version: index, marks: z.array(mark), decisions: z.array(decision) }),
  /** What differs from git's HEAD, or in its drawing from the working text; none when they do not stand side by side. */
  z.object({ type: z.literal("changes"), changes: z.array(elementChange) }),
  /** How often tests took each node and edge; none when nobody asked, or it was cleared. */
  z.object({ type: z.literal("coverage"), taken: z.array(z.object({ element: key, times: index })) }),
  /** The text editor's cursor is in this element. */
  z.object({ type: z.literal("selected"), element: key.nullable() }),
  z.object({ type: z.literal("inspected"), version: index, fields: inspected.nullable() }),
  /** What became of an intent: done, or refused with a sentence. `select`: what it made. */
  z.object({
    type: z.literal("answered"),
    request: index,
    ok: z.boolean(),
    message: z.string().nullable(),
    select: key.nullable(),
  }),
  z.object({
    type: z.literal("completions"),
    request: index,
    items: z.array(offer),
  }),
  /** The document that a node runs, to be drawn inside it, read only; `drawing` null: it is closed, or cannot be drawn. */
  z.object({
    type: z.literal("child"),
    node: key,
    file: z.string(),
    drawing: drawing.nullable(),
    layout: layout.nullable(),
    problem: z.string().nullable(),
  }),
  /** The picture that the page is to make a PNG of; it answers with `export`. */
  z.object({ type: z.literal("rasterise"), svg: z.string() }),
  /** Steps of the run that is shown; the page acknowledges them once they are drawn, and gets no others before. */
  z.object({ type: z.literal("run"), runId: z.string(), fromSeq: index, steps: z.array(runStep) }),
  /** The run that is shown from here on, as far as it has come; null for none. Acknowledged like steps. */
  z.object({ type: z.literal("runView"), run: runSnapshot.nullable() }),
  ...debugToPage,
]);

/** What the page wants done to the document; the host makes the text of it (spec/editor.md §2). */
export const pageIntent = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("add-node"),
    kind: z.string(),
    /** The node or start that it follows; null: whatever comes last. */
    after: key.nullable(),
    /** Where it was dropped; null lets the layout choose. */
    at: point.nullable(),
  }),
  z.object({ type: z.literal("remove"), nodes: z.array(key), edges: z.array(key), starts: z.array(key) }),
  z.object({ type: z.literal("duplicate"), nodes: z.array(key) }),
  /** A node or a start, with all that refers to it. */
  z.object({ type: z.literal("rename"), element: key, to: z.string() }),
  z.object({ type: z.literal("reorder"), node: key, steps: z.number().int() }),
  z.object({ type: z.literal("connect"), from: key, port: z.string().nullable(), to: key }),
  z.object({
    type: z.literal("set-edge"),
    edge: key,
    when: z.string().nullable().optional(),
    maxIterations: z.number().int().nullable().optional(),
  }),
  z.object({ type: z.literal("insert-on-edge"), edge: key, kind: z.string(), at: point.nullable() }),
  /** Fields of a node or start; `element` null: of the document. */
  z.object({ type: z.literal("set-field"), element: key.nullable(), path: fieldPath, value: valueText }),
  z.object({ type: z.literal("remove-field"), element: key.nullable(), path: fieldPath }),
  /** A value at the end of the list at `path`, which is made where it is missing. */
  z.object({ type: z.literal("add-item"), element: key.nullable(), path: fieldPath, value: valueText }),
  z.object({ type: z.literal("add-start") }),
  z.object({ type: z.literal("set-start"), name: z.string(), entry: key }),
  /** Nodes and their inner edges, as `copy` writes them; null takes the text of the clipboard. */
  z.object({ type: z.literal("paste"), text: z.string().nullable() }),
  /** Makes the smallest graph of a blank file. */
  z.object({ type: z.literal("begin") }),
]);

/** Page -> host. */
export const fromPage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), protocol: z.number() }),
  /** `baseVersion`: that of the drawing which the page shows; the intent is meant for the present text, or refused. */
  z.object({ type: z.literal("intent"), request: index, baseVersion: index, intent: pageIntent }),
  /** An element was selected: its text is shown and its fields are asked for. */
  z.object({ type: z.literal("select"), element: key.nullable(), reveal: z.boolean() }),
  z.object({ type: z.literal("openText"), element: key.nullable() }),
  z.object({ type: z.literal("openChild"), node: key }),
  /** A node's child document is drawn inside it, or no more. */
  z.object({ type: z.literal("expand"), node: key, open: z.boolean() }),
  /** A frame's nodes are drawn as one box, or apart again. */
  z.object({ type: z.literal("collapse"), frame: key, closed: z.boolean() }),
  /** Nodes were moved by hand; kept outside the document. `null` forgets all places. */
  z.object({ type: z.literal("moved"), places: z.record(z.string(), point).nullable() }),
  z.object({
    type: z.literal("complete"),
    request: index,
    element: key.nullable(),
    path: fieldPath,
    text: z.string(),
  }),
  /** A file is chosen for a field and written into it. */
  z.object({
    type: z.literal("pickFile"),
    request: index,
    baseVersion: index,
    node: key,
    path: z.array(z.string()),
    role: z.string(),
  }),
  z.object({ type: z.literal("copy"), nodes: z.array(key) }),
  /** `png`: the picture in base 64, once the page has made it of what `rasterise` sent. */
  z.object({
    type: z.literal("export"),
    format: z.enum(["svg", "png"]),
    dark: z.boolean(),
    png: z.string().nullable(),
  }),
  z.object({ type: z.literal("start"), dry: z.boolean(), start: z.string().nullable() }),
  z.object({ type: z.literal("cancelRun"), runId: z.string() }),
  /** A run that was cut goes on. */
  z.object({ type: z.literal("resumeRun"), runId: z.string() }),
  /** All steps before `next` are drawn. */
  z.object({ type: z.literal("acknowledge"), runId: z.string(), next: index }),
  /** The run is not to be shown any more; it goes on. */
  z.object({ type: z.literal("dismissRun"), runId: z.string() }),
  /** Save the document, after all that was asked for before. */
  z.object({ type: z.literal("save") }),
  z.object({ type: z.literal("undo") }),
  z.object({ type: z.literal("redo") }),
  z.object({ type: z.literal("problem"), message: z.string() }),
  ...debugFromPage,
]);

/** See {@link toPage}. */
export type ToPage = z.infer<typeof toPage>;
/** See {@link fromPage}. */
export type FromPage = z.infer<typeof fromPage>;
/** See {@link pageIntent}. */
export type PageIntent = z.infer<typeof pageIntent>;
/** See {@link mark}. */
export type Mark = z.infer<typeof mark>;
/** See {@link elementChange}. */
export type ElementChange = z.infer<typeof elementChange>;
/** See {@link decision}. */
export type NodeDecision = z.infer<typeof decision>;
/** See {@link paletteKind}. */
export type PaletteKind = z.infer<typeof paletteKind>;
/** See {@link inspected}. */
export type Inspected = z.infer<typeof inspected>;
/** See {@link offer}. */
export type Offer = z.infer<typeof offer>;
/** The drawing as it crosses. */
export type WireDrawing = z.infer<typeof drawing>;
/** The layout as it crosses. */
export type WireLayout = z.infer<typeof layout>;
