import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { Receipt } from "../../src/receipts/model.ts";
import { detailOf } from "../../src/runtime/receipt-view/detail.ts";
import { js, Shop, type Ran } from "./commands.ts";

const kept = ["--state-dir", "state", "--run-id", "r"];
const print = (value: unknown): string => `console.log(${JSON.stringify(JSON.stringify(value))})`;
const indented = (text: string, by: string): string => text.replace(/^(?=.)/gm, by);

/** A manifest whose runner `turn` is a graph of these steps. */
function turn(act: string, steps: readonly string[], inputs = ""): string {
  return `skill: s\nrunners:\n  turn:\n    type: graph\n${indented(act, "    ")}${inputs}    graph:\n      name: flow\n      steps:\n${indented(steps.join(""), "      ")}`;
}

const whole = `act:
  form_from: act_form
  purpose_from: act_purpose
  legitimacy: The queue is ours
  target_from: target_ref
  decision_from: decision
  authority_from: authority
  actor_from: actor
  previous_from: prior
  reason_step: decide
  reason_from: line
  effect_step: do
  effect_from: id
  effect_prefix_from: ns
  effect_type: tracking_item
`;
const steps = [js("decide", print({ line: "  It is ready. " })), js("do", print({ id: 42, url: "https://secret/" }))];
const prior = `sha256:${"ab".repeat(32)}`;
const input = {
  act_form: "Review",
  act_purpose: "Review the change",
  target_ref: "ticket:7",
  decision: "rejected",
  authority: "grant:reviewer",
  actor: "principal:bob",
  prior,
  ns: "ticket:",
};

/** Receipts of a store, the run's own first. */
function receiptsOf(shop: Shop, store = "state/receipts"): readonly Receipt[] {
  const folder = path.join(shop.folder, store);
  const all = readdirSync(folder)
    .filter((name) => /^sha256.*\.json$/.test(name))
    .map((name) => JSON.parse(readFileSync(path.join(folder, name), "utf8")) as Receipt);
  return all.sort((a, b) => Number(a.lineage?.parent !== undefined) - Number(b.lineage?.parent !== undefined));
}

/** Verifies a store with the key that signed it; everything else of it has to agree. */
async function verified(shop: Shop, env: Readonly<Record<string, string>>, store = "state/receipts"): Promise<Ran> {
  const [one] = receiptsOf(shop, store);
  const root = one?.issuer.public_key_sha256 ?? "";
  return shop.run(["verify", "--receipt-dir", store, "--trust-root", root, "--json"], env);
}

async function ranTurn(
  act: string,
  given: Readonly<Record<string, unknown>> = input,
  more: { readonly steps?: readonly string[]; readonly words?: readonly string[]; readonly inputs?: string } = {},
): Promise<{ readonly shop: Shop; readonly ran: Ran; readonly receipts: readonly Receipt[] }> {
  const shop = await Shop.with({ "s/X.yaml": turn(act, more.steps ?? steps, more.inputs ?? "") });
  const env = { XDG_CONFIG_HOME: path.join(shop.folder, "config") };
  const words = ["run", "s", "--input", JSON.stringify(given), ...(more.words ?? kept)];
  const ran = await shop.run(words, env);
  const store = more.words === undefined ? "state/receipts" : "kept";
  const receipts = receiptsOf(shop, store);
  const checked = await verified(shop, env, store);
  expect(checked.exit, checked.out + checked.err).toBe(0);
  return { shop, ran, receipts };
}

