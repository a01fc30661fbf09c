/**
 * The fields of the selected node or edge: a form made from the kind's schema, with everything the document says,
 * unknown keys included. A field commits on Enter or when it is left, as one edit.
 */
import { useMemo, useState } from "react";
import type { Inspected } from "../../src/protocol/webview.ts";
import { intend } from "../actions.ts";
import { nodeIcon } from "../canvas/icons.ts";
import { usePage } from "../state.ts";
import { words } from "../words.ts";
import { EdgeFields } from "./EdgeFields.tsx";
import { Field } from "./Field.tsx";
import { Doc } from "./Doc.tsx";
import { fieldsOf, previewOf, type FormField } from "./form.ts";

/** See the header. */
export function Inspector() {
  const inspected = usePage((page) => page.inspected);
  const selected = usePage((page) => page.selected);
  const edge = usePage((page) => page.drawing?.edges.find((one) => one.key === page.selected));
  return (
    <aside className="inspector" aria-label={words.inspector}>
      {edge !== undefined ? (
        <EdgeFields key={edge.key} edge={edge} />
      ) : inspected === null || inspected.node !== selected ? (
        <p className="hint">{words.noSelection}</p>
      ) : (
        <NodeFields key={inspected.node} inspected={inspected} />
      )}
    </aside>
  );
}

function NodeFields({ inspected }: { readonly inspected: Inspected }) {
  const node = usePage((page) => page.drawing?.nodes.find((one) => one.key === inspected.node));
  const summary = usePage((page) => page.palette.find((kind) => kind.kind === inspected.kind)?.summary);
  const broken = usePage((page) => page.broken !== null);
  const marks = usePage((page) => page.marks.get(inspected.node));
  const run = usePage((page) => page.run);
  const fields = useMemo(() => fieldsOf(inspected), [inspected]);
  const gave = (id: string): string | null => {
    const output = run?.nodes.get(id)?.preview ?? "";
    return output === "" ? null : output;
  };
  const [adding, add] = useState<readonly string[]>([]);
  if (node === undefined) return null;
  const shown = fields.filter((field) => field.written !== null || field.required || adding.includes(field.key));
  const rest = fields.filter((field) => !shown.includes(field));
  const set = (field: FormField, text: string | null): void => {
    if (text === null) intend({ type: "remove-field", node: node.key, path: [field.key] });
    else intend({ type: "set-field", node: node.key, path: [field.key], value: text });
  };
  return (
    <>
      <h2>
        <i className={nodeIcon(node.kind, node.family)} aria-hidden /> {node.id}
      </h2>
      <p className="hint">
        {words.kind} <code>{node.kind}</code>
        {summary === undefined ? null : (
          <>
            : <Doc text={summary} />
          </>
        )}
      </p>
      {marks?.map((mark) => (
        <p key={`${mark.code} ${mark.message}`} className={`problem mark-${mark.severity}`}>
          {mark.message} <code>{mark.code}</code>
        </p>
      ))}
      <form
        onSubmit={(event) => {
          event.preventDefault();
        }}
      >
        {node.kind !== "" && (
          <Field
            field={{
              key: "id",
              doc: "",
              type: "text",
              options: [],
              required: true,
              written: JSON.stringify(node.id),
              problems: [],
              known: true,
              role: "id",
            }}
            disabled={broken}
            commit={(text) => {
              const to: unknown = text === null ? null : JSON.parse(text);
              if (typeof to === "string" && to !== "" && to !== node.id) intend({ type: "rename", node: node.key, to });
            }}
          />
        )}
        {shown.map((field) => (
          <Field
            key={field.key}
            field={field}
            node={node.key}
            preview={previewOf(field, fields, gave)}
            disabled={broken}
            commit={(text) => {
              set(field, text);
            }}
          />
        ))}
      </form>
      {rest.length > 0 && !broken && (
        <label className="add-field">
          {words.addField}
          <select
            value=""
            onChange={(event) => {
              add([...adding, event.target.value]);
            }}
          >
            <option value=""></option>
            {rest.map((field) => (
              <option key={field.key} value={field.key} title={field.doc}>
                {field.key}
              </option>
            ))}
          </select>
        </label>
      )}
    </>
  );
}
