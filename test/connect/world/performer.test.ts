import { describe, expect, it } from "vitest";
import { SecretMask } from "../../../src/connect/secrets/mask.ts";
import { Secrets } from "../../../src/connect/secrets/secrets.ts";
import { combinePerformers, worldPerformers } from "../../../src/connect/world/performer.ts";
import type { Effect } from "../../../src/effects/effect.ts";
import type { Performer } from "../../../src/effects/seam.ts";
import { act, eventually, http, messageOf, rawServer, scope, scratch, valueOf } from "./support.ts";

const CANARY = "canary-token-value";

async function world() {
  const cwd = await scratch();
  const mask = new SecretMask(Buffer.alloc(32, 3));
  const env = { PATH: "/usr/bin:/bin", TOKEN: CANARY };
  const secrets = new Secrets({
    env,
    cwd,
    mask,
    admit: () => Promise.resolve(null),
    sources: () => new Map(),
    now: Date.now,
  });
  const parts = worldPerformers({ env, cwd, secrets, onEnvRead: (key, value) => mask.register(key, value, "env") });
  const none = { mcp: null, model: null };
  return { cwd, mask, parts, all: combinePerformers({ ...parts, ...none }, mask) };
}

describe("the combined performer", () => {
  it("sends each kind to its own", async () => {
    const { all } = await world();
    const effects: readonly Effect[] = [
      { kind: "fs.write", path: "d/f", content: "text" },
      { kind: "fs.read", path: "d/f" },
      { kind: "fs.mkdir", path: "e" },
      { kind: "env.read", key: "PATH" },
    ];
    const values = [];
    for (const effect of effects) values.push(valueOf(await act(all, effect, scope("n"))));
    expect(values).toEqual([{ bytes: 4n }, { content: "text", bytes: 4n }, {}, { value: "/usr/bin:/bin" }]);
  });

  it("says what it has nobody for", async () => {
    const { all } = await world();
    const effect: Effect = { kind: "mcp.tool", server: null, tool: "t", args: null };
    expect(await all.prepare(effect, scope("call_mcp_tool"))).toEqual({
      class: "capability",
      message: "capability unavailable: nothing here performs `mcp.tool`",
    });
  });

  it("turns what is thrown into a failure, in doubt unless it only reads", async () => {
    const { parts, mask } = await world();
    const broken: Performer = {
      prepare: (effect) => Promise.resolve({ effect, description: {}, target: "" }),
      perform: () => Promise.reject(new Error(`boom ${CANARY}`)),
    };
    mask.register("TOKEN", CANARY, "secret");
    const all = combinePerformers({ ...parts, fs: broken, mcp: null, model: null }, mask);
    const read = await act(all, { kind: "fs.read", path: "x" }, scope("read_file"));
    expect(read).toMatchObject({ ok: false, doubt: false, failure: { class: "internal" } });
    expect(messageOf(read)).toMatch(/^internal error: boom \{secret:TOKEN,/);
    expect(await act(all, { kind: "fs.mkdir", path: "x" }, scope("create_dir"))).toMatchObject({ doubt: true });
  });

  it("lets no secret into a failure, whoever repeats it", async () => {
    const { all } = await world();
    const { port } = await rawServer((socket, received) => {
      socket.end(`HTTP/9.9 ${/Authorization: (.*)\r/.exec(received)?.[1] ?? ""}\r\n\r\n`);
    });
    const effect = http(`http://127.0.0.1:${port}/`, { headers: [["Authorization", "{{secret:TOKEN}}"]] });
    const message = messageOf(await act(all, effect, scope("http_request")));
    expect(message).toContain("malformed status line: `HTTP/9.9 {secret:TOKEN,hmac:");
    expect(message).not.toContain(CANARY);
  });

  it("registers what read_env reads before it hands it on", async () => {
    const { all, mask } = await world();
    expect(valueOf(await act(all, { kind: "env.read", key: "TOKEN" }, scope("read_env")))).toEqual({ value: CANARY });
    expect(mask.mask(`x ${CANARY}`)).toMatch(/^x \{secret:TOKEN,/);
  });

  it("lets many effects of a run share one signal without a warning", async () => {
    const { all } = await world();
    const warnings: string[] = [];
    const note = (warning: Error) => warnings.push(warning.name);
    process.on("warning", note);
    const { port, received } = await rawServer(() => undefined);
    const controller = new AbortController();
    const pending = Array.from({ length: 15 }, () =>
      act(all, http(`http://127.0.0.1:${port}/`), scope("http_request"), controller.signal),
    );
    await eventually(() => received.length === 15);
    controller.abort("cancelled");
    const results = await Promise.all(pending);
    process.off("warning", note);
    expect(results.every((result) => !result.ok && result.failure.class === "cancelled")).toBe(true);
    expect(warnings).toEqual([]);
  });
});
