/** The text editor of a real VS Code, by mouse and keys: buttons, squiggles and fixes. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { photographFailure, unsupported, Window } from "./rig/window.ts";

const FILE = "release-gate/release-gate.toml";

describe.skipIf(unsupported)("text", () => {
  let window: Window;
  beforeAll(async () => {
    window = await Window.open({ file: FILE });
  });
  afterEach(({ task }) => photographFailure(window, task));
  afterAll(() => window?.close());

  test("a graph has the button that opens its drawing; other people's TOML has none", async () => {
    await window.titleButton("Open Graph to the Side").waitFor();
    await window.openFile("Cargo.toml");
    await window.titleButton("Open Graph to the Side").waitFor({ state: "detached" });
    await window.openFile("release-gate.toml");
    await window.titleButton("Open Graph to the Side").waitFor();
  });

  test("a misspelt node is underlined, and the first quick fix corrects it", async () => {
    const before = await window.read(FILE);
    await window.goTo(FILE, 'to = "release"');
    const { page } = window;
    const { keyboard } = page;
    await keyboard.press("End");
    await keyboard.press("ArrowLeft");
    await keyboard.press("Backspace");
    await page.locator(".squiggly-error").first().waitFor();
    await window.screenshot("squiggle");
    await window.quickFixes();
    await window.screenshot("quick-fix");
    await keyboard.press("Enter");
    await page.locator(".squiggly-error").first().waitFor({ state: "detached" });
    await keyboard.press("Control+s");
    await expect.poll(() => window.read(FILE)).toBe(before);
  });
});
