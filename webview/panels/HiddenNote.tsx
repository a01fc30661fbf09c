/**
 * A note under a field whose text holds characters that are not seen, or that reorder what is seen: in the field itself
 * the text is the document's, so they stand there as they are.
 */
import { signsIn } from "../../src/graph/visible.ts";
import { words } from "../words.ts";

/** See the header; nothing where all of the text is seen as it is. `id`: for the field that it describes. */
export function HiddenNote({ text, id }: { readonly text: string; readonly id?: string }) {
  const signs = signsIn(text);
  if (signs.length === 0) return null;
  return (
    <p {...(id === undefined ? {} : { id })} className="doc problem mark-warning">
      {words.hidden(signs)}
    </p>
  );
}
