import { spawn } from "node:child_process";
import { once } from "node:events";
import { realpathSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { failure } from "../../../src/graph/failure.ts";
import { object, type ObjectValue, type Value } from "../../../src/graph/value.ts";
import { Bench, CANARY, failureOf, perform, resource, running, scope, tool } from "./harness.ts";

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.end());

const node = process.execPath;
const text = (value: Value) => [object({ type: "text", text: value })];
/** The text of a tool's only content block. */
function textOf(result: Awaited<ReturnType<typeof perform>>): string {
  if (!result.ok) throw new Error(result.failure.message);
  const { content } = result.value as { content: { text: string }[] };
  return content[0]?.text ?? "";
}

describe("starting", () => {
  it("happens on the first call, once for calls side by side, after it was admitted", async () => {
    const admitted: string[] = [];
    const mcp = bench.performer([bench.server()], {
      admit: (server, by) => {
        admitted.push(`${server.name} for ${by.activation.node}`);
        expect(bench.pids()).toEqual([]);
        return Promise.resolve(null);
      },
    });
    await mcp.prepare(tool("ok"), scope);
    expect(bench.pids()).toEqual([]);
    const results = await Promise.all([
      perform(mcp, tool("ok")),
      perform(mcp, tool("ok")),
      perform(mcp, resource("a:b")),
    ]);
    expect(results.map((one) => one.ok)).toEqual([true, true, true]);
    expect(admitted).toEqual(["test for use"]);
    expect(bench.pids()).toHaveLength(1);
  });

  it("does not happen when it is refused, and is asked about again on the next call", async () => {
    let refusal: ReturnType<typeof failure> | null = failure("policy", "no servers here");
    const mcp = bench.performer([bench.server()], { admit: () => Promise.resolve(refusal) });
    expect(await failureOf(mcp, tool("ok"))).toEqual(["policy", "policy violation: no servers here"]);
    expect(bench.pids()).toEqual([]);
    refusal = null;
    expect(await perform(mcp, tool("ok"))).toMatchObject({ ok: true });
  });

  it("gives the server exactly the environment and folder it was meant to have", async () => {
    const mcp = bench.performer([bench.server("", { env: { TOKEN: "the-secret" } })], {
      resolveSecret: (name) => Promise.resolve({ ok: true, value: `${name}:${CANARY}` }),
    });
    expect(JSON.parse(textOf(await perform(mcp, tool("env"))))).toEqual({
      PATH: process.env["PATH"],
      LOG: bench.log,
      TOKEN: `the-secret:${CANARY}`,
    });
    expect(textOf(await perform(mcp, tool("cwd")))).toBe(realpathSync(bench.folder));
  });

  it("says why it could not happen", async () => {
    const cases: [string, readonly string[]][] = [
      ["mcp: spawn /no/such/server: No such file or directory (os error 2)", ["/no/such/server"]],
      ["mcp: spawn a\0b: a nul byte was found in the provided data", ["a\0b"]],
    ];
    for (const [message, command] of cases)
      expect(await failureOf(bench.performer([bench.server("", { command })]), tool("ok"))).toEqual(["mcp", message]);
    const unresolved = bench.performer([bench.server("", { env: { TOKEN: "gone" } })], {
      resolveSecret: () => Promise.resolve({ ok: false, message: "env var `X` is unset or empty" }),
    });
    expect(await failureOf(unresolved, tool("ok"))).toEqual([
      "config",
      "configuration error: mcp_servers (`test`): secret `gone`: env var `X` is unset or empty",
    ]);
  });

  it("that fails in the handshake is told apart by how, without the secrets it was given", async () => {
    const cases: [string, string][] = [
      ["dies", `mcp: ${node} closed the pipe unexpectedly: no such flag: {secret:s}`],
      ["old", `mcp: ${node}: Server's protocol version is not supported: 1999-01-01`],
      ["odd", `mcp: ${node} answered \`initialize\` with something that MCP does not allow`],
      ["refuses", `mcp: ${node} error -32602: not today`],
    ];
    for (const [mode, message] of cases) {
      const mcp = bench.performer([bench.server(mode, { env: { TOKEN: "s" } })]);
      expect(await failureOf(mcp, tool("ok"))).toEqual(["mcp", message]);
    }
    const mute = bench.performer([bench.server("mute")], { startTimeoutMs: 300 });
    expect(await failureOf(mute, tool("ok"))).toEqual(["mcp", `mcp: ${node} did not answer within 300ms`]);
    expect(bench.pids().filter(running)).toEqual([]);
  });

  it("survives a banner on stdout", async () => {
    expect(textOf(await perform(bench.performer([bench.server("banner")]), tool("ok")))).toBe("fine");
  });
});