describe("the receipt of a skill that declares its act", () => {
  it("reads as that act: what was decided, on what, by what right, with what effect, and what it follows", async () => {
    const { ran, receipts } = await ranTurn(whole);
    expect(ran.exit, ran.err).toBe(0);
    const [root] = receipts;
    const ticket = { type: "tracking_item", uri: "ticket:7" };
    const effect = { type: "tracking_item", uri: "ticket:42" };
    expect(root).toMatchObject({
      subject: { kind: "graph", ref: { uri: "hrn_flow_turn" } },
      authority: {
        actor_ref: { type: "principal", uri: "principal:bob" },
        scope_refs: [{ type: "grant", uri: "grant:reviewer" }],
      },
      acts: [
        {
          id: "act_turn",
          form: "review",
          intent: { purpose: "Review the change", legitimacy: "The queue is ours", success_criteria: [] },
          summary: "It is ready.",
          target_refs: [ticket],
          artifact_refs: [effect],
          closure: { disposition: "closed", reason_code: "agent_act_closed", summary: "It is ready." },
          criterion_bindings: [
            { criterion_id: "act_closed", status: "verified", summary: "It is ready." },
            { criterion_id: "journal_complete", status: "verified" },
          ],
        },
      ],
      decisions: [
        {
          decision_id: "dec_turn",
          choice: "decline",
          inputs: { target_ref: ticket },
          selected_act_id: "act_turn",
          justification: { summary: "It is ready." },
          closure: { disposition: "closed" },
          artifact_refs: [effect],
        },
      ],
      seal: { disposition: "closed", reason_code: "agent_act_closed", summary: "governed graph turn sealed" },
      lineage: { previous: { type: "receipt", uri: `runx:receipt:${prior}` } },
    });
    expect(root?.acts[0]?.source_refs).toMatchObject([{ type: "principal", label: "ran it" }]);
    // The steps below say that they ran, and nothing of where they went is in clear.
    expect(receipts.slice(1).map(({ acts }) => acts[0]?.intent.purpose)).toEqual(
      expect.arrayContaining(["Run graph step decide", "Run graph step do"]),
    );
    expect(JSON.stringify(receipts)).not.toContain("secret");
  });

  it("prefers what an input pins to the literal, and takes literals of target, decision, actor and authority", async () => {
    const literal = `act: {purpose: P, purpose_from: why, form: reply, target: t, decision: approve, actor: a, authority: g, effect_from_input: made, effect_prefix: "x:"}\n`;
    const { receipts } = await ranTurn(literal, { why: " Q ", made: "9", target: "ignored" });
    expect(receipts[0]).toMatchObject({
      authority: { actor_ref: { uri: "a" }, scope_refs: [{ uri: "g" }] },
      acts: [
        {
          form: "reply",
          summary: "Q",
          intent: { purpose: "Q", legitimacy: "Held the declared authority for this act" },
          target_refs: [{ uri: "t" }],
          artifact_refs: [{ type: "artifact", uri: "x:9" }],
        },
      ],
      decisions: [{ choice: "close" }],
    });
  });

  it.each(["revision", "verification"] as const)("carries the details that a %s must have", async (form) => {
    const { receipts } = await ranTurn(`act: {form: ${form}, purpose: P, target: t}\n`, {});
    const act = receipts[0]?.acts[0];
    expect([act?.form, act?.revision !== undefined, act?.verification !== undefined]).toEqual([
      form,
      form === "revision",
      form === "verification",
    ]);
  });

  it("is as without an act when no purpose can be made out, and reads an unknown form as an observation", async () => {
    const none = await ranTurn("act: {purpose_from: why, target: t}\n", { why: "  " });
    expect(none.receipts[0]).toMatchObject({ acts: [], decisions: [], subject: { ref: { uri: "hrn_flow_graph" } } });
    const odd = await ranTurn("act: {purpose: P, form: dance}\n", {});
    expect(odd.receipts[0]?.acts[0]?.form).toBe("observation");
  });

  it("decides nothing and has no effect when the run fails, or was only rehearsed", async () => {
    const broken = await ranTurn(whole, input, { steps: [...steps, js("late", "process.exit(3)")] });
    expect(broken.ran.exit).toBe(5);
    expect(broken.receipts[0]).toMatchObject({
      decisions: [],
      acts: [
        {
          artifact_refs: [],
          closure: { disposition: "failed", reason_code: "agent_act_failed_tool" },
          criterion_bindings: [{ status: "failed" }, { status: "failed" }],
        },
      ],
      seal: { disposition: "failed", summary: "governed graph turn failed (failed_tool)" },
    });
    const dry = await ranTurn(whole, input, { words: ["--dry-run", "--receipt-dir", "kept"] });
    expect(dry.receipts[0]).toMatchObject({
      decisions: [],
      acts: [
        {
          summary: "dry run: Review the change",
          artifact_refs: [],
          closure: { reason_code: "dry_run_agent_act_closed" },
        },
      ],
    });
  });

  it("shows in the receipt's page, in the terminal and in both reports, and verifies from a bundle", async () => {
    const { shop, receipts } = await ranTurn(whole);
    const [root] = receipts;
    if (root === undefined) throw new Error("nothing was sealed");
    const rows = detailOf(root, { approvals: null, file: true }).sections.flatMap((one) => one.rows);
    const shown = (at: string): string | undefined => rows.find((row) => row.path === at)?.text;
    expect(
      ["acts[0].form", "acts[0].intent.purpose", "acts[0].target_refs[0]", "acts[0].artifact_refs[0]"].map(shown),
    ).toEqual(["review", "Review the change", "ticket:7", "ticket:42"]);
    expect(["decisions[0].choice", "decisions[0].justification.summary"].map(shown)).toEqual([
      "decline",
      "It is ready.",
    ]);
    expect(["authority.scope_refs[0].uri", "authority.actor_ref.uri"].map(shown)).toEqual([
      "grant:reviewer",
      "principal:bob",
    ]);
    const env = { XDG_CONFIG_HOME: path.join(shop.folder, "config") };
    const inspected = await shop.run(["inspect", root.id, "--state-dir", "state"], env);
    expect(inspected.out).toMatch(/act +review: Review the change \(It is ready\.\)/);
    for (const format of ["md", "html", "json"]) {
      const made = await shop.run(
        ["export", "last", "--state-dir", "state", "--format", format, "--out", `out.${format}`],
        env,
      );
      expect(made.exit, made.err).toBe(0);
    }
    for (const report of ["out.md", "out.html"]) {
      const text = shop.read(report).toString("utf8");
      for (const said of ["review: Review the change", "ticket:7", "ticket:42", "grant:reviewer", "principal:bob"])
        expect(text).toContain(said);
    }
    const bundle = ["verify", "out.json", "--trust-root", root.issuer.public_key_sha256];
    expect((await shop.run(bundle)).exit).toBe(0);
    const text = shop.read("out.json").toString("utf8");
    shop.write("out.json", text.replaceAll('"choice":"decline"', '"choice":"close"'));
    const forged = await shop.run(bundle);
    expect([forged.exit, forged.out + forged.err]).toEqual([1, expect.stringMatching(/decisions\[0\]\.choice/)]);
  });

  it("is the same whether the journal is kept or not", async () => {
    const memory = await ranTurn(whole, input, { words: ["--receipt-dir", "kept", "--run-id", "r"] });
    const disk = await ranTurn(whole);
    const [a, b] = [memory.receipts[0]?.acts[0], disk.receipts[0]?.acts[0]];
    expect({ ...a, closure: null, intent: { ...a?.intent, derived_from: null } }).toEqual({
      ...b,
      closure: null,
      intent: { ...b?.intent, derived_from: null },
    });
  });
});

