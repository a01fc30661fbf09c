import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { httpPerformer } from "../../../src/connect/world/http.ts";
import type { HttpEffect } from "../../../src/effects/effect.ts";
import type { EffectScope } from "../../../src/effects/seam.ts";
import { act, eventually, http, listen, messageOf, prepared, rawServer, scope, secretsOf, valueOf } from "./support.ts";

const where = scope("http_request");
const performer = httpPerformer({ secrets: secretsOf({ TOKEN: "s3cret-token", BAD: "a\r\nInjected: 1" }) });
const send = (effect: HttpEffect, at: EffectScope = where, signal?: AbortSignal) => act(performer, effect, at, signal);
const failed = "tool `http_request` failed: ";

async function server(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  return listen(createServer(answer));
}

describe("an HTTP request on the wire", () => {
  it("names host and port, closes, tells its length, and keeps every declared line", async () => {
    const { port, received } = await rawServer((socket) => socket.end("HTTP/1.1 204 No Content\r\n\r\n"), "body");
    const effect = http(`http://127.0.0.1:${port}/a/../b?x=1#f`, {
      method: "POST",
      body: "body",
      headers: [
        ["Content-Type", "application/json"],
        ["Authorization", "Bearer {{ secret: TOKEN }}"],
        ["Content-Type", "text/plain"],
        ["X-Name", "bücher"],
      ],
    });
    const result = await send(effect, scope("http_request", { idempotencyKey: "{{secret:TOKEN}}-7" }));
    expect(valueOf(result)).toMatchObject({ status: 204n, body: "", bytes: 0n });
    expect(received[0]?.split("\r\n")).toEqual([
      "POST /b?x=1 HTTP/1.1",
      `Host: 127.0.0.1:${port}`,
      "Connection: close",
      "Content-Length: 4",
      "Content-Type: application/json",
      "Authorization: Bearer s3cret-token",
      "Content-Type: text/plain",
      "X-Name: bücher",
      "Idempotency-Key: {{secret:TOKEN}}-7",
      "",
      "body",
    ]);
  });

  it("has Content-Length 0 without a body and takes any token as a method", async () => {
    const { port, received } = await rawServer((socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    await send(http(`http://127.0.0.1:${port}/`, { method: "PURGE" }));
    expect(received[0]).toMatch(/^PURGE \/ HTTP\/1\.1\r\n[^]*Content-Length: 0\r\n\r\n$/);
  });

  it("never sends a header that frames the message or names another host", async () => {
    for (const name of ["Host", "content-length", "Transfer-Encoding", "Connection"]) {
      const result = await send(http("http://127.0.0.1:1/", { headers: [[name, "x"]] }));
      expect(messageOf(result)).toBe(`${failed}header \`${name}\`: it is set by the client itself`);
    }
  });
});

describe("secrets in headers", () => {
  it("are named by the problem, never shown by it", async () => {
    const problem = async (value: string) =>
      messageOf(await send(http("http://127.0.0.1:1/", { headers: [["H", value]] })));
    expect(await problem("{{secret:NOPE}}")).toBe(
      `${failed}header \`H\`: secret \`NOPE\`: not declared in [[secrets]] and the env var is unset or empty`,
    );
    expect(await problem("a {{secret:TOKEN")).toBe(`${failed}header \`H\`: unclosed placeholder`);
    expect(await problem("a\nb")).toBe(`${failed}header \`H\`: value contains CR/LF`);
    expect(await problem("{{secret:BAD}}")).toBe(`${failed}header \`H\`: value contains CR/LF`);
    expect(await problem("{{other}}")).toContain("headers interpolate {{secret:NAME}} only");
  });

  it("stand by name in the description, with the body by digest", async () => {
    const effect = http("http://127.0.0.1:9/p", {
      method: "POST",
      body: "hi",
      headers: [["Authorization", "Bearer {{secret:TOKEN}}"]],
    });
    const { description, target } = await prepared(performer, effect, where);
    expect(target).toBe("http://127.0.0.1:9/p");
    expect(description).toMatchObject({
      kind: "http.request",
      method: "POST",
      url: "http://127.0.0.1:9/p",
      host: "127.0.0.1",
      port: 9,
      body_digest: "sha256:8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
      body_bytes: 2,
      address: "127.0.0.1",
      address_class: "loopback",
      addresses: ["127.0.0.1"],
    });
    expect(description["headers"]).toContainEqual(["Authorization", "Bearer {{secret:TOKEN}}"]);
    expect(JSON.stringify(description)).not.toContain("s3cret");
  });
});

describe("a reply", () => {
  it("has lower-case header names, the last of equal ones, and lossy text", async () => {
    const { port } = await rawServer((socket) => {
      socket.write("HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 3\r\n\r\n");
      socket.end(Buffer.from([0x61, 0xff, 0x62]));
    });
    expect(valueOf(await send(http(`http://127.0.0.1:${port}/`)))).toEqual({
      status: 429n,
      headers: Object.assign(Object.create(null), { "retry-after": "7", "x-a": "2", "content-length": "3" }),
      body: "a\ufffdb",
      bytes: 3n,
      truncated: false,
    });
  });

  it("is read in full when it is chunked, and when only the end of the connection ends it", async () => {
    const chunked = await server((_request, response) => {
      response.write("one ");
      setImmediate(() => response.write("two "));
      setImmediate(() => setImmediate(() => response.end("three")));
    });
    expect(valueOf(await send(http(`http://127.0.0.1:${chunked}/`)))).toMatchObject({ body: "one two three" });
    const { port } = await rawServer((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\nno length"));
    expect(valueOf(await send(http(`http://127.0.0.1:${port}/`)))).toMatchObject({ body: "no length", bytes: 9n });
  });

  it("is cut at the cap, and the rest is read and dropped", async () => {
    const port = await server((_request, response) => response.end(Buffer.alloc(3_000_000, "x")));
    const value = valueOf(await send(http(`http://127.0.0.1:${port}/`)));
    expect(value).toMatchObject({ bytes: 1_048_576n, truncated: true });
    expect(value["body"]).toHaveLength(1_048_576);
  });

  it("without end is left after a bound", async () => {
    const port = await server((_request, response) => {
      const chunk = Buffer.alloc(65_536, "y");
      const more = () => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    expect(valueOf(await send(http(`http://127.0.0.1:${port}/`, { maxReplyBytes: 10 })))).toMatchObject({
      body: "yyyyyyyyyy",
      truncated: true,
    });
  });

  it("that redirects is handed on, not followed", async () => {
    let asked = 0;
    const port = await server((_request, response) => {
      asked++;
      response.writeHead(302, { location: "/elsewhere" }).end();
    });
    expect(valueOf(await send(http(`http://127.0.0.1:${port}/`)))).toMatchObject({ status: 302n });
    expect(asked).toBe(1);
  });

  it("to CONNECT or with status 101 ends there", async () => {
    const { port } = await rawServer((socket) => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
    expect(valueOf(await send(http(`http://127.0.0.1:${port}/`, { method: "CONNECT" })))).toMatchObject({
      status: 200n,
    });
  });
});

describe("an exchange that fails", () => {
  const post = (port: number, extra: Partial<HttpEffect> = {}) =>
    http(`http://127.0.0.1:${port}/`, { method: "POST", body: "x", ...extra });

  it("before the request left is not in doubt", async () => {
    const { port, sockets } = await rawServer(() => undefined);
    expect(sockets).toEqual([]);
    const closed = await new Promise<number>((resolve) => {
      const probe = createServer().listen(0, "127.0.0.1", () => {
        const address = probe.address();
        probe.close(() => {
          resolve(typeof address === "object" && address !== null ? address.port : port);
        });
      });
    });
    expect(await send(post(closed))).toEqual({
      ok: false,
      failure: { class: "tool", message: `${failed}connect 127.0.0.1:${closed}: Connection refused (os error 111)` },
    });
  });

  it("after the request left is in doubt, unless the method changes nothing", async () => {
    const { port } = await rawServer((socket) => socket.resetAndDestroy());
    expect(await send(post(port))).toMatchObject({
      ok: false,
      doubt: true,
      failure: { class: "tool", message: `${failed}read status line: Connection reset by peer (os error 104)` },
    });
    for (const method of ["GET", "HEAD"]) {
      const result = await send(http(`http://127.0.0.1:${port}/`, { method }));
      expect(result.ok).toBe(false);
      expect(result).not.toHaveProperty("doubt");
    }
  });

  it("by a close without a reply says so", async () => {
    const { port } = await rawServer((socket) => socket.end());
    expect(messageOf(await send(post(port)))).toBe(
      `${failed}read status line: the connection was closed before a reply`,
    );
  });

  it.each([
    ["Content-Length: 100\r\n\r\npart", "end"],
    ["Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "end"],
    ["Content-Length: 100\r\n\r\npart", "reset"],
  ])("in the middle of the body is no reply (%j, %s)", async (rest, how) => {
    const { port } = await rawServer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${rest}`, () => {
        if (how === "end") socket.end();
        else setImmediate(() => socket.resetAndDestroy());
      });
    });
    const result = await send(post(port));
    expect(messageOf(result)).toMatch(/failed: read (body|status line): /);
    expect(result).toMatchObject({ doubt: true });
  });

  it.each([
    ["another protocol", "SMTP hello\r\n\r\n", "malformed status line: `SMTP hello`"],
    ["no status", "HTTP/1.1 abc OK\r\n\r\n", "invalid status code `abc`"],
    ["no header", "HTTP/1.1 200 OK\r\nbad header\r\n\r\n", "read header: "],
    ["too long a header", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(70_000)}\r\n\r\n`, "read header: "],
    ["no chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "read body: "],
  ])("because the other side speaks no HTTP: %s", async (_what, reply, problem) => {
    const { port } = await rawServer((socket) => socket.end(reply));
    expect(messageOf(await send(http(`http://127.0.0.1:${port}/`)))).toContain(`${failed}${problem}`);
  });

  it("by the time-out says where it stood", async () => {
    const silent = await rawServer(() => undefined);
    expect(await send(post(silent.port, { timeoutMs: 100 }))).toMatchObject({
      doubt: true,
      failure: { class: "tool", message: `${failed}read status line: timed out after 100ms` },
    });
    const slow = await rawServer((socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart"));
    expect(messageOf(await send(post(slow.port, { timeoutMs: 100 })))).toBe(
      `${failed}read body: timed out after 100ms`,
    );
  });

  it("by an abort has the run's reason, closes the connection and is in doubt", async () => {
    const { port, received, sockets } = await rawServer(() => undefined);
    const controller = new AbortController();
    const pending = send(post(port), where, controller.signal);
    await eventually(() => received.length > 0);
    controller.abort("timeout");
    expect(await pending).toMatchObject({ ok: false, doubt: true, failure: { class: "timeout" } });
    await eventually(() => sockets[0]?.destroyed === true || sockets[0]?.readableEnded === true);
  });
});

describe("names", () => {
  it("are resolved once: performing connects to the address that was checked", async () => {
    const { port, received } = await rawServer((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\n"));
    const answers = [["127.0.0.1"], ["169.254.169.254"]];
    const rebinding = httpPerformer({
      secrets: secretsOf({}),
      resolveName: () => Promise.resolve(answers.shift() ?? []),
    });
    const asked = await prepared(rebinding, http(`http://rebind.example:${port}/`), where);
    expect(asked.description).toMatchObject({ address: "127.0.0.1", address_class: "loopback" });
    expect(valueOf(await rebinding.perform(asked, where, new AbortController().signal))).toMatchObject({
      status: 200n,
    });
    expect(received[0]).toContain(`Host: rebind.example:${port}`);
    expect(answers).toHaveLength(1);
  });

  it("that lead to several loopback addresses are tried in turn", async () => {
    const { port } = await rawServer((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\n"));
    const two = httpPerformer({
      secrets: secretsOf({}),
      resolveName: () => Promise.resolve(["127.0.0.2", "127.0.0.1"]),
    });
    expect(valueOf(await act(two, http(`http://two.example:${port}/`), where))).toMatchObject({ status: 200n });
  });

  it("that cannot be resolved are prepared without an address and fail when performed", async () => {
    const error = Object.assign(new Error("queryA ENOTFOUND"), { code: "ENOTFOUND" });
    const lost = httpPerformer({ secrets: secretsOf({}), resolveName: () => Promise.reject(error) });
    const asked = await prepared(lost, http("http://nowhere.invalid/"), where);
    expect(asked.description).toMatchObject({ address: null, address_class: null, addresses: [] });
    expect(messageOf(await lost.perform(asked, where, new AbortController().signal))).toBe(
      `${failed}resolve nowhere.invalid:80: failed to lookup address information: Name or service not known`,
    );
    const none = httpPerformer({ secrets: secretsOf({}), resolveName: () => Promise.resolve([]) });
    expect(messageOf(await act(none, http("http://nowhere.invalid/"), where))).toBe(
      `${failed}no address for nowhere.invalid:80`,
    );
  });

  it("in a URL with a password are refused without repeating it", async () => {
    const refused = await performer.prepare(http("http://me:canary-pw@127.0.0.1/"), where);
    expect(refused).toMatchObject({ class: "tool" });
    expect(JSON.stringify(refused)).not.toContain("canary-pw");
  });
});
