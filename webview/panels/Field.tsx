/** One field of a form. It keeps its own undo while it is focused, and commits on Enter or when it is left. */
import { useId, useRef, useState, type ChangeEvent, type KeyboardEvent } from "react";
import { signsIn, visibleText } from "../../src/graph/visible.ts";
import { nextRequest } from "../actions.ts";
import { tell } from "../host.ts";
import { Shown } from "../Shown.tsx";
import { pageState } from "../state.ts";
import { keepTyping } from "../typing.ts";
import { words } from "../words.ts";
import { Doc } from "./Doc.tsx";
import { jsonOf, problemOf, textOf, withOffer } from "./draft.ts";
import { fileRoles, type FormField } from "./form.ts";
import { HiddenNote } from "./HiddenNote.tsx";
import { OfferList, useOfferList } from "./OfferList.tsx";

/** Roles of fields in which nothing can be offered. */
const plainRoles: ReadonlySet<string | null> = new Set([null, "text", "id"]);

/** See the header. `commit` takes JSON text, or null to remove the key. */
export function Field({
  field,
  disabled,
  commit,
  element = null,
  preview = null,
  label = field.key,
  bare = false,
}: {
  readonly field: FormField;
  readonly disabled: boolean;
  /** The node or start that it belongs to, for completion; null for the document and for edges. */
  readonly element?: string | null;
  /** What it gave in the last run. */
  readonly preview?: string | null;
  readonly commit: (text: string | null) => void;
  /** Its name for those who do not see where it stands. */
  readonly label?: string;
  /** An item of a list, which has no name and no words of its own. */
  readonly bare?: boolean;
}) {
  const id = useId();
  const shown = textOf(field);
  const [draft, setDraft] = useState<string | null>(null);
  // What stood there when the draft was begun: a draft is not written over what somebody else has put there since.
  const [over, setOver] = useState(shown);
  const type = (text: string): void => {
    if (draft === null) setOver(shown);
    setDraft(text);
  };
  const changedBelow = draft !== null && over !== shown && draft !== shown;
  const [focused, setFocused] = useState(false);
  // A choice that is walked through by keys is one edit, made when it is left; one that is clicked is made at once.
  const byKeys = useRef(false);
  const value = draft ?? shown;
  const wrong = draft === null ? null : changedBelow ? words.changedBelow(shown) : problemOf(field, draft);
  const box = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const asks = !plainRoles.has(field.role);
  const offers = useOfferList(asks ? element : null, field, (insert) => {
    type(withOffer(field, value, insert));
    box.current?.focus();
  });
  const done = (text = draft): void => {
    offers.close();
    if (text === null) return;
    if (text === shown) return setDraft(null);
    if (changedBelow || problemOf(field, text) !== null) return;
    setDraft(null);
    commit(jsonOf(field, text));
  };
  const keys = (event: KeyboardEvent<HTMLElement>): void => {
    // Undo and the canvas's keys belong to the field while one types in it.
    keepTyping(event);
    byKeys.current = true;
    if (offers.key(event)) {
      event.preventDefault();
      return;
    }
    if (event.key === "Escape") {
      setDraft(null);
      document.querySelector<HTMLElement>(".canvas")?.focus();
    }
    if (event.key.toLowerCase() === "s" && (event.ctrlKey || event.metaKey) && draft !== null) {
      // Saving means what is seen, so the draft goes into the document first.
      event.preventDefault();
      event.stopPropagation();
      done();
      tell({ type: "save" });
    }
    if (event.key === "Enter" && (field.type !== "multiline" || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      done();
    }
  };
  const left = (): void => {
    setFocused(false);
    done();
  };
  const typed = (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>): void => {
    type(event.target.value);
    if (asks) offers.ask(event.target.value.slice(0, event.target.selectionStart ?? undefined));
  };
  const notes = [bare ? null : `${id}-doc`, signsIn(value).length === 0 ? null : `${id}-hidden`];
  const described = notes.filter((one) => one !== null).join(" ");
  const common = {
    id,
    disabled,
    onKeyDown: keys,
    onFocus: () => {
      setFocused(true);
    },
    ...(bare ? { "aria-label": visibleText(label) } : {}),
    ...(described === "" ? {} : { "aria-describedby": described }),
    "aria-invalid": wrong !== null || field.problems.length > 0,
  };
  const combo = asks
    ? { role: "combobox", "aria-expanded": offers.open, "aria-controls": `${id}-offers`, autoComplete: "off" }
    : {};
  const removable = field.written !== null && field.role !== "id" && (bare || !field.required);
  return (
    <div className={`field${field.known ? "" : " unknown"}${bare ? " bare" : ""}`}>
      {!bare && (
        <label htmlFor={id}>
          <Shown text={label} />
          {field.required && <span className="required"> {words.required}</span>}
        </label>
      )}
      {field.type === "boolean" ? (
        <input
          {...common}
          type="checkbox"
          checked={(value === "" ? (field.fallback ?? "") : value) === "true"}
          onChange={(event) => {
            commit(String(event.target.checked));
          }}
        />
      ) : field.type === "choice" ? (
        <select
          {...common}
          value={value}
          onPointerDown={() => {
            byKeys.current = false;
          }}
          onBlur={left}
          onChange={(event) => {
            if (byKeys.current) type(event.target.value);
            else done(event.target.value);
          }}
        >
          {field.options.includes(value) ? null : (
            <option value={value}>{value === "" ? (field.fallback ?? "") : value}</option>
          )}
          {field.options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      ) : field.type === "multiline" || field.type === "json" ? (
        <textarea
          {...common}
          {...combo}
          ref={box}
          rows={Math.min(12, value.split("\n").length + 1)}
          value={value}
          spellCheck={false}
          onBlur={left}
          onChange={typed}
        />
      ) : (
        <input
          {...common}
          {...combo}
          ref={box}
          type="text"
          inputMode={field.type === "text" ? "text" : "numeric"}
          placeholder={field.fallback ?? ""}
          value={value}
          spellCheck={false}
          onBlur={left}
          onChange={typed}
        />
      )}
      <OfferList id={`${id}-offers`} list={offers} />
      {field.role !== null && fileRoles.has(field.role) && element !== null && (
        <button
          type="button"
          className="remove"
          disabled={disabled}
          title={words.pickFile}
          aria-label={visibleText(`${words.pickFile}: ${label}`)}
          onClick={() => {
            const names = field.path.map(String);
            tell({
              ...{ type: "pickFile", request: nextRequest(), baseVersion: pageState().version },
              ...{ node: element, path: names, role: field.role ?? "" },
            });
          }}
        >
          <i className="codicon codicon-folder-opened" aria-hidden />
        </button>
      )}
      {removable && (
        <button
          type="button"
          className="remove"
          disabled={disabled}
          title={visibleText(words.removeField(label))}
          aria-label={visibleText(words.removeField(label))}
          onClick={() => {
            commit(null);
          }}
        >
          <i className="codicon codicon-trash" aria-hidden />
        </button>
      )}
      {preview !== null && (
        <p className="preview">
          {words.preview}{" "}
          <code>
            <Shown text={preview} />
          </code>
        </p>
      )}
      <HiddenNote id={`${id}-hidden`} text={value} />
      {(!bare || wrong !== null || field.problems.length > 0) && (
        <p id={`${id}-doc`} className="doc">
          {wrong !== null ? (
            <span className="problem">
              <Shown text={wrong} />
            </span>
          ) : field.known ? (
            <Doc text={field.doc} />
          ) : (
            words.unknownKey
          )}
          {focused && field.type === "multiline" && draft !== null && <span> {words.commitLines}</span>}
          {field.problems.map((problem) => (
            <span key={problem} className="problem">
              {" "}
              <Shown text={problem} />
            </span>
          ))}
        </p>
      )}
    </div>
  );
}
