/**
 * Repairs of TOML documents: workflows, fixtures and configuration.
 */
import type { Fix } from "../../../graph/diagnostic.ts";
import type { TextEdit } from "../../edits/edit.ts";
import type { LiveDocument } from "../../live/live.ts";
import { readToml } from "../toml.ts";
import { workflowBase } from "./plan.ts";
import { TomlEditor } from "./toml-editor.ts";

/** Edits that carry `fix` out, unfinished. Throws `Refusal`. */
export function repairToml(document: LiveDocument, fix: Fix): TextEdit[] {
  const base = workflowBase(document);
  const editor = new TomlEditor(document.text, document.source, base);
  switch (fix.type) {
    case "replace":
      return editor.replaceText(fix.at, fix.text);
    case "remove":
      return editor.remove([fix.at.path]);
    case "set":
      return editor.set([...fix.at.path, fix.key], fix.value);
    case "append": {
      const table = [...base, ...fix.table.split(".")];
      if (fix.table === "policy") return editor.set(table, fix.entries);
      return editor.insert(table, Object.entries(fix.entries), null);
    }
  }
}

/** The text is TOML. */
export function tomlReads(text: string): boolean {
  return readToml(text).ok;
}
