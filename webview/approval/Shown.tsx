/** Text of a document or a run: always text, with what would hide or reorder it shown as a sign. */
import { visibleParts } from "../../src/graph/visible.ts";
import { words } from "./words.ts";

/** See the header. */
export function Shown({ text }: { readonly text: string }) {
  return (
    <bdi>
      {visibleParts(text).map((part, i) =>
        part.sign ? (
          <span key={i} className="sign" title={words.sign(part.text)}>
            {part.text}
          </span>
        ) : (
          part.text
        ),
      )}
    </bdi>
  );
}

/** A digest, which can be broken anywhere. */
export function Digest({ text }: { readonly text: string }) {
  return <code className="digest">{text}</code>;
}
