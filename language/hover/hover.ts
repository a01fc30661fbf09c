/** What is shown at a cursor: the one place that decides what it is about, and of which stretch. */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { Span } from "../../src/dialects/live/source.ts";
import type { DocumentPath } from "../../src/graph/diagnostic.ts";
import { subjectOf, type Cursor } from "../completion/asked.ts";
import { Outputs } from "../completion/outputs.ts";
import { fieldDoc } from "../schema/docs.ts";
import { fieldAt, type FieldInfo } from "../schema/fields.ts";
import { keysNamedAt, rootPath } from "../schema/names.ts";
import { graphAt, nodeAt, viewOf } from "../schema/where.ts";
import { edgeText } from "./edge.ts";
import { code, paragraphs } from "./markdown.ts";
import * as names from "./names.ts";
import { nodeText } from "./node.ts";
import { partAt, readingAt, referenceText, type Reading } from "./reference.ts";

/** What is shown, in Markdown, and of what. */
export interface Shown {
  readonly text: string;
  readonly span: Span;
}

/** See the header; null where there is nothing to say. */
export async function shownAt(cursor: Cursor): Promise<Shown | null> {
  const shown = await shownBy(cursor);
  // A name before the cursor, as in a string that its line leaves open, is not what the cursor is on.
  return shown !== null && shown.span[0] <= cursor.offset && cursor.offset <= shown.span[1] ? shown : null;
}

async function shownBy(cursor: Cursor): Promise<Shown | null> {
  const { live, point } = cursor;
  const element = live.source.element(point.path);
  switch (point.part) {
    case "comment":
      return inComment(cursor);
    case "header": {
      const text = (await constructText(cursor, point.path)) ?? headerText(live, point.path);
      const span = element?.header ?? point.replace;
      return text === null ? null : { text, span };
    }
    case "key":
      return atKey(cursor);
    case "value": {
      if (element === null || element.children.length > 0) return null;
      return atValue(cursor, element.text, innerSpan(live.text, element.value ?? point.replace));
    }
    case "space":
      return null;
  }
}

