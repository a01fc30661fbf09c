/** A window of the real VS Code with one graph in it, and what a person does there. Every wait is for a condition. */
import path from "node:path";
import type { Browser, BrowserContext, Frame, Page } from "playwright-core";
import { probe, probed, type Opened } from "./browser.ts";

/** Longest wait for one condition; milliseconds. */
const PATIENCE = 60_000;

/** See the header. */
export class BenchWindow {
  readonly page: Page;
  private readonly context: BrowserContext;
  private heard: (one: Opened) => void = () => undefined;

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
  }

  /** Opens a file of a folder as text and waits until the language server has looked at it. */
  static async open(browser: Browser, port: number, folder: string, file: string): Promise<BenchWindow> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    const window = new BenchWindow(context, page);
    await probed(context, (one) => {
      window.heard(one);
    });
    const host = `127.0.0.1:${port}`;
    const payload = [["openFile", `vscode-remote://${host}${path.join(folder, file)}`]];
    await page.goto(
      `http://${host}/?folder=${encodeURIComponent(folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`,
    );
    await page.locator(".monaco-editor .codelens-decoration").first().waitFor();
    await probe(page, "listen");
    await page.keyboard.press("Control+b");
    await page.locator(".sidebar").waitFor({ state: "hidden" });
    return window;
  }

  /** Opens the graph beside the text by the button of the title; gives the milliseconds from the click. */
  async openGraph(): Promise<{ readonly visible: number; readonly selected: number; readonly frame: Frame }> {
    const opened = new Promise<Opened>((resolve) => (this.heard = resolve));
    await this.page.locator('.editor-actions a[aria-label^="Open Graph to the Side"]').first().click();
    const { visible, selected, frame } = await opened;
    const clicked = await probe(this.page, "lastInput");
    return { visible: visible - clicked, selected: selected - clicked, frame };
  }

  /** Closes the graph again. */
  async closeGraph(): Promise<void> {
    await this.closing("View: Close Editor");
  }

  /** Gives the graph the whole window. */
  async onlyGraph(): Promise<void> {
    await this.closing("View: Close Editors in Other Groups");
  }

  /** Takes back what was changed, so that the next window finds nothing to restore. */
  async revert(): Promise<void> {
    await this.page.locator(".tab").first().click();
    await this.command("File: Revert File");
    await this.page.locator(".tab.dirty").first().waitFor({ state: "detached" });
  }

  private async closing(command: string): Promise<void> {
    const tabs = this.page.locator(".tab");
    await tabs.last().click();
    await this.command(command);
    await tabs.nth(1).waitFor({ state: "detached" });
  }

  /** Milliseconds that VS Code says activation took: loading the code and the call. Its list stays open: ask last. */
  async activation(): Promise<number> {
    await this.command("Developer: Show Running Extensions");
    const row = this.page.locator(".runtime-extensions-editor .monaco-list-row", { hasText: "Countersign" });
    const text = await row.locator(".activation-time").textContent();
    const [, millis] = /(\d+)ms/.exec(text ?? "") ?? [];
    if (millis === undefined) throw new Error(`VS Code says no time of activation, but ${text ?? "nothing"}`);
    return Number(millis);
  }

  /** Puts the text cursor behind the first occurrence of a text in a line of the file. */
  async goTo(line: number, column: number): Promise<void> {
    await this.page.locator(".editor-instance .monaco-editor .view-lines").first().click();
    await this.page.keyboard.press("Control+g");
    const input = this.page.locator(".quick-input-widget input[type=text]");
    await input.waitFor();
    await input.fill(`:${line}:${column}`);
    await input.press("Enter");
    await input.waitFor({ state: "hidden" });
  }

  private async command(title: string): Promise<void> {
    await this.page.keyboard.press("F1");
    const input = this.page.locator(".quick-input-widget input[type=text]");
    await input.waitFor();
    await input.fill(`>${title}`);
    const row = (label: string): string => `.quick-input-list .monaco-list-row[aria-label${label}"]`;
    await this.page
      .locator(`${row(`="${title}`)}, ${row(`^="${title}, `)}`)
      .first()
      .click();
    await input.waitFor({ state: "hidden" });
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
