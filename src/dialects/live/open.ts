/**
 * Opens any of our documents for an editor: the one place that chooses who reads a text (spec/editor.md §1).
 *
 * Boundary: pure.
 */
import type { AnyKind } from "../../kinds/define.ts";
import type { Association } from "../associations.ts";
import { detect, detectByName, isToml, isYaml, type Detected } from "../detect.ts";
import { pipelineLive } from "../pipeline/live.ts";
import { skillLive } from "../skill/live.ts";
import { workflowCodes } from "../workflow/codes.ts";
import { tomlLive } from "../workflow/live.ts";
import type { LiveDocument, OpenLive } from "./live.ts";
import type { SourceTree } from "./source.ts";
import { TextLines } from "./text-lines.ts";

/** What reading needs. */
export interface LiveOptions {
  /** The kinds that nodes may have. */
  readonly kinds: readonly AnyKind[];
  /** What files are by configuration, which wins over their names and texts. */
  readonly associated?: Association;
}

/** Longer texts, in UTF-16 units, are only said to be too long. */
export const MAX_LIVE_LENGTH = 10 * 1024 * 1024;

/** How much of a longer text is looked at to see what it is. */
const GLANCE = 100_000;

/** Gives the function that opens texts. */
export function createOpenLive(options: LiveOptions): OpenLive {
  const kinds = new Map(options.kinds.map((kind) => [kind.kind, kind]));
  const toml = tomlLive(options);
  const skill = skillLive({ kinds: (kind) => kinds.get(kind) });
  const pipeline = pipelineLive({ kinds: (kind) => kinds.get(kind) });
  return (text, file, previous = null) => {
    const before = previous?.file === file ? previous : null;
    const told = options.associated?.(file);
    if (told === null) return null;
    if (text.length > MAX_LIVE_LENGTH) {
      const what = told ?? detect(file, text.slice(0, GLANCE));
      return what === null ? null : tooLarge(text, file, what);
    }
    const named = told ?? detectByName(file);
    if (named?.document === "graph" && named.dialect === "pipeline") return pipeline(text, file, named);
    // Whether a file without a known name is ours is seen while it is read: a second reading would cost as much again.
    if (told?.document === "graph" ? told.dialect === "workflow" : isToml(file)) return toml(text, file, named, before);
    return named !== null || isYaml(file) ? skill(text, file, named, before) : null;
  };
}

/** A text of which nothing is read. */
function tooLarge(text: string, file: string, what: Detected): LiveDocument {
  // Nobody asks for places in it but the beginning.
  const lines = new TextLines("");
  const at = lines.range(0, 0);
  const severity = workflowCodes.document_too_large.severity;
  const size = (text.length / (1024 * 1024)).toFixed(1);
  const message = `this document has ${size} million characters; an editor's features end at ${MAX_LIVE_LENGTH / (1024 * 1024)} million`;
  const source: SourceTree = {
    element: (path) =>
      path.length > 0
        ? null
        : { path, key: null, header: null, value: null, form: "other", text: null, extent: [0, 0], children: [] },
    at: () => ({ path: [], part: "space", replace: [0, 0], string: null, table: null }),
    span: () => [0, 0],
    range: () => at,
  };
  const findings = [{ code: "document_too_large", severity, message, file, at }];
  return { file, text, what, lines, source, graphs: [], findings, accepted: false };
}
