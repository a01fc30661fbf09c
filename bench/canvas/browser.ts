/** The browser in which everything is measured, and what is put into its frames. */
import path from "node:path";
import { build } from "esbuild";
import type { BrowserContext, Frame, Page } from "playwright-core";
import type { Probe } from "./probe.ts";

/** One script of `page/`, with its styles, as texts. */
export async function bundled(entry: string): Promise<{ readonly script: string; readonly style: string }> {
  const { outputFiles } = await build({
    entryPoints: [path.join("bench/canvas/page", entry)],
    outdir: "bundle",
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    target: "es2022",
    jsx: "automatic",
    minify: true,
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "error",
  });
  const text = (extension: string): string => outputFiles.find((one) => one.path.endsWith(extension))?.text ?? "";
  return { script: text(".js"), style: text(".css") };
}

/** When a canvas showed its first node, and when a click had selected it; milliseconds since the epoch. */
export interface Opened {
  readonly visible: number;
  readonly selected: number;
  readonly frame: Frame;
}

/** Calls back for every canvas that opens in any frame. */
export async function probed(context: BrowserContext, opened: (one: Opened) => void): Promise<void> {
  await context.exposeBinding("countersignBench", ({ frame }, said: Omit<Opened, "frame">) => {
    opened({ ...said, frame });
  });
  await context.addInitScript({ content: (await bundled("probe.ts")).script });
}

/** Calls a function of the probe in a frame. */
export function probe<Name extends keyof Probe>(
  frame: Frame | Page,
  name: Name,
  ...args: Parameters<Probe[Name]>
): Promise<Awaited<ReturnType<Probe[Name]>>> {
  return frame.evaluate(`probe.${name}(...${JSON.stringify(args)})`);
}
