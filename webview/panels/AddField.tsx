/** The fields that are not there yet: a button that lists them with what they are for; typing finds one. */
import { useId, useRef, useState, type KeyboardEvent } from "react";
import { keepTyping } from "../typing.ts";
import { words } from "../words.ts";
import { Doc } from "./Doc.tsx";
import type { FormPart } from "./form.ts";

/** See the header. `add` is told the key of the field that is chosen. */
export function AddField({ parts, add }: { readonly parts: readonly FormPart[]; readonly add: (key: string) => void }) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const [wanted, want] = useState("");
  const [active, activate] = useState(0);
  const button = useRef<HTMLButtonElement>(null);
  const found = parts.filter((part) => part.key.includes(wanted.trim().toLowerCase()));
  const close = (): void => {
    setOpen(false);
    want("");
    activate(0);
  };
  const choose = (part: FormPart | undefined): void => {
    if (part === undefined) return;
    close();
    add(part.key);
  };
  const keys = (event: KeyboardEvent<HTMLInputElement>): void => {
    keepTyping(event);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      activate((active + step + found.length) % Math.max(1, found.length));
    } else if (event.key === "Enter") choose(found[active]);
    else if (event.key === "Escape") {
      close();
      button.current?.focus();
    } else return;
    event.preventDefault();
  };
  return (
    <div
      className="add-field"
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) close();
      }}
    >
      <button
        ref={button}
        type="button"
        className="add"
        aria-expanded={open}
        onClick={() => {
          if (open) close();
          else setOpen(true);
        }}
      >
        <i className="codicon codicon-add" aria-hidden /> {words.addField}
      </button>
      {open && (
        <>
          <input
            autoFocus
            type="text"
            role="combobox"
            aria-expanded
            aria-controls={id}
            aria-activedescendant={`${id}-${active}`}
            aria-label={words.addField}
            placeholder={words.searchFields}
            spellCheck={false}
            value={wanted}
            onChange={(event) => {
              want(event.target.value);
              activate(0);
            }}
            onKeyDown={keys}
          />
          <ul id={id} className="choices" role="listbox" aria-label={words.addField}>
            {found.map((part, i) => (
              <li
                key={part.key}
                id={`${id}-${i}`}
                role="option"
                aria-selected={i === active}
                ref={(item) => {
                  if (i === active) item?.scrollIntoView({ block: "nearest" });
                }}
                onMouseDown={(event) => {
                  // The search keeps the focus, so that the list stays open until it is chosen from.
                  event.preventDefault();
                }}
                onClick={() => {
                  choose(part);
                }}
              >
                <strong>{part.key}</strong>
                <span className="doc">
                  <Doc text={part.doc} />
                </span>
              </li>
            ))}
            {found.length === 0 && <li className="hint">{words.noFields}</li>}
          </ul>
        </>
      )}
    </div>
  );
}
