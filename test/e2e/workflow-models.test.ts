import type { Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { socketServer, type Script } from "../connect/models/loopback.ts";
import { Bench, server } from "./workflow-cli.ts";

const backend = (base: string): string =>
  `[[intelligence.backends]]\nname = "m"\nprovider = "openai-compatible"\nmodel = "tiny"\nbase_url = "${base}"\napi_key_env = "MODEL_KEY"\n`;
const key = { MODEL_KEY: "key-0123456789" };
const infer = (more = "", use = "m"): string =>
  `[[nodes]]\nid = "a"\ntype = "llm_infer"\nbackend = "${use}"\nprompt = "Grüße: {{x}}"\ninput_from = "trigger"\n${more}`;

/** Replies with the given texts in turn, 7 prompt and 3 completion tokens each. */
function completions(...texts: string[]): Script {
  let at = 0;
  return (_seen, response) => {
    const content = texts[Math.min(at++, texts.length - 1)];
    response.writeHead(200, { "content-type": "application/json" });
    const usage = { prompt_tokens: 7, completion_tokens: 3 };
    response.end(JSON.stringify({ choices: [{ message: { content } }], usage }));
  };
}

interface Asked {
  readonly model: string;
  readonly max_tokens: number;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

describe("llm_infer with an OpenAI-compatible server", () => {
  it("sends the rendered prompt and gives content and usage", async () => {
    const models = await server(completions("hello"));
    const ran = await new Bench().run(infer() + backend(models.base), { x: 1 }, [], key);
    expect(ran.exit, ran.err).toBe(0);
    expect(ran.outcome).toMatchObject({
      final_value: { content: "hello", parsed: null, usage: { completion_tokens: 3, prompt_tokens: 7 } },
    });
    const [seen] = models.seen;
    expect(seen).toMatchObject({ method: "POST", url: "/v1/chat/completions" });
    expect(seen?.headers.authorization).toBe("Bearer key-0123456789");
    expect(JSON.parse(seen?.body ?? "") as Asked).toMatchObject({
      model: "tiny",
      max_tokens: 1024,
      messages: [{ role: "user", content: "Grüße: 1" }],
    });
  });

  it("repairs output that does not fit, and fails with class schema when it never does", async () => {
    const models = await server(completions("no json", '{"n": 1.0}'));
    const bench = new Bench();
    bench.write("schema.json", '{"type": "object", "required": ["n"]}');
    const fields = 'output_schema = "schema.json"\noutput_repairs = 1\n';
    const ran = await bench.run(infer(fields) + backend(models.base), { x: 1 }, [], key);
    expect(ran.exit, ran.err).toBe(0);
    expect(ran.out).toContain('"n": 1.0');
    const asked = JSON.parse(models.seen[1]?.body ?? "") as Asked;
    expect(asked.messages.slice(1)).toEqual([
      { role: "assistant", content: "no json" },
      {
        role: "user",
        content:
          "Your previous output was rejected: model returned invalid JSON: expected ident at line 1 column 2. Reply with corrected output only.",
      },
    ]);
    const wrong = await server(completions("[]"));
    const failed = await bench.run(infer(fields) + backend(wrong.base), { x: 1 }, [], key);
    expect(failed.exit).toBe(5);
    expect(failed.outcome).toMatchObject({ error: { class: "schema" }, last_node: "a" });
    expect(failed.outcome?.["reason"]).toMatch(
      /^schema validation failed: llm_infer node `a`: output failed validation after 2 attempt\(s\): schema violation: /,
    );
  });

  it("is an error of class intelligence when the server refuses", async () => {
    const models = await server((_seen, response) => {
      response.writeHead(429);
      response.end("slow down");
    });
    const ran = await new Bench().run(infer() + backend(models.base), { x: 1 }, [], key);
    expect(ran.outcome).toMatchObject({
      reason: "intelligence call failed: openai-compatible returned 429: slow down",
      error: { class: "intelligence" },
    });
  });
});

describe("budget.max_llm_tokens", () => {
  const two = '[[nodes]]\nid = "b"\ntype = "llm_infer"\nbackend = "m"\nprompt = "x"\n[[edges]]\nfrom = "a"\nto = "b"\n';

  it("lets the call that overshoots through and stops the next", async () => {
    const models = await server(completions("ok"));
    const ran = await new Bench().run(
      `${infer()}${two}${backend(models.base)}[budget]\nmax_llm_tokens = 10\n`,
      { x: 1 },
      [],
      key,
    );
    expect(ran.exit).toBe(5);
    expect(ran.outcome).toMatchObject({ status: "failed", last_node: "b" });
    expect(ran.outcome?.["reason"]).toBe(
      "tool `llm_infer` failed: budget.max_llm_tokens exceeded: 10 / 10 tokens consumed",
    );
    expect(models.seen).toHaveLength(1);
  });

  it("of 0 blocks the first call", async () => {
    const models = await server(completions("ok"));
    const ran = await new Bench().run(`${infer()}${backend(models.base)}[budget]\nmax_llm_tokens = 0\n`, null, [], key);
    expect(ran.exit).toBe(5);
    expect(ran.outcome?.["reason"]).toMatch(/budget\.max_llm_tokens exceeded: 0 \/ 0 tokens consumed$/);
    expect(models.seen).toHaveLength(0);
  });
});

describe("the other budgets", () => {
  const write = (id: string): string =>
    `[[nodes]]\nid = "${id}"\ntype = "write_file"\npath_from = "trigger.p"\ncontent_from = "trigger.c"\n`;

  it("of files count everything that a run writes", async () => {
    const bench = new Bench();
    const workflow = `${write("a")}${write("b")}[[edges]]\nfrom = "a"\nto = "b"\n[budget]\nmax_fs_write_mb = 1\n`;
    const ran = await bench.run(workflow, { p: bench.path("x"), c: "y".repeat(600_000) });
    expect(ran.exit).toBe(5);
    expect(ran.outcome).toMatchObject({ status: "failed", last_node: "b" });
    expect(ran.outcome?.["reason"]).toBe(
      "tool `write_file` failed: budget.fs_write exceeded: tried to write 600000 bytes but 600000 / 1048576 already consumed",
    );
    expect(bench.read("x")).toHaveLength(600_000);
  });

  it("of 0 MiB do not limit", async () => {
    const bench = new Bench();
    const ran = await bench.run(`${write("a")}[budget]\nmax_fs_write_mb = 0\n`, { p: bench.path("x"), c: "y" });
    expect(ran.exit, ran.err).toBe(0);
  });

  it("of time take the smaller of the two limits", async () => {
    const workflow =
      '[[nodes]]\nid = "a"\ntype = "shell_run"\ncommand = "/bin/sleep"\nargs_from = "trigger.args"\n[budget]\nmax_run_time_secs = 1\n';
    const ran = await new Bench().run(workflow, { args: ["20"] }, ["--timeout-secs", "60"]);
    expect(ran.exit).toBe(5);
    expect(ran.outcome).toMatchObject({ status: "timed_out", last_node: "a" });
  });
});

/** A backend on a Unix socket: frames of a length (little-endian) and JSON. */
async function framed(path: string, answer: (asked: { id: number; method: string; params: Asked }) => object) {
  const made = await socketServer(path, (socket: Socket) => {
    let held = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      held = Buffer.concat([held, chunk]);
      if (held.length < 4 || held.length < 4 + held.readUInt32LE(0)) return;
      const asked = JSON.parse(held.subarray(4).toString("utf8")) as Parameters<typeof answer>[0];
      const body = Buffer.from(JSON.stringify(answer(asked)));
      const size = Buffer.alloc(4);
      size.writeUInt32LE(body.length);
      socket.end(Buffer.concat([size, body]));
    });
  });
  onTestFinished(() => made.close());
}

