/** What stands for a node that cannot be read, so that it can be drawn and nobody else is blamed for it. */
import type { DocumentPath } from "../../graph/diagnostic.ts";
import type { Node } from "../../graph/model.ts";

/** A node of which only the id is known. Of its kind, `""`, nothing is. */
export function unreadNode(id: string, index: number, at: DocumentPath): Node {
  return {
    id,
    index,
    kind: "",
    label: null,
    fields: {},
    retry: null,
    onError: "stop",
    inDoubt: "pause",
    idempotencyKey: null,
    references: [],
    files: [],
    group: null,
    when: null,
    after: [],
    at,
  };
}
