/**
 * What may be done about one finding: the repairs that it brings, those of its code's families, and what silences it.
 *
 * Invariants: nothing is offered where the text around the place is broken, because nobody could say what an edit would do
 * there; the same finding of the same document has the same offers in the same order, so that one can be found again when
 * its edits are asked for.
 */
import type { Span } from "../../src/dialects/live/source.ts";
import type { DocumentPath, Fix } from "../../src/graph/diagnostic.ts";
import type { Checked } from "../checker.ts";
import type { Session } from "../feature.ts";
import type { Finding } from "../findings.ts";
import { rootPath } from "../schema/names.ts";
import type { Snapshot } from "../workspace.ts";
import { aboutOf, type Offer } from "./about.ts";
import { familiesOf } from "./families.ts";
import { silence } from "./silence.ts";

/** Most offers for one finding. */
const MAX_OFFERS = 12;

/** Codes of texts that could not be taken apart. */
const syntaxCodes: ReadonlySet<string> = new Set([
  "config_syntax",
  "document_too_large",
  "nested_too_deeply",
  "skill_front_matter",
  "skill_yaml_ambiguous",
  "skill_yaml_duplicate_key",
  "skill_yaml_limit",
  "skill_yaml_marker",
  "skill_yaml_merge",
  "skill_yaml_reference",
  "skill_yaml_syntax",
  "toml_syntax",
]);

/** Everything that is offered for a finding of `checked`. */
export async function offersFor(session: Session, checked: Checked, finding: Finding): Promise<readonly Offer[]> {
  const { snapshot } = checked;
  if (syntaxCodes.has(finding.code)) return [];
  const about = aboutOf(session, snapshot, finding);
  if (isBroken(snapshot, checked.findings, about.path)) return [];
  const offers = own(snapshot, finding.fixes ?? []);
  for (const family of familiesOf(finding.code)) offers.push(...(await family(about)));
  offers.push(...(await silence(about)));
  const seen = new Set<string>();
  return offers.filter(({ title }) => seen.size < seen.add(title).size).slice(0, MAX_OFFERS);
}

/** A name that was nearly right is wrong in one way only; everything else is the author's to choose. */
function own({ live }: Snapshot, fixes: readonly Fix[]): Offer[] {
  const possible = fixes.filter((fix) => {
    // A key cannot be given the name of one that stands beside it.
    if (fix.type !== "replace" || fix.at.part !== "key") return true;
    return live.source.element([...fix.at.path.slice(0, -1), fix.text]) === null;
  });
  const replacements = possible.filter(({ type }) => type === "replace").length;
  return possible.map((fix) => ({
    title: fix.title,
    change: { type: "repair", fix },
    preferred: fix.type === "replace" && replacements === 1,
  }));
}

/** True when a syntax error is in the construct that a path is in. */
export function isBroken({ live }: Snapshot, findings: readonly Finding[], path: DocumentPath): boolean {
  if (live.accepted) return false;
  const errors = findings.filter(({ code }) => syntaxCodes.has(code));
  if (errors.length === 0) return false;
  const [from, to] = constructOf(live.source, rootPath(live).length, path);
  return errors.some(({ at }) => live.lines.offset(at.start) <= to && live.lines.offset(at.end) >= from);
}

/** The node, edge or other item of a list that a path is in; else its root key. */
function constructOf(source: Snapshot["live"]["source"], base: number, path: DocumentPath): Span {
  const item = path.findIndex((key, i) => i > base && typeof key === "number");
  return source.span({ path: path.slice(0, item < 0 ? base + 1 : item + 1), part: "construct" });
}
