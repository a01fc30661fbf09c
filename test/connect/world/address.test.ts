import { describe, expect, it } from "vitest";
import { classifyAddress } from "../../../src/connect/world/address.ts";
import { resolveHost } from "../../../src/connect/world/resolve.ts";
import { parseTarget } from "../../../src/connect/world/url.ts";

describe("the class of an address", () => {
  it.each([
    ["127.0.0.1", "loopback"],
    ["127.255.0.3", "loopback"],
    ["0.0.0.0", "loopback"],
    ["::1", "loopback"],
    ["::", "loopback"],
    ["::ffff:127.0.0.1", "loopback"],
    ["::ffff:7f00:1", "loopback"],
    ["10.1.2.3", "private"],
    ["172.16.0.1", "private"],
    ["172.31.255.255", "private"],
    ["172.32.0.1", "public"],
    ["192.168.1.1", "private"],
    ["100.64.0.1", "private"],
    ["100.127.255.255", "private"],
    ["100.128.0.0", "public"],
    ["fd12:3456::1", "private"],
    ["169.254.1.1", "link_local"],
    ["fe80::1%eth0", "link_local"],
    ["169.254.169.254", "metadata"],
    ["::ffff:169.254.169.254", "metadata"],
    ["64:ff9b::a9fe:a9fe", "metadata"],
    ["2002:a9fe:a9fe::1", "metadata"],
    ["fd00:ec2::254", "metadata"],
    ["100.100.100.200", "metadata"],
    ["64:ff9b::7f00:1", "loopback"],
    ["64:ff9b::808:808", "public"],
    ["64:ff9b:1::808:808", "private"],
    ["2002:0a00:0001::1", "private"],
    ["2001:0:0808:0808:0:0:80ff:fffe", "loopback"],
    ["fe80::5efe:10.0.0.1", "link_local"],
    ["2606:4700::5efe:10.0.0.1", "private"],
    ["::ffff:0:10.0.0.1", "private"],
    ["224.0.0.1", "reserved"],
    ["255.255.255.255", "reserved"],
    ["203.0.113.5", "reserved"],
    ["2001:db8::1", "reserved"],
    ["ff02::1", "reserved"],
    ["8.8.8.8", "public"],
    ["2606:4700::1111", "public"],
    ["not an address", "reserved"],
  ])("of %s is %s", (address, expected) => {
    expect(classifyAddress(address)).toBe(expected);
  });
});

describe("a host", () => {
  const names = (table: Record<string, string[]>) => (host: string) => Promise.resolve(table[host] ?? []);

  it("with public addresses may be reached at all of them, IPv4 first", async () => {
    const found = await resolveHost("h", names({ h: ["2606:4700::1", "8.8.8.8"] }), 1000);
    expect(found).toEqual({ ok: true, addresses: ["8.8.8.8", "2606:4700::1"], addressClass: "public" });
  });

  it("with one bad address among good ones counts as bad and is reached only there", async () => {
    const found = await resolveHost("h", names({ h: ["8.8.8.8", "10.0.0.1", "169.254.169.254"] }), 1000);
    expect(found).toEqual({ ok: true, addresses: ["169.254.169.254"], addressClass: "metadata" });
  });

  it("that does not answer in time is not resolved", async () => {
    const found = await resolveHost("h", () => new Promise(() => undefined), 10);
    expect(found).toEqual({ ok: false, problem: "timed out" });
  });

  it("that is an address needs no name server", async () => {
    const found = await resolveHost("::1", () => Promise.reject(new Error("asked")), 10);
    expect(found).toEqual({ ok: true, addresses: ["::1"], addressClass: "loopback" });
  });
});

describe("a URL", () => {
  it.each([
    ["HTTP://ExAmPlE.com", "http://example.com/", "example.com", 80],
    ["https://example.com:443/a/../b?q#f", "https://example.com/b?q", "example.com", 443],
    ["http://2130706433/", "http://127.0.0.1/", "127.0.0.1", 80],
    ["http://0x7f.1:8080/", "http://127.0.0.1:8080/", "127.0.0.1", 8080],
    ["http://[::FFFF:127.0.0.1]/", "http://[::ffff:7f00:1]/", "::ffff:7f00:1", 80],
    ["http://bücher.example/", "http://xn--bcher-kva.example/", "xn--bcher-kva.example", 80],
    ["http:\\\\evil.example\\x", null, "", 0],
  ])("%s is read as %s", (text, url, host, port) => {
    const target = parseTarget(text);
    if (url === null) expect(target).toBe(`URL must start with http:// or https:// (got \`${text}\`)`);
    else expect(target).toMatchObject({ url, host, port });
  });

  it("says what is wrong with it, never with a password in it", () => {
    expect(parseTarget("ftp://x/")).toBe("URL must start with http:// or https:// (got `ftp://x/`)");
    expect(parseTarget("http://x:99999/")).toBe("invalid port in URL `http://x:99999/`");
    expect(parseTarget("http://x:ab/")).toBe("invalid port in URL `http://x:ab/`");
    expect(parseTarget("http:///p")).toBe("URL `http:///p` has no host");
    for (const text of ["http://me:canary-pw@h/", "http://:canary-pw@h/", "ftp://me:canary-pw@h/"]) {
      expect(parseTarget(text)).toEqual(expect.not.stringContaining("canary-pw"));
    }
    expect(parseTarget("http://@h/")).toContain("has user information");
  });
});
