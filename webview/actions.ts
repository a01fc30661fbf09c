/** What a person can do, as one function each: the same for mouse, keyboard and menus. */
import type { PageIntent } from "../src/protocol/webview.ts";
import { tell } from "./host.ts";
import { change, pageState } from "./state.ts";
import { words } from "./words.ts";

let requests = 0;

/** Asks the host to change the document; false when there is nothing to ask. The answer comes as a message. */
export function intend(intent: PageIntent): boolean {
  const { version, broken, readOnly } = pageState();
  if (readOnly) {
    say(words.readOnly, true);
    return false;
  }
  if (broken !== null) {
    say(words.brokenText, true);
    return false;
  }
  tell({ type: "intent", request: ++requests, baseVersion: version, intent });
  return true;
}

/** Says a sentence in the status line and to screen readers. */
export function say(text: string, refusal = false): void {
  change({ type: "say", text, refusal });
}

/** A number for a request whose answer is waited for. */
export function nextRequest(): number {
  return ++requests;
}

/** Adds an element to what is selected, or takes it out. */
export function selectAlso(element: string): void {
  change({ type: "select", element, also: true });
  tell({ type: "select", element: pageState().selected, reveal: false });
}

/** Selects several elements. */
export function selectAll(elements: readonly string[]): void {
  change({ type: "selectAll", elements });
  tell({ type: "select", element: pageState().selected, reveal: false });
}

/** Selects an element; with `reveal` its text is shown beside. */
export function select(element: string | null, reveal = true): void {
  const { selected, group } = pageState();
  const alone = element === null ? group.size === 0 : group.size === 1 && group.has(element);
  if (selected !== element || !alone) change({ type: "select", element });
  tell({ type: "select", element, reveal });
}

/** Adds a node of a kind behind the node or start that is selected, or on the edge. */
export function addNode(kind: string, at: { x: number; y: number } | null = null): boolean {
  const { drawing, selected } = pageState();
  const edge = drawing?.edges.find((one) => one.key === selected);
  if (edge !== undefined && at === null) return insertOn(edge.key, kind, null);
  const before = [...(drawing?.nodes ?? []), ...(at === null ? (drawing?.entries ?? []) : [])];
  const after = before.some((one) => one.key === selected) ? selected : null;
  return intend({ type: "add-node", kind, after, at });
}

/** Puts a node of a kind between the ends of an edge. */
export function insertOn(edge: string, kind: string, at: { x: number; y: number } | null): boolean {
  return intend({ type: "insert-on-edge", edge, kind, at });
}

/** Keys of the nodes that are selected. */
export function selectedNodes(): string[] {
  const { drawing, group } = pageState();
  return (drawing?.nodes ?? []).filter((node) => group.has(node.key)).map((node) => node.key);
}

/** Removes what is selected. */
export function removeSelected(): void {
  const { drawing, group } = pageState();
  if (drawing === null) return;
  const nodes = selectedNodes();
  const edges = drawing.edges.filter((edge) => group.has(edge.key)).map((edge) => edge.key);
  // A graph of another dialect begins at its first step; its marker is none that could go.
  const declared = drawing.dialect === "workflow" ? drawing.entries : [];
  const starts = declared.filter((entry) => group.has(entry.key)).map((entry) => entry.key);
  const count = nodes.length + edges.length + starts.length;
  if (count > 0 && intend({ type: "remove", nodes, edges, starts })) say(words.removed(count));
}

/** Copies the selected nodes as text; with `cut` they are removed. */
export function copySelected(cut: boolean): boolean {
  const nodes = selectedNodes();
  if (nodes.length === 0) return false;
  tell({ type: "copy", nodes });
  say(words.copied(nodes.length));
  if (cut) intend({ type: "remove", nodes, edges: [], starts: [] });
  return true;
}

/** Pastes nodes from a text, or from the clipboard when there is none at hand. */
export function paste(text: string | null): void {
  intend({ type: "paste", text });
}

/** Makes copies of the selected nodes with the edges among them. */
export function duplicateSelected(): boolean {
  const nodes = selectedNodes();
  return nodes.length > 0 && intend({ type: "duplicate", nodes });
}

/** Opens the document that a node runs inside it, or closes it. */
export function toggleChild(node: string): void {
  tell({ type: "expand", node, open: !pageState().children.has(node) });
}

/** Asks the host for a picture; a PNG is made here of the SVG that it sends. */
export function exportAs(format: "svg" | "png", png: string | null = null): void {
  tell({ type: "export", format, dark: isDark(), png });
}

function isDark(): boolean {
  const { classList } = document.body;
  return classList.contains("vscode-dark") || (classList.contains("vscode-high-contrast") && !isLight(classList));
}

function isLight(classes: DOMTokenList): boolean {
  return classes.contains("vscode-light") || classes.contains("vscode-high-contrast-light");
}

/** Makes a graph of a blank file. */
export function begin(): void {
  tell({ type: "intent", request: ++requests, baseVersion: pageState().version, intent: { type: "begin" } });
}

/** Begins a connection at a node or start; said to those who do not see it. */
export function beginConnection(from: string, port: string | null): void {
  const { drawing } = pageState();
  const name = [...(drawing?.nodes ?? [])].find((one) => one.key === from)?.id;
  const start = drawing?.entries.find((one) => one.key === from)?.name;
  change({ type: "connect", from, port });
  say(words.connectFrom(name ?? start ?? from, port));
}

/** Why two nodes cannot be connected; null when they can. */
export function connectionProblem(from: string, port: string | null, to: string): string | null {
  const { drawing } = pageState();
  if (drawing === null) return words.brokenText;
  if (drawing.dialect === "skill") return words.sequence;
  if (from === to) return words.noSelf;
  const source = drawing.nodes.find((node) => node.key === from);
  if (source?.ports.length === 0) return words.deadEnd(source.id);
  if (source !== undefined && !source.ports.some((one) => one.type === "open" || one.label === port)) {
    return words.noPort(
      source.id,
      port,
      source.ports.flatMap((one) => one.label ?? []),
    );
  }
  const same = drawing.edges.some((edge) => edge.from === from && edge.to === to && edge.port === port);
  return same ? words.sameEdge : null;
}

/** Connects, or says why not. A marker of a start is connected by moving its entry. */
export function connect(from: string, port: string | null, to: string): void {
  const entry = pageState().drawing?.entries.find((one) => one.key === from);
  if (entry !== undefined) {
    intend({ type: "set-start", name: entry.name, entry: to });
    return;
  }
  const problem = connectionProblem(from, port, to);
  if (problem !== null) say(problem, true);
  else intend({ type: "connect", from, port, to });
}
