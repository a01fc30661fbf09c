/** Edits in one view until the other shows them: from the key to the paint, in milliseconds. */
import type { Frame } from "playwright-core";
import { clock } from "../language/server.ts";
import { probe } from "./browser.ts";
import type { BenchWindow } from "./window.ts";

/** Most edits, and longest time for them in milliseconds; three are made at least. */
const EDITS = 20;
const LONGEST = 15_000;

async function repeated(one: (i: number) => Promise<number>): Promise<number[]> {
  const took: number[] = [];
  const begun = clock();
  for (let i = 0; i < EDITS && (i < 3 || clock() - begun < LONGEST); i++) took.push(await one(i));
  return took;
}

/** The node in whose text letters are typed, in the middle of the document. */
function target(text: string): { readonly line: number; readonly column: number; readonly node: string } {
  const [, last = "0"] = [...text.matchAll(/"start(\d+)"/g)].at(-1) ?? [];
  const node = `g${Math.ceil(Number(last) / 2)}_wait6`;
  const at = text.indexOf("There is ", text.indexOf(`id = "${node}"`));
  const before = text.slice(0, at + "There is ".length).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, node };
}

/** A letter is typed and taken away in the text. The node is shown at a zoom where it can be read. */
export async function textToCanvas(window: BenchWindow, frame: Frame, text: string): Promise<number[]> {
  const { line, column, node } = target(text);
  await probe(frame, "zoom", 1);
  await window.goTo(line, column);
  const summary = `.react-flow__node[data-id="${node}"] .node-summary`;
  await probe(frame, "painted", summary, "There is mail", true);
  return repeated(async (i) => {
    const typing = i % 2 === 0;
    const seen = probe(frame, "painted", summary, typing ? "There is xmail" : "There is mail", true);
    await window.page.keyboard.press(typing ? "x" : "Backspace");
    return (await seen) - (await probe(window.page, "lastInput"));
  });
}

/** A field is changed on the canvas. The text is scrolled to its line. */
export async function canvasToText(window: BenchWindow, frame: Frame, text: string): Promise<number[]> {
  const node = target(text).node.replace("wait6", "failed");
  const before = text.slice(0, text.indexOf(`id = "${node}"`)).split("\n");
  await window.goTo(before.length, 1);
  const summary = `.react-flow__node[data-id="${node}"] .node-summary`;
  await probe(frame, "painted", summary, "Something", true);
  const field = frame.locator(".inspector").getByLabel("reason", { exact: false }).first();
  await probe(frame, "listen");
  return repeated(async (i) => {
    // Without spaces, which the text editor draws as another character.
    const reason = `edit-${i}-of-the-bench`;
    const seen = probe(window.page, "painted", ".monaco-editor .view-lines", reason, true);
    await field.fill(reason);
    await field.press("Enter");
    const took = (await seen) - (await probe(frame, "lastInput"));
    await probe(frame, "painted", summary, reason, true);
    return took;
  });
}
