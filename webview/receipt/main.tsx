/** Entry of the receipt editor's page. */
import "@vscode/codicons/dist/codicon.css";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";
import "./receipt.css";

const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<App />);
