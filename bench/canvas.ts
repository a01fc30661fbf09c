/**
 * The canvas in a real VS Code with the packed extension: opening, layout, moving about beside bare React Flow, edits
 * from one view to the other, activation and size, with 200 and 2,000 nodes.
 */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { findChromium, startBrowser } from "../scripts/vscode/browser.mjs";
import { installVscode, vscodeRuns } from "../scripts/vscode/install.mjs";
import { installExtension, startServer } from "../scripts/vscode/server.mjs";
import { settings } from "../test/vscode/rig/settings.ts";
import { probe } from "./canvas/browser.ts";
import { canvasToText, textToCanvas } from "./canvas/edits.ts";
import { middle, movements, type Contestant, type Movement } from "./canvas/frames.ts";
import { branchingToml } from "./canvas/graph.ts";
import { layoutTimes } from "./canvas/layout.ts";
import { openPeer, type Laid } from "./canvas/peer.ts";
import { BenchWindow } from "./canvas/window.ts";
import { base } from "./disk.ts";
import { short, times } from "./format.ts";
import { mixedToml } from "./graphs.ts";
import { percentile } from "./language/rounds.ts";
import type { Row, Suite } from "./suite.ts";

const SIZES = [200, 2000] as const;
/** Openings of a graph that has been open before. */
const OPENINGS = 3;
const LAYOUTS = 3;
/** Promises, in milliseconds and bytes; opening by size. */
const promised = { open: { 200: 300, 2000: 2000 }, layout: 1000, edit: 100, activation: 50, package: 4e6 } as const;
/** Frame times that differ by less are equal. */
const NOISE = 1.05;
/** Frames follow each other without waiting for a screen, so that they show what they cost. */
const unpaced = ["--disable-frame-rate-limit", "--disable-gpu-vsync"];
const ours = "ours";
const bare = "React Flow";
const sparing = "React Flow that mounts only what is in view";

