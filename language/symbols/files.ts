/**
 * Files that a document names: children, schemas, skills, the document of a test, policy code. Where they stand, and
 * which file each one is. Open editors win over disk.
 */
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import type { SourceElement, Span } from "../../src/dialects/live/source.ts";
import { isRegistryReference, skillDocumentCandidates, splitRunner } from "../../src/dialects/skill/reference.ts";
import type { DocumentPath, Range } from "../../src/graph/diagnostic.ts";
import { perObject } from "../../src/graph/memo.ts";
import type { Snapshot, Workspace } from "../workspace.ts";
import { workflowBase } from "./occurrences.ts";
import { valueSpan } from "./text-spans.ts";

/** One place where a file is named. */
export interface FileLink {
  readonly role: "child" | "schema" | "skill" | "context" | "document" | "policy";
  /** As it is written: for a skill its folder. */
  readonly text: string;
  /** The start, or the runner, that is named beside it; null for the first or default one. */
  readonly start: string | null;
  /** Where the start is named; null when it is left out. */
  readonly startRange: Range | null;
  /** The node that names it, and the runner in whose graph that stands. */
  readonly node: string | null;
  readonly runner: string | null;
  /** The text without its quotes. */
  readonly span: Span;
  readonly range: Range;
}

/** A file that was found. `document` is null for files that are no documents of ours, such as schemas. */
export interface FoundFile {
  readonly key: string;
  readonly document: Snapshot | null;
}

/** All files that a document names, by their place. */
export const fileLinks: (live: LiveDocument) => readonly FileLink[] = perObject(collect);

/** The file named at an offset. */
export function fileLinkAt(live: LiveDocument, offset: number): FileLink | null {
  return fileLinks(live).find(({ span: [from, to] }) => from <= offset && offset <= to) ?? null;
}

/** The file that is meant; null when there is none. */
export async function foundFile(workspace: Workspace, from: Snapshot, link: FileLink): Promise<FoundFile | null> {
  const { files } = workspace;
  if (link.role === "skill" && isRegistryReference(link.text)) return null;
  for (const name of candidates(link)) {
    const keys = files.resolve(name, from.key);
    const inFolder = link.role === "skill" || link.role === "context" || link.role === "document";
    for (const key of inFolder ? keys.slice(0, 1) : keys) {
      const document = await workspace.document(key);
      if (document !== null || (await files.read(key)).ok) return { key, document };
    }
  }
  return null;
}

function candidates(link: FileLink): readonly string[] {
  if (link.role === "skill") return skillDocumentCandidates(link.text);
  if (link.role === "context") return [`${link.text}/SKILL.md`];
  return [link.text];
}

function collect(live: LiveDocument): FileLink[] {
  const found: FileLink[] = [];
  const add = (
    role: FileLink["role"],
    path: DocumentPath,
    about: { start?: string; node?: string; runner?: string | null } = {},
  ): void => {
    const element = live.source.element(path);
    if (element === null || element.form !== "string" || element.text === null || element.text === "") return;
    const start = about.start === undefined ? null : live.source.element([...path.slice(0, -1), about.start]);
    const split = role === "document" && /\.(?:ya?ml|md)#/i.test(element.text) ? splitRunner(element.text) : null;
    const text = split?.folder ?? element.text;
    const span = valueSpan(live, element, 0, element.text.length);
    if (span === null) return;
    found.push({
      role,
      text,
      start: split?.runner ?? start?.text ?? null,
      startRange: start === null ? null : rangeOf(live, start),
      node: about.node ?? null,
      runner: about.runner ?? null,
      span,
      range: live.lines.range(span[0], span[1]),
    });
  };
  for (const { graph, runner } of live.graphs) {
    for (const node of graph.nodes) {
      const start = node.kind === "skill" ? "runner" : "start";
      for (const { role, at } of node.files) add(role, at.path, { start, node: node.id, runner });
      const context = [...node.at, "context_skills"];
      for (const index of live.source.element(context)?.children ?? [])
        add("context", [...context, index], { node: node.id, runner });
    }
  }
  const { what } = live;
  if (what.document === "graph" && what.dialect === "workflow")
    add("policy", [...workflowBase(live), "policy", "rego", "file"]);
  if (what.document === "fixture") {
    const [key, start] = what.dialect === "workflow" ? ["document", "start"] : ["target", "runner"];
    add("document", [key], { start });
  }
  return found.sort((a, b) => a.span[0] - b.span[0]);
}

function rangeOf(live: LiveDocument, element: SourceElement): Range | null {
  const span = element.text === null ? null : valueSpan(live, element, 0, element.text.length);
  return span === null ? null : live.lines.range(span[0], span[1]);
}
