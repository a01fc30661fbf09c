/** Pieces of a form: fields, sections, lists and tables of names, each committed by itself as one edit. */
import { useId, useState, type KeyboardEvent, type ReactNode } from "react";
import { visibleText } from "../../src/graph/visible.ts";
import { intend } from "../actions.ts";
import { Shown } from "../Shown.tsx";
import { keepTyping } from "../typing.ts";
import { words } from "../words.ts";
import { Doc } from "./Doc.tsx";
import { Field } from "./Field.tsx";
import { HiddenNote } from "./HiddenNote.tsx";
import type { FieldPath, FormField, FormList, FormNames, FormPart, FormSection } from "./form.ts";

/** Whose form it is, and whether it may be edited. */
export interface FormOwner {
  /** The node or start; null for the document. */
  readonly element: string | null;
  readonly disabled: boolean;
  /** What a field gave in the last run. */
  preview(field: FormField): string | null;
}

/** Sets a value, or removes its key. */
export function commitAt(element: string | null, path: FieldPath, text: string | null): void {
  if (text === null) intend({ type: "remove-field", element, path: [...path] });
  else intend({ type: "set-field", element, path: [...path], value: text });
}

/** One piece. `label`: its name for those who do not see where it stands. `bare`: an item of a list. */
export function PartView({
  part,
  owner,
  label = part.key,
  bare = false,
}: {
  readonly part: FormPart;
  readonly owner: FormOwner;
  readonly label?: string;
  readonly bare?: boolean;
}) {
  switch (part.part) {
    case "field":
      return (
        <Field
          field={part}
          element={owner.element}
          disabled={owner.disabled}
          label={label}
          bare={bare}
          preview={owner.preview(part)}
          commit={(text) => {
            commitAt(owner.element, part.path, text);
          }}
        />
      );
    case "section":
      return <Section part={part} owner={owner} />;
    case "list":
      return part.ofTables ? <Tables part={part} owner={owner} /> : <Values part={part} owner={owner} />;
    case "names":
      return <Names part={part} owner={owner} />;
  }
}

function Problems({ part }: { readonly part: FormPart }) {
  return part.problems.map((problem) => (
    <p key={problem} className="problem">
      <Shown text={problem} />
    </p>
  ));
}

/**
 * A box with a title that can be closed; what says something is open. The button that removes it stands beside the
 * title and not in it, for a title is a button itself: behind it in the order of the keys, and there when it is closed.
 */
function Box({
  part,
  owner,
  children,
}: {
  readonly part: FormSection | FormList | FormNames;
  readonly owner: FormOwner;
  readonly children: ReactNode;
}) {
  const begins = part.written !== null || part.path.length === 1;
  const [{ open, begun }, toggle] = useState({ open: begins, begun: begins });
  if (begun !== begins) toggle({ open: begins, begun: begins });
  const remove = part.written !== null && !part.required && (
    <button
      type="button"
      className="remove"
      disabled={owner.disabled}
      title={visibleText(words.removeField(part.key))}
      aria-label={visibleText(words.removeField(part.key))}
      onClick={() => {
        commitAt(owner.element, part.path, null);
      }}
    >
      <i className="codicon codicon-trash" aria-hidden />
    </button>
  );
  return (
    <div className={`section-box${remove === false ? "" : " removable"}`}>
      <details
        className={`section${part.known ? "" : " unknown"}`}
        open={open}
        onToggle={(event) => {
          toggle({ open: event.currentTarget.open, begun: begins });
        }}
      >
        <summary>
          <Shown className="section-title" text={part.key} />
          {part.required && <span className="required"> {words.required}</span>}
        </summary>
        {open && remove}
        {part.doc !== "" && (
          <p className="doc">
            <Doc text={part.doc} />
          </p>
        )}
        <Problems part={part} />
        <div className="section-parts">{children}</div>
      </details>
      {!open && remove}
    </div>
  );
}

