import fc from "fast-check";
import { z } from "zod";
import { createPipelineFrontEnd } from "../../../src/dialects/pipeline/front-end.ts";
import type { PipelineSpec } from "../../../src/dialects/pipeline/schema.ts";
import { isRange, type Diagnostic } from "../../../src/graph/diagnostic.ts";
import { anyOutput, defineKind, plain, type AnyKind } from "../../../src/kinds/define.ts";

/** A `stage` kind as wide as the dialect needs; its behaviour is not under test here. */
export const stageKind: AnyKind = defineKind({
  kind: "stage",
  dialects: ["pipeline"],
  group: "step",
  summary: "A stage",
  docs: "",
  fields: z.strictObject({ key: z.string(), input_from: z.string().optional() }),
  effect: "mutate",
  ports: plain,
  output: anyOutput,
  example: "",
});

export const frontEnd = createPipelineFrontEnd({ kinds: (kind) => (kind === "stage" ? stageKind : undefined) });

/** The document of spec/pipeline.md §3. */
export const sample = `v=1
model=single_ring
name=notify-order
single_ring.shards=1
single_ring.ordering=strict
single_ring.producer=single
single_ring.scheduling=dedicated
single_ring.stages.0.id=fetch
single_ring.stages.0.stage=identity
single_ring.stages.0.depends_on.count=0
single_ring.stages.1.id=notify
single_ring.stages.1.stage=http_post:https://api.internal/orders?x=1
single_ring.stages.1.depends_on.count=1
single_ring.stages.1.depends_on.0=0
`;

/** A diagnostic's code, its line (from 1) and that line with the range between bars: `kv_key 3: |N|ame=x`. */
export function shown(diagnostic: Diagnostic, text: string): string {
  if (!isRange(diagnostic.at)) return `${diagnostic.code} ${JSON.stringify(diagnostic.at)}`;
  const { start, end } = diagnostic.at;
  const lines = text.split("\n").slice(start.line, end.line + 1);
  const last = lines.length - 1;
  lines[last] = `${lines[last]?.slice(0, end.character)}|${lines[last]?.slice(end.character)}`;
  lines[0] = `${lines[0]?.slice(0, start.character)}|${lines[0]?.slice(start.character)}`;
  return `${diagnostic.code} ${start.line + 1}: ${lines.join(" / ")}`;
}

/** A pipeline with one stage per entry: its key and its dependencies. */
export function pipeline(
  stages: readonly (readonly [key: string, dependsOn: readonly number[] | null])[],
): PipelineSpec {
  return {
    name: "p",
    shards: 1,
    ordering: "strict",
    producer: "single",
    scheduling: "dedicated",
    stages: stages.map(([stage, dependsOn], i) => ({ id: `s${i}`, stage, dependsOn })),
  };
}

const value = fc
  .oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("a=b", "identity", "exec:/bin/x|a b|", "é😀", "", "a\tb"))
  .map((text) => text.replace(/[\n\r\0]/g, "").replace(/^ +| +$/g, ""))
  .filter((text) => !/^ | $/.test(text));

const stage = fc.record({
  id: value,
  stage: value,
  dependsOn: fc.option(fc.array(fc.nat({ max: 1_000_000 }), { maxLength: 4 })),
});

/** Any spec that can be written, sensible or not. */
export const anySpec: fc.Arbitrary<PipelineSpec> = fc.record({
  name: value,
  shards: fc.nat(),
  ordering: value,
  producer: value,
  scheduling: value,
  stages: fc.array(stage, { minLength: 1, maxLength: 13 }),
});
