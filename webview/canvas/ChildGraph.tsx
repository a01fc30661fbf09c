/** A child document inside the node that runs it: read only, with its own boxes and arrows, small. */
import { memo } from "react";
import type { PageChild } from "../model.ts";
import { tell } from "../host.ts";
import { words } from "../words.ts";
import { nodeIcon } from "./icons.ts";
import { wayPath } from "./ways.ts";

/** As src/draw/children.ts: how small a child is drawn, and the room around it. */
const SCALE = 0.6;
const MARGIN = 6;

/** See the header. A double click opens the document itself. */
export const ChildGraph = memo(function ChildGraph({
  node,
  child,
}: {
  readonly node: string;
  readonly child: PageChild;
}) {
  const { drawing, layout } = child;
  if (drawing === null || layout === null) return null;
  const boxes = { ...layout.nodes, ...layout.entries };
  return (
    <div
      className="child"
      role="img"
      aria-label={words.childOf(child.file)}
      title={words.childOf(child.file)}
      onDoubleClick={(event) => {
        event.stopPropagation();
        tell({ type: "openChild", node });
      }}
    >
      <div
        className="child-inner"
        style={{
          width: layout.width,
          height: layout.height,
          transform: `translate(${MARGIN}px, ${MARGIN}px) scale(${SCALE})`,
        }}
      >
        <svg width={layout.width} height={layout.height} aria-hidden>
          {Object.entries(layout.edges).map(([key, points]) => (
            <path key={key} className="child-edge" d={wayPath(points)[0]} />
          ))}
        </svg>
        {drawing.entries.map((entry) => {
          const box = boxes[entry.key];
          return box === undefined ? null : (
            <div key={entry.key} className="entry child-box" style={placed(box)}>
              <span className="entry-name">{entry.name}</span>
            </div>
          );
        })}
        {drawing.nodes.map((one) => {
          const box = boxes[one.key];
          return box === undefined ? null : (
            <div key={one.key} className={`node child-box family-${one.family}`} style={placed(box)}>
              <div className="node-title">
                <i className={nodeIcon(one.kind, one.family)} aria-hidden />
                <span className="node-id">{one.label ?? one.id}</span>
              </div>
              <div className="node-summary">{one.summary === "" ? one.kind : one.summary}</div>
            </div>
          );
        })}
      </div>
    </div>
  );
});

function placed({ x, y, width, height }: { x: number; y: number; width: number; height: number }): object {
  return { left: x, top: y, width, height };
}
