/** Names of starts: of this document, of the one that a fixture tests, and of a child that is named beside. */
import type { Start } from "../../src/graph/model.ts";
import { declaredNames } from "../schema/where.ts";
import { rootPath } from "../schema/names.ts";
import { graphAt } from "../schema/where.ts";
import { subjectOf, type Asked } from "./asked.ts";
import { inSlot, type Offer } from "./offer.ts";
import { Outputs } from "./outputs.ts";

/** Starts of the document itself. */
export async function ownStarts(asked: Asked): Promise<Offer[]> {
  const { live, path } = asked;
  if (live.what.document === "fixture") return offers(asked, (await subjectOf(asked, path))?.graph.starts ?? []);
  const starts = declaredNames(live, [...rootPath(live), "start_nodes"], "name").map(({ name, at }) => {
    const text = (key: string): string | null => live.source.element([...at, key])?.text ?? null;
    return { name, source: text("source") ?? "", entry: text("entry_node") };
  });
  return offers(asked, starts);
}

/** Starts of the child document whose name stands beside. */
export async function childStarts(asked: Asked): Promise<Offer[]> {
  const { session, document, live, path } = asked;
  const file = live.source.element([...path.slice(0, -1), "workflow"])?.text;
  const graph = graphAt(live, path)?.graph;
  if (typeof file !== "string" || graph === undefined) return [];
  const linked = await new Outputs(session, document, graph).child(file);
  if (linked !== null) return offers(asked, linked.starts);
  const [key] = session.workspace.files.resolve(file, document.key);
  const child = key === undefined ? null : await session.workspace.document(key);
  return offers(asked, child?.live.graphs[0]?.graph.starts ?? []);
}

function offers(
  { slot }: Asked,
  starts: readonly (Pick<Start, "name" | "entry"> & { readonly source: string })[],
): Offer[] {
  return starts.map(({ name, source, entry }) =>
    inSlot(slot, 0, slot.text.length, name, {
      kind: "variable",
      detail: entry === null ? source : `${source} → ${entry}`,
    }),
  );
}
