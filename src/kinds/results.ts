/**
 * Reads the results of effects as the performers in `src/connect` give them. A result of another shape is a defect of
 * the program, not of the graph: class `internal`.
 */
import { failure, NodeFailure } from "../graph/failure.ts";
import { isObject, member, typeName, type Value } from "../graph/value.ts";

/** The member `key` of an effect's result. */
export function resultMember(result: Value, key: string): Value {
  const found = isObject(result) ? member(result, key) : undefined;
  return found === undefined ? wrong(key, "nothing") : found;
}

/** As {@link resultMember}, a string. */
export function resultText(result: Value, key: string): string {
  const found = resultMember(result, key);
  return typeof found === "string" ? found : wrong(key, typeName(found));
}

/** As {@link resultMember}, an integer. */
export function resultInteger(result: Value, key: string): bigint {
  const found = resultMember(result, key);
  return typeof found === "bigint" ? found : wrong(key, typeName(found));
}

/** As {@link resultMember}, a boolean. */
export function resultFlag(result: Value, key: string): boolean {
  const found = resultMember(result, key);
  return typeof found === "boolean" ? found : wrong(key, typeName(found));
}

function wrong(key: string, got: string): never {
  throw new NodeFailure(failure("internal", `the effect's result has ${got} as \`${key}\``));
}
