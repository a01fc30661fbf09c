import { describe, expect, it } from "vitest";
import type { PreparedEffect } from "../../src/effects/effect.ts";
import type { DocumentPolicy } from "../../src/graph/model.ts";
import { decide, policy, prepared, scope, server } from "./support.ts";

const none = policy({});

describe("denial texts of spec/workflow.md §7.4", () => {
  const rows: [PreparedEffect, DocumentPolicy, string][] = [
    [
      prepared.read("/p"),
      none,
      "read_file denied on /p: fs_read denied: no `fs_read` allowlist patterns are configured",
    ],
    [
      prepared.read("/p"),
      policy({ read: ["/q"] }),
      "read_file denied on /p: fs_read on `/p` not covered by any allowlist pattern",
    ],
    [
      prepared.write("/p"),
      none,
      "write_file denied on /p: fs_write denied: no `fs_write` allowlist patterns are configured",
    ],
    [
      prepared.mkdir("/p"),
      policy({ write: ["/q"] }),
      "create_dir denied on /p: fs_write on `/p` not covered by any allowlist pattern",
    ],
    [
      prepared.env("K"),
      policy({ env: ["A", "B_*"] }),
      "read_env `K`: env var `K` is not in the allowlist (2 configured)",
    ],
    [
      prepared.http("http://h/x"),
      none,
      "http_request `GET http://h/x`: http_request denied: no `http.urls` allowlist configured",
    ],
    [
      prepared.http("http://h/x", {}, "POST"),
      policy({ urls: ["*"], methods: ["get"] }),
      "http_request `POST http://h/x`: http_request method `POST` not in allowlist",
    ],
    [
      prepared.http("http://h/x"),
      policy({ urls: ["http://other/**"], methods: ["get"] }),
      "http_request `GET http://h/x`: http_request URL `http://h/x` not covered by any allowlist pattern",
    ],
    [
      prepared.run("/bin/echo", "/usr/bin/echo"),
      none,
      "shell_run `/usr/bin/echo`: shell_run denied: no `shell.commands` allowlist configured",
    ],
    [
      prepared.run("/bin/echo", "/usr/bin/echo"),
      policy({ commands: ["/usr/bin/git"] }),
      "shell_run `/usr/bin/echo`: shell_run command `/usr/bin/echo` not covered by any allowlist pattern",
    ],
    [prepared.tool("t", "s"), none, "mcp tool `t` denied by allowlist on server `s`"],
    [prepared.resource("docs://x", "s"), none, "mcp resource `docs://x` denied by allowlist on server `s`"],
  ];
  it.each(rows)("are literal (%#)", async (effect, own, reason) => {
    expect(await decide(effect, [scope(own)])).toEqual({ decision: "Deny", code: "policy", reason });
  });

  const loop: [PreparedEffect, string][] = [
    [prepared.read("/p"), "read_file denied: fs_read denied: no `fs_read` allowlist patterns are configured"],
    [prepared.env("K"), "read_env denied: env var `K` is not in the allowlist (0 configured)"],
    [prepared.run("/bin/x"), "shell_run denied: shell_run denied: no `shell.commands` allowlist configured"],
    [prepared.tool("t", "s"), "mcp tool `t` is not allowlisted on server `s`"],
  ];
  it.each(loop)("take the form of a loop's tools in an agent loop (%#)", async (effect, reason) => {
    const made = await decide(effect, [scope(none)], {}, { nodeKind: "agent_loop", chosenByModel: true });
    expect(made).toEqual({ decision: "Deny", code: "policy", reason });
  });
});

describe("what documents allow", () => {
  it("is everything without [policy]", async () => {
    for (const effect of [
      prepared.read("/etc/passwd"),
      prepared.env("K"),
      prepared.http("http://h/"),
      prepared.run("/bin/x"),
    ]) {
      expect((await decide(effect, [scope(null)])).decision).toBe("Allow");
    }
  });

  it("compares methods without regard to case, and any method when none is named", async () => {
    const urls = ["http://h/**"];
    expect(
      (await decide(prepared.http("http://h/", {}, "post"), [scope(policy({ urls, methods: ["Post"] }))])).decision,
    ).toBe("Allow");
    expect((await decide(prepared.http("http://h/", {}, "BREW"), [scope(policy({ urls }))])).decision).toBe("Allow");
  });

  it("finds programs whose pattern is a link to them", async () => {
    const realPrefix = (path: string) => path.replace(/^\/bin/, "/usr/bin");
    const own = scope(policy({ commands: ["/bin/echo"] }));
    expect((await decide(prepared.run("/bin/echo", "/usr/bin/echo"), [own], { realPrefix })).decision).toBe("Allow");
    expect((await decide(prepared.run("/bin/cat", "/usr/bin/cat"), [own], { realPrefix })).decision).toBe("Deny");
  });

  it("denies what could not be resolved", async () => {
    const unresolved = { ...prepared.read("/p"), description: { path: "/p" } };
    expect((await decide(unresolved, [scope(policy({ read: ["/p"] }))])).code).toBe("policy");
  });
});