describe("a turn that waits for people and for branches", () => {
  const branch = (id: string, code: string): string => js(id, code, "    mode: fanout\n    fanout_group: g\n");
  const groups = "      fanout: {groups: {g: {strategy: quorum, min_success: 2}}}\n";
  const ask = "  - id: ask\n    run: {type: approval}\n    inputs: {gate_id: go, reason: Go on?}\n";
  const act = "act: {purpose: Decide, decision: approve, effect_step: do, effect_from: id}\n";
  const waiting = (declared: string): string =>
    turn(declared, [
      branch("a", "1"),
      branch("b", "process.exit(1)"),
      branch("c", "1"),
      ask,
      js("do", print({ id: "x" })),
    ]) + groups;

  async function answered(answer: boolean, changed: string | null): Promise<readonly Receipt[]> {
    const answers = JSON.stringify({ answers: { go: answer } });
    const shop = await Shop.with({ "s/X.yaml": waiting(act), "answers.json": answers });
    const env = { XDG_CONFIG_HOME: path.join(shop.folder, "config") };
    const paused = await shop.run(["run", "s", ...kept], env);
    expect(paused.exit, paused.err).toBe(7);
    if (changed !== null) {
      shop.write("s/X.yaml", waiting(changed));
      // Another document voids the open approval, so it is asked for again.
      const again = await shop.run(["resume", "r", "--state-dir", "state", "--file", "s", "--allow-changed"], env);
      expect(again.exit, again.err).toBe(7);
    }
    const done = await shop.run(["resume", "r", "--state-dir", "state", "--answers", "answers.json"], env);
    expect(done.exit, done.err).toBe(answer ? 0 : 5);
    const checked = await verified(shop, env);
    expect(checked.exit, checked.out + checked.err).toBe(0);
    return receiptsOf(shop);
  }

  it("is sealed as its act once the run was gone on with, by the documents under which it began", async () => {
    for (const changed of [null, act.replace("Decide", "Forge")]) {
      const [root] = await answered(true, changed);
      expect(root).toMatchObject({
        acts: [{ summary: "Decide", artifact_refs: [{ uri: "x" }] }],
        decisions: [{ choice: "close" }],
        seal: { disposition: "closed" },
      });
      const bound = root?.acts[0]?.intent.derived_from[0]?.locator === root?.idempotency.content_hash;
      expect(bound).toBe(changed === null);
    }
  });

  it("decides nothing when the approval is denied", async () => {
    const [root] = await answered(false, null);
    expect(root).toMatchObject({
      acts: [{ closure: { disposition: "declined", reason_code: "agent_act_declined" }, artifact_refs: [] }],
      decisions: [],
    });
  });
});

