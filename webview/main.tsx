/** Entry of the graph editor's page. */
import "@vscode/codicons/dist/codicon.css";
import "@xyflow/react/dist/style.css";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";
import "./page.css";
import "./canvas/nodes.css";
import "./canvas/edges.css";
import "./canvas/around.css";

const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<App />);
