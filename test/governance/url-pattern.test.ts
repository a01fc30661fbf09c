import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalAddress,
  matchesUrl,
  mayClimb,
  parseUrl,
  parseUrlPattern,
} from "../../src/governance/static/url-pattern.ts";

function covers(pattern: string, url: string): boolean {
  const parsed = parseUrlPattern(pattern);
  const parts = parseUrl(url);
  return parsed.ok && parts !== null && matchesUrl(parsed.pattern, parts);
}

describe("URL patterns (spec/workflow.md Decision D3)", () => {
  it.each([
    ["*", "https://anything.example:8443/x?y"],
    ["https://*.internal/**", "https://a.internal/"],
    ["https://*.internal/**", "https://a.b.internal/x/y?z"],
    ["https://api.internal/**", "https://api.internal"],
    ["https://api.internal/**", "HTTPS://API.internal:443/x"],
    ["https://api.internal/v1/*", "https://api.internal/v1"],
    ["https://api.internal/v1/*", "https://api.internal/v1?x=1"],
    ["https://api.internal/v1/**", "https://api.internal/v1/a/b"],
    ["https://api.internal/v1/**", "https://api.internal/x/../v1/a"],
    ["https://api.internal/v*", "https://api.internal/v2/a"],
    ["https://api.internal/.well-known*", "https://api.internal/.well-known/x"],
    ["https://api.internal/x", "https://api.internal/x"],
    ["https://api.internal/x?a=1", "https://api.internal/x?a=1"],
    ["https://api.internal/x?a=*", "https://api.internal/x?a=12"],
    ["http://127.0.0.1:8080/**", "http://127.0.0.1:8080/a"],
    ["http://127.0.0.1/**", "http://2130706433/"],
    ["http://[::1]/**", "http://[0:0:0::1]/x"],
    ["https://bücher.example/**", "https://xn--bcher-kva.example/"],
    ["https://api.internal/ä/**", "https://api.internal/%C3%A4/x"],
    ["https://api.internal", "https://api.internal/"],
    // The parser that connects reads the backslash as a slash, so the host is the allowed one.
    ["https://api.internal/**", "https://api.internal\\.evil.example/"],
  ])("%s covers %s", (pattern, url) => {
    expect(covers(pattern, url)).toBe(true);
  });

  const attempts: [pattern: string, url: string][] = [
    // Another host that begins, ends or looks alike.
    ["https://api.internal/**", "https://api.internal.evil.example/"],
    ["https://api.internal/**", "https://evil-api.internal/"],
    ["https://api.internal/**", "https://evil.example/api.internal/"],
    ["https://api.internal/**", "https://evil.example/?https://api.internal/"],
    ["https://api.internal/**", "https://evil.example#https://api.internal/"],
    ["https://api.internal/**", "https://sub.api.internal/"],
    ["https://api.internal/**", "https://api.internal./"],
    ["https://api.internal/**", "https://apiXinternal/"],
    ["https://api.internal/**", "https://api.internal%2eevil.example/"],
    ["https://api.internal/**", "https://api.internal%00.evil.example/"],
    ["https://api.internal/**", "https://аpi.internal/"],
    // User information.
    ["https://api.internal/**", "https://api.internal@evil.example/"],
    ["https://api.internal/**", "https://api.internal:pw@evil.example/"],
    ["https://api.internal/**", "https://api.internal%40evil.example/"],
    ["https://api.internal/**", "https://user@api.internal/"],
    ["https://api.internal/**", "https://user:pw@api.internal/"],
    ["https://api.internal/**", "https://@api.internal/"],
    ["https://api.internal/**", "https://evil.example\\@api.internal/"],
    ["https://api.internal/**", "https://evil.example/@api.internal/"],
    ["https://api.internal/**", "https://evil.example?@api.internal/"],
    ["https://api.internal/**", "https://evil.example#@api.internal/"],
    // Scheme and port.
    ["https://api.internal/**", "http://api.internal/"],
    ["http://api.internal/**", "https://api.internal/"],
    ["https://api.internal/**", "ftp://api.internal/"],
    ["https://api.internal/**", "file://api.internal/etc/passwd"],
    ["https://api.internal/**", "javascript:https://api.internal/"],
    ["https://api.internal/**", "data:text/plain,https://api.internal/"],
    ["https://api.internal/**", "https:api.internal/"],
    ["https://api.internal/**", "https:/api.internal/"],
    ["https://api.internal/**", "//api.internal/"],
    ["https://api.internal/**", "https:\\\\api.internal/"],
    ["https://api.internal/**", " https://api.internal/"],
    ["https://api.internal/**", "https://api.internal:8443/"],
    ["https://api.internal/**", "https://api.internal:80/"],
    ["https://api.internal:8443/**", "https://api.internal/"],
    ["https://api.internal/**", "https://api.internal:443.evil.example/"],
    // Sub-domains.
    ["https://*.internal/**", "https://internal/"],
    ["https://*.internal/**", "https://.internal/"],
    ["https://*.internal/**", "https://evilinternal/"],
    ["https://*.internal/**", "https://a.internal.evil.example/"],
    ["https://*.internal/**", "https://a.internal@evil.example/"],
    ["https://*.internal/**", "https://evil.example/a.internal/"],
    ["https://*.internal/**", "https://a.internal:8443/"],
    ["https://*.0.0.1/**", "https://127.0.0.1/"],
    ["http://*.1/**", "http://127.0.0.1/"],
    // Wildcards in the authority name nothing.
    ["https://*", "https://evil.example/"],
    ["https://*/**", "https://evil.example/"],
    ["http://127.0.0.1*", "http://127.0.0.1.evil.example/"],
    ["http://127.0.0.1:*", "http://127.0.0.1:22/"],
    ["https://a*.internal/**", "https://ab.internal/"],
    ["https://*.*.internal/**", "https://a.b.internal/"],
    ["https://%2a.internal/**", "https://a.internal/"],
    ["http*", "http://evil.example/"],
    ["**", "http://evil.example/"],
    ["", "http://evil.example/"],
    // Paths.
    ["https://api.internal/v1/**", "https://api.internal/v10"],
    ["https://api.internal/v1/**", "https://api.internal/v1/../admin"],
    ["https://api.internal/v1/**", "https://api.internal/v1/%2e%2e/admin"],
    ["https://api.internal/v1/**", "https://api.internal/v1/.%2E/admin"],
    ["https://api.internal/v1/**", "https://api.internal/v1/..%2fadmin"],
    ["https://api.internal/v1/**", "https://api.internal/v1/%2e%2e%2fadmin"],
    ["https://api.internal/v1/**", "https://api.internal/v1/..%5cadmin"],
    ["https://api.internal/v1/**", "https://api.internal/v1/..\\admin"],
    ["https://api.internal/v1/**", "https://api.internal/v1/%252e%252e%252fadmin"],
    ["https://api.internal/v1/**", "https://api.internal/v1/..;/admin"],
    ["https://api.internal/v1/**", "https://api.internal/v1/..;x=1/admin"],
    ["https://api.internal/v1/**", "https://api.internal/v1/%2e%2e;/admin"],
    ["https://api.internal/v1/**", "https://api.internal/v1/%c0%ae%c0%ae/admin"],
    ["https://api.internal/v1/**", "https://api.internal/v1/..%c0%afadmin"],
    ["https://api.internal/v1/**", "https://api.internal/v1/..%00/admin"],
    ["https://api.internal/v1/**", "https://api.internal/v1/.%0d./admin"],
    ["https://api.internal/v1/**", "https://api.internal/V1/x"],
    ["https://api.internal/v1/**", "https://api.internal//v1/x"],
    ["https://api.internal/v1/**", "https://api.internal/?/v1/"],
    ["https://api.internal/v1/**", "https://api.internal/#/v1/"],
    ["https://api.internal/v1*", "https://api.internal/v1/..%2fadmin"],
    ["https://api.internal/.*", "https://api.internal/./admin"],
    ["https://api.internal/a/../**", "https://api.internal/admin"],
    ["https://api.internal/./**", "https://api.internal/admin"],
    ["https://api.internal/x", "https://api.internal/x/y"],
    ["https://api.internal/x", "https://api.internal/x?y"],
    ["https://api.internal/x", "https://api.internal/x/"],
    ["https://api.internal/x?a=1", "https://api.internal/x?a=1&b=2"],
    ["https://api.internal/x?a=1*", "https://api.internal/x?b=2&a=1"],
    ["https://api.internal", "https://api.internal/x"],
    // Text that no parser reads.
    ["https://api.internal/**", ""],
    ["https://api.internal/**", "https://"],
    ["https://api.internal/**", "https://[api.internal]/"],
    ["https://api.internal/**", "https://api.internal:99999/"],
    ["http://127.0.0.1/**", "http://127.0.0.1.nip.io/"],
    ["http://127.0.0.1/**", "http://127.0.0.2/"],
    ["http://[::1]/**", "http://[::ffff:127.0.0.1]/"],
  ];
  it.each(attempts)("%s does not cover %j", (pattern, url) => {
    expect(covers(pattern, url)).toBe(false);
  });
  it("resists a corpus of at least sixty attempts", () => {
    expect(attempts.length).toBeGreaterThanOrEqual(60);
  });

  it("calls a wildcard in the authority an error and what matches nothing a mistake", () => {
    for (const text of ["https://*", "http://127.0.0.1*", "https://a.*.b/**", "https://*.x.*/**", "http://h:*/"]) {
      expect(parseUrlPattern(text)).toMatchObject({ ok: false, problem: "wildcard" });
    }
    for (const text of [
      "api.internal/**",
      "ftp://h/**",
      "http*",
      "https://u@h/**",
      "https://h/#x",
      "https://*.127.0.0.1/**",
    ]) {
      expect(parseUrlPattern(text)).toMatchObject({ ok: false, problem: "never" });
    }
  });

  const label = fc.stringMatching(/^[a-z][a-z0-9]{0,3}$/);
  const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
  const folder = fc.array(label, { maxLength: 3 }).map((labels) => labels.map((one) => `/${one}`).join(""));

  it("agrees with a naive model on plain URLs", () => {
    const side = fc.record({
      scheme: fc.constantFrom("http", "https"),
      host,
      port: fc.constantFrom("", ":81"),
      folder,
    });
    const shape = fc.record({ sub: fc.boolean(), end: fc.constantFrom("", "/**", "/*", "*") });
    // Half of the URLs are grown from the pattern, or nothing would ever match.
    const pair = fc.tuple(side, shape, side, label, fc.boolean(), fc.boolean(), fc.boolean());
    fc.assert(
      fc.property(pair, ([of, { sub, end }, other, extra, related, prefixed, deeper]) => {
        const url = related
          ? {
              ...of,
              host: prefixed ? `${extra}.${of.host}` : of.host,
              folder: deeper ? `${of.folder}/${extra}` : of.folder,
            }
          : other;
        const pattern = `${of.scheme}://${sub ? "*." : ""}${of.host}${of.port}${end === "*" && of.folder === "" ? "/" : of.folder}${end}`;
        const text = `${url.scheme}://${url.host}${url.port}${url.folder}`;
        const path = url.folder === "" ? "/" : url.folder;
        const own = of.folder === "" ? "/" : of.folder;
        const expected =
          of.scheme === url.scheme &&
          of.port === url.port &&
          (sub ? url.host.endsWith(`.${of.host}`) : url.host === of.host) &&
          (end === "" ? path === own : end === "*" ? path.startsWith(own) : `${path}/`.startsWith(`${of.folder}/`));
        expect(covers(pattern, text)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it("never covers another host, whatever stands before or behind it", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary-ascii", maxLength: 12 }),
        fc.string({ unit: "binary-ascii", maxLength: 12 }),
        (a, b) => {
          const text = `https://${a}api.internal${b}`;
          if (!covers("https://api.internal/**", text)) return;
          const url = new URL(text);
          expect([url.protocol, url.host, url.username, url.password]).toEqual(["https:", "api.internal", "", ""]);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it("does not throw for any text on either side", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (pattern, url) => {
        expect(typeof covers(`https://${pattern}`, `https://${url}`)).toBe("boolean");
        expect(typeof covers(pattern, url)).toBe("boolean");
      }),
      { numRuns: 1000 },
    );
  });
});

describe("paths that may climb", () => {
  it.each(["/a/..", "/a/%2e%2e/b", "/%2525252e%2525252e/", "/a/..;v=1", "/a\\..\\b", "/a/. ./b"])(
    "are seen in %s",
    (path) => {
      expect(mayClimb(path)).toBe(true);
    },
  );
  it.each(["/a/...", "/a/..b", "/a/b..", "/.well-known/x", "/a/100%25", "/a/%zz", "/a;b=../c".replace("../", "x")])(
    "are not seen in %s",
    (path) => {
      expect(mayClimb(path)).toBe(false);
    },
  );
});

describe("addresses", () => {
  it.each([
    ["127.1", "127.0.0.1"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["FE80::1", "fe80::1"],
    ["localhost", null],
    ["fe80::1%eth0", null],
  ])("%s is written %s", (text, expected) => {
    expect(canonicalAddress(text)).toBe(expected);
  });
});
