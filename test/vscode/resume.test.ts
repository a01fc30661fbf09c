/** Runs that are cut, in a real VS Code: cancelled for good, or interrupted with their window and taken up again. */
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CanvasPage } from "./rig/canvas.ts";
import { photographFailure, unsupported, Window } from "./rig/window.ts";

const FILE = "waiting.toml";
/** Waits until a file is there, which the test decides. */
const text = `name = "waiting"

[[start_nodes]]
name = "main"
source = "manual"
entry_node = "first"

[[nodes]]
id = "first"
type = "template_render"
input_from = "trigger"
template = "begun"

[[nodes]]
id = "wait"
type = "shell_run"
command = "/usr/bin/tail"
args_from = "trigger.args"
timeout_secs = 600
in_doubt = "retry"

[[edges]]
from = "first"
to = "wait"

[policy.shell]
commands = ["/usr/bin/tail"]
`;

describe.skipIf(unsupported)("a run that is cut", () => {
  let window: Window;
  let canvas: CanvasPage;
  beforeAll(async () => {
    window = await Window.open();
    await writeFile(path.join(window.folder, FILE), text);
    // `tail --pid` waits for a process: this one, or one that is long gone.
    await writeFile(
      path.join(window.folder, "payload.json"),
      JSON.stringify({ args: ["--pid", `${process.pid}`, "-f", "/dev/null"] }),
    );
    await window.openFile(FILE);
    await window.page.keyboard.press("Control+b");
    await window.titleButton("Open Graph to the Side").waitFor();
    await window.command("Countersign: Open Graph");
    canvas = new CanvasPage(window);
    await canvas.node("wait").waitFor();
  });
  afterEach(({ task }) => photographFailure(window, task));
  afterAll(() => window?.close());

  const standing = (): Promise<string | null> => canvas.frame.locator(".timeline-standing").textContent();

  async function start(): Promise<void> {
    await canvas.button("Run").click();
    await window.page.locator(".quick-input-list .monaco-list-row", { hasText: "payload.json" }).first().click();
    await canvas.node("wait").locator(".run-running").waitFor();
  }

  test("Cancel ends it for good and says so in place", async () => {
    await start();
    await canvas.button("Cancel the run").click();
    await expect.poll(standing).toMatch(/^Run was cancelled/);
    await expect.poll(() => canvas.frame.getByRole("button", { name: "Resume" }).count()).toBe(0);
    await canvas.node("first").locator(".run-done").waitFor();
  });

  test("a run whose window is closed shows as interrupted when it is opened again, with Resume", async () => {
    await start();
    await window.reload();
    await window.openFile(FILE);
    // VS Code brings the graph back by itself where it had the time to write down that it was open.
    const toGraph = window.titleButton("Open Graph to the Side");
    await toGraph.or(window.titleButton("Open Text")).first().waitFor();
    if (await toGraph.isVisible()) await toGraph.click();
    await canvas.node("wait").locator(".run-stopped").waitFor();
    await canvas.node("first").locator(".run-done").waitFor();
    expect(await standing()).toMatch(/^Run was interrupted at wait and can be resumed/);
    await window.screenshot("canvas-interrupted");
    await canvas.frame.getByRole("button", { name: "Resume" }).click();
    await canvas.node("wait").locator(".run-running").waitFor();
    await canvas.button("Cancel the run").click();
    await expect.poll(standing).toMatch(/^Run was cancelled/);
    await rm(path.join(window.folder, "payload.json"));
  });

  test("a document that was never saved is not run, and the sentence says what to do", async () => {
    // A page that is still drawing the end of its run takes the focus, and with it the list away.
    await window.command("View: Close All Editors");
    await window.page.locator(".tab").first().waitFor({ state: "detached" });
    await window.commandChoosing("Countersign: New Graph", "commented starter");
    await window.titleButton("Open Graph to the Side").waitFor();
    await window.command("Countersign: Dry Run");
    await window.notified(/Save the document as a file first/);
  });
});
