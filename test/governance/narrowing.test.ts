import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PolicyScope } from "../../src/effects/decision.ts";
import type { DocumentPolicy } from "../../src/graph/model.ts";
import { decide, policy, prepared, scope, server } from "./support.ts";

const pathPattern = fc.constantFrom("*", "/a/**", "/a/b", "/a/b/*", "/b*", "/c/**", "c/**");
const urlPattern = fc.constantFrom(
  "*",
  "http://h/**",
  "https://*.h/**",
  "http://127.0.0.1/**",
  "http://h/a",
  "http://h/a*",
);
const name = fc.constantFrom("*", "A*", "A", "B");
const some = <T>(one: fc.Arbitrary<T>) => fc.uniqueArray(one, { maxLength: 3 });

const anyPolicy: fc.Arbitrary<DocumentPolicy> = fc
  .record({
    read: some(pathPattern),
    write: some(pathPattern),
    env: some(name),
    urls: some(urlPattern),
    methods: some(fc.constantFrom("GET", "post", "*")),
    commands: some(pathPattern),
    tools: some(name),
    resources: some(name),
  })
  .map(policy);

const docs = [server("s", ["A*"]), server("s", ["*"], ["other"])];
const anyScope: fc.Arbitrary<PolicyScope> = fc
  .tuple(fc.option(anyPolicy), fc.option(fc.constantFrom(...docs)))
  .map(([own, mcp]) => scope(own, mcp === null ? [] : [mcp]));

const path = fc.constantFrom("/a", "/a/b", "/a/b/c", "/ab", "/b", "/b2/x", "/srv/c/x", "/c/x");
const anyEffect = fc.oneof(
  path.map((one) => prepared.read(one)),
  path.map((one) => prepared.write(one)),
  path.map((one) => prepared.mkdir(one)),
  path.map((one) => prepared.run(one)),
  name.map((one) => prepared.env(one)),
  fc
    .tuple(
      fc.constantFrom("http://h/", "http://h/a", "http://h/a/b", "https://x.h/", "http://127.0.0.1/x"),
      fc.constantFrom(["93.184.216.34", "public"], ["127.0.0.1", "loopback"], ["169.254.169.254", "metadata"]),
      fc.constantFrom("GET", "POST", "PUT"),
    )
    .map(([url, [address = "", kind = ""], method]) => prepared.http(url, { address, address_class: kind }, method)),
  fc.tuple(name, fc.constantFrom("s", ...docs)).map(([tool, on]) => prepared.tool(tool, on)),
  fc.tuple(name, fc.constantFrom("s", ...docs)).map(([tool, on]) => prepared.resource(tool, on)),
  name.map((one) => prepared.model(one)),
);

describe("narrowing (DESIGN.md idea 6)", () => {
  it("allows through a chain of scopes exactly what each of them allows alone", async () => {
    let allowed = 0;
    let denied = 0;
    const chain = fc.array(anyScope, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(chain, anyEffect, async (scopes, effect) => {
        const whole = (await decide(effect, scopes)).decision === "Allow";
        const each = await Promise.all(scopes.map(async (one) => (await decide(effect, [one])).decision === "Allow"));
        expect(whole).toBe(each.every((one) => one));
        if (whole) allowed++;
        else denied++;
      }),
      { numRuns: 2000 },
    );
    // A property over only denials would prove nothing.
    expect(allowed).toBeGreaterThan(100);
    expect(denied).toBeGreaterThan(100);
  });

  it("is never undone by a further pattern-less scope, a dry run or a replay", async () => {
    await fc.assert(
      fc.asyncProperty(anyScope, anyEffect, fc.boolean(), fc.boolean(), async (own, effect, dryRun, replay) => {
        const before = await decide(effect, [own]);
        if (before.decision !== "Deny") return;
        expect((await decide(effect, [own, scope(null)], {}, { dryRun, replay })).decision).toBe("Deny");
        expect((await decide(effect, [scope(null), own], {}, { dryRun, replay })).decision).toBe("Deny");
      }),
      { numRuns: 1000 },
    );
  });
});
