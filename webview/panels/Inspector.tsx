/**
 * The fields of the selected node, edge or start, and of the document while nothing is selected: forms made from schemas,
 * with everything the document says, unknown keys included. A field commits on Enter or when it is left, as one edit.
 */
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import type { Inspected } from "../../src/protocol/webview.ts";
import { intend, select } from "../actions.ts";
import { entryIcon, nodeIcon } from "../canvas/icons.ts";
import { shownRun } from "../debug/past.ts";
import { RunValues } from "../debug/RunValues.tsx";
import { Shown } from "../Shown.tsx";
import { usePage } from "../state.ts";
import { words } from "../words.ts";
import { AddField } from "./AddField.tsx";
import { Doc } from "./Doc.tsx";
import { EdgeFields } from "./EdgeFields.tsx";
import { Field } from "./Field.tsx";
import { partsOf, previewOf, type FormField, type FormPart } from "./form.ts";
import { PartView, type FormOwner } from "./Parts.tsx";
import "./panels.css";

/** See the header. */
export function Inspector() {
  const inspected = usePage((page) => page.inspected);
  const selected = usePage((page) => page.selected);
  const edge = usePage((page) => page.drawing?.edges.find((one) => one.key === page.selected));
  // Not its key: what is typed while a new name is on its way must not be lost with the old one.
  const place = usePage(({ drawing, selected: key }) => {
    const node = drawing?.nodes.findIndex((one) => one.key === key) ?? -1;
    return node < 0 ? (drawing?.entries.findIndex((one) => one.key === key) ?? -1) : node;
  });
  return (
    <aside className="inspector" aria-label={words.inspector}>
      {edge !== undefined ? (
        <EdgeFields key={edge.key} edge={edge} />
      ) : inspected === null || inspected.element !== selected ? (
        <p className="hint">{words.noSelection}</p>
      ) : inspected.what === "document" ? (
        <DocumentFields inspected={inspected} />
      ) : inspected.what === "start" ? (
        <StartFields key={`start ${place}`} inspected={inspected} />
      ) : (
        <NodeFields key={`node ${place}`} inspected={inspected} />
      )}
    </aside>
  );
}

function NodeFields({ inspected }: { readonly inspected: Inspected }) {
  const node = usePage((page) => page.drawing?.nodes.find((one) => one.key === inspected.element));
  const summary = usePage((page) => page.palette.find((kind) => kind.kind === inspected.kind)?.summary);
  const disabled = usePage((page) => page.broken !== null);
  if (node === undefined) return null;
  return (
    <>
      <h2 className={`family-${node.family}`}>
        <i className={nodeIcon(node.kind, node.family)} aria-hidden /> <Shown text={node.id} />
      </h2>
      <p className="hint">
        {words.kind}{" "}
        <code>
          <Shown text={node.kind} />
        </code>
        {summary === undefined ? null : (
          <>
            : <Doc text={summary} />
          </>
        )}
      </p>
      <Problems element={node.key} />
      <RunValues node={node.key} />
      <Form inspected={inspected}>
        {node.kind !== "" && <NameField element={node.key} label="id" name={node.id} disabled={disabled} />}
      </Form>
    </>
  );
}

function StartFields({ inspected }: { readonly inspected: Inspected }) {
  const entry = usePage((page) => page.drawing?.entries.find((one) => one.key === inspected.element));
  const disabled = usePage((page) => page.broken !== null);
  if (entry === undefined) return null;
  return (
    <>
      <h2>
        <i className={entryIcon(entry.source)} aria-hidden /> <Shown text={entry.name} />
      </h2>
      <p className="hint">{words.startHint}</p>
      <Problems element={entry.key} />
      <Form inspected={inspected} without={["name"]}>
        <NameField element={entry.key} label="name" name={entry.name} disabled={disabled} />
      </Form>
    </>
  );
}

function DocumentFields({ inspected }: { readonly inspected: Inspected }) {
  const title = usePage((page) => page.drawing?.name ?? page.title);
  return (
    <>
      <h2>
        <i className="codicon codicon-type-hierarchy" aria-hidden /> <Shown text={title} />
      </h2>
      <p className="hint">{words.documentHint}</p>
      <Problems element={null} />
      <Form inspected={inspected}>
        <Starts />
      </Form>
    </>
  );
}

