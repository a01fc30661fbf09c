/**
 * Edits on the canvas while the text is edited too (spec/editor.md §2): whatever happens to the text between a drawing
 * and what a person asks on it, no other construct is edited than the one that was meant, and nothing that was typed
 * is lost.
 */
import fc from "fast-check";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { applyEdits } from "../../../src/dialects/edits/edit.ts";
import type { PageIntent } from "../../../src/protocol/webview.ts";
import {
  drawDocument,
  isDrawn,
  openDocuments,
  planOnCanvas,
  SentDrawings,
  type CanvasState,
} from "../../../src/runtime/canvas/index.ts";
import { runs } from "../../dialects/runs.ts";

const open = openDocuments();
const FILE = "g.toml";

function read(text: string, before: CanvasState | null): CanvasState | null {
  const state = drawDocument(text, FILE, open, before?.live ?? null);
  return isDrawn(state) ? state : null;
}

interface Node {
  readonly id: string;
  readonly label: string;
  readonly template?: string;
}
interface Document {
  readonly nodes?: readonly Node[];
  readonly edges?: readonly { readonly from: string; readonly to: string; readonly when?: string }[];
}

/** A document and the page that was shown its drawing. */
class Scene {
  readonly sent = new SentDrawings();
  text: string;
  version = 1;
  private state: CanvasState | null;

  constructor(text: string) {
    this.text = text;
    this.state = read(text, null);
    if (this.state === null) throw new Error("the sample is drawn");
    this.sent.read(1, text, this.state);
    this.sent.sent(1);
  }

  get drawn(): CanvasState {
    if (this.state === null) throw new Error("the text is drawn");
    return this.state;
  }

  /** Somebody types; false when that left a text that cannot be drawn, and was taken back. */
  type(text: string): boolean {
    const before = this.text;
    if (text === before) return false;
    this.change(text);
    const state = read(text, this.state);
    if (state !== null) return true;
    this.change(before);
    return false;
  }

  /** Does what the page asks for on the drawing of version 1; the sentence when it is refused, else null. */
  ask(intent: PageIntent, version = 1): string | null {
    const meant = this.sent.rebase(version, intent);
    if (typeof meant === "string") return meant;
    const plan = planOnCanvas(this.drawn, meant, open);
    if (plan.type === "refused") return plan.message;
    if (plan.type === "rename") throw new Error("renames are the language server's");
    const refusal = this.sent.refusal(version, plan.edits);
    if (refusal !== null) return refusal;
    const text = applyEdits(this.text, plan.edits);
    this.sent.expect(text);
    this.change(text);
    return null;
  }

  get document(): Document {
    return parse(this.text);
  }

  private change(text: string): void {
    this.text = text;
    const state = read(text, this.state);
    this.sent.read(++this.version, text, state);
    this.state = state ?? this.state;
  }
}

const node = (i: number, name = `n${i}`): string =>
  `# about L${i}\n[[nodes]]\nid = "${name}"\ntype = "template_render"\nlabel = "L${i}"\ntemplate = "t${i}"\n`;
const edge = (from: string, to: string): string => `[[edges]]\nfrom = "${from}"\nto = "${to}"\n`;

/** Nodes in a row; every one is known by its label, whatever becomes of its name. */
function sample(count: number, edges: readonly (readonly [number, number])[]): string {
  const parts = ['name = "g"\n\n[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "n0"\n'];
  for (let i = 0; i < count; i++) parts.push(node(i));
  for (const [from, to] of edges) parts.push(edge(`n${from}`, `n${to}`));
  return parts.join("\n");
}

/** What somebody does to the text meanwhile. `k` numbers it, so that what was typed can be found again. */
type Typing = (text: string, k: number) => string;

const construct = (label: string): RegExp => new RegExp(`# about ${label}\\n(?:[^\\n]+\\n)+\\n?`);
const named = (text: string, label: string): string | undefined =>
  new RegExp(`id = "([^"]*)"\\ntype = "[^"]*"\\nlabel = "${label}"`).exec(text)?.[1];

