/** Approvals in a real VS Code: a request arrives, is shown whole, denied, signed, and refused when it has changed. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { FrameLocator, Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { keyPlacesOf, proposedKeys, trustKeys } from "../../src/runtime/own-keys.ts";
import { listRuns } from "../../src/runtime/runs.ts";
import { countersign } from "../examples/support.ts";
import { CanvasPage } from "./rig/canvas.ts";
import { themes } from "./rig/settings.ts";
import { photographFailure, rig, unsupported, Window } from "./rig/window.ts";

const head = `[[start_nodes]]
name = "main"
source = "manual"
entry_node = "notes"

[[nodes]]
id = "notes"
type = "template_render"
input_from = "trigger.release"
template = "version {{version}}\\n"
`;

/** Asks a person. The reason turns its reading direction around, which has to be seen. */
const PAUSING = `name = "pausing"
${head}
[[nodes]]
id = "ask"
type = "pause_for_approval"
reason = "Is <b>\\u202Etxt.exe</b> good?"

[[edges]]
from = "notes"
to = "ask"
`;

/** Writes a file, which asks for an approval in staging. */
const WRITING = `name = "writing"
${head}
[[nodes]]
id = "save"
type = "write_file"
path_from = "trigger.file"
content_from = "notes.rendered"

[[edges]]
from = "notes"
to = "save"

[policy.fs]
write = ["out/**"]
`;

