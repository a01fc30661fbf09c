/** Bare React Flow with plain nodes at the places of ours: what the canvas is compared with. */
import { ReactFlow, type Edge, type Node } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { createRoot } from "react-dom/client";

/** Handed in by the bench before this script. */
declare const peerGraph: { readonly nodes: Node[]; readonly edges: Edge[]; readonly onlyVisible: boolean };

const root = document.getElementById("root");
if (root !== null) {
  const { nodes, edges, onlyVisible } = peerGraph;
  createRoot(root).render(
    <ReactFlow
      defaultNodes={nodes}
      defaultEdges={edges}
      minZoom={0.05}
      maxZoom={2}
      fitView
      onlyRenderVisibleElements={onlyVisible}
    />,
  );
}