function Section({ part, owner }: { readonly part: FormSection; readonly owner: FormOwner }) {
  return (
    <Box part={part} owner={owner}>
      {part.parts.map((one) => (
        <PartView key={one.key} part={one} owner={owner} />
      ))}
    </Box>
  );
}

/** Plain values, one below the other, with an empty field for the next one. */
function Values({ part, owner }: { readonly part: FormList; readonly owner: FormOwner }) {
  const id = useId();
  return (
    <div className={`field list${part.known ? "" : " unknown"}`} role="group" aria-labelledby={id}>
      <span className="label" id={id}>
        <Shown text={part.key} />
        {part.required && <span className="required"> {words.required}</span>}
      </span>
      {part.items.map((item, i) => (
        <PartView key={String(item.path.at(-1))} part={item} owner={owner} label={words.item(part.key, i + 1)} bare />
      ))}
      <NewItem
        label={words.addTo(part.key)}
        disabled={owner.disabled}
        add={(text) => {
          const value = part.fresh === '""' ? JSON.stringify(text) : text;
          intend({ type: "add-item", element: owner.element, path: [...part.path], value });
        }}
        problem={(text) => (part.fresh === '""' || /^-?[0-9]+(?:\.[0-9]+)?$/.test(text) ? null : words.noNumber)}
      />
      <p className="doc">
        <Doc text={part.doc} />
      </p>
      <Problems part={part} />
    </div>
  );
}

/** Tables, each with its own fields. */
function Tables({ part, owner }: { readonly part: FormList; readonly owner: FormOwner }) {
  return (
    <Box part={part} owner={owner}>
      {part.items.map((item) => (
        <PartView key={String(item.path.at(-1))} part={item} owner={owner} />
      ))}
      <button
        type="button"
        className="add"
        disabled={owner.disabled}
        onClick={() => {
          intend({ type: "add-item", element: owner.element, path: [...part.path], value: part.fresh });
        }}
      >
        <i className="codicon codicon-add" aria-hidden /> <Shown text={words.addTo(part.key)} />
      </button>
    </Box>
  );
}

/** A table whose keys the author names, with an empty field for the next name. */
function Names({ part, owner }: { readonly part: FormNames; readonly owner: FormOwner }) {
  return (
    <Box part={part} owner={owner}>
      {part.items.map((item) => (
        <PartView key={item.key} part={{ ...item, required: false }} owner={owner} />
      ))}
      <NewItem
        label={words.newName(part.key)}
        disabled={owner.disabled}
        add={(name) => {
          commitAt(owner.element, [...part.path, name], part.fresh);
        }}
        problem={(name) => (part.items.some((one) => one.key === name) ? words.sameName : null)}
      />
    </Box>
  );
}

/** A field that adds what is typed in it, on Enter or when it is left, and is empty again. */
function NewItem({
  label,
  disabled,
  add,
  problem,
}: {
  readonly label: string;
  readonly disabled: boolean;
  readonly add: (text: string) => void;
  readonly problem: (text: string) => string | null;
}) {
  const [draft, setDraft] = useState("");
  const wrong = draft === "" ? null : problem(draft);
  const done = (): void => {
    if (draft === "" || wrong !== null) return;
    setDraft("");
    add(draft);
  };
  const keys = (event: KeyboardEvent<HTMLInputElement>): void => {
    keepTyping(event);
    if (event.key === "Escape") {
      setDraft("");
      document.querySelector<HTMLElement>(".canvas")?.focus();
    }
    if (event.key !== "Enter") return;
    event.preventDefault();
    done();
  };
  return (
    <div className="field bare new-item">
      <input
        type="text"
        aria-label={visibleText(label)}
        placeholder={visibleText(label)}
        disabled={disabled}
        spellCheck={false}
        value={draft}
        aria-invalid={wrong !== null}
        onChange={(event) => {
          setDraft(event.target.value);
        }}
        onKeyDown={keys}
        onBlur={done}
      />
      {wrong !== null && <p className="doc problem">{wrong}</p>}
      <HiddenNote text={draft} />
    </div>
  );
}
