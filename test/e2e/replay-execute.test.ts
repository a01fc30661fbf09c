/** A replay that is executed: approved by a signature, counted, journalled and sealed like any run. */
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { folderWith } from "../cli/terminal.ts";
import { Person } from "./approvals-support.ts";

const kept = ["--state-dir", "state"];
const writing = `name = "note"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "save"
[[nodes]]
id = "save"
type = "write_file"
path_from = "trigger.path"
content_from = "trigger.text"
`;

/** A run of a document in dev, and what names the document in credentials. */
async function recorded(config = "") {
  const folder = await folderWith({ "note.toml": writing });
  const alice = await Person.with(folder, "alice", config);
  const bob = await Person.with(folder, "bob");
  await alice.trusts(alice);
  await alice.trusts(bob);
  const out = path.join(folder, "out.txt");
  const start = ["run", "note.toml", "--input", JSON.stringify({ path: out, text: "it happened" }), ...kept];
  expect((await alice.run([...start, "--run-id", "r1"])).exit).toBe(0);
  await alice.run([...start, "--run-id", "probe", "--side-effects", "require_approval"]);
  const shown = await alice.run(["approvals", "show", "probe", ...kept, "--json"]);
  const [{ terms }] = JSON.parse(shown.out) as [{ terms: { spec_hash: string } }];
  rmSync(out);
  const credential = async (who: Person, more: Record<string, unknown> = {}): Promise<void> => {
    const base = { environment_posture: "dev", spec_hash: terms.spec_hash, capabilities: ["replay.execute"] };
    writeFileSync(path.join(folder, "replay.cred"), await who.credential({ ...base, ...more }));
  };
  const words = ["replay", "r1", "--execute", "--replay-policy", "execute", "--approval", "replay.cred"];
  const replay = (state = kept) => alice.run([...words, ...state]);
  return { folder, out, alice, bob, credential, replay };
}

describe("replay --execute", () => {
  it("does it again as a run of its own, with a journal and receipts", async () => {
    const { folder, out, bob, credential, replay } = await recorded();
    await credential(bob);
    const ran = await replay();
    expect([ran.exit, ran.outcome["status"]], ran.err).toEqual([0, "completed"]);
    expect(existsSync(out)).toBe(true);
    expect(ran.err).toMatch(/sealed \d receipts?/);
    const runs = readdirSync(path.join(folder, "state/runs"));
    expect(runs).toHaveLength(3);
  });

  it("counts the uses of an approval that has a limit", async () => {
    const { out, bob, credential, replay } = await recorded();
    await credential(bob, { ext: { max_uses: 2 } });
    expect([(await replay()).exit, (await replay()).exit]).toEqual([0, 0]);
    rmSync(out);
    const third = await replay();
    expect([third.exit, third.err]).toEqual([5, expect.stringContaining("(cred.replayed)")]);
    expect(existsSync(out)).toBe(false);
  });

  it.each<[string, string, Record<string, unknown>, string]>([
    ["for another environment", "", { environment_posture: "prod" }, "cred.environment_mismatch"],
    ["for another document", "", { spec_hash: `sha256:${"0".repeat(64)}` }, "cred.spec_mismatch"],
    ["that allows effects only", "", { capabilities: ["fs.write"] }, "cred.capability_missing"],
    [
      "of somebody who may not approve",
      `[approvals]\napprovers = ["user:carol@test"]\n`,
      {},
      "cred.principal_mismatch",
    ],
    ["alone where two are needed", "[approvals]\nneeded = 2\n", {}, "asks for 2 approvals"],
  ])("takes no approval %s, and does nothing", async (_what, config, more, says) => {
    const { out, bob, credential, replay } = await recorded(config);
    await credential(bob, more);
    const refused = await replay();
    expect([refused.exit, refused.err]).toEqual([5, expect.stringContaining(says)]);
    expect(refused.err).toContain("[replay.approval]");
    expect(existsSync(out)).toBe(false);
  });

  it("takes none of the one who executes it, where another must approve", async () => {
    const { out, alice, credential, replay } = await recorded("[approvals]\nnot_requester = true\n");
    await credential(alice);
    const refused = await replay();
    expect([refused.exit, refused.err]).toEqual([5, expect.stringContaining("(cred.principal_mismatch)")]);
    expect(existsSync(out)).toBe(false);
  });
});
