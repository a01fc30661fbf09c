import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium, startBrowser } from "../../scripts/vscode/browser.mjs";
import { numbered } from "../protocol/runs.ts";
import { openPage, type Harness } from "./harness.ts";
import { themes, type ThemeClass } from "./themes.ts";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const releaseGate = await readFile("examples/release-gate/release-gate.toml", "utf8");
const fanOut = await readFile("examples/fan-out-quorum/graph.yaml", "utf8");
const empty = `name = "fresh"\n\n[[start_nodes]]\nname = "main"\nsource = "manual"\n`;

/** What axe finds that is serious or worse, as one line each. */
async function seriousFindings({ page }: Harness): Promise<string[]> {
  await page.evaluate(await readFile(axe, "utf8"));
  const { violations }: AxeResults = await page.evaluate("axe.run(document)");
  const serious = violations.filter((one) => one.impact === "serious" || one.impact === "critical");
  return serious.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html} ${node.failureSummary ?? ""}`));
}

if (findChromium() === null) console.warn("The graph editor's page is not tested: there is no Chromium.");

describe.skipIf(findChromium() === null)("the graph editor's page", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });

  it.each(Object.keys(themes) as ThemeClass[])("is accessible in %s", async (theme) => {
    const host = await openPage(browser, releaseGate, { theme });
    await host.page.locator(".node").nth(2).click();
    await host.page.locator(".inspector .field").first().waitFor();
    expect(await seriousFindings(host)).toEqual([]);
    await host.page.close();
  });

  it("is accessible when it is narrow, empty, and when the text is broken", async () => {
    const narrow = await openPage(browser, fanOut, { file: "graph.yaml", width: 400 });
    expect(await seriousFindings(narrow)).toEqual([]);
    await narrow.page.close();
    const host = await openPage(browser, empty);
    expect(await seriousFindings(host)).toEqual([]);
    await host.type("[[nodes");
    await host.page.getByRole("alert").filter({ hasText: "does not parse" }).waitFor();
    expect(await seriousFindings(host)).toEqual([]);
    await host.page.close();
  });

  it("puts a kind that is chosen in the palette on the arrow between steps that is selected", async () => {
    const step = (id: string): string => `  - id: ${id}\n    tool: t.x\n`;
    const text = `name: g\nsteps:\n${step("a")}${step("b")}`;
    const host = await openPage(browser, text, { file: "graph.yaml" });
    const { page } = host;
    await page.locator(".node").first().click();
    await page.locator(".node.selected").waitFor();
    await page.keyboard.press("Shift+ArrowDown");
    await page.locator(".inspector", { hasText: "a → b" }).waitFor();
    await page.locator(".palette-kind", { hasText: "approval" }).first().click();
    const made = "  - id: approval\n    run:\n      type: approval\n";
    await expect.poll(() => host.text()).toBe(`name: g\nsteps:\n${step("a")}${made}${step("b")}`);
    await page.close();
  });

  it("shows the document's sections accessibly, open and closed, each with its button behind its title", async () => {
    const host = await openPage(browser, releaseGate);
    const { page } = host;
    const section = (title: string): Locator =>
      page.locator(".section-box", { has: page.locator(`> .section > summary .section-title:text-is("${title}")`) });
    const title = (name: string): Locator => section(name).locator("summary").first();
    const remove = (key: string): Locator => page.getByRole("button", { name: `Remove ${key}`, exact: true });
    await remove("policy").waitFor();
    expect(await seriousFindings(host)).toEqual([]);
    await title("fs").focus();
    await page.keyboard.press("Tab");
    await remove("fs").and(page.locator(":focus")).waitFor();
    // Closed, it keeps its button.
    await title("policy").click();
    await expect.poll(() => section("policy").locator("> .section").getAttribute("open")).toBeNull();
    await title("policy").focus();
    expect(await seriousFindings(host)).toEqual([]);
    await page.keyboard.press("Tab");
    await remove("policy").and(page.locator(":focus")).waitFor();
    expect(host.text()).toContain("[policy.fs]");
    await page.keyboard.press("Enter");
    await expect.poll(() => host.text()).not.toContain("[policy.fs]");
    await remove("policy").waitFor({ state: "detached" });
    await page.close();
  });

  it("shows characters that hide or reorder text as signs, and in fields leaves them and says so", async () => {
    const id = "pay\u202eload";
    const hidden = [
      `name = "fre\u200bsh"\n\n[[start_nodes]]\nname = "ma\u2066in"\nsource = "manual"\nentry_node = "${id}"\n`,
      `[[nodes]]\nid = "${id}"\ntype = "respond"\nstatus = 200\nbody_template = "Pay \u202e{{to}} 😀"\n`,
      `[[edges]]\nfrom = "${id}"\nto = "${id}"\nwhen = "again\u00ad"\nmax_iterations = 2\n`,
    ];
    const host = await openPage(browser, hidden.join("\n"));
    const { page } = host;
    const steps = numbered([
      { type: "started", start: null, environment: "dev", dry: "reads", began: 0 },
      { type: "entered", act: "a#1", node: id, name: id, visit: 1, depth: 0, edges: [], assumed: false },
      {
        ...{ type: "ended", act: "a#1", node: id, outcome: "failed", label: null },
        ...{ message: "no \u200fway", preview: "", assumed: false },
      },
    ]);
    await host.send({ type: "run", runId: "r", fromSeq: 0, steps });
    const shown = async (selector: string, text: string): Promise<void> => {
      await page.locator(selector, { hasText: text }).first().waitFor();
    };
    await shown(".inspector h2", "fre\\u{200b}sh");
    await shown(".inspector .start-row", "ma\\u{2066}in→ pay\\u{202e}load");
    await shown(".entry-name", "ma\\u{2066}in");
    await shown(".node-id", "pay\\u{202e}load");
    await shown(".node-problem", "no \\u{200f}way");
    await shown(".edge-label", "again\\u{ad} · at most 2×");
    await page.getByRole("button", { name: "Show or hide the timeline" }).click();
    await shown(".timeline-name", "pay\\u{202e}load");
    await shown(".timeline-label", "no \\u{200f}way");
    await page.locator(".node").click();
    await shown(".inspector h2", "pay\\u{202e}load");
    await page.locator(".inspector h2 .sign").waitFor();
    // In the field stands what the document says; what of it cannot be seen is said below.
    const body = page.getByRole("combobox", { name: "body_template" });
    expect(await body.inputValue()).toBe("Pay \u202e{{to}} 😀");
    const note = "Holds a character that cannot be seen here: \\u{202e}.";
    const described = await body.getAttribute("aria-describedby");
    await page.locator(`[id="${described?.split(" ").at(-1) ?? ""}"]`, { hasText: note }).waitFor();
    await body.fill("Pay {{to}} 😀");
    await page.locator(".field", { has: body }).getByText(note).waitFor({ state: "detached" });
    // Nothing else on the page holds such a character: no text, title or name for a screen reader.
    const left = await page.evaluate(`[...document.querySelectorAll("#root *")].flatMap((element) => [
      ...[...element.childNodes].filter((one) => one.nodeType === 3).map((one) => one.nodeValue ?? ""),
      ...["title", "aria-label", "aria-valuetext", "placeholder"].map((name) => element.getAttribute(name) ?? ""),
    ]).filter((text) => /[\\u202e\\u200b\\u200f\\u2066\\u00ad]/.test(text))`);
    expect(left).toEqual([]);
    expect(host.text()).toContain(id);
    await page.close();
  });

  it("builds a graph by keyboard alone", async () => {
    const host = await openPage(browser, empty);
    const { page } = host;
    const add = async (kind: string, id: string): Promise<void> => {
      await page.locator(".canvas").focus();
      await page.keyboard.press("Insert");
      await page.locator(".palette input").and(page.locator(":focus")).waitFor();
      await page.keyboard.press("Control+A");
      await page.keyboard.type(kind);
      await page.keyboard.press("Enter");
      await page.locator(".node.selected", { hasText: id }).waitFor();
      await page.keyboard.press("Escape");
    };
    await add("read_env", "read_env");
    await page.keyboard.press("F2");
    await page.locator(".rename").waitFor();
    await page.keyboard.type("key");
    await page.keyboard.press("Enter");
    await page.locator(".node", { hasText: "key" }).waitFor();
    await add("respond", "respond");
    // The start enters the first node until it is told otherwise.
    expect(host.text()).toContain('entry_node = "read_env"');
    await page.locator(".canvas").focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("c");
    await page.getByRole("status").filter({ hasText: "Connecting from" }).waitFor();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await expect
      .poll(() => host.said.filter((one) => one.type === "intent").at(-1))
      .toMatchObject({
        intent: { type: "set-start", name: "main" },
      });
    await expect.poll(() => host.text()).toContain('entry_node = "respond"');
    expect(host.text()).toContain('id = "key"');
    expect(host.text()).toContain('type = "respond"');
    await page.close();
  });

  it("leaves keys with Control and Shift to VS Code", async () => {
    const host = await openPage(browser, releaseGate);
    const { page } = host;
    await page.locator(".node", { hasText: "not_ready" }).click();
    await page.locator(".node.selected", { hasText: "not_ready" }).waitFor();
    for (const key of ["D", "X", "C", "A", "F"]) await page.keyboard.press(`Control+Shift+${key}`);
    expect(host.copied()).toBe("");
    await page.keyboard.press("Control+C");
    await expect.poll(() => host.copied()).toContain('id = "not_ready"');
    expect(host.said.filter((one) => one.type === "intent")).toEqual([]);
    expect(host.text()).toBe(releaseGate);
    await page.close();
  });

  it("copies nodes as text and pastes them into another document", async () => {
    const one = await openPage(browser, releaseGate);
    await one.page.locator(".node", { hasText: "release" }).nth(1).click();
    await one.page.keyboard.press("Control+C");
    await expect.poll(() => one.copied()).toContain("[[nodes]]");
    const other = await openPage(browser, empty);
    await other.page.evaluate(`{
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", ${JSON.stringify(one.copied())});
      const event = new ClipboardEvent("paste", { clipboardData, bubbles: true });
      document.querySelector(".canvas").dispatchEvent(event);
    }`);
    await other.page.locator(".node", { hasText: "release" }).waitFor();
    expect(other.text().startsWith(empty.trimEnd())).toBe(true);
    await one.page.close();
    await other.page.close();
  });

  it("says why a connection is refused", async () => {
    const host = await openPage(browser, releaseGate);
    await host.page.locator(".node", { hasText: "not_ready" }).click();
    await host.page.keyboard.press("c");
    await host.page.locator(".node", { hasText: "publish" }).first().click();
    await host.page.getByRole("alert").filter({ hasText: "ends the run" }).waitFor();
    await host.page.close();
  });

  it("makes a PNG of the SVG under its content policy", async () => {
    const host = await openPage(browser, releaseGate);
    await host.page.getByRole("button", { name: "Export as PNG" }).click();
    const png = (): string | null =>
      host.said.flatMap((one) => (one.type === "export" && one.png !== null ? [one.png] : []))[0] ?? null;
    await expect.poll(png).not.toBeNull();
    expect(
      Buffer.from(png() ?? "", "base64")
        .subarray(1, 4)
        .toString(),
    ).toBe("PNG");
    await host.page.close();
  });

  it("draws a closed group as one box, and opens it again", async () => {
    const host = await openPage(browser, fanOut, { file: "graph.yaml" });
    await host.page.getByRole("button", { name: "Draw review as one box" }).click();
    await host.page.locator(".node", { hasText: "quorum 2 of 3" }).click({ button: "right" });
    await host.page.getByRole("menuitem", { name: "Draw review in full" }).click();
    await host.page.locator(".frame").waitFor();
    await host.page.close();
  });
});
