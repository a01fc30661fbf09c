/** Debugging on the canvas in a real VS Code: breakpoints that are the gutter's, a session that is followed, time travel. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CanvasPage } from "./rig/canvas.ts";
import { photographFailure, unsupported, Window } from "./rig/window.ts";

const FILE = "support-router/support-router.toml";

describe.skipIf(unsupported)("debugging on the canvas", () => {
  let window: Window;
  let canvas: CanvasPage;

  beforeAll(async () => {
    window = await Window.open({ file: FILE });
    await window.page.keyboard.press("Control+b");
    await window.openGraphToSide();
    canvas = new CanvasPage(window);
    await canvas.panel("palette", false);
    await canvas.panel("inspector", false);
  });
  afterEach(({ task }) => photographFailure(window, task));
  afterAll(() => window?.close());

  const gutter = () => window.page.locator(".editor-instance [class*='codicon-debug-breakpoint']");
  const spot = (node: string) => canvas.node(node).locator(".breakpoint-spot.set");
  const stands = () => canvas.frame.locator(".debug-bar");
  const slider = () => canvas.frame.getByRole("slider", { name: "Instant of the run" });

  /** Waits until the canvas shows that the session stands before a node. */
  async function standsAt(node: string): Promise<void> {
    await canvas.node(node).locator(".stands-here").waitFor();
    await stands().getByText(`stopped before ${node}`).waitFor();
    await window.debuggerStands();
  }

  test("F9 on a node is the breakpoint in the gutter, and the gutter's is the node's", async () => {
    await canvas.select("billing");
    await canvas.press("F9");
    await spot("billing").waitFor();
    await gutter().first().waitFor();
    await window.goTo(FILE, 'expr = "trigger.ticket.topic"');
    await window.page.keyboard.press("F9");
    await spot("route").waitFor();
    await expect.poll(() => spot("route").getAttribute("aria-label")).toMatch(/^Breakpoint, pending/);
    await window.page.keyboard.press("F9");
    await spot("route").waitFor({ state: "detached" });
    await expect.poll(() => spot("billing").count()).toBe(1);
  });

  test("a breakpoint goes with its node when the text above it changes", async () => {
    await window.goTo(FILE, 'name = "support-router"');
    await window.page.keyboard.press("Control+Shift+Enter");
    await window.dirty(FILE).first().waitFor();
    await spot("billing").waitFor();
    await window.page.keyboard.press("Control+z");
    await window.dirty(FILE).first().waitFor({ state: "detached" });
    await spot("billing").waitFor();
  });

  test("F5 from the canvas starts a session that it follows, and F5 goes on to the breakpoint", async () => {
    await canvas.press("F5");
    await window.takeFirst();
    await standsAt("greeting");
    await canvas.fit(7);
    await expect.poll(() => spot("billing").getAttribute("aria-label")).toMatch(/^Breakpoint\. /);
    await canvas.press("F10");
    await stands().getByText("a failure").waitFor();
    await standsAt("standard");
    await canvas.press("F5");
    await standsAt("billing");
    await expect.poll(() => stands().textContent()).toMatch(/breakpoint/);
    await expect.poll(() => canvas.frame.locator(".edge.taken").count()).toBeGreaterThan(1);
    await canvas.node("route").locator(".run-done").waitFor();
    await window.screenshot("canvas-debug-stopped");
  });

  test("stepping back and the slider show the run as it was, and Live leads back", async () => {
    await window.page.locator(".debug-toolbar .codicon-debug-step-back").click();
    await standsAt("route");
    await expect.poll(() => canvas.node("route").locator(".run-done").count()).toBe(0);
    await slider().focus();
    await window.page.keyboard.press("Home");
    await standsAt("greeting");
    await expect.poll(() => slider().getAttribute("aria-valuetext")).toBe("before greeting, 1 of 3");
    await expect.poll(() => canvas.frame.locator(".run-done, .run-failed").count()).toBe(0);
    await canvas.frame.locator("input[type=range]:focus").waitFor();
    await window.page.keyboard.press("ArrowRight");
    await standsAt("standard");
    await window.screenshot("canvas-debug-past");
    await canvas.frame.getByRole("button", { name: "Live" }).click();
    await standsAt("billing");
    await expect.poll(() => slider().getAttribute("aria-valuetext")).toMatch(/^the present/);
  });

  test("a value that is set by hand is marked on its node", async () => {
    await window.page.keyboard.press("Control+Shift+d");
    await canvas.fit(7);
    const row = (text: string) => window.page.locator(".debug-variables .monaco-list-row", { hasText: text }).first();
    const open = async (text: string, inner: string): Promise<void> => {
      await row(text).waitFor();
      if ((await row(inner).count()) === 0) await row(text).locator(".monaco-tl-twistie").click();
      await row(inner).waitFor();
    };
    await open("Outputs", "standard");
    await open("standard", "rendered");
    await row("rendered").dblclick();
    const box = window.page.locator(".debug-variables input");
    await box.waitFor();
    await box.fill('"by hand"');
    await box.press("Enter");
    await canvas.node("standard").locator(".node-edited").waitFor();
    await standsAt("billing");
    await window.screenshot("canvas-debug-edited");
  });

  test("says that the text has changed, and takes the word back when it is as it was", async () => {
    await window.goTo(FILE, 'id = "outage"', 7);
    await window.page.keyboard.type("x");
    await stands().getByText("has changed since the session began").waitFor();
    await window.page.keyboard.press("Control+z");
    await canvas.frame.locator(".debug-differs").waitFor({ state: "detached" });
  });

  test("run to here and restart from here, from the menu", async () => {
    await canvas.fit(7);
    await canvas.node("standard").click({ button: "right" });
    await canvas.frame.getByRole("menuitem", { name: "Restart from here" }).click();
    await standsAt("standard");
    await canvas.fit(7);
    await canvas.node("route").click({ button: "right" });
    await canvas.frame.getByRole("menuitem", { name: "Run to here" }).click();
    await standsAt("route");
  });

  test("the session stays at the end of the run, can be stepped back into, and takes its marks along", async () => {
    // The button says by itself when the session stands still; a key that comes too early is lost.
    const goOn = window.page.locator(".debug-toolbar .codicon-debug-continue");
    await goOn.click();
    await standsAt("billing");
    await goOn.click();
    await stands().getByText("at its end").waitFor();
    await canvas.fit(7);
    await canvas.node("billing").locator(".run-done").waitFor();
    await window.screenshot("canvas-debug-end");
    await window.page.locator(".debug-toolbar .codicon-debug-step-back").click();
    await standsAt("billing");
    await canvas.press("Shift+F5");
    await window.page.locator(".debug-toolbar").waitFor({ state: "hidden" });
    await stands().waitFor({ state: "detached" });
    await expect.poll(() => canvas.frame.locator(".run-done, .stands-here, .time-slider").count()).toBe(0);
    await expect.poll(() => spot("billing").getAttribute("aria-label")).toMatch(/pending/);
  });

  test("with nothing but the canvas open F5 shows the text beside it and keys still step", async () => {
    await window.command("View: Close All Editors");
    await window.openFile("support-router.toml");
    await window.titleButton("Open Graph to the Side").first().waitFor();
    await window.command("Countersign: Open Graph");
    await window.canvas.locator(".react-flow__node").first().waitFor();
    await canvas.press("F5");
    await window.takeFirst();
    await standsAt("greeting");
    await canvas.press("F10");
    await standsAt("standard");
    await window.screenshot("canvas-debug-alone");
    await canvas.press("Shift+F5");
    await stands().waitFor({ state: "detached" });
  });
});
