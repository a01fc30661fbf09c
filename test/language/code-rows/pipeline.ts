/** Codes of pipelines. */
import { sample } from "../../dialects/pipeline/support.ts";
import { change, type Row } from "./row.ts";

const of = (code: string, from: string, to: string): Row => change(code, "spec.kv", sample, from, to);
const identities = Array.from({ length: 3 }, (_, i) => {
  const before = `single_ring.stages.${i + 2}`;
  return `${before}.id=s${i}\n${before}.stage=identity\n${before}.depends_on.count=1\n${before}.depends_on.0=${i + 1}\n`;
});

export const pipelineRows: readonly Row[] = [
  of("kv_bom", "v=1", "‹\ufeff›v=1"),
  of("kv_encoding", "notify-order", "a‹\ud800›b"),
  of("kv_cr", "notify-order\n", "notify-order‹›\r\n"),
  of("kv_blank_line", "name=", "‹›\nname="),
  of("kv_comment", "name=", "‹# who›\nname="),
  change("kv_final_newline", "spec.kv", sample, "depends_on.0=0\n", "depends_on.0=0‹›"),
  of("kv_no_equals", "name=", "‹hello›\nname="),
  of("kv_key", "name=", "‹N›ame="),
  of("kv_index", "stages.1.id", "stages.‹01›.id"),
  of("kv_value", "notify-order", "notify-order‹ ›"),
  of("kv_integer", "shards=1", "shards=‹+1›"),
  of("kv_duplicate_key", "name=", "‹model›=single_ring\nname="),
  of("kv_unknown_key", "name=", "‹nmae›=x\nname="),
  of("kv_missing_key", "single_ring.producer=single\n", "‹›"),
  of("kv_gap", "1.depends_on.count=1", "1.depends_on.count=‹2›"),
  of("kv_order", "model=single_ring\nname=notify-order", "name=notify-order\n‹model›=single_ring"),
  of("kv_version", "v=1", "v=‹01›"),
  of("kv_model", "=single_ring", "=‹lane_graph›"),
  of("pipeline_name", "name=notify-order", "name=‹›"),
  of("pipeline_stage_id", "1.id=notify", "1.id=‹a.b›"),
  of("pipeline_ordering", "ordering=strict", "ordering=‹strcit›"),
  of("pipeline_producer", "producer=single", "producer=‹multi›"),
  of("pipeline_scheduling", "scheduling=dedicated", "scheduling=‹shared›"),
  of("pipeline_shards", "shards=1", "shards=‹2›"),
  of("pipeline_depends_on", "depends_on.0=0", "depends_on.0=‹1›"),
  of("stage_key_family", "stage=identity", "stage=‹identiy›"),
  of("stage_key_url", "http_post:https:", "http_post:ftp:"),
  of("stage_key_exec", "stage=identity", "stage=exec:‹›"),
  {
    code: "pipeline_depends_on_missing",
    file: "spec.kv",
    bad: sample.replace(/single_ring\.stages\.1\.depends.*\n/g, ""),
    good: sample,
    files: {},
  },
  { code: "pipeline_many_stages", file: "spec.kv", bad: sample + identities.join(""), good: sample, files: {} },
];
