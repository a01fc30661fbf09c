/** A node: icon, name, one line, badges and a port for each way out. */
import { Handle, Position, useReactFlow, type NodeProps, type Node } from "@xyflow/react";
import { memo, useEffect, useRef } from "react";
import { signsIn, visibleLines } from "../../src/graph/visible.ts";
import { intend } from "../actions.ts";
import { Shown } from "../Shown.tsx";
import { change, usePage } from "../state.ts";
import { BreakpointSpot } from "../debug/BreakpointSpot.tsx";
import { CurrentMark, standing } from "../debug/CurrentMark.tsx";
import { shownRun } from "../debug/past.ts";
import { debugWords } from "../debug/words.ts";
import { nodeText } from "../run/words.ts";
import { words } from "../words.ts";
import type { WireDrawing } from "../../src/protocol/webview.ts";
import { ChildGraph } from "./ChildGraph.tsx";
import { nodeIcon, stateIcon } from "./icons.ts";
import { keepTyping } from "../typing.ts";

/** One node of the drawing. */
export type DrawnNode = WireDrawing["nodes"][number];

/** What React Flow carries for a node. */
export type NodeBoxNode = Node<{ readonly node: DrawnNode }, "node">;

/** See the header. Drawn again only when its own node, marks, decision or run change. */
export const NodeBox = memo(function NodeBox({ data: { node } }: NodeProps<NodeBoxNode>) {
  const marks = usePage((page) => page.marks.get(node.key));
  const decision = usePage((page) => page.decisions.get(node.key));
  const run = usePage((page) => shownRun(page)?.nodes.get(node.key));
  const stands = usePage((page) => standing(page, node.key));
  const selected = usePage((page) => page.group.has(node.key));
  const child = usePage((page) => page.children.get(node.key));
  const difference = usePage((page) => page.changes.get(node.key));
  const missed = usePage((page) => page.coverage.get(node.key) === 0);
  const renaming = usePage((page) => page.renaming === node.key);
  const worst = marks?.[0]?.severity;
  const labelled = node.ports.some((port) => port.type !== "plain");
  return (
    <div
      className={`node family-${node.family}${selected ? " selected" : ""}${run === undefined ? "" : ` run-${run.state}`}${difference === undefined ? "" : ` difference-${difference}`}${stands === null ? "" : ` stands-${stands}`}${missed ? " not-taken" : ""}`}
      title={visibleLines(run === undefined ? node.summary : nodeText(run))}
    >
      <Handle type="target" position={Position.Top} aria-hidden />
      <BreakpointSpot node={node.key} id={node.id} />
      <CurrentMark node={node.key} />
      {difference !== undefined && <span className="difference">{difference}</span>}
      {missed && difference === undefined && <span className="difference">{words.notTaken}</span>}
      <div className="node-title">
        <i className={nodeIcon(node.kind, node.family)} aria-hidden />
        {renaming ? <RenameBox node={node} /> : <Shown className="node-id" text={node.label ?? node.id} />}
        {run !== undefined && <i className={`${stateIcon(run.state)} node-state`} aria-hidden />}
        {run?.edited === true && (
          <i className="codicon codicon-edit node-edited" title={debugWords.edited} aria-hidden />
        )}
        {decision !== undefined && (
          <i
            className={`${stateIcon(decision.decision)} decision-${decision.decision}`}
            title={visibleLines(`${words.decision(decision.decision)}: ${decision.reason}`)}
            aria-hidden
          />
        )}
        {worst !== undefined && (
          <i
            className={`${stateIcon(worst)} mark-${worst}`}
            title={visibleLines(marks?.map((mark) => mark.message).join("\n") ?? "")}
            aria-hidden
          />
        )}
      </div>
      <div className="node-summary">
        <Shown text={node.summary === "" ? node.kind : node.summary} />
      </div>
      {node.badges.length > 0 && (
        <div className="node-badges">
          {node.badges.map((badge) => (
            <span key={badge.type} className="badge" title={visibleLines(badge.text)}>
              <i className={stateIcon(badge.type)} aria-hidden />
            </span>
          ))}
          {run !== undefined && run.visits > 1 && <span className="badge">{run.visits}×</span>}
        </div>
      )}
      {run?.state === "failed" && run.message !== null && (
        <div className="node-problem">
          <Shown text={run.message} />
        </div>
      )}
      {child !== undefined && <ChildGraph node={node.key} child={child} />}
      {labelled ? (
        <div className="node-ports">
          {node.ports.map((port, i) => (
            <span key={`${port.label ?? ""}${port.type}`} className={`port port-${port.type}`}>
              <Shown
                className="port-name"
                title={visibleLines(port.label ?? "")}
                text={port.label ?? (port.type === "open" ? "…" : "")}
              />
              <Handle type="source" id={portId(i)} position={Position.Bottom} aria-hidden />
            </span>
          ))}
        </div>
      ) : (
        node.ports.length > 0 && <Handle type="source" id={portId(0)} position={Position.Bottom} aria-hidden />
      )}
    </div>
  );
});

/** The handle of a port by its position. */
export function portId(position: number): string {
  return `port-${position}`;
}

/** Zoom from which a name can be read. */
const LEGIBLE = 0.6;

/** Renames on Enter; its own keys, undo among them, stay inside. */
function RenameBox({ node }: { readonly node: DrawnNode }) {
  const input = useRef<HTMLInputElement>(null);
  const flow = useReactFlow();
  const hidden = signsIn(node.id);
  useEffect(() => {
    // Zoomed far out a node is a plain rectangle: nobody could read what is typed.
    if (flow.getViewport().zoom < LEGIBLE)
      void flow.fitView({ nodes: [{ id: node.key }], minZoom: LEGIBLE, maxZoom: 1, padding: 0.5 });
    input.current?.select();
  }, [flow, node.key]);
  const close = (): void => {
    change({ type: "rename", node: null });
  };
  return (
    <input
      ref={input}
      className="rename nodrag"
      defaultValue={node.id}
      aria-label={words.id}
      title={hidden.length === 0 ? undefined : words.hidden(hidden)}
      onBlur={close}
      onKeyDown={(event) => {
        keepTyping(event);
        if (event.key === "Escape") close();
        if (event.key !== "Enter") return;
        const to = event.currentTarget.value.trim();
        if (to !== "" && to !== node.id) intend({ type: "rename", element: node.key, to });
        close();
      }}
    />
  );
}
