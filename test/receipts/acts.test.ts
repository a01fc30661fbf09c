import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Activation } from "../../src/effects/effect.ts";
import type { RunEvent } from "../../src/effects/events.ts";
import type { Graph } from "../../src/graph/model.ts";
import { object, toText, type Value } from "../../src/graph/value.ts";
import { MAX_ACT_TEXT, type GraphOf } from "../../src/receipts/declared.ts";
import type { Receipt } from "../../src/receipts/model.ts";
import { parseReceipt } from "../../src/receipts/parse.ts";
import { verifyTree } from "../../src/receipts/tree.ts";
import { parseDocument } from "../../src/runtime/documents.ts";
import { act, entered, frameEnded, nodeEnded, opened, started } from "../cli/kept-runs.ts";
import { alice, resigned, rootOf, sealEvents, supplied, trusting } from "./support.ts";

const step = (id: string, more = ""): string => `        - {id: ${id}, run: {type: cli-tool, command: x}${more}}\n`;
const declared = (more = ""): string =>
  `      form_from: form\n      purpose: P\n      target_from: target\n      decision_from: decision\n      authority_from: right\n      actor_from: actor\n      previous_from: prior\n      reason_step: say\n      reason_from: line\n      effect_step: do\n      effect_from: id\n${more}`;
const manifest = (lines = declared(), below = step("say") + step("do")): string =>
  `skill: s\nrunners:\n  r:\n    type: graph\n    act:\n${lines}    graph:\n      name: g\n      steps:\n${below}`;

function graphIn(text: string): Graph {
  const { graph } = parseDocument(text, "/s/X.yaml");
  if (graph === null) throw new Error("no graph");
  return graph;
}

const only =
  (graph: Graph): GraphOf =>
  () =>
    graph;
const plain = only(graphIn(manifest()));

const digest = `sha256:${"11".repeat(32)}`;

/** One effect of a node, performed. */
function* effect(
  node: string,
  { kind, frame = "" }: { readonly kind: "http.request" | "shell.run" | "model.call"; readonly frame?: string },
): Generator<RunEvent> {
  const at = { act: act(node, frame), index: 0 };
  const decided = {
    decision: "Allow",
    code: "allowed",
    reason: "fine",
    description: { url: "https://x.test/" },
  } as const;
  yield { type: "effect.decided", ...at, kind, request: digest, digest, ...decided };
  yield { type: "effect.started", ...at, digest };
  const ended = { ok: true, value: null, failure: null, by: "performer", usage: null, doubt: false } as const;
  yield { type: "effect.ended", ...at, ...ended };
}

const printed = (value: Value): Value => object({ stdout: toText(value), stderr: "", status: "success" });

/** What a turn of `say` and `do` leaves in the journal. */
function* turn(
  input: Value,
  given: { readonly line?: Value; readonly id?: Value; readonly model?: boolean } = {},
): Generator<RunEvent> {
  yield started("r1", { dialect: "skill", input });
  yield { ...opened(), input } as RunEvent;
  yield entered("say");
  yield* effect("say", { kind: "shell.run" });
  yield nodeEnded("say", object({ line: given.line ?? null }));
  yield entered("do");
  yield* effect("do", { kind: given.model === true ? "model.call" : "http.request" });
  yield nodeEnded("do", printed(object({ id: given.id ?? null })));
  yield frameEnded();
  yield { type: "run.ended", outcome: "completed", reason: null };
}

const full = {
  form: "revision",
  target: "t:1",
  decision: "accept",
  right: "g:1",
  actor: "principal:x",
  prior: `sha256:${"cd".repeat(32)}`,
};
const sealedFull = await sealEvents(turn(object(full), { line: "Because", id: "e" }), { graphOf: plain });
const root = rootOf(sealedFull).receipt;

/** Findings of the tree with one receipt in place of the root. */
function findingsWith(receipt: Receipt): readonly (readonly [string, string])[] {
  const { root: top, others } = supplied(sealedFull);
  const { findings } = verifyTree({ root: { ...top, receipt }, others }, trusting());
  return findings.map(({ code, path }) => [code, path]);
}

/** Paths of all texts in plain data. */
function* leaves(data: unknown, path: readonly (string | number)[] = []): Generator<readonly (string | number)[]> {
  if (typeof data === "string") yield path;
  else if (typeof data === "object" && data !== null)
    for (const [key, value] of Object.entries(data)) yield* leaves(value, [...path, key]);
}

