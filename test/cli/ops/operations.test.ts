/** Operations through the command line's own functions, over runs that are really made. */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { capabilitiesCommand } from "../../../src/cli/commands/capabilities.ts";
import { describeCommand } from "../../../src/cli/commands/describe.ts";
import { diffCommand } from "../../../src/cli/commands/diff.ts";
import { doctorCommand } from "../../../src/cli/commands/doctor.ts";
import { incidentBundleCommand } from "../../../src/cli/commands/incident-bundle.ts";
import { replayCommand } from "../../../src/cli/commands/replay.ts";
import { runCommand } from "../../../src/cli/commands/run.ts";
import { snapshotCommand } from "../../../src/cli/commands/snapshot.ts";
import { readBundle } from "../../../src/runtime/ops/bundle-read.ts";
import { checkManifest } from "../../../src/runtime/ops/manifest.ts";
import { opsCodes } from "../../../src/runtime/ops/problem.ts";
import { fakeTerminal, folderWith, type FakeTerminal } from "../terminal.ts";

const workflow = `name = "greet"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "read"
[[nodes]]
id = "read"
type = "read_file"
path_from = "trigger.path"
[[nodes]]
id = "who"
type = "read_env"
key = "GREETED"
[[nodes]]
id = "save"
type = "write_file"
path_from = "trigger.out"
content_from = "who.value"
[[edges]]
from = "read"
to = "who"
[[edges]]
from = "who"
to = "save"
`;
const canary = "canary-9f2c1e77aa31";

async function aRun(env: Record<string, string> = {}): Promise<{ folder: string; terminal: FakeTerminal }> {
  const folder = await folderWith({ "greet.toml": workflow, "in.txt": "hello" });
  const terminal = fakeTerminal(folder, {
    env: { GREETED: canary, XDG_CONFIG_HOME: path.join(folder, ".config"), ...env },
  });
  const flags = { input: '{"path":"in.txt","out":"out.txt"}', stateDir: ".state", quiet: true };
  expect(await runCommand(terminal, "greet.toml", { flags, runId: "r1" }), terminal.written.err).toBe(0);
  return { folder, terminal };
}

async function aBundle(): Promise<{ folder: string; file: string }> {
  const { folder } = await aRun();
  const terminal = fakeTerminal(folder);
  expect(await incidentBundleCommand(terminal, "r1", { stateDir: ".state" }, ["incident-bundle", "r1"])).toBe(0);
  return { folder, file: path.join(folder, "incident-r1.tar.gz") };
}

function codeOf(result: { ok: boolean; problem?: { code: string } }): string {
  return result.ok ? "ok" : (result.problem?.code ?? "?");
}

describe("snapshot", () => {
  it("has the members of the sheet, and says of a node what became of it", async () => {
    const { folder } = await aRun();
    const terminal = fakeTerminal(folder);
    expect(await snapshotCommand(terminal, "r1", { stateDir: ".state", json: true })).toBe(0);
    const made = JSON.parse(terminal.written.out) as Record<string, unknown> & { nodes: Record<string, unknown>[] };
    expect(Object.keys(made)).toEqual(
      ["v", "model", "run_id", "at", "graph_digest", "nodes", "edges_taken", "pending_approvals"].concat([
        "queue_depth",
        "x_countersign",
      ]),
    );
    expect(made.nodes.map(({ id, state }) => `${String(id)} ${String(state)}`)).toEqual([
      "read completed",
      "who completed",
      "save completed",
    ]);
    expect(made["edges_taken"]).toEqual([
      { from: "read", to: "who", when: null, times: 1 },
      { from: "who", to: "save", when: null, times: 1 },
    ]);
  });

  it("refuses a run that is not there", async () => {
    const { folder } = await aRun();
    await expect(snapshotCommand(fakeTerminal(folder), "nix", { stateDir: ".state" })).rejects.toThrow("no run in");
  });
});

