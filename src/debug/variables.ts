/**
 * What a debugging client shows of an instant: scopes, variables, and their changes (spec/editor.md §5).
 *
 * Boundary: pure. Values are those of the history, masked where they were secret. References live until the next stop,
 * as the protocol wants; an answer holds at most {@link MAX_CHILDREN} members.
 */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { isArray, isObject, object, sortedKeys, toText, type Value } from "../graph/value.ts";

/** A member of a scope or a value. */
export interface Shown {
  readonly name: string;
  readonly value: Value;
  /** The expression that gives it. */
  readonly expression: string | null;
  /** The node's output that it is or is part of, and the way down in it; null for what cannot be changed. */
  readonly output: { readonly frame: string; readonly node: string; readonly path: readonly string[] } | null;
  /** Said instead of the value: this is no variable, but a word about those that are not listed. */
  readonly note?: string;
}

/** Most members of one answer. */
export const MAX_CHILDREN = 1000;
const PREVIEW = 200;
/** Most values that can be opened at one stop; one that is beyond is shown in one line only. */
const MAX_REFERENCES = 200_000;

/** References of one stop. */
export class Variables {
  private readonly lists: (readonly Shown[] | (() => readonly Shown[]))[] = [];

  /** Forgets everything: the run goes on. */
  clear(): void {
    this.lists.length = 0;
  }

  /** A reference to a list that is made when it is asked for; 0 when there are too many. */
  list(of: readonly Shown[] | (() => readonly Shown[])): number {
    return this.lists.length >= MAX_REFERENCES ? 0 : this.lists.push(of);
  }

  /** The members behind a reference; null for one that is not known any more. */
  members(reference: number): readonly Shown[] | null {
    const found = this.lists[reference - 1];
    if (found === undefined) return null;
    const made = typeof found === "function" ? found() : found;
    this.lists[reference - 1] = made;
    return made;
  }

  /** A variable as the protocol shows it. */
  variable(shown: Shown): DebugProtocol.Variable {
    const { value } = shown;
    return {
      name: shown.name,
      value: shown.note ?? preview(value),
      ...(shown.note === undefined ? { type: typeText(value) } : {}),
      variablesReference: this.reference(shown),
      ...(isArray(value) ? { indexedVariables: value.length } : {}),
      ...(shown.expression === null ? {} : { evaluateName: shown.expression }),
      ...(shown.output === null ? { presentationHint: { attributes: ["readOnly"] } } : {}),
    };
  }

  /** A reference to what is in a value; 0 for what holds nothing. */
  reference(shown: Shown): number {
    const { value } = shown;
    const holds = isArray(value) ? value.length > 0 : isObject(value) && sortedKeys(value).length > 0;
    return holds ? this.list(() => childrenOf(shown)) : 0;
  }
}

function childrenOf({ value, expression, output }: Shown): readonly Shown[] {
  const child = (name: string, item: Value): Shown => ({
    name,
    value: item,
    expression: expression === null ? null : `${expression}.${name}`,
    output: output === null ? null : { ...output, path: [...output.path, name] },
  });
  if (isArray(value)) return value.map((item, index) => child(String(index), item));
  if (isObject(value)) return sortedKeys(value).map((key) => child(key, value[key] ?? null));
  return [];
}

/** A word about members that are not listed. */
export function moreOf(count: number, which: string): Shown {
  const note = `${count} more${which}, which a watch or the console shows by name`;
  return { name: "…", value: null, expression: null, output: null, note };
}

/** A value in one line. */
export function preview(value: Value): string {
  const text = toText(value);
  return text.length <= PREVIEW ? text : `${text.slice(0, PREVIEW)}…`;
}

/** The type of a value, with its size. */
export function typeText(value: Value): string {
  if (value === null) return "null";
  if (isArray(value)) return `array of ${value.length}`;
  if (isObject(value)) return "object";
  if (typeof value === "bigint") return "integer";
  if (typeof value === "number") return "float";
  return typeof value === "boolean" ? "boolean" : "string";
}

/**
 * `value` with the member at `path` replaced, or added to an object that lacks it; undefined when there can be no such
 * member.
 */
export function withMember(value: Value, path: readonly string[], made: Value): Value | undefined {
  const [name, ...rest] = path;
  if (name === undefined) return made;
  if (isArray(value)) {
    const at = Number(name);
    const inner = withMember(value[at] ?? null, rest, made);
    return inner === undefined || !(at < value.length) ? undefined : value.map((item, i) => (i === at ? inner : item));
  }
  if (!isObject(value)) return undefined;
  const inner = withMember(Object.hasOwn(value, name) ? (value[name] ?? null) : object(), rest, made);
  return inner === undefined ? undefined : object({ ...value, [name]: inner });
}
