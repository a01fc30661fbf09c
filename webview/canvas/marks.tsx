/** What stands on the canvas beside nodes: ways in, frames, and ends that are not in the document. */
import { Handle, Position, type Node, type NodeProps } from "@xyflow/react";
import { memo } from "react";
import { visibleText } from "../../src/graph/visible.ts";
import type { WireDrawing } from "../../src/protocol/webview.ts";
import { tell } from "../host.ts";
import { Shown } from "../Shown.tsx";
import { usePage } from "../state.ts";
import { words } from "../words.ts";
import { entryIcon, stateIcon } from "./icons.ts";

type EntryNode = Node<{ readonly entry: WireDrawing["entries"][number] }, "entry">;

/** A start with what leads to it. */
export const EntryMark = memo(function EntryMark({ data: { entry } }: NodeProps<EntryNode>) {
  const worst = usePage((page) => page.marks.get(entry.key)?.[0]);
  const selected = usePage((page) => page.group.has(entry.key));
  return (
    <div className={`entry${selected ? " selected" : ""}`}>
      <div className="entry-name">
        <i className={entryIcon(entry.source)} aria-hidden />
        <Shown text={entry.name} />
        {worst !== undefined && (
          <i
            className={`${stateIcon(worst.severity)} mark-${worst.severity}`}
            title={visibleText(worst.message)}
            aria-hidden
          />
        )}
      </div>
      {entry.triggers.map((trigger) => (
        <div key={trigger} className="entry-trigger">
          <Shown text={trigger} />
        </div>
      ))}
      <Handle type="source" position={Position.Bottom} aria-hidden />
    </div>
  );
});

/** A fan-out group around its steps. */
export const Frame = memo(function Frame({ id, data }: NodeProps<Node<{ title: string; rule: string }, "frame">>) {
  const close = visibleText(words.closeFrame(data.title));
  return (
    <div className="frame">
      <Shown className="frame-title" text={data.title} />
      <Shown className="frame-rule" text={data.rule} />
      <button
        type="button"
        className="frame-close nodrag nopan"
        title={close}
        aria-label={close}
        onClick={(event) => {
          event.stopPropagation();
          tell({ type: "collapse", frame: id, closed: true });
        }}
      >
        <i className="codicon codicon-chevron-up" aria-hidden />
      </button>
    </div>
  );
});

/** A node that an edge names and the document does not have. */
export const Ghost = memo(function Ghost({ data }: NodeProps<Node<{ id: string }, "ghost">>) {
  return (
    <div className="ghost">
      <Handle type="target" position={Position.Top} aria-hidden />
      <Shown text={data.id} />
      <Handle type="source" position={Position.Bottom} aria-hidden />
    </div>
  );
});
