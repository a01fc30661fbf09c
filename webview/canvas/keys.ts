/**
 * The canvas by keyboard: walk along edges, connect, rename, remove, add. The same actions as by mouse; every step is
 * said to screen readers.
 */
import type { KeyboardEvent } from "react";
import type { WireDrawing } from "../../src/protocol/webview.ts";
import {
  beginConnection,
  connect,
  copySelected,
  duplicateSelected,
  intend,
  removeSelected,
  say,
  select,
  selectAll,
  toggleChild,
} from "../actions.ts";
import { toggleSelected } from "../debug/actions.ts";
import { tell } from "../host.ts";
import { change, pageState, type PageState } from "../state.ts";
import { words } from "../words.ts";

/** Handles a key of the canvas. */
export function canvasKeys(event: KeyboardEvent): void {
  if (isField(event.target)) return;
  const handled = event.ctrlKey || event.metaKey ? withControl(event) : plainKey(event);
  if (!handled) return;
  event.preventDefault();
  event.stopPropagation();
}

function withControl(event: KeyboardEvent): boolean {
  const { drawing } = pageState();
  // With Shift or Alt they are keys of VS Code's own: Ctrl+Shift+X shows the extensions, and must not cut a node.
  if (event.altKey || (event.shiftKey && event.key.toLowerCase() !== "z")) return false;
  switch (event.key.toLowerCase()) {
    case "f":
      change({ type: "search", text: "" });
      return true;
    case "d":
      return duplicateSelected();
    case "c":
    case "x":
      return copySelected(event.key.toLowerCase() === "x");
    case "a":
      selectAll((drawing?.nodes ?? []).map((one) => one.key));
      say(words.chosen(drawing?.nodes.length ?? 0));
      return true;
    case "z":
      tell({ type: event.shiftKey ? "redo" : "undo" });
      return true;
    case "y":
      tell({ type: "redo" });
      return true;
    default:
      return false;
  }
}

function plainKey(event: KeyboardEvent): boolean {
  const page = pageState();
  const { drawing, selected, connecting } = page;
  if (drawing === null) return false;
  const node = drawing.nodes.find((one) => one.key === selected);
  switch (event.key) {
    case "ArrowDown":
    case "ArrowUp": {
      const down = event.key === "ArrowDown";
      if (event.shiftKey) return walkEdges(page, down);
      if (event.altKey && node !== undefined) intend({ type: "reorder", node: node.key, steps: down ? 1 : -1 });
      else walk(page, down ? following(page) : leading(page));
      return true;
    }
    case "ArrowLeft":
    case "ArrowRight":
      if (drawing.edges.some((edge) => edge.key === selected)) return walkEdges(page, event.key === "ArrowRight");
      walk(page, beside(page, event.key === "ArrowRight" ? 1 : -1));
      return true;
    case "PageDown":
    case "PageUp":
      walk(page, inOrder(page, event.key === "PageDown" ? 1 : -1));
      return true;
    case "Home":
      walk(page, drawing.entries[0]?.key ?? drawing.nodes[0]?.key ?? null);
      return true;
    case "End":
      walk(page, drawing.nodes.at(-1)?.key ?? null);
      return true;
    case "Enter":
      if (connecting !== null && node !== undefined) connect(connecting.from, connecting.port, node.key);
      else openFields(page.show.inspector);
      if (connecting !== null) change({ type: "connect", from: null, port: null });
      return true;
    case "Escape":
      if (connecting !== null) change({ type: "connect", from: null, port: null });
      else select(null, false);
      return true;
    case "c": {
      const from = node?.key ?? drawing.entries.find((one) => one.key === selected)?.key;
      if (from === undefined) return false;
      beginConnection(from, nextPort(page, node ?? null));
      return true;
    }
    case "e":
      if (node?.child === null || node === undefined) return false;
      toggleChild(node.key);
      return true;
    case "ContextMenu":
    case "F10": {
      if (event.key === "F10" && !event.shiftKey) return false;
      const at = document.querySelector(".react-flow .selected")?.getBoundingClientRect();
      change({ type: "menu", at: { x: at?.left ?? 120, y: at?.bottom ?? 120 } });
      return true;
    }
    case "F9":
      toggleSelected();
      return true;
    case "F2":
      if (drawing.edges.some((edge) => edge.key === selected && edge.type === "control")) {
        change({ type: "label", edge: selected });
        return true;
      }
      // A start is named in its fields.
      if (drawing.entries.some((one) => one.key === selected)) openFields(page.show.inspector);
      if (node !== undefined) change({ type: "rename", node: node.key });
      return true;
    case "Delete":
    case "Backspace":
      removeSelected();
      return true;
    case "Insert":
    case "a":
      if (!page.show.palette) change({ type: "toggle", what: "palette" });
      focusOn(".palette input");
      return true;
    case "t":
      tell({ type: "openText", element: selected });
      return true;
    case "/":
      change({ type: "search", text: "" });
      return true;
    default:
      return false;
  }
}

