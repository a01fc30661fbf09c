/**
 * What an effect gives when all went well and nothing more is known of it: what a doubt is answered with, and what
 * fixtures may leave out. The members are those that performers give. Pure.
 */
import type { Effect, EffectKind } from "../effects/effect.ts";
import { utf8Length } from "../graph/bytes.ts";
import { isObject, member, object, type MutableObject, type ObjectValue, type Value } from "../graph/value.ts";

/** Members that are the same for every effect of a kind; {@link completedResult} adds those that are not. */
export const ordinaryMembers: Readonly<Record<EffectKind, Readonly<Record<string, Value>>>> = {
  "fs.read": { content: "" },
  "fs.write": { bytes: 0n },
  "fs.mkdir": {},
  "env.read": { value: null },
  "http.request": { status: 200n, headers: object(), body: "", truncated: false },
  "shell.run": {
    exit_code: 0n,
    signal: null,
    stdout: "",
    stderr: "",
    truncated: false,
    timed_out: false,
    duration_ms: 0n,
  },
  "mcp.tool": { content: [], is_error: false, structured: null },
  "mcp.resource": { contents: [] },
  "model.call": { content: "", usage: object({ prompt_tokens: 0n, completion_tokens: 0n }) },
};

/** The member of a result whose UTF-8 length stands beside it as `bytes`. */
const countedMember: Readonly<Partial<Record<EffectKind, string>>> = { "fs.read": "content", "http.request": "body" };

/** A success of the effect with the members of `known`; what is left out is as usual. */
export function completedResult(effect: Effect, known: ObjectValue): ObjectValue {
  const made: MutableObject = object({ ...ordinaryMembers[effect.kind], ...own(effect), ...known });
  const bytes = countedBytes(effect.kind, made);
  if (bytes !== null && made["bytes"] === undefined) made["bytes"] = bytes;
  return made;
}

/** The length in bytes that a result of this kind has beside its text; null where there is none. */
export function countedBytes(kind: EffectKind, result: Value): bigint | null {
  const name = countedMember[kind];
  const text = name === undefined || !isObject(result) ? undefined : member(result, name);
  return typeof text === "string" ? BigInt(utf8Length(text)) : null;
}

function own(effect: Effect): Readonly<Record<string, Value>> {
  if (effect.kind === "shell.run") return { program: effect.program };
  if (effect.kind === "mcp.tool" || effect.kind === "mcp.resource") return { server: effect.server ?? "default" };
  return {};
}
