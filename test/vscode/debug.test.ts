/** The debugger in a real VS Code: F5 on a graph, breakpoints in the gutter, steps in both directions, and refusals. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { photographFailure, unsupported, Window } from "./rig/window.ts";

const FILE = "support-router/support-router.toml";

describe.skipIf(unsupported)("debugging", () => {
  let window: Window;

  beforeAll(async () => {
    window = await Window.open({ file: FILE });
    await window.titleButton("Open Graph to the Side").waitFor();
  });
  afterEach(({ task }) => photographFailure(window, task));
  afterAll(() => window?.close());

  const press = (key: string): Promise<void> => window.page.keyboard.press(key);

  /** Waits until the arrow of the debugger stands at the line with this text, and the top of the stack says so. */
  async function standsAt(node: string): Promise<void> {
    const top = window.page.locator(".debug-call-stack .stack-frame", { hasText: `${node} ·` });
    await top.first().waitFor();
    await window.page.locator(".debug-top-stack-frame-line").first().waitFor();
    await window.debuggerStands();
  }

  test("F5 without a launch.json dry-runs the graph and stops at its first node", async () => {
    await window.goTo(FILE, 'id = "billing"');
    await press("F9");
    await window.page.locator(".codicon-debug-breakpoint").first().waitFor();
    await press("F5");
    await window.takeFirst();
    await window.page.locator(".debug-top-stack-frame-line").first().waitFor();
    await press("Control+Shift+d");
    await standsAt("greeting");
  });

  test("continuing stops after a failure and at the breakpoint, with the values of that instant", async () => {
    await press("F5");
    await standsAt("standard");
    await press("F5");
    await standsAt("billing");
    await window.page.locator(".debug-variables .monaco-list-row", { hasText: "Outputs" }).first().waitFor();
    await window.page.locator(".debug-variables .monaco-list-row", { hasText: "Outputs" }).first().click();
    await press("ArrowRight");
    await window.page.locator(".debug-variables .monaco-list-row", { hasText: "greeting" }).first().waitFor();
    await window.screenshot("debug-stopped");
    await expect.poll(() => window.page.locator(".debug-toolbar .codicon-debug-step-back").count()).toBe(1);
  });

  test("steps go back and forth, and the run goes on to its end", async () => {
    await window.page.locator(".debug-toolbar .codicon-debug-step-back").click();
    await standsAt("route");
    await press("F10");
    await standsAt("billing");
    // The button says by itself when the session stands still; a key that comes too early is lost.
    await window.page.locator(".debug-toolbar .codicon-debug-continue").click();
    // The session stays at the end until one goes on from there.
    await standsAt("(end)");
    await window.page.locator(".debug-toolbar .codicon-debug-continue").click();
    await window.page.locator(".debug-toolbar").waitFor({ state: "hidden" });
  });

  test("a breakpoint cannot be set in TOML of other people", async () => {
    const set = () => window.page.locator(".editor-instance .codicon-debug-breakpoint");
    await window.openFile("Cargo.toml");
    await window.titleButton("Open Graph to the Side").waitFor({ state: "detached" });
    await window.editor.first().click();
    await press("F9");
    // Keys are taken in their order: when this one has worked, the one before has been thought about.
    await window.openFile(FILE);
    await window.goTo(FILE, 'id = "route"');
    await press("F9");
    await expect.poll(() => set().count()).toBe(2);
    await window.openFile("Cargo.toml");
    await expect.poll(() => set().count()).toBe(0);
  });
});

describe.skipIf(unsupported)("in a workspace that is not trusted", () => {
  let window: Window;

  beforeAll(async () => {
    window = await Window.open({ file: FILE, asking: true });
    await window.titleButton("Open Graph to the Side").waitFor();
  });
  afterEach(({ task }) => photographFailure(window, task));
  afterAll(() => window?.close());

  test("the lens that debugs is refused with the reason", async () => {
    await window.page
      .locator(".codelens-decoration a", { hasText: /^Debug$/ })
      .first()
      .click();
    await window.notified(/not trusted, so nothing is run/);
  });
});
