/** References of a template's markers, with their places. */
import type { NodeReference } from "../../src/graph/model.ts";
import { templateParts } from "../../src/graph/template.ts";

/** One reference for each marker. */
export function collectMarkers(
  text: string,
  path: readonly (string | number)[],
  role: "input" | "secret",
): NodeReference[] {
  return templateParts(text).flatMap((part): NodeReference[] => {
    if (part.type === "text") return [];
    const within = { from: part.from, to: part.to };
    const name = role === "secret" ? part.key.replace(/^secret:/, "").trim() : part.key;
    return [{ role, text: name, at: { path, part: "value", within }, optional: true }];
  });
}