describe("the backend `default`", () => {
  it("is reached over a Unix socket", async () => {
    const bench = new Bench();
    await framed(bench.path("s"), ({ method, params }) => ({
      jsonrpc: "2.0",
      result: { content: `${method} ${params.model} ${params.max_tokens}: ${params.messages[0]?.content}` },
    }));
    const ran = await bench.run(infer("", "default"), { x: "é" }, ["--intel-unix", bench.path("s")]);
    expect(ran.exit, ran.err).toBe(0);
    expect(ran.outcome).toMatchObject({
      final_value: { content: "complete fast 1024: Grüße: é", usage: { completion_tokens: 0, prompt_tokens: 0 } },
    });
  });

  it("gives a backend's error its code and message", async () => {
    const bench = new Bench();
    await framed(bench.path("s"), () => ({ jsonrpc: "2.0", error: { code: -32000, message: "busy" } }));
    const ran = await bench.run(infer("", "default"), { x: 1 }, ["--intel-unix", bench.path("s")]);
    expect(ran.outcome).toMatchObject({
      reason: "intelligence call failed: backend error -32000: busy",
      error: { class: "intelligence" },
    });
  });

  it("that nobody listens on is a failed dial", async () => {
    const bench = new Bench();
    const ran = await bench.run(infer("", "default"), { x: 1 }, ["--intel-unix", bench.path("none")]);
    expect(ran.exit).toBe(5);
    expect(ran.outcome?.["reason"]).toMatch(/^intelligence call failed: dial /);
  });

  it("is reached over HTTP with a bearer token out of a file", async () => {
    const models = await server((_seen, response) => {
      response.end(JSON.stringify({ jsonrpc: "2.0", result: { content: "by http" } }));
    });
    const bench = new Bench();
    bench.write("bearer", "bearer-token-1\n");
    const words = ["--intel-http", `${models.base}/rpc`, "--intel-http-bearer-file", "bearer"];
    const ran = await bench.run(infer("", "default"), { x: 1 }, words);
    expect(ran.outcome, ran.err).toMatchObject({ final_value: { content: "by http" } });
    expect(models.seen[0]).toMatchObject({ method: "POST", url: "/rpc" });
    expect(models.seen[0]?.headers.authorization).toBe("Bearer bearer-token-1");
  });
});

