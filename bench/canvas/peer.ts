/** Bare React Flow in a page of the same browser, with plain nodes where ours stand and as many arrows. */
import type { Browser, Page } from "playwright-core";
import type { LayoutTimes } from "./layout.ts";
import { bundled, probe } from "./browser.ts";

/** What the peer draws. */
export type Laid = Pick<LayoutTimes, "drawing" | "layout">;

/** Opens it, as large as a canvas of ours. `onlyVisible`: it mounts only what is in view, which is not its default. */
export async function openPeer(
  browser: Browser,
  { drawing, layout }: Laid,
  size: { readonly width: number; readonly height: number },
  onlyVisible: boolean,
): Promise<Page> {
  const viewport = { width: Math.round(size.width), height: Math.round(size.height) };
  const page = await (await browser.newContext({ viewport })).newPage();
  const nodes = drawing.nodes.flatMap(({ key, id }) => {
    const box = layout.nodes[key];
    if (box === undefined) return [];
    const { x, y, width, height } = box;
    return [{ id: key, position: { x, y }, width, height, data: { label: id } }];
  });
  const edges = drawing.edges.map(({ key, from, to }) => ({ id: key, source: from, target: to }));
  const [app, spy] = await Promise.all([bundled("peer.tsx"), bundled("probe.ts")]);
  const fill = "html, body, #root { margin: 0; height: 100%; }";
  await page.setContent(`<!DOCTYPE html><style>${app.style}${fill}</style><div id="root"></div>`);
  await page.addScriptTag({ content: `var peerGraph = ${JSON.stringify({ nodes, edges, onlyVisible })};` });
  await page.addScriptTag({ content: app.script });
  await page.addScriptTag({ content: spy.script });
  await page.locator(".react-flow__node").first().waitFor();
  await probe(page, "zoom", 1);
  return page;
}
