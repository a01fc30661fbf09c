/** Debugging and time travel on the page, in a plain Chromium with a host that answers as the editor's does. */
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium, startBrowser } from "../../scripts/vscode/browser.mjs";
import { RunHub } from "../../src/extension/run/hub.ts";
import type { DebugView, PageBreakpoint } from "../../src/protocol/debug.ts";
import { snapshotOf } from "../../src/protocol/run-fold.ts";
import type { RunStep } from "../../src/protocol/run.ts";
import type { FromPage } from "../../src/protocol/webview.ts";
import { numbered } from "../protocol/runs.ts";
import { openPage, type Harness } from "./harness.ts";

const releaseGate = await readFile("examples/release-gate/release-gate.toml", "utf8");
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

const nodes = ["load", "parse", "checks"] as const;

/** A graph of them. */
const row = [
  'name = "row"\n[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "load"\n',
  ...nodes.map((id) => `[[nodes]]\nid = "${id}"\ntype = "merge"\n`),
  ...nodes.slice(1).map((to, i) => `[[edges]]\nfrom = "${nodes[i] ?? ""}"\nto = "${to}"\n`),
].join("\n");

/** Three nodes in a row, the second of which is given another value. */
const steps: readonly RunStep[] = numbered([
  { type: "started", start: null, environment: "dev", dry: "reads", began: 0 },
  ...nodes.flatMap((node, i) => [
    {
      ...{ type: "entered" as const, act: `${node}#1`, node, name: node, visit: 1, depth: 0 },
      ...{ edges: i === 0 ? [] : [`edge:${nodes[i - 1]}>${node}`], assumed: false },
    },
    {
      ...{ type: "ended" as const, act: `${node}#1`, node, outcome: "done" as const, label: null, message: null },
      ...{ preview: `{"from": "${node}"}`, assumed: false },
    },
  ]),
  { type: "edited", act: "parse#1", node: "parse", preview: '{"by": "hand"}', by: "user:test" },
  {
    ...{ type: "finished", status: "completed", reason: null, last: "checks", waitsFor: [], assumed: [] },
    ...{ wouldPause: [], preview: "" },
  },
]);

const session: DebugView = {
  ...{ runId: "r", dry: true, stop: { reason: "breakpoint", text: null }, node: "parse", name: "parse" },
  ...{ place: 1, places: 3, past: true, changed: [], gone: [] },
};

/** A host that shows the run above and answers about its instants. */
async function withRun(host: Harness): Promise<RunHub> {
  const hub = new RunHub();
  const messages: unknown[] = [];
  hub.attach("document", (message) => messages.push(message)).ready();
  const tell = hub.begin("document", "r");
  for (const step of steps) tell(step);
  for (const message of messages) await host.send(message);
  await host.send({ type: "run", runId: "r", fromSeq: 0, steps });
  return hub;
}

/** How many questions of a page have been answered. */
const answered = new WeakMap<Harness, number>();

/** Waits for the page's next question about an instant, and answers it. */
async function answer(host: Harness, hub: RunHub): Promise<void> {
  const questions = () => host.said.flatMap((one) => (one.type === "lookAtRun" ? [one] : []));
  const known = answered.get(host) ?? 0;
  await expect.poll(() => questions().length).toBeGreaterThan(known);
  answered.set(host, known + 1);
  const asked = questions()[known];
  if (asked === undefined) throw new Error("the page has not asked");
  const instant = hub.at(asked.runId, asked.next);
  if (instant === null) throw new Error("the run is not known");
  const { next, earliest, step, view } = instant;
  await host.send({ type: "runAt", runId: asked.runId, next, earliest, asked: true, run: snapshotOf(view), step });
}

