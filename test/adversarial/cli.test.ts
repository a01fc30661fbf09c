/** Bad input on the command line: a sentence that names it, the right exit code, and nothing done. */
import { spawn, spawnSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { run } from "../../src/cli/program.ts";
import { fakeTerminal, folderWith, type FakeTerminal } from "../cli/terminal.ts";

/** Writes `out.txt` in the working directory when it is run. */
const acts = `name = "acts"

[[start_nodes]]
name = "main"
source = "manual"
entry_node = "a"

[[nodes]]
id = "a"
type = "write_file"
path_from = "trigger.path"
content_from = "trigger.text"
`;
const payload = '{"path": "out.txt", "text": "it happened"}';
const paused = `${acts.replace('"a"\n\n', '"p"\n\n')}
[[nodes]]
id = "p"
type = "pause_for_approval"

[[edges]]
from = "p"
to = "a"
`;

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line; nothing it says may look like a program's insides. */
async function cli(cwd: string, ...argv: readonly string[]): Promise<Ran> {
  const terminal: FakeTerminal = fakeTerminal(cwd, { env: { PATH: process.env["PATH"] ?? "", HOME: cwd } });
  const code = await run(argv, terminal);
  const { out, err } = terminal.written;
  for (const text of [out, err]) {
    expect(text).not.toMatch(/\n\s+at .+:\d+/);
    expect(text).not.toMatch(/node:internal|internal error|\[object Object\]|\bundefined\b/);
  }
  return { code, out, err };
}

async function filesIn(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}

/** Refused by validate and by run alike, with this code and these words, and nothing was done; only the audit says so. */
async function refused(
  name: string,
  content: string | Uint8Array,
  expected: { readonly code: number; readonly says: RegExp; readonly run?: number },
): Promise<void> {
  const folder = await folderWith({ [name]: content });
  const before = await filesIn(folder);
  const validated = await cli(folder, "validate", name);
  expect(validated.code, validated.out).toBe(expected.code);
  expect(validated.out).toMatch(expected.says);
  const ran = await cli(folder, "run", name, "--input", payload, "--state-dir", "state");
  expect(ran.code, ran.err).toBe(expected.run ?? expected.code);
  // The product of a refused document is the list of what is wrong; one that is no document has none.
  if (ran.code === 2) expect(ran.out).toBe("");
  else expect(JSON.parse(ran.out)).toMatchObject({ ok: false });
  expect(ran.err).toContain(name);
  expect(await filesIn(folder)).toEqual([...before, "state", path.join("state", "audit.jsonl")].sort());
  const audit = (await readFile(path.join(folder, "state", "audit.jsonl"), "utf8")).trimEnd().split("\n");
  expect(audit.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ type: "run.refused" }]);
}

