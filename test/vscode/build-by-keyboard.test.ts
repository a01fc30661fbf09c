/** The release gate, built from a file with nothing in it with the keyboard alone: no mouse moves in this file. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CanvasPage } from "./rig/canvas.ts";
import { about, ends, expectReleaseGate, policy, way, type Built } from "./rig/release-gate.ts";
import { photographFailure, unsupported, Window } from "./rig/window.ts";

const FILE = "by-keyboard.toml";

/** What of an element says its name. */
interface Labelled {
  readonly labels?: ArrayLike<{ readonly firstChild: { readonly textContent: string | null } | null }>;
  readonly textContent: string | null;
  getAttribute(name: string): string | null;
}

describe.skipIf(unsupported)("with the keyboard alone", () => {
  let window: Window;
  let canvas: CanvasPage;
  beforeAll(async () => {
    window = await Window.open();
    await writeFile(path.join(window.folder, FILE), "");
  });
  afterEach(({ task }) => photographFailure(window, task));
  afterAll(() => window?.close());

  const press = (key: string): Promise<void> => window.page.keyboard.press(key);

  /** What has the focus on the page, by the name that a screen reader says. */
  function focused(): Promise<string> {
    return canvas.frame.locator(":focus").evaluate((element: Labelled) => {
      const label = element.labels?.[0]?.firstChild?.textContent;
      return (element.getAttribute("aria-label") ?? label ?? element.textContent ?? "").trim();
    });
  }

  /** Walks by Tab until something of this name has the focus; false when there is nothing more of the form. */
  async function tabTo(name: string, last = name): Promise<boolean> {
    for (let steps = 0; steps < 60; steps++) {
      const now = await focused();
      if (now === name) return true;
      if (now === last) return false;
      await press("Tab");
    }
    throw new Error(`nothing called ${name} can be reached by Tab`);
  }

  /** The focus goes to a field of the form that has the focus already; it is added where it is not there yet. */
  async function toField(key: string): Promise<void> {
    if (await tabTo(key, "Add a field")) return;
    await press("Enter");
    await expect.poll(focused).toBe("Add a field");
    await canvas.frame.locator("input:focus").waitFor();
    await window.page.keyboard.type(key);
    await press("Enter");
    await expect.poll(focused).toBe(key);
  }

  async function fill(key: string, text: string): Promise<void> {
    await toField(key);
    await press("Control+a");
    const lines = text.split("\n");
    for (const [i, line] of lines.entries()) {
      if (i > 0) await press("Enter");
      await window.page.keyboard.type(line);
    }
    // In a text that may have several lines, Enter begins the next one.
    await press(key === "template" ? "Control+Enter" : "Enter");
  }

  /** From the canvas: the fields of what is selected, once they are there. */
  async function openFields(title: string): Promise<void> {
    await canvas.frame.locator(".inspector h2", { hasText: title }).waitFor();
    await canvas.frame.locator(".canvas:focus").waitFor();
    await press("Enter");
    await canvas.frame.locator(".inspector input:focus").waitFor();
  }

  /** From the canvas and back to it. */
  async function add({ kind, id, fields }: Built): Promise<void> {
    await press("a");
    await canvas.frame.locator(".palette input:focus").waitFor();
    await window.page.keyboard.type(kind);
    await press("Enter");
    await canvas.frame.locator(".inspector h2", { hasText: kind }).waitFor();
    await press("Escape");
    await openFields(kind);
    await fill("id", id);
    await canvas.frame.locator(".inspector h2", { hasText: id }).waitFor();
    for (const [key, text] of Object.entries(fields)) await fill(key, text);
    await press("Escape");
    await canvas.frame.locator(".canvas:focus").waitFor();
  }

  async function search(id: string): Promise<void> {
    await press("/");
    await canvas.frame.locator(".search input:focus").waitFor();
    await window.page.keyboard.type(id);
    await press("Enter");
    await press("Escape");
    await canvas.frame.locator(".inspector h2", { hasText: id }).waitFor();
    await canvas.frame.locator(".canvas:focus").waitFor();
  }

  test("a newcomer builds the release gate from an empty file", { timeout: 400_000 }, async () => {
    await window.openFile(FILE);
    await window.editor.first().waitFor();
    await window.command("View: Reopen Editor With...");
    await window.page.locator(".quick-input-list .monaco-list-row", { hasText: "Countersign Graph" }).waitFor();
    await window.page.keyboard.type("Countersign");
    await press("Enter");
    canvas = new CanvasPage(window);
    await canvas.frame.locator(".empty button:focus").waitFor();
    await window.screenshot("build-blank");
    await press("Enter");
    await canvas.node("start:main").waitFor();
    await openFields("by-keyboard");
    await fill("name", about.name);
    await fill("description", about.description);
    await press("Escape");
    for (const node of way) await add(node);
    for (const [i, { after, port, ...node }] of ends.entries()) {
      if (i < 2) {
        // What is added behind a node goes on from the first way out that leads nowhere yet.
        await search(after);
        await add(node);
        continue;
      }
      await press("Escape");
      await canvas.frame.locator(".inspector h2", { hasText: about.name }).waitFor();
      await add(node);
      await search(after);
      await press("c");
      await expect.poll(() => canvas.said.textContent()).toContain(`by ${port}`);
      await press("End");
      await press("Enter");
    }
    await press("Escape");
    await openFields(about.name);
    await toField("policy");
    for (const [section, list, entry] of policy) {
      const box = canvas.section(section);
      if ((await box.getAttribute("open")) === null) {
        await tabTo(section);
        await press("Enter");
      }
      await tabTo(`Add to ${list}`);
      await window.page.keyboard.type(entry);
      await press("Enter");
      await box.locator(`input[aria-label="${list} 1"]`).waitFor();
    }
    await expectReleaseGate(await window.saved(FILE), "release-gate-by-keyboard.toml");
  });
});