describe("incident-bundle and replay", () => {
  it("bundles a run whose replay on a machine without its files goes the same way and performs nothing", async () => {
    const { folder, file } = await aBundle();
    await rm(path.join(folder, "out.txt"));
    await rm(path.join(folder, "in.txt"));
    const terminal = fakeTerminal(folder);
    expect(await replayCommand(terminal, file, { json: true })).toBe(0);
    const audit = JSON.parse(terminal.written.out) as Record<string, unknown> & { actions: Record<string, unknown>[] };
    expect(Object.keys(audit)).toEqual([
      "audit_v",
      "created_unix_ms",
      "bundle_dir",
      "spec_sha256",
      "input",
      "policy",
      "actions",
      "x_countersign",
    ]);
    expect(audit.actions.map(({ decision }) => decision)).toEqual(["Allow", "Allow", "DryRunOnly"]);
    expect(await readdir(folder)).not.toContain("out.txt");
  });

  it("lets no variable's value, token or secret into any of its files", async () => {
    const { folder, file } = await aBundle();
    const read = await readBundle(file);
    if (!read.ok) throw new Error(read.problem.message);
    for (const [name, bytes] of read.value) expect(Buffer.from(bytes).includes(canary), name).toBe(false);
    expect([...read.value.keys()]).toEqual(
      expect.arrayContaining(["MANIFEST.json", "greet.toml", "environment.json", "run/journal.1.jsonl"]),
    );
    expect(
      [...read.value.keys()].filter((name) => /^receipts\/sha256-[0-9a-f]{64}\.json$/.test(name)).length,
    ).toBeGreaterThan(1);
    expect([...read.value.keys()].some((name) => /salt|markers\.key/.test(name))).toBe(false);
    expect(folder).not.toBe("");
  });

  it("refuses to let out a secret that stands in the document itself, and writes nothing", async () => {
    const text = `${workflow}\n[[secrets]]\nname = "T"\nsource = "env"\nvar = "THE_TOKEN"\n# ${canary}\n`;
    const folder = await folderWith({ "leak.toml": text });
    const terminal = fakeTerminal(folder, { env: { THE_TOKEN: canary } });
    expect(await incidentBundleCommand(terminal, "leak.toml")).toBe(5);
    expect(terminal.written.err).toContain("[bundle.secret]");
    expect(terminal.written.err).not.toContain(canary);
    expect(await readdir(folder)).toEqual(["leak.toml"]);
  });

  it("bundles a document that does not parse, and says what is wrong with it", async () => {
    const folder = await folderWith({ "bad.toml": "[[nodes" });
    expect(await incidentBundleCommand(fakeTerminal(folder), "bad.toml", { out: "b" })).toBe(0);
    const validation = JSON.parse(await readFile(path.join(folder, "b", "spec_validation.json"), "utf8")) as {
      ok: boolean;
    };
    expect(validation.ok).toBe(false);
    const again = fakeTerminal(folder);
    expect(await incidentBundleCommand(again, "bad.toml", { out: "b" })).toBe(2);
    expect(again.written.err).toContain("[bundle.exists]");
  });

  it("replays a run of its own state directory and reports what changed in the rules since", async () => {
    const { folder } = await aRun();
    const terminal = fakeTerminal(folder);
    expect(await replayCommand(terminal, "r1", { stateDir: ".state", environment: "prod" })).toBe(1);
    expect(terminal.written.out).toContain("decision save#1.1 0");
    expect(terminal.written.out).toContain("RequireApproval (approval_missing)");
  });

  it("denies what would change something under the replay policy `disabled`", async () => {
    const { folder } = await aRun();
    const terminal = fakeTerminal(folder);
    expect(await replayCommand(terminal, "r1", { stateDir: ".state", replayPolicy: "disabled", json: true })).toBe(1);
    const audit = JSON.parse(terminal.written.out) as { actions: { decision: string }[] };
    expect(audit.actions.at(-1)?.decision).toBe("Deny");
  });

  it("executes nothing without a replay policy that lets it, nor without an approval", async () => {
    const { folder } = await aRun();
    await rm(path.join(folder, "out.txt"));
    const env = { GREETED: canary, XDG_CONFIG_HOME: path.join(folder, "home") };
    const posture = fakeTerminal(folder, { env });
    expect(await replayCommand(posture, "r1", { stateDir: ".state", execute: true })).toBe(5);
    expect(posture.written.err).toContain("[replay.posture]");
    const approval = fakeTerminal(folder, { env });
    const options = { stateDir: ".state", execute: true, replayPolicy: "execute" };
    expect(await replayCommand(approval, "r1", options)).toBe(5);
    expect(approval.written.err).toContain("[replay.approval]");
    expect(await readdir(folder)).not.toContain("out.txt");
  });

  it("says which file of a changed bundle is not what its manifest names", async () => {
    const { file } = await aBundle();
    const read = await readBundle(file);
    if (!read.ok) throw new Error(read.problem.message);
    const all = read.value;
    const changed = (name: string, bytes: Uint8Array | null): string => {
      const made = new Map(all);
      if (bytes === null) made.delete(name);
      else made.set(name, bytes);
      return codeOf(checkManifest(made, null));
    };
    const journal = Buffer.from(all.get("run/journal.1.jsonl") ?? []);
    const flipped = Buffer.from(journal);
    flipped[10] = (flipped[10] ?? 0) ^ 1;
    expect(changed("run/journal.1.jsonl", flipped)).toBe("bundle.digest");
    expect(changed("run/journal.1.jsonl", journal.subarray(1))).toBe("bundle.size");
    expect(changed("run/journal.1.jsonl", null)).toBe("bundle.file_missing");
    expect(changed("extra.txt", Buffer.from("x"))).toBe("bundle.unlisted");
    expect(changed("MANIFEST.json", null)).toBe("bundle.manifest_missing");
    expect(changed("MANIFEST.json", Buffer.from("{}"))).toBe("bundle.manifest");
    expect(
      changed("MANIFEST.json", Buffer.concat([all.get("MANIFEST.json") ?? Buffer.alloc(0), Buffer.from(" ")])),
    ).toBe("bundle.manifest");
    expect(changed("MANIFEST.sig", Buffer.from("{}"))).toBe("bundle.signature");
  });
});