describe("a document that is no document", () => {
  const latin = Buffer.concat([Buffer.from(acts), Buffer.from('# "'), Buffer.from([0xff, 0xfe]), Buffer.from('"\n')]);
  const cases: readonly (readonly [what: string, name: string, content: string | Uint8Array, says: RegExp])[] = [
    ["half written", "a.toml", acts.slice(0, 170), /^a\.toml:\d+:\d+ error toml_syntax /m],
    ["with wrong types", "a.toml", acts.replace('"acts"', "5"), /^a\.toml:1:8 error wrong_type `name`/m],
    ["with a NUL byte", "a.toml", `${acts}# \0\n`, /^a\.toml:13:3 error toml_syntax /m],
    ["that is not UTF-8", "a.toml", latin, /^a\.toml:13:4 error not_utf8 /m],
    ["that is not UTF-8 (YAML)", "graph.yaml", latin, /^graph\.yaml:13:4 error not_utf8 /m],
    ["nested without end (TOML)", "a.toml", `${acts}x = ${"[".repeat(100_000)}\n`, /^a\.toml:13:\d+ error /m],
    [
      "nested without end (YAML)",
      "graph.yaml",
      `name: g\nsteps: ${"[".repeat(100_000)}\n`,
      /^graph\.yaml:\d+:\d+ error /m,
    ],
    ["of many aliases", "graph.yaml", billionLaughs(), /^graph\.yaml:\d+:\d+ error /m],
    ["that is empty (TOML)", "a.toml", "", /^a\.toml:1:1 error /m],
    ["that is empty (YAML)", "graph.yaml", "", /^graph\.yaml:1:1 error /m],
    ["that is empty (pipeline)", "spec.kv", "", /^spec\.kv:1:1 error /m],
    ["of bytes (pipeline)", "spec.kv", Buffer.from([0, 1, 2, 255, 10]), /^spec\.kv:1:\d+ error /m],
    ["with a BOM (pipeline)", "spec.kv", "\ufeffv=1\n", /^spec\.kv:1:1 error kv_bom /m],
    ["with CRLF (pipeline)", "spec.kv", "v=1\r\n", /^spec\.kv:1:4 error kv_cr /m],
  ];
  for (const [what, name, content, says] of cases) {
    it(`${what} is refused with its place, exit code 2`, () => refused(name, content, { code: 2, says }));
  }

  it("whose rules are broken is refused with its place, exit code 5", () =>
    refused("a.toml", acts.replace('entry_node = "a"', 'entry_node = "b"'), {
      code: 5,
      says: /^a\.toml:6:\d+ error /m,
    }));

  it("may have CRLF, a BOM or a line of 5 MB where the language has them", async () => {
    for (const text of [acts.replaceAll("\n", "\r\n"), `\ufeff${acts}`, `${acts}# ${"x".repeat(5_000_000)}\n`]) {
      const folder = await folderWith({ "a.toml": text });
      expect((await cli(folder, "validate", "a.toml")).code).toBe(0);
      expect((await cli(folder, "run", "a.toml", "-q", "--input", payload)).code).toBe(0);
      expect(await readFile(path.join(folder, "out.txt"), "utf8")).toBe("it happened");
    }
  });

  it("with a name of 5 MB does not fill the screen", async () => {
    const folder = await folderWith({ "a.toml": acts.replace('"acts"', `"${"x".repeat(5_000_000)}"`) });
    const { out, code } = await cli(folder, "validate", "a.toml");
    expect(code).toBe(0);
    expect(out.length).toBeLessThan(4000);
  });
});

/** Aliases of aliases of aliases. */
function billionLaughs(): string {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 12; i++)
    lines.push(`a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(", ")}]`);
  return `name: g\n${lines.join("\n")}\nsteps:\n  - {id: a, run: {type: cli-tool, command: /bin/true, args: *a11}}\n`;
}

describe("a file that cannot be read", () => {
  it("is named, with the reason: missing, a directory, a FIFO", async () => {
    const folder = await folderWith({ "d/x.txt": "" });
    expect(spawnSync("mkfifo", [path.join(folder, "f.toml")]).status).toBe(0);
    const cases = [
      ["missing.toml", /no such file/i],
      ["d", /is a directory/i],
      ["f.toml", /not a regular file/i],
      ["a\0b.toml", /./],
    ] as const;
    for (const [name, why] of cases) {
      const validated = await cli(folder, "validate", name);
      expect(validated.code, name).toBe(2);
      expect(validated.out).toMatch(why);
      const ran = await cli(folder, "run", name);
      expect(ran.code, name).toBe(2);
      expect(ran.err).toMatch(why);
      expect(ran.out).toBe("");
    }
  });

  it("because of its permissions is named too", async () => {
    const folder = await folderWith({ "a.toml": acts });
    await chmod(path.join(folder, "a.toml"), 0);
    const ran = await asNobody(folder, ["run", "a.toml"]);
    expect(ran).toMatchObject({ code: 2 });
    expect(ran.err).toContain("Permission denied");
  });
});

