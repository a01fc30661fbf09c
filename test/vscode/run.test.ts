/** Runs and dry runs in a real VS Code: from the code lens, from the canvas, and refused where nothing is trusted. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CanvasPage } from "./rig/canvas.ts";
import { photographFailure, unsupported, Window } from "./rig/window.ts";

const FILE = "hello-graph/graph.yaml";

describe.skipIf(unsupported)("runs", () => {
  let window: Window;
  let canvas: CanvasPage;

  beforeAll(async () => {
    window = await Window.open({ file: FILE });
    await window.page.keyboard.press("Control+b");
    canvas = new CanvasPage(window);
  });
  afterEach(({ task }) => photographFailure(window, task));
  afterAll(() => window?.close());

  test("the code lens starts a dry run from the fixture, and its end is told", async () => {
    await window.page.locator(".codelens-decoration a", { hasText: "Dry run" }).first().click();
    await window.takeFirst();
    await window.notified(/Dry run of graph\.yaml completed/);
    await window.command("Notifications: Clear All Notifications");
  });

  test("a graph that is opened afterwards shows the run: nodes done, edges taken, a row for each visit", async () => {
    await window.openGraphToSide();
    await canvas.frame.locator(".run-done").first().waitFor();
    await expect.poll(() => canvas.frame.locator(".edge.taken").count()).toBeGreaterThan(0);
    await expect.poll(() => canvas.frame.locator(".timeline-row").count()).toBeGreaterThanOrEqual(2);
    await expect.poll(() => canvas.frame.locator(".timeline-standing").textContent()).toMatch(/^Dry run completed/);
  });

  test("Run on the canvas runs for real, and the timeline walks by keyboard", async () => {
    await canvas.button("Run").click();
    await window.takeFirst();
    await expect.poll(() => canvas.frame.locator(".timeline-standing").textContent()).toMatch(/^Run completed/);
    await window.screenshot("canvas-run");
    const rows = canvas.frame.locator(".timeline-rows");
    await rows.focus();
    await window.page.keyboard.press("Home");
    const chosen = canvas.frame.locator(".timeline-row.chosen");
    const name = await chosen.textContent();
    await window.page.keyboard.press("ArrowDown");
    await expect.poll(() => chosen.textContent()).not.toBe(name);
    expect(await canvas.accessibilityProblems()).toEqual([]);
    await window.page.keyboard.press("Escape");
    await rows.waitFor({ state: "detached" });
  });

  test("a run takes no unsaved text: it is refused with a way to save", async () => {
    await window.editor.first().click();
    await window.page.keyboard.press("Control+Home");
    await window.page.keyboard.type("# typed\n");
    await window.dirty(FILE).first().waitFor();
    await canvas.button("Run").click();
    const refusal = await window.notified(/unsaved changes/);
    await refusal.hover();
    await refusal.getByText("Save and Run").click();
    await window.takeFirst();
    await expect.poll(() => window.read(FILE)).toContain("# typed\n");
    await window.dirty(FILE).first().waitFor({ state: "detached" });
  });
});

describe.skipIf(unsupported)("in a workspace that is not trusted", () => {
  let window: Window;

  beforeAll(async () => {
    window = await Window.open({ file: FILE, asking: true });
    await window.titleButton("Open Graph to the Side").waitFor();
  });
  afterEach(({ task }) => photographFailure(window, task));
  afterAll(() => window?.close());

  test("runs and dry runs are refused with the reason", async () => {
    for (const lens of [/^Run$/, /^Dry run$/]) {
      await window.page.locator(".codelens-decoration a", { hasText: lens }).first().click();
      await window.notified(/not trusted, so nothing is run/);
      await window.command("Notifications: Clear All Notifications");
    }
  });
});
