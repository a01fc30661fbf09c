/** Tests in a real VS Code: the explorer, a diff at the line, coverage in gutter and canvas, and a run saved as a test. */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CanvasPage } from "./rig/canvas.ts";
import { photographFailure, unsupported, Window } from "./rig/window.ts";

const FOLDER = "support-router";
const DOCUMENT = `${FOLDER}/support-router.toml`;
const FIXTURE = `${FOLDER}/fixture.toml`;

/** Runs a program that leaves a file when it begins, and one more when it is let be for a minute. */
const slow = `name = "slow"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "wait"
[[nodes]]
id = "wait"
type = "shell_run"
command = "/bin/sh"
args_from = "trigger.args"
timeout_secs = 100
`;
const slowFixture = (folder: string): string => `start = "main"
timeout_secs = 100
trigger.payload = { args = ["-c", "touch ${folder}/began; sleep 60; mkdir -p ${folder}; touch ${folder}/ended"] }
[expected]
status = "completed"
`;

async function alive(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    () => false,
  );
}

describe.skipIf(unsupported)("tests", () => {
  let window: Window;

  beforeAll(async () => {
    window = await Window.open({ file: FIXTURE });
    await window.page.locator(".codelens-decoration a", { hasText: "Run test" }).first().waitFor();
  });
  afterEach(({ task }) => photographFailure(window, task));
  afterAll(() => window?.close());

  const lens = () => window.page.locator(".codelens-decoration a", { hasText: "Run test" }).first();
  const explorer = () => window.page.locator(".test-explorer");
  const row = (text: string | RegExp) => explorer().locator(".monaco-list-row", { hasText: text }).first();
  /** The verdict that stands before a test. */
  const verdict = (text: string, state: "passed" | "failed" | "skipped") =>
    explorer().locator(".monaco-list-row", {
      hasText: text,
      has: window.page.locator(`.codicon-testing-${state}-icon`),
    });

  test("the explorer lists every fixture of the workspace below its folder", async () => {
    await window.command("Testing: Focus on Test Explorer View");
    for (const folder of [FOLDER, `${FOLDER}/denied`, `${FOLDER}/no-topic`]) await row(folder).waitFor();
    await row(FOLDER).click();
    await window.page.keyboard.press("ArrowRight");
    await row("fixture.toml").click();
    await window.page.keyboard.press("ArrowRight");
    await row("main: completed").waitFor();
  });

  test("a lens runs the test, and an expectation that is not met shows the difference at its line", async () => {
    await window.openFile(FIXTURE);
    await lens().click();
    await verdict("main: completed", "passed").first().waitFor();
    // Unsaved: the editor's text is what is run.
    await window.goTo(FIXTURE, "last_node");
    await window.page.keyboard.press("End");
    await window.page.keyboard.press("Shift+Home");
    await window.page.keyboard.type('last_node = "triage"');
    await lens().click();
    await verdict("main: completed", "failed").first().waitFor();
    await window.page.locator(".test-output-peek, .test-error-content-widget").first().waitFor();
    await window.screenshot("test-failed");
    const shown = await window.page
      .locator(".test-output-peek-message-container, .test-error-content-widget")
      .allInnerTexts();
    expect(shown.join(" ")).toMatch(/triage/);
    await window.page.keyboard.press("Escape");
    await window.restore(FIXTURE, await window.read(FIXTURE));
  });

  test("a file that appears is found, and its test really stops when it is cancelled", async () => {
    const folder = path.join(window.folder, "slow");
    await mkdir(folder);
    await writeFile(path.join(folder, "workflow.toml"), slow);
    await writeFile(path.join(folder, "fixture.toml"), slowFixture(folder));
    await row("slow").waitFor();
    await window.openFile("slow/fixture.toml");
    await lens().click();
    await expect.poll(() => readdir(folder)).toContain("began");
    await window.command("Test: Cancel Test Run");
    await verdict("slow", "skipped").first().waitFor();
    await rm(folder, { recursive: true });
    await row("slow").waitFor({ state: "detached" });
    expect(await alive(path.join(folder, "ended"))).toBe(false);
  });

  test("debugging a test steps through its document, and gives its verdict when the session has ended", async () => {
    await window.openFile(DOCUMENT);
    await window.goTo(DOCUMENT, 'id = "billing"');
    await window.page.keyboard.press("F9");
    await window.page.locator(".codicon-debug-breakpoint").first().waitFor();
    await window.openFile(FIXTURE);
    await window.command("Test: Debug Tests in Current File");
    await window.page.locator(".debug-top-stack-frame-line").first().waitFor();
    await window.screenshot("test-debug");
    // At the failure of the first node, then at the breakpoint.
    const goOn = window.page.locator(".debug-toolbar .action-item:not(.disabled) .codicon-debug-continue");
    const isOver = async (): Promise<boolean> => {
      if (await goOn.isVisible()) await goOn.click({ timeout: 2000 }).catch(() => undefined);
      return window.page.locator(".debug-toolbar").isHidden();
    };
    await expect.poll(isOver, { interval: 500 }).toBe(true);
    await window.command("Testing: Focus on Test Explorer View");
    await verdict("main: completed", "passed").first().waitFor();
  });

  test("a test that is run continuously is run again when it is saved", async () => {
    const text = await window.read(FIXTURE);
    await row("main: completed").hover();
    await row("main: completed").locator('.action-label[aria-label*="Continuous Run"]').first().click();
    await window.openFile(FIXTURE);
    await window.goTo(FIXTURE, "last_node");
    await window.page.keyboard.press("End");
    await window.page.keyboard.press("Shift+Home");
    await window.page.keyboard.type('last_node = "outage"');
    await window.page.keyboard.press("Control+s");
    await verdict("main: completed", "failed").first().waitFor();
    await row("main: completed").hover();
    await row("main: completed").locator('.action-label[aria-label*="Continuous Run"]').first().click();
    await window.restore(FIXTURE, text);
  });

  test("a coverage run marks what was taken in the gutter, in the explorer and on the canvas", async () => {
    await window.openFile(DOCUMENT);
    await window.command("Test: Run All Tests with Coverage");
    await window.page
      .locator(".test-coverage-list-item, .coverage-view-is-shown, .test-coverage-tree")
      .first()
      .waitFor();
    await window.page.locator(".coverage-deco-gutter").first().waitFor();
    await window.screenshot("test-coverage");
    await window.openGraphToSide();
    const canvas = new CanvasPage(window);
    await canvas.frame.locator(".node.not-taken").first().waitFor();
    await window.screenshot("test-coverage-canvas");
    await window.command("Countersign: Clear Coverage Marks on Canvas");
    await canvas.frame.locator(".node.not-taken").first().waitFor({ state: "detached" });
  });

  test("a dry run becomes a test that passes", async () => {
    await window.openFile(DOCUMENT);
    await window.command("Countersign: Dry Run");
    await window.takeFirst();
    await window.notified(/Dry run .* completed/);
    await window.command("Notifications: Clear All Notifications");
    await window.command("Countersign: Save Run as Test…");
    await window.page
      .locator(".quick-input-list .monaco-list-row.focused", { hasText: "support-router" })
      .first()
      .waitFor();
    await window.page.locator(".quick-input-widget input[type=text]").press("Enter");
    const name = window.page.locator(".quick-input-widget input[type=text]");
    await window.page.locator(".quick-input-title", { hasText: "Name of the test" }).waitFor();
    await name.fill("saved-run");
    await name.press("Enter");
    await window.page.locator('.tab.active[data-resource-name="fixture.toml"]').first().waitFor();
    const saved = path.join(window.folder, FOLDER, "fixtures", "saved-run");
    expect(await readdir(saved)).toEqual(["fixture.toml"]);
    expect(await readFile(path.join(saved, "fixture.toml"), "utf8")).toContain(
      'document = "../../support-router.toml"',
    );
    await lens().click();
    await window.command("Testing: Focus on Test Explorer View");
    await verdict(`${FOLDER}/fixtures/saved-run`, "passed").first().waitFor();
    await window.screenshot("test-saved");
  });
});

describe.skipIf(unsupported)("in a workspace that is not trusted", () => {
  let window: Window;

  beforeAll(async () => {
    window = await Window.open({ file: FIXTURE, asking: true });
    await window.page.locator(".codelens-decoration a", { hasText: "Run test" }).first().waitFor();
  });
  afterEach(({ task }) => photographFailure(window, task));
  afterAll(() => window?.close());

  test("the lens above a fixture is refused with the reason", async () => {
    await window.page.locator(".codelens-decoration a", { hasText: "Run test" }).first().click();
    await window.notified(/not trusted, so no test is run/);
  });
});
