import { mkdtempSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { object } from "../../../src/graph/value.ts";
import {
  ask,
  askFailure,
  call,
  CANARY,
  httpServer,
  performer,
  replies,
  scope,
  socketServer,
  type LoopbackHttp,
} from "./loopback.ts";

let folder: string;
let path: string;
let closers: (() => Promise<void>)[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cs-models-"));
  path = join(folder, "intel.sock");
});
afterEach(async () => {
  await Promise.all(closers.map((close) => close()));
  closers = [];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const effect = call({ backend: "default" });

function frame(text: string | Buffer): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(4);
  header.writeUInt32LE(payload.length);
  return Buffer.concat([header, payload]);
}

/** Serves the socket: reads one request frame, then hands it and the socket to `script`. */
async function serveSocket(script: (request: string, socket: Socket) => void): Promise<void> {
  const server = await socketServer(path, (socket) => {
    let got = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      got = Buffer.concat([got, chunk]);
      if (got.length >= 4 && got.length === 4 + got.readUInt32LE(0)) script(got.subarray(4).toString("utf8"), socket);
    });
  });
  closers.push(() => server.close());
}

const unix = (timeoutMs = 10_000) =>
  performer({ transports: { intelUnix: path, intelHttp: "http://ignored.invalid", bearer: null }, timeoutMs });

describe("the Unix socket transport", () => {
  it("sends one frame per call with a counting id and reads the completion", async () => {
    const requests: unknown[] = [];
    await serveSocket((request, socket) => {
      requests.push(JSON.parse(request));
      socket.end(frame('{"jsonrpc":"x","result":{"content":"pong","usage":{"prompt_tokens":4}}}'));
    });
    const models = unix();
    expect(models.names).toEqual(["default"]);
    expect(await ask(models, effect)).toEqual({
      ok: true,
      value: object({ content: "pong", usage: object({ prompt_tokens: 4n, completion_tokens: 0n }) }),
      usage: { tokens: 4 },
    });
    await ask(models, call({ backend: "default", tier: "reasoning", maxTokens: 50 }));
    const messages = [{ role: "user", content: "hi" }];
    expect(requests).toEqual([
      { jsonrpc: "2.0", id: 1, method: "complete", params: { model: "fast", messages } },
      { jsonrpc: "2.0", id: 2, method: "complete", params: { model: "reasoning", messages, max_tokens: 50 } },
    ]);
  });

  it("reads a reply however it is cut into pieces", async () => {
    const reply = frame('{"jsonrpc":"2.0","result":{"content":"žluťoučký kůň"}}');
    let cuts: number[] = [];
    await serveSocket((_request, socket) => {
      socket.setNoDelay(true);
      const pieces = [0, ...cuts].map((from, i) => reply.subarray(from, cuts[i] ?? reply.length));
      const next = (): void => {
        const piece = pieces.shift();
        if (piece === undefined) socket.end();
        else socket.write(piece, () => setImmediate(next));
      };
      next();
    });
    const models = unix();
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: reply.length - 1 }), { maxLength: 6 }), async (at) => {
        cuts = at.sort((a, b) => a - b);
        expect(await ask(models, effect)).toMatchObject({ ok: true, value: { content: "žluťoučký kůň" } });
      }),
      { numRuns: 30 },
    );
  });

  it("words each malformed or failed reply as the sheet does", async () => {
    const cases: [string | Buffer, string, string][] = [
      [
        '{"jsonrpc":"2.0","error":{"code":-7,"message":"overloaded"}}',
        "intelligence",
        "intelligence call failed: backend error -7: overloaded",
      ],
      [
        '{"jsonrpc":"2.0"}',
        "intelligence",
        "intelligence call failed: intelligence response contained neither `result` nor `error`",
      ],
      [
        '{"jsonrpc":"2.0","result":null,"error":null}',
        "intelligence",
        "intelligence call failed: intelligence response contained neither `result` nor `error`",
      ],
      ['{"jsonrpc":', "json", "json error: EOF while parsing a value at line 1 column 11"],
      ["", "json", "json error: EOF while parsing a value at line 1 column 0"],
      ["[]", "json", "json error: the response is not an object"],
      ['{"result":{"content":"x"}}', "json", "json error: missing field `jsonrpc`"],
      ['{"jsonrpc":"2.0","result":{}}', "json", "json error: missing field `content`"],
      ['{"jsonrpc":"2.0","result":{"content":1}}', "json", "json error: `content` is not a string"],
      ['{"jsonrpc":"2.0","result":"x"}', "json", "json error: `result` is not an object"],
      ['{"jsonrpc":"2.0","error":{"code":"a","message":"b"}}', "json", "json error: `error.code` is not an integer"],
      ['{"jsonrpc":"2.0","error":{"code":1}}', "json", "json error: `error.message` is not a string"],
      ['{"jsonrpc":"2.0","error":"no"}', "json", "json error: `error` is not an object"],
      [Buffer.from([0x22, 0xff, 0x22]), "json", "json error: the response is not UTF-8"],
    ];
    let next: string | Buffer = "";
    await serveSocket((_request, socket) => socket.end(frame(next)));
    const models = unix();
    for (const [reply, kind, message] of cases) {
      next = reply;
      expect(await askFailure(models, effect)).toEqual([kind, message]);
    }
  });

  it("says that nobody listens", async () => {
    const models = performer({
      transports: { intelUnix: join(folder, "absent.sock"), intelHttp: null, bearer: null },
    });
    expect(await askFailure(models, effect)).toEqual([
      "intelligence",
      `intelligence call failed: dial ${join(folder, "absent.sock")}: No such file or directory (os error 2)`,
    ]);
  });

  it("refuses a frame over 16 MiB by its length alone", async () => {
    await serveSocket((_request, socket) => {
      const header = Buffer.alloc(4);
      header.writeUInt32LE(16_777_217);
      socket.write(header);
    });
    expect(await askFailure(unix(), effect)).toEqual([
      "intelligence",
      "intelligence call failed: read response: intelligence frame too large: 16777217 bytes > 16777216",
    ]);
    const big = call({ backend: "default", messages: [{ role: "user", content: "x".repeat(16_777_216) }] });
    const [, message] = (await askFailure(unix(), big)) as [string, string];
    expect(message).toMatch(
      /^intelligence call failed: write request: intelligence frame too large: \d+ bytes > 16777216$/,
    );
  });

  it("notices a connection that closes before or within the reply", async () => {
    let part: Buffer = Buffer.alloc(0);
    await serveSocket((_request, socket) => socket.end(part));
    expect(await askFailure(unix(), effect)).toEqual([
      "intelligence",
      "intelligence call failed: read response: the connection was closed before a reply began",
    ]);
    part = frame("0123456789").subarray(0, 9);
    expect(await askFailure(unix(), effect)).toEqual([
      "intelligence",
      "intelligence call failed: read response: the connection was closed after 5 of 10 bytes",
    ]);
  });

  it("ends a silent call by its time-out or its signal", async () => {
    let asked = (): void => undefined;
    await serveSocket(() => asked());
    expect(await askFailure(unix(50), effect)).toEqual([
      "intelligence",
      "intelligence call failed: read response: timed out after 50ms",
    ]);
    const controller = new AbortController();
    asked = () => controller.abort();
    expect(await askFailure(unix(), effect, controller.signal)).toEqual(["cancelled", expect.any(String)]);
    expect(await askFailure(unix(), effect, controller.signal)).toEqual(["cancelled", expect.any(String)]);
  });

  it("describes itself by its path and the tier it passes on", async () => {
    expect(await unix().prepare(effect, scope)).toMatchObject({
      target: "default",
      description: { provider: "unix", endpoint: path, model: "fast", max_tokens: null, api_key: null },
    });
  });
});

