/** The selected edge: its label and its loop budget. */
import type { WireDrawing } from "../../src/protocol/webview.ts";
import { intend, removeSelected } from "../actions.ts";
import { Shown } from "../Shown.tsx";
import { usePage } from "../state.ts";
import { words } from "../words.ts";
import { Field } from "./Field.tsx";
import type { FormField } from "./form.ts";

const none: WireDrawing["nodes"] = [];

/** See the header. */
export function EdgeFields({ edge }: { readonly edge: WireDrawing["edges"][number] }) {
  const broken = usePage((page) => page.broken !== null);
  const ports = usePage((page) => page.drawing?.nodes.find((one) => one.key === edge.from)?.ports);
  const names = usePage((page) => page.drawing?.nodes ?? none);
  const marks = usePage((page) => page.marks.get(edge.key));
  const [from, to] = [edge.from, edge.to].map((key) => names.find((one) => one.key === key)?.id ?? key);
  const labels = (ports ?? []).flatMap((port) => port.label ?? []);
  const plain = { part: "field", required: false, problems: [], known: true, role: null } as const;
  const base = { ...plain, options: [], fallback: null } as const;
  const when: FormField = {
    ...base,
    key: "when",
    path: ["when"],
    doc: labels.length === 0 ? "The branch label it carries." : `The source can emit ${labels.join(", ")}.`,
    type: "text",
    written: edge.label === null ? null : JSON.stringify(edge.label),
  };
  const loop: FormField = {
    ...base,
    key: "max_iterations",
    path: ["max_iterations"],
    doc: "Makes it a loop edge, followed at most so often in a run.",
    type: "integer",
    written: edge.loop === null ? null : String(edge.loop),
  };
  return (
    <>
      <h2>
        <i className="codicon codicon-arrow-right" aria-hidden /> <Shown text={from ?? ""} /> →{" "}
        <Shown text={to ?? ""} />
      </h2>
      {marks?.map((mark) => (
        <p key={mark.message} className={`problem mark-${mark.severity}`}>
          <Shown text={mark.message} /> <code>{mark.code}</code>
        </p>
      ))}
      {edge.type === "sequence" ? (
        <p className="hint">{words.sequence}</p>
      ) : (
        <>
          {edge.type === "control" && (
            <>
              <Field
                field={when}
                disabled={broken}
                commit={(text) => {
                  intend({ type: "set-edge", edge: edge.key, when: text === null ? null : String(JSON.parse(text)) });
                }}
              />
              <Field
                field={loop}
                disabled={broken}
                commit={(text) => {
                  intend({ type: "set-edge", edge: edge.key, maxIterations: text === null ? null : Number(text) });
                }}
              />
            </>
          )}
          <button type="button" disabled={broken} onClick={removeSelected}>
            {words.removeField("edge")}
          </button>
        </>
      )}
    </>
  );
}
