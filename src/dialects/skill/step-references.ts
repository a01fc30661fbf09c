/** What a step reads and which files it names, with their places (DESIGN.md "Diagnostics"). */
import { bindingPath } from "../../kinds/step/bindings.ts";
import type { Condition, FileReference, NodeReference } from "../../graph/model.ts";
import { templateParts } from "../../graph/template.ts";
import { isArray, isObject } from "../../graph/value.ts";
import { at, type Cursor } from "./reader.ts";
import type { NodeFields } from "./source.ts";

/** Everything in a step that reads from elsewhere, for checks, rename and the canvas. */
export function stepReferences(
  cursor: Cursor,
  kind: string,
  raw: Readonly<Record<string, unknown>>,
  context: Readonly<Record<string, string>> | undefined,
  when: Condition | null,
): NodeReference[] {
  const found: NodeReference[] = [];
  for (const [key, text] of Object.entries(context ?? {})) {
    found.push({
      role: "context",
      text,
      at: { path: [...cursor.path, "context", key], part: "value" },
      optional: false,
    });
  }
  if (when !== null && when.field.includes(".")) {
    found.push({
      role: "context",
      text: when.field,
      at: { path: [...when.at, "field"], part: "value" },
      optional: true,
    });
  }
  inputReferences(at(cursor, "inputs"), found);
  if (kind === "cli-tool") argReferences([...cursor.path, "run", "args"], raw["args"], found);
  if (kind === "stage" && typeof raw["input_from"] === "string") {
    const place = { path: [...cursor.path, "run", "input_from"], part: "value" } as const;
    found.push({ role: "context", text: raw["input_from"], at: place, optional: false });
  }
  return found;
}

function inputReferences(cursor: Cursor, found: NodeReference[]): void {
  const { value } = cursor;
  if (typeof value === "string") {
    const path = bindingPath(value);
    if (path === null) return;
    found.push({ role: "input", text: path, at: { path: cursor.path, part: "value" }, optional: true });
  } else if (isArray(value)) value.forEach((_, i) => inputReferences(at(cursor, i), found));
  else if (isObject(value)) for (const key of Object.keys(value)) inputReferences(at(cursor, key), found);
}

/** Markers in the arguments of a tool. */
export function argReferences(path: readonly (string | number)[], args: unknown, found: NodeReference[]): void {
  if (!Array.isArray(args)) return;
  args.forEach((arg: unknown, i) => {
    if (typeof arg !== "string") return;
    for (const part of templateParts(arg)) {
      if (part.type !== "marker" || part.key.startsWith("env.")) continue;
      const place = { path: [...path, i], part: "value", within: { from: part.from, to: part.to } } as const;
      found.push({ role: "input", text: part.key, at: place, optional: true });
    }
  });
}

/** The skill that a step runs. */
export function stepFiles(cursor: Cursor, target: NodeFields): FileReference[] {
  const text = target.kind === "skill" ? target.fields["reference"] : undefined;
  return typeof text === "string"
    ? [{ role: "skill", text, at: { path: [...cursor.path, "skill"], part: "value" } }]
    : [];
}
