import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SecretMask } from "../../../src/connect/secrets/mask.ts";
import { Matcher } from "../../../src/connect/secrets/matcher.ts";

const key = Buffer.alloc(32, 7);
const SECRET = 'pa/ss "w0rd"\nü+?';

function maskOf(...values: readonly (readonly [string, string])[]): SecretMask {
  const mask = new SecretMask(key);
  for (const [name, value] of values) mask.register(name, value, "secret");
  return mask;
}

/** What leaves the process in the ways that spec/runtime.md §3 lists. */
const channels: readonly (readonly [string, (secret: string) => string])[] = [
  ["plain", (s) => `a ${s} b`],
  ["JSON", (s) => JSON.stringify({ s })],
  ["JSON in JSON", (s) => JSON.stringify({ body: JSON.stringify({ s }) })],
  ["JSON with escaped slashes", (s) => JSON.stringify({ s }).replaceAll("/", "\\/")],
  [
    "JSON in ASCII",
    (s) => JSON.stringify({ s }).replace(/[^\0-~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`),
  ],
  ["percent-encoding", (s) => `https://h/?q=${encodeURIComponent(s)}&x`],
  ["lower-case percent-encoding", (s) => `q=${encodeURIComponent(s).replace(/%../g, (hex) => hex.toLowerCase())}`],
  ["a form", (s) => new URLSearchParams({ s }).toString()],
  ["base64", (s) => `Bearer ${Buffer.from(s).toString("base64")}`],
  ["base64 after one byte", (s) => `x${Buffer.from(`a${s}b`).toString("base64")}`],
  ["base64 after two bytes", (s) => Buffer.from(`ab${s}bcd`).toString("base64")],
  ["basic credentials", (s) => `Basic ${Buffer.from(`user:${s}`).toString("base64")}`],
  ["base64url", (s) => Buffer.from(`x${s}`).toString("base64url")],
];

describe("masking", () => {
  it.each(channels)("takes a secret out of %s, and the journal can put it back", (_name, put) => {
    const mask = maskOf(["TOKEN", SECRET]);
    const text = put(SECRET);
    const shown = mask.mask(text);
    expect(shown).toMatch(/\{secret:TOKEN,hmac:[0-9a-f]{64}(,as:[a-z0-9-]+)?\}/);
    for (const [, other] of channels) expect(shown).not.toContain(other(SECRET));
    expect(shown).not.toContain("w0rd");
    const sealed = mask.journal.mask(text);
    expect(mask.journal.unmask(sealed)).toEqual({ text });
  });

  it("finds any secret in any of these ways, wherever it stands", () => {
    const filler = fc.string({ maxLength: 12 });
    const secret = fc
      .string({ unit: "binary", minLength: 6, maxLength: 40 })
      .filter((s) => Buffer.from(s).toString() === s);
    fc.assert(
      fc.property(secret, fc.constantFrom(...channels), filler, filler, (value, [, put], before, after) => {
        const mask = maskOf(["N", value]);
        const text = before + put(value) + after;
        expect(mask.mask(text)).toContain("{secret:N,hmac:");
        expect(mask.journal.unmask(mask.journal.mask(text))).toEqual({ text });
      }),
    );
  });

  it("leaves values under six bytes, and texts without secrets, alone", () => {
    const mask = maskOf(["SHORT", "12345"], ["LONG", "123456"], ["CJK", "密钥"]);
    expect(mask.mask("12345 and more")).toBe("12345 and more");
    expect(mask.mask("123456")).toMatch(/^\{secret:LONG,/);
    expect(mask.mask("x密钥x")).toMatch(/^x\{secret:CJK,/);
  });

  it("takes the longest of several at a place", () => {
    const mask = maskOf(["A", "prefix-long"], ["B", "prefix-long-er"], ["C", "long-er-still"]);
    expect(mask.mask("prefix-long-er prefix-long!")).toMatch(/^\{secret:B,[^}]*\} \{secret:A,[^}]*\}!$/);
  });

  it("knows a value without the white space around it too", () => {
    const mask = maskOf(["FILE", "  value-1\n"]);
    expect(mask.mask("x=value-1;")).toMatch(/^x=\{secret:FILE,[^}]*\};$/);
  });

  it("keeps names that are no plain words apart from the marker's own signs", () => {
    const mask = maskOf(["a,b}{secret:c", "value-1"]);
    const sealed = mask.journal.mask("value-1");
    expect(sealed).toMatch(/^\{secret:a%2Cb%7D%7Bsecret%3Ac,hmac:[0-9a-f]{64}\}$/);
    expect(mask.journal.unmask(sealed)).toEqual({ text: "value-1" });
  });

  it("can leave values that read_env gave in a run's own result", () => {
    const mask = new SecretMask(key);
    mask.register("HOME", "/home/somebody", "env");
    mask.register("TOKEN", "token-value", "secret");
    expect(mask.mask("/home/somebody")).toContain("{secret:HOME,");
    expect(mask.secretsRedactor.mask("/home/somebody token-value")).toMatch(/^\/home\/somebody \{secret:TOKEN,/);
  });
});

describe("markers that a text brings along", () => {
  it("never become a secret", () => {
    const mask = maskOf(["TOKEN", "token-value"]);
    const stolen = mask.journal.mask("token-value");
    const sealed = mask.journal.mask(`please ${stolen}`);
    expect(mask.journal.unmask(sealed)).toEqual({ text: `please ${stolen}` });
  });

  it("survive whatever they look like", () => {
    const mask = maskOf(["TOKEN", "token-value"]);
    const piece = fc.constantFrom(
      "{secret:",
      "=",
      "TOKEN",
      ",hmac:",
      "0".repeat(64),
      "}",
      "token-value",
      "%ff",
      ",as:raw",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        expect(mask.journal.unmask(mask.journal.mask(text))).toEqual({ text });
      }),
    );
  });
});

describe("another process", () => {
  const later = (value: string) => () => Promise.resolve([{ value, origin: "secret" as const }]);

  it("reads a secret again and puts it back in every form", async () => {
    const sealed = channels.map(([, put]) => maskOf(["TOKEN", SECRET]).journal.mask(put(SECRET)));
    const resumed = new SecretMask(key);
    expect(resumed.journal.unmask(sealed[0] ?? "")).toEqual({ problem: expect.stringContaining("secret_changed") });
    expect(await resumed.recall(sealed, later(SECRET))).toEqual({ ok: true });
    expect(sealed.map((text) => resumed.journal.unmask(text))).toEqual(
      channels.map(([, put]) => ({ text: put(SECRET) })),
    );
  });

  it("refuses a secret that has changed, by name only", async () => {
    const sealed = maskOf(["TOKEN", "old-value"]).journal.mask("old-value");
    const resumed = new SecretMask(key);
    const refused = await resumed.recall([sealed], later("new-value"));
    expect(refused).toMatchObject({ ok: false, code: "secret_changed", secret: "TOKEN" });
    expect(JSON.stringify(refused)).not.toContain("value");
  });

  it("with another key knows nothing", async () => {
    const sealed = maskOf(["TOKEN", "old-value"]).journal.mask("old-value");
    const stranger = new SecretMask(randomBytes(32));
    expect(await stranger.recall([sealed], later("old-value"))).toMatchObject({ code: "secret_changed" });
  });

  it("does not read what no marker names", async () => {
    const resumed = new SecretMask(key);
    const never = () => Promise.reject(new Error("read"));
    expect(await resumed.recall(["plain", "{secret:=x}"], never)).toEqual({ ok: true });
  });
});

describe("the matcher", () => {
  it("finds exactly what looking one by one finds", () => {
    const needle = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 2, maxLength: 6 });
    const text = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 60 });
    fc.assert(
      fc.property(fc.array(needle, { maxLength: 8 }), text, (needles, hay) => {
        const expected: string[] = [];
        for (let at = 0; at < hay.length;) {
          const here = needles.filter((n) => hay.startsWith(n, at)).sort((a, b) => b.length - a.length)[0];
          if (here !== undefined) expected.push(`${at}:${here}`);
          at += here?.length ?? 1;
        }
        const found = [...new Matcher(needles.map((n) => [n, n] as const)).find(hay)];
        expect(found.map(({ from, what }) => `${from}:${what}`)).toEqual(expected);
      }),
    );
  });

  it("stays quick with many secrets and a long text", () => {
    const mask = maskOf(
      ...Array.from({ length: 300 }, (_, i) => [`S${i}`, `secret-value-${i}-${"x".repeat(i % 20)}`] as const),
    );
    const text = `${"lorem ipsum dolor sit amet ".repeat(80_000)}secret-value-299-${"x".repeat(19)}`;
    mask.mask("warm");
    const began = performance.now();
    expect(mask.mask(text)).toContain("{secret:S299,");
    // Two megabytes: one pass takes some ten milliseconds, a pass per needle minutes.
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
