import { afterEach, describe, expect, it } from "vitest";
import { object } from "../../../src/graph/value.ts";
import type { ModelEffect } from "../../../src/effects/effect.ts";
import {
  ask,
  askFailure,
  backend,
  call,
  CANARY,
  httpServer,
  performer,
  replies,
  scope,
  type LoopbackHttp,
  type Script,
} from "./loopback.ts";

let servers: LoopbackHttp[] = [];
afterEach(async () => {
  await Promise.all(servers.map((one) => one.close()));
  servers = [];
});
async function serve(script: Script): Promise<LoopbackHttp> {
  const server = await httpServer(script);
  servers.push(server);
  return server;
}

const messages: ModelEffect["messages"] = [
  { role: "system", content: "Be brief." },
  { role: "user", content: " a " },
  { role: "assistant", content: "rejected \n" },
  { role: "user", content: "b" },
];

const openaiReply = {
  choices: [{ message: { content: "yes" } }],
  usage: { prompt_tokens: 12, completion_tokens: 3 },
};
const anthropicReply = {
  content: [{ text: "one" }, { text: "two" }],
  usage: { input_tokens: 7, output_tokens: 2 },
};
const geminiReply = {
  candidates: [{ content: { parts: [{ text: "ja" }] } }],
  usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 1 },
};

describe("the wire format of each provider", () => {
  it("speaks Anthropic's: system apart, key and version in headers, the first text block as content", async () => {
    const server = await serve(replies(200, anthropicReply));
    const models = performer({
      backends: [backend({ provider: "anthropic", model: "claude-3-haiku-20240307", baseUrl: `${server.base}//` })],
    });
    const result = await ask(models, call({ messages, maxTokens: 100_000 }));
    expect(result).toEqual({
      ok: true,
      value: object({ content: "one", usage: object({ prompt_tokens: 7n, completion_tokens: 2n }) }),
      usage: { tokens: 9 },
    });
    const seen = server.seen[0];
    expect(seen).toMatchObject({ method: "POST", url: "/v1/messages" });
    expect(seen?.headers).toMatchObject({
      "x-api-key": CANARY,
      "anthropic-version": "2023-06-01",
      "content-type": "application/json",
    });
    expect(JSON.parse(seen?.body ?? "")).toEqual({
      model: "claude-3-haiku-20240307",
      max_tokens: 100_000,
      system: "Be brief.",
      messages: messages.slice(1),
    });
  });

  it("speaks OpenAI's: messages as they are and a bearer token", async () => {
    const server = await serve(replies(200, openaiReply));
    const models = performer({ backends: [backend({ provider: "openai", baseUrl: server.base })] });
    expect(await ask(models, call({ messages, maxTokens: 5 }))).toMatchObject({ ok: true, usage: { tokens: 15 } });
    expect(server.seen[0]).toMatchObject({ url: "/v1/chat/completions" });
    expect(server.seen[0]?.headers.authorization).toBe(`Bearer ${CANARY}`);
    expect(JSON.parse(server.seen[0]?.body ?? "")).toEqual({ model: "m-1", messages, max_tokens: 5 });
  });

  it("speaks Gemini's: assistant becomes model, the system text stands apart", async () => {
    const server = await serve(replies(200, geminiReply));
    const models = performer({ backends: [backend({ provider: "gemini", model: "gemini-2", baseUrl: server.base })] });
    expect(await ask(models, call({ messages }))).toMatchObject({ ok: true, value: { content: "ja" } });
    expect(server.seen[0]).toMatchObject({ url: "/v1beta/models/gemini-2:generateContent" });
    expect(server.seen[0]?.headers["x-goog-api-key"]).toBe(CANARY);
    expect(JSON.parse(server.seen[0]?.body ?? "")).toEqual({
      system_instruction: { parts: [{ text: "Be brief." }] },
      contents: [
        { role: "user", parts: [{ text: " a " }] },
        { role: "model", parts: [{ text: "rejected \n" }] },
        { role: "user", parts: [{ text: "b" }] },
      ],
      generationConfig: { maxOutputTokens: 1024 },
    });
  });

  it("sends no authorization for an openai-compatible backend without a key, and doubles a base_url's own /v1", async () => {
    const server = await serve(replies(200, openaiReply));
    const models = performer({ backends: [backend({ apiKeyEnv: null, baseUrl: `${server.base}/v1/` })] });
    expect(await ask(models, call())).toMatchObject({ ok: true });
    expect(server.seen[0]?.url).toBe("/v1/v1/chat/completions");
    expect(server.seen[0]?.headers).not.toHaveProperty("authorization");
  });

  it("takes max_tokens from the request, else from the backend, else 1024", async () => {
    const server = await serve(replies(200, openaiReply));
    const models = performer({
      backends: [backend({ baseUrl: server.base, maxTokens: 77 }), backend({ name: "plain", baseUrl: server.base })],
    });
    await ask(models, call({ maxTokens: 5 }));
    await ask(models, call());
    await ask(models, call({ backend: "plain" }));
    const sent = server.seen.map((one) => (JSON.parse(one.body) as { max_tokens: number }).max_tokens);
    expect(sent).toEqual([5, 77, 1024]);
  });

  it("counts no tokens when a reply reports none or nonsense", async () => {
    const server = await serve(replies(200, { choices: [{ message: { content: "" } }], usage: { prompt_tokens: -1 } }));
    const models = performer({ backends: [backend({ baseUrl: server.base })] });
    expect(await ask(models, call())).toEqual({
      ok: true,
      value: object({ content: "", usage: object({ prompt_tokens: 0n, completion_tokens: 0n }) }),
      usage: { tokens: 0 },
    });
  });

  it("reads a chunked reply in full", async () => {
    const text = JSON.stringify({ ...openaiReply, filler: "x".repeat(200_000) });
    const server = await serve((_seen, response) => {
      response.writeHead(200);
      for (let i = 0; i < text.length; i += 7000) response.write(text.slice(i, i + 7000));
      response.end();
    });
    const models = performer({ backends: [backend({ baseUrl: server.base })] });
    expect(await ask(models, call())).toMatchObject({ ok: true, value: { content: "yes" } });
  });
});

