import { createServer, type AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { Bench, server } from "./workflow-cli.ts";

const request = (more = ""): string =>
  `[[nodes]]\nid = "a"\ntype = "http_request"\nmethod = "post"\nurl_from = "trigger.url"\nbody_from = "trigger.body"\n${more}`;

describe("http_request", () => {
  it("sends a JSON body and its declared headers, and gives status, headers, body and bytes", async () => {
    const web = await server((_seen, response) => {
      response.writeHead(201, { "X-Twice": "one", "content-type": "text/plain" });
      response.end("héllo");
    });
    const bench = new Bench();
    const ran = await bench.run(request('headers = { "X-B" = "2", "X-A" = "1" }\n'), {
      url: `${web.base}/p?q=1`,
      body: { b: 1, a: "é" },
    });
    expect(ran.exit, ran.err).toBe(0);
    expect(ran.outcome).toMatchObject({
      status: "completed",
      final_value: {
        status: 201,
        body: "héllo",
        bytes: 6,
        headers: { "x-twice": "one", "content-type": "text/plain" },
      },
    });
    const [seen] = web.seen;
    expect(seen).toMatchObject({ method: "POST", url: "/p?q=1", body: '{"a":"é","b":1}' });
    expect(seen?.headers).toMatchObject({
      host: web.host,
      connection: "close",
      "content-length": "16",
      "content-type": "application/json",
      "x-a": "1",
      "x-b": "2",
    });
  });

  it("takes the label error outside 200 to 299, and follows no redirect", async () => {
    const web = await server((_seen, response) => {
      response.writeHead(302, { location: "/elsewhere" });
      response.end();
    });
    const bench = new Bench();
    const more =
      '[[nodes]]\nid = "b"\ntype = "switch"\nexpr = "a.status"\n[[edges]]\nfrom = "a"\nto = "b"\nwhen = "error"\n';
    const ran = await bench.run(request(more), { url: web.base, body: "" });
    expect(ran.outcome).toEqual({ status: "completed", final_value: { value: 302 }, last_node: "b" });
    expect(web.seen).toHaveLength(1);
    expect(web.seen[0]?.headers["content-length"]).toBe("0");
    expect(web.seen[0]?.headers["content-type"]).toBeUndefined();
  });

  it("reads chunked replies in full (D22), and at most 1 MiB of any", async () => {
    const web = await server((seen, response) => {
      response.writeHead(200);
      response.write("x".repeat(10));
      response.end(seen.url === "/big" ? "y".repeat(1_048_576) : "y".repeat(5));
    });
    const bench = new Bench();
    const small = await bench.run(request(), { url: `${web.base}/small`, body: null });
    expect(small.outcome).toMatchObject({ final_value: { body: "xxxxxxxxxxyyyyy", bytes: 15 } });
    expect(web.seen[0]?.body).toBe("null");
    const big = await bench.run(request(), { url: `${web.base}/big`, body: null });
    const { final_value: value } = big.outcome as { final_value: { body: string; bytes: number } };
    expect(value.bytes).toBe(1_048_576);
    expect(value.body).toHaveLength(1_048_576);
  });

  it("refuses a body over the cap before anything is sent", async () => {
    const web = await server((_seen, response) => response.end());
    const bench = new Bench();
    const ran = await bench.run(request(), { url: web.base, body: "z".repeat(1_048_577) });
    expect(ran.exit).toBe(5);
    expect(ran.outcome).toMatchObject({
      reason: "tool `http_request` failed: request body 1048577 bytes exceeds cap (1048576)",
      error: { class: "tool" },
    });
    expect(web.seen).toHaveLength(0);
  });

  it("is interrupted by the run's deadline (D7)", async () => {
    const web = await server(() => undefined);
    const bench = new Bench();
    const ran = await bench.run(request(), { url: web.base, body: "" }, ["--timeout-secs", "1"]);
    expect(ran.exit).toBe(5);
    expect(ran.outcome).toMatchObject({ status: "timed_out", last_node: "a" });
  });

  it("leaves a request in doubt whose answer is no HTTP, and says why", async () => {
    const odd = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.once("data", () => socket.end("SSH-2.0-none\r\n\r\n"));
    });
    await new Promise<void>((resolve) => odd.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => new Promise<void>((resolve) => odd.close(() => resolve())));
    const { port } = odd.address() as AddressInfo;
    const ran = await new Bench().run(request('in_doubt = "fail"\n'), { url: `http://127.0.0.1:${port}/`, body: "" });
    expect(ran.exit).toBe(5);
    // Whether the server acted on the request is not known: runtime.md §4 goes before the tool's own error.
    expect(ran.outcome).toMatchObject({ status: "failed", error: { class: "in_doubt" } });
    expect(ran.outcome?.["reason"]).toContain("malformed status line: `SSH-2.0-none`");
  });
});

