/** The graph of git's HEAD beside the working one, in a real VS Code (spec/editor.md §8). */
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CanvasPage } from "./rig/canvas.ts";
import { photographFailure, unsupported, Window } from "./rig/window.ts";

const FILE = "release-gate/release-gate.toml";

describe.skipIf(unsupported)("git HEAD", () => {
  let window: Window;
  let canvas: CanvasPage;
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", ...args], {
      cwd: window.folder,
      encoding: "utf8",
    });

  beforeAll(async () => {
    window = await Window.open();
    await window.settings({ "git.enabled": true, "git.openRepositoryInParentFolders": "never" });
    await window.openFile("release-gate.toml");
    await window.page.keyboard.press("Control+b");
    await window.titleButton("Open Graph to the Side").waitFor();
    await window.command("Countersign: Open Graph");
    canvas = new CanvasPage(window);
    await canvas.nodes.first().waitFor();
  });
  afterEach(({ task }) => photographFailure(window, task));
  afterAll(async () => {
    await window?.settings();
    await window?.close();
  });

  async function notified(text: RegExp): Promise<void> {
    await window.notified(text);
    await window.command("Notifications: Clear All Notifications");
  }

  test("is refused with a sentence where there is no repository, and for a file that git does not have", async () => {
    await window.command("Countersign: Open Graph of Git HEAD to the Side");
    await notified(/is in no git repository|git extension is not enabled/);
    git("init", "--quiet");
    git("commit", "--quiet", "--allow-empty", "-m", "nothing");
    await window.command("Countersign: Open Graph of Git HEAD to the Side");
    await notified(/HEAD has no release-gate\.toml/);
  });

  test("is drawn beside, read only, with what was added, changed and removed marked in both", async () => {
    git("add", ".");
    git("commit", "--quiet", "-m", "before");
    const text = await window.read(FILE);
    const changed = text
      .replace('reason = "The notes are written. Publish this release?"', 'reason = "Now?"')
      .replace(/\[\[nodes\]\]\nid = "published"[^[]*/, '[[nodes]]\nid = "told"\ntype = "merge"\n\n')
      .replace('to = "published"', 'to = "told"');
    await writeFile(path.join(window.folder, FILE), changed);
    await canvas.node("told").waitFor();
    await window.titleButton("Open Graph of Git HEAD to the Side").first().click();
    const frames = window.page.locator("iframe.webview.ready");
    await expect.poll(() => frames.count()).toBe(2);
    const both = [0, 1].map((i) => new CanvasPage(window, frames.nth(i)));
    const marks = (one: CanvasPage): Promise<string[]> => one.frame.locator(".node .difference").allTextContents();
    for (const one of both) {
      // Both drawings beside each other need all the room.
      await one.panel("palette", false);
      await one.panel("inspector", false);
      await one.fit(13);
    }
    const isHead = async (one: CanvasPage): Promise<boolean> => (await one.node("published").count()) > 0;
    const [first, second] = both as [CanvasPage, CanvasPage];
    const [work, head] = (await isHead(first)) ? [second, first] : [first, second];
    await expect.poll(async () => (await marks(work)).sort()).toEqual(["added", "changed"]);
    await expect.poll(async () => (await marks(head)).sort()).toEqual(["changed", "removed"]);
    await work.node("told").locator(".difference-added").waitFor();
    await head.node("published").locator(".difference-removed").waitFor();
    await head.frame.locator(".banner.notice").waitFor();
    await window.screenshot("canvas-head");
    await head.select("published");
    await head.press("Delete");
    await expect.poll(() => head.said.textContent()).toMatch(/only shown/);
    await expect.poll(() => window.dirty(FILE).count()).toBe(0);
    expect(await head.accessibilityProblems()).toEqual([]);
  });
});
