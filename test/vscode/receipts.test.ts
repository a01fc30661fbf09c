/** Receipts in a real VS Code: the view, the editor of their files, verification and export. */
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { FrameLocator, Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { makeWorkspace } from "../../scripts/vscode/workspace.mjs";
import { receiptIdOfName } from "../../src/connect/receipts/names.ts";
import type { Receipt } from "../../src/runtime/receipts.ts";
import { countersign } from "../examples/support.ts";
import { CanvasPage } from "./rig/canvas.ts";
import { themes } from "./rig/settings.ts";
import { photographFailure, rig, unsupported, Window } from "./rig/window.ts";

const FILE = "hello-graph/graph.yaml";
const STORE = ".countersign/receipts";
/** The explorer stays as it is, so that the files at its end are to be seen. */
const quiet = { "explorer.autoReveal": false };

describe.skipIf(unsupported)("receipts", () => {
  let window: Window;

  beforeAll(async () => {
    const folder = await makeWorkspace(path.join(rig().folder, `receipts-${process.pid}`));
    // Its own store, so that no other test's runs are in the list.
    await writeFile(path.join(folder, "countersign.toml"), 'state_dir = ".countersign"\n');
    window = await Window.open({ folder, file: FILE });
    await window.settings(quiet);
  });
  afterEach(({ task }) => photographFailure(window, task));
  afterAll(async () => {
    await trust();
    await window?.settings();
    await window?.close();
  });

  /** The page of the editor that is in front. */
  const page = (): FrameLocator => window.canvas;
  const verdict = (): Locator => page().locator(".verdict h2");
  const pane = (): Locator =>
    window.page.locator(".pane", { has: window.page.locator('.pane-header[aria-label^="Receipts"]') });
  const stored = async (): Promise<readonly string[]> => {
    const names = await readdir(path.join(window.folder, STORE));
    return names.filter((name) => receiptIdOfName(name) !== null).map((name) => path.join(window.folder, STORE, name));
  };
  const fingerprint = async (): Promise<string> => {
    const { issuer } = JSON.parse(await readFile((await stored())[0] ?? "", "utf8")) as Receipt;
    return issuer.public_key_sha256;
  };
  /** Whom this user trusts; VS Code follows the file. */
  async function trust(...prints: readonly string[]): Promise<void> {
    const folder = path.join(rig().config, "countersign");
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, "config.toml"), `[keys]\ntrust = ${JSON.stringify(prints)}\n`);
  }
  const said = (text: string | RegExp): Promise<void> => expect.poll(() => verdict().textContent()).toMatch(text);

  async function exportAs(format: string, file: string, ends = "signed by sha256:"): Promise<string> {
    const input = window.page.locator(".quick-input-widget input[type=text]");
    await window.titleButton("Export Receipts").click();
    await window.page.locator(".quick-input-list .monaco-list-row", { hasText: format }).first().click();
    await expect.poll(() => input.inputValue()).toContain(window.folder);
    const target = path.join(window.folder, file);
    await input.fill(target);
    await input.press("Enter");
    await window.notified(new RegExp(`Wrote ${file.replaceAll(".", "\\.")}.*${ends}`));
    await window.command("Notifications: Clear All Notifications");
    return target;
  }

  async function verifyFromExplorer(file: string): Promise<void> {
    await window.command("File: Focus on Files Explorer");
    const row = window.page.locator(".explorer-folders-view .monaco-list-row", { hasText: file }).first();
    // A file that has just come moves the others.
    let before = "";
    const stands = async (): Promise<boolean> => {
      const [now, last] = [JSON.stringify(await row.boundingBox()), before];
      before = now;
      return now === last;
    };
    await expect.poll(stands, { interval: 500 }).toBe(true);
    await window.fromMenu(row, "Verify Receipt");
  }

  async function photographed(name: string, theme: keyof typeof themes): Promise<void> {
    await window.settings({ ...quiet, "workbench.colorTheme": themes[theme] });
    await page().locator(`body.vscode-${theme}`).waitFor();
    expect(await new CanvasPage(window).accessibilityProblems()).toEqual([]);
    await page().locator("h1").scrollIntoViewIfNeeded();
    await window.screenshot(`${name}-${theme}`);
  }

  test("a run leaves a receipt, which appears in the view with a verdict", async () => {
    await window.page.locator(".codelens-decoration a", { hasText: /^Run$/ }).first().click();
    const input = window.page.locator(".quick-input-widget input[type=text]");
    await window.page.locator(".quick-input-list .monaco-list-row.focused").first().waitFor();
    await input.press("Enter");
    await window.notified(/Run of graph\.yaml completed/);
    await window.command("Notifications: Clear All Notifications");
    await window.command("Focus on Receipts View");
    const row = pane().locator(".monaco-list-row", { hasText: "key not trusted" }).first();
    await row.waitFor();
    await expect.poll(() => row.getAttribute("aria-label")).toMatch(/^graph\.yaml, key not trusted · closed · /);
    await window.screenshot("receipts-view");
    await row.click();
    await said("Whole, but the key is not trusted");
    await expect.poll(() => page().getByRole("treeitem").count()).toBe((await stored()).length);
  });

  test("walks by keyboard, copies a digest, and is verified as soon as its key is trusted", async () => {
    const chosen = page().locator('[role="treeitem"][aria-selected="true"]');
    await chosen.focus();
    await window.page.keyboard.press("ArrowDown");
    await expect.poll(() => chosen.textContent()).toBe("first[0], graph, closed");
    await window.page.keyboard.press("ArrowDown");
    await page().locator(".detail h2", { hasText: "Step first[0]/hello-world#1.1" }).waitFor();
    await expect.poll(() => page().locator(".detail dt", { hasText: "Act" }).count()).toBeGreaterThan(0);
    await page().getByRole("button", { name: "Copy Receipt digest" }).click();
    await page().locator(".said", { hasText: "Copied" }).waitFor();
    expect(await window.page.evaluate("navigator.clipboard.readText()")).toMatch(/^sha256:[0-9a-f]{64}$/);
    await trust(await fingerprint());
    await said("Verified");
    await pane().locator('.monaco-list-row[aria-label^="graph.yaml, verified · closed"]').first().waitFor();
    await photographed("receipt", "light");
    await photographed("receipt", "dark");
    await photographed("receipt", "high-contrast");
  });

  test("exports as bundle, attestation and reports, which the command line verifies", async () => {
    const root = ["--trust-root", await fingerprint()];
    for (const [format, file] of [
      ["Bundle (JSON)", "a-run.bundle.json"],
      ["Attestation (DSSE)", "a-run.dsse.json"],
    ] as const) {
      const target = await exportAs(format, file);
      expect(await countersign(["verify", target, ...root])).toMatchObject({ code: 0 });
    }
    expect(await readFile(await exportAs("Report (HTML)", "a-run.html"), "utf8")).toContain("<h1>Run of hello-graph");
    expect(await readFile(await exportAs("Report (Markdown)", "a-run.md"), "utf8")).toContain("# Run of hello-graph");
  });

  test("an incident bundle is written, and checked from the explorer file by file", async () => {
    const target = await exportAs("Incident Bundle", "a-run.incident.tar.gz", "not signed");
    await verifyFromExplorer("a-run.incident.tar.gz");
    await window.notified(
      /a-run\.incident\.tar\.gz: every one of its \d+ files agrees with its manifest; the manifest is not signed/,
    );
    await window.command("Notifications: Clear All Notifications");
    const bytes = await readFile(target);
    await writeFile(path.join(window.folder, "a-cut.incident.tar.gz"), bytes.subarray(0, bytes.length / 2));
    await verifyFromExplorer("a-cut.incident.tar.gz");
    const refusal = await window.notified(/a-cut\.incident\.tar\.gz: /);
    await expect.poll(() => refusal.textContent()).toMatch(/cut|incomplete|ends/);
    await window.command("Notifications: Clear All Notifications");
  });

  test("the filter says what it shows, and is cleared by its button", async () => {
    const input = window.page.locator(".quick-input-widget input[type=text]");
    const filtered = async (words: string): Promise<void> => {
      await window.command("Countersign: Filter Receipts");
      await input.fill(words);
      await input.press("Enter");
      await expect.poll(() => pane().locator(".pane-header").textContent()).toContain(words);
    };
    await window.command("Focus on Receipts View");
    const row = pane().locator('.monaco-list-row[aria-label^="graph.yaml, verified"]').first();
    await filtered("hello verified");
    await row.waitFor();
    await filtered("of no run");
    await pane().getByText("No receipt passes the filter.").waitFor();
    await pane().getByText("Clear Filter", { exact: true }).click();
    await row.waitFor();
  });

  test("a bundle verifies from the explorer; a tampered one opens broken at the very field", async () => {
    await verifyFromExplorer("a-run.bundle.json");
    await window.notified(/a-run\.bundle\.json: Verified\. Run of hello-graph\./);
    await window.command("Notifications: Clear All Notifications");
    const text = await readFile(path.join(window.folder, "a-run.bundle.json"), "utf8");
    const tampered = text.replace("Executed graph step hello-world", "Executed nothing whatsoever");
    expect(tampered).not.toBe(text);
    await writeFile(path.join(window.folder, "a-tampered.bundle.json"), tampered);
    await verifyFromExplorer("a-tampered.bundle.json");
    const refusal = await window.notified(/a-tampered\.bundle\.json: Broken\./);
    await expect.poll(() => refusal.textContent()).toContain("it was signed as");
    await window.command("Notifications: Clear All Notifications");
    await said("Broken");
    const wrong = page().locator('.detail .row.wrong[data-path="acts[0].summary"]');
    await wrong.waitFor();
    await expect.poll(() => wrong.textContent()).toContain("Executed nothing whatsoever");
    await expect.poll(() => page().locator(".findings li").first().textContent()).toContain("acts[0].summary");
    await photographed("receipt-broken", "high-contrast-light");
    await photographed("receipt-broken", "dark");
    await photographed("receipt-broken", "light");
    await writeFile(path.join(window.folder, "a-tampered.bundle.json"), text);
    await said("Verified");
  });

  test("what is no receipt says so and offers its text; a store's file opens as receipt by itself", async () => {
    await writeFile(path.join(window.folder, "a-cut.receipt.json"), '{"schema":"runx.receipt.v1","id":"sha');
    await verifyFromExplorer("a-cut.receipt.json");
    const refusal = await window.notified(/The file is cut/);
    await refusal.hover();
    await refusal.getByText("Show", { exact: true }).click();
    await page().locator(".unreadable [role=alert]", { hasText: "The file is cut" }).waitFor();
    await photographed("receipt-unreadable", "light");
    await page().getByRole("button", { name: "Open as Text" }).click();
    await expect.poll(() => window.editor.first().textContent()).toContain("runx.receipt.v1");
    let file = "";
    for (const one of await stored()) {
      const { lineage } = JSON.parse(await readFile(one, "utf8")) as Receipt;
      if (lineage?.children.length === 0) file = one;
    }
    const copy = path.join(window.folder, "sha256-copies", path.basename(file).replace(":", "-"));
    await mkdir(path.dirname(copy));
    await copyFile(file, copy);
    await window.openFile(path.basename(copy));
    await verdict().waitFor();
    await said(/Verified/);
    await page().getByText("Only this receipt was checked").waitFor();
  });
});