/** The ways in, each a step to its own fields. */
function Starts() {
  const entries = usePage((page) => page.drawing?.entries);
  const declares = usePage((page) => page.drawing?.dialect === "workflow");
  const disabled = usePage((page) => page.broken !== null);
  const nodes = usePage((page) => page.drawing?.nodes);
  if (!declares || entries === undefined) return null;
  return (
    <div className="field list" role="group" aria-label={words.starts}>
      <span className="label">{words.starts}</span>
      {entries.map((entry) => (
        <button
          key={entry.key}
          type="button"
          className="start-row"
          onClick={() => {
            select(entry.key);
          }}
        >
          <i className={entryIcon(entry.source)} aria-hidden />
          <Shown text={entry.name} />
          <span className="hint">
            {entry.to === null ? (
              words.noEntry
            ) : (
              <>
                → <Shown text={nodes?.find((one) => one.key === entry.to)?.id ?? entry.to} />
              </>
            )}
          </span>
        </button>
      ))}
      <button
        type="button"
        className="add"
        disabled={disabled}
        onClick={() => {
          intend({ type: "add-start" });
        }}
      >
        <i className="codicon codicon-add" aria-hidden /> {words.addStart}
      </button>
    </div>
  );
}

function Problems({ element }: { readonly element: string | null }) {
  const marks = usePage((page) => page.marks.get(element));
  return marks?.map((mark) => (
    <p key={`${mark.code} ${mark.message}`} className={`problem mark-${mark.severity}`}>
      <Shown text={mark.message} /> <code>{mark.code}</code>
    </p>
  ));
}

/** A name, which changes together with everything that refers to it. */
function NameField({
  element,
  label,
  name,
  disabled,
}: {
  readonly element: string;
  readonly label: string;
  readonly name: string;
  readonly disabled: boolean;
}) {
  const plain = { path: [label], doc: "", required: true, problems: [], known: true, options: [], fallback: null };
  const field: FormField = {
    ...{ part: "field", key: label, type: "text", written: JSON.stringify(name), role: "id" },
    ...plain,
  };
  return (
    <Field
      field={field}
      disabled={disabled}
      commit={(text) => {
        const to: unknown = text === null ? null : JSON.parse(text);
        if (typeof to === "string" && to !== "" && to !== name) intend({ type: "rename", element, to });
      }}
    />
  );
}

/** What is written and what has to be, with a way to the rest. `without`: keys that are shown otherwise. */
function Form({
  inspected,
  without = [],
  children,
}: {
  readonly inspected: Inspected;
  readonly without?: readonly string[];
  readonly children: ReactNode;
}) {
  const disabled = usePage((page) => page.broken !== null);
  const run = usePage(shownRun);
  const parts = useMemo(() => partsOf(inspected), [inspected]);
  const [adding, add] = useState<readonly string[]>([]);
  const form = useRef<HTMLFormElement>(null);
  const latest = adding.at(-1);
  useEffect(() => {
    if (latest === undefined) return;
    const fields = 'input, textarea, select, [role="combobox"], summary';
    form.current
      ?.querySelector<HTMLElement>(`[data-key="${CSS.escape(latest)}"]`)
      ?.querySelector<HTMLElement>(fields)
      ?.focus();
  }, [latest, adding]);
  const gave = (id: string): string | null => {
    const output = run?.nodes.get(id)?.preview ?? "";
    return output === "" ? null : output;
  };
  const owner: FormOwner = {
    element: inspected.element,
    disabled,
    preview: (field) => previewOf(field, parts, gave),
  };
  const own = parts.filter((part) => !without.includes(part.key));
  const isShown = (part: FormPart): boolean => part.written !== null || part.required || adding.includes(part.key);
  const rest = own.filter((part) => !isShown(part));
  return (
    <>
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
        }}
      >
        {inspected.what !== "document" && children}
        {own.filter(isShown).map((part) => (
          <div key={part.key} data-key={part.key}>
            <PartView part={part} owner={owner} />
          </div>
        ))}
        {inspected.what === "document" && children}
      </form>
      {rest.length > 0 && !disabled && (
        <AddField
          parts={rest}
          add={(key) => {
            add([...adding.filter((one) => one !== key), key]);
          }}
        />
      )}
    </>
  );
}
