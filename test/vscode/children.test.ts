/** Documents that nodes run, in a real VS Code: drawn inside their node, lit up by a run, opened, and chosen from a dialog. */
import { cp } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CanvasPage } from "./rig/canvas.ts";
import { changedLines } from "./rig/texts.ts";
import { photographFailure, unsupported, Window } from "./rig/window.ts";

const FILE = "map-accounts/map-accounts.toml";

describe.skipIf(unsupported)("children", () => {
  let window: Window;
  let canvas: CanvasPage;
  beforeAll(async () => {
    window = await Window.open({ file: FILE });
    // Its payload and its policy name files from the root of the examples.
    await cp(path.join(window.folder, "map-accounts"), path.join(window.folder, "examples/map-accounts"), {
      recursive: true,
    });
    await window.page.keyboard.press("Control+b");
    await window.titleButton("Open Graph to the Side").waitFor();
    await window.command("Countersign: Open Graph");
    canvas = new CanvasPage(window);
    await canvas.nodes.first().waitFor();
  });
  afterEach(({ task }) => photographFailure(window, task));
  afterAll(() => window?.close());

  test("a child is drawn inside its node, and a dry run lights its steps up", async () => {
    await canvas.select("rate_each");
    await canvas.press("e");
    const child = canvas.node("rate_each").locator(".child");
    await child.waitFor();
    const steps = child.locator(".node.child-box");
    await expect.poll(() => steps.count()).toBeGreaterThan(1);
    await canvas.button("Dry run").click();
    await window.page.locator(".quick-input-list .monaco-list-row", { hasText: "fixture.toml" }).first().click();
    await expect.poll(() => canvas.frame.locator(".timeline-standing").textContent()).toMatch(/^Dry run completed/);
    await expect.poll(() => child.locator(".child-box.run-done").count()).toBeGreaterThan(0);
    await window.screenshot("canvas-child-run");
    await canvas.frame.locator('.timeline button[aria-label="Clear the run from the graph"]').click();
    await canvas.frame.locator(".timeline").waitFor({ state: "detached" });
    await canvas.select("rate_each");
    await canvas.press("e");
    await child.waitFor({ state: "detached" });
  });

  test("a file is chosen for a field, and only that value changes", async () => {
    const original = await window.read(FILE);
    await canvas.panel("inspector", true);
    await canvas.select("rate_each");
    await canvas.frame.locator('.inspector button[aria-label="Choose a file: workflow"]').click();
    const box = window.page.locator(".quick-input-widget input[type=text]");
    // The dialog writes its folder once it has read it.
    await expect.poll(() => box.inputValue()).toBe(`${window.folder}/map-accounts/`);
    await window.page.locator(".quick-input-list .monaco-list-row", { hasText: "fixture.toml" }).waitFor();
    await box.fill(`${window.folder}/release-gate/release-gate.toml`);
    await window.page.locator(".quick-input-list .monaco-list-row", { hasText: "release-gate.toml" }).waitFor();
    await box.press("Enter");
    const text = await window.saved(FILE);
    expect(changedLines(original, text)).toEqual({
      gone: ['workflow = "workflows/rate-account.toml"'],
      come: ['workflow = "../release-gate/release-gate.toml"'],
    });
    await canvas.press("Control+z");
    expect(await window.saved(FILE)).toBe(original);
    await canvas.panel("inspector", false);
  });

  test("a child opens in an editor of its own", async () => {
    await canvas.select("rate_each");
    await canvas.node("rate_each").click({ button: "right" });
    await canvas.frame.getByRole("menuitem", { name: "Open its document" }).click();
    await window.page.locator('.tab.active[data-resource-name="rate-account.toml"]').waitFor();
  });
});
