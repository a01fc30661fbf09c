/** Our coverage in VS Code's words: a node is a declaration and a statement, its out-edges are its branches. */
import * as vscode from "vscode";
import type { Range } from "../../graph/diagnostic.ts";
import type { FileCoverage } from "../../fixtures/coverage-report.ts";

/** The coverage of a file that carries its details, which VS Code asks for when the file is opened. */
export class GraphCoverage extends vscode.FileCoverage {
  readonly ours: FileCoverage;

  constructor(ours: FileCoverage) {
    const { nodes, edges } = ours.summary;
    const count = ({ covered, total }: typeof nodes): vscode.TestCoverageCount =>
      new vscode.TestCoverageCount(covered, total);
    super(vscode.Uri.file(ours.file), count(nodes), count(edges), count(nodes));
    this.ours = ours;
  }

  /** Everything in the file, in the order of the text. */
  details(): vscode.FileCoverageDetail[] {
    return this.ours.nodes.flatMap(({ name, at, visits, edges }) => {
      const branches = edges.map(
        ({ to, label, at: place, taken }) =>
          new vscode.BranchCoverage(taken, rangeOf(place), label === null ? `to ${to}` : `${label}, to ${to}`),
      );
      return [
        new vscode.DeclarationCoverage(name, visits, rangeOf(at)),
        new vscode.StatementCoverage(visits, rangeOf(at), branches),
      ];
    });
  }
}

/** A range as VS Code has it. */
export function rangeOf({ start, end }: Range): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}
