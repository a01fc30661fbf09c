/**
 * What a bundle knows of the files that nodes name, for the checks over a graph (DESIGN.md "Diagnostics", files).
 * Pure; the same for `validate` and the language server.
 */
import type { CheckContext } from "../graph/checks/check.ts";
import { parseJson } from "../graph/json.ts";
import type { Graph } from "../graph/model.ts";
import type { Bundle } from "./bundle.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Looks files up for the graphs of `bundle`; `root` may be another reading of its root document. */
export function fileFacts(bundle: Bundle, root: Graph): NonNullable<CheckContext["files"]> {
  const keys = new Map<Graph, string>([[root, bundle.root]]);
  for (const { key, graph } of bundle.entries.values()) if (graph !== null) keys.set(graph, key);
  return (_node, reference, graph) => {
    const link = bundle.links.get(keys.get(graph) ?? "")?.get(reference.text);
    if (link === undefined) return null;
    if (typeof link !== "string") {
      const missing = link.problem === "read" && link.message.includes("No such file or directory");
      return missing ? { exists: false } : { exists: true, problem: link.message };
    }
    const entry = bundle.entries.get(link);
    if (reference.role === "schema" && entry !== undefined && !isJson(entry.bytes))
      return { exists: true, problem: "it is not JSON", key: link };
    return { exists: true, graph: entry?.graph ?? null, key: link };
  };
}

function isJson(bytes: Uint8Array): boolean {
  try {
    return parseJson(utf8.decode(bytes)).ok;
  } catch {
    // Not UTF-8, and so no JSON either (RFC 8259 §8.1).
    return false;
  }
}
