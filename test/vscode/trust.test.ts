/** A workspace that is not trusted: the document is validated and drawn. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CanvasPage } from "./rig/canvas.ts";
import { photographFailure, unsupported, Window } from "./rig/window.ts";

const FILE = "release-gate/release-gate.toml";

describe.skipIf(unsupported)("without trust", () => {
  let window: Window;
  beforeAll(async () => {
    window = await Window.open({ asking: true });
    await window.page.getByText("Restricted Mode is intended for safe code browsing").waitFor();
  });
  afterEach(({ task }) => photographFailure(window, task));
  afterAll(() => window?.close());

  test("a graph is checked and drawn", async () => {
    const text = await window.read(FILE);
    await writeFile(path.join(window.folder, FILE), text.replace('to = "release"', 'to = "relase"'));
    await window.openFile("release-gate.toml");
    await window.openGraphToSide();
    const canvas = new CanvasPage(window);
    await expect.poll(() => canvas.nodes.count()).toBeGreaterThan(10);
    await canvas.frame.locator(".ghost", { hasText: "relase" }).waitFor();
    await window.screenshot("untrusted");
  });
});