/** The way out from which `c` connects: the first that leads nowhere yet; pressed again, the next of all. */
function nextPort({ drawing, connecting }: PageState, node: WireDrawing["nodes"][number] | null): string | null {
  const ports = node?.ports.filter((one) => one.type !== "open").map((one) => one.label) ?? [];
  if (connecting !== null && connecting.from === node?.key)
    return ports[(ports.indexOf(connecting.port) + 1) % ports.length] ?? null;
  const used = new Set(drawing?.edges.filter((edge) => edge.from === node?.key).map((edge) => edge.port));
  return ports.find((port) => !used.has(port)) ?? ports[0] ?? null;
}

/** From a node to the edges that leave it, and from an edge to the next of the same node. */
function walkEdges({ drawing, selected }: PageState, forward: boolean): boolean {
  const edges = drawing?.edges ?? [];
  const own = edges.find((edge) => edge.key === selected);
  const beside = edges.filter((edge) => edge.from === (own?.from ?? selected));
  const step = forward ? 1 : -1;
  const at = own === undefined ? (forward ? 0 : beside.length - 1) : beside.indexOf(own) + step;
  const edge = beside[(at + beside.length) % beside.length];
  if (edge === undefined) return true;
  const name = (key: string): string => drawing?.nodes.find((one) => one.key === key)?.id ?? key;
  select(edge.key);
  say(words.selected(words.edge(name(edge.from), name(edge.to), edge.label)));
  return true;
}

function walk(page: PageState, to: string | null): void {
  const key = to ?? page.selected ?? page.drawing?.entries[0]?.key ?? page.drawing?.nodes[0]?.key ?? null;
  if (key === null || key === page.selected) return;
  if (page.connecting === null) select(key);
  else change({ type: "select", element: key });
  if (page.connecting !== null) change({ type: "connect", from: page.connecting.from, port: page.connecting.port });
  const node = page.drawing?.nodes.find((one) => one.key === key);
  say(words.selected(node === undefined ? key : words.node(node.id, node.kind, page.marks.get(key)?.length ?? 0)));
}

function following({ drawing, selected }: PageState): string | null {
  const own = drawing?.edges.find((one) => one.key === selected);
  if (own !== undefined) return own.to;
  const entry = drawing?.entries.find((one) => one.key === selected);
  return entry?.to ?? drawing?.edges.find((edge) => edge.from === selected)?.to ?? null;
}

function leading({ drawing, selected }: PageState): string | null {
  const own = drawing?.edges.find((one) => one.key === selected);
  if (own !== undefined) return own.from;
  const edge = drawing?.edges.find((one) => one.to === selected && one.loop === null);
  return (
    edge?.from ?? drawing?.entries.find((one) => one.to === selected || one.also.includes(selected ?? ""))?.key ?? null
  );
}

/** The next node of the same rank: the other ends of the edges that lead here, else the neighbour in the drawing. */
function beside({ drawing, layout, selected }: PageState, step: 1 | -1): string | null {
  if (drawing === null || layout === null || selected === null) return null;
  const own = layout.nodes[selected] ?? layout.entries[selected];
  if (own === undefined) return null;
  const all = Object.entries({ ...layout.nodes, ...layout.entries }).filter(([key]) => key !== selected);
  const side = all
    .map(([key, box]) => ({
      key,
      dx: (box.x + box.width / 2 - own.x - own.width / 2) * step,
      dy: Math.abs(box.y - own.y),
    }))
    .filter((one) => one.dx > 1)
    .sort((a, b) => a.dx + 3 * a.dy - (b.dx + 3 * b.dy));
  return side[0]?.key ?? null;
}

/** The node before or behind in the document, so that those that no edge reaches are reached too. */
function inOrder({ drawing, selected }: PageState, step: 1 | -1): string | null {
  const keys = (drawing?.nodes ?? []).map((node) => node.key);
  const at = selected === null ? -1 : keys.indexOf(selected);
  return (at < 0 ? keys[step === 1 ? 0 : keys.length - 1] : keys[at + step]) ?? null;
}

/** The first field of what is selected, or of the document. */
function openFields(shown: boolean): void {
  if (!shown) change({ type: "toggle", what: "inspector" });
  focusOn(".inspector input, .inspector textarea, .inspector select");
}

function focusOn(selector: string): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(selector)?.focus());
}

function isField(target: EventTarget): boolean {
  return [HTMLInputElement, HTMLTextAreaElement, HTMLSelectElement].some((one) => target instanceof one);
}
