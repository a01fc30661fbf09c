/** A digest or a name with a button that copies it. */
import { tell } from "./host.ts";
import { words } from "./words.ts";

/** See the header. */
export function Copied({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <span className="copied">
      <code>{text}</code>
      <button
        type="button"
        className="copy"
        aria-label={words.copy(label)}
        title={words.copy(label)}
        onClick={() => {
          tell({ type: "copy", text });
        }}
      >
        <span className="codicon codicon-copy" aria-hidden="true" />
      </button>
    </span>
  );
}