describe.skipIf(unsupported)("approvals", () => {
  let window: Window;

  beforeAll(async () => {
    window = await Window.open();
    const write = (name: string, text: string): Promise<void> => writeFile(path.join(window.folder, name), text);
    await write("countersign.toml", 'state_dir = ".countersign"\n');
    await write("pausing.toml", PAUSING);
    await write("writing.toml", WRITING);
    await write(
      "payload.json",
      JSON.stringify({ release: { version: "1.4" }, file: "out/notes.md", long: "x".repeat(900) }),
    );
    await mkdir(path.join(window.folder, "out"));
    await write("out/notes.md", "version 1.3\n");
  });
  afterEach(({ task }) => photographFailure(window, task));
  afterAll(async () => {
    await window?.settings();
    await window?.close();
  });

  const page = (): FrameLocator => window.canvas;
  const rows = (text: string): Locator =>
    window.page.locator('.pane[aria-label^="Approvals"], .pane-body').locator(".monaco-list-row", { hasText: text });

  /** Runs the document that is open on the canvas with the payload beside it. */
  async function run(canvas: CanvasPage): Promise<void> {
    await canvas.button("Run").click();
    await window.page.locator(".quick-input-list .monaco-list-row", { hasText: "payload.json" }).first().click();
  }

  /** Opens the document on the canvas, and nothing else. */
  async function open(file: string): Promise<CanvasPage> {
    await window.command("View: Close All Editors");
    await window.page.locator(".tab").first().waitFor({ state: "detached" });
    await window.openFile(file);
    // VS Code opens a file again in the editor that it was in last.
    const toGraph = window.titleButton("Open Graph to the Side");
    await toGraph.or(window.titleButton("Open Text")).first().waitFor();
    if (await toGraph.isVisible()) await window.command("Countersign: Open Graph");
    const canvas = new CanvasPage(window);
    await canvas.node("notes").waitFor();
    return canvas;
  }

  const notified = (text: RegExp): Promise<Locator> => window.notified(text);

  async function pressOn(notification: Locator, button: string): Promise<void> {
    await notification.hover();
    await notification.getByText(button, { exact: true }).click();
  }

  const dialog = (): Locator => window.page.locator(".monaco-dialog-box");

  /** The native question; its default is not the answer that signs. */
  async function agree(button: string): Promise<string> {
    await dialog().waitFor();
    const text = (await dialog().textContent()) ?? "";
    await dialog().getByText(button, { exact: true }).click();
    await dialog().waitFor({ state: "detached" });
    return text;
  }

  const badge = (): Locator =>
    window.page.locator('.activitybar .action-item:has(a[aria-label^="Countersign"]) .badge');

  test("a run that asks shows a badge, one notification and a row, and is denied on its page", async () => {
    await run(await open("pausing.toml"));
    const notification = await notified(/pausing asks for an answer/);
    await expect.poll(() => window.page.locator(".notifications-center .notification-list-item").count()).toBe(1);
    await badge().waitFor();
    await pressOn(notification, "Review");
    await page()
      .getByRole("heading", { name: /asks for your answer/ })
      .waitFor();
    // What the document says is text, and what it hides is seen.
    await page().locator(".reason .sign", { hasText: "\\u{202e}" }).waitFor();
    await expect.poll(() => page().locator(".reason b").count()).toBe(0);
    await page().locator("details", { hasText: "900 characters" }).waitFor();
    await page().locator(".picture img").waitFor();
    await window.screenshot("approval-pause");
    expect(await new CanvasPage(window).accessibilityProblems()).toEqual([]);
    await page().getByLabel("Reason", { exact: true }).fill("not this one");
    await page().getByRole("button", { name: "Deny…" }).click();
    await dialog().waitFor();
    await window.page.keyboard.press("Enter");
    await dialog().waitFor({ state: "detached" });
    await page().locator(".said", { hasText: "Nothing was signed" }).waitFor();
    await page().getByRole("button", { name: "Deny…" }).click();
    expect(await agree("Deny")).toMatch(/sha256:[0-9a-f]{64}/);
    await page().getByRole("heading", { name: "This was denied" }).waitFor();
    await badge().waitFor({ state: "hidden" });
    await window.command("Countersign: Focus on Approval History View");
    await rows("denied by").first().waitFor();
    await window.screenshot("approval-history");
  });

  test("a run in staging begins only when the key that was made here is trusted, and pauses at the write", async () => {
    await window.settings({ "countersign.environment": "staging" });
    const canvas = await open("writing.toml");
    await window.command("Countersign: Make a Signing Key");
    const input = window.page.locator(".quick-input-widget input[type=text]");
    await expect.poll(() => input.inputValue()).toMatch(/^user:/);
    await input.press("Enter");
    await notified(/The key of user:.* is made/);
    await window.command("Notifications: Clear All Notifications");
    await run(canvas);
    await notified(/staging keeps no run whose start is not signed/);
    await window.command("Notifications: Clear All Notifications");
    await trustOwnKey();
    await run(canvas);
    await canvas.node("save").locator(".run-paused").waitFor();
  });

  test("its page shows the change to the file in every theme, and serves people who do not see it", async () => {
    await notified(/writing asks for an answer: fs.write/);
    await window.command("Notifications: Clear All Notifications");
    await new CanvasPage(window).frame.getByRole("button", { name: "Review" }).click();
    await page().locator(".diff .removed", { hasText: "version 1.3" }).waitFor();
    await page().getByText("This key is trusted here.").waitFor();
    for (const [name, theme] of Object.entries(themes)) {
      await window.settings({ "countersign.environment": "staging", "workbench.colorTheme": theme });
      await page().locator(`body.vscode-${name}`).waitFor();
      await window.screenshot(`approval-write-${name}`);
      const found = await new CanvasPage(window).accessibilityProblems();
      expect(found.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join(" "))])).toEqual([]);
    }
    await window.settings({ "countersign.environment": "staging" });
  });

  test("a request that changed since it was shown is refused and shown anew", async () => {
    await writeFile(path.join(window.folder, "out/notes.md"), "precious\n");
    await page().getByRole("button", { name: "Approve…" }).click();
    await page().locator(".said.bad", { hasText: "It changed since it was shown" }).waitFor();
    await page().locator(".diff .removed", { hasText: "precious" }).waitFor();
    await window.screenshot("approval-changed");
  });

  test("Approve signs after a native question, the write happens, and the canvas goes on where it stopped", async () => {
    await page().getByRole("button", { name: "Approve…" }).click();
    expect(await agree("Approve and Sign")).toContain("out/notes.md");
    await page().getByRole("heading", { name: "This was approved" }).waitFor();
    await expect.poll(() => window.read("out/notes.md")).toBe("version 1.4\n");
    // The first tab is that of the text.
    await window.page.locator('.tab[data-resource-name="writing.toml"]').nth(1).click();
    const again = new CanvasPage(window);
    await expect.poll(() => again.frame.locator(".timeline-standing").textContent()).toMatch(/^Run completed/);
    await again.node("save").locator(".run-done").waitFor();
    await window.screenshot("approval-resumed");
  });

  test("a run of another process that asks is told once as well, and goes on in this window", async () => {
    await window.settings();
    await window.command("Notifications: Clear All Notifications");
    const argv = ["run", "pausing.toml", "--input", "payload.json"];
    const ended = await countersign(argv, { XDG_CONFIG_HOME: rig().config }, window.folder);
    expect(ended.code).toBe(7);
    await pressOn(await notified(/pausing asks for an answer/), "Review");
    await page()
      .getByRole("heading", { name: /asks for your answer/ })
      .waitFor();
    await page().getByRole("button", { name: "Approve…" }).click();
    await agree("Approve and Sign");
    await page().getByRole("heading", { name: "This was approved" }).waitFor();
    const states = async (): Promise<(string | null)[]> => {
      const runs = await listRuns(path.join(window.folder, ".countersign"));
      return runs.ok ? runs.value.map(({ status }) => status) : [];
    };
    await expect.poll(states).not.toContain("paused");
    await badge().waitFor({ state: "hidden" });
    await window.command("Countersign: Focus on Approval History View");
    await rows("approved by").first().waitFor();
    await window.screenshot("approval-none");
  });

  test("a run that waits is on the canvas again when its window is loaded again, and is reviewed from there", async () => {
    await run(await open("pausing.toml"));
    await notified(/pausing asks for an answer/);
    await window.reload();
    await window.openFile("pausing.toml");
    const toGraph = window.titleButton("Open Graph to the Side");
    await toGraph.or(window.titleButton("Open Text")).first().waitFor();
    if (await toGraph.isVisible()) await toGraph.click();
    const canvas = new CanvasPage(window);
    await canvas.node("ask").locator(".run-paused").waitFor();
    await canvas.frame.getByRole("button", { name: "Review" }).click();
    await page()
      .getByRole("heading", { name: /asks for your answer/ })
      .waitFor();
  });

  /** As whoever operates the place does with the key that the window shows. */
  async function trustOwnKey(): Promise<void> {
    await window.commandChoosing("Countersign: Show My Signing Keys", "editor-");
    await window.page.locator(".quick-input-list .monaco-list-row", { hasText: "Copy the public key set" }).click();
    const copied = async (): Promise<string> => {
      const text = await window.page.evaluate("navigator.clipboard.readText()");
      return typeof text === "string" ? text : "";
    };
    await expect.poll(copied).toContain('"issuer":"editor"');
    const file = path.join(rig().config, "editor-key.json");
    await mkdir(rig().config, { recursive: true });
    await writeFile(file, await copied());
    const places = keyPlacesOf({ XDG_CONFIG_HOME: rig().config });
    if (!places.ok) throw new Error(places.problem.message);
    const wish = { kid: null, principals: null, purposes: null, environments: null };
    const proposed = await proposedKeys(places.value, file, "", wish);
    if (!proposed.ok) throw new Error(proposed.problem.message);
    const trusted = await trustKeys(
      places.value,
      proposed.value.map(({ key }) => key),
    );
    expect(trusted.ok).toBe(true);
    expect(await readFile(places.value.trust, "utf8")).not.toContain('"d"');
  }
});
