/** Rules of approvals through the command line: typed answers, expiry, who may answer, credentials beside a document. */
import { createHash } from "node:crypto";
import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { folderWith } from "../cli/terminal.ts";
import { Person } from "./approvals-support.ts";
import { receiver } from "./commands.ts";

const kept = ["--state-dir", "state"];
const posting = `name = "release"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "publish"
[[nodes]]
id = "publish"
type = "http_request"
method = "POST"
url_from = "trigger.url"
body_from = "trigger.body"
`;

afterEach(() => {
  vi.useRealTimers();
});

/** Lets every clock of the program show a later time; timers go on as they are. */
function later(ms: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
}

async function team(config: string, names: readonly string[] = ["bob"]) {
  const web = await receiver();
  const folder = await folderWith({ "gate.toml": posting });
  const alice = await Person.with(folder, "alice", config);
  await alice.trusts(alice);
  const others: Person[] = [];
  for (const name of names) {
    const other = await Person.with(folder, name);
    await alice.trusts(other);
    others.push(other);
  }
  const input = ["--input", JSON.stringify({ url: `${web.base}/publish`, body: "1.4" })];
  const start = (id: string, environment = "prod", ...more: string[]) =>
    alice.run(["run", "gate.toml", "--environment", environment, ...kept, ...input, "--run-id", id, ...more]);
  const resume = (id: string, ...more: string[]) => alice.run(["resume", id, ...kept, ...more]);
  const approve = (who: Person, id: string, ...more: string[]) =>
    who.run(["approvals", "approve", id, ...kept, ...more], ["publish"]);
  return { web, folder, alice, others, start, resume, approve, input };
}

describe("a request that has a time to be answered in", () => {
  it("is denied by the resume that comes too late, whatever was signed before", async () => {
    const { web, others, start, resume, approve } = await team(`[approvals]\nexpires = "1h"\n`);
    await start("r1");
    await approve(others[0] as Person, "r1");
    later(3_600_000);
    const ended = await resume("r1");
    expect([ended.exit, ended.outcome["error"]], ended.err).toEqual([5, { class: "approval" }]);
    expect(ended.outcome["reason"]).toContain("nobody approved it before it expired");
    expect(web.seen).toHaveLength(0);
  });

  it("lets nobody sign when it has expired, and shows that", async () => {
    const { others, start, approve } = await team(`[approvals]\nexpires = "1h"\n`);
    await start("r1");
    later(3_600_001);
    const refused = await approve(others[0] as Person, "r1");
    expect([refused.exit, refused.err]).toEqual([2, expect.stringMatching(/has expired .*\[approval\.request\]/)]);
    const listed = await (others[0] as Person).run(["approvals", "list", ...kept]);
    expect(listed.out).toContain("expired");
  });

  it("is answered in time, and never by a credential that has expired itself", async () => {
    const { web, others, start, resume, approve } = await team(`[approvals]\nexpires = "12h"\n`);
    await start("r1");
    await approve(others[0] as Person, "r1", "--expires", "30m", "--out", "short.cred");
    later(1_800_001);
    const late = await resume("r1", "--approval", "short.cred");
    expect([late.exit, late.err]).toEqual([2, expect.stringContaining("[cred.expired]")]);
    expect(web.seen).toHaveLength(0);
    await approve(others[0] as Person, "r1");
    expect((await resume("r1")).exit).toBe(0);
    expect(web.seen).toHaveLength(1);
  });
});

