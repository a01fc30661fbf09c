/**
 * The graph editor's page in a plain Chromium, with a host that is the canvas's own brain over a text in memory: what
 * the page asks for is planned and applied as in the editor, without VS Code.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { applyEdits } from "../../src/dialects/edits/edit.ts";
import {
  beginning,
  closeFrames,
  copyNodes,
  drawDocument,
  inspect,
  isDrawn,
  offersAt,
  openDocuments,
  paletteOf,
  planOnCanvas,
  renamedKeys,
  svg,
  whyNoGraph,
  type CanvasState,
  type Layout,
} from "../../src/runtime/canvas/index.ts";
import { layoutOnce } from "../../src/runtime/canvas/layout-once.ts";
import { fromPage, PROTOCOL_VERSION, toPage, type FromPage } from "../../src/protocol/webview.ts";
import { themes, type ThemeClass } from "./themes.ts";

const dist = path.resolve("dist/webview");
const types: Readonly<Record<string, string>> = { ".js": "text/javascript", ".css": "text/css", ".ttf": "font/ttf" };
const origin = "http://page.test";

/** A page with its host. */
export interface Harness {
  readonly page: Page;
  /** What the page has said, in order. */
  readonly said: readonly FromPage[];
  /** The document as it is now. */
  text(): string;
  /** Another text, as if it had been typed. */
  type(text: string): Promise<void>;
  /** Another message of the host. */
  send(message: unknown): Promise<void>;
  /** Text on the clipboard, if the page has copied any. */
  copied(): string;
}

/** How a page is opened. */
export interface HarnessOptions {
  readonly theme?: ThemeClass;
  readonly width?: number;
  readonly file?: string;
}

/** Opens the page on a text and waits until it is drawn. */
export async function openPage(browser: Browser, text: string, options: HarnessOptions = {}): Promise<Harness> {
  const page = await browser.newPage({ viewport: { width: options.width ?? 1280, height: 800 } });
  const host = new Host(page, text, options.file ?? "graph.toml");
  await page.exposeFunction("tellHost", (message: unknown) => host.hear(message));
  await page.route(`${origin}/**`, async (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name === "") return route.fulfill({ contentType: "text/html", body: html(options.theme ?? "vscode-dark") });
    const body = await readFile(path.join(dist, path.basename(name)));
    return route.fulfill({ contentType: types[path.extname(name)] ?? "application/octet-stream", body });
  });
  await page.goto(`${origin}/`);
  await page.locator(".canvas").waitFor();
  await host.drawn;
  return host;
}

function html(theme: ThemeClass): string {
  const variables = Object.entries(themes[theme]).map(([name, value]) => `--vscode-${name}: ${value};`);
  const policy = `default-src 'none'; script-src 'nonce-page'; style-src ${origin} 'nonce-page'; font-src ${origin}; img-src data:`;
  const api = `let kept; const acquireVsCodeApi = () => ({ postMessage: (m) => { window.tellHost(m); }, getState: () => kept, setState: (s) => { kept = s; } });`;
  return `<!DOCTYPE html><html lang="en"><head><meta charset="UTF-8"><title>Graph</title>
<meta http-equiv="Content-Security-Policy" content="${policy}">
<style nonce="page">:root { ${variables.join(" ")} } body { background: var(--vscode-editor-background); }</style>
<link rel="stylesheet" href="${origin}/page.css"></head>
<body class="${theme}"><div id="root"></div><script nonce="page">${api}</script>
<script nonce="page" src="${origin}/page.js"></script></body></html>`;
}

class Host implements Harness {
  readonly page: Page;
  readonly said: FromPage[] = [];
  readonly drawn: Promise<void>;
  private isDrawn: () => void = () => undefined;
  private readonly open = openDocuments();
  private readonly file: string;
  private readonly closed = new Set<string>();
  private state: CanvasState | null = null;
  private current: string;
  private version = 1;
  private layout: Layout | null = null;
  private selected: string | null = null;
  private clipboard = "";

