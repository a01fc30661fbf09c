import { Person } from "./approvals-support.ts";
import { describe, expect, it } from "vitest";
import { receiver, Shop, spec } from "./commands.ts";

const dev = ["--sp", "--environment", "dev"];
const kept = ["--state-dir", "state"];
const base64 = (bytes: Uint8Array): unknown => ({ $bytes: Buffer.from(bytes).toString("base64") });
const posting = (url: string): string => spec(["identity"], [`http_post:${url}`, 0]);

describe("the record of a pipeline", () => {
  const contents: readonly (readonly [string, Buffer])[] = [
    ["no bytes", Buffer.alloc(0)],
    ["bytes that are no text", Buffer.from([0, 255, 10, 128, 13, 254])],
    ["JSON with its own spacing and a line end", Buffer.from('{"a": 1.50,  "b":"x"}\n\n')],
    ["a byte order mark and white space", Buffer.from("\ufeff  hi  ")],
  ];

  it.each(contents)("passes unchanged from a file to the server and to --out: %s", async (_what, bytes) => {
    const web = await receiver();
    const shop = await Shop.with({ "spec.kv": posting(`${web.base}/in?x=1`) });
    shop.write("record", bytes);
    const ran = await shop.run(["run", "spec.kv", ...dev, "--input", "record", "--out", "out"]);
    expect([ran.exit, ran.outcome["final_value"]], ran.err).toEqual([0, base64(bytes)]);
    expect(shop.read("out").equals(bytes)).toBe(true);
    expect(web.seen.map((one) => [one.method, one.url, one.body.equals(bytes)])).toEqual([["POST", "/in?x=1", true]]);
  });

  it.each([
    [["--input-ascii", "hey"], "hey"],
    [["--input-hex", "00fF"], "\u0000\u00ff"],
    [["--input", '{"a": 1}'], '{"a": 1}'],
  ])("comes from %j", async (words, text) => {
    const shop = await Shop.with({ "spec.kv": spec(["identity"]) });
    const ran = await shop.run(["run", ".", ...dev, ...words]);
    expect(ran.outcome["final_value"]).toEqual(base64(Buffer.from(text, "latin1")));
  });

  it.each([
    [["--sp"]],
    [["--input-ascii", "a", "--input-hex", "00"]],
    [["--input-hex", "0"]],
    [["--input", "missing"]],
    [["--environment", "qa", "--input-hex", "00"]],
  ])("is refused with exit code 2: %j", async (words) => {
    const shop = await Shop.with({ "spec.kv": spec(["identity"]) });
    expect((await shop.run(["run", "spec.kv", ...words])).exit).toBe(2);
  });
});

describe("http_post", () => {
  it("tries again after 503, as long as Retry-After says, and sends the same bytes", async () => {
    const at: number[] = [];
    const web = await receiver((_seen, n, response) => {
      at.push(performance.now());
      response.writeHead(n < 3 ? 503 : 200, n < 3 ? { "retry-after": "1" } : {}).end();
    });
    const shop = await Shop.with({ "spec.kv": posting(web.base) });
    const ran = await shop.run(["run", "spec.kv", ...dev, "--input-hex", "00ff"], { BYTEOR_ACTION_MAX_RETRIES: "2" });
    expect(ran.exit, ran.err).toBe(0);
    expect(web.seen.map((one) => one.body.toString("hex"))).toEqual(["00ff", "00ff", "00ff"]);
    expect((at[2] as number) - (at[0] as number)).toBeGreaterThan(1_900);
  });

  it.each([
    [503, "2", 3, "the server answered 503 after 3 attempts"],
    [503, "0", 1, "the server answered 503"],
    [400, "2", 1, "the server answered 400"],
    [302, "2", 1, "the server answered 302"],
  ])("gives up on %i with %s retries after %i requests", async (status, retries, requests, message) => {
    const web = await receiver((_seen, _n, response) => response.writeHead(status, { location: "/other" }).end());
    const shop = await Shop.with({ "spec.kv": posting(web.base) });
    const env = { COUNTERSIGN_ACTION_MAX_RETRIES: retries, COUNTERSIGN_ACTION_RETRY_BASE_MS: "1" };
    const ran = await shop.run(["run", "spec.kv", ...dev, "--input-ascii", "x"], env);
    expect([ran.exit, ran.outcome["error"], web.seen.length]).toEqual([5, { class: "tool" }, requests]);
    expect(ran.outcome["reason"]).toContain(message);
  });

  it("does not know what a server that went silent did, and asks before it repeats the request", async () => {
    const web = await receiver((_seen, n, response) => {
      if (n > 1) response.end();
    });
    const shop = await Shop.with({ "spec.kv": posting(web.base) });
    const env = { BYTEOR_HTTP_POST_TIMEOUT: "200ms", BYTEOR_ACTION_MAX_RETRIES: "3" };
    const words = ["run", "spec.kv", ...dev, "--input-ascii", "x"];
    const bare = await shop.run(words, env);
    expect([bare.exit, bare.outcome["error"]]).toEqual([5, { class: "in_doubt" }]);
    const again = await receiver((_seen, n, response) => void (n > 1 && response.end()));
    shop.write("spec.kv", posting(again.base));
    const paused = await shop.run([...words, ...kept, "--run-id", "r"], env);
    expect(paused.exit, paused.err).toBe(7);
    // The run stays in dev, where it was started.
    const done = await shop.run(["resume", "r", ...kept, "--approve"], env);
    expect([done.exit, again.seen.length], done.err).toEqual([0, 2]);
  });

  it.each([
    ["", "is not on COUNTERSIGN_HTTP_POST_ALLOWLIST"],
    ["BASE/o", "is not on COUNTERSIGN_HTTP_POST_ALLOWLIST"],
    ["BASE/ok", null],
    ["BASE", null],
    ["http://127.0.0.1:1/,BASE/other", "is not on COUNTERSIGN_HTTP_POST_ALLOWLIST"],
  ])("under the list %j", async (list, refusal) => {
    const web = await receiver();
    const shop = await Shop.with({ "spec.kv": posting(`${web.base}/ok?x=1`) });
    const env = { BYTEOR_HTTP_POST_ALLOWLIST: list.replaceAll("BASE", web.base) };
    const words = ["run", "spec.kv", ...dev, "--input-ascii", "x"];
    const ran = await shop.run([...words, ...kept, "--run-id", "r"], env);
    expect([ran.exit, web.seen.length], ran.err).toEqual(refusal === null ? [0, 1] : [5, 0]);
    if (refusal === null) return;
    expect(ran.outcome["reason"]).toContain(refusal);
    expect((await shop.run(["inspect", "r", ...kept])).out).toContain("Deny (allowlist)");
    expect((await shop.run(["describe", "spec.kv", "--environment", "dev"], env)).out).toContain("Deny (allowlist)");
  });
});

