/** One VS Code window in the shared browser, and what a person does in it. Every wait is for a condition. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { chromium, type Browser, type Dialog, type FrameLocator, type Locator, type Page } from "playwright-core";
import { expect, inject, vi } from "vitest";
import { vscodeRuns } from "../../../scripts/vscode/install.mjs";
import { makeWorkspace } from "../../../scripts/vscode/workspace.mjs";
import { settings as baseSettings } from "./settings.ts";
import type { Rig } from "./setup.ts";

const screenshots = path.resolve(import.meta.dirname, "../../../.tmp/screenshots");
/** Longest wait for one condition; milliseconds. */
const PATIENCE = 60_000;

let browser: Promise<Browser> | null = null;
let workspaces = 0;

/** True where no VS Code can run at all, so that these tests are skipped and not failed. */
export const unsupported = !vscodeRuns() || inject("vscode").lacking;

/** What the global setup made. Throws the one sentence that says what to install. */
export function rig(): Rig {
  const { rig: made, reason } = inject("vscode");
  if (made === null) throw new Error(reason);
  return made;
}

/** How a window is opened. */
export interface WindowOptions {
  /** Its folder; default a fresh copy of the samples. */
  readonly folder?: string;
  /** A file of the folder that is open from the start. */
  readonly file?: string;
  /** On the server that asks about trust. */
  readonly asking?: boolean;
  /** Runs the suite of the extension host; receives what it prints. */
  readonly suite?: { readonly onLine: (line: string) => void; readonly onEnd: (code: number) => void };
}

/** See the header. */
export class Window {
  readonly page: Page;
  readonly folder: string;

  private constructor(page: Page, folder: string) {
    this.page = page;
    this.folder = folder;
  }

  /** Opens one and waits for its workbench. */
  static async open(options: WindowOptions = {}): Promise<Window> {
    const { browser: endpoint, folder: root, port, askingPort, suite } = rig();
    browser ??= chromium.connect(endpoint);
    const folder = options.folder ?? (await makeWorkspace(path.join(root, `workspace-${process.pid}-${workspaces++}`)));
    const context = await (
      await browser
    ).newContext({
      viewport: { width: 1440, height: 900 },
      permissions: ["clipboard-read", "clipboard-write"],
    });
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    const host = `127.0.0.1:${options.asking === true ? askingPort : port}`;
    const payload: string[][] = [];
    if (options.file !== undefined)
      payload.push(["openFile", `vscode-remote://${host}${path.join(folder, options.file)}`]);
    if (options.suite !== undefined) {
      const { onLine, onEnd } = options.suite;
      await page.exposeFunction("codeAutomationLog", (_type: string, parts: unknown[]) => {
        onLine(parts.map(String).join(" "));
      });
      await page.exposeFunction("codeAutomationExit", onEnd);
      payload.push(["extensionDevelopmentPath", `vscode-remote://${host}${suite.folder}`]);
      payload.push(["extensionTestsPath", `vscode-remote://${host}${suite.module}`]);
    }
    const query = payload.length === 0 ? "" : `&payload=${encodeURIComponent(JSON.stringify(payload))}`;
    await page.goto(`http://${host}/?folder=${encodeURIComponent(folder)}${query}`);
    const window = new Window(page, folder);
    await page.locator(".monaco-workbench").waitFor();
    if (options.file !== undefined && options.asking !== true) await window.editor.first().waitFor();
    return window;
  }

  /** Loads it again, as a person does: what is open comes back, and what was not saved. */
  async reload(): Promise<void> {
    // VS Code asks whether it may be left as long as something has not been put by, which takes it a second; being asked
    // again at once keeps it from doing so.
    await expect.poll(() => this.left(), { interval: 1500, timeout: PATIENCE }).toBe(true);
    await this.page.locator(".monaco-workbench").waitFor();
  }

