/** Our findings and places in the protocol's words. */
import {
  DiagnosticSeverity,
  type Diagnostic as WireDiagnostic,
  type DiagnosticRelatedInformation,
} from "vscode-languageserver";
import { isRange, type Severity } from "../src/graph/diagnostic.ts";
import type { Checked } from "./checker.ts";
import { relatedKey, type Finding } from "./findings.ts";
import { uriOf } from "./uris.ts";
import { serverCodes } from "./codes.ts";
import { MAX_TEXT, type Workspace } from "./workspace.ts";

/** Our severities as the protocol numbers them. */
export const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
};

type Docs = (code: string) => string | null;

/** Findings that lead nowhere else, in the protocol's words: they stay the same objects while they stay where they are. */
const said = new WeakMap<Docs, WeakMap<Finding, WireDiagnostic>>();

/** Findings of one version for `textDocument/publishDiagnostics`. `docs` gives the page of a code, if there is one. */
export async function wireDiagnostics(checked: Checked, workspace: Workspace, docs: Docs): Promise<WireDiagnostic[]> {
  const known = said.get(docs) ?? new WeakMap<Finding, WireDiagnostic>();
  said.set(docs, known);
  const wire: WireDiagnostic[] = [];
  for (const finding of checked.findings) {
    if (finding.related !== undefined) {
      wire.push(wireDiagnostic(finding, await relatedPlaces(finding, checked, workspace), docs));
      continue;
    }
    const one = known.get(finding) ?? wireDiagnostic(finding, [], docs);
    known.set(finding, one);
    wire.push(one);
  }
  return wire;
}

function wireDiagnostic(finding: Finding, related: DiagnosticRelatedInformation[], docs: Docs): WireDiagnostic {
  const page = docs(finding.code);
  return {
    range: finding.at,
    severity: severities[finding.severity],
    source: "countersign",
    code: finding.code,
    ...(page === null ? {} : { codeDescription: { href: page } }),
    message: finding.message,
    ...(related.length === 0 ? {} : { relatedInformation: related }),
  };
}

/** Said of a document that is not read. `length` is its length in UTF-16 units. */
export function tooLongDiagnostic(length: number, docs: Docs): WireDiagnostic {
  const code = "document_too_large";
  const page = docs(code);
  const start = { line: 0, character: 0 };
  const size = (length / (1024 * 1024)).toFixed(1);
  return {
    range: { start, end: start },
    severity: severities[serverCodes[code].severity],
    source: "countersign",
    code,
    ...(page === null ? {} : { codeDescription: { href: page } }),
    message: `this document has ${size} MiB, and the language server reads at most ${MAX_TEXT / (1024 * 1024)}; use \`countersign validate\` to check it`,
  };
}

/** Related places, also in other files; what is no longer there points at the file's beginning. */
async function relatedPlaces(
  finding: Finding,
  { snapshot, bundles }: Checked,
  workspace: Workspace,
): Promise<DiagnosticRelatedInformation[]> {
  const places: DiagnosticRelatedInformation[] = [];
  for (const one of finding.related ?? []) {
    const key = bundles.map((bundle) => relatedKey(one, snapshot.live, bundle)).find((found) => found !== one.file);
    const file = (key ?? one.file).replace(/#[^/\\]*$/, "");
    const other = file === snapshot.key || file === snapshot.live.file ? snapshot : await workspace.document(file);
    const start = { line: 0, character: 0 };
    const range = isRange(one.at) ? one.at : (other?.live.source.range(one.at) ?? { start, end: start });
    places.push({ location: { uri: other?.uri ?? uriOf(file), range }, message: one.message });
  }
  return places;
}