describe("exec", () => {
  const tee = spec(["identity"], ["exec:/usr/bin/tee|got", 0]);

  it("writes the very bytes to the program, and hands on the input and not its output", async () => {
    const shop = await Shop.with({
      "spec.kv": spec(["identity"], ["exec:/usr/bin/tee|got", 0], ["exec:/usr/bin/wc|-c", 1]),
    });
    const env = { BYTEOR_EXEC_ALLOWLIST: "/usr/bin/tee,/usr/bin/wc" };
    const ran = await shop.run(["run", "spec.kv", ...dev, "--input-hex", "ff00fe"], env);
    expect([ran.exit, ran.outcome["final_value"]], ran.err).toEqual([0, base64(Buffer.from([255, 0, 254]))]);
    expect(shop.read("got").toString("hex")).toBe("ff00fe");
  });

  it.each([
    [{}, "`exec` stages are disabled: COUNTERSIGN_EXEC_ALLOWLIST names no program"],
    [{ BYTEOR_EXEC_ALLOWLIST: "tee" }, "the program is not on COUNTERSIGN_EXEC_ALLOWLIST"],
    [{ COUNTERSIGN_EXEC_ALLOWLIST: "", BYTEOR_EXEC_ALLOWLIST: "/usr/bin/tee" }, "`exec` stages are disabled"],
  ])("is denied under %j, in a dry run too", async (env, reason) => {
    const shop = await Shop.with({ "spec.kv": tee });
    for (const more of [[], ["--dry-run"]]) {
      const ran = await shop.run(["run", "spec.kv", ...dev, "--input-ascii", "x", ...more], { ...env });
      expect([ran.exit, ran.outcome["error"]]).toEqual([5, { class: "policy" }]);
      expect(ran.outcome["reason"]).toContain(reason);
    }
  });

  it("fails on an exit code and a signal, and never tries again", async () => {
    const shop = await Shop.with({ "spec.kv": spec(["exec:/bin/sh|-c|echo x >> runs; echo why >&2; exit 3"]) });
    const env = { BYTEOR_EXEC_ALLOWLIST: "/bin/sh", BYTEOR_ACTION_MAX_RETRIES: "3" };
    const ran = await shop.run(["run", "spec.kv", ...dev, "--input-ascii", "x"], env);
    expect([ran.exit, ran.outcome["reason"]]).toEqual([5, expect.stringContaining("exec /bin/sh: exit code 3: why")]);
    expect(shop.lines("runs")).toEqual(["x"]);
  });

  it("refuses bad values of its variables before anything happens", async () => {
    const shop = await Shop.with({ "spec.kv": tee });
    for (const env of [
      { BYTEOR_HTTP_POST_TIMEOUT: "soon" },
      { BYTEOR_ACTION_MAX_RETRIES: "11" },
      { BYTEOR_AGENT_ID: "a" },
    ])
      expect(
        (await shop.run(["run", "spec.kv", ...dev, "--input-ascii", "x"], env as Record<string, string>)).exit,
      ).toBe(2);
  });
});

