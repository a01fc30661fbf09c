/**
 * The codes of the pipeline dialect's own diagnostics, each with the sentence that documents it
 * (spec/pipeline.md §3). `kv_` codes say that the text is no `spec.kv` (exit code 2), `pipeline_` codes that it is one
 * and must not run (exit code 5).
 */
import type { Severity } from "../../graph/diagnostic.ts";

/** What is known of a code. */
export interface PipelineCode {
  readonly severity: Severity;
  readonly text: string;
}

const error = (text: string): PipelineCode => ({ severity: "error", text });

/** Every code of the dialect. */
export const pipelineCodes = {
  kv_bom: error("The file begins with a byte order mark; a canonical file has none."),
  kv_encoding: error("A line is not UTF-8 text."),
  kv_cr: error("A line ends in a carriage return; lines end in LF alone."),
  kv_blank_line: error("A blank line; a canonical file has none."),
  kv_comment: error("A comment; a canonical file has none."),
  kv_final_newline: error("The last line does not end in LF."),
  kv_no_equals: error("A line has no `=` between key and value."),
  kv_key: error("A key is not made of segments of a-z, 0-9 and `_`, joined by single dots."),
  kv_index: error("An array index has leading zeros."),
  kv_value: error("A value holds a character that it may not hold, or begins or ends with a space."),
  kv_integer: error("A value that must be a whole number is none."),
  kv_duplicate_key: error("A key stands twice."),
  kv_unknown_key: error("The profile has no key of this name."),
  kv_missing_key: error("A key that the profile needs is not there."),
  kv_gap: error("An array has a gap: its indexes count from 0 without holes."),
  kv_order: error("A line stands in another place than the profile's order gives it; `countersign fmt` puts it right."),
  kv_version: error("The file is of another version than this program reads."),
  kv_model: error("The file is of another model than `single_ring`."),
  kv_noncanonical: error("The bytes differ from the canonical form of what they say."),
  pipeline_name: error("The pipeline's name is empty."),
  pipeline_stage_id: error("A stage's id is malformed, or stands twice."),
  pipeline_ordering: error("The ordering is none of the supported ones."),
  pipeline_producer: error("The producer is none of the supported ones."),
  pipeline_scheduling: error("The scheduling is none of the supported ones."),
  pipeline_shards: error("The number of shards does not fit the ordering."),
  pipeline_depends_on: error("Dependencies must be strictly increasing, without duplicates, and point backwards."),
  pipeline_depends_on_missing: error("A stage other than the first must say what it depends on."),
  stage_key_family: error("A stage's key belongs to no family: `http_post:<url>`, `exec:PROGRAM|ARG|…` or `identity`."),
  stage_key_url: error("The URL of an `http_post` stage is not an absolute http(s) URL, or holds what it may not."),
  stage_key_exec: error("The program or an argument of an `exec` stage holds what it may not."),
  pipeline_many_stages: {
    severity: "warning",
    text: "There are more than four stages, which the profile byteor-v1 does not allow; this program does.",
  },
} as const satisfies Readonly<Record<string, PipelineCode>>;
