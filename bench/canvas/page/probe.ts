/**
 * What runs inside of the frames of the browser that are measured: it sees when something is painted and moves the
 * canvas by the events of a mouse. Times are milliseconds since the epoch, which all frames and processes share.
 *
 * Invariant: nothing of what is measured is touched other than by the events that a person makes.
 */

import { LONGEST, type Probe } from "../probe.ts";

/** Said to the bench through a binding of the browser. */
interface Binding {
  readonly countersignBench?: (said: unknown) => void;
}

const now = (): number => performance.timeOrigin + performance.now();
const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
/** A moment after the next paint. */
const paint = async (): Promise<number> => {
  await frame();
  await new Promise((resolve) => setTimeout(resolve));
  return now();
};

let input = 0;

function shows(selector: string, text: string): boolean {
  return [...document.querySelectorAll(selector)].some((one) => one.textContent.includes(text));
}

function painted(selector: string, text: string, present: boolean): Promise<number> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (shows(selector, text) !== present) return;
      observer.disconnect();
      void paint().then(resolve);
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
    look();
  });
}

function pane(): Element {
  const found = document.querySelector(".react-flow__pane");
  if (found === null) throw new Error("there is no canvas in this frame");
  return found;
}

function transform(): DOMMatrix {
  const viewport = document.querySelector<HTMLElement>(".react-flow__viewport");
  return new DOMMatrix(viewport?.style.transform ?? "");
}

function middle(): { readonly clientX: number; readonly clientY: number } {
  const { x, y, width, height } = pane().getBoundingClientRect();
  return { clientX: x + width / 2, clientY: y + height / 2 };
}

/** React Flow and d3-zoom double the zoom for every 500 pixels of the wheel. */
function turn(ratio: number): void {
  const deltaY = -Math.log2(ratio) / 0.002;
  pane().dispatchEvent(new WheelEvent("wheel", { ...middle(), deltaY, bubbles: true, cancelable: true }));
}

async function measured(frames: number, step: (i: number) => void): Promise<readonly number[]> {
  const took: number[] = [];
  const begun = await frame();
  let before = begun;
  for (let i = 0; i < frames && before - begun < LONGEST; i++) {
    step(i);
    const after = await frame();
    took.push(after - before);
    before = after;
  }
  return took;
}

async function pan(frames: number): Promise<readonly number[]> {
  const { clientX, clientY } = middle();
  const turnAt = Math.floor(frames / 2);
  const mouse = (type: string, target: EventTarget, by: number): void => {
    const at = { clientX: clientX + by / 2, clientY: clientY + by, view: window, bubbles: true, cancelable: true };
    target.dispatchEvent(new MouseEvent(type, at));
  };
  mouse("mousedown", pane(), 0);
  const took = await measured(frames, (i) => {
    mouse("mousemove", document.documentElement, 12 * (i < turnAt ? i : frames - i));
  });
  mouse("mouseup", document.documentElement, 0);
  return took;
}

const probe: Probe = {
  listen() {
    const heard = (event: Event): void => {
      input = performance.timeOrigin + event.timeStamp;
    };
    for (const type of ["click", "keydown"]) addEventListener(type, heard, { capture: true });
  },
  lastInput: () => input,
  painted,
  async zoom(to) {
    turn(to / transform().a);
    await paint();
    await paint();
  },
  pan,
  async wheel(from, to, frames) {
    await probe.zoom(from);
    const half = Math.floor(frames / 2);
    const ratio = Math.pow(to / from, 1 / half);
    return measured(2 * half, (i) => {
      turn(i < half ? ratio : 1 / ratio);
    });
  },
  canvas() {
    const { width, height } = pane().getBoundingClientRect();
    const count = (selector: string): number => document.querySelectorAll(selector).length;
    const [nodes, edges] = [count(".react-flow__node"), count(".react-flow__edge")];
    return { width, height, zoom: transform().a, nodes, edges };
  },
};
Object.assign(globalThis, { probe });

/** Once per page of ours: when its first node can be seen, and when a click has selected it. */
async function opening(): Promise<void> {
  let node: HTMLElement | null = null;
  while (node === null) {
    await frame();
    node = firstVisible();
  }
  const visible = await paint();
  node.click();
  while (document.querySelector(".react-flow__node .selected") === null) await frame();
  const selected = await paint();
  (globalThis as Binding).countersignBench?.({ visible, selected });
}

/** A node that a mouse would meet. */
function firstVisible(): HTMLElement | null {
  for (const node of document.querySelectorAll<HTMLElement>(".react-flow__node-node")) {
    const { x, y, width, height } = node.getBoundingClientRect();
    const hit = document.elementFromPoint(x + width / 2, y + height / 2);
    if (hit !== null && node.contains(hit)) return node;
  }
  return null;
}

// A webview's document is written into its frame later, so the page is looked for.
if (window !== window.top) {
  const waiting = setInterval(() => {
    if (document.querySelector("#root .react-flow") === null) return;
    clearInterval(waiting);
    void opening();
  }, 5);
}