describe("sealed acts", () => {
  test("whatever inputs and outputs hold, the receipts are well formed, whole and bounded", async () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("\ud800", "  ", "a".repeat(MAX_ACT_TEXT * 2), "review", "verification", "Denied"),
    );
    const any: fc.Arbitrary<Value> = fc.oneof(text, fc.constantFrom<Value>(null, true, 3n, 1.5), fc.constant([]));
    const inputs = fc.record(
      { form: any, target: any, decision: any, right: any, actor: any, prior: any },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(inputs, any, any, async (input, line, id) => {
        const sealed = await sealEvents(turn(object(input), { line, id }), { graphOf: plain });
        for (const { text: bytes } of sealed)
          expect(parseReceipt(Buffer.from(bytes))).toMatchObject({ ok: true, findings: [] });
        expect(verifyTree(supplied(sealed), trusting())).toMatchObject({ integrity: true, findings: [] });
        const { text: whole, receipt } = rootOf(sealed);
        expect(whole.length).toBeLessThan(40 * MAX_ACT_TEXT);
        expect(receipt.acts).toHaveLength(1);
      }),
      { numRuns: 25 },
    );
  });

  test("every text of an act, its decision and its authority is bound: changed, it is found", () => {
    const places = ["acts", "decisions", "authority", "seal", "lineage"] as const;
    const paths = places.flatMap((place) => [...leaves(root[place], [place])]);
    expect(paths.length).toBeGreaterThan(50);
    for (const path of paths) {
      const copy = structuredClone(root) as unknown as Record<string, unknown>;
      const last = path.at(-1) as string;
      const holder = path
        .slice(0, -1)
        .reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, copy);
      holder[last] = `${holder[last] as string}x`;
      expect(findingsWith(copy as unknown as Receipt), path.join(".")).toEqual(
        expect.arrayContaining([["SealDigestMismatch", "digest"]]),
      );
    }
  });

  type Change = (copy: { acts: Record<string, unknown>[]; decisions: Record<string, unknown>[] }) => void;
  test.each<readonly [string, Change, string, string]>([
    ["a revision without its details", ({ acts }) => delete acts[0]?.["revision"], "ActFormDetailsInvalid", "acts[0]"],
    [
      "details under another form",
      ({ acts }) => Object.assign(acts[0] ?? {}, { form: "reply" }),
      "ActFormDetailsInvalid",
      "acts[0]",
    ],
    [
      "a decision for an act that is not there",
      ({ decisions }) => Object.assign(decisions[0] ?? {}, { selected_act_id: "act_other" }),
      "DecisionSelectedActMissing",
      "decisions[0].selected_act_id",
    ],
    [
      "an act that did not reach what the seal says",
      ({ acts }) => Object.assign((acts[0]?.["criterion_bindings"] as object[])[0] ?? {}, { status: "failed" }),
      "SealCriterionUnbound",
      "seal.criteria[0]",
    ],
  ])("%s is found at its field, also when it was signed again", async (_name, change, code, path) => {
    const again = await resigned(root, (copy) => change(copy as never), alice);
    expect(findingsWith(again)).toEqual(expect.arrayContaining([[code, path]]));
  });

  test("a run that was cut keeps its act and what it follows; gone on with, it follows its own first part", async () => {
    const events = [...turn(object(full), { line: "L", id: "e" })];
    const cut = rootOf(await sealEvents(events.slice(0, -3), { graphOf: plain, context: { abandoned: true } })).receipt;
    expect(cut).toMatchObject({
      decisions: [],
      acts: [{ closure: { disposition: "killed" }, artifact_refs: [] }],
      lineage: { previous: { uri: `runx:receipt:${full.prior}` } },
    });
    const previous = { type: "receipt", uri: `runx:receipt:${cut.id}`, locator: cut.digest } as const;
    const whole = rootOf(await sealEvents(events, { graphOf: plain, context: { previous } })).receipt;
    expect(whole.lineage?.previous).toEqual(previous);
  });

  test("a model's answer is never taken for an effect", async () => {
    const [tool, model] = [false, true].map((called) =>
      sealEvents(turn(object(full), { line: "L", id: 7n, model: called }), { graphOf: plain }),
    );
    expect(rootOf((await tool) ?? []).receipt.acts[0]?.artifact_refs).toEqual([{ type: "artifact", uri: "7" }]);
    expect(rootOf((await model) ?? []).receipt.acts[0]?.artifact_refs).toEqual([]);
  });

  test.each([
    ["accept", "close"],
    ["Reject", "decline"],
    ["denied", "decline"],
    ["claimed", "continue"],
    ["deferred", "defer"],
    ["escalate", "escalate"],
    ["monitored", "monitor"],
    ["whatever", "close"],
  ])("the word %s stands as %s", async (decision, choice) => {
    const sealed = await sealEvents(turn(object({ decision })), { graphOf: plain });
    expect(rootOf(sealed).receipt.decisions.map((one) => one.choice)).toEqual([choice]);
  });
});