describe("children", () => {
  const calls = (name: string, child: string): string => `name = "${name}"

[[start_nodes]]
name = "main"
source = "manual"
entry_node = "c"

[[nodes]]
id = "c"
type = "call"
workflow = "${child}"
`;

  it("that call themselves, or each other, are warned about and end at the depth limit", async () => {
    const folder = await folderWith({
      "self.toml": calls("self", "self.toml"),
      "one.toml": calls("one", "two.toml"),
      "two.toml": calls("two", "one.toml"),
    });
    for (const name of ["self.toml", "one.toml"]) {
      const validated = await cli(folder, "validate", name);
      expect(validated.code).toBe(0);
      expect(validated.out).toMatch(/child_cycle/);
      const ran = await cli(folder, "run", name, "-q");
      expect(ran.code).toBe(5);
      expect(ran.out).toMatch(/depth exceeded 8/);
    }
  });

  it("that multiply without end are stopped by the deadline, and within bounds", async () => {
    const branches = Array.from({ length: 20 }, () => '{ workflow = "bomb.toml" }').join(", ");
    const folder = await folderWith({
      "bomb.toml": `name = "bomb"

[[start_nodes]]
name = "main"
source = "manual"
entry_node = "a"

[[nodes]]
id = "a"
type = "parallel"
branches = [${branches}]
`,
    });
    const began = performance.now();
    const ran = await cli(folder, "run", "bomb.toml", "-q", "--timeout-secs", "2");
    expect(JSON.parse(ran.out)).toMatchObject({ status: "timed_out" });
    expect(ran.code).toBe(5);
    // Two seconds of its own, and what loading and a busy machine take.
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  it("that are invalid fail with the child's name, and nothing of the child is done", async () => {
    const folder = await folderWith({ "a.toml": calls("a", "b.toml"), "b.toml": `${acts}\nunknown = [\n` });
    const ran = await cli(folder, "run", "a.toml", "-q", "--input", payload);
    expect(ran.code).toBe(5);
    expect(ran.out).toContain("b.toml");
    expect(await filesIn(folder)).toEqual(["a.toml", "b.toml"]);
  });
});

describe("a graph of 100,000 nodes", () => {
  const count = 100_000;

  it("as a workflow is validated, and run up to the safety cap", async () => {
    const parts = ['name = "big"\n[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "n0"\n'];
    for (let i = 0; i < count; i++) parts.push(`[[nodes]]\nid = "n${i}"\ntype = "merge"\n`);
    for (let i = 0; i < count - 1; i++) parts.push(`[[edges]]\nfrom = "n${i}"\nto = "n${i + 1}"\n`);
    const folder = await folderWith({ "big.toml": parts.join("") });
    const validated = await cli(folder, "validate", "big.toml");
    expect(validated).toMatchObject({ code: 0, out: "big: valid, 100000 nodes\n" });
    const ran = await cli(folder, "run", "big.toml", "-q");
    expect(ran.code).toBe(5);
    expect(ran.out).toContain("walked 10000 nodes");
  });

  it("as a pipeline is validated", async () => {
    const ring = "single_ring";
    const parts = [
      `v=1\nmodel=${ring}\nname=big\n${ring}.shards=1\n${ring}.ordering=strict\n${ring}.producer=single\n${ring}.scheduling=dedicated\n`,
    ];
    for (let i = 0; i < count; i++) {
      const at = `${ring}.stages.${i}`;
      const after = i === 0 ? "" : `${at}.depends_on.0=${i - 1}\n`;
      parts.push(`${at}.id=s${i}\n${at}.stage=identity\n${at}.depends_on.count=${i === 0 ? 0 : 1}\n${after}`);
    }
    const folder = await folderWith({ "spec.kv": parts.join("") });
    const validated = await cli(folder, "validate", "spec.kv");
    expect(validated.code).toBe(0);
    expect(validated.out).toContain("big: valid, 100000 nodes");
  });

  it("full of mistakes shows every one of 5,000 with its place", async () => {
    const parts = ['name = "bad"\n[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "n0"\n'];
    for (let i = 0; i < 5000; i++) parts.push(`[[nodes]]\nid = "n${i}"\ntype = "read_file"\npath_from = "m${i}.x"\n`);
    const folder = await folderWith({ "bad.toml": parts.join("") });
    const validated = await cli(folder, "validate", "bad.toml");
    expect(validated.code).toBe(5);
    expect(validated.out.match(/^bad\.toml:\d+:\d+ warning unknown_reference/gm)?.length).toBe(5000);
  });
});

describe("text that is made to command a terminal", () => {
  const bell = "\u001b]0;owned\u0007\u001b[2K\u202e";

  it("in names, reasons and replies is shown, not obeyed", async () => {
    const hostile = (reason: string): string =>
      acts
        .replace('id = "a"', 'id = "a\\u001b[31m"')
        .replace('entry_node = "a"', 'entry_node = "a\\u001b[31m"')
        .replace(/type = "write_file"[^]*$/, `type = "fail"\nreason = ${JSON.stringify(reason)}\n`);
    const folder = await folderWith({
      "a.toml": hostile(bell),
      "p.toml": paused.replace('"pause_for_approval"', `"pause_for_approval"\nreason = ${JSON.stringify(bell)}`),
    });
    const texts: string[] = [];
    for (const argv of [
      ["run", "a.toml", "--run-id", "a"],
      ["validate", "a.toml"],
      ["run", "p.toml", "--run-id", "p", "--input", payload],
      ["resume", "p"],
      ["inspect", "p"],
      ["inspect", "a", "--full"],
      ["runs"],
      ["describe", "p.toml"],
      ["run", `${bell}.toml`],
      [bell],
    ]) {
      const kept = ["run", "resume", "inspect", "runs"].includes(argv[0] ?? "") ? ["--state-dir", "s"] : [];
      const ran = await cli(folder, ...argv, ...kept);
      texts.push(ran.err, argv[0] === "run" ? "" : ran.out);
    }
    for (const text of texts) expect(text).not.toMatch(/[\u0007\u001b\u202e]/);
    // It was there to be shown.
    for (const at of [0, 2, 9]) expect(texts[at * 2] || texts[at * 2 + 1]).toMatch(/␛|\\u001b/);
  });
});

describe("payloads and flags", () => {
  const cases: readonly (readonly [argv: readonly string[], code: number, says: RegExp])[] = [
    [["--input", '{"a":'], 2, /--input is not valid JSON: .*line 1 column 5/],
    [["--input", '"x'], 2, /--input is not valid JSON/],
    [["--input", '{"a":1e999}'], 2, /--input is not valid JSON: number out of range/],
    [["--input", "nowhere.json"], 2, /--input nowhere\.json: there is no such file/],
    [["--input", "."], 2, /--input \.: it is a directory/],
    [["--input", "[1, 2]"], 5, /trigger\.path/],
    [["--input", '{"path": 5, "text": "x"}'], 5, /trigger\.path.*must resolve to a string/],
    [["--input", "null"], 2, /--input null: there is no such file/],
    [["--wat"], 2, /unknown option '--wat'/],
    [["--timeout-secs", "abc"], 2, /--timeout-secs.*`abc`/],
    [["--timeout-secs", "-1"], 2, /--timeout-secs.*`-1`/],
    [["--timeout-secs", "1e3"], 2, /--timeout-secs.*`1e3`/],
    [["--timeout-secs", "99999999999999999999"], 2, /--timeout-secs/],
    [["--environment", "prodd"], 2, /--environment.*`prodd`/],
    [["--side-effects", "maybe"], 2, /--side-effects.*`maybe`/],
    [["--dry-run=maybe"], 2, /--dry-run.*`maybe`/],
    [["--start", "nowhere"], 5, /`nowhere`/],
    [["--run-id", "../../x", "--state-dir", "s"], 2, /--run-id takes/],
    [["--assume", "a=b"], 2, /--assume/],
    [["--dry-run", "--assume", "nothing"], 2, /NODE=LABEL/],
    [["--dry-run", "--mocks", "nowhere"], 2, /--mocks .*nowhere/],
    [["--dry-run", "--from-run", "x"], 2, /--from-run needs --state-dir/],
    [["--dry-run", "--from-run", "../../x", "--state-dir", "s"], 2, /"\.\.\/\.\.\/x" is not a run id/],
    [["--trace", "nowhere/t.json"], 2, /--trace nowhere\/t\.json: there is no such folder; nothing was run/],
    [["--record", "."], 2, /--record \.: it is a directory; nothing was run/],
    [["--mode", "serve"], 2, /--mode serve/],
    [["extra"], 2, /too many arguments/],
  ];
  for (const [argv, code, says] of cases) {
    it(`run ${argv.join(" ")} is refused by name, exit code ${code}`, async () => {
      const folder = await folderWith({ "a.toml": acts });
      const given = argv.includes("--input") ? [] : ["--input", payload];
      const ran = await cli(folder, "run", "a.toml", ...given, ...argv);
      expect(ran.code, ran.err).toBe(code);
      expect(ran.err).toMatch(says);
      expect(await filesIn(folder)).not.toContain("out.txt");
    });
  }

  it("an unknown verb is named, with the one that was meant", async () => {
    const folder = await folderWith();
    expect(await cli(folder, "valdate", "x")).toMatchObject({
      code: 2,
      err: expect.stringContaining("`validate`") as string,
    });
    expect(await cli(folder, "wat")).toMatchObject({ code: 2, err: expect.stringContaining("`wat`") as string });
    expect((await cli(folder, "run")).err).toContain("missing required argument 'file'");
  });

  it("an outcome is printed even when a file beside it cannot be written in the end", async () => {
    const folder = await folderWith({ "a.toml": acts });
    // The run itself makes the place unusable.
    const spoil = '{"path": "t.json/in-the-way", "text": "x"}';
    const ran = await cli(folder, "run", "a.toml", "-q", "--input", spoil, "--trace", "t.json");
    expect(ran.code).toBe(2);
    expect(JSON.parse(ran.out)).toMatchObject({ status: "completed" });
    expect(ran.err).toMatch(/--trace t\.json: cannot be written/);
  });
});

describe("runs and state directories", () => {
  const resumes = ["resume", "inspect"] as const;

  it("unknown and path-like run ids are refused by name and lead nowhere", async () => {
    const folder = await folderWith({ "state/runs/x/keep": "", secret: "{}" });
    for (const id of ["nope", "../../secret", "..", ".", "a/b", "a".repeat(129), "", "%2e%2e", "x\0y"]) {
      for (const argv of [
        ["resume", id, "--approve"],
        ["runs", "delete", id],
      ]) {
        const ran = await cli(folder, ...argv, "--state-dir", "state");
        expect(ran.code, `${argv.join(" ")}: ${ran.err}`).toBe(2);
        expect(ran.err).toContain(id.replace("\0", "␀").slice(0, 20));
      }
      expect((await cli(folder, "inspect", id, "--state-dir", "state")).code).toBe(2);
    }
    expect(await filesIn(folder)).toEqual(["secret", "state", "state/runs", "state/runs/x", "state/runs/x/keep"]);
  });

  it("a run id that is taken is refused, and the run that has it stays as it is", async () => {
    const folder = await folderWith({ "p.toml": paused });
    const argv = ["run", "p.toml", "-q", "--input", payload, "--state-dir", "s", "--run-id", "r"];
    expect((await cli(folder, ...argv)).code).toBe(7);
    const journal = await readFile(path.join(folder, "s/runs/r/journal.1.jsonl"), "utf8");
    const second = await cli(folder, ...argv);
    expect(second).toMatchObject({ code: 2, err: expect.stringContaining('there is a run "r" already') as string });
    expect(await readFile(path.join(folder, "s/runs/r/journal.1.jsonl"), "utf8")).toBe(journal);
  });

  it("a finished run is never reopened", async () => {
    const folder = await folderWith({ "a.toml": acts });
    await cli(folder, "run", "a.toml", "-q", "--input", payload, "--state-dir", "s", "--run-id", "r");
    const ran = await cli(folder, "resume", "r", "--approve", "--state-dir", "s");
    expect(ran).toMatchObject({ code: 2, out: "" });
    expect(ran.err).toContain('run "r" has ended');
  });

  it("a journal that is damaged is refused with its place; nothing is done", async () => {
    const folder = await folderWith({ "p.toml": paused });
    await cli(folder, "run", "p.toml", "-q", "--input", payload, "--state-dir", "s", "--run-id", "r");
    const file = path.join(folder, "s/runs/r/journal.1.jsonl");
    const whole = await readFile(file, "utf8");
    const lines = whole.split("\n");
    const [pinned = ""] = await readdir(path.join(folder, "s/runs/r/documents"));
    const damages: readonly (readonly [what: string, text: string | Uint8Array, code: number, says: RegExp])[] = [
      ["a changed event", whole.replace("it happened", "it HAPPENED"), 5, /journal\.corrupt.*|hash of the line before/],
      ["a line that is gone", lines.filter((_, i) => i !== 2).join("\n"), 5, /journal\.1\.jsonl:3/],
      ["two lines exchanged", [lines[0], lines[2], lines[1], ...lines.slice(3)].join("\n"), 5, /journal\.1\.jsonl:2/],
      ["an unknown event", whole.replace('"type":"node.entered"', '"type":"node.entranced"'), 5, /node\.entranced/],
      ["a newer version", whole.replace('"journal":1', '"journal":9'), 2, /journal version 9.*newer/],
      ["noise", Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256)), 5, /journal\.1\.jsonl:1/],
      ["nothing", "", 2, /has no journal/],
    ];
    for (const [what, content, code, says] of damages) {
      await writeFile(file, content);
      for (const verb of resumes) {
        const ran = await cli(folder, verb, "r", ...(verb === "resume" ? ["--approve"] : []), "--state-dir", "s");
        if (verb === "resume") expect(ran.code, what).toBe(code);
        else expect([2, 5], what).toContain(ran.code);
        expect(ran.err, what).toMatch(says);
      }
      const listed = await cli(folder, "runs", "--state-dir", "s");
      expect(listed.code, what).toBe(0);
      expect(await filesIn(folder)).not.toContain("out.txt");
    }
    await writeFile(file, whole);
    const document = path.join(folder, "s/runs/r/documents", pinned);
    await writeFile(document, acts);
    const swapped = await cli(folder, "resume", "r", "--approve", "--state-dir", "s");
    expect(swapped).toMatchObject({ code: 5, err: expect.stringContaining("do not agree with its digest") as string });
    await writeFile(document, paused);
    expect((await cli(folder, "resume", "r", "--approve", "-q", "--state-dir", "s")).code).toBe(0);
    expect(await readFile(path.join(folder, "out.txt"), "utf8")).toBe("it happened");
  });

  it("a damaged key of the state directory stops a run before it does anything", async () => {
    const folder = await folderWith({ "a.toml": acts, "s/markers.key": "short" });
    const ran = await cli(folder, "run", "a.toml", "-q", "--input", payload, "--state-dir", "s");
    expect(ran).toMatchObject({ code: 5, err: expect.stringContaining("s/markers.key") as string });
    expect(await filesIn(folder)).not.toContain("out.txt");
  });

  it("a state directory that cannot hold runs is a usage error, and nothing is run", async () => {
    const folder = await folderWith({ "a.toml": acts, file: "" });
    await symlink("nowhere", path.join(folder, "dangling"));
    for (const place of ["file", "file/x", "dangling/x", "/dev/null/x"]) {
      const ran = await cli(folder, "run", "a.toml", "-q", "--input", payload, "--state-dir", place);
      expect(ran.code, `${place}: ${ran.err}`).toBe(2);
      expect(ran.err).toMatch(/state directory.*\[journal\.io\]/);
    }
    await mkdir(path.join(folder, "readonly"), { mode: 0o555 });
    const ran = await asNobody(folder, ["run", "a.toml", "-q", "--input", payload, "--state-dir", "readonly"]);
    expect(ran).toMatchObject({ code: 2, out: "" });
    expect(ran.err).toContain("permission denied (EACCES)");
    expect(await filesIn(folder)).not.toContain("out.txt");
  });

  it("of two resumes at once one goes on, and the other is told why it cannot", async () => {
    const folder = await folderWith({ "p.toml": paused });
    await cli(folder, "run", "p.toml", "-q", "--input", payload, "--state-dir", "s", "--run-id", "r");
    const argv = ["resume", "r", "--approve", "-q", "--state-dir", "s"];
    const both = await Promise.all([cli(folder, ...argv), cli(folder, ...argv), cli(folder, ...argv)]);
    expect(both.filter((one) => one.code === 0)).toHaveLength(1);
    for (const one of both.filter((other) => other.code !== 0)) {
      expect(one.code).toBe(2);
      expect(one.err).toMatch(/journal\.(owned|taken|finished)/);
    }
    const journal = await readFile(path.join(folder, "s/runs/r/journal.2.jsonl"), "utf8");
    expect(journal.match(/"type":"effect.started"/g)).toHaveLength(1);
  });

  it("answers to what was not asked are refused, and the run stays paused", async () => {
    const folder = await folderWith({
      "p.toml": paused,
      "answers.json": '{"answers": {"other": true}}',
      "odd.json": "[1",
    });
    await cli(folder, "run", "p.toml", "-q", "--input", payload, "--state-dir", "s", "--run-id", "r");
    for (const file of ["answers.json", "odd.json", "missing.json"]) {
      const ran = await cli(folder, "resume", "r", "--answers", file, "--state-dir", "s");
      expect(ran.code, ran.err).toBe(2);
      expect(ran.err).toContain(file);
    }
    expect((await cli(folder, "runs", "--state-dir", "s")).out).toMatch(/paused/);
  });

  it("a changed document is refused, or kept with the run: it can pause and be resumed again", async () => {
    const twice = paused
      .replace('from = "p"\nto = "a"', 'from = "p"\nto = "q"')
      .concat('\n[[nodes]]\nid = "q"\ntype = "pause_for_approval"\n\n[[edges]]\nfrom = "q"\nto = "a"\n');
    const folder = await folderWith({ "p.toml": paused });
    await cli(folder, "run", "p.toml", "-q", "--input", payload, "--state-dir", "s", "--run-id", "r");
    await writeFile(path.join(folder, "p.toml"), twice);
    const resume = ["resume", "r", "--approve", "-q", "--state-dir", "s"];
    const refusal = await cli(folder, ...resume, "--file", "p.toml");
    expect(refusal).toMatchObject({ code: 2, err: expect.stringContaining("has changed") as string });
    // The open approval was given for another document, so it is void: asked again, then the new one.
    const codes: number[] = [];
    codes.push((await cli(folder, ...resume, "--file", "p.toml", "--allow-changed")).code);
    for (let i = 0; i < 3 && codes.at(-1) === 7; i++) codes.push((await cli(folder, ...resume)).code);
    expect(codes.at(-1)).toBe(0);
    expect(codes.length).toBeGreaterThanOrEqual(2);
    expect(await readFile(path.join(folder, "out.txt"), "utf8")).toBe("it happened");
  });
});

/** Runs the command line as a user who may not do everything. Tests that run as root have to become somebody else. */
async function asNobody(cwd: string, argv: readonly string[]): Promise<Ran> {
  const root = process.getuid?.() === 0;
  if (!root) return cli(cwd, ...argv);
  await chmod(cwd, 0o755);
  const program = await bundled();
  const home = await folderWith();
  await chmod(home, 0o777);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...argv], {
      cwd,
      env: { PATH: process.env["PATH"], HOME: home, NO_COLOR: "1" },
      uid: 65534,
      gid: 65534,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    child.stdout.on("data", (data: Buffer) => (out += data.toString("utf8")));
    child.stderr.on("data", (data: Buffer) => (err += data.toString("utf8")));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? -1, out, err }));
  });
}

/** The program as one file, in a folder that everybody may read. */
async function bundled(): Promise<string> {
  const { build } = await import("esbuild");
  const folder = await folderWith();
  await chmod(folder, 0o755);
  const outfile = path.join(folder, "countersign.mjs");
  await build({
    entryPoints: [path.join(import.meta.dirname, "../../src/cli/main.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: "error",
  });
  return outfile;
}
