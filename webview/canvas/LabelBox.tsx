/** The branch label of an edge, edited where it stands: Enter sets it, Escape leaves it, an empty one is removed. */
import { EdgeLabelRenderer } from "@xyflow/react";
import { useEffect, useId, useRef } from "react";
import { signsIn } from "../../src/graph/visible.ts";
import type { WireDrawing } from "../../src/protocol/webview.ts";
import { intend } from "../actions.ts";
import { change, usePage } from "../state.ts";
import { keepTyping } from "../typing.ts";
import { words } from "../words.ts";

/** See the header. */
export function LabelBox({
  edge,
  x,
  y,
}: {
  readonly edge: WireDrawing["edges"][number];
  readonly x: number;
  readonly y: number;
}) {
  const list = useId();
  const input = useRef<HTMLInputElement>(null);
  const ports = usePage((page) => page.drawing?.nodes.find((one) => one.key === edge.from)?.ports);
  useEffect(() => input.current?.select(), []);
  const hidden = signsIn(edge.label ?? "");
  const close = (): void => {
    change({ type: "label", edge: null });
    document.querySelector<HTMLElement>(".canvas")?.focus();
  };
  return (
    <EdgeLabelRenderer>
      <div className="label-box nodrag nopan" style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}>
        <input
          ref={input}
          list={list}
          defaultValue={edge.label ?? ""}
          aria-label={words.label}
          title={hidden.length === 0 ? undefined : words.hidden(hidden)}
          spellCheck={false}
          onBlur={close}
          onKeyDown={(event) => {
            keepTyping(event);
            if (event.key === "Escape") close();
            if (event.key !== "Enter") return;
            const when = event.currentTarget.value.trim();
            if (when !== (edge.label ?? ""))
              intend({ type: "set-edge", edge: edge.key, when: when === "" ? null : when });
            close();
          }}
        />
        <datalist id={list}>
          {(ports ?? []).flatMap((port) =>
            port.label === null ? [] : [<option key={port.label} value={port.label} />],
          )}
        </datalist>
      </div>
    </EdgeLabelRenderer>
  );
}