describe("postures of a pipeline", () => {
  it("asks for approval as in production unless told otherwise, and resumes only with a signed one", async () => {
    const web = await receiver();
    const shop = await Shop.with({ "spec.kv": posting(web.base) });
    const words = ["run", "spec.kv", "--sp", "--input-ascii", "x"];
    const bare = await shop.run(words);
    expect([bare.exit, bare.outcome["error"]]).toEqual([6, { class: "approval" }]);
    const unsigned = await shop.run([...words, ...kept, "--run-id", "r"]);
    expect([unsigned.exit, unsigned.err]).toEqual([2, expect.stringContaining("[requester.unsigned]")]);
    const alice = await Person.with(shop.folder, "alice");
    await alice.trusts(alice);
    const paused = await alice.run([...words, ...kept, "--run-id", "r"]);
    expect([paused.exit, paused.outcome["reason"]]).toEqual([7, expect.stringContaining("environment `prod`")]);
    const refused = await alice.run(["resume", "r", ...kept, "--approve"]);
    expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining("waits for a signed approval")]);
    const denied = await alice.run(["resume", "r", ...kept, "--deny"]);
    expect([denied.exit, denied.outcome["error"]]).toEqual([5, { class: "approval" }]);
    expect((await shop.run(["inspect", "r", ...kept])).out).toContain("RequireApproval (approval_missing)");
    expect(web.seen).toHaveLength(0);
  });

  it("sends nothing in a dry run, and shows what the same effect would get for real", async () => {
    const web = await receiver();
    const shop = await Shop.with({ "spec.kv": posting(web.base) });
    const ran = await shop.run(["run", "spec.kv", "--dry-run", "--input-ascii", "x", ...kept, "--run-id", "r"]);
    expect([ran.exit, ran.outcome["final_value"], web.seen.length]).toEqual([0, base64(Buffer.from("x")), 0]);
    const { out } = await shop.run(["inspect", "r", ...kept]);
    expect(out).toContain("DryRunOnly (dry_run), live RequireApproval (approval_missing)");
  });

  it("runs independent stages together and each after all it depends on", async () => {
    const meet = (me: string, other: string): string =>
      `exec:/bin/sh|-c|echo ${me} >> log; touch ${me}; i=0; while [ ! -e ${other} ]; do i=$((i+1)); [ $i -gt 400 ] && exit 9; sleep 0.05; done`;
    const shop = await Shop.with({
      "spec.kv": spec(["identity"], [meet("b", "c"), 0], [meet("c", "b"), 0], ["exec:/bin/sh|-c|echo d >> log", 1, 2]),
    });
    const ran = await shop.run(["run", "spec.kv", ...dev, "--input-ascii", "x"], { BYTEOR_EXEC_ALLOWLIST: "/bin/sh" });
    expect(ran.exit, ran.err).toBe(0);
    const log = shop.lines("log");
    expect([log.slice(0, 2).sort(), log[2]]).toEqual([["b", "c"], "d"]);
  });
});

describe("stages in the other dialects", () => {
  it("run as a workflow node and as a step of a skill graph, under the same lists", async () => {
    const web = await receiver();
    const shop = await Shop.with({
      "w.toml": `name = "w"\n[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "s"\n[[nodes]]\nid = "s"\ntype = "stage"\nkey = "http_post:${web.base}/w"\n[[nodes]]\nid = "t"\ntype = "stage"\nkey = "exec:/usr/bin/tee|w.got"\ninput_from = "trigger.x"\n[[edges]]\nfrom = "s"\nto = "t"\n`,
      "graph.yaml": `name: g\nsteps:\n  - {id: one, run: {type: stage, key: "http_post:${web.base}/g"}}\n  - {id: two, run: {type: stage, key: "exec:/usr/bin/tee|g.got", input_from: one.x}}\n`,
    });
    for (const [file, name] of [
      ["w.toml", "w"],
      ["graph.yaml", "g"],
    ] as const) {
      const words = ["run", file, "--input", '{"x":"abc"}'];
      const ran = await shop.run(words, { COUNTERSIGN_EXEC_ALLOWLIST: "/usr/bin/tee" });
      expect(ran.exit, ran.err).toBe(0);
      expect(shop.read(`${name}.got`).toString()).toBe("abc");
      expect(web.seen.at(-1)).toMatchObject({ url: `/${name}`, body: Buffer.from('{"x":"abc"}') });
      const denied = await shop.run(words);
      expect([denied.exit, denied.outcome["error"]]).toEqual([5, { class: "policy" }]);
      expect((await shop.run(["describe", file])).out).toContain(`exec:/usr/bin/tee|${name}.got`);
    }
  });
});
