/**
 * Findings of static validation: built in one place so that texts, codes and places stay together.
 */
import type { Diagnostic, Fix, Place, Related } from "../../graph/diagnostic.ts";
import type { Graph } from "../../graph/model.ts";
import { suggest } from "../../graph/suggest.ts";
import type { WorkflowCode } from "./codes.ts";

/** A suggestion compares with every name of the document; a document with more wrong names gets no more of them. */
const MAX_SUGGESTIONS = 50;

/** The findings of one graph, in order. */
export class Findings {
  readonly graph: Graph;
  readonly list: Diagnostic[] = [];
  private suggestions = 0;

  constructor(graph: Graph) {
    this.graph = graph;
  }

  add(code: WorkflowCode, at: Place, message: string, more: { related?: Related[]; fixes?: Fix[] } = {}): void {
    const { related = [], fixes = [] } = more;
    this.list.push({
      code,
      severity: "error",
      message,
      file: this.graph.file,
      at,
      ...(related.length > 0 ? { related } : {}),
      ...(fixes.length > 0 ? { fixes } : {}),
    });
  }

  /** Offers the nearest of `names` instead of the string value at `at`; after many such questions, nothing. */
  replacement(name: string, names: Iterable<string>, at: Place): Fix[] {
    if (this.suggestions++ >= MAX_SUGGESTIONS) return [];
    const near = suggest(name, names);
    if (near === null) return [];
    return [{ type: "replace", title: `Change to \`${near}\``, at, text: near }];
  }

  /** A place of the same document that explains a finding. */
  related(message: string, at: Place): Related {
    return { message, file: this.graph.file, at };
  }
}