/** The text of a string without its quotes. */
function innerSpan(text: string, [from, to]: Span): Span {
  const quote = /^(?:"""|'''|"|')/.exec(text.slice(from, from + 3))?.[0] ?? "";
  if (quote === "") return [from, to];
  const closed = to - from >= 2 * quote.length && text.slice(from, to).endsWith(quote);
  return [from + quote.length, closed ? to - quote.length : to];
}

const ignore = /#[ \t]*countersign:[ \t]*ignore\b[A-Za-z0-9_ \t,]*$/;

function inComment({ live, offset }: Cursor): Shown | null {
  const { text } = live;
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const before = text.slice(start, offset);
  const head = /[A-Za-z0-9_]*$/.exec(before)?.[0].length ?? 0;
  const tail = /^[A-Za-z0-9_]*/.exec(text.slice(offset, offset + 80))?.[0].length ?? 0;
  const span: Span = [offset - head, offset + tail];
  const about = ignore.test(before) ? names.codeText(text.slice(...span)) : null;
  return about === null ? null : { text: about, span };
}

/** A node, an edge or a start that the header or the dash at `path` opens. */
async function constructText(cursor: Cursor, path: DocumentPath): Promise<string | null> {
  const { live } = cursor;
  const found = nodeAt(live, path);
  if (found !== null && found.node.at.length === path.length) return nodeText(cursor, found.graph, found.node);
  return edgeAt(live, path) ?? startAt(live, path);
}

function edgeAt(live: LiveDocument, path: DocumentPath): string | null {
  const base = rootPath(live);
  if (path[base.length] !== "edges") return null;
  const graph = graphAt(live, path)?.graph;
  const edge = graph?.edges.find((one) => one.at.at(-1) === path[base.length + 1]);
  return graph === undefined || edge === undefined ? null : edgeText(graph, edge);
}

function startAt(live: LiveDocument, path: DocumentPath): string | null {
  const base = rootPath(live);
  if (path[base.length] !== "start_nodes") return null;
  const graph = graphAt(live, path)?.graph;
  const start = graph?.starts.find((one) => one.at.at(-1) === path[base.length + 1]);
  return graph === undefined || start === undefined ? null : names.startText(graph, start.name);
}

function headerText(live: LiveDocument, path: DocumentPath): string | null {
  const list = typeof path.at(-1) === "number" ? path.slice(0, -1) : path;
  const field = fieldAt(live, list);
  return field === null ? null : fieldText(field);
}

function fieldText(field: FieldInfo): string | null {
  if (field.doc === "" && field.type === "any value") return null;
  return paragraphs(`**${field.name}**`, fieldDoc(field));
}

async function atKey(cursor: Cursor): Promise<Shown | null> {
  const { live, point } = cursor;
  const { path } = point;
  const span = live.source.element(path)?.key ?? point.replace;
  const name = String(path.at(-1));
  const named = keysNamedAt(live, path.slice(0, -1));
  if (named === "code") {
    const text = names.codeText(name);
    return text === null ? null : { text, span };
  }
  if (named === "node" || named === "group") {
    const subject = await subjectOf(cursor, path);
    const node = subject?.graph.nodes.find(({ id }) => id === name);
    if (subject !== null && named === "node" && node !== undefined)
      return {
        text: await nodeText({ session: cursor.session, document: subject.document }, subject.graph, node),
        span,
      };
    const text = subject !== null && named === "group" ? names.groupText(subject.graph, name) : null;
    if (text !== null) return { text, span };
  }
  const field = fieldAt(live, path);
  const text = field === null ? null : fieldText(field);
  return text === null ? null : { text, span };
}

async function atValue(cursor: Cursor, value: string | null, span: Span): Promise<Shown | null> {
  const { live, point, offset } = cursor;
  const { path } = point;
  const reading = readingAt(live, path, offset);
  if (reading !== null) return aboutReading(cursor, reading);
  const field = fieldAt(live, path);
  const text =
    (await namedText(cursor, field, value ?? "")) ??
    (field === null ? null : valueText(live, path, field, value ?? ""));
  return text === null ? null : { text, span };
}

async function aboutReading(cursor: Cursor, reading: Reading): Promise<Shown> {
  const { graph, reference } = reading;
  if (reference.role === "secret")
    return { text: names.secretText(graph, cursor.live, reference.text), span: reading.span };
  const { text, span } = partAt(cursor.live, reading, cursor.offset);
  return { text: await referenceText(cursor, reading, text), span };
}

function valueText(live: LiveDocument, path: DocumentPath, field: FieldInfo, value: string): string | null {
  const base = rootPath(live).length;
  if (typeof path.at(-1) === "number" && (path[base] === "policy" || path[0] === "allow") && path.length === base + 4)
    return names.patternText(path, value);
  const edge = edgeAt(live, path);
  if (edge !== null) return edge;
  return fieldText(typeof path.at(-1) === "number" ? (fieldAt(live, path.slice(0, -1)) ?? field) : field);
}

/** What a value names. */
async function namedText(cursor: Cursor, field: FieldInfo | null, value: string): Promise<string | null> {
  const { live, point, session } = cursor;
  const { path } = point;
  const own = nodeAt(live, path);
  const isHead = path.length === (own?.node.at.length ?? -1) + 1;
  if (own !== null && isHead && (path.at(-1) === "id" || field?.names === "kind"))
    return nodeText(cursor, own.graph, own.node);
  if (own !== null && path.at(-1) === "type" && path.at(-2) === "run") return nodeText(cursor, own.graph, own.node);
  const subject = await subjectOf(cursor, path);
  const graph = subject?.graph ?? null;
  if (field?.names === "document" || field?.names === "skill") {
    const runner =
      field.names === "skill" && own !== null ? own.node.files.find(({ role }) => role === "skill")?.text : undefined;
    return names.documentText(cursor, live.what.document === "fixture" ? null : graph, runner ?? value);
  }
  if (field?.names === "schema") return names.schemaText(cursor, value);
  if (field?.names === "stage-key") return names.stageKeyText(value);
  if (subject === null || graph === null) return null;
  const around = { session, document: subject.document };
  switch (field?.names) {
    case "node": {
      const index = viewOf(graph).byId.get(value);
      return index === undefined ? null : nodeText(around, graph, viewOf(graph).node(index));
    }
    case "stage-index": {
      const node = graph.nodes[Number(value)];
      return node === undefined ? null : nodeText(around, graph, node);
    }
    case "start":
      return names.startText(graph, value);
    case "child-start": {
      const file = live.source.element([...path.slice(0, -1), "workflow"])?.text;
      const child = typeof file === "string" ? await new Outputs(session, subject.document, graph).child(file) : null;
      return child === null ? null : names.startText(child, value);
    }
    case "secret":
      return names.secretText(graph, live, value);
    case "server":
      return names.serverText(graph, value);
    case "backend":
      return names.backendText(graph, value);
    case "group":
      return names.groupText(graph, value);
    case "auth":
      return value === "none" ? "Everybody may use the route." : `The binding ${code(value)} of ${code("[auth]")}.`;
    default:
      return path.at(-1) === "name" ? (startAt(live, path) ?? declaredText(cursor, graph, value)) : null;
  }
}

/** `name` of a table that declares something. */
function declaredText(
  { live, point }: Cursor,
  graph: NonNullable<ReturnType<typeof graphAt>>["graph"],
  name: string,
): string | null {
  const list = point.path[rootPath(live).length];
  if (list === "secrets") return names.secretText(graph, live, name);
  if (list === "mcp_servers") return names.serverText(graph, name);
  return list === "intelligence" ? names.backendText(graph, name) : null;
}