  constructor(page: Page, text: string, file: string) {
    this.page = page;
    this.current = text;
    this.file = file;
    this.drawn = new Promise((resolve) => {
      this.isDrawn = resolve;
    });
  }

  text(): string {
    return this.current;
  }

  copied(): string {
    return this.clipboard;
  }

  async type(text: string): Promise<void> {
    this.current = text;
    this.version++;
    await this.draw();
  }

  async hear(raw: unknown): Promise<void> {
    const message = fromPage.parse(raw);
    this.said.push(message);
    switch (message.type) {
      case "ready":
        await this.send({
          type: "init",
          protocol: PROTOCOL_VERSION,
          palette: paletteOf(this.file.endsWith(".toml") ? "workflow" : "skill"),
          canRun: { yes: false, reason: "There is no workspace." },
          title: this.file,
        });
        return this.draw();
      case "select":
        this.selected = message.element;
        return this.inspect();
      case "intent":
        return this.perform(message);
      case "copy": {
        const copied = this.state === null ? null : copyNodes(this.state, message.nodes);
        if (copied?.ok === true) this.clipboard = copied.text;
        return;
      }
      case "complete": {
        const items = this.state === null ? [] : offersAt(this.state, message.element, message.path, message.text);
        return this.send({ type: "completions", request: message.request, items });
      }
      case "collapse":
        if (message.closed) this.closed.add(message.frame);
        else this.closed.delete(message.frame);
        return this.draw();
      case "export":
        if (message.format === "png" && message.png === null && this.state !== null && this.layout !== null)
          await this.send({ type: "rasterise", svg: svg(this.state.drawing, this.layout) });
        return;
      default:
    }
  }

  private async perform({ request, intent }: Extract<FromPage, { type: "intent" }>): Promise<void> {
    if (intent.type === "begin") return this.type(beginning(this.file) ?? "");
    if (this.state === null) return;
    const plan = planOnCanvas(this.state, intent, this.open);
    if (plan.type === "refused")
      return this.send({ type: "answered", request, ok: false, message: plan.message, select: null });
    if (plan.type === "rename") {
      // The language server renames in the editor; here the id alone is enough.
      const end = this.current.indexOf('"', plan.offset);
      this.current = `${this.current.slice(0, plan.offset)}${plan.to}${this.current.slice(end)}`;
    } else this.current = applyEdits(this.current, plan.edits);
    this.version++;
    await this.draw();
    const select = plan.type === "rename" ? null : plan.select;
    if (select !== null) this.selected = select;
    await this.send({ type: "answered", request, ok: true, message: null, select });
    await this.inspect();
  }

  private async draw(): Promise<void> {
    const state = drawDocument(this.current, this.file, this.open, null);
    if (!isDrawn(state)) {
      const errors = state.errors.map(({ severity, code, message }) => ({ severity, code, message, element: null }));
      const without = whyNoGraph(this.current, this.file);
      const isGraph = state.live !== null || (this.state !== null && without === "other");
      const why = isGraph ? "syntax" : without;
      return this.send({ type: "broken", version: this.version, why, errors });
    }
    const renames = this.state === null ? new Map<string, string>() : renamedKeys(this.state.drawing, state.drawing);
    if (this.selected !== null) this.selected = renames.get(this.selected) ?? this.selected;
    this.state = state;
    const drawing = closeFrames(state.drawing, this.closed);
    this.layout = await layoutOnce(drawing, { moved: {}, before: this.layout });
    const plain: unknown = {
      type: "graph",
      version: this.version,
      drawing,
      layout: this.layout,
      editable: true,
      renames: Object.fromEntries(renames),
      notice: null,
    };
    await this.send(plain);
    await this.inspect();
    this.isDrawn();
  }

  private async inspect(): Promise<void> {
    if (this.state === null) return;
    await this.send({ type: "inspected", version: this.version, fields: inspect(this.state, this.selected) });
  }

  async send(message: unknown): Promise<void> {
    const checked = toPage.parse(message);
    await this.page.evaluate(`window.postMessage(${JSON.stringify(checked)}, "*")`);
  }
}
