/** The canvas: React Flow over the drawing, with the keyboard of `keys.ts`. */
import {
  Background,
  MiniMap,
  ReactFlow,
  useReactFlow,
  useStore,
  type Connection,
  type Edge,
  type Node,
  type OnNodeDrag,
} from "@xyflow/react";
import { useEffect, useMemo, useRef, type DragEvent } from "react";
import {
  addNode,
  connect,
  connectionProblem,
  insertOn,
  paste,
  say,
  select,
  selectAll,
  selectAlso,
} from "../actions.ts";
import { keep, keptState, tell } from "../host.ts";
import { drawnNode } from "../run/rows.ts";
import { change, pageState, usePage } from "../state.ts";
import { words } from "../words.ts";
import { EdgeLine } from "./EdgeLine.tsx";
import { EmptyCanvas } from "./EmptyCanvas.tsx";
import { flowEdges, flowNodes } from "./flow.ts";
import { canvasKeys } from "./keys.ts";
import { EntryMark, Frame, Ghost } from "./marks.tsx";
import { NodeBox } from "./NodeBox.tsx";

const nodeTypes = { node: NodeBox, entry: EntryMark, frame: Frame, ghost: Ghost };
const edgeTypes = { line: EdgeLine };
const noNodes: ReadonlyMap<string, Node> = new Map();

/** Zoomed out further than this, nodes are plain rectangles. */
const FAR = 0.35;

/** See the header. */
export function Canvas() {
  const drawing = usePage((page) => page.drawing);
  const layout = usePage((page) => page.layout);
  const data = usePage((page) => page.show.data);
  const broken = usePage((page) => page.broken !== null);
  const readOnly = usePage((page) => page.readOnly);
  const selected = usePage((page) => page.selected);
  const group = usePage((page) => page.group);
  const flow = useReactFlow();
  const before = useRef(noNodes);
  const far = useStore((store) => store.transform[2] < FAR);
  const nodes = useMemo(() => {
    if (drawing === null || layout === null) return [];
    const made = flowNodes(drawing, layout, before.current);
    before.current = new Map(made.map((node) => [node.id, node]));
    return made;
  }, [drawing, layout]);
  const edges = useMemo(
    () => (drawing === null || layout === null ? [] : flowEdges(drawing, layout, data)),
    [drawing, layout, data],
  );
  const fitted = useRef(false);
  useEffect(() => {
    if (fitted.current || nodes.length === 0) return;
    fitted.current = true;
    const { viewport } = keptState();
    if (viewport === null) void flow.fitView({ padding: 0.15, maxZoom: 1 });
    else void flow.setViewport(viewport);
  }, [nodes, flow]);
  useEffect(() => {
    // React Flow drags what it holds for selected, so it is told.
    flow.setNodes((all) =>
      all.map((node) =>
        (node.selected ?? false) === group.has(node.id) ? node : { ...node, selected: group.has(node.id) },
      ),
    );
  }, [group, nodes, flow]);
  useEffect(() => {
    if (selected === null) return;
    const box = layout?.nodes[selected] ?? layout?.entries[selected];
    if (box !== undefined) keepInView(flow, box);
  }, [selected, layout, flow]);
  const stands = usePage((page) => page.debug?.node ?? null);
  useEffect(() => {
    if (stands === null || layout === null) return;
    const key = drawnNode(new Set(Object.keys(layout.nodes)), stands);
    const box = key === null ? undefined : layout.nodes[key];
    if (box !== undefined) keepInView(flow, box);
  }, [stands, layout, flow]);

  const moved: OnNodeDrag = (_event, _node, all) => {
    tell({ type: "moved", places: Object.fromEntries(all.map((node) => [node.id, node.position])) });
  };
  const dropped = (event: DragEvent): void => {
    event.preventDefault();
    const kind = event.dataTransfer.getData("application/x-countersign-kind");
    if (kind === "") return;
    const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const edge = edgeAt(event.clientX, event.clientY);
    if (edge === null) addNode(kind, at);
    else insertOn(edge, kind, null);
  };
  return (
    <div
      className={`canvas${broken ? " broken" : ""}${far ? " far" : ""}`}
      onDrop={dropped}
      onDragOver={(event) => {
        event.preventDefault();
      }}
      onKeyDown={canvasKeys}
      onPaste={(event) => {
        if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
        event.preventDefault();
        paste(event.clipboardData.getData("text/plain"));
      }}
      onContextMenu={(event) => {
        event.preventDefault();
        change({ type: "menu", at: { x: event.clientX, y: event.clientY } });
      }}
      role="application"
      aria-label={words.canvas}
      tabIndex={0}
    >
      <ReactFlow
        defaultNodes={[]}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onlyRenderVisibleElements
        nodesDraggable={!broken && !readOnly}
        nodesConnectable={!broken && !readOnly}
        minZoom={0.05}
        maxZoom={2}
        deleteKeyCode={null}
        disableKeyboardA11y
        nodesFocusable={false}
        edgesFocusable={false}
        multiSelectionKeyCode={["Shift", "Control", "Meta"]}
        onNodeClick={(event, node) => {
          const { connecting } = pageState();
          if (connecting !== null) {
            connect(connecting.from, connecting.port, node.id);
            change({ type: "connect", from: null, port: null });
          } else if (event.shiftKey || event.ctrlKey || event.metaKey) selectAlso(node.id);
          else select(node.id);
        }}
        onNodeDoubleClick={(_event, node) => {
          tell({ type: "openText", element: node.id });
        }}
        onNodeContextMenu={(_event, node) => {
          if (!pageState().group.has(node.id)) select(node.id, false);
        }}
        onEdgeContextMenu={(_event, edge) => {
          select(edge.id, false);
        }}
        onEdgeDoubleClick={(_event, edge) => {
          if (pageState().drawing?.edges.some((one) => one.key === edge.id && one.type === "control") === true)
            change({ type: "label", edge: edge.id });
        }}
        onSelectionEnd={() => {
          const chosen = flow.getNodes().filter((node) => node.selected === true && node.type !== "frame");
          selectAll(chosen.map((node) => node.id));
          say(words.chosen(chosen.length));
        }}
        onEdgeClick={(_event, edge) => {
          select(edge.id);
        }}
        onPaneClick={() => {
          select(null, false);
        }}
        onNodeDragStop={moved}
        onConnect={(connection) => {
          connect(connection.source, portLabel(connection), connection.target);
        }}
        isValidConnection={(connection) =>
          connectionProblem(connection.source, portLabel(connection), connection.target) === null
        }
        onConnectEnd={(_event, state) => {
          const { fromNode, toNode, isValid } = state;
          if (fromNode === null || toNode === null || isValid === true) return;
          const from = { source: fromNode.id, sourceHandle: state.fromHandle?.id ?? null };
          const problem = connectionProblem(fromNode.id, portLabel(from), toNode.id);
          if (problem !== null) say(problem, true);
        }}
        onMoveEnd={(_event, viewport) => {
          const { selected: element, show } = pageState();
          keep({ viewport, selected: element, ...show });
        }}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={22} />
        <MiniMap pannable zoomable ariaLabel={null} nodeClassName={(node) => `mini-${node.type ?? "node"}`} />
      </ReactFlow>
      <EmptyCanvas />
    </div>
  );
}