describe("secrets in headers", () => {
  const withSecret = (source: string): string =>
    `${request('headers = { Authorization = "Bearer {{ secret:tok }}" }\n')}[[secrets]]\nname = "tok"\n${source}`;

  it("are sent, and shown nowhere: not in the outcome, the record, the trace or the journal", async () => {
    const web = await server((seen, response) => response.end(seen.headers.authorization));
    const bench = new Bench();
    const words = ["--record", "record.json", "--trace", "trace.json", "--state-dir", "state", "--run-id", "r1"];
    const ran = await bench.run(withSecret('source = "env"\nvar = "TOK"\n'), { url: web.base, body: "" }, words, {
      TOK: "hunter2-hunter2",
    });
    expect(ran.exit, ran.err).toBe(0);
    expect(web.seen[0]?.headers.authorization).toBe("Bearer hunter2-hunter2");
    const journal = bench.read("state/runs/r1/journal.1.jsonl");
    for (const text of [ran.out, ran.err, bench.read("record.json"), bench.read("trace.json"), journal]) {
      expect(text).not.toContain("hunter2");
    }
    expect(ran.out).toContain("{secret:tok");
  });

  it("come from a file, without the white space at its end", async () => {
    const web = await server((_seen, response) => response.end());
    const bench = new Bench();
    bench.write("tok.txt", "file-token-1\n\n");
    const ran = await bench.run(withSecret('source = "file"\npath = "tok.txt"\n'), { url: web.base, body: "" });
    expect(ran.exit, ran.err).toBe(0);
    expect(web.seen[0]?.headers.authorization).toBe("Bearer file-token-1");
  });

  it("that hold a line break are refused before anything is sent", async () => {
    const web = await server((_seen, response) => response.end());
    const bench = new Bench();
    const env = { TOK: "abcdef\r\nX-Evil: 1" };
    const ran = await bench.run(withSecret('source = "env"\nvar = "TOK"\n'), { url: web.base, body: "" }, [], env);
    expect(ran.exit).toBe(5);
    expect(ran.outcome?.["reason"]).toBe("tool `http_request` failed: header `Authorization`: value contains CR/LF");
    expect(web.seen).toHaveLength(0);
  });

  it("that nobody declared name themselves", async () => {
    const web = await server((_seen, response) => response.end());
    const bench = new Bench();
    const ran = await bench.run(request('headers = { X = "{{secret:NONE}}" }\n'), { url: web.base, body: "" });
    expect(ran.outcome?.["reason"]).toBe(
      "tool `http_request` failed: header `X`: secret `NONE`: not declared in [[secrets]] and the env var is unset or empty",
    );
    expect(web.seen).toHaveLength(0);
  });

  it("that cannot be read stop the start, but not a dry run", async () => {
    const bench = new Bench();
    const given = { url: "http://127.0.0.1:1/", body: "" };
    const ran = await bench.run(withSecret('source = "env"\nvar = "TOK"\n'), given);
    expect(ran.exit).toBe(5);
    expect(ran.outcome).toEqual({
      status: "failed",
      reason: "configuration error: [[secrets]]: secret `tok`: env var `TOK` is unset or empty",
      error: { class: "config" },
      last_node: null,
    });
    const dry = await bench.run(withSecret('source = "env"\nvar = "TOK"\n'), given, ["--dry-run"]);
    expect(dry.exit, dry.err).toBe(0);
  });
});
