/** The graph editor's page in a window: its elements by name, and what a person does to them. */
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import type { FrameLocator, Locator } from "playwright-core";
import { expect } from "vitest";
import type { Window } from "./window.ts";

/** A finding of axe-core. */
export interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[];
}

/** See the header. */
export class CanvasPage {
  readonly frame: FrameLocator;
  private readonly window: Window;

  /** The page in a given frame of the window; default the only one. */
  constructor(window: Window, webview?: Locator) {
    this.window = window;
    this.frame = webview === undefined ? window.canvas : webview.contentFrame().frameLocator("iframe#active-frame");
  }

  /** A node, start or frame by its key, which is its name where that is unique. */
  node(key: string): Locator {
    return this.frame.locator(`.react-flow__node[data-id="${key}"]`);
  }

  /** All nodes of the document, without starts and frames. */
  get nodes(): Locator {
    return this.frame.locator(".react-flow__node-node");
  }

  /** All edges, those of starts included. */
  get edges(): Locator {
    return this.frame.locator('.react-flow__edge[aria-label^="Edge from"]');
  }

  /** A field of the inspector. */
  field(label: string): Locator {
    return this.frame.locator(".inspector").getByLabel(label, { exact: false }).first();
  }

  /** A field of the form by its exact name. */
  formField(key: string): Locator {
    const named = this.frame.locator("label", { hasText: new RegExp(`^${key}( required)?$`) });
    return this.frame.locator(".inspector .field", { has: named }).locator("input, textarea, select").first();
  }

  /** A section of the form by its exact title. */
  section(title: string): Locator {
    return this.frame.locator(`.section:has(> summary .section-title:text-is("${title}"))`);
  }

  button(label: string): Locator {
    return this.frame.locator(`.toolbar button[aria-label="${label}"]`);
  }

  /** What the status line says. */
  get said(): Locator {
    return this.frame.locator(".said");
  }

  async select(key: string): Promise<void> {
    // What is out of view is not drawn at all.
    if ((await this.node(key).count()) === 0) await this.button("Fit the graph to the window").click();
    await this.node(key).click();
    await this.node(key).locator(".selected").waitFor();
  }

  /** Shows or hides a panel. */
  async panel(name: "palette" | "inspector", shown: boolean): Promise<void> {
    const button = this.button(name === "palette" ? "Show or hide the palette" : "Show or hide the fields");
    if ((await button.getAttribute("aria-pressed")) !== String(shown)) await button.click();
    await this.frame.locator(`.${name}`).waitFor({ state: shown ? "visible" : "detached" });
  }

  /** Shows the whole graph, until so many nodes are drawn and the view stands still. */
  async fit(nodes: number): Promise<void> {
    let before: string | null = null;
    await expect
      .poll(
        async () => {
          const view = await this.frame.locator(".react-flow__viewport").getAttribute("style");
          const [drawn, stands] = [await this.nodes.count(), view === before];
          before = view;
          if (!stands || drawn !== nodes) await this.button("Fit the graph to the window").click();
          return stands ? drawn : null;
        },
        // Longer than the view takes to get there.
        { interval: 400 },
      )
      .toBe(nodes);
  }

  /** Types into a field and commits with Enter. */
  async fill(label: string, text: string): Promise<void> {
    const field = this.field(label);
    await field.fill(text);
    await field.press("Enter");
  }

  /** Keys for the canvas itself. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.frame.locator(".canvas").focus();
    for (const key of keys) await this.window.page.keyboard.press(key);
  }

  /** Drags from a node's way out with this label (`""`: the plain one) to another node. */
  async connect(from: string, port: string, to: string): Promise<void> {
    const labelled = this.node(from).locator(`.port:has(.port-name:text-is("${port}")) .react-flow__handle`);
    const source = port === "" ? this.node(from).locator(".react-flow__handle.source").first() : labelled;
    await this.draw(source, to);
    const name = `Edge from ${from} to ${to}${port === "" ? "" : `, when ${port}`}`;
    await this.frame.locator(`.react-flow__edge[aria-label="${name}"]`).waitFor({ state: "attached" });
  }

  /** Drags from an element's way out to another element, as a person draws an edge. */
  async drawEdge(from: string, port: number, to: string): Promise<void> {
    await this.draw(this.node(from).locator(".react-flow__handle.source").nth(port), to);
  }

  /** Waits until an element is where it was a moment ago: a view that is still on its way cannot be aimed at. */
  private async standsStill(element: Locator): Promise<void> {
    let before = "";
    const stands = async (): Promise<boolean> => {
      const [now, last] = [JSON.stringify(await element.boundingBox()), before];
      before = now;
      return now === last;
    };
    await expect.poll(stands, { interval: 400 }).toBe(true);
  }

  private async draw(source: Locator, to: string): Promise<void> {
    const target = this.node(to).locator(".react-flow__handle.target").first();
    await this.standsStill(source);
    const [start, end] = [await source.boundingBox(), await target.boundingBox()];
    if (start === null || end === null) throw new Error(`an end of the edge to ${to} is not to be seen`);
    const { mouse } = this.window.page;
    await mouse.move(start.x + start.width / 2, start.y + start.height / 2);
    await mouse.down();
    await mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2, { steps: 4 });
    await mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 4 });
    await mouse.up();
  }

  /** The middle of an element as it stands in the window. */
  async middle(element: Locator): Promise<{ readonly x: number; readonly y: number }> {
    const box = await element.boundingBox();
    if (box === null) throw new Error("the element is not to be seen");
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }

  /** Drags with the mouse, with a key held down or none. */
  async drag(from: { x: number; y: number }, to: { x: number; y: number }, key: string | null = null): Promise<void> {
    const { mouse, keyboard } = this.window.page;
    if (key !== null) await keyboard.down(key);
    await mouse.move(from.x, from.y);
    await mouse.down();
    await mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 5 });
    await mouse.move(to.x, to.y, { steps: 5 });
    await mouse.up();
    if (key !== null) await keyboard.up(key);
  }

  /** What axe-core finds on the page that is serious or critical. */
  async accessibilityProblems(): Promise<Violation[]> {
    const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    const handle = await this.frame.locator("body").elementHandle();
    const frame = await handle?.ownerFrame();
    if (frame === null || frame === undefined) throw new Error("the page has no frame");
    await frame.evaluate(source);
    const found = await frame.evaluate<readonly Violation[]>(
      "axe.run(document, { resultTypes: ['violations'] }).then((report) => report.violations)",
    );
    return found.filter(({ impact }) => impact === "serious" || impact === "critical");
  }
}
