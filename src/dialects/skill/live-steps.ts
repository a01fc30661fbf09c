/**
 * Compiles steps of a document that is being typed: unchanged ones once, broken ones as stubs.
 *
 * A step depends on its own value and, of what stands before it, on the answers it asked for; both are compared.
 * Invariant: with what is remembered the result is that of compiling anew.
 */
import type { Diagnostic, DocumentPath } from "../../graph/diagnostic.ts";
import type { Node } from "../../graph/model.ts";
import { isObject, type ObjectValue } from "../../graph/value.ts";
import { Reader, type Cursor } from "./reader.ts";
import type { Earlier } from "./step-inputs.ts";
import { compileStep, type StepCompiler } from "./step.ts";

interface Remembered {
  readonly path: DocumentPath;
  readonly label: string;
  readonly asked: readonly (readonly [id: string, answer: string | null | undefined])[];
  readonly node: Omit<Node, "index"> | null;
  readonly findings: readonly Diagnostic[];
}

/** Compiled steps by their values, which never change and stay the same objects as long as their texts do. */
export type StepMemory = WeakMap<ObjectValue, Remembered>;

/** A way to compile the steps of one text. */
export class Steps {
  readonly memory: StepMemory;
  /** Some broken step does not even show its id, so nobody can say which ids there are. */
  lost = false;
  private readonly holes: ReadonlySet<string>;

  constructor(memory: StepMemory, holes: readonly DocumentPath[]) {
    this.memory = memory;
    this.holes = new Set(holes.map(pathKey));
  }

  readonly compile: StepCompiler = (reader, cursor, earlier, kinds) => {
    if (this.holes.size > 0 && this.holes.has(pathKey(cursor.path))) {
      const node = compileStep(new Reader(""), cursor, earlier, kinds);
      if (node === null) this.lost = true;
      return node === null ? null : stub(node);
    }
    const { value } = cursor;
    const known = isObject(value) ? this.memory.get(value) : undefined;
    if (known !== undefined && isSamePlace(known, cursor) && same(known, earlier)) {
      reader.findings.push(...known.findings);
      return known.node;
    }
    const asked = new Map<string, string | null | undefined>();
    const watched: Earlier = {
      has: (id) => {
        asked.set(id, answer(earlier, id));
        return earlier.has(id);
      },
      get: (id) => {
        asked.set(id, answer(earlier, id));
        return earlier.get(id);
      },
    };
    const first = reader.findings.length;
    const node = compileStep(reader, cursor, watched, kinds);
    const findings = reader.findings.slice(first);
    const { path, label } = cursor;
    if (isObject(value)) this.memory.set(value, { path, label, asked: [...asked], node, findings });
    return node;
  };
}

/** The fan-out group of an earlier step, null for none; undefined where there is no such step. */
function answer(earlier: Earlier, id: string): string | null | undefined {
  return earlier.has(id) ? (earlier.get(id) ?? null) : undefined;
}

function isSamePlace(known: Remembered, { label, path }: Cursor): boolean {
  if (known.label !== label || known.path.length !== path.length) return false;
  for (let i = path.length - 1; i >= 0; i--) if (known.path[i] !== path[i]) return false;
  return true;
}

function same(known: Remembered, earlier: Earlier): boolean {
  for (const [id, was] of known.asked) if (answer(earlier, id) !== was) return false;
  return true;
}

/** A step of which only the id, the group and the references are believed. */
function stub(node: Omit<Node, "index">): Omit<Node, "index"> {
  return { ...node, kind: "", fields: {}, retry: null, inDoubt: "pause", idempotencyKey: null };
}

function pathKey(path: DocumentPath): string {
  // Names may hold anything, so that joining them alone would mix them up.
  return path.map((name) => (typeof name === "number" ? `${name}` : JSON.stringify(name))).join(".");
}
