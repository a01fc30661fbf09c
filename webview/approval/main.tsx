/** Entry of the page of one request. */
import "@vscode/codicons/dist/codicon.css";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";
import "./approval.css";

const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<App />);
