/** The drawing in every theme: photographed, and looked at by axe-core. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CanvasPage } from "./rig/canvas.ts";
import { themes } from "./rig/settings.ts";
import { unsupported, Window } from "./rig/window.ts";

describe.skipIf(unsupported)("themes", () => {
  let window: Window;
  let canvas: CanvasPage;
  beforeAll(async () => {
    window = await Window.open({ file: "fan-out-quorum/graph.yaml" });
    await window.titleButton("Open Graph to the Side").waitFor();
    await window.page.keyboard.press("Control+b");
    await window.command("Countersign: Open Graph");
    canvas = new CanvasPage(window);
    await canvas.nodes.first().waitFor();
  });
  afterAll(async () => {
    await window?.settings();
    await window?.close();
  });

  test.each(Object.entries(themes))(
    "%s: nothing serious for people who see little or not at all",
    async (name, theme) => {
      await window.settings({ "workbench.colorTheme": theme });
      await canvas.frame.locator(`body.vscode-${name}`).waitFor();
      await canvas.nodes.first().click();
      await window.screenshot(`theme-${name}`);
      const found = await canvas.accessibilityProblems();
      expect(found.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join(" "))])).toEqual([]);
    },
  );
});
