/** A graph made from an empty document with the keyboard alone: no mouse moves in this file. */
import { parse } from "smol-toml";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CanvasPage } from "./rig/canvas.ts";
import { photographFailure, unsupported, Window } from "./rig/window.ts";

const FILE = "made.toml";
const empty = 'name = "made"\n\n[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "read_file"\n';

describe.skipIf(unsupported)("keyboard", () => {
  let window: Window;
  let canvas: CanvasPage;
  beforeAll(async () => {
    window = await Window.open();
    await writeFile(path.join(window.folder, FILE), empty);
    await window.openFile(FILE);
    await window.titleButton("Open Graph to the Side").waitFor();
    await window.command("Countersign: Open Graph");
    canvas = new CanvasPage(window);
    await canvas.node("start:main").waitFor();
  });
  afterEach(({ task }) => photographFailure(window, task));
  afterAll(() => window?.close());

  test("two nodes are added, connected, named and saved", async () => {
    const { keyboard } = window.page;
    await canvas.frame.locator(".canvas").focus();
    for (const kind of ["read_file", "parse_json"]) {
      await keyboard.press("a");
      await canvas.frame.locator(".palette input:focus").waitFor();
      await keyboard.press("Control+a");
      await keyboard.type(kind);
      await keyboard.press("Enter");
      await canvas.node(kind).waitFor();
      await keyboard.press("Escape");
    }
    // Escape has left nothing selected, so the second node follows nothing yet.
    await keyboard.press("Home");
    await keyboard.press("ArrowDown");
    await canvas.node("read_file").locator(".selected").waitFor();
    await keyboard.press("c");
    await keyboard.press("PageDown");
    await canvas.node("parse_json").locator(".selected").waitFor();
    await keyboard.press("Enter");
    await expect.poll(() => canvas.edges.count()).toBe(2);
    await keyboard.press("ArrowDown");
    await canvas.node("parse_json").locator(".selected").waitFor();
    await keyboard.press("F2");
    await keyboard.type("facts");
    await keyboard.press("Enter");
    await canvas.node("facts").waitFor();
    await window.screenshot("keyboard");
    const text = await window.saved(FILE);
    expect(text.startsWith(empty)).toBe(true);
    expect(parse(text)).toMatchObject({
      nodes: [
        { id: "read_file", type: "read_file" },
        { id: "facts", type: "parse_json" },
      ],
      edges: [{ from: "read_file", to: "facts" }],
    });
  });
});
