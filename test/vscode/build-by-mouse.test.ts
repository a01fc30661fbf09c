/** The release gate, built from File > New with the mouse alone: keys are only typed into fields. */
import path from "node:path";
import type { Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CanvasPage } from "./rig/canvas.ts";
import { about, ends, expectReleaseGate, policy, way, type Built } from "./rig/release-gate.ts";
import { photographFailure, unsupported, Window } from "./rig/window.ts";

const FILE = "by-mouse.toml";

describe.skipIf(unsupported)("with the mouse alone", () => {
  let window: Window;
  let canvas: CanvasPage;
  beforeAll(async () => {
    window = await Window.open();
    // Until extensions are known there is only one thing in File > New; then their language has its icon.
    await window.page.locator(".explorer-viewlet .toml-lang-file-icon").first().waitFor();
  });
  afterEach(({ task }) => photographFailure(window, task));
  afterAll(() => window?.close());

  /** Chooses in the menu bar. */
  async function menu(...items: readonly string[]): Promise<void> {
    await window.page.locator(".menubar-menu-button").first().click();
    for (const item of items) {
      const entry = window.page.locator(".monaco-menu .action-item", { hasText: item }).last();
      await entry.hover();
      await entry.click({ delay: 150 });
    }
  }

  /** Types into a field and leaves it by clicking at the panel. */
  async function fill(field: Locator, text: string): Promise<void> {
    await field.click();
    await field.fill(text);
    await canvas.frame.locator(".inspector h2").click();
    await expect.poll(() => field.inputValue()).toBe(text);
  }

  /** A field of the form, which is added where it is not there yet. */
  async function field(key: string): Promise<Locator> {
    const found = canvas.formField(key);
    // Every element has some; before they are there nothing can be said of this one.
    await canvas.frame.locator(".inspector .field").first().waitFor();
    if ((await found.count()) === 0) {
      await canvas.frame.locator(".inspector .add", { hasText: "Add a field" }).click();
      await canvas.frame.locator(".choices li", { has: canvas.frame.locator(`strong:text-is("${key}")`) }).click();
    }
    return found;
  }

  /** Adds a node by its kind in the palette, and fills its fields in. */
  async function add({ kind, id, fields }: Built): Promise<void> {
    await canvas.frame.locator(".palette-kind", { has: canvas.frame.locator(`span:text-is("${kind}")`) }).click();
    await canvas.frame.locator(".inspector h2", { hasText: kind }).waitFor();
    await fill(await field("id"), id);
    await canvas.node(id).waitFor();
    await canvas.frame.locator(".inspector h2", { hasText: id }).waitFor();
    for (const [key, text] of Object.entries(fields)) await fill(await field(key), text);
  }

  test("a newcomer builds the release gate from File > New", { timeout: 400_000 }, async () => {
    const choice = (text: string): Locator =>
      window.page.locator(".quick-input-list .monaco-list-row", { hasText: text });
    // A window that is still starting closes what it was asked for; a person asks again.
    await expect
      .poll(async () => {
        if (!(await choice("New Graph").isVisible())) await menu("File", "New File...");
        await choice("New Graph")
          .waitFor({ timeout: 3000 })
          .catch(() => null);
        return choice("New Graph").isVisible();
      })
      .toBe(true);
    await choice("New Graph").click();
    await choice("a way in and no nodes").click();
    await window.page.locator(".codelens-decoration a", { hasText: "Open graph" }).click();
    canvas = new CanvasPage(window);
    await canvas.frame.locator(".empty").waitFor();
    await window.screenshot("build-empty");
    await fill(await field("name"), about.name);
    await fill(await field("description"), about.description);
    for (const node of way) await add(node);
    await window.screenshot("build-way");
    for (const { after, port, ...node } of ends) {
      await canvas.frame.locator(".react-flow__pane").click({ position: { x: 5, y: 300 } });
      await add(node);
      await canvas.button("Fit the graph to the window").click();
      await canvas.connect(after, port, node.id);
    }
    await canvas.frame.locator(".react-flow__pane").click({ position: { x: 5, y: 300 } });
    await canvas.frame.locator(".inspector .add", { hasText: "Add a field" }).click();
    await window.screenshot("build-add-field");
    await canvas.frame.locator(".choices li", { has: canvas.frame.locator('strong:text-is("policy")') }).click();
    for (const [section, list, entry] of policy) {
      const box = canvas.section(section);
      if ((await box.getAttribute("open")) === null) await box.locator("summary").first().click();
      const input = box.getByLabel(`Add to ${list}`, { exact: true });
      await input.click();
      await input.fill(entry);
      await canvas.frame.locator(".inspector h2").click();
      await box.locator(`input[aria-label^="${list} "]`).waitFor();
    }
    await window.screenshot("build-done");
    await menu("File", "Save As...");
    const input = window.page.locator(".quick-input-widget input[type=text]");
    // The dialog begins with a name of its own, once it has made it out.
    await expect.poll(() => input.inputValue()).toContain("Untitled-1");
    await input.fill(path.join(window.folder, FILE));
    await window.page.locator(".quick-input-widget .monaco-button", { hasText: "OK" }).click();
    await expect.poll(() => window.read(FILE).catch(() => "")).not.toBe("");
    await expectReleaseGate(await window.read(FILE), "release-gate-by-mouse.toml");
  });
});
