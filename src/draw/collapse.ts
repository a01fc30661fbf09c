/**
 * A drawing with some frames closed: the nodes of a closed frame become one box that carries the frame's key, and
 * arrows that ended at its nodes end at it. Pure.
 */
import type { Drawing, DrawnEdge, DrawnNode } from "./drawing.ts";

/** The kind of a box that stands for a closed frame. */
export const FRAME_KIND = "group";

/** Closes the frames whose keys are given. Frames without nodes stay as they are. */
export function closeFrames(drawing: Drawing, closed: ReadonlySet<string>): Drawing {
  const frames = drawing.frames.filter((frame) => closed.has(frame.key) && frame.nodes.length > 0);
  if (frames.length === 0) return drawing;
  const frameOf = new Map(frames.flatMap((frame) => frame.nodes.map((key) => [key, frame] as const)));
  const end = (key: string): string => frameOf.get(key)?.key ?? key;
  const seen = new Set<string>();
  const edges = drawing.edges.flatMap((edge): DrawnEdge[] => {
    const [from, to] = [end(edge.from), end(edge.to)];
    if (from === edge.from && to === edge.to) return [edge];
    if (from === to) return [];
    const key = `${edge.key}>${from}>${to}`;
    const same = `${from}>${to}>${edge.port ?? ""}`;
    if (seen.has(same)) return [];
    seen.add(same);
    // The box of a closed frame has one way out.
    return [{ ...edge, key, from, to, port: from === edge.from ? edge.port : null }];
  });
  const references = drawing.references.flatMap((one) => {
    const [from, to] = [end(one.from), end(one.to)];
    return from === to ? [] : [{ ...one, from, to }];
  });
  const drawn = new Set<string>();
  const nodes = drawing.nodes.flatMap((node): DrawnNode[] => {
    const frame = frameOf.get(node.key);
    if (frame === undefined) return [node];
    if (drawn.has(frame.key)) return [];
    drawn.add(frame.key);
    const what = `${frame.nodes.length} ${frame.nodes.length === 1 ? "node" : "nodes"}, ${frame.rule}`;
    const plain = { badges: [], effect: null, child: null, frame: null, label: null } as const;
    const ports = [{ label: null, type: "plain" }] as const;
    const { key, title } = frame;
    return [
      { key, index: node.index, id: title, kind: FRAME_KIND, family: "composition", summary: what, ports, ...plain },
    ];
  });
  return {
    ...drawing,
    nodes,
    edges,
    references,
    frames: drawing.frames.filter((frame) => !drawn.has(frame.key)),
    entries: drawing.entries.map((entry) => {
      if (entry.to === null) return entry;
      const to = end(entry.to);
      return { ...entry, to, also: [...new Set(entry.also.map(end))].filter((key) => key !== to) };
    }),
  };
}
