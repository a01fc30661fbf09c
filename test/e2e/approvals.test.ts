/** A release gate in prod: it pauses on its POST and goes on only with what another than the requester has signed. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { folderWith } from "../cli/terminal.ts";
import { Person } from "./approvals-support.ts";
import { receiver } from "./commands.ts";

const gate = (url: string): string => `name = "release"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "notes"
[[nodes]]
id = "notes"
type = "template_render"
template = "release 1.4"
[[nodes]]
id = "publish"
type = "http_request"
method = "POST"
url_from = "where.rendered"
body_from = "notes.rendered"
[[nodes]]
id = "where"
type = "template_render"
template = "${url}/publish"
[[edges]]
from = "notes"
to = "where"
[[edges]]
from = "where"
to = "publish"
`;

const strict = `[approvals]\nnot_requester = true\n`;
const inProd = ["--environment", "prod", "--state-dir", "state"];

async function release(config = strict) {
  const web = await receiver();
  const folder = await folderWith({ "gate.toml": gate(web.base) });
  const alice = await Person.with(folder, "alice", config);
  const bob = await Person.with(folder, "bob");
  await alice.trusts(alice);
  await alice.trusts(bob);
  const start = (id: string) => alice.run(["run", "gate.toml", ...inProd, "--run-id", id]);
  const kept = ["--state-dir", "state"];
  const resume = (id: string, ...more: string[]) => alice.run(["resume", id, ...kept, ...more]);
  const approve = (who: Person, id: string, more: string[] = [], typed: string[] | null = ["publish"]) =>
    who.run(["approvals", "approve", id, ...kept, ...more], typed);
  return { web, folder, alice, bob, start, resume, approve };
}

describe("a release gate in prod", () => {
  it("pauses on its POST, is approved by another's key, and goes on once", async () => {
    const { web, folder, alice, bob, start, resume, approve } = await release();
    const paused = await start("r1");
    expect([paused.exit, paused.outcome["status"]], paused.err).toEqual([7, "paused"]);
    const early = await resume("r1", "--approve");
    expect([early.exit, early.err]).toEqual([2, expect.stringContaining("[approval.unsigned]")]);
    const shown = await alice.run(["approvals", "show", "r1", "--state-dir", "state"]);
    expect(shown.out).toContain(`POST`);
    expect(shown.out).toContain(`${web.base}/publish`);
    expect(shown.out).toContain("| release 1.4");
    expect(shown.out).toContain("but not user:alice@test");
    const alone = await approve(bob, "r1", [], null);
    expect([alone.exit, alone.err]).toEqual([2, expect.stringContaining("[approval.nobody]")]);
    const mistyped = await approve(bob, "r1", [], ["yes"]);
    expect([mistyped.exit, mistyped.err]).toEqual([2, expect.stringContaining("[approval.not_confirmed]")]);
    const signed = await approve(bob, "r1", ["--reason", "looks right"]);
    expect(signed.exit, signed.err).toBe(0);
    expect(signed.err).toContain("signed; the run goes on with   countersign resume r1 --state-dir state\n");
    expect(signed.err).not.toContain("will not count");
    const creds = path.join(folder, "state/runs/r1/approvals");
    const [file = ""] = readdirSync(creds);
    expect(statSync(path.join(creds, file)).mode & 0o777).toBe(0o600);
    expect(web.seen).toHaveLength(0);
    const done = await resume("r1");
    expect([done.exit, done.outcome["status"]], done.err).toEqual([0, "completed"]);
    expect(web.seen.map(({ method, body }) => [method, body.toString("utf8")])).toEqual([["POST", "release 1.4"]]);
    const again = await resume("r1", "--approval", path.join("state/runs/r1/approvals", file));
    expect([again.exit, web.seen.length]).toEqual([2, 1]);
  });

  it("does not take the requester's own key, nor a credential for another run", async () => {
    const { web, alice, bob, start, resume, approve } = await release();
    await start("r1");
    const futile = await approve(alice, "r1", ["--out", "own.cred"]);
    expect([futile.exit, futile.err]).toEqual([
      0,
      expect.stringContaining("this approval will not count: `user:alice"),
    ]);
    const own = await resume("r1", "--approval", "own.cred");
    expect([own.exit, own.err]).toEqual([2, expect.stringContaining("[cred.principal_mismatch]")]);
    expect((await approve(bob, "r1", ["--out", "bob.cred"])).exit).toBe(0);
    await start("r2");
    const other = await resume("r2", "--approval", "bob.cred");
    expect([other.exit, other.err]).toEqual([2, expect.stringContaining("[cred.spec_mismatch]")]);
    expect(web.seen).toHaveLength(0);
    expect((await resume("r1", "--approval", "bob.cred")).exit).toBe(0);
    expect(web.seen).toHaveLength(1);
  });

  it("is refused where nobody signs the start", async () => {
    const { bob, web } = await release();
    const refused = await bob.run(["run", "gate.toml", ...inProd, "--run-id", "r1"]);
    expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining("[requester.unsigned]")]);
    expect(web.seen).toHaveLength(0);
  });

  it("ends with what a signed denial says", async () => {
    const { bob, start, resume, web } = await release();
    await start("r1");
    const words = ["approvals", "deny", "r1", "--state-dir", "state", "--reason", "not on a Friday"];
    expect((await bob.run(words, ["y"])).exit).toBe(0);
    const ended = await resume("r1");
    expect([ended.exit, ended.outcome["error"]]).toEqual([5, { class: "approval" }]);
    expect(ended.outcome["reason"]).toContain("denied by user:bob@test: not on a Friday");
    expect(web.seen).toHaveLength(0);
  });

  it("needs as many principals as the operator says", async () => {
    const { alice, bob, folder, start, resume, approve, web } = await release(
      `[approvals]\nneeded = 2\nnot_requester = true\n`,
    );
    const carol = await Person.with(folder, "carol");
    await alice.trusts(carol);
    await start("r1");
    await approve(bob, "r1");
    await approve(bob, "r1");
    const short = await resume("r1");
    expect([short.exit, short.err]).toEqual([2, expect.stringContaining("has 1 of 2 approvals")]);
    await approve(carol, "r1");
    const done = await resume("r1");
    expect(done.exit, done.err).toBe(0);
    expect(web.seen).toHaveLength(1);
  });

  it("refuses a credential with any byte changed, before anything happens", async () => {
    const { bob, folder, start, resume, approve, web } = await release();
    await start("r1");
    await approve(bob, "r1", ["--out", "bob.cred"]);
    const text = readFileSync(path.join(folder, "bob.cred"), "latin1");
    for (const at of [0, 5, 40, text.indexOf("."), text.indexOf(".") + 1, text.length - 1]) {
      const flipped = text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
      writeFileSync(path.join(folder, "flipped.cred"), flipped);
      const refused = await resume("r1", "--approval", "flipped.cred");
      expect([at, refused.exit, refused.err]).toEqual([at, 2, expect.stringMatching(/\[cred\.[a-z_]+\]/)]);
    }
    expect(web.seen).toHaveLength(0);
  });
});

describe("the list of open requests", () => {
  it("lists nothing to approve once the run has ended", async () => {
    const { alice, start } = await release();
    await start("r1");
    const listed = JSON.parse(
      (await alice.run(["approvals", "list", "--state-dir", "state", "--json"])).out,
    ) as unknown[];
    expect(listed).toMatchObject([
      { run: "r1", node: "publish", terms: { needed: 1, not_requester: true, signed: true } },
    ]);
    await alice.run(["resume", "r1", "--state-dir", "state", "--deny"]);
    const after = await alice.run(["approvals", "list", "--state-dir", "state", "--json"]);
    expect(after.out.trim()).toBe("[]");
  });
});