describe("what can go wrong", () => {
  it("shows the first 400 bytes of an error reply, cut between characters", async () => {
    const server = await serve(replies(429, `x${"é".repeat(300)}`));
    const models = performer({ backends: [backend({ provider: "openai", baseUrl: server.base })] });
    expect(await askFailure(models, call())).toEqual([
      "intelligence",
      `intelligence call failed: openai returned 429: x${"é".repeat(199)}`,
    ]);
    expect(server.seen).toHaveLength(1);
  });

  it("names the path a reply lacks", async () => {
    const cases = [
      ["anthropic", "content[0].text"],
      ["openai-compatible", "choices[0].message.content"],
      ["gemini", "candidates[0].content.parts[0].text"],
    ] as const;
    const server = await serve(replies(200, { choices: [{ message: { content: null } }], content: [] }));
    for (const [provider, path] of cases) {
      const models = performer({ backends: [backend({ provider, baseUrl: server.base })] });
      expect(await askFailure(models, call())).toEqual([
        "intelligence",
        `intelligence call failed: ${provider} response missing ${path}`,
      ]);
    }
  });

  it("says where a reply stops being JSON", async () => {
    const server = await serve(replies(200, '{"choices":'));
    const models = performer({ backends: [backend({ baseUrl: server.base })] });
    expect(await askFailure(models, call())).toEqual([
      "intelligence",
      "intelligence call failed: response is not JSON: EOF while parsing a value at line 1 column 11",
    ]);
  });

  it("reports a refused connection and a reply that breaks off in the system's words", async () => {
    const gone = await serve(replies(200, ""));
    const base = gone.base;
    await gone.close();
    servers = [];
    const refused = performer({ backends: [backend({ provider: "gemini", baseUrl: base })] });
    expect(await askFailure(refused, call())).toEqual([
      "intelligence",
      "intelligence call failed: gemini: Connection refused (os error 111)",
    ]);
    const server = await serve((_seen, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("{", () => response.destroy());
    });
    const broken = performer({ backends: [backend({ baseUrl: server.base })] });
    expect(await askFailure(broken, call())).toEqual([
      "intelligence",
      "intelligence call failed: openai-compatible: the connection was closed before the whole reply had arrived",
    ]);
  });

  it("gives up after the configured time, waiting for a head or for the rest of a body", async () => {
    const server = await serve((seen, response) => {
      if (seen.url.includes("body")) response.writeHead(200).write("{");
    });
    for (const part of ["head", "body"]) {
      const models = performer({ backends: [backend({ baseUrl: `${server.base}/${part}` })], timeoutMs: 60 });
      expect(await askFailure(models, call())).toEqual([
        "intelligence",
        "intelligence call failed: openai-compatible: timed out after 60ms",
      ]);
    }
  });

  it("refuses a reply over the cap as soon as its length is known", async () => {
    const server = await serve((_seen, response) => {
      response.writeHead(200, { "content-length": "16777217" });
      response.write("{");
    });
    const models = performer({ backends: [backend({ baseUrl: server.base })] });
    expect(await askFailure(models, call())).toEqual([
      "intelligence",
      "intelligence call failed: openai-compatible: response body 16777217 > cap 16777216",
    ]);
  });

  it("never follows a redirect, so that the key stays with the host it is for", async () => {
    const other = await serve(replies(200, anthropicReply));
    const server = await serve((_seen, response) => {
      response.writeHead(307, { location: `${other.base}/v1/messages` });
      response.end("elsewhere");
    });
    const models = performer({ backends: [backend({ provider: "anthropic", baseUrl: server.base })] });
    expect(await askFailure(models, call())).toEqual([
      "intelligence",
      "intelligence call failed: anthropic returned 307: elsewhere",
    ]);
    expect(other.seen).toHaveLength(0);
  });

  it("connects to no address that is refused, whether it is written out or found by name", async () => {
    const server = await serve(replies(200, openaiReply));
    const asked: string[] = [];
    const refuseAddress = (address: string, host: string) => {
      asked.push(host);
      return `${host} is at ${address}, which is not allowed`;
    };
    const port = new URL(server.base).port;
    for (const host of ["127.0.0.1", "localhost"]) {
      const models = performer({ backends: [backend({ baseUrl: `http://${host}:${port}` })], refuseAddress });
      const [kind, message] = (await askFailure(models, call())) as [string, string];
      expect(kind).toBe("intelligence");
      expect(message).toMatch(
        new RegExp(`^intelligence call failed: openai-compatible: ${host} is at .*, which is not allowed$`),
      );
    }
    expect(asked).toEqual(["127.0.0.1", "localhost"]);
    expect(server.seen).toHaveLength(0);
  });

  it("reaches a host by its name when no address of it is refused", async () => {
    const server = await serve(replies(200, openaiReply));
    const baseUrl = `http://localhost:${new URL(server.base).port}`;
    const checked: string[] = [];
    const refuseAddress = (address: string) => {
      checked.push(address);
      return null;
    };
    const models = performer({ backends: [backend({ baseUrl })], refuseAddress });
    expect(await ask(models, call())).toMatchObject({ ok: true });
    expect(checked).toContain("127.0.0.1");
  });

  it("reports TLS spoken to a server that has none", async () => {
    const server = await serve(replies(200, openaiReply));
    const models = performer({ backends: [backend({ baseUrl: server.base.replace("http:", "https:") })] });
    const [kind, message] = (await askFailure(models, call())) as [string, string];
    expect(kind).toBe("intelligence");
    expect(message).toMatch(/^intelligence call failed: openai-compatible: .+/);
    expect(message).not.toContain("\n");
  });

  it("ends a call in flight when its signal aborts, as a time-out or a cancellation", async () => {
    const ends: [unknown, string][] = [
      [new DOMException("late", "TimeoutError"), "timeout"],
      [{ class: "budget", message: "budget spent" }, "budget"],
      [undefined, "cancelled"],
    ];
    for (const [reason, kind] of ends) {
      const controller = new AbortController();
      const server = await serve(() => controller.abort(reason));
      const models = performer({ backends: [backend({ baseUrl: server.base })] });
      expect(await askFailure(models, call(), controller.signal)).toEqual([kind, expect.any(String)]);
      expect(await askFailure(models, call(), controller.signal)).toEqual([kind, expect.any(String)]);
      expect(server.seen).toHaveLength(1);
    }
  });

  it("names the backends there are when one is unknown", async () => {
    const none = performer({});
    expect(await askFailure(none, call())).toEqual([
      "intelligence",
      "intelligence call failed: backend `b` is not configured on this runtime; known backends: <none>",
    ]);
    const some = performer({
      backends: [backend({ name: "zeta", baseUrl: "http://x" }), backend({ name: "alpha", baseUrl: "http://x" })],
      transports: { intelUnix: "/s", intelHttp: null, bearer: null },
    });
    expect(some.names).toEqual(["alpha", "default", "zeta"]);
    expect(await askFailure(some, call())).toEqual([
      "intelligence",
      "intelligence call failed: backend `b` is not configured on this runtime; known backends: alpha, default, zeta",
    ]);
  });
});

