/** Approvals as an editor gives them: shown from the journal, held against what was shown, signed by a key of its own. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { emptyRun, foldSteps } from "../../../src/protocol/run-fold.ts";
import type { RunStep } from "../../../src/protocol/run.ts";
import { standingAt } from "../../../src/runtime/approvals/editor-standing.ts";
import type { Given } from "../../../src/runtime/approvals/source.ts";
import { recallRun, resumeEditorRun } from "../../../src/runtime/editor-run/index.ts";
import { ADA, ASKING, BOB, Desk, input, keysOf, ownKey, yes } from "./desk.ts";

describe("approvals of an editor", () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await Desk.open();
  });

  it("in dev a pause is shown with its input and a picture, answered without a key, and stands in the history", async () => {
    expect(await desk.run("pausing.toml", null)).toMatchObject({ ok: true, end: { status: "paused" } });
    const { source } = desk;
    const one = await desk.only();
    expect(one).toMatchObject({
      asks: "Is it good?",
      workflow: "asking",
      environment: "dev",
      place: "save",
      needed: 1,
    });
    const page = await desk.shown(one);
    expect(page.input).toEqual(input);
    expect(page.picture?.said).toBe("notes: done, save: waits for an answer");
    expect(page.picture?.dark).toMatch(/^<svg /);
    expect(page.bound).toBe("bound");
    const given = await source.answer(one.ref, yes(page, { reason: "looked at it" }));
    if (!given.given) throw new Error(given.message);
    const { end, view } = await desk.resume("pausing.toml", one.ref.runId, {
      id: one.ref.id,
      unsigned: given.unsigned,
    });
    expect(end).toMatchObject({ ok: true, end: { status: "completed" } });
    expect(view.nodes.get("save")?.state).toBe("done");
    expect(await source.pending()).toEqual({ ok: true, value: [] });
    expect((await desk.shown(one)).picture?.said).toBe("notes: done, save: was approved");
    const ended = await source.history(10);
    expect(ended.ok && ended.value).toMatchObject([
      { ref: one.ref, answer: { approved: true, by: ADA, reason: "looked at it", signed: false } },
    ]);
    expect(await source.answer(one.ref, yes(page))).toMatchObject({ given: false, code: "approval.gone" });
  });

  it("a paused run is recalled as one that waits", async () => {
    await desk.run("pausing.toml", null);
    const { ref } = await desk.only();
    const steps: RunStep[] = [];
    const place = desk.placeOf("pausing.toml");
    expect(
      await recallRun({ place, runId: ref.runId, storage: desk.storage, onStep: (step) => steps.push(step) }),
    ).toBeNull();
    const view = foldSteps(emptyRun(ref.runId), steps);
    expect(view.ended).toMatchObject({ status: "paused", waitsFor: [{ id: ref.id }] });
    expect(view.nodes.get("save")?.state).toBe("paused");
  });

  it.each(["staging", "prod"] as const)(
    "a run in %s needs a trusted key of the editor to start, pauses at the write, and goes on when that is signed",
    async (environment) => {
      const ada = ownKey(ADA);
      const keys = keysOf(ada);
      expect(await desk.run("asking.toml", environment)).toMatchObject({ problem: { code: "requester.unsigned" } });
      expect(await desk.run("asking.toml", environment, keys)).toMatchObject({
        problem: { code: "requester.unsigned" },
      });
      await desk.trust(ada);
      expect(await desk.run("asking.toml", environment, keys)).toMatchObject({ ok: true, end: { status: "paused" } });
      const { source } = desk;
      const one = await desk.only();
      const page = await desk.shown(one);
      expect(page.open.pending).toMatchObject({ requester: ADA, requesterSigned: true, environment });
      expect(page.bound).toBe("bound");
      expect(page.change).toMatchObject({ type: "diff", isNew: true, lines: ["@@ -0,0 +1 @@", "+version 1.4"] });
      const unsigned = await source.answer(one.ref, yes(page));
      expect(unsigned).toMatchObject({ given: false, code: "approval.unsigned" });
      const signed = await source.answer(one.ref, yes(page, { signer: ada.signer }));
      expect(signed).toMatchObject({ given: true, unsigned: null, futile: null, have: 1, needed: 1 });
      const { end } = await desk.resume("asking.toml", one.ref.runId, { id: one.ref.id, unsigned: null }, keys);
      expect(end).toMatchObject({ ok: true, end: { status: "completed" } });
      expect(await readFile(path.join(desk.folder, "out/notes.md"), "utf8")).toBe("version 1.4\n");
      const ended = await source.history(10);
      expect(ended.ok && ended.value[0]?.answer).toMatchObject({ approved: true, by: ADA, signed: true });
      const receipts = await desk.texts(".storage/receipts");
      expect(receipts.filter((text) => text.includes(`"kid":"${ada.key.kid}"`)).length).toBeGreaterThan(0);
      // The private key is nowhere in what was kept, in any form.
      const seed = Buffer.from(ada.secret, "base64url");
      const canaries = [ada.secret, seed.toString("base64"), seed.toString("hex")];
      const all = (await desk.texts()).join("\n");
      for (const canary of canaries) expect(all).not.toContain(canary);
    },
  );

  it("what a request and a program would do is shown with all its facts, and is what the digest binds", async () => {
    const ada = ownKey(ADA);
    await desk.trust(ada);
    const start = ASKING.slice(0, ASKING.indexOf('id = "save"'));
    const nodes = {
      "post.toml": `id = "save"\ntype = "http_request"\nmethod = "POST"\nurl_from = "trigger.url"\nbody_from = "notes"\nidempotency_key = "k-{{notes.rendered}}"\n[nodes.headers]\nX-Who = "ada"\n`,
      "program.toml": `id = "save"\ntype = "shell_run"\ncommand = "/bin/sh"\nargs_from = "trigger.args"\n`,
    };
    for (const [name, node] of Object.entries(nodes)) {
      const policy =
        '[policy.http]\nurls = ["http://127.0.0.1:9/**"]\n[policy.shell]\ncommands = ["/bin/sh", "/usr/bin/dash"]\n';
      await desk.write(name, `${start}${node}[[edges]]\nfrom = "notes"\nto = "save"\n${policy}`);
      expect(await desk.run(name, "staging", keysOf(ada)), name).toMatchObject({ ok: true, end: { status: "paused" } });
    }
    const { source } = desk;
    const read = await source.pending();
    for (const one of read.ok ? read.value : []) {
      const page = await desk.shown(one);
      expect(page.bound, one.asks).toBe("bound");
      const facts = new Map(page.open.pending.what.facts);
      if (one.document.endsWith("post.toml")) {
        expect(facts.get("url")).toBe("http://127.0.0.1:9/x?q=1");
        expect([...facts.values()]).toContain("X-Who: ada");
        expect(page.open.pending.what.payload?.text).toContain("1.4");
      } else expect([facts.get("args[0]"), facts.get("args[1]")]).toEqual(["-c", "echo a b"]);
    }
    expect(read.ok && read.value).toHaveLength(2);
  });

  it("a key that nobody trusts signs, and the run says exactly why it does not go on", async () => {
    const ada = ownKey(ADA);
    const bob = ownKey(BOB);
    await desk.trust(ada);
    await desk.run("asking.toml", "staging", keysOf(ada));
    const { source } = desk;
    const one = await desk.only();
    const page = await desk.shown(one);
    expect(await source.answer(one.ref, yes(page, { signer: bob.signer }))).toMatchObject({ given: true });
    const answer = { id: one.ref.id, unsigned: null };
    const refused = await desk.resume("asking.toml", one.ref.runId, answer, keysOf(ada));
    expect(refused.end).toMatchObject({ ok: false, problem: { code: "approval.waiting" } });
    expect(refused.end.ok ? "" : refused.end.problem.message).toMatch(/does not count: .*\[cred\.key_unknown\]/);
    const standing = await standingAt({
      ...{ place: desk.placeOf("asking.toml"), environment: "staging", stateDir: desk.storage, storage: desk.storage },
      keys: [ada.key, bob.key],
    });
    expect(standing).toMatchObject({ principal: ADA, elsewhere: null });
    expect([...standing.keys.values()]).toEqual([null, "nobody here trusts it yet"]);
    // Once somebody trusts it, what was signed counts.
    await desk.trust(bob);
    const { end } = await desk.resume("asking.toml", one.ref.runId, answer, keysOf(ada));
    expect(end).toMatchObject({ ok: true, end: { status: "completed" } });
  });

  it("two of two: the first approval is kept and says what is missing, the second lets the run go on", async () => {
    const [ada, bob] = [ownKey(ADA), ownKey(BOB)];
    await Promise.all([desk.write("countersign.toml", "[approvals]\nneeded = 2\n"), desk.trust(ada)]);
    await desk.trust(bob);
    await desk.run("asking.toml", "staging", keysOf(ada));
    const { source } = desk;
    const one = await desk.only();
    const page = await desk.shown(one);
    expect(await source.answer(one.ref, yes(page, { signer: ada.signer }))).toMatchObject({ have: 1, needed: 2 });
    expect(await desk.only()).toMatchObject({ have: 1, needed: 2 });
    const answer = { id: one.ref.id, unsigned: null };
    const refused = await desk.resume("asking.toml", one.ref.runId, answer, keysOf(ada));
    expect(refused.end.ok ? "" : refused.end.problem.message).toMatch(/has 1 of 2 approvals/);
    expect(await source.answer(one.ref, yes(page, { signer: ada.signer }))).toMatchObject({ have: 1, needed: 2 });
    expect(await source.answer(one.ref, yes(page, { signer: bob.signer }))).toMatchObject({ have: 2, needed: 2 });
    const { end } = await desk.resume("asking.toml", one.ref.runId, answer, keysOf(ada));
    expect(end).toMatchObject({ ok: true, end: { status: "completed" } });
  });

  it("the requester's own approval is told to be futile where somebody else must approve", async () => {
    const ada = ownKey(ADA);
    await desk.write("countersign.toml", "[approvals]\nnot_requester = true\n");
    await desk.trust(ada);
    await desk.run("asking.toml", "staging", keysOf(ada));
    const { source } = desk;
    const one = await desk.only();
    const given = await source.answer(one.ref, yes(await desk.shown(one), { signer: ada.signer }));
    expect(given).toMatchObject({
      given: true,
      futile: expect.stringContaining("somebody else must approve") as string,
    });
  });

  it("what changed since it was shown is refused, and nothing is signed", async () => {
    const ada = ownKey(ADA);
    await desk.trust(ada);
    await desk.run("asking.toml", "staging", keysOf(ada));
    const { source } = desk;
    const one = await desk.only();
    const before = await desk.shown(one);
    await desk.write("out/notes.md", "precious\n");
    const given: Given = await source.answer(one.ref, yes(before, { signer: ada.signer }));
    expect(given).toMatchObject({ given: false, code: "approval.changed" });
    const after = await desk.shown(one);
    expect(after.change).toMatchObject({ isNew: false, lines: ["@@ -1 +1 @@", "-precious", "+version 1.4"] });
    expect(after.open.given).toEqual([]);
    expect(await source.answer(one.ref, yes(after, { signer: ada.signer }))).toMatchObject({ given: true });
  });

  it("a denial needs no key; the run ends, and the write did not happen", async () => {
    const ada = ownKey(ADA);
    await desk.trust(ada);
    await desk.run("asking.toml", "prod", keysOf(ada));
    const { source } = desk;
    const one = await desk.only();
    const given = await source.answer(one.ref, yes(await desk.shown(one), { approved: false, reason: "not today" }));
    if (!given.given) throw new Error(given.message);
    const { end } = await desk.resume("asking.toml", one.ref.runId, { id: one.ref.id, unsigned: given.unsigned });
    expect(end).toMatchObject({ ok: true, end: { status: "failed" } });
    expect(await readdir(path.join(desk.folder, "out"))).toEqual([]);
  });

  it("an expired request is answered by nobody", async () => {
    await desk.write("countersign.toml", '[approvals]\nexpires = "1h"\n');
    await desk.run("pausing.toml", null);
    const { source } = desk;
    const one = await desk.only();
    const page = await desk.shown(one);
    const late = (one.expiresAt ?? 0) + 1;
    expect(await source.answer(one.ref, yes(page, { now: late }))).toMatchObject({ code: "approval.expired" });
  });

  it("a run that the document's place keeps elsewhere is not gone on with", async () => {
    await desk.run("pausing.toml", null);
    const { ref } = await desk.only();
    const place = desk.placeOf("pausing.toml");
    const other = path.join(desk.folder, "elsewhere");
    const started = await resumeEditorRun({
      ...{ place, runId: ref.runId, storage: desk.storage, stateDir: other, onStep: () => undefined },
    });
    expect(started).toMatchObject({ ok: false, problem: { code: "state_dir" } });
    const standing = await standingAt({ place, environment: "dev", stateDir: other, storage: desk.storage, keys: [] });
    expect(standing.elsewhere).toContain(desk.storage);
  });

  it("a run that began in staging goes on in staging, whatever the editor is set to", async () => {
    const ada = ownKey(ADA);
    await desk.trust(ada);
    await desk.run("asking.toml", "staging", keysOf(ada));
    const { ref } = await desk.only();
    const steps: RunStep[] = [];
    const started = await resumeEditorRun({
      place: { ...desk.placeOf("asking.toml"), environment: "dev" },
      ...{ runId: ref.runId, storage: desk.storage, onStep: (step: RunStep) => steps.push(step) },
    });
    expect(started.ok && (await started.run.done)).toMatchObject({ ok: true, end: { status: "paused" } });
    expect(await readdir(path.join(desk.folder, "out"))).toEqual([]);
  });
});
