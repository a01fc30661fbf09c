import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { run } from "../../src/cli/program.ts";
import { fakeTerminal, folderWith, type FakeTerminal } from "./terminal.ts";

const source = `name = "note"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "load"
[[nodes]]
id = "load"
type = "read_file"
path_from = "trigger.path"
`;

async function place(): Promise<{ readonly folder: string; readonly terminal: (input?: string) => FakeTerminal }> {
  const folder = await folderWith({ "note.toml": source, "a.txt": "canary-content", "home/.keep": "" });
  const env = { HOME: path.join(folder, "home"), XDG_CONFIG_HOME: path.join(folder, "home", ".config") };
  return { folder, terminal: (input) => fakeTerminal(folder, { env, ...(input === undefined ? {} : { input }) }) };
}

interface Report {
  readonly valid: boolean;
  readonly trees: readonly {
    readonly root_receipt_id: string;
    readonly authenticity: { readonly status: string; readonly fingerprints: readonly string[] };
  }[];
}

test("a run is sealed, its receipts verify once the key is pinned, and history and inspect show them", async () => {
  const { folder, terminal } = await place();
  const ran = terminal();
  const code = await run(["run", "note.toml", "--input", '{"path":"a.txt"}', "--state-dir", "state"], ran);
  expect([code, ran.written.err]).toEqual([
    0,
    expect.stringContaining("sealed 2 receipts: countersign verify sha256:"),
  ]);

  const unpinned = terminal();
  expect(await run(["verify", "state/receipts", "--json"], unpinned)).toBe(1);
  const report = JSON.parse(unpinned.written.out) as Report;
  const { root_receipt_id: id, authenticity } = report.trees[0] as Report["trees"][number];
  expect(authenticity.status).toBe("untrusted_root");
  const [print = ""] = authenticity.fingerprints;

  const pinned = terminal();
  expect(await run(["verify", id, "--state-dir", "state", "--trust-root", print], pinned)).toBe(0);
  expect(pinned.written.out).toContain("trusted");

  const file = path.join(folder, "state", "receipts", `${id}.json`);
  const text = await readFile(file, "utf8");
  expect(text).not.toContain("canary");
  const single = terminal(text);
  expect(await run(["verify", "-", "--receipt-dir", "state/receipts", "--trust-root", print, "--json"], single)).toBe(
    0,
  );
  expect(JSON.parse(single.written.out)).toMatchObject({ schema: "runx.verify_verdict.v1", valid: true });

  const listed = terminal();
  expect(await run(["history", "--state-dir", "state", "--json", "--status", "closed"], listed)).toBe(0);
  const history = JSON.parse(listed.written.out) as { receipts: { id: string; verification: unknown }[] };
  expect(history).toMatchObject({ projector_id: "runx-runtime.local-history.v1", pendingRuns: [] });
  expect(history.receipts.map((one) => one.id)).toHaveLength(2);
  expect(history.receipts[0]).toMatchObject({ id, verification: { status: "unverified" }, source_type: "local" });
  const none = terminal();
  expect(await run(["history", "nothing-like-it", "--state-dir", "state"], none)).toBe(0);
  expect(none.written.err).toContain("no receipts");
  const date = terminal();
  expect(await run(["history", "--state-dir", "state", "--since", "yesterday"], date)).toBe(2);
  expect(date.written.err).toContain('since: "yesterday"');

  for (const named of [id, file]) {
    const shown = terminal();
    expect(await run(["inspect", named, "--state-dir", "state"], shown)).toBe(0);
    expect(shown.written.out).toContain(`receipt       ${id}`);
  }

  await writeFile(file, text.replace('"closed"', '"failed"'));
  const bent = terminal();
  expect(await run(["verify", "state/receipts", "--trust-root", print], bent)).toBe(1);
  for (const said of [file, id, "SealDigestMismatch", "digest"]) expect(bent.written.out).toContain(said);
});

test("a dry run and a run without a place leave no receipts; a named directory takes both", async () => {
  const { terminal } = await place();
  const input = ["--input", '{"path":"a.txt"}'];
  const dry = terminal();
  expect(await run(["run", "note.toml", ...input, "--dry-run", "--state-dir", "state"], dry)).toBe(0);
  expect(dry.written.err).not.toContain("sealed");
  const nowhere = terminal();
  expect(await run(["run", "note.toml", ...input], nowhere)).toBe(0);
  expect(nowhere.written.err).not.toContain("sealed");
  for (const extra of [[], ["--dry-run"]]) {
    const named = terminal();
    expect(await run(["run", "note.toml", ...input, "--receipt-dir", "kept", ...extra], named)).toBe(0);
    expect(named.written.err).toContain("receipt");
  }
});

test("receipts that cannot be made are told, and the exit code says so where nothing else does", async () => {
  const { terminal } = await place();
  const ran = terminal();
  expect(await run(["run", "note.toml", "--input", '{"path":"a.txt"}', "--receipt-dir", "a.txt/x"], ran)).toBe(2);
  expect(ran.written.out).toContain('"completed"');
  expect(ran.written.err).toContain("the run has no receipts");
});

test("what cannot be verified is a usage error that says what to do", async () => {
  const { terminal } = await place();
  const missing = terminal();
  expect(await run(["verify", "nothing"], missing)).toBe(2);
  expect(missing.written.err).toContain("[receipts.missing]");
  const root = terminal();
  expect(await run(["verify", "a.txt", "--trust-root", "short"], root)).toBe(2);
  expect(root.written.err).toContain("[trust_root]");
  const parse = terminal();
  expect(await run(["verify", "a.txt", "--json"], parse)).toBe(1);
  expect(JSON.parse(parse.written.out)).toMatchObject({
    receipt_id: null,
    findings: [{ code: "receipt_parse_error", path: "$" }],
  });
});