function typings(count: number): fc.Arbitrary<Typing> {
  const label = fc.nat(count - 1).map((i) => `L${i}`);
  const rename: fc.Arbitrary<Typing> = fc.tuple(label, fc.constantFrom("n0", "n1", "n2", "fresh")).map(
    ([one, to]) =>
      (text) =>
        text.replace(new RegExp(`(id = ")[^"]*("\\ntype = "[^"]*"\\nlabel = "${one}")`), `$1${to}$2`),
  );
  const remove: fc.Arbitrary<Typing> = label.map((one) => (text) => text.replace(construct(one), ""));
  const within: fc.Arbitrary<Typing> = label.map(
    (one) => (text, k) =>
      text.replace(new RegExp(`(label = "${one}"\\ntemplate = "[^"]*)`), (found) => `${found}<typed ${k}>`),
  );
  const comment: fc.Arbitrary<Typing> = label.map(
    (one) => (text, k) => text.replace(`# about ${one}\n`, `# about ${one}\n# <typed ${k}>\n`),
  );
  const insert: fc.Arbitrary<Typing> = fc.tuple(label, fc.constantFrom("n0", "n1", "new")).map(
    ([one, name]) =>
      (text, k) =>
        text.replace(`# about ${one}\n`, `${node(100 + k, name)}# <typed ${k}>\n\n# about ${one}\n`),
  );
  const moveToEnd: fc.Arbitrary<Typing> = label.map((one) => (text) => {
    const found = construct(one).exec(text)?.[0];
    return found === undefined ? text : `${text.replace(found, "")}\n${found}`;
  });
  const removeEdges: fc.Arbitrary<Typing> = fc.constant((text) => text.replace(/\[\[edges\]\]\nfrom[^[]*/, ""));
  const all: Typing = (text) => text.replaceAll("template = ", "template  =  ");
  return fc.oneof(within, within, comment, rename, remove, insert, moveToEnd, removeEdges, fc.constant(all));
}

type Ask = (scene: Scene) => { readonly intent: PageIntent; readonly label: string; check: (before: Document) => void };

const labels = (document: Document): string[] => (document.nodes ?? []).map((one) => one.label);
const labelled = (document: Document, label: string): Node | undefined =>
  document.nodes?.find((one) => one.label === label);

function asks(count: number): fc.Arbitrary<Ask> {
  const index = fc.nat(count - 1);
  const of = (i: number) => ({ key: `n${i}`, label: `L${i}` });
  return fc.oneof(
    index.map((i): Ask => {
      const { key, label } = of(i);
      return (scene) => ({
        intent: { type: "set-field", element: key, path: ["template"], value: '"ASKED"' },
        label,
        check: (before) => {
          const wanted = before.nodes?.map((one) => (one.label === label ? { ...one, template: "ASKED" } : one));
          expect(scene.document.nodes).toEqual(wanted);
        },
      });
    }),
    index.map((i): Ask => {
      const { key, label } = of(i);
      return (scene) => ({
        intent: { type: "remove", nodes: [key], edges: [], starts: [] },
        label,
        check: (before) => {
          expect(labels(scene.document)).toEqual(labels(before).filter((one) => one !== label));
        },
      });
    }),
    index.map((i): Ask => {
      const { key, label } = of(i);
      return (scene) => ({
        intent: { type: "duplicate", nodes: [key] },
        label,
        check: (before) => {
          expect(labels(scene.document).sort()).toEqual([...labels(before), label].sort());
        },
      });
    }),
    fc.tuple(index, index).map(([i, j]): Ask => {
      const [from, to] = [of(i), of(j)];
      return (scene) => ({
        intent: { type: "connect", from: from.key, port: null, to: to.key },
        label: from.label,
        check: (before) => {
          const [source, target] = [labelled(scene.document, from.label)?.id, labelled(scene.document, to.label)?.id];
          expect(scene.document.edges).toEqual([...(before.edges ?? []), { from: source, to: target }]);
          expect(labels(scene.document)).toEqual(labels(before));
        },
      });
    }),
    index.map((i): Ask => {
      const { key, label } = of(i);
      return (scene) => ({
        intent: { type: "add-node", kind: "merge", after: key, at: null },
        label,
        check: (before) => {
          const at = scene.document.nodes?.findIndex((one) => one.label === label) ?? -1;
          expect(scene.document.nodes?.[at + 1]?.id).toMatch(/^merge/);
          expect(scene.document.nodes?.length).toBe((before.nodes?.length ?? 0) + 1);
        },
      });
    }),
  );
}

const scenes = fc.integer({ min: 2, max: 5 }).chain((count) =>
  fc.record({
    text: fc
      .uniqueArray(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), {
        selector: ([a, b]) => `${a} ${b}`,
        maxLength: 4,
      })
      .map((edges) => sample(count, edges)),
    typing: fc.array(typings(count), { maxLength: 5 }),
    ask: asks(count),
  }),
);

const tokens = (text: string): string[] => text.match(/<typed \d+>/g) ?? [];