describe("trees of skill graphs", () => {
  const inner = graphIn(manifest(declared(), step("say") + step("do")));
  const outer = graphIn(
    manifest(
      "      purpose: Outer\n      effect_step: do\n      effect_from: id\n",
      step("do") +
        "        - {id: a, skill: x, context: {target: do.id}, inputs: {right: lit}}\n        - {id: b, skill: x, inputs: {target: $input.t}}\n",
    ),
  );
  const graphOf: GraphOf = (_digest, document) => (document === "/inner" ? inner : outer);

  interface Shape {
    readonly tries: number;
    readonly fails: boolean;
    readonly asks: "no" | "approved" | "denied";
    readonly below: readonly Shape[];
  }
  const { shape } = fc.letrec<{ shape: Shape }>((tie) => ({
    shape: fc.record({
      tries: fc.integer({ min: 1, max: 3 }),
      fails: fc.boolean(),
      asks: fc.constantFrom("no", "approved", "denied"),
      below: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie("shape"), { maxLength: 3 })),
    }),
  }));

  /** One step `a` or `b` of a frame: attempts, perhaps a question, perhaps a nested graph. */
  function* stepEvents(shape: Shape, frame: string, node: string, visit: number): Generator<RunEvent> {
    for (let attempt = 1; attempt <= shape.tries; attempt++) {
      const where: Activation = act(node, frame, attempt, visit);
      yield entered(node, frame, attempt, visit);
      if (shape.asks !== "no" && attempt === 1) {
        const id = `${frame}/${node}#${visit}`;
        const asked = { index: 0, reason: "?", effectDigest: null, summary: null } as const;
        yield { type: "approval.requested", act: where, id, subject: "pause", ...asked };
        yield {
          type: "approval.answered",
          id,
          approved: shape.asks === "approved",
          by: "user:bob",
          reason: null,
          answer: null,
        };
      }
      if (attempt < shape.tries || shape.fails) {
        const then = attempt < shape.tries ? "retry" : "stop";
        yield { type: "node.failed", ...where, failure: { class: "tool", message: "m" }, then };
        continue;
      }
      for (const [at, child] of shape.below.entries())
        yield* frameEvents(child, `${frame}/${node}${visit}[${at}]`, where);
      yield nodeEnded(node, printed(object({ id: "e" })), { ...where });
    }
  }

  function* frameEvents(shape: Shape, frame: string, parent: Activation): Generator<RunEvent> {
    const input = object({ right: "r", target: "t", decision: "accept" });
    yield { ...opened(frame, parent), document: "/inner", input } as RunEvent;
    yield entered("do", frame);
    yield* effect("do", { frame, kind: "shell.run" });
    yield nodeEnded("do", printed(object({ id: "e" })), { frame });
    for (const [at, child] of shape.below.entries()) yield* stepEvents(child, frame, at % 2 === 0 ? "a" : "b", at + 1);
    yield frameEnded(frame, shape.fails ? "failed" : "completed");
  }

  function* whole(shapes: readonly Shape[], failed: boolean): Generator<RunEvent> {
    yield started("r1", { dialect: "skill" });
    yield opened();
    for (const [at, one] of shapes.entries()) yield* stepEvents(one, "", at % 2 === 0 ? "a" : "b", at + 1);
    yield frameEnded("", failed ? "failed" : "completed");
    yield { type: "run.ended", outcome: failed ? "failed" : "completed", reason: null };
  }

  test("nested, tried again, asked and failed: they verify, and no receipt of them can be changed unseen", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(shape, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        fc.nat(),
        async (shapes, failed, pick) => {
          const sealed = await sealEvents(whole(shapes, failed), { graphOf });
          const given = supplied(sealed);
          expect(verifyTree(given, trusting())).toMatchObject({ integrity: true, findings: [], count: sealed.length });
          for (const { receipt } of sealed) {
            const closed = receipt.seal.disposition === "closed";
            if (receipt.subject.kind !== "graph" || receipt.acts.length === 0) continue;
            expect(receipt.decisions.length).toBe(closed ? 1 : 0);
          }
          // One text of one receipt of the tree, anywhere in it.
          const at = pick % sealed.length;
          const copy = structuredClone(sealed[at]?.receipt) as unknown as Record<string, unknown>;
          const paths = [...leaves(copy)].filter(
            ([top]) => !["id", "digest", "signature", "issuer"].includes(String(top)),
          );
          const path = paths[pick % paths.length] ?? [];
          const holder = path
            .slice(0, -1)
            .reduce<Record<string, unknown>>((in_, key) => in_[key] as Record<string, unknown>, copy);
          holder[path.at(-1) as string] = `${holder[path.at(-1) as string] as string}x`;
          const all = [...given.others, given.root].map((one, index) =>
            index === at ? { ...one, receipt: copy as unknown as Receipt } : one,
          );
          const top = all.at(-1);
          if (top === undefined) throw new Error("a tree has a root");
          const { integrity, findings } = verifyTree({ root: top, others: all.slice(0, -1) }, trusting());
          expect(integrity, path.join(".")).toBe(false);
          expect(findings.some(({ receiptId }) => receiptId === copy["id"])).toBe(true);
        },
      ),
      { numRuns: 25 },
    );
  });
});