describe("keys", () => {
  it("are asked for anew at each call", async () => {
    const server = await serve(replies(200, openaiReply));
    let turn = 0;
    const models = performer({
      backends: [backend({ baseUrl: server.base })],
      resolveSecret: (name) => Promise.resolve({ ok: true, value: `${name}-${++turn}` }),
    });
    await ask(models, call());
    await ask(models, call());
    expect(server.seen.map((one) => one.headers.authorization)).toEqual(["Bearer KEY-1", "Bearer KEY-2"]);
  });

  it("that cannot be found or sent end the call before anything leaves", async () => {
    const server = await serve(replies(200, openaiReply));
    const missing = performer({
      backends: [backend({ baseUrl: server.base })],
      resolveSecret: () => Promise.resolve({ ok: false, message: "secret `KEY`: env var `KEY` is unset or empty" }),
    });
    expect(await askFailure(missing, call())).toEqual([
      "config",
      "configuration error: intelligence.backends.b: secret `KEY`: env var `KEY` is unset or empty",
    ]);
    const split = performer({
      backends: [backend({ baseUrl: server.base })],
      resolveSecret: () => Promise.resolve({ ok: true, value: `${CANARY}\r\nx-evil: 1` }),
    });
    const outcome = await askFailure(split, call());
    expect(outcome).toEqual([
      "config",
      "configuration error: intelligence.backends.b: secret `KEY`: its value cannot be sent in an HTTP header",
    ]);
    expect(server.seen).toHaveLength(0);
  });

  it("stand in no description, and by name in what an endpoint echoes", async () => {
    const odd = 'k"ey/with+odd=chars';
    const forms = (key: string) =>
      [key, Buffer.from(key).toString("base64"), encodeURIComponent(key), JSON.stringify(key)].join(" ");
    for (const key of [CANARY, odd]) {
      let status = 200;
      const server = await serve((_seen, response) => {
        response.writeHead(status);
        response.end(status === 200 ? JSON.stringify({ choices: [{ message: { content: forms(key) } }] }) : forms(key));
      });
      const models = performer({
        backends: [backend({ baseUrl: server.base })],
        resolveSecret: () => Promise.resolve({ ok: true, value: key }),
      });
      const prepared = await models.prepare(call(), scope);
      const answered = await ask(models, call());
      status = 401;
      const refused = await ask(models, call());
      expect(answered).toMatchObject({ ok: true });
      expect(refused).toMatchObject({ ok: false, failure: { class: "intelligence" } });
      for (const shown of [prepared, answered, refused]) {
        const text = JSON.stringify(shown, (_key, value: unknown) => (typeof value === "bigint" ? `${value}` : value));
        for (const form of [key, Buffer.from(key).toString("base64"), encodeURIComponent(key)])
          expect(text).not.toContain(form);
        expect(text).toContain("secret:KEY");
      }
    }
  });

  it("are masked before an error reply is cut, so that no half of one is left", async () => {
    const server = await serve(replies(401, `${"x".repeat(395)}${CANARY}`));
    const models = performer({ backends: [backend({ provider: "openai", baseUrl: server.base })] });
    const [, message] = (await askFailure(models, call())) as [string, string];
    expect(message).toBe(`intelligence call failed: openai returned 401: ${"x".repeat(395)}{secr`);
  });
});

describe("preparation", () => {
  it("says what would happen without doing it", async () => {
    const server = await serve(replies(200, openaiReply));
    const models = performer({ backends: [backend({ baseUrl: server.base, maxTokens: 9 })] });
    const prepared = await models.prepare(call({ messages }), scope);
    expect(prepared).toMatchObject({
      target: "b",
      description: {
        backend: "b",
        provider: "openai-compatible",
        model: "m-1",
        endpoint: server.host,
        api_key: "{{secret:KEY}}",
        message_count: 4,
        max_tokens: 9,
        messages_digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
      },
    });
    const other = await models.prepare(call({ messages: messages.slice(1) }), scope);
    expect(digestOf(other)).not.toBe(digestOf(prepared));
    expect(server.seen).toHaveLength(0);
  });

  it("refuses effects of other rooms", async () => {
    expect(await performer({}).prepare({ kind: "env.read", key: "A" }, scope)).toEqual({
      class: "internal",
      message: "the model performer was given the effect `env.read`",
    });
  });
});

function digestOf(prepared: object): unknown {
  return (prepared as { description: { messages_digest: string } }).description.messages_digest;
}
