/** A child document inside the node that runs it: read only, with its own boxes and arrows, small. */
import { memo } from "react";
import { visibleLines, visibleText } from "../../src/graph/visible.ts";
import type { WireDrawing, WireLayout } from "../../src/protocol/webview.ts";
import type { PageChild } from "../model.ts";
import { tell } from "../host.ts";
import { standingOf } from "../debug/CurrentMark.tsx";
import { shownRun } from "../debug/past.ts";
import { Shown } from "../Shown.tsx";
import { nodeText } from "../run/words.ts";
import { usePage } from "../state.ts";
import { words } from "../words.ts";
import { nodeIcon, stateIcon } from "./icons.ts";
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
  const run = usePage(shownRun);
  const current = usePage((page) => page.debug?.node ?? null);
  if (drawing === null || layout === null) return null;
  const title = visibleText(words.childOf(child.file));
  const boxes = { ...layout.nodes, ...layout.entries };
  return (
    <div
      className="child"
      role="img"
      aria-label={title}
      title={title}
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
          {ways(drawing, boxes, layout.edges).map(([key, path]) => (
            <path
              key={key}
              className={`child-edge${run?.taken.has(`${node}/${key}`) === true ? " taken" : ""}`}
              d={path}
            />
          ))}
        </svg>
        {drawing.entries.map((entry) => {
          const box = boxes[entry.key];
          return box === undefined ? null : (
            <div key={entry.key} className="entry child-box" style={placed(box)}>
              <Shown className="entry-name" text={entry.name} />
            </div>
          );
        })}
        {drawing.nodes.map((one) => {
          const box = boxes[one.key];
          // Steps within a child are named by the way to them.
          const own = run?.nodes.get(`${node}/${one.key}`);
          const state = own === undefined ? "" : ` run-${own.state}`;
          const stands = standingOf(current, `${node}/${one.key}`);
          return box === undefined ? null : (
            <div
              key={one.key}
              className={`node child-box family-${one.family}${state}${stands === null ? "" : ` stands-${stands}`}`}
              style={placed(box)}
              title={own === undefined ? undefined : visibleLines(nodeText(own))}
            >
              <div className="node-title">
                <i className={nodeIcon(one.kind, one.family)} aria-hidden />
                <Shown className="node-id" text={one.label ?? one.id} />
                {own !== undefined && <i className={`${stateIcon(own.state)} node-state`} aria-hidden />}
              </div>
              <div className="node-summary">
                <Shown text={one.summary === "" ? one.kind : one.summary} />
              </div>
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

type Boxes = Readonly<Record<string, { x: number; y: number; width: number; height: number }>>;

/** Arrows by key: along the way that the layout found, else straight from one box to the other. */
function ways(drawing: WireDrawing, boxes: Boxes, edges: WireLayout["edges"]): (readonly [string, string])[] {
  const starts = drawing.entries.flatMap(({ key, to }) =>
    to === null ? [] : [{ key: `entry:${key}`, from: key, to }],
  );
  return [...starts, ...drawing.edges].flatMap(({ key, from, to }) => {
    const points = edges[key];
    if (points !== undefined) return [[key, wayPath(points)[0]] as const];
    const [source, target] = [boxes[from], boxes[to]];
    if (source === undefined || target === undefined) return [];
    const [x, y] = [source.x + source.width / 2, source.y + source.height];
    return [[key, `M${x},${y}L${target.x + target.width / 2},${target.y}`] as const];
  });
}