async function serious({ page }: Harness): Promise<string[]> {
  await page.evaluate(await readFile(axe, "utf8"));
  const parts = '[".stage"], [".debug-bar"], [".time-slider"], [".run-values"]';
  const { violations }: AxeResults = await page.evaluate(`axe.run({ include: [${parts}] })`);
  const found = violations.filter((one) => one.impact === "serious" || one.impact === "critical");
  return found.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html} ${node.failureSummary ?? ""}`));
}

/** An attribute of all elements of a selector. */
async function attributes({ page }: Harness, selector: string, name: string): Promise<string[]> {
  const all = await page.locator(selector).all();
  return Promise.all(all.map(async (one) => (await one.getAttribute(name)) ?? ""));
}

/** Keys of the nodes that are drawn. */
function drawn(host: Harness): Promise<string[]> {
  return attributes(host, ".react-flow__node-node", "data-id");
}

async function photograph({ page }: Harness, name: string): Promise<void> {
  await mkdir(".tmp/screenshots", { recursive: true });
  await page.screenshot({ path: `.tmp/screenshots/${name}.png` });
}

describe.skipIf(findChromium() === null)("debugging on the page", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  it("sets breakpoints by key, by click and from the menu, and draws how each stands", async () => {
    const host = await openPage(browser, releaseGate);
    const { page } = host;
    const asked = (): FromPage[] => host.said.filter((one) => one.type === "breakpoint");
    const node = (key: string) => page.locator(`.react-flow__node[data-id="${key}"]`);
    const keys = await drawn(host);
    const [first = "", second = "", third = "", fourth = ""] = keys;
    await node(first).click();
    await page.locator(".canvas").focus();
    await page.keyboard.press("F9");
    await node(second).hover();
    await node(second).locator(".breakpoint-spot").click();
    await node(third).click({ button: "right" });
    await page.getByRole("menuitem", { name: "Log point…" }).click();
    await expect
      .poll(() => asked())
      .toEqual([
        { type: "breakpoint", element: first, what: "toggle" },
        { type: "breakpoint", element: second, what: "toggle" },
        { type: "breakpoint", element: third, what: "log" },
      ]);
    const list: PageBreakpoint[] = [
      { element: first, state: "active", kind: "plain", text: "", message: null },
      { element: second, state: "disabled", kind: "conditional", text: "n > 1", message: null },
      { element: third, state: "active", kind: "log", text: "took {{n}}", message: null },
      { element: fourth, state: "pending", kind: "plain", text: "", message: "not in the run" },
    ];
    await host.send({ type: "breakpoints", list });
    const named = (key: string) => node(key).locator(".breakpoint-spot").getAttribute("aria-label");
    await node(fourth).locator(".breakpoint-pending").waitFor();
    expect(await named(first)).toMatch(/^Breakpoint\. Remove/);
    expect(await named(second)).toMatch(/^Conditional breakpoint, disabled: n > 1/);
    expect(await named(third)).toMatch(/^Log point: took/);
    expect(await named(fourth)).toMatch(/^Breakpoint, pending \(not in the run\)/);
    const icons = await attributes(host, ".breakpoint-spot.set i", "class");
    expect(new Set(icons).size, "each is drawn differently").toBe(4);
    expect(await serious(host)).toEqual([]);
    await photograph(host, "page-breakpoints");
    await page.close();
  });

  it("scrubs through a finished run by keyboard, shows nodes and values at that instant, and goes back to the present", async () => {
    const host = await openPage(browser, row);
    const { page } = host;
    const hub = await withRun(host);
    const slider = page.getByRole("slider", { name: "Instant of the run" });
    await slider.waitFor();
    await expect.poll(() => slider.getAttribute("aria-valuetext")).toBe("the present");
    await page.locator('.react-flow__node[data-id="parse"] .run-done').waitFor();
    await page.locator('.react-flow__node[data-id="parse"] .node-edited').waitFor();
    await page.locator('.react-flow__node[data-id="parse"]').click();
    await page.locator(".run-values pre", { hasText: "hand" }).waitFor();
    await slider.focus();
    await page.keyboard.press("Home");
    await answer(host, hub);
    await expect.poll(() => page.locator(".run-done").count()).toBe(0);
    await page.getByText("Not entered at this instant.").waitFor();
    for (let press = 0; press < 4; press++) {
      await page.keyboard.press("ArrowRight");
      await answer(host, hub);
    }
    await page.locator('.react-flow__node[data-id="parse"] .run-running').waitFor();
    await expect.poll(() => slider.getAttribute("aria-valuetext")).toBe("step 4 of 9, 3 ms: parse was entered");
    await expect.poll(() => page.locator(".timeline-row.later").count()).toBe(1);
    await page.keyboard.press("ArrowRight");
    await answer(host, hub);
    await page.locator(".run-values pre", { hasText: "from" }).waitFor();
    expect(await serious(host)).toEqual([]);
    await photograph(host, "page-time");
    await page.getByRole("button", { name: "Live" }).click();
    await page.locator('.react-flow__node[data-id="checks"] .run-done').waitFor();
    await expect.poll(() => slider.getAttribute("aria-valuetext")).toBe("the present");
    await page.close();
  });

  it("asks for one instant at a time, the latest wish last, and says when early steps are gone", async () => {
    const host = await openPage(browser, releaseGate);
    const { page } = host;
    await withRun(host);
    const slider = page.getByRole("slider", { name: "Instant of the run" });
    await slider.focus();
    const before = host.said.length;
    for (let press = 0; press < 5; press++) await page.keyboard.press("ArrowLeft");
    const asked = (): FromPage[] => host.said.slice(before).filter((one) => one.type === "lookAtRun");
    await expect.poll(asked).toHaveLength(1);
    await page.keyboard.press("Home");
    const later = new RunHub();
    const tell = later.begin("document", "r");
    for (const step of steps) tell(step);
    const view = later.at("r", 6);
    if (view === null) throw new Error("the run is not known");
    const told = { type: "runAt", runId: "r", next: 6, earliest: 6, asked: true, run: snapshotOf(view.view) };
    await host.send({ ...told, step: view.step });
    await page.getByText("Steps before 6 are not kept").waitFor();
    expect(asked().length, "the answer was the earliest instant that there is").toBeLessThanOrEqual(2);
    await expect.poll(() => slider.getAttribute("min")).toBe("6");
    await page.close();
  });

  it("follows a session: where it stands, why, that the text is another, and what the menu offers then", async () => {
    const host = await openPage(browser, releaseGate);
    const { page } = host;
    await withRun(host);
    const keys = await drawn(host);
    const [first = "", second = ""] = keys;
    const here = { ...session, node: `${second}/inner`, name: "inner" };
    await host.send({ type: "debug", session: here });
    await page.locator(`.react-flow__node[data-id="${second}"] .stands-inside`).waitFor();
    await host.send({
      type: "debug",
      session: { ...session, node: first, name: first, changed: ["release-gate.toml"] },
    });
    await page.locator(`.react-flow__node[data-id="${first}"] .stands-here`).waitFor();
    await page.getByText(`Dry run stopped before ${first}, looking back (breakpoint)`).first().waitFor();
    await page.getByRole("alert").filter({ hasText: "has changed since the session began" }).waitFor();
    const slider = page.getByRole("slider", { name: "Instant of the run" });
    await expect.poll(() => slider.getAttribute("aria-valuetext")).toBe(`before ${first}, 2 of 3`);
    expect(await serious(host)).toEqual([]);
    await photograph(host, "page-session");
    await slider.focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    const places = (): unknown[] => host.said.filter((one) => one.type === "debugLookAt");
    await expect.poll(places).toEqual([{ type: "debugLookAt", place: 2 }]);
    await host.send({ type: "debug", session: { ...session, place: 2 } });
    await expect.poll(places).toEqual([
      { type: "debugLookAt", place: 2 },
      { type: "debugLookAt", place: 3 },
    ]);
    await host.send({ type: "debug", session: { ...session, place: 3, past: false } });
    await page.locator(`.react-flow__node[data-id="${second}"]`).click({ button: "right" });
    await page.getByRole("menuitem", { name: "Run to here" }).click();
    await page.locator(`.react-flow__node[data-id="${second}"]`).click({ button: "right" });
    await page.getByRole("menuitem", { name: "Restart from here" }).click();
    await expect
      .poll(() => host.said.filter((one) => one.type === "debugGo"))
      .toEqual([
        { type: "debugGo", how: "runTo", node: second },
        { type: "debugGo", how: "restart", node: second },
      ]);
    await host.send({ type: "debug", session: { ...session, stop: null, node: null, name: null } });
    await expect.poll(() => slider.isDisabled()).toBe(true);
    await host.send({ type: "debug", session: null });
    await host.send({ type: "runView", run: null });
    await page.locator(".debug-bar").waitFor({ state: "detached" });
    await expect.poll(() => page.locator(".stands-here, .run-done, .time-slider").count()).toBe(0);
    await page.close();
  });
});
