/** The view of runs in a real VS Code: what it shows, and everything that is done with a run that is kept. */
import { mkdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { makeWorkspace } from "../../scripts/vscode/workspace.mjs";
import { startEditorRun } from "../../src/runtime/editor-run/index.ts";
import { listRuns } from "../../src/runtime/runs.ts";
import { keepRun, wholeRun } from "../cli/kept-runs.ts";
import { CanvasPage } from "./rig/canvas.ts";
import { photographFailure, rig, unsupported, Window } from "./rig/window.ts";

/** Names of their own, since the extension's own storage shows the runs of other tests as well. */
const FILE = "kept/kept.toml";
const WAITING = "waits/waits-long.toml";
const kept = `name = "kept"

[[start_nodes]]
name = "main"
source = "manual"
entry_node = "first"

[[nodes]]
id = "first"
type = "template_render"
input_from = "trigger.name"
template = "for {{.}}"

[[nodes]]
id = "second"
type = "template_render"
input_from = "first.rendered"
template = "two after {{.}}"

[[edges]]
from = "first"
to = "second"
`;
/** Waits for a process to end, which the test decides. */
const waiting = `name = "waits-long"

[[start_nodes]]
name = "main"
source = "manual"
entry_node = "wait"

[[nodes]]
id = "wait"
type = "shell_run"
command = "/usr/bin/tail"
args_from = "trigger.args"
timeout_secs = 600

[policy.shell]
commands = ["/usr/bin/tail"]
`;

describe.skipIf(unsupported)("the view of runs", () => {
  let window: Window;
  let canvas: CanvasPage;
  let stateDir: string;

  beforeAll(async () => {
    const folder = await makeWorkspace(path.join(rig().folder, `runs-${process.pid}`));
    stateDir = path.join(folder, ".countersign");
    await writeFile(path.join(folder, "countersign.toml"), 'state_dir = ".countersign"\n');
    for (const one of ["kept", "waits"]) await mkdir(path.join(folder, one));
    await writeFile(path.join(folder, "kept/payload.json"), '{ "name": "somebody" }');
    await writeFile(path.join(folder, FILE), kept);
    await writeFile(path.join(folder, WAITING), waiting);
    const args = ["--pid", `${process.pid}`, "-f", "/dev/null"];
    await writeFile(path.join(folder, "waits/payload.json"), JSON.stringify({ args }));
    window = await Window.open({ folder, file: FILE });
    canvas = new CanvasPage(window);
    await window.titleButton("Open Graph to the Side").waitFor();
    await window.command("Focus on Runs View");
    await pane().waitFor();
  });
  afterEach(({ task }) => photographFailure(window, task));
  afterAll(() => window?.close());

  const pane = (): Locator =>
    window.page.locator(".pane", { has: window.page.locator('.pane-header[aria-label^="Runs"]') });
  const rows = (text: string | RegExp): Locator => pane().locator(".monaco-list-row", { hasText: text });
  const only = async (text: string | RegExp): Promise<Locator> => {
    await expect.poll(() => rows(text).count()).toBe(1);
    return rows(text).first();
  };

  const lens = (text: string): Locator =>
    window.page.locator(".codelens-decoration a", { hasText: new RegExp(`^${text}$`) }).first();

  async function choose(text: string): Promise<void> {
    await window.page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first().click();
  }

  const notified = (text: RegExp): Promise<Locator> => window.notified(text);

  async function idsOf(document: string): Promise<readonly string[]> {
    const listed = await listRuns(stateDir);
    if (!listed.ok) throw new Error(listed.problem.message);
    return listed.value.filter(({ root }) => root === path.join(window.folder, document)).map(({ id }) => id);
  }

  /** A run that was cut: by its process, which let go of it. */
  async function interrupted(document: string): Promise<string> {
    const started = await startEditorRun({
      place: {
        file: path.join(window.folder, document),
        workspaceFolder: window.folder,
        env: { PATH: process.env["PATH"] ?? "" },
        environment: null,
        opened: () => null,
      },
      ...{
        dry: false,
        start: null,
        input: { type: "text", text: '{ "name": "x" }' },
        storage: stateDir,
        onStep: () => undefined,
      },
    });
    if (!started.ok) throw new Error(started.problem.message);
    started.run.stop();
    await started.run.done;
    return started.run.runId;
  }

  test("a run appears as it begins, and shows how it ended", async () => {
    await lens("Dry run").click();
    await window.takeFirst();
    const row = await only(/kept\.toml/);
    await expect.poll(() => row.textContent()).toMatch(/completed · dry run · \d\d:\d\d:\d\d · .* · dev/);
    await expect.poll(() => row.getAttribute("aria-label")).toMatch(/^kept\.toml, completed, dry run/);
  });

  test("a run under way is in a group of its own, and Cancel ends it for good", async () => {
    await window.openFile(WAITING);
    await lens("Run").click();
    await choose("payload.json");
    const row = await only(/waits-long\.toml.*running/);
    await window.screenshot("runs-live");
    // Not while it runs.
    await row.click();
    await canvas.node("wait").locator(".run-running").waitFor();
    await window.command("Countersign: Delete Run");
    await notified(/not deleted while it is under way/);
    await window.command("Notifications: Clear All Notifications");
    await row.hover();
    await row.locator('.action-label[aria-label^="Cancel Run"]').click();
    await only(/waits-long\.toml.*cancelled/);
    await window.command("Notifications: Clear All Notifications");
  });

  test("the filter says in the title what it shows, and is cleared by its button", async () => {
    await window.commandChoosing("Countersign: Filter Runs", "Status…");
    await choose("cancelled");
    await window.page
      .locator(".quick-input-widget .quick-input-action a, .quick-input-widget a.monaco-button")
      .first()
      .click();
    await expect.poll(() => rows("kept.toml").count()).toBe(0);
    await only("waits-long.toml");
    await expect.poll(() => pane().locator(".pane-header").textContent()).toMatch(/cancelled · \d+ of \d+ runs/);
    await window.screenshot("runs-filtered");
    await window.command("Countersign: Clear Filter of Runs");
    await only("kept.toml");
    await window.openFile(FILE);
    await window.command("Countersign: Only Runs of This Document");
    await expect.poll(() => rows("waits-long.toml").count()).toBe(0);
    await only("kept.toml");
    await window.command("Countersign: Clear Filter of Runs");
  });

  test("a past run is shown on the canvas of its document", async () => {
    await (await only("kept.toml")).click();
    await canvas.frame.locator(".run-done").first().waitFor();
    await expect.poll(() => canvas.frame.locator(".timeline-standing").textContent()).toMatch(/^Dry run completed/);
    await window.screenshot("runs-on-canvas");
  });

  test("two runs are compared as texts, with a summary", async () => {
    await canvas.button("Run").click();
    await window.takeFirst();
    await expect.poll(() => rows("kept.toml").count()).toBe(2);
    await expect.poll(() => rows(/kept\.toml.*completed/).count()).toBe(2);
    await rows("kept.toml").nth(0).click();
    await rows("kept.toml")
      .nth(1)
      .click({ modifiers: ["Control"] });
    await window.fromMenu(rows("kept.toml").nth(1), "Compare Selected Runs");
    await window.page.locator(".monaco-diff-editor .view-lines", { hasText: "for real" }).first().waitFor();
    await notified(/The runs (did the same|differ)/);
    await window.screenshot("runs-compared");
    await window.command("Notifications: Clear All Notifications");
    await window.command("View: Close All Editors");
    await window.page.locator(".tab").first().waitFor({ state: "detached" });
  });

  test("a run is replayed in a dry run and shown as text", async () => {
    const row = rows("kept.toml").first();
    // One is chosen again.
    await row.click();
    await canvas.frame.locator(".run-done").first().waitFor();
    await window.fromMenu(row, "Replay Run in a Dry Run");
    await notified(/The run of kept\.toml was replayed: it goes the same way today/);
    await window.command("Notifications: Clear All Notifications");
    await window.fromMenu(row, "Show Run as Text");
    await window.page.locator(".view-lines", { hasText: "principal" }).first().waitFor();
    await window.screenshot("runs-as-text");
    await window.command("View: Close All Editors");
    await window.page.locator(".tab").first().waitFor({ state: "detached" });
  });

  test("an interrupted run is resumed to its end", async () => {
    const runId = await interrupted(FILE);
    const row = await only(/kept\.toml.*interrupted/);
    await row.hover();
    await row.locator('.action-label[aria-label^="Resume Run"]').click();
    await expect.poll(() => rows(/kept\.toml.*completed/).count()).toBe(3);
    expect(await idsOf(FILE)).toContain(runId);
    await window.command("Notifications: Clear All Notifications");
  });

  test("of a document that has changed since, the graph of then is shown, and cannot be edited", async () => {
    const text = await readFile(path.join(window.folder, FILE), "utf8");
    await window.command("View: Close All Editors");
    await writeFile(path.join(window.folder, FILE), text.replaceAll("second", "another"));
    await rows(/kept\.toml.*completed/)
      .first()
      .click();
    await canvas.node("second").locator(".run-done").waitFor();
    await notified(/has changed since this run/);
    await window.screenshot("runs-changed-document");
    await window.command("Notifications: Clear All Notifications");
    await window.command("View: Close All Editors");
    await writeFile(path.join(window.folder, FILE), text);
  });

  test("a journal that was cut says why it cannot be read, and is deleted after a question", async () => {
    await keepRun(stateDir, "cut-short", wholeRun("cut-short"));
    await truncate(path.join(stateDir, "runs/cut-short/journal.1.jsonl"), 30);
    const row = await only("cut-short");
    await rows(/^Cannot be read/)
      .first()
      .waitFor();
    await row.click();
    await notified(/The run cannot be shown/);
    await window.command("Notifications: Clear All Notifications");
    await window.command("Countersign: Delete Run");
    const dialog = window.page.locator(".monaco-dialog-box");
    await dialog.waitFor();
    await window.screenshot("runs-delete");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await expect.poll(() => rows("cut-short").count()).toBe(1);
    await window.fromMenu(row, "Delete Run");
    await dialog.getByRole("button", { name: "Delete" }).click();
    await expect.poll(() => rows("cut-short").count()).toBe(0);
  });

  test("runs that another process removes go from the view", async () => {
    const before = await rows("kept.toml").count();
    const [id = ""] = await idsOf(FILE);
    await rm(path.join(stateDir, "runs", id), { recursive: true });
    await expect.poll(() => rows("kept.toml").count()).toBe(before - 1);
    await rm(stateDir, { recursive: true });
    await expect.poll(() => rows("kept.toml").count()).toBe(0);
  });
});