describe("agent_loop", () => {
  const loop = (more = ""): string =>
    `[[nodes]]\nid = "a"\ntype = "agent_loop"\nbackend = "m"\ninstructions = "do it"\ntools = ["read_env"]\nmax_steps = 2\n${more}[policy.env]\nread_keys = ["FOO_*"]\n`;

  it("uses its tools under policy and ends with a result", async () => {
    const models = await server(
      completions('{"action":"tool","tool":"read_env","args":{"key":"FOO_X"}}', '{"action":"final","result":{"n":1}}'),
    );
    const ran = await new Bench().run(loop() + backend(models.base), null, [], { ...key, FOO_X: "v" });
    expect(ran.exit, ran.err).toBe(0);
    expect(ran.outcome).toMatchObject({
      final_value: {
        result: { n: 1 },
        steps: 2,
        tokens: 20,
        transcript: [
          { step: 1, action: "tool", tool: "read_env", args: { key: "FOO_X" }, ok: true },
          { step: 2, action: "final" },
        ],
      },
    });
  });

  it("tells the model of a denial and ends at the step cap with the label exhausted", async () => {
    const models = await server(completions('{"action":"tool","tool":"read_env","args":{"key":"HOME"}}'));
    const ran = await new Bench().run(loop() + backend(models.base), null, ["--trace", "trace.json"], key);
    expect(ran.outcome, ran.err).toMatchObject({
      final_value: { result: null, reason: "step cap exhausted", steps: 2 },
    });
    const last = (JSON.parse(models.seen[1]?.body ?? "") as Asked).messages.at(-1);
    expect(last?.content).toContain("env var `HOME` is not in the allowlist (1 configured)");
  });
});