describe("diff", () => {
  const other = workflow.replace('key = "GREETED"', 'key = "OTHER"');

  it("is equal for another text of the same graph, and says so", async () => {
    const folder = await folderWith({ "a.toml": workflow, "b.toml": `# words\n${workflow}` });
    const terminal = fakeTerminal(folder);
    expect(await diffCommand(terminal, "a.toml", "b.toml")).toBe(0);
    expect(terminal.written.out).toContain("the graphs do not");
  });

  it("names changed fields, effects and widened policies", async () => {
    const policy = '\n[policy]\nfs = { read = ["**"], write = ["out/**"] }\nenv = { read_keys = ["GREETED"] }\n';
    const wider =
      '\n[policy]\nfs = { read = ["**"], write = ["out/**", "/srv/**"] }\nenv = { read_keys = ["OTHER"] }\n';
    const folder = await folderWith({ "a.toml": workflow + policy, "b.toml": other + wider });
    const terminal = fakeTerminal(folder);
    expect(await diffCommand(terminal, "a.toml", "b.toml", { environment: "prod" }), terminal.written.err).toBe(1);
    const { out } = terminal.written;
    expect(out).toContain("~ node who");
    expect(out).toContain('key: "GREETED" -> "OTHER"');
    expect(out).toContain("policy.fs.write widened");
    expect(out).toContain("policy.env.read_keys changed");
    const json = fakeTerminal(folder);
    expect(await diffCommand(json, "a.toml", "b.toml", { json: true })).toBe(1);
    expect(JSON.parse(json.written.out)).toMatchObject({ equal: false });
  });

  it("says why a side cannot be read: a missing file, an unknown revision, an option for git", async () => {
    const folder = await folderWith({ "a.toml": workflow });
    expect(await diffCommand(fakeTerminal(folder), "a.toml", "nix.toml")).toBe(2);
    for (const revision of ["HEAD:a.toml", "--output=x:a.toml"]) {
      const terminal = fakeTerminal(folder);
      expect(await diffCommand(terminal, revision, "a.toml")).toBe(2);
      expect(terminal.written.err).toContain("[diff.revision]");
    }
  });
});

describe("describe", () => {
  it("tells of programs and addresses that give a child its secrets", async () => {
    const folder = await folderWith({
      "a.toml":
        'name = "a"\n[[start_nodes]]\nname = "m"\nsource = "manual"\nentry_node = "c"\n[[nodes]]\nid = "c"\ntype = "call"\nworkflow = "b.toml"\n',
      "b.toml": `${workflow}\n[[secrets]]\nname = "S"\nsource = "command"\nargv = ["/usr/bin/vault", "read"]\n`,
    });
    const terminal = fakeTerminal(folder);
    expect(await describeCommand(terminal, "a.toml", { json: true, environment: "prod" })).toBe(0);
    const made = JSON.parse(terminal.written.out) as {
      effects: { node: string; document: string; decision: string }[];
    };
    expect(made.effects.filter(({ document }) => document === "b.toml").map(({ node }) => node)).toEqual([
      "secret S",
      "read",
      "who",
      "save",
    ]);
    expect(made.effects[0]?.decision).toBe("RequireApproval");
  });
});

