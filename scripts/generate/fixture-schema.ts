/** JSON Schema of `fixture.toml`, for editors of TOML, from the fixture's own schema (spec/workflow.md §19.1). */
import { fixtureFields } from "../../src/fixtures/model.ts";
import { fieldsSchema, type JsonSchema } from "../../src/kinds/form.ts";

/** The whole schema. */
export function fixtureSchema(): JsonSchema {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: "fixture.schema.json",
    title: "Fixture",
    description: "A test of a graph: how it is started, what stands in for the outside, what is expected of the run.",
    ...fieldsSchema(fixtureFields),
    anyOf: [{ required: ["start"] }, { required: ["document"] }],
  };
}
