import { describe, expect, it } from "vitest";
import { checkSchema } from "../../src/kinds/json-schema.ts";
import { json } from "./driver.ts";

describe("users' JSON Schemas", () => {
  it.each([
    ["{}", "1"],
    ["true", "null"],
    ['{"type":"integer"}', "1.0"],
    ['{"$schema":"http://json-schema.org/draft-06/schema#","const":1}', "1"],
    ['{"$schema":"http://json-schema.org/draft-07/schema#","if":{"type":"string"},"then":{"minLength":2}}', '"ab"'],
    ['{"$schema":"https://json-schema.org/draft/2019-09/schema","dependentRequired":{"a":["b"]}}', '{"a":1,"b":2}'],
    ['{"$schema":"https://json-schema.org/draft/2020-12/schema","prefixItems":[{"type":"string"}]}', '["a",1]'],
    ['{"format":"date"}', '"2024-02-29"'],
    ['{"x-unknown":true}', "1"],
  ])("%s accepts %s", (schema, value) => {
    expect(checkSchema(schema, json(value))).toEqual({ status: "valid" });
  });

  it.each([
    ['{"type":"string"}', "1", "$ must be string"],
    ['{"enum":["a","b"]}', '"c"', '$ must be equal to one of the allowed values ("a", "b")'],
    ['{"items":{"properties":{"n":{"minimum":2}}}}', '[{"n":1}]', "/0/n must be >= 2"],
    ['{"format":"date"}', '"2023-02-29"', '$ must match format "date"'],
    ['{"additionalProperties":false}', '{"z":1}', "$ must NOT have additional properties (`z`)"],
    [
      '{"$schema":"https://json-schema.org/draft/2020-12/schema","prefixItems":[{"type":"string"}]}',
      "[1]",
      "/0 must be string",
    ],
    ["false", "1", "$ boolean schema is false"],
    ['{"required":["a"]}', '{"__proto__":1}', "$ must have required property 'a'"],
  ])("%s refuses %s", (schema, value, error) => {
    expect(checkSchema(schema, json(value))).toEqual({ status: "invalid", errors: [error] });
  });

  it("names every violation", () => {
    const verdict = checkSchema('{"required":["a","b"]}', json("{}"));
    expect(verdict).toMatchObject({ errors: [expect.stringContaining("'a'"), expect.stringContaining("'b'")] });
  });

  it.each([
    ["{", "not_json"],
    ["[]", "not_schema"],
    ['{"type":"thing"}', "not_schema"],
    ['{"$ref":"other.json"}', "not_schema"],
    ['{"pattern":"("}', "not_schema"],
    ['{"$schema":"http://json-schema.org/draft-04/schema#"}', "not_schema"],
    ['{"$schema":1}', "not_schema"],
  ])("%s cannot be used", (schema, status) => {
    expect(checkSchema(schema, json("1"))).toMatchObject({ status, message: expect.stringMatching(/./) as string });
  });

  it("gives the same verdict again, also after many other schemas", () => {
    const first = checkSchema('{"type":"string"}', json("1"));
    for (let i = 0; i < 40; i++) checkSchema(`{"minimum":${i}}`, json("1"));
    expect(checkSchema('{"type":"string"}', json("1"))).toEqual(first);
  });
});
