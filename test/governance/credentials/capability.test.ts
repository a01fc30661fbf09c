import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Effect, PreparedEffect } from "../../../src/effects/effect.ts";
import {
  approvalCapability,
  capabilityFamilies,
  capabilityOf,
  capabilityProblem,
  covers,
  familyOf,
} from "../../../src/governance/credentials/capability.ts";

function prepared(effect: Effect, target: string): PreparedEffect {
  return { effect, target, description: {} };
}

const post: Effect = {
  kind: "http.request",
  method: "POST",
  url: "https://API.example/orders",
  headers: [],
  body: null,
  timeoutMs: 1,
  maxReplyBytes: 1,
};

describe("the capability of an effect", () => {
  it("is its kind and what preparation found, and a stage's is its key", () => {
    expect(capabilityOf(prepared(post, "https://api.example/orders"), null)).toBe(
      "http.request:POST https://api.example/orders",
    );
    expect(capabilityOf(prepared(post, "https://api.example/orders"), "http_post:https://api.example/orders")).toBe(
      "http_post:https://api.example/orders",
    );
    expect(capabilityOf(prepared({ kind: "fs.write", path: "out", content: "" }, "/srv/out"), null)).toBe(
      "fs.write:/srv/out",
    );
    const tool: Effect = { kind: "mcp.tool", server: "shop", tool: "order", args: null };
    expect(capabilityOf(prepared(tool, "order"), null)).toBe("mcp.tool:shop/order");
    const resource: Effect = { kind: "mcp.resource", server: null, uri: "doc://a" };
    expect(capabilityOf(prepared(resource, "doc://a"), null)).toBe("mcp.resource:default/doc://a");
    expect(approvalCapability("release/gate")).toBe("approval:release/gate");
  });

  it("can always be put into a credential", () => {
    for (const one of [
      "identity",
      "http_post:https://api.internal/orders?x=1",
      "exec:/usr/bin/git|status|--short",
      "http.request:POST https://api.example/a*b?c=*",
      "shell.run:/usr/bin/git",
      "fs.write:/srv/my file.txt",
      "env.read:HOME",
      "model.call:default",
      "mcp.tool:shop/order",
      "approval:release/gate",
      "replay.execute",
      ...capabilityFamilies,
    ]) {
      expect(capabilityProblem(one), one).toBeNull();
    }
  });
});

describe("what a credential covers", () => {
  it("is what it names, and whole families that it names", () => {
    const list = ["exec", "http.request:POST https://api.example/", "http_post:https://api.example/"];
    expect(covers(list, "exec:/usr/bin/git|push")).toBe(true);
    expect(covers(list, "http.request:POST https://api.example/")).toBe(true);
    expect(covers(list, "http.request:PUT https://api.example/")).toBe(false);
    expect(covers(list, "http.request:POST https://api.example/x")).toBe(false);
    expect(covers(list, "http_post:https://api.example/x")).toBe(false);
    expect(covers(list, "replay.execute")).toBe(false);
    expect(covers(["http.request"], "http_post:https://api.example/")).toBe(false);
    expect(covers(["replay.execute"], "replay.execute")).toBe(true);
  });

  it("never grows by anything that looks like a pattern", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "*", "?", "/", ".", ":", "%", " "), maxLength: 8 });
    fc.assert(
      fc.property(text, text, (listed, wanted) => {
        const capability = `fs.write:/${wanted}`;
        expect(covers([`fs.write:/${listed}`], capability)).toBe(listed === wanted);
        expect(familyOf(capability)).toBe("fs.write");
      }),
    );
  });
});

describe("a malformed capability", () => {
  it.each([
    "",
    "*",
    "**",
    "http",
    "http_post:*",
    "http_post:https://*/x",
    "http_post:https://*.example/x",
    "http_post:ftp://api.example/",
    "http_post:https://user@api.example/",
    "exec:",
    "exec:/bin/a\u0000b",
    "shell.run:",
    "shell.run:*",
    "fs.write:/**",
    "http.request:https://api.example/",
    "http.request:post https://api.example/",
    "http.request:POST api.example",
    "http.request:POST  https://api.example/",
    "http.request:* https://api.example/",
    "http.request:POST https://*.example/",
    "replay.execute:x",
    "replay",
    "net.dial:example",
    "fs.write:/a\nb",
    `fs.write:/${"x".repeat(9000)}`,
  ])("is refused: %j", (one) => {
    expect(capabilityProblem(one)).not.toBeNull();
  });
});