describe("the HTTP transport", () => {
  async function serveHttp(script: Parameters<typeof httpServer>[0]): Promise<LoopbackHttp> {
    const server = await httpServer(script);
    closers.push(() => server.close());
    return server;
  }
  const over = (intelHttp: string, bearer: string | null = null, timeoutMs = 10_000) =>
    performer({ transports: { intelUnix: null, intelHttp, bearer }, timeoutMs });

  it("posts the same envelope, with the bearer token trimmed and the connection closed", async () => {
    const server = await serveHttp(replies(200, { jsonrpc: "2.0", result: { content: "pong" } }));
    const models = over(`${server.base}/intel?x=1`, `  ${CANARY}\n`);
    expect(await ask(models, effect)).toMatchObject({ ok: true, value: { content: "pong" }, usage: { tokens: 0 } });
    expect(server.seen[0]).toMatchObject({ method: "POST", url: "/intel?x=1" });
    expect(server.seen[0]?.headers).toMatchObject({ connection: "close", authorization: `Bearer ${CANARY}` });
    expect(JSON.parse(server.seen[0]?.body ?? "")).toMatchObject({ jsonrpc: "2.0", id: 1, method: "complete" });
    expect(JSON.stringify(await models.prepare(effect, scope))).not.toContain(CANARY);
  });

  it("sends no authorization without a token", async () => {
    const server = await serveHttp(replies(200, { jsonrpc: "2.0", result: { content: "pong" } }));
    await ask(over(server.base, " \n"), effect);
    expect(server.seen[0]?.url).toBe("/");
    expect(server.seen[0]?.headers).not.toHaveProperty("authorization");
  });

  it("words its failures as the sheet does", async () => {
    let script: Parameters<typeof httpServer>[0] = replies(503, "busy");
    const server = await serveHttp((seen, response) => script(seen, response));
    expect(await askFailure(over(server.base), effect)).toEqual([
      "intelligence",
      "intelligence call failed: upstream returned HTTP 503",
    ]);
    script = (_seen, response) => response.writeHead(200, { "content-length": "4194305" }).write("{");
    expect(await askFailure(over(server.base), effect)).toEqual([
      "intelligence",
      "intelligence call failed: response body 4194305 > cap 4194304",
    ]);
    script = (_seen, response) => {
      const chunk = Buffer.alloc(65_536, 0x20);
      const more = (): void => {
        if (!response.destroyed) response.write(chunk, () => setImmediate(more));
      };
      more();
    };
    const [, endless] = (await askFailure(over(server.base), effect)) as [string, string];
    expect(endless).toMatch(/^intelligence call failed: response body \d+ > cap 4194304$/);
    script = replies(200, "no");
    expect(await askFailure(over(server.base), effect)).toEqual(["json", expect.stringMatching(/^json error: /)]);
    script = () => undefined;
    expect(await askFailure(over(server.base, null, 50), effect)).toEqual([
      "intelligence",
      "intelligence call failed: read response: timed out after 50ms",
    ]);
    script = replies(200, { jsonrpc: "2.0", error: { code: 1, message: `bad token ${CANARY}` } });
    expect(await askFailure(over(server.base, CANARY), effect)).toEqual([
      "intelligence",
      "intelligence call failed: backend error 1: bad token {secret:intel-http-bearer}",
    ]);
    await server.close();
    closers = [];
    expect(await askFailure(over(server.base), effect)).toEqual([
      "intelligence",
      `intelligence call failed: dial ${server.host}: Connection refused (os error 111)`,
    ]);
  });
});