type PortEnd = Pick<Edge | Connection, "source" | "sourceHandle">;

/** The edge of the document under a point of the page. */
function edgeAt(x: number, y: number): string | null {
  for (const element of document.elementsFromPoint(x, y)) {
    const id = element.closest(".react-flow__edge")?.getAttribute("data-id") ?? null;
    if (pageState().drawing?.edges.some((one) => one.key === id && one.type !== "dependency") === true) return id;
  }
  return null;
}

/** The branch label of the port that a connection begins at. */
function portLabel({ source, sourceHandle }: PortEnd): string | null {
  const position = /^port-(\d+)$/.exec(sourceHandle ?? "")?.[1];
  const node = pageState().drawing?.nodes.find((one) => one.key === source);
  return position === undefined ? null : (node?.ports[Number(position)]?.label ?? null);
}

/** Moves the view when an element is not in it. */
function keepInView(
  flow: ReturnType<typeof useReactFlow>,
  box: { x: number; y: number; width: number; height: number },
): void {
  const { zoom } = flow.getViewport();
  const pane = document.querySelector(".canvas")?.getBoundingClientRect();
  if (pane === undefined) return;
  const from = flow.screenToFlowPosition({ x: pane.left, y: pane.top });
  const to = flow.screenToFlowPosition({ x: pane.right, y: pane.bottom });
  const inside = box.x >= from.x && box.y >= from.y && box.x + box.width <= to.x && box.y + box.height <= to.y;
  if (!inside) void flow.setCenter(box.x + box.width / 2, box.y + box.height / 2, { zoom, duration: 150 });
}