describe("the act of one tool", () => {
  it("takes its reason from the tool's own output", async () => {
    const manifest = `skill: s\nrunners:\n  note:\n    source:\n      type: cli-tool\n      command: node\n      args: [-e, ${JSON.stringify(print({ why: "Because" }))}]\n      act: {purpose: Note it, reason_from: why}\n`;
    const shop = await Shop.with({ "s/X.yaml": manifest });
    const ran = await shop.run(["run", "s", ...kept], { XDG_CONFIG_HOME: path.join(shop.folder, "config") });
    expect(ran.exit, ran.err).toBe(0);
    expect(receiptsOf(shop)[0]).toMatchObject({
      acts: [{ id: "act_note", summary: "Because" }],
      seal: { reason_code: "act_closed", summary: "act sealed (closed)" },
    });
  });
});

describe("acts of nested skills", () => {
  const inner = turn(
    "act: {purpose: Inner, target_from: target, authority_from: right, reason_step: say, reason_from: line}\n",
    [js("say", print({ line: "L" }))],
  );
  const outer = (step: string): string =>
    turn("act: {purpose: Outer}\n", [
      js("find", print({ target: "forged", right: "forged" })),
      `  - id: below\n    skill: ../inner\n${step}`,
    ]);

  async function nested(step: string, given: object): Promise<Receipt> {
    const shop = await Shop.with({ "s/X.yaml": outer(step), "inner/X.yaml": inner });
    const env = { XDG_CONFIG_HOME: path.join(shop.folder, "config") };
    const ran = await shop.run(["run", "s", "--input", JSON.stringify(given), ...kept], env);
    expect(ran.exit, ran.err).toBe(0);
    expect((await verified(shop, env)).exit).toBe(0);
    const found = receiptsOf(shop).find(({ acts }) => acts[0]?.intent.purpose === "Inner");
    if (found === undefined) throw new Error("the nested skill left no act");
    return found;
  }

  it("stand in the nested walk's own receipt, with what literals and the starter's inputs say", async () => {
    const found = await nested("    inputs: {target: lit, right: $input.right}\n", { right: "g" });
    expect(found).toMatchObject({
      subject: { ref: { uri: expect.stringMatching(/_turn$/) as string } },
      acts: [{ summary: "L", target_refs: [{ uri: "lit" }] }],
      authority: { scope_refs: [{ uri: "g" }] },
    });
  });

  it("never take structure or authority from what another step returned", async () => {
    const found = await nested("    context: {target: find.target, right: find.right}\n", { right: "g" });
    expect(found).toMatchObject({
      acts: [{ target_refs: [] }],
      authority: { scope_refs: [] },
      decisions: [{ inputs: { target_ref: null } }],
    });
    expect(JSON.stringify(found)).not.toContain("forged");
  });
});

describe("an act that does not fit", () => {
  it.each([
    [
      "act: {purpose: P, reason_step: decid}\n",
      "source.act.reason_step: there is no step 'decid'; did you mean `decide`?",
    ],
    ["act: {purpose: P, effect_step: ask}\n", "source.act.effect_step: step 'ask' is an agent's"],
  ])("is refused: %s", async (act, message) => {
    const agent = "  - id: ask\n    run: {type: agent-task, agent: a, task: t}\n";
    const shop = await Shop.with({ "s/X.yaml": turn(act, [...steps, agent]) });
    const ran = await shop.run(["validate", "s/X.yaml"]);
    expect([ran.exit, ran.out + ran.err]).toEqual([5, expect.stringContaining(message)]);
    expect(ran.out + ran.err).toContain("skill_act");
  });
});