describe("who may answer", () => {
  it("is nobody but the approvers that are named", async () => {
    const config = `[approvals]\napprovers = ["user:carol@test"]\n`;
    const { web, others, start, resume, approve } = await team(config, ["bob", "carol"]);
    const [bob, carol] = others as [Person, Person];
    await start("r1");
    await approve(bob, "r1", "--out", "bob.cred");
    const refused = await resume("r1", "--approval", "bob.cred");
    expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining("[cred.principal_mismatch]")]);
    expect(web.seen).toHaveLength(0);
    await approve(carol, "r1");
    expect((await resume("r1")).exit).toBe(0);
    expect(web.seen).toHaveLength(1);
  });

  it("is the requester too, unless the operator says otherwise; and the operator may say so while the run waits", async () => {
    const { web, folder, alice, start, resume, approve } = await team("");
    await start("r1");
    await approve(alice, "r1");
    appendFileSync(path.join(folder, "home-alice/countersign/config.toml"), `[approvals]\nnot_requester = true\n`);
    const refused = await resume("r1");
    expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining("[cred.principal_mismatch]")]);
    expect(web.seen).toHaveLength(0);
    writeFileSync(path.join(folder, "home-alice/countersign/config.toml"), `principal = "user:alice@test"\n`);
    expect((await resume("r1")).exit).toBe(0);
    expect(web.seen).toHaveLength(1);
  });

  it("is narrowed by the workspace, and never widened", async () => {
    const { folder, others, start, resume, approve } = await team(`[approvals]\nneeded = 2\n`, ["bob", "carol"]);
    writeFileSync(path.join(folder, "countersign.toml"), `[approvals]\nneeded = 1\napprovers = ["user:bob@test"]\n`);
    await start("r1");
    await approve(others[0] as Person, "r1");
    await approve(others[1] as Person, "r1");
    const short = await resume("r1");
    expect([short.exit, short.err]).toEqual([2, expect.stringContaining("has 1 of 2 approvals")]);
    expect(short.err).toContain("[cred.principal_mismatch]");
  });
});

describe("a credential in a file of its own", () => {
  it("is written with mode 0600, over nothing that is there, and is not kept with the run", async () => {
    const { folder, others, start, resume, approve } = await team("");
    await start("r1");
    const signed = await approve(others[0] as Person, "r1", "--out", "bob.cred");
    expect(signed.exit, signed.err).toBe(0);
    expect(statSync(path.join(folder, "bob.cred")).mode & 0o777).toBe(0o600);
    const text = readFileSync(path.join(folder, "bob.cred"), "utf8");
    expect(signed.out).not.toContain(text.trim());
    const again = await approve(others[0] as Person, "r1", "--out", "bob.cred");
    expect([again.exit, again.err]).toEqual([2, expect.stringContaining("it is there already")]);
    expect(readFileSync(path.join(folder, "bob.cred"), "utf8")).toBe(text);
    expect((await resume("r1")).exit).toBe(2);
    expect((await resume("r1", "--approval", "bob.cred")).exit).toBe(0);
  });
});

describe("approval.cred beside a document", () => {
  /** Bob's approval for the whole document, beside it. */
  async function beside(environment: string, config = "") {
    const made = await team(config);
    const { folder, start, others } = made;
    // What a request says of the document is what a credential for all of it must name.
    const asked = await start("probe", environment, "--side-effects", "require_approval");
    expect(asked.exit, asked.err).toBe(7);
    const bob = others[0] as Person;
    const shown = await bob.run(["approvals", "show", "probe", ...kept, "--json"]);
    const [{ terms }] = JSON.parse(shown.out) as [{ terms: { spec_hash: string } }];
    const text = await bob.credential({
      environment_posture: environment,
      spec_hash: terms.spec_hash,
      capabilities: ["http.request"],
    });
    writeFileSync(path.join(folder, "approval.cred"), text);
    return { ...made, digest: `sha256:${createHash("sha256").update(text).digest("hex")}` };
  }

  it("counts in dev as it stands there", async () => {
    const { web, start } = await beside("dev");
    const ran = await start("r1", "dev", "--side-effects", "require_approval");
    expect([ran.exit, web.seen.length], ran.err).toEqual([0, 1]);
  });

  it.each(["staging", "prod"])("counts in %s only where the operator's own configuration pins it", async (name) => {
    const { web, start, folder, digest } = await beside(name);
    const unpinned = await start("r1", name);
    expect([unpinned.exit, unpinned.err]).toEqual([7, expect.stringContaining("[approval.not_pinned]")]);
    expect(web.seen).toHaveLength(0);
    writeFileSync(path.join(folder, "countersign.toml"), `[approvals]\ntrust = ["${digest}"]\n`);
    const vouched = await start("r2", name);
    expect([vouched.exit, vouched.err]).toEqual([2, expect.stringContaining("[config_operator_only]")]);
    writeFileSync(path.join(folder, "countersign.toml"), "");
    appendFileSync(
      path.join(folder, "home-alice/countersign/config.toml"),
      `[approvals]\ntrust = ["${digest}"]\nnot_requester = true\n`,
    );
    const ran = await start("r3", name);
    expect([ran.exit, web.seen.length], ran.err).toEqual([0, 1]);
  });
});

