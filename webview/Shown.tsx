/**
 * Text of a document or a run: always text, with what would hide or reorder it shown as a sign. All pages share it. Where
 * no element can stand, in titles and labels of elements, `visibleText` says the same.
 */
import { visibleParts } from "../src/graph/visible.ts";
import "./shown.css";

/** See the header. What is around it does not change its direction, nor it theirs. */
export function Shown({
  text,
  className,
  title,
}: {
  readonly text: string;
  readonly className?: string;
  readonly title?: string;
}) {
  return (
    <bdi className={className} title={title}>
      {visibleParts(text).map((part, i) =>
        part.sign ? (
          <span key={i} className="sign" title={signTitle(part.text)}>
            {part.text}
          </span>
        ) : (
          part.text
        ),
      )}
    </bdi>
  );
}

function signTitle(sign: string): string {
  return `a character that is not seen: ${sign}`;
}
