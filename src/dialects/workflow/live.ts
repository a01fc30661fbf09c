/**
 * TOML documents while they are being typed: workflows, and the places and syntax of fixtures and configuration.
 *
 * A text is cut into sections at its headers. Each is read by itself and kept for the next text, so that a keystroke
 * costs the section it is in, and the putting together (spec/editor.md §4).
 */
import { isWorkflowText, mayBeWorkflow, workflowGraph } from "../detect.ts";
import type { LiveDocument, OpenAs } from "../live/live.ts";
import { TextLines } from "../live/text-lines.ts";
import type { AnyKind } from "../../kinds/define.ts";
import { newMemory, type NodeRows } from "./live/entries.ts";
import { judge, syntaxFindings } from "./live/judge.ts";
import { recoverWorkflow } from "./live/recover.ts";
import type { CutToml } from "./live/merge.ts";
import { TomlTree } from "./live/tree.ts";
import { NodeReader } from "./nodes.ts";

/** What the reading of a text leaves for that of the next one. */
interface Former {
  readonly cut: CutToml;
  readonly rows: NodeRows | null;
}

/** Makes the function that reads TOML texts. */
export function tomlLive(options: { readonly kinds: readonly AnyKind[] }): OpenAs {
  const nodes = new NodeReader(options.kinds);
  const memory = newMemory();
  const formers = new WeakMap<LiveDocument, Former>();
  return (text, file, known, previous) => {
    if (known === null && !mayBeWorkflow(text)) return null;
    const former = (previous && formers.get(previous)) ?? null;
    const toml = judge(text, former?.cut ?? null);
    const { sections, merged, accepted } = toml;
    if (known === null && !isWorkflowText(text, accepted ? toml.table : null)) return null;
    const what = known ?? workflowGraph;
    const lines = new TextLines(text);
    const source = new TomlTree(sections, merged, lines);
    const syntax = syntaxFindings(text, file, lines, toml.faults);
    const base = { file, text, what, lines, source };
    let document: LiveDocument = { ...base, graphs: [], findings: syntax, accepted };
    let rows: NodeRows | null = null;
    if (what.document === "graph") {
      const read = recoverWorkflow(toml, file, nodes, memory, former?.rows ?? null);
      const { graph, whole, unsure } = read;
      const graphs = graph === null ? [] : [{ runner: null, graph, whole, ...(unsure.size === 0 ? {} : { unsure }) }];
      document = { ...base, graphs, findings: [...syntax, ...read.findings], accepted: whole };
      ({ rows } = read);
    }
    formers.set(document, { cut: { sections, merged }, rows });
    return document;
  };
}