export const canvas: Suite = {
  name: "canvas",
  about: "the graph editor in VS Code with 200 and 2,000 nodes, beside bare React Flow",
  contestants: {},
  async run(note) {
    if (!vscodeRuns() || findChromium() === null) {
      const missing = vscodeRuns()
        ? "Chromium (apt-get install -y chromium)"
        : "64-bit Linux, where VS Code's server runs";
      note(`canvas: not measured; it needs ${missing}.`);
      return [];
    }
    await mkdir(base, { recursive: true });
    const folder = await mkdtemp(path.join(base, "bench-canvas-"));
    try {
      return await measured(folder, note);
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
  },
};

type Note = (text: string) => void;
type Size = (typeof SIZES)[number];

async function measured(folder: string, note: Note): Promise<Row[]> {
  const places = await installVscode((text) => {
    console.error(text);
  });
  await node("scripts/build.mjs");
  const vsix = path.join(folder, "countersign.vsix");
  await node("scripts/vscode/pack.mjs", vsix);
  const { size } = await stat(vsix);
  const rows: Row[] = [];
  const laid = new Map<Size, Laid>();
  for (const count of SIZES) {
    const found = await layoutTimes(branchingToml(count), LAYOUTS);
    laid.set(count, found);
    rows.push(alone(`layout of ${count} nodes in the worker`, found.again, promised.layout));
    note(
      `canvas: the first layout of ${count} nodes, the worker's start included, took ${short(found.first)} ms; the ` +
        `thread that asks is busy for ${short(found.asking)} ms of each.`,
    );
  }
  const chain = await layoutTimes(mixedToml(2000), 1);
  note(
    `canvas: layout of a chain of 2000 nodes: ${short(chain.again[0] ?? chain.first)} ms. What ELK has not laid out ` +
      `after 2 s is shown in rows until it has.`,
  );
  const workspace = path.join(folder, "workspace");
  const dataFolder = path.join(folder, "server");
  await mkdir(workspace);
  await mkdir(dataFolder);
  for (const count of SIZES) await writeFile(path.join(workspace, fileOf(count)), branchingToml(count));
  await installExtension(places, dataFolder, vsix);
  const server = await startServer(places, {
    ...{ dataFolder, automation: true },
    settings: { ...settings, "workbench.editor.useModal": "off" },
  });
  const activations: number[] = [];
  try {
    const seat = { port: server.port, workspace, activations };
    for (const count of SIZES) rows.push(...(await inWindow(seat, count)));
    for (const count of SIZES) {
      const drawn = laid.get(count);
      if (drawn !== undefined) rows.push(...(await moving(seat, count, drawn, note)));
    }
  } catch (problem) {
    // What has been measured is worth telling, and so is that the rest was not.
    const [why = ""] = String(problem).split("\n");
    note(`canvas: the rest in the window was NOT measured: ${why}`);
  } finally {
    await server.stop();
  }
  if (activations.length > 0)
    rows.push(alone("activation of the extension, as VS Code tells it", activations, promised.activation));
  rows.push({
    what: "packed extension",
    ours: `${(size / 1e6).toFixed(2)} MB`,
    ...{ peer: null, ratio: null, target: `under ${promised.package / 1e6} MB`, met: size < promised.package },
  });
  return rows;
}

interface Seating {
  readonly port: number;
  readonly workspace: string;
  /** Filled with what VS Code says of every window. */
  readonly activations: number[];
}

const fileOf = (count: Size): string => `nodes-${count}.toml`;

/** Opening and editing, in a browser that paints as for a screen. */
async function inWindow({ port, workspace, activations }: Seating, count: Size): Promise<Row[]> {
  const browser = await startBrowser();
  try {
    const window = await BenchWindow.open(browser, port, workspace, fileOf(count));
    const text = await readFile(path.join(workspace, fileOf(count)), "utf8");
    const first = await window.openGraph();
    const again: number[] = [];
    let { frame } = first;
    for (let i = 0; i < OPENINGS; i++) {
      await window.closeGraph();
      const opened = await window.openGraph();
      again.push(opened.selected);
      frame = opened.frame;
    }
    const most = promised.open[count];
    const rows = [
      alone(`first graph of a window, ${count} nodes: click to a node that is selected`, [first.selected], most),
      alone(`graph of ${count} nodes opened again: the same`, again, most),
    ];
    const shown = await textToCanvas(window, frame, text);
    rows.push(alone(`letter in the text to the canvas, ${count} nodes`, shown, promised.edit));
    const written = await canvasToText(window, frame, text);
    rows.push(alone(`field on the canvas to the text, ${count} nodes`, written, promised.edit));
    await window.revert();
    activations.push(await window.activation());
    return rows;
  } finally {
    await browser.close();
  }
}

/** Moving the canvas, in a browser that does not wait for a screen. */
async function moving(seat: Seating, count: Size, laid: Laid, note: Note): Promise<Row[]> {
  const { port, workspace } = seat;
  const browser = await startBrowser(unpaced);
  try {
    const window = await BenchWindow.open(browser, port, workspace, fileOf(count));
    const { frame } = await window.openGraph();
    await window.onlyGraph();
    const view = await probe(frame, "canvas");
    const contestants: Contestant[] = [
      { name: ours, frame },
      { name: bare, frame: await openPeer(browser, laid, view, false) },
      { name: sparing, frame: await openPeer(browser, laid, view, true) },
    ];
    const { width, height } = laid.layout;
    const far = Math.max(0.05, 0.9 * Math.min(view.width / width, view.height / height));
    const found = await movements(contestants, far);
    const besides = found.map((one) => `${one.what} ${short(middle(one, sparing))} ms`);
    note(`canvas: ${sparing}, ${count} nodes: ${besides.join(", ")}.`);
    return found.map((one) => beside(one, count));
  } finally {
    await browser.close();
  }
}

function beside(one: Movement, count: number): Row {
  const ratio = middle(one, ours) / middle(one, bare);
  return {
    what: `frame while ${one.what}, ${count} nodes`,
    ours: millis(one.took[ours] ?? []),
    peer: `${bare}: ${millis(one.took[bare] ?? [])}`,
    ratio: times(ratio),
    target: "at most the peer's",
    met: ratio <= NOISE,
  };
}

function alone(what: string, took: readonly number[], most: number): Row {
  return {
    what,
    ours: took.length === 1 ? `${short(took[0] ?? Number.NaN)} ms` : millis(took),
    peer: null,
    ratio: null,
    target: `at most ${most} ms`,
    met: percentile(took, 0.95) <= most,
  };
}

function millis(took: readonly number[]): string {
  return `${short(percentile(took, 0.5))} ms, p95 ${short(percentile(took, 0.95))} ms`;
}

/** Runs a script of ours and waits for its end. */
function node(...args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${args[0] ?? ""} ended with ${code ?? "a signal"}`));
    });
  });
}
