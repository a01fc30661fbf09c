/**
 * Intent or repair -> text edits: the one place that chooses the dialect (spec/editor.md §2).
 *
 * Boundary: pure and synchronous. Nothing is thrown; a document that a front end could read can still be read
 * afterwards, or the edits are not given.
 */
import type { Fix } from "../../graph/diagnostic.ts";
import type { LiveDocument } from "../live/live.ts";
import { pipelineReads, planPipeline } from "../pipeline/edits/plan.ts";
import { planSkill, repairYaml, yamlReads } from "../skill/edits/plan.ts";
import { planWorkflow } from "../workflow/edits/plan.ts";
import { repairToml, tomlReads } from "../workflow/edits/repair.ts";
import { applyEdits, finished, type TextEdit } from "./edit.ts";
import type { EditPlan, Intent } from "./intent.ts";
import { Refusal } from "./refusal.ts";

/** The smallest edits of the document's text that do what `intent` says. */
export function planEdits(document: LiveDocument, intent: Intent): EditPlan {
  switch (syntaxOf(document)) {
    case "toml":
      return guarded(document, () => planWorkflow(document, intent));
    case "yaml":
      return guarded(document, () => planSkill(document, intent));
    case "kv":
      return guarded(document, () => planPipeline(document, intent));
  }
}

/** The smallest edits that carry out a repair that a diagnostic of this document offers. */
export function applyFix(document: LiveDocument, fix: Fix): EditPlan {
  switch (syntaxOf(document)) {
    case "toml":
      return guarded(document, () => repairToml(document, fix));
    case "yaml":
      return guarded(document, () => repairYaml(document, fix));
    case "kv":
      return guarded(document, () => {
        if (fix.type === "replace")
          return planPipeline(document, { type: "replace-text", place: fix.at, text: fix.text });
        throw new Refusal("edit_not_expressible", "a pipeline's lines are only replaced by repairs");
      });
  }
}

type Syntax = "toml" | "yaml" | "kv";

function syntaxOf({ what }: LiveDocument): Syntax {
  if (what.document === "config") return "toml";
  if (what.document === "skill") return "yaml";
  return what.dialect === "workflow" ? "toml" : what.dialect === "skill" ? "yaml" : "kv";
}

const reads: Readonly<Record<Syntax, (document: LiveDocument, text: string) => boolean>> = {
  toml: (_document, text) => tomlReads(text),
  yaml: yamlReads,
  kv: (_document, text) => pipelineReads(text),
};

function guarded(document: LiveDocument, plan: () => TextEdit[]): EditPlan {
  try {
    const edits = finished(document.text, plan());
    const readable = reads[syntaxOf(document)];
    const wasReadable = document.accepted || readable(document, document.text);
    if (wasReadable && !readable(document, applyEdits(document.text, edits)))
      throw new Refusal("edit_unsafe", "this change would leave a text that cannot be read, so it is not made");
    return { ok: true, edits };
  } catch (problem) {
    if (problem instanceof Refusal) return { ok: false, code: problem.code, message: problem.message };
    throw problem;
  }
}
