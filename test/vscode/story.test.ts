/**
 * The getting-started page in a real VS Code, done from its first step to its last: open, fix, dry-run, break, approve,
 * export. Its photographs are those of the README and of the page itself (docs/images).
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { makeWorkspace } from "../../scripts/vscode/workspace.mjs";
import { CanvasPage } from "./rig/canvas.ts";
import { photographFailure, rig, unsupported, Window } from "./rig/window.ts";

const FILE = "countersign-sample/first-steps.toml";
const STEPS = 6;

describe.skipIf(unsupported)("getting started", () => {
  let window: Window;
  let canvas: CanvasPage;

  beforeAll(async () => {
    const folder = await makeWorkspace(path.join(rig().folder, `story-${process.pid}`));
    // Not that of the workspace folder: views find the runs of every configuration below it.
    await mkdir(path.join(folder, path.dirname(FILE)));
    await writeFile(path.join(folder, path.dirname(FILE), "countersign.toml"), 'state_dir = ".countersign"\n');
    window = await Window.open({ folder });
    canvas = new CanvasPage(window);
  });
  afterEach(({ task }) => photographFailure(window, task));
  afterAll(() => window?.close());

  const input = (): Locator => window.page.locator(".quick-input-widget input[type=text]");

  test("the page opens with its six steps, and the sample stands beside its graph", async () => {
    await window.command("Countersign: Get Started");
    await expect.poll(() => window.page.locator(".getting-started-step").count()).toBe(STEPS);
    await window.screenshot("story-page");
    await window.page.locator(".getting-started-step a", { hasText: "Open the Sample" }).first().click();
    await canvas.node("start:main").waitFor();
    await canvas.panel("palette", false);
    await canvas.panel("inspector", false);
    await window.page.keyboard.press("Control+b");
    await window.page.locator(".squiggly-error").first().waitFor();
    await canvas.fit(6);
    await window.screenshot("story-open");
  });

  test("the first fix of the squiggle puts it right", async () => {
    await window.goTo(FILE, '"aks"', 7);
    await (await window.quickFixes()).filter({ hasText: "ask" }).first().waitFor();
    await window.screenshot("story-fix");
    await window.page.keyboard.press("Enter");
    await window.page.locator(".squiggly-error").first().waitFor({ state: "detached" });
    await window.page.keyboard.press("Control+s");
    await window.dirty(FILE).first().waitFor({ state: "detached" });
    expect(await readFile(path.join(window.folder, FILE), "utf8")).toContain('to = "ask" # misspelt');
  });

  test("a dry run shows its way on the canvas", async () => {
    await canvas.button("Dry run").click();
    await window.takeFirst();
    await expect.poll(() => canvas.frame.locator(".timeline-standing").textContent()).toMatch(/^Dry run completed/);
    await canvas.fit(6);
    await window.screenshot("story-dryRun");
    await canvas.frame.locator(".canvas").click({ position: { x: 5, y: 5 } });
  });

  test("a breakpoint on a node stops a session there", async () => {
    await canvas.select("draft");
    await canvas.press("F9");
    await canvas.node("draft").locator(".breakpoint-spot.set").waitFor();
    await canvas.press("F5");
    await window.takeFirst();
    await canvas.node("named").locator(".stands-here").waitFor();
    await window.debuggerStands();
    await canvas.press("F5");
    await canvas.node("draft").locator(".stands-here").waitFor();
    await window.debuggerStands();
    await window.page.keyboard.press("Control+Shift+d");
    await window.page.locator(".debug-variables .monaco-list-row").first().waitFor();
    await window.page.locator(".debug-variables .monaco-list-row", { hasText: "Outputs" }).first().click();
    await window.page.keyboard.press("Control+j");
    await window.page.locator(".part.panel .pane-body, .part.panel .repl").first().waitFor({ state: "hidden" });
    await canvas.fit(6);
    await window.screenshot("story-break");
    await canvas.press("Shift+F5");
    await canvas.frame.locator(".debug-bar").waitFor({ state: "detached" });
    await window.command("Remove All Breakpoints");
  });

  test("a run waits for an answer, is approved on the request's page, and leaves a receipt", async () => {
    await canvas.button("Run").click();
    await window.takeFirst();
    await expect.poll(() => canvas.frame.locator(".timeline-standing").textContent()).toMatch(/waits|paused/i);
    await window.command("Countersign: Review Next Approval");
    await window.canvas.getByRole("heading", { name: /asks for your answer/ }).waitFor();
    await window.command("Countersign: Focus on Approvals View");
    await window.screenshot("story-approve");
    await window.canvas.getByRole("button", { name: "Approve…" }).click();
    const dialog = window.page.locator(".monaco-dialog-box");
    await dialog.waitFor();
    await expect.poll(() => dialog.textContent()).toContain("Send this greeting?");
    await dialog.getByText("Approve", { exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    const runs = window.page.locator(".monaco-list-row", { hasText: "first-steps.toml" });
    await runs.filter({ hasText: "completed" }).first().waitFor();
    await window.command("Countersign: Focus on Receipts View");
    const receipt = window.page.locator('.pane:has(.pane-header[aria-label^="Receipts"]) .monaco-list-row').first();
    await receipt.waitFor();
    // A row whose verdict comes while it is clicked is drawn anew, and the click is nobody's.
    const opened = async (): Promise<boolean> => {
      await receipt.click();
      return window.canvas
        .locator(".verdict h2")
        .waitFor({ timeout: 10_000 })
        .then(
          () => true,
          () => false,
        );
    };
    await expect.poll(opened, { interval: 500 }).toBe(true);
    await window.screenshot("story-export");
  });

  test("exporting is the last step, and all of them are ticked off", async () => {
    await window.titleButton("Export Receipts").click();
    await window.page.locator(".quick-input-list .monaco-list-row", { hasText: "HTML" }).first().click();
    await expect.poll(() => input().inputValue()).toContain(window.folder);
    const target = path.join(window.folder, "proof.html");
    await input().fill(target);
    await input().press("Enter");
    await expect.poll(() => readFile(target, "utf8").catch(() => "")).toContain("first-steps");
    await window.command("Countersign: Get Started");
    await expect
      .poll(() => window.page.locator(".getting-started-step .codicon-getting-started-step-checked.complete").count())
      .toBe(STEPS);
    await window.screenshot("story-done");
  });
});
