/**
 * The front end of the pipeline dialect: `spec.kv` -> Graph (spec/pipeline.md §3).
 *
 * Boundary: pure; kinds come as a table. Every parse problem has a range; a text with one gives no graph. Findings
 * that leave a readable pipeline are `validate`'s.
 */
import type { Diagnostic, DocumentPath } from "../../graph/diagnostic.ts";
import { noOperation, type Graph, type Node } from "../../graph/model.ts";
import { collectReferences, type AnyKind } from "../../kinds/define.ts";
import type { DialectFrontEnd, ParsedDocument } from "../document.ts";
import { kvError, lineRange, readLines, type KvLines } from "./lines.ts";
import { createLocator } from "./locator.ts";
import { readSpec, type PipelineSpec } from "./schema.ts";
import { PROFILE_STAGES, ringValue, stagePath, validatePipeline } from "./validate.ts";

/** What the front end needs from outside. */
export interface PipelineOptions {
  /** Looks a kind's definition up; the generated `kindDefinition`. */
  readonly kinds: (kind: string) => AnyKind | undefined;
}

/** The name of the one way into a pipeline. */
export const PIPELINE_START = "main";

/** The pipeline dialect's front end. */
export function createPipelineFrontEnd(options: PipelineOptions): DialectFrontEnd {
  return {
    dialect: "pipeline",
    parse: (text, file) => parse(text, file, options),
    validate: validatePipeline,
    locator: createLocator,
  };
}

function parse(text: string, file: string, options: PipelineOptions): ParsedDocument {
  const lines = readLines(text, file);
  const read = readSpec(lines, file, true);
  if (!read.ok) return { graph: null, diagnostics: read.problems };
  const nodes: Node[] = [];
  for (const index of read.spec.stages.keys()) {
    const node = compileStage(read.spec, index, options);
    if (typeof node === "string") {
      const at = createLocator(text).range({ path: [...stagePath(index), "stage"], part: "value" });
      return { graph: null, diagnostics: [kvError(file, "unknown_kind", node, at)] };
    }
    nodes.push(node);
  }
  const graph = pipelineGraph(read.spec, nodes, file);
  return { graph, diagnostics: profileWarnings(read.spec, lines, file) };
}

/** The graph of a spec whose nodes are made. */
export function pipelineGraph(spec: PipelineSpec, nodes: readonly Node[], file: string): Graph {
  return {
    dialect: "pipeline",
    name: spec.name,
    description: null,
    file,
    starts: [{ name: PIPELINE_START, source: "manual", entry: null, at: [] }],
    nodes,
    edges: [],
    groups: [],
    guards: [],
    policy: null,
    budget: null,
    secrets: [],
    mcpServers: [],
    backends: [],
    operation: { ...noOperation, server: ringValue(spec) },
  };
}

/** A node, or a sentence that says why the kind `stage` cannot hold it. */
function compileStage(spec: PipelineSpec, index: number, options: PipelineOptions): Node | string {
  const stage = spec.stages[index] as PipelineSpec["stages"][number];
  const kind = options.kinds("stage");
  if (kind === undefined) return "this program has no node kind `stage`, which pipelines are made of";
  // Only real positions: what points elsewhere is an error of `validate`, and nothing may follow it.
  const after = [...new Set(stage.dependsOn ?? [])].filter((one) => one < index);
  const first = after[0];
  const source = first === undefined ? "trigger" : (spec.stages[first] as PipelineSpec["stages"][number]).id;
  return stageNode(kind, { id: stage.id, key: stage.stage, source, index, after, at: stagePath(index) });
}

/** What a node of a pipeline is made of. */
export interface StageParts {
  readonly id: string;
  readonly key: string;
  /** Whose output it reads: a stage's id or `trigger`. */
  readonly source: string;
  readonly index: number;
  readonly after: readonly number[];
  readonly at: DocumentPath;
}

/** The node of one stage. */
export function stageNode(kind: AnyKind, { id, key, source, index, after, at }: StageParts): Node {
  const raw = { key, input_from: source };
  const fields = kind.fields.safeParse(raw);
  // A malformed key stays as it is written, for `validate` to name the rule that it breaks.
  return {
    id,
    index,
    kind: "stage",
    label: null,
    fields: fields.success ? fields.data : raw,
    retry: null,
    onError: "stop",
    inDoubt: "pause",
    idempotencyKey: null,
    // `input_from` follows from depends_on and stands nowhere in the text, so only files are taken over.
    references: [],
    files: collectReferences(kind.fields, raw, at).files,
    group: null,
    when: null,
    after,
    at,
  };
}

function profileWarnings(spec: PipelineSpec, lines: KvLines, file: string): readonly Diagnostic[] {
  if (spec.stages.length <= PROFILE_STAGES) return [];
  const key = `single_ring.stages.${PROFILE_STAGES}.id`;
  const entry = lines.entries.find((one) => one.key === key);
  const message = `${spec.stages.length} stages: the profile \`byteor-v1\` has at most ${PROFILE_STAGES}; this program runs them, others may not`;
  const at = entry === undefined ? lineRange(0, 0, 0) : lineRange(entry.line, 0, key.length);
  return [{ code: "pipeline_many_stages", severity: "warning", message, file, at }];
}
