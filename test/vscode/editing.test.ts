/** Editing on the canvas of a real VS Code by mouse, by clipboard, and while the text is edited too. */
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "smol-toml";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CanvasPage } from "./rig/canvas.ts";
import { photographFailure, unsupported, Window } from "./rig/window.ts";

const FILE = "release-gate/release-gate.toml";
const OTHER = "other.toml";
const other =
  'name = "other"\n\n[[start_nodes]]\nname = "main"\nsource = "manual"\n\n[[nodes]]\nid = "notes"\ntype = "merge"\n';

interface Workflow {
  readonly nodes: readonly { readonly id: string }[];
  readonly edges?: readonly { readonly from: string; readonly to: string; readonly when?: string }[];
}

describe.skipIf(unsupported)("editing", () => {
  let window: Window;
  let canvas: CanvasPage;
  let original: string;

  beforeAll(async () => {
    window = await Window.open({ file: FILE });
    original = await window.read(FILE);
    await writeFile(path.join(window.folder, OTHER), other);
    await window.page.keyboard.press("Control+b");
    await window.openGraphToSide();
    canvas = new CanvasPage(window);
    await canvas.panel("inspector", false);
  });
  afterEach(async ({ task }) => {
    await photographFailure(window, task);
    if (task.result?.state === "fail") await window.restore(FILE, original);
  });
  afterAll(() => window?.close());

  const workflow = (text: string): Workflow => parse(text) as unknown as Workflow;
  const ids = (text: string): string[] => workflow(text).nodes.map(({ id }) => id);
  async function undone(): Promise<void> {
    await canvas.press("Control+z");
    expect(await window.saved(FILE)).toBe(original);
  }

  test("a kind dropped on an edge stands between its ends", async () => {
    await canvas.panel("palette", true);
    await canvas.frame.locator(".palette input").fill("template_render");
    await canvas.fit(13);
    const edge = canvas.frame.locator('.react-flow__edge[aria-label="Edge from publish to published"]');
    const kind = canvas.frame.locator(".palette-kind", { hasText: "template_render" }).first();
    const pane = await canvas.frame.locator(".canvas").boundingBox();
    if (pane === null) throw new Error("there is no canvas");
    const line = await canvas.middle(edge.locator("path").first());
    const at = { x: line.x - pane.x, y: line.y - pane.y };
    await kind.dragTo(canvas.frame.locator(".canvas"), { targetPosition: at });
    const made = workflow(await window.saved(FILE));
    expect(made.nodes).toHaveLength(14);
    expect(made.edges).toEqual(
      expect.arrayContaining([
        { from: "publish", to: "template_render" },
        { from: "template_render", to: "published" },
      ]),
    );
    await undone();
    await canvas.panel("palette", false);
  });

  test("several nodes are chosen with a box, duplicated and removed as one edit each", async () => {
    await canvas.fit(13);
    const [first, last] = [canvas.node("publish"), canvas.node("published")];
    const [a, b] = [await first.boundingBox(), await last.boundingBox()];
    if (a === null || b === null) throw new Error("the nodes are not to be seen");
    const from = Math.min(a.x, b.x) - 6;
    const to = Math.max(a.x + a.width, b.x + b.width) + 6;
    await canvas.drag({ x: from, y: a.y - 6 }, { x: to, y: b.y + b.height + 6 }, "Shift");
    await expect.poll(() => canvas.frame.locator(".node.selected").count()).toBeGreaterThanOrEqual(2);
    const chosen = await canvas.frame.locator(".node.selected .node-id").allTextContents();
    expect(chosen).toEqual(expect.arrayContaining(["publish", "published"]));
    await window.screenshot("canvas-box-selection");
    await canvas.press("Control+d");
    const twice = await window.saved(FILE);
    expect(ids(twice)).toHaveLength(13 + chosen.length);
    expect(workflow(twice).edges).toContainEqual({ from: "publish_2", to: "published_2" });
    await undone();
    await canvas.select("publish");
    await canvas.node("published").click({ modifiers: ["Control"] });
    await canvas.press("Delete");
    const left = ids(await window.saved(FILE));
    expect(left).toHaveLength(11);
    expect(left).not.toContain("published");
    await undone();
  });

  test("an edit on the canvas is a small difference for git", async () => {
    const git = (...args: string[]): string =>
      execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", ...args], {
        cwd: window.folder,
        encoding: "utf8",
      });
    git("init", "--quiet");
    git("add", ".");
    git("commit", "--quiet", "-m", "before");
    await canvas.panel("inspector", true);
    await canvas.select("approve");
    await canvas.fill("reason", "Really?");
    await window.saved(FILE);
    expect(git("diff", "--numstat").trim()).toMatch(/^1\t1\trelease-gate\/release-gate\.toml$/);
    await undone();
    expect(git("status", "--porcelain")).toBe("");
    await canvas.panel("inspector", false);
  });

  test("what is typed while the canvas is used is kept, and both edits are there", async () => {
    await canvas.select("published");
    await window.goTo(FILE, 'id = "notes"');
    await window.page.keyboard.press("End");
    await window.page.keyboard.type(" # typed, and not lost");
    await canvas.node("published").click();
    await canvas.press("Delete");
    await canvas.node("published").waitFor({ state: "detached" });
    const text = await window.saved(FILE);
    expect(text).toContain('id = "notes" # typed, and not lost\n');
    expect(ids(text)).not.toContain("published");
    await window.restore(FILE, original);
  });

  test("places can be kept in a file beside the document, one line for each node", async () => {
    await window.settings({ "countersign.canvas.positions": "sidecar" });
    await canvas.fit(13);
    const at = await canvas.middle(canvas.node("not_ready"));
    await canvas.drag(at, { x: at.x + 30, y: at.y + 50 });
    const sidecar = `${FILE}.layout.json`;
    await expect
      .poll(() => window.read(sidecar).catch(() => ""))
      .toMatch(/^ {4}"not_ready": \{ "x": -?\d+, "y": -?\d+ \},?$/m);
    await canvas.button("Arrange everything anew").click();
    await expect.poll(() => window.read(sidecar).catch(() => "none")).toBe("none");
    await window.settings();
  });

  test("nodes are copied from one file and pasted into another, comments included", async () => {
    await canvas.select("notes");
    await canvas.node("save_notes").click({ modifiers: ["Control"] });
    await canvas.press("Control+c");
    await expect.poll(() => canvas.said.textContent()).toMatch(/Copied 2 nodes/);
    await window.openFile(OTHER);
    await window.titleButton("Open Graph to the Side").waitFor();
    await window.command("Countersign: Open Graph");
    await canvas.node("start:main").waitFor();
    await canvas.frame.locator(".canvas").click({ button: "right", position: { x: 5, y: 5 } });
    await canvas.frame.getByRole("menuitem", { name: "Paste" }).click();
    await canvas.node("save_notes").waitFor();
    const text = await window.saved(OTHER);
    expect(text.startsWith(other.trimEnd())).toBe(true);
    expect(ids(text)).toEqual(["notes", "notes_2", "save_notes"]);
    expect(workflow(text).edges).toContainEqual({ from: "notes_2", to: "save_notes" });
    expect(text).toContain('template = """');
    await window.screenshot("canvas-pasted");
  });

  test("changes stay in the editor when the window is loaded again, and what was dropped stays where it was", async () => {
    await window.openFile("release-gate.toml");
    // Its text or its graph, whichever was open last.
    await window.titleButton("Open Graph to the Side").or(window.titleButton("Open Text")).first().waitFor();
    await window.command("Countersign: Open Graph");
    await canvas.node("read_release").waitFor();
    await canvas.fit(13);
    const node = canvas.node("declined");
    const at = await canvas.middle(node);
    await canvas.drag(at, { x: at.x + 60, y: at.y + 40 });
    const place = async (key: string): Promise<string> =>
      /translate\([^)]*\)/.exec((await canvas.node(key).getAttribute("style")) ?? "")?.[0] ?? "";
    const moved = await place("declined");
    await canvas.select("published");
    await canvas.press("Control+d");
    await canvas.node("published_2").waitFor();
    await window.dirty(FILE).first().waitFor();
    await window.reload();
    await window.dirty(FILE).first().waitFor();
    await window.openFile("release-gate.toml");
    // Its text or its graph, whichever was open last.
    await window.titleButton("Open Graph to the Side").or(window.titleButton("Open Text")).first().waitFor();
    await window.command("Countersign: Open Graph");
    await canvas.node("start:main").waitFor();
    await canvas.fit(14);
    expect(await place("declined")).toBe(moved);
    await window.dirty(FILE).first().waitFor();
    expect(await window.read(FILE)).toBe(original);
    await window.command("File: Revert File");
    await window.dirty(FILE).first().waitFor({ state: "detached" });
  });
});
