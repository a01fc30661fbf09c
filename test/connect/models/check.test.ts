import { describe, expect, it } from "vitest";
import { checkBackends, checkTransports, noTransports } from "../../../src/connect/models/check.ts";
import type { ModelBackend } from "../../../src/graph/model.ts";
import { backend } from "./loopback.ts";

const found = () => Promise.resolve({ ok: true as const });
const fine = { baseUrl: "http://localhost:1" };

describe("checking [[intelligence.backends]] at the start", () => {
  const refused: [string, readonly ModelBackend[], string][] = [
    ["an empty name", [backend({ ...fine, name: " " })], "intelligence.backends: `name` must be non-empty"],
    [
      "the reserved name",
      [backend({ ...fine, name: "default" })],
      "intelligence.backends: the name `default` is reserved for the --intel-unix / --intel-http CLI transports",
    ],
    ["a name used twice", [backend(fine), backend(fine)], "intelligence.backends: duplicate backend name `b`"],
    ["no model", [backend({ ...fine, model: "" })], "intelligence.backends.b: `model` is required"],
    [
      "no key for a provider that needs one",
      [backend({ provider: "gemini", apiKeyEnv: null })],
      "intelligence.backends.b: `api_key_env` is required for gemini (keys never live in the TOML)",
    ],
    [
      "no address for openai-compatible",
      [backend({ apiKeyEnv: null })],
      "intelligence.backends.b: `base_url` is required for openai-compatible",
    ],
    [
      "an address that is no HTTP URL",
      [backend({ baseUrl: "ftp://x" })],
      "intelligence.backends.b: `base_url` must be an http:// or https:// URL without a user name or password",
    ],
    [
      "a password in the address",
      [backend({ baseUrl: "https://u:p@x" })],
      "intelligence.backends.b: `base_url` must be an http:// or https:// URL without a user name or password",
    ],
  ];
  it.each(refused)("refuses %s", async (_what, backends, message) => {
    expect(await checkBackends(backends, found)).toEqual({
      class: "config",
      message: `configuration error: ${message}`,
    });
  });

  it("refuses a key that cannot be found, in the words of the secrets", async () => {
    const probe = (name: string) =>
      Promise.resolve({
        ok: false as const,
        message: `not declared in [[secrets]] and the env var is unset or empty: ${name}`,
      });
    expect(await checkBackends([backend(fine)], probe)).toEqual({
      class: "config",
      message:
        "configuration error: intelligence.backends.b: secret `KEY`: not declared in [[secrets]] and the env var is unset or empty: KEY",
    });
  });

  it("accepts one of each provider, asking for each key once", async () => {
    const asked: string[] = [];
    const probe = (name: string) => {
      asked.push(name);
      return found();
    };
    const backends = [
      backend({ name: "a", provider: "anthropic", apiKeyEnv: "A" }),
      backend({ name: "o", provider: "openai", apiKeyEnv: "O" }),
      backend({ name: "g", provider: "gemini", apiKeyEnv: "G" }),
      backend({ name: "c", apiKeyEnv: null, ...fine }),
    ];
    expect(await checkBackends(backends, probe)).toBeNull();
    expect(asked).toEqual(["A", "O", "G"]);
  });
});

describe("checking the command line's transports", () => {
  it("refuses https, other addresses, credentials in the URL and tokens no header can carry", () => {
    const problem = (intelHttp: string, bearer: string | null = null) =>
      checkTransports({ intelUnix: null, intelHttp, bearer })?.message;
    expect(problem("https://h/")).toBe(
      "configuration error: --intel-http `https://h/`: https:// is not supported; use http:// or a named backend",
    );
    expect(problem("h:80")).toBe("configuration error: --intel-http `h:80`: expected http://host[:port]/path");
    expect(problem("http://user:hunter2@h/")).toBe(
      "configuration error: --intel-http `http://h/`: a user name or password does not belong in the URL; use the bearer token",
    );
    expect(problem("http://h", "a b")).toBe(
      "configuration error: --intel-http: the bearer token cannot be sent in an HTTP header",
    );
    expect(checkTransports({ intelUnix: "", intelHttp: null, bearer: null })?.class).toBe("config");
  });

  it("accepts none, and looks only at the socket when both are given", () => {
    expect(checkTransports(noTransports)).toBeNull();
    expect(checkTransports({ intelUnix: "/s", intelHttp: "https://h", bearer: null })).toBeNull();
    expect(checkTransports({ intelUnix: null, intelHttp: "http://h", bearer: "t\n" })).toBeNull();
  });
});