  /** Whether the page let itself be loaded again without a question. */
  private left(): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let stayed = false;
      const stay = (dialog: Dialog): void => {
        stayed = true;
        dialog.dismiss().then(() => {
          resolve(false);
        }, reject);
      };
      this.page.once("dialog", stay);
      this.page.reload().then(
        () => {
          this.page.removeListener("dialog", stay);
          resolve(true);
        },
        (problem: unknown) => {
          this.page.removeListener("dialog", stay);
          if (!stayed) reject(problem instanceof Error ? problem : new Error(String(problem)));
        },
      );
    });
  }

  /** Closes it. */
  async close(): Promise<void> {
    await this.page.context().close();
  }

  /** The lines of the visible text editors. */
  get editor(): Locator {
    return this.page.locator(".editor-instance .monaco-editor .view-lines");
  }

  /** The graph editor's page; the last one that was opened is visible. */
  get canvas(): FrameLocator {
    return this.page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
  }

  /** The button of an editor's title bar. */
  titleButton(label: string): Locator {
    return this.page.locator(`.editor-actions a[aria-label^="${label}"]`);
  }

  /** Notifications of VS Code. */
  get notifications(): Locator {
    return this.page.locator(".notifications-toasts .notification-toast");
  }

  /** A notification with this text, in the list of all: toasts are not shown in a window without the focus. */
  async notified(text: RegExp): Promise<Locator> {
    const found = this.page.locator(".notifications-center .notification-list-item", { hasText: text }).first();
    // A list that is asked for before there is anything in it does not stay open.
    const listed = async (): Promise<boolean> => {
      if (!(await found.isVisible())) await this.command("Notifications: Show Notifications");
      return found.isVisible();
    };
    await expect.poll(listed, { interval: 1000, timeout: PATIENCE }).toBe(true);
    return found;
  }

  /** Opens a file by name, as Ctrl+P does. */
  async openFile(file: string): Promise<void> {
    await this.pick("Control+p", file);
    await vi.waitUntil(() => this.isOpen(file), { timeout: PATIENCE, interval: 100 });
  }

  /** Whether a file is in front: by the name on its tab, and as text by its address, since names are not unique. */
  private async isOpen(file: string): Promise<boolean> {
    const tab = this.page.locator(`.tab.active[data-resource-name="${path.basename(file)}"]`);
    if ((await tab.count()) === 0) return false;
    const texts = await this.page.locator(".editor-group-container.active .editor-instance .monaco-editor").all();
    const shown = await Promise.all(texts.map((text) => text.getAttribute("data-uri", { timeout: 1000 })));
    const uris = shown.flatMap((uri) => (uri === null ? [] : [decodeURIComponent(uri)]));
    return uris.length === 0 || uris.some((uri) => uri.endsWith(`/${file}`));
  }

  /** Runs a command by its title, as Ctrl+Shift+P does. */
  async command(title: string): Promise<void> {
    await this.pick("F1", `>${title}`);
  }

  private async pick(key: string, text: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget input[type=text]");
    // The list still shows what was there before until it has been filtered; files of one name differ by their folder.
    const parts = text.replace(/^>/, "").split("/");
    let found = this.page.locator(".quick-input-list .monaco-list-row.focused");
    for (const part of key === "F1" ? [parts.join("/")] : parts) found = found.filter({ hasText: part });
    const attempt = async (timeout: number): Promise<void> => {
      await this.page.keyboard.press(key);
      await input.waitFor({ timeout });
      await input.fill(text, { timeout });
      await found.first().waitFor({ timeout });
    };
    // An editor that takes the focus while it opens closes the list, and what is not known yet does not come into it
    // later; then it is asked for again.
    let attempts = attempt(2000);
    for (const patience of [3000, 5000, 10_000, PATIENCE]) {
      attempts = attempts.catch(async () => {
        await this.page.keyboard.press("Escape");
        await attempt(patience);
      });
    }
    await attempts;
    await input.press("Enter");
  }

  /** Puts the text cursor at the start of the line with this text (which occurs once), in the first text editor. */
  async goTo(file: string, text: string, column = 1): Promise<void> {
    const lines = (await this.read(file)).split("\n");
    const line = lines.findIndex((one) => one.includes(text)) + 1;
    expect(line, `${file} has a line with ${text}`).toBeGreaterThan(0);
    await this.editor.first().click();
    await this.page.keyboard.press("Control+g");
    const input = this.page.locator(".quick-input-widget input[type=text]");
    await input.waitFor();
    await input.fill(`:${line}:${column}`);
    await input.press("Enter");
    await input.waitFor({ state: "hidden" });
  }

  /** Opens the list of quick fixes where the text cursor is, and gives its rows. */
  async quickFixes(): Promise<Locator> {
    const rows = this.page.locator(".action-widget .monaco-list-row");
    // The key is nobody's while the focus is on its way back from another box.
    const opened = async (): Promise<number> => {
      if ((await rows.count()) === 0) await this.page.keyboard.press("Control+.");
      return rows.count();
    };
    await expect.poll(opened, { interval: 2000, timeout: PATIENCE }).toBeGreaterThan(0);
    return rows;
  }

  /** Opens the graph of the active file beside its text and waits until it is drawn. */
  async openGraphToSide(): Promise<void> {
    await this.titleButton("Open Graph to the Side").first().click();
    await this.canvas.locator(".react-flow__node").first().waitFor();
  }

  /** Waits until VS Code knows that its debugging session stands still: a key for it that comes earlier is lost. */
  async debuggerStands(): Promise<void> {
    await this.page.locator(".debug-toolbar .action-item:not(.disabled) .codicon-debug-continue").first().waitFor();
  }

  /** Runs a command that offers a list, and takes the entry with this text. */
  async commandChoosing(title: string, text: string): Promise<void> {
    const entry = this.page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first();
    // A page to which the focus is on its way back closes the list; then it is asked for again, as a person does.
    const chosen = async (): Promise<boolean> => {
      await this.command(title);
      return entry.click({ timeout: 5000 }).then(
        () => true,
        () => false,
      );
    };
    await vi.waitUntil(chosen, { timeout: PATIENCE, interval: 100 });
  }

  /** Takes what a list offers first, such as the first way of giving a run its input. */
  async takeFirst(): Promise<void> {
    await this.page.locator(".quick-input-list .monaco-list-row.focused").first().waitFor();
    await this.page.locator(".quick-input-widget input[type=text]").press("Enter");
  }

  /** Chooses an entry of the menu that belongs to an element. */
  async fromMenu(element: Locator, label: string): Promise<void> {
    await element.click({ button: "right" });
    const item = this.page.locator(".context-view .action-label", { hasText: label });
    await item.first().waitFor();
    // A menu that has just opened takes a click for the end of the one that opened it.
    const chosen = async (): Promise<boolean> => {
      if ((await item.count()) === 0) return true;
      await item.first().click({ timeout: 500 });
      return (await item.count()) === 0;
    };
    await vi.waitUntil(() => chosen().catch(() => false), { timeout: PATIENCE, interval: 300 });
  }

  /** The file as it is on disk. */
  read(file: string): Promise<string> {
    return readFile(path.join(this.folder, file), "utf8");
  }

  /** Whether any tab of the file is marked as changed. */
  dirty(file: string): Locator {
    return this.page.locator(`.tab.dirty[data-resource-name="${path.basename(file)}"]`);
  }

  /** Waits until the document has changed, saves it with Ctrl+S from where the focus is, and gives the file's text. */
  async saved(file: string): Promise<string> {
    await this.dirty(file).first().waitFor();
    await this.page.keyboard.press("Control+s");
    await this.dirty(file).first().waitFor({ state: "detached" });
    return this.read(file);
  }

  /** Puts a file back, on disk and in its editors, so that the next test begins as if the last had passed. */
  async restore(file: string, text: string): Promise<void> {
    await this.page.keyboard.press("Escape");
    if ((await this.dirty(file).count()) > 0) {
      await this.command("File: Revert File");
      await this.dirty(file).first().waitFor({ state: "detached" });
    }
    await writeFile(path.join(this.folder, file), text);
  }

  /** Changes settings of the server, which every window follows; without any, back to those of the tests. */
  async settings(changed: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await writeFile(rig().settingsFile, JSON.stringify({ ...baseSettings, ...changed }, null, 2));
  }

  /** Photographs the window for people to look at, where they have asked for it (COUNTERSIGN_PHOTOGRAPHS=1). */
  async screenshot(name: string): Promise<void> {
    if (process.env["COUNTERSIGN_PHOTOGRAPHS"] === "1") await this.photograph(name);
  }

  /** Photographs the window into `.tmp/screenshots/NAME.png`. */
  async photograph(name: string): Promise<void> {
    await mkdir(screenshots, { recursive: true });
    await this.page.screenshot({ path: path.join(screenshots, `${name}.png`) });
  }
}

/** Photographs a window whose test failed; to be given to `afterEach`. */
export async function photographFailure(
  window: Window | null,
  task: { readonly name: string; readonly result?: { readonly state: string } | undefined },
): Promise<void> {
  if (window === null || task.result?.state !== "fail") return;
  await window.photograph(`failed-${task.name.replaceAll(/[^A-Za-z0-9]+/g, "-")}`);
}