describe("a call", () => {
  it("keeps numbers exact on the way out and back", async () => {
    const mcp = bench.performer([bench.server()]);
    const args = object({ one: 1, whole: 1n, big: 9007199254740993n, list: [-0, 2.5] });
    const result = await perform(mcp, tool("numbers", args));
    expect(result).toMatchObject({
      ok: true,
      value: { server: "test", content: [], is_error: true, structured: { one: 1, big: 9007199254740993n } },
    });
    const { structured } = (result as { value: ObjectValue }).value as { structured: { sent: string } };
    expect(structured.sent).toContain('"arguments":{"big":9007199254740993,"list":[-0.0,2.5],"one":1.0,"whole":1}');
    expect(structured.sent).toContain('"id":1,');
  });

  it("gets its own answer when another was answered first", async () => {
    const mcp = bench.performer([bench.server()]);
    await perform(mcp, tool("ok"));
    const first = perform(mcp, tool("hold"));
    const second = perform(mcp, tool("release"));
    expect([textOf(await first), textOf(await second)]).toEqual(["first", "second"]);
  });

  it("reads past noise, batches, string ids and requests of the server", async () => {
    const mcp = bench.performer([bench.server()]);
    expect(textOf(await perform(mcp, tool("noise")))).toBe("after noise");
    expect(textOf(await perform(mcp, tool("batch")))).toBe("batched");
    expect(await perform(mcp, tool("stringid"))).toMatchObject({ ok: true, value: { content: [] } });
    expect(textOf(await perform(mcp, tool("roots")))).toBe("Method not found");
    expect(bench.pids()).toHaveLength(1);
  });

  it("that the server answers with an error has happened, so it is not in doubt", async () => {
    const mcp = bench.performer([bench.server("", { env: { TOKEN: "s" } })]);
    expect(await failureOf(mcp, tool("error"))).toEqual(["mcp", `mcp: ${node} error -32000: refused for {secret:s}`]);
    expect(await failureOf(mcp, tool("odderror"))).toEqual([
      "mcp",
      `mcp: ${node} sent an error without a code and a message`,
    ]);
    for (const name of ["noresult", "nullresult"])
      expect(await failureOf(mcp, tool(name))).toEqual(["mcp", `mcp: ${node} response lacked \`result\``]);
    expect(bench.pids()).toHaveLength(1);
  });

  it("whose server dies is in doubt when it was a tool, and the next call starts the server anew", async () => {
    let admissions = 0;
    const mcp = bench.performer([bench.server()], {
      admit: () => {
        admissions += 1;
        return Promise.resolve(null);
      },
    });
    const lost = `mcp: ${node} closed the pipe unexpectedly`;
    expect(await failureOf(mcp, tool("die"))).toEqual(["mcp", lost, "in doubt"]);
    expect(await failureOf(mcp, resource("test://die"))).toEqual(["mcp", lost]);
    expect(await failureOf(mcp, tool("close"))).toEqual(["mcp", lost, "in doubt"]);
    expect(textOf(await perform(mcp, tool("ok")))).toBe("fine");
    expect(admissions).toBe(4);
    expect(new Set(bench.pids()).size).toBe(4);
    await mcp.close();
    expect(bench.pids().filter(running)).toEqual([]);
  });

  it("does not wait for a process that left the server's group and still holds its pipe", async () => {
    const mcp = bench.performer([bench.server("orphan")]);
    await perform(mcp, tool("ok"));
    const [, orphan] = bench.pids() as [number, number];
    expect(await failureOf(mcp, tool("die"))).toEqual(["mcp", `mcp: ${node} closed the pipe unexpectedly`, "in doubt"]);
    await mcp.close();
    expect(running(orphan)).toBe(true);
    process.kill(orphan, "SIGKILL");
  });

  it("fails together with every other call of a server that dies", async () => {
    const mcp = bench.performer([bench.server()]);
    await perform(mcp, tool("ok"));
    const outcomes = await Promise.all([failureOf(mcp, tool("hang")), failureOf(mcp, tool("die"))]);
    const lost = ["mcp", `mcp: ${node} closed the pipe unexpectedly`, "in doubt"];
    expect(outcomes).toEqual([lost, lost]);
  });

  it("ends by its time-out when nobody answers, and the server goes on", async () => {
    const mcp = bench.performer([bench.server()], { callTimeoutMs: 500 });
    expect(await failureOf(mcp, tool("hang"))).toEqual(["mcp", `mcp: ${node} did not answer within 500ms`, "in doubt"]);
    await bench.untilLogged("notifications/cancelled");
    expect(await failureOf(mcp, tool("noisehang"))).toEqual([
      "mcp",
      `mcp: ${node} did not answer within 500ms; 1 line on its stdout is no MCP message`,
      "in doubt",
    ]);
    expect(textOf(await perform(mcp, tool("ok")))).toBe("fine");
    expect(bench.pids()).toHaveLength(1);
  });

  it("ends with its signal, tells the server, and is in doubt only once its request has left", async () => {
    const mcp = bench.performer([bench.server()]);
    const late = new AbortController();
    late.abort(new DOMException("late", "TimeoutError"));
    expect(await failureOf(mcp, tool("hang"), late.signal)).toEqual(["timeout", expect.any(String)]);
    expect(bench.pids()).toEqual([]);
    const cancel = new AbortController();
    const outcome = failureOf(mcp, tool("hang"), cancel.signal);
    await bench.untilLogged("tools/call");
    cancel.abort();
    expect(await outcome).toEqual(["cancelled", expect.any(String), "in doubt"]);
    await bench.untilLogged("notifications/cancelled");
  });

  it("waiting for an admission that does not come ends with its signal", async () => {
    let asked = (): void => undefined;
    const mcp = bench.performer([bench.server()], {
      admit: () => {
        asked();
        return new Promise(() => undefined);
      },
    });
    const cancel = new AbortController();
    asked = () => cancel.abort();
    expect(await failureOf(mcp, tool("ok"), cancel.signal)).toEqual(["cancelled", expect.any(String)]);
  });

  it("is ended by a reply over the limit, with or without line breaks", async () => {
    const mcp = bench.performer([bench.server()], { maxMessageBytes: 100_000 });
    const tooLarge = ["mcp", `mcp: ${node} sent a message over 100000 bytes`, "in doubt"];
    expect(await failureOf(mcp, tool("flood"))).toEqual(tooLarge);
    const args = object({ filler: "x".repeat(100_000) });
    expect(await failureOf(mcp, tool("numbers", args))).toEqual(tooLarge);
    await mcp.close();
    expect(bench.pids().filter(running)).toEqual([]);
  });

  it("is ended by a reply that is broken JSON", async () => {
    const mcp = bench.performer([bench.server()]);
    expect(await failureOf(mcp, tool("broken"))).toEqual([
      "json",
      expect.stringMatching(/^json error: EOF while parsing an object at line 1 column \d+$/),
      "in doubt",
    ]);
    expect(textOf(await perform(mcp, tool("ok")))).toBe("fine");
  });

  it("reads a resource", async () => {
    const mcp = bench.performer([bench.server()]);
    expect(await perform(mcp, resource("test://one"))).toEqual({
      ok: true,
      value: object({ server: "test", contents: [object({ uri: "test://one", text: "t", size: 1n })] }),
    });
    expect(await perform(mcp, tool("ok"))).toEqual({
      ok: true,
      value: object({ server: "test", content: text("fine"), is_error: false, structured: null }),
    });
  });
});