describe("what is asked on a drawing while its text changes", () => {
  it("edits the construct that was meant or nothing, and keeps everything that was typed", () => {
    let [asked, done, undisturbed] = [0, 0, 0];
    fc.assert(
      fc.property(scenes, ({ text, typing, ask }) => {
        const scene = new Scene(text);
        const { intent, label, check } = ask(scene);
        const changes = typing.filter((one, k) => scene.type(one(scene.text, k))).length;
        const [before, typed] = [scene.text, tokens(scene.text)];
        const document = scene.document;
        const refusal = scene.ask(intent);
        asked++;
        if (refusal !== null) {
          expect(scene.text).toBe(before);
          // A connection that is there already is refused with another reason.
          if (changes === 0) expect(refusal).not.toContain("look again");
          return;
        }
        done++;
        if (changes > 0) undisturbed++;
        expect(named(before, label)).toBeDefined();
        check(document);
        // A copy holds again what was typed in its model.
        expect(tokens(scene.text)).toEqual(expect.arrayContaining(typed));
      }),
      { numRuns: runs(300), endOnFailure: true },
    );
    expect(done / asked).toBeGreaterThan(0.3);
    expect(undisturbed).toBeGreaterThan(runs(50));
  });

  it("follows a node whose name is typed letter by letter, through names that others have", () => {
    const scene = new Scene(sample(3, [[0, 1]]));
    for (const name of ["n", "", "n", "n2", "n2x"])
      scene.type(scene.text.replace(/id = "[^"]*"(\ntype = "[^"]*"\nlabel = "L1")/, `id = "${name}"$1`));
    expect(scene.ask({ type: "duplicate", nodes: ["n1"] })).toBeNull();
    expect(labels(scene.document).filter((one) => one === "L1")).toHaveLength(2);
  });

  it("is refused when a node of that name is another one now", () => {
    const scene = new Scene(sample(2, []));
    scene.type(scene.text.replace(construct("L1"), ""));
    scene.type(scene.text.replace('id = "n0"', 'id = "n1"'));
    expect(scene.ask({ type: "duplicate", nodes: ["n1"] })).toMatch(/look again/);
    expect(scene.ask({ type: "duplicate", nodes: ["n0"] })).toBeNull();
  });

  it("is refused when one change leaves two explanations", () => {
    const scene = new Scene(sample(2, []));
    const swapped = scene.text.replace('id = "n0"', 'id = "?"').replace('id = "n1"', 'id = "n0"').replace("?", "n1");
    scene.type(swapped);
    for (const key of ["n0", "n1"]) expect(scene.ask({ type: "duplicate", nodes: [key] })).toMatch(/look again/);
  });

  it("does not write over a field that somebody has typed in, and does not remove it", () => {
    const scene = new Scene(sample(2, []));
    scene.type(scene.text.replace('template = "t1"', 'template = "t1, typed"'));
    const set = { type: "set-field", element: "n1", value: '"asked"' } as const;
    expect(scene.ask({ ...set, path: ["template"] })).toMatch(/look again/);
    expect(scene.ask({ type: "remove", nodes: ["n1"], edges: [], starts: [] })).toMatch(/look again/);
    expect(scene.ask({ ...set, path: ["label"] })).toBeNull();
    expect(scene.text).toContain('template = "t1, typed"');
  });

  it("notices what was taken out of a field as well", () => {
    const scene = new Scene(sample(2, []));
    scene.type(scene.text.replace('template = "t1"', 'template = ""'));
    expect(scene.ask({ type: "set-field", element: "n1", path: ["template"], value: '"t1 and more"' })).toMatch(
      /look again/,
    );
  });

  it("does not refuse a person's own second step on a drawing that is late", () => {
    const scene = new Scene(sample(3, [[0, 1]]));
    for (const value of ['"one"', '"two"'])
      expect(scene.ask({ type: "set-field", element: "n1", path: ["template"], value })).toBeNull();
    expect(scene.ask({ type: "remove", nodes: ["n0"], edges: [], starts: [] })).toBeNull();
    expect(scene.ask({ type: "remove", nodes: ["n1"], edges: [], starts: [] })).toBeNull();
    expect(labels(scene.document)).toEqual(["L2"]);
    expect(scene.ask({ type: "duplicate", nodes: ["n1"] })).toMatch(/look again/);
  });

  it("finds an edge by what it connects, under names of now", () => {
    const scene = new Scene(
      sample(3, [
        [0, 1],
        [1, 2],
      ]),
    );
    const key = scene.drawn.drawing.edges[1]?.key ?? "";
    for (const [from, to] of [
      ['id = "n1"', 'id = "m"'],
      ['to = "n1"', 'to = "m"'],
      ['from = "n1"', 'from = "m"'],
    ] as const)
      scene.type(scene.text.replace(from, to));
    expect(scene.ask({ type: "set-edge", edge: key, maxIterations: 3 })).toBeNull();
    expect(scene.document.edges?.[1]).toEqual({ from: "m", to: "n2", max_iterations: 3 });
    scene.type(scene.text.replace('to = "n2"', 'to = "n0"'));
    expect(scene.ask({ type: "remove", nodes: [], edges: [key], starts: [] })).toMatch(/look again/);
  });

  it("is refused for a drawing that was never sent, or too long ago, unless it is held", () => {
    const scene = new Scene(sample(2, []));
    const intent: PageIntent = { type: "duplicate", nodes: ["n0"] };
    expect(scene.ask(intent, 77)).toMatch(/look again/);
    const held = scene.sent.hold(1);
    for (let i = 0; i < 10; i++) {
      scene.type(`${scene.text}# ${i}\n`);
      scene.sent.sent(scene.version);
    }
    expect(scene.ask(intent, 1)).toMatch(/look again/);
    expect(scene.ask(intent, scene.version)).toBeNull();
    expect(scene.sent.rebase(held, intent)).toEqual(intent);
    held.release();
  });
});
