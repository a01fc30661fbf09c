/**
 * The keys of `spec.kv` (spec/pipeline.md §3), as a schema of names and docs; held against `rankOf` by
 * test/language/schema.test.ts.
 */
import { z } from "zod";
import { text, unsigned } from "../../src/kinds/define.ts";

const stage = z.strictObject({
  id: text("The stage's name: letters, digits, `_` and `-`."),
  stage: text("What it does: `identity`, `http_post:URL` or `exec:PROGRAM|ARG|…`."),
  depends_on: z
    .array(unsigned("u32", "Number of a stage that must end first."))
    .meta({ description: "Numbers of the stages that must end first, ascending; `count` says how many." })
    .optional(),
});

/** The whole file, as a tree of its dotted keys. */
export const pipelineRoot = z.strictObject({
  v: z.literal("1").meta({ description: "Version of the format." }),
  model: z.literal("single_ring").meta({ description: "The only model of the profile." }),
  name: text("The pipeline's name."),
  single_ring: z
    .strictObject({
      shards: unsigned("u32", "How many items go through at once; 1 for `strict`."),
      ordering: z.enum(["strict", "per_key"]).meta({ description: "In which order items come out." }),
      producer: z.literal("single").meta({ description: "Who puts items in." }),
      scheduling: z.literal("dedicated").meta({ description: "How stages get their time." }),
      stages: z.array(stage).meta({ description: "What is done, numbered from 0." }),
    })
    .meta({ description: "The ring." }),
});