describe("closing", () => {
  it("ends a server that ends by itself, one that ignores everything, and their children", async () => {
    for (const mode of ["", "stubborn", "family"]) {
      const mcp = bench.performer([bench.server(mode)]);
      await perform(mcp, tool("ok"));
      await mcp.close();
    }
    expect(bench.pids()).toHaveLength(4);
    expect(bench.pids().filter(running)).toEqual([]);
    expect(bench.logged()).toContain("term");
  });

  it("fails calls under way and later ones, and starts nothing any more", async () => {
    const mcp = bench.performer([bench.server()]);
    const hanging = failureOf(mcp, tool("hang"));
    await bench.untilLogged("tools/call");
    const closing = mcp.close();
    expect(await hanging).toEqual(["mcp", `mcp: ${node} was shut down while it was in use`, "in doubt"]);
    await closing;
    expect(await failureOf(mcp, tool("ok"))).toEqual(["mcp", "mcp: the servers have been shut down"]);
    expect(bench.pids()).toHaveLength(1);
    expect(bench.pids().filter(running)).toEqual([]);
  });

  it("that was forgotten is made up for when the program ends", async () => {
    const program = join(bench.folder, "program.mjs");
    await build({
      stdin: {
        contents: `import { ServerProcess } from "./src/connect/mcp/transport.ts";
          const launch = JSON.parse(process.argv[2]);
          const server = new ServerProcess(launch);
          await server.start();
          process.stdin.once("data", () => process.exit(0));`,
        resolveDir: process.cwd(),
        loader: "ts",
      },
      bundle: true,
      platform: "node",
      format: "esm",
      outfile: program,
    });
    const { command } = bench.server("family");
    const launch = { command, env: { LOG: bench.log }, cwd: bench.folder, maxMessageBytes: 1000, graceMs: 1000 };
    const child = spawn(node, [program, JSON.stringify(launch)], { stdio: ["pipe", "ignore", "inherit"] });
    const exited = once(child, "exit");
    await bench.untilLogged("ready");
    const pids = bench.pids();
    expect(pids.map(running)).toEqual([true, true]);
    child.stdin.write("go");
    expect(await exited).toEqual([0, null]);
    await expect.poll(() => pids.filter(running)).toEqual([]);
  });

  it("during a start leaves nothing behind", async () => {
    const mcp = bench.performer([bench.server()]);
    const starting = failureOf(mcp, tool("ok"));
    await mcp.close();
    expect(await starting).toEqual(["mcp", "mcp: the servers have been shut down"]);
    // Closed while the start is being decided: a server that starts later must not.
    const decided = bench.performer([bench.server()], {
      admit: () => {
        void decided.close();
        return Promise.resolve(null);
      },
    });
    expect(await failureOf(decided, tool("ok"))).toEqual(["mcp", "mcp: the servers have been shut down"]);
    // Time enough for it to show, were it started after all.
    for (const count of [1, 2, 3]) {
      const later = bench.performer([bench.server()]);
      await perform(later, tool("ok"));
      expect(bench.pids()).toHaveLength(count);
    }
    const halfway = bench.performer([bench.server("mute")]);
    const shaking = failureOf(halfway, tool("ok"));
    await bench.untilLogged("initialize", 4);
    await halfway.close();
    expect(await shaking).toEqual(["mcp", "mcp: the servers have been shut down"]);
    expect(running(bench.pids().at(-1) as number)).toBe(false);
  });
});