describe("capabilities", () => {
  it("gives the strings that an approval must name, exact stage keys among them", async () => {
    const spec = [
      "v=1",
      "model=single_ring",
      "name=notify",
      "single_ring.shards=1",
      "single_ring.ordering=strict",
      "single_ring.producer=single",
      "single_ring.scheduling=dedicated",
      "single_ring.stages.0.id=a",
      "single_ring.stages.0.stage=http_post:https://api.example/x",
      "single_ring.stages.0.depends_on.count=0",
      "",
    ].join("\n");
    const folder = await folderWith({ "spec.kv": spec, "greet.toml": workflow });
    const pipeline = fakeTerminal(folder);
    expect(await capabilitiesCommand(pipeline, "spec.kv", { json: true })).toBe(0);
    expect(JSON.parse(pipeline.written.out)).toMatchObject({ capabilities: ["http_post:https://api.example/x"] });
    const open = fakeTerminal(folder);
    expect(await capabilitiesCommand(open, "greet.toml", { json: true })).toBe(0);
    expect(JSON.parse(open.written.out)).toMatchObject({
      capabilities: ["fs.write"],
      needed: [{ needed_by: ["save"], whole_family: true }],
    });
  });

  it("tells what the build can do", async () => {
    const terminal = fakeTerminal(await folderWith());
    expect(await capabilitiesCommand(terminal, undefined, { json: true, verbs: ["run"] })).toBe(0);
    const made = JSON.parse(terminal.written.out) as { kinds: unknown[]; refused: string[] };
    expect(made.kinds.length).toBeGreaterThan(20);
    expect(made.refused.join()).toContain("--goal");
  });
});

describe("doctor", () => {
  const report = async (folder: string, options: object, env: Record<string, string> = {}) => {
    const terminal = fakeTerminal(folder, { env });
    const code = await doctorCommand(terminal, { ...options, json: true });
    const made = JSON.parse(terminal.written.out) as { ok: boolean; checks: { id: string; status: string }[] };
    return { code, ok: made.ok, of: (id: string) => made.checks.find((one) => one.id === id)?.status };
  };

  it("finds a used state directory in order, and leaves nothing in it", async () => {
    const { folder } = await aRun();
    const before = await readdir(path.join(folder, ".state"));
    const made = await report(folder, { stateDir: ".state" });
    expect(made.of("state.place")).toBe("applied");
    expect(made.of("state.write")).toBe("applied");
    expect(made.of("state.runs")).toBe("applied");
    expect(await readdir(path.join(folder, ".state"))).toEqual(before);
  });

  it("fails for a damaged journal, bad variables, and no state directory in prod", async () => {
    const { folder } = await aRun();
    const journal = path.join(folder, ".state", "runs", "r1", "journal.1.jsonl");
    const text = await readFile(journal, "utf8");
    await writeFile(journal, text.replace('"node":"read"', '"node":"rxad"'));
    const damaged = await report(folder, { stateDir: ".state" });
    expect([damaged.code, damaged.of("state.runs")]).toEqual([5, "failed"]);
    const variables = await report(folder, {}, { BYTEOR_ACTION_MAX_RETRIES: "many" });
    expect([variables.code, variables.of("config.stages")]).toEqual([5, "failed"]);
    const prod = await report(folder, { environment: "prod" });
    expect([prod.code, prod.of("state.place")]).toEqual([5, "failed"]);
  });

  it("calls a clock that is behind the files degraded", async () => {
    const made = await report(await folderWith({ a: "" }), { now: Date.now() - 3_600_000 });
    expect(made.of("host.clock")).toBe("degraded");
  });
});

it("docs/operations.md explains every code", async () => {
  const page = await readFile(path.join(import.meta.dirname, "../../../docs/operations.md"), "utf8");
  expect(Object.keys(opsCodes).filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
});