describe("MCP servers (spec/workflow.md §11)", () => {
  const docs = server("docs", ["read_*"]);

  it.each([
    ["a declared server's own list allows, whatever [policy] says", docs, "read_page", [scope(none, [docs])], "Allow"],
    ["a declared server's own list denies without any [policy]", docs, "write_page", [scope(null, [docs])], "Deny"],
    ["an empty list denies everything", server("docs", []), "read_page", [scope(null, [server("docs", [])])], "Deny"],
    ["an undeclared server is free without [policy]", "default", "x", [scope(null)], "Allow"],
    ["an undeclared server asks [policy.mcp]", "default", "x", [scope(policy({ tools: ["y"] }))], "Deny"],
    ["an undeclared server asks [policy.mcp]", "default", "y", [scope(policy({ tools: ["y"] }))], "Allow"],
    ["a parent with [policy] limits a child's server", docs, "read_page", [scope(none), scope(null, [docs])], "Deny"],
    [
      "a parent may let a child's server through",
      docs,
      "read_page",
      [scope(policy({ tools: ["*"] })), scope(null, [docs])],
      "Allow",
    ],
    ["a child's [policy] limits its parent's server", docs, "read_page", [scope(null, [docs]), scope(none)], "Deny"],
    [
      "a child cannot borrow its parent's list for another program of the same name",
      server("docs", ["*"], ["evil"]),
      "read_page",
      [scope(none, [docs]), scope(null, [server("docs", ["*"], ["evil"])])],
      "Deny",
    ],
    [
      "a child cannot widen the list of its parent's server",
      docs,
      "write_page",
      [scope(null, [docs]), scope(null, [server("docs", ["*"])])],
      "Deny",
    ],
  ] as const)("%s", async (_name, on, tool, scopes, decision) => {
    expect((await decide(prepared.tool(tool, on), [...scopes])).decision).toBe(decision);
  });

  it("match names by prefix, so a pattern with /* leaves its stem out", async () => {
    const own = server("docs", ["docs://p/*"]);
    expect((await decide(prepared.resource("docs://p/x", own), [scope(null, [own])])).decision).toBe("Allow");
    expect((await decide(prepared.resource("docs://p", own), [scope(null, [own])])).decision).toBe("Deny");
  });
});

describe("addresses inside (spec/runtime.md §2)", () => {
  const at = (url: string, address: string, kind: string, more: readonly string[] = []) =>
    prepared.http(url, { address, address_class: kind, addresses: [address, ...more] });
  const rows: [name: string, effect: PreparedEffect, urls: string[] | null, decision: string][] = [
    ["private without [policy]", at("http://h/", "10.0.0.5", "private"), null, "Allow"],
    ["loopback without [policy]", at("http://localhost/", "127.0.0.1", "loopback"), null, "Allow"],
    ["metadata without [policy]", at("http://h/", "169.254.169.254", "metadata"), null, "Deny"],
    ["loopback under *", at("http://localhost/", "127.0.0.1", "loopback"), ["*"], "Deny"],
    ["loopback named", at("http://localhost/x", "127.0.0.1", "loopback"), ["http://localhost/**"], "Allow"],
    ["private by sub-domains", at("https://a.internal/", "10.0.0.5", "private"), ["https://*.internal/**"], "Deny"],
    ["private named by host", at("https://a.internal/", "10.0.0.5", "private"), ["https://a.internal/**"], "Allow"],
    [
      "private named by address",
      at("https://a.internal/", "10.0.0.5", "private"),
      ["https://*.internal/**", "https://10.0.0.5/**"],
      "Allow",
    ],
    [
      "address named for another port",
      at("https://a.internal/", "10.0.0.5", "private"),
      ["https://*.internal/**", "https://10.0.0.5:8443/**"],
      "Deny",
    ],
    [
      "address named, URL not covered",
      at("https://a.internal/", "10.0.0.5", "private"),
      ["https://10.0.0.5/**"],
      "Deny",
    ],
    [
      "only one of two addresses named",
      at("http://a.internal/", "127.0.0.1", "loopback", ["::1"]),
      ["http://*.internal/**", "http://127.0.0.1/**"],
      "Deny",
    ],
    [
      "both of two addresses named",
      at("http://a.internal/", "127.0.0.1", "loopback", ["::1"]),
      ["http://*.internal/**", "http://127.0.0.1/**", "http://[0:0::1]/**"],
      "Allow",
    ],
    ["metadata named", at("http://meta/", "169.254.169.254", "metadata"), ["http://meta/**"], "Allow"],
    ["link-local under *", at("http://h/", "fe80::1", "link_local"), ["*"], "Deny"],
    ["a class nobody knows", at("http://h/", "1.2.3.4", "quantum"), ["http://*.x/**", "*"], "Deny"],
    ["public under *", at("http://h/", "93.184.216.34", "public"), ["*"], "Allow"],
  ];
  it.each(rows)("%s", async (_name, effect, urls, decision) => {
    const scopes = [scope(urls === null ? null : policy({ urls }))];
    expect((await decide(effect, scopes)).decision).toBe(decision);
  });

  it("are refused without any document, and by every ancestor on its own", async () => {
    expect((await decide(at("http://h/", "169.254.169.254", "metadata"), [])).code).toBe("policy");
    const named = scope(policy({ urls: ["http://localhost/**"] }));
    const wide = scope(policy({ urls: ["*"] }));
    const effect = at("http://localhost/", "127.0.0.1", "loopback");
    expect((await decide(effect, [wide, named])).decision).toBe("Deny");
    expect((await decide(effect, [named, scope(null)])).decision).toBe("Allow");
  });
});
