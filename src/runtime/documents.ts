/**
 * Documents of all dialects for whoever runs, checks or describes them: one parser for any file, loading with
 * everything a document names, and diagnostics with ranges.
 */
import { hash } from "node:crypto";
import path from "node:path";
import type { Bundle } from "../dialects/bundle.ts";
import { detect } from "../dialects/detect.ts";
import type { DialectFrontEnd, ParsedDocument } from "../dialects/document.ts";
import { loadBundle, reloadBundle, type LoadOptions, type LoadResult } from "../dialects/load.ts";
import { createPipelineFrontEnd } from "../dialects/pipeline/front-end.ts";
import {
  createSkillFrontEnd,
  skillDocumentCandidates,
  skillDocumentKey,
  splitSkillDocument,
} from "../dialects/skill/front-end.ts";
import { mutatingRetries } from "../dialects/skill/retries.ts";
import { createWorkflowFrontEnd } from "../dialects/workflow/front-end.ts";
import type { Digest } from "../effects/seam.ts";
import { checkPolicy } from "../governance/static/check.ts";
import { isRange, type Diagnostic, type LocatedDiagnostic, type Locator, type Range } from "../graph/diagnostic.ts";
import type { Dialect, Graph } from "../graph/model.ts";
import { definitions, kindDefinition } from "../kinds/definitions.generated.ts";
import { localFiles } from "./files.ts";
import { policyFileFindings } from "./policy-code.ts";

/** SHA-256 as the whole program writes it. */
export const sha256: Digest = (data) => `sha256:${hash("sha256", data)}`;

const frontEnds: Readonly<Record<Dialect, DialectFrontEnd>> = {
  workflow: createWorkflowFrontEnd({ kinds: definitions }),
  skill: createSkillFrontEnd({ kinds: kindDefinition }),
  pipeline: createPipelineFrontEnd({ kinds: kindDefinition }),
};

/** The dialect of a file that somebody named: what it says it is, else what its name suggests. */
export function dialectOf(file: string, text: string): Dialect {
  const { file: name } = splitSkillDocument(file);
  const found = detect(name, text);
  if (found !== null && found.document === "graph") return found.dialect;
  if (found !== null && found.document === "skill") return "skill";
  const extension = path.extname(name).toLowerCase();
  if (extension === ".kv") return "pipeline";
  return extension === ".yaml" || extension === ".yml" || extension === ".md" ? "skill" : "workflow";
}

/** Parses a text in the dialect of its file. */
export function parseDocument(text: string, file: string): ParsedDocument {
  return frontEnds[dialectOf(file, text)].parse(text, file);
}

/** What the engine refuses: the dialect's own checks, and policy entries that could never mean what they say. */
export function validateGraph(graph: Graph): readonly Diagnostic[] {
  return [...frontEnds[graph.dialect].validate(graph), ...checkPolicy(graph)];
}

/** How every document is loaded; only where files come from differs. */
export const loading: Omit<LoadOptions, "files"> = {
  inspect: (bundle) => [...mutatingRetries(bundle), ...policyFileFindings(bundle)],
  digest: sha256,
  parse: parseDocument,
  validate: validateGraph,
  candidates: (reference) => (reference.role === "skill" ? skillDocumentCandidates(reference.text) : [reference.text]),
  entryKey: (reference, key) => (reference.role === "skill" ? skillDocumentKey(key, reference.text) : key),
};

/** Loads a document and everything it names from disk. */
export function loadDocument(file: string, cwd: string): Promise<LoadResult> {
  return loadBundle(file, { ...loading, files: localFiles(cwd) });
}

/** The same from the documents that a run pinned when it started. */
export function loadPinned(
  root: string,
  pinned: readonly {
    readonly key: string;
    readonly role: Bundle["entries"] extends ReadonlyMap<string, infer E>
      ? E extends { role: infer R }
        ? R
        : never
      : never;
    readonly bytes: Uint8Array;
  }[],
  cwd: string,
): Promise<LoadResult> {
  return reloadBundle(root, pinned, loading, (reference, from) => localFiles(cwd).resolve(reference, from));
}

/** Where the parts of a text stand; the text may be of any dialect. */
export function locatorOf(text: string, file: string): Locator {
  return frontEnds[dialectOf(file, text)].locator(text);
}

/** Diagnostics with ranges. `textOf` gives a file's text; a file without text keeps its first line as the place. */
export function locate(
  diagnostics: readonly Diagnostic[],
  textOf: (file: string) => string | null,
): LocatedDiagnostic[] {
  const locators = new Map<string, Locator | null>();
  return diagnostics.map((diagnostic) => ({
    ...diagnostic,
    at: rangeOf(diagnostic.at, diagnostic.file),
    related: (diagnostic.related ?? []).map((one) => ({ ...one, at: rangeOf(one.at, one.file) })),
  }));

  function rangeOf(at: Diagnostic["at"], file: string): Range {
    if (isRange(at)) return at;
    if (!locators.has(file)) {
      const text = textOf(file);
      locators.set(file, text === null ? null : locatorOf(text, file));
    }
    return locators.get(file)?.range(at) ?? { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  }
}
