/** The drawing beside its text in a real VS Code: each shows what is done in the other, and nothing else changes. */
import type { Locator } from "playwright-core";
import { parse } from "smol-toml";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CanvasPage } from "./rig/canvas.ts";
import { changedLines, difference } from "./rig/texts.ts";
import { photographFailure, unsupported, Window } from "./rig/window.ts";

const FILE = "release-gate/release-gate.toml";

interface Workflow {
  readonly nodes: readonly { readonly id: string }[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly when?: string }[];
}

/** An attribute of each element. */
async function attributes(elements: Locator, name: string): Promise<string[]> {
  return Promise.all((await elements.all()).map(async (one) => (await one.getAttribute(name)) ?? ""));
}

/** Lines that say something, in an order that does not depend on which of two equal ones is meant. */
function sorted(lines: readonly string[]): string[] {
  return lines.filter((line) => line !== "").sort();
}

describe.skipIf(unsupported)("canvas", () => {
  let window: Window;
  let canvas: CanvasPage;
  let original: string;

  beforeAll(async () => {
    window = await Window.open({ file: FILE });
    original = await window.read(FILE);
    await window.page.keyboard.press("Control+b");
    await window.openGraphToSide();
    canvas = new CanvasPage(window);
    await canvas.panel("inspector", false);
  });
  afterEach(async ({ task }) => {
    await photographFailure(window, task);
    if (task.result?.state === "fail") await window.restore(FILE, original);
    await canvas.panel("palette", false);
    await canvas.panel("inspector", false);
  });
  afterAll(() => window?.close());

  /** Takes back the last change from the canvas; the file must be what it was, byte for byte. */
  async function undone(): Promise<void> {
    await canvas.press("Control+z");
    expect(await window.saved(FILE)).toBe(original);
  }

  test("every node and edge of the document is drawn, and no others", async () => {
    const { nodes, edges } = parse(original) as unknown as Workflow;
    await expect.poll(() => canvas.nodes.count()).toBe(nodes.length);
    const names = await canvas.frame.locator(".node-id").allTextContents();
    expect(names.sort()).toEqual(nodes.map(({ id }) => id).sort());
    const drawn = await attributes(canvas.edges, "aria-label");
    const wanted = edges.map(
      ({ from, to, when }) => `Edge from ${from} to ${to}${when === undefined ? "" : `, when ${when}`}`,
    );
    expect(drawn.sort()).toEqual([...wanted, "Edge from Start main, manual to read_release"].sort());
    await window.screenshot("canvas-beside-text");
  });

  test("selecting a node shows its text", async () => {
    const line = window.editor.first().getByText('id = "publish"', { exact: false });
    await expect.poll(() => line.count()).toBe(0);
    await canvas.select("publish");
    await line.waitFor();
  });

  test("the text cursor selects the node in whose text it stands", async () => {
    await window.goTo(FILE, 'template = """');
    await canvas.node("notes").locator(".selected").waitFor();
    await window.goTo(FILE, 'command = "/usr/bin/grep"');
    await canvas.node("changelog").locator(".selected").waitFor();
  });

  test("text that does not parse leaves the last drawing, greyed, with the errors, and no editing", async () => {
    const count = await canvas.nodes.count();
    await window.goTo(FILE, 'name = "release-gate"');
    await window.page.keyboard.press("End");
    await window.page.keyboard.type("x");
    await canvas.frame.locator(".canvas.broken").waitFor();
    await expect.poll(() => canvas.nodes.count()).toBe(count);
    await expect.poll(() => canvas.frame.locator(".banner").textContent()).toMatch(/does not parse/);
    await expect.poll(() => canvas.frame.locator(".banner li").count()).toBeGreaterThan(0);
    await window.screenshot("canvas-broken-text");
    await canvas.node("publish").click();
    await canvas.press("Delete");
    await expect.poll(() => canvas.said.textContent()).toMatch(/parses again/);
    await window.goTo(FILE, 'name = "release-gate"');
    await window.page.keyboard.press("End");
    await window.page.keyboard.press("Backspace");
    await canvas.frame.locator(".canvas:not(.broken)").waitFor();
    expect(await window.saved(FILE)).toBe(original);
  });

  test("typing in the text draws a new node without moving the others", async () => {
    const places = async (): Promise<Record<string, string>> => {
      const [keys, styles] = [await attributes(canvas.nodes, "data-id"), await attributes(canvas.nodes, "style")];
      return Object.fromEntries(keys.map((key, i) => [key, /translate\([^)]*\)/.exec(styles[i] ?? "")?.[0] ?? ""]));
    };
    const before = await places();
    await window.goTo(FILE, "# ---- What this document may do at most");
    await window.page.keyboard.type('[[nodes]]\nid = "later"\ntype = "fail"\nreason = "typed"\n\n');
    await canvas.fit(Object.keys(before).length + 1);
    const after = await places();
    expect(Object.fromEntries(Object.entries(after).filter(([key]) => key !== "later"))).toEqual(before);
    await window.page.keyboard.press("Control+s");
    await window.dirty(FILE).first().waitFor({ state: "detached" });
    await canvas.select("later");
    await canvas.press("Delete");
    expect(await window.saved(FILE)).toBe(original);
  });

  test("a rename on the canvas follows every reference, and one undo takes it back", async () => {
    await canvas.select("release");
    await canvas.press("F2");
    const box = canvas.frame.locator("input.rename");
    await box.fill("facts");
    await box.press("Enter");
    await canvas.node("facts").waitFor();
    const wanted = original
      .replace('id = "release"', 'id = "facts"')
      .replace('to = "release"', 'to = "facts"')
      .replace('from = "release"', 'from = "facts"')
      .replaceAll('"release.parsed', '"facts.parsed')
      .replaceAll("{{release.parsed.", "{{facts.parsed.");
    expect(await window.saved(FILE)).toBe(wanted);
    await undone();
  });

  test("a field changes its own value and nothing else", async () => {
    await canvas.panel("inspector", true);
    await canvas.select("approve");
    await canvas.fill("reason", "Really publish?");
    expect(changedLines(original, await window.saved(FILE))).toEqual({
      gone: ['reason = "The notes are written. Publish this release?"'],
      come: ['reason = "Really publish?"'],
    });
    await window.screenshot("canvas-fields");
    await undone();
  });

  test("in a field Ctrl+Z is the field's; the document stays", async () => {
    await canvas.panel("inspector", true);
    await canvas.select("approve");
    const field = canvas.field("reason");
    await field.click();
    await window.page.keyboard.type("abc");
    await window.page.keyboard.press("Control+z");
    await window.page.keyboard.press("Escape");
    await canvas.press("Escape");
    await expect.poll(() => window.dirty(FILE).count()).toBe(0);
    expect(await window.read(FILE)).toBe(original);
  });

  test("a removed node takes its edges along and leaves every other line", async () => {
    await canvas.select("published");
    await canvas.press("Delete");
    await canvas.node("published").waitFor({ state: "detached" });
    const { come, gone } = changedLines(original, await window.saved(FILE));
    expect(come).toEqual([]);
    expect(sorted(gone)).toEqual(
      sorted([
        "[[nodes]]",
        'id = "published"',
        'type = "template_render"',
        'input_from = "publish"',
        'template = "published; the release server answered {{status}}"',
        "[[edges]]",
        'from = "publish"',
        'to = "published"',
      ]),
    );
    await undone();
  });

  test("a node from the palette goes behind the selected one, in the document's own form", async () => {
    await canvas.select("published");
    await canvas.press("a");
    await canvas.frame.locator(".palette input").fill("terminate");
    await window.screenshot("canvas-palette");
    await canvas.frame.locator(".palette-kind", { hasText: "terminate" }).click();
    const text = await window.saved(FILE);
    const { come, gone } = changedLines(original, text);
    expect(gone).toEqual([]);
    expect(come.filter((line) => line !== "")).toEqual(expect.arrayContaining(["[[nodes]]", 'type = "terminate"']));
    const { nodes } = parse(text) as unknown as Workflow;
    expect(nodes.map(({ id }) => id).slice(8, 10)).toEqual(["published", "terminate"]);
    await window.screenshot("canvas-added");
    await undone();
  });

  test("an edge drawn with the mouse is written as the others are", async () => {
    await canvas.fit(13);
    await canvas.drawEdge("save_notes", 0, "declined");
    const text = await window.saved(FILE);
    const { gone, come } = difference(original, text);
    expect(gone).toBe("");
    expect(sorted(come.split("\n"))).toEqual(["[[edges]]", 'from = "save_notes"', 'to = "declined"']);
    await undone();
  });

  test("the text's undo takes back what the canvas did", async () => {
    await canvas.select("declined");
    await canvas.press("Delete");
    await canvas.node("declined").waitFor({ state: "detached" });
    await window.editor.first().click();
    await window.page.keyboard.press("Control+z");
    await canvas.node("declined").waitFor();
    await window.dirty(FILE).first().waitFor({ state: "detached" });
    expect(await window.read(FILE)).toBe(original);
  });

  test("axe-core finds nothing serious on the page", async () => {
    await canvas.panel("palette", true);
    await canvas.panel("inspector", true);
    await canvas.button("Fit the graph to the window").click();
    await canvas.select("publish");
    const found = await canvas.accessibilityProblems();
    expect(found.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join(" "))])).toEqual([]);
  });

  test("two drawings of one document agree", async () => {
    await window.page.locator('.tab.active[aria-label$="Editor Group 2"]').click();
    await window.command("View: Split Editor Down");
    const frames = window.page.locator("iframe.webview.ready");
    await expect.poll(() => frames.count()).toBe(2);
    const both = [0, 1].map((i) => new CanvasPage(window, frames.nth(i)));
    for (const one of both) await one.nodes.first().waitFor();
    await window.goTo(FILE, 'id = "not_ready"');
    await window.page.keyboard.press("End");
    await window.page.keyboard.press("ArrowLeft");
    await window.page.keyboard.type("_yet");
    for (const one of both) {
      await one.fit(13);
      await one.node("not_ready_yet").waitFor();
    }
    await window.restore(FILE, original);
    await window.page.locator('.tab.active[aria-label$="Editor Group 3"]').click({ button: "middle" });
    await expect.poll(() => frames.count()).toBe(1);
  });
});
