/** One field of a form. It keeps its own undo while it is focused, and commits on Enter or when it is left. */
import { useId, useState, type KeyboardEvent } from "react";
import { words } from "../words.ts";
import { nextRequest } from "../actions.ts";
import { tell } from "../host.ts";
import { keepTyping } from "../typing.ts";
import { Doc } from "./Doc.tsx";
import { fileRoles, type FormField } from "./form.ts";
import { useOffers } from "./offers.ts";

/** See the header. `commit` takes JSON text, or null to remove the key. */
export function Field({
  field,
  disabled,
  commit,
  node = null,
  preview = null,
}: {
  readonly field: FormField;
  readonly disabled: boolean;
  /** The node that it belongs to, for completion; null for fields of edges and names. */
  readonly node?: string | null;
  /** What it gave in the last run. */
  readonly preview?: string | null;
  readonly commit: (text: string | null) => void;
}) {
  const id = useId();
  const shown = textOf(field);
  const [draft, setDraft] = useState<string | null>(null);
  const [offers, ask] = useOffers(node, [field.key]);
  const asks = field.role !== null && field.role !== "text" && field.role !== "id";
  const value = draft ?? shown;
  const wrong = draft === null ? null : problemOf(field, draft);
  const done = (): void => {
    if (draft === null) return;
    if (draft === shown) return setDraft(null);
    if (wrong !== null) return;
    setDraft(null);
    commit(jsonOf(field, draft));
  };
  const keys = (event: KeyboardEvent<HTMLElement>): void => {
    // Undo and the canvas's keys belong to the field while one types in it.
    keepTyping(event);
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
  const common = {
    id,
    disabled,
    onKeyDown: keys,
    "aria-describedby": `${id}-doc`,
    "aria-invalid": wrong !== null || field.problems.length > 0,
  };
  return (
    <div className={`field${field.known ? "" : " unknown"}`}>
      <label htmlFor={id}>
        {field.key}
        {field.required && <span className="required"> {words.required}</span>}
      </label>
      {field.type === "boolean" ? (
        <input
          {...common}
          type="checkbox"
          checked={value === "true"}
          onChange={(event) => {
            commit(String(event.target.checked));
          }}
        />
      ) : field.type === "choice" ? (
        <select
          {...common}
          value={value}
          onChange={(event) => {
            commit(JSON.stringify(event.target.value));
          }}
        >
          {field.options.includes(value) ? null : <option value={value}>{value}</option>}
          {field.options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      ) : field.type === "multiline" || field.type === "json" ? (
        <textarea
          {...common}
          rows={Math.min(12, value.split("\n").length + 1)}
          value={value}
          spellCheck={false}
          onBlur={done}
          onChange={(event) => {
            setDraft(event.target.value);
            if (asks) ask(event.target.value.slice(0, event.target.selectionStart));
          }}
        />
      ) : (
        <input
          {...common}
          type="text"
          {...(asks ? { list: `${id}-offers`, autoComplete: "off" } : {})}
          onFocus={(event) => {
            if (asks) ask(event.target.value);
          }}
          inputMode={field.type === "text" ? "text" : "numeric"}
          value={value}
          spellCheck={false}
          onBlur={done}
          onChange={(event) => {
            setDraft(event.target.value);
            if (asks) ask(event.target.value);
          }}
        />
      )}
      {asks && field.type === "text" && (
        <datalist id={`${id}-offers`}>
          {offers.map((offer) => (
            <option key={offer.insert} value={offer.insert}>
              {offer.detail}
            </option>
          ))}
        </datalist>
      )}
      {field.type === "multiline" && draft !== null && offers.length > 0 && (
        <div className="offers" role="group" aria-label={words.offers}>
          {offers.map((offer) => (
            <button
              key={offer.insert}
              type="button"
              title={offer.detail}
              onMouseDown={(event) => {
                event.preventDefault();
              }}
              onClick={() => {
                setDraft(withOffer(draft, offer.insert));
              }}
            >
              {offer.label}
            </button>
          ))}
        </div>
      )}
      {field.role !== null && fileRoles.has(field.role) && node !== null && (
        <button
          type="button"
          className="remove"
          disabled={disabled}
          title={words.pickFile}
          aria-label={`${words.pickFile}: ${field.key}`}
          onClick={() => {
            tell({ type: "pickFile", request: nextRequest(), node, path: [field.key], role: field.role ?? "" });
          }}
        >
          <i className="codicon codicon-folder-opened" aria-hidden />
        </button>
      )}
      {field.written !== null && !field.required && field.role !== "id" && (
        <button
          type="button"
          className="remove"
          disabled={disabled}
          title={words.removeField(field.key)}
          aria-label={words.removeField(field.key)}
          onClick={() => {
            commit(null);
          }}
        >
          <i className="codicon codicon-trash" aria-hidden />
        </button>
      )}
      {preview !== null && (
        <p className="preview">
          {words.preview} <code>{preview}</code>
        </p>
      )}
      <p id={`${id}-doc`} className="doc">
        {wrong !== null ? (
          <span className="problem">{wrong}</span>
        ) : field.known ? (
          <Doc text={field.doc} />
        ) : (
          words.unknownKey
        )}
        {field.problems.map((problem) => (
          <span key={problem} className="problem">
            {" "}
            {problem}
          </span>
        ))}
      </p>
    </div>
  );
}

/** The draft with an offer in its last marker that is not closed yet. */
function withOffer(draft: string, insert: string): string {
  return draft.replace(/\{\{[^{}]*$/, () => `{{${insert}}}`);
}

/** The value as a person edits it. */
function textOf({ written, type }: FormField): string {
  if (written === null || written === "null") return "";
  if (type === "text" || type === "multiline" || type === "choice") {
    const parsed: unknown = JSON.parse(written);
    return typeof parsed === "string" ? parsed : written;
  }
  return written;
}

/** The draft as JSON text; an emptied optional field is removed. */
function jsonOf(field: FormField, draft: string): string | null {
  if (draft === "" && !field.required) return null;
  return field.type === "text" || field.type === "multiline" || field.type === "choice"
    ? JSON.stringify(draft)
    : draft.trim();
}

/** Why a draft cannot be committed; null when it can. */
function problemOf(field: FormField, draft: string): string | null {
  if (draft === "") return null;
  if (field.type === "integer" && !/^-?[0-9]+$/.test(draft.trim())) return "a whole number is expected";
  if (field.type === "number" && !/^-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/.test(draft.trim()))
    return "a number is expected";
  if (field.type !== "json") return null;
  try {
    JSON.parse(draft);
    return null;
  } catch {
    return "this is not JSON yet";
  }
}