describe("a typed answer", () => {
  const graph = `name: region
steps:
  - id: ask
    run: {type: approval}
    inputs:
      gate_id: region
      reason: Which region?
      answer_schema: {type: object, required: [region], properties: {region: {enum: [eu, us]}}, additionalProperties: false}
  - id: told
    run: {type: cli-tool, command: node, args: [-e, "console.log(process.argv[1])", "x"]}
`;
  const asked = async (environment: string) => {
    const made = await team("");
    writeFileSync(path.join(made.folder, "graph.yaml"), graph);
    const { alice } = made;
    const ran = await alice.run(["run", "graph.yaml", "--environment", environment, ...kept, "--run-id", "r1"]);
    expect(ran.exit, ran.err).toBe(7);
    return { ...made, bob: made.others[0] as Person };
  };
  const sign = (who: Person, ...more: string[]) => who.run(["approvals", "approve", "r1", ...kept, ...more], ["ask"]);

  it.each([
    ["no answer at all", []],
    ["one that is no JSON", ["--answer", "eu"]],
    ["one of another type", ["--answer", '"eu"']],
    ["one that is not among the choices", ["--answer", '{"region": "moon"}']],
    ["one that says more than is asked", ["--answer", '{"region": "eu", "also": 1}']],
  ])("is not signed when it does not fit: %s", async (_what, words) => {
    const { bob } = await asked("prod");
    const refused = await sign(bob, ...words);
    expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining("[approval.answer]")]);
  });

  it("is signed, and stands in the step's output", async () => {
    const { bob, alice } = await asked("prod");
    const signed = await sign(bob, "--answer", '{"region": "us"}');
    expect(signed.exit, signed.err).toBe(0);
    const on = await alice.run(["resume", "r1", ...kept]);
    expect(on.exit, on.err).toBe(7);
    const ended = alice
      .read("state/runs/r1/journal.2.jsonl")
      .split("\n")
      .filter((line) => line.includes('"node.ended"'));
    expect(ended).toEqual([expect.stringMatching(/"answer":\{"region":"us"\}/)]);
  });

  it("is checked again when the run goes on: what was signed elsewhere may not fit", async () => {
    const { bob, alice, folder } = await asked("prod");
    const shown = await bob.run(["approvals", "show", "r1", ...kept, "--json"]);
    const [{ step, terms }] = JSON.parse(shown.out) as [
      { step: string; terms: { spec_hash: string; input_digest: string | null; effect_digest: string } },
    ];
    const text = await bob.credential({
      environment_posture: "prod",
      spec_hash: terms.spec_hash,
      capabilities: ["approval"],
      ext: {
        run_id: "r1",
        node_id: step,
        ...(terms.input_digest === null ? {} : { input_digest: terms.input_digest }),
        effect_digest: terms.effect_digest,
        decision: "approve",
        answer: { region: "moon" },
      },
    });
    writeFileSync(path.join(folder, "moon.cred"), text);
    const refused = await alice.run(["resume", "r1", ...kept, "--approval", "moon.cred"]);
    expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining("[approval.answer]")]);
  });

  it("needs no signature in dev, and must fit there too", async () => {
    const { alice, folder } = await asked("dev");
    const answer = (value: unknown) => {
      writeFileSync(path.join(folder, "answers.json"), JSON.stringify({ region: value }));
      return alice.run(["resume", "r1", ...kept, "--answers", "answers.json"]);
    };
    const refused = await answer({ region: "moon" });
    expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining("[approval.answer]")]);
    const plain = await alice.run(["resume", "r1", ...kept, "--approve"]);
    expect([plain.exit, plain.err]).toEqual([2, expect.stringContaining("[approval.answer]")]);
    const done = await answer({ region: "eu" });
    expect(done.exit, done.err).toBe(0);
  });
});
