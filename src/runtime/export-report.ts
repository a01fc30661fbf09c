/** Reports of an export: the verdict in words, and the graph drawn from the document that the run pinned. */
import { mermaid } from "../draw/text.ts";
import type { Graph } from "../graph/model.ts";
import { envelopeText } from "../receipts/export/attestation.ts";
import { htmlReport, type Pictures } from "../receipts/export/html.ts";
import { markdownReport } from "../receipts/export/markdown.ts";
import { reportOf, type Report } from "../receipts/export/report.ts";
import { treeVerdict } from "../receipts/verdict.ts";
import type { VerifyOptions } from "../receipts/verify-one.ts";
import { parseDocument, sha256 } from "./documents.ts";
import { pinnedDocument, type Exported } from "./export.ts";
import { verifyExport } from "./verify.ts";

export const exportFormats = ["json", "dsse", "html", "md"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** The file's text in a format. */
export async function exportText(made: Exported, format: ExportFormat, options: VerifyOptions): Promise<string> {
  if (format === "json") return made.bundle;
  if (format === "dsse") return envelopeText(made.read.envelope);
  const graph = await graphOf(made);
  const report = reportFor(made, options);
  if (format === "md") return markdownReport(report, graph === null ? null : mermaid(graph));
  return htmlReport(report, graph === null ? null : await picturesOf(graph));
}

function reportFor({ read }: Exported, options: VerifyOptions): Report {
  return reportOf({
    statement: read.statement,
    verdict: treeVerdict(verifyExport(read, null, options)),
    signer: read.envelope.signatures[0]?.keyid ?? "",
    disclosed: read.bundle?.disclosed ?? [],
  });
}

/** The graph of the document that the run names, if its pinned text is there and is what its digest says. */
async function graphOf({ folder, read }: Exported): Promise<Graph | null> {
  const { run } = read.statement.predicate;
  const root = run?.documents.find(({ role }) => role === "root");
  if (folder === null || root === undefined) return null;
  const bytes = await pinnedDocument(folder, root.digest);
  if (bytes === null || sha256(bytes) !== root.digest) return null;
  return parseDocument(Buffer.from(bytes).toString("utf8"), run?.document ?? root.name).graph;
}

async function picturesOf(graph: Graph): Promise<Pictures> {
  const { pictureOf } = await import("./canvas/picture.ts");
  const name = graph.name === "" ? "the graph" : graph.name;
  return {
    light: await pictureOf(graph, "light"),
    dark: await pictureOf(graph, "dark"),
    alt: `The graph ${name}: ${graph.nodes.map(({ id }) => id).join(", ")}`,
  };
}
