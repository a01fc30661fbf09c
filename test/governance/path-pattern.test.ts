import fc from "fast-check";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { matchesName } from "../../src/governance/static/name-pattern.ts";
import { lexicalPath, matchesPath, namedPaths } from "../../src/governance/static/path-pattern.ts";
import { decide, policy, prepared, scope } from "./support.ts";

const lexical = (path: string) => lexicalPath(path, "/srv");
const covers = (pattern: string, path: string) => matchesPath(pattern, lexical(path), lexical);

describe("path patterns (spec/workflow.md §7.2, Decision D2)", () => {
  it.each([
    ["*", "/etc/passwd"],
    ["/a/**", "/a"],
    ["/a/**", "/a/b/c"],
    ["/a/*", "/a/b/c"],
    ["/a/*", "/a"],
    ["/**", "/x"],
    ["/*", "/x"],
    ["/a/lo*", "/a/logs/x"],
    ["/a/b", "/a/b"],
    ["/a/b/", "/a/b"],
    ["/a/../b/**", "/b/c"],
    ["docs/**", "docs/x"],
    ["docs/**", "/srv/docs/x"],
    ["./docs/**", "docs/x"],
    ["lo*", "logs"],
    ["/a/b", "/a/./c/../b"],
  ])("%s covers %s", (pattern, path) => {
    expect(covers(pattern, path)).toBe(true);
  });

  it.each([
    ["/a/**", "/ab"],
    ["/a/**", "/a/../etc/passwd"],
    ["/a/**", "/a/b/../../etc"],
    ["/a/**", "/a/../b"],
    ["/a/**", "//etc/passwd"],
    ["/a/**", "/A/b"],
    ["/a/**", "a/b"],
    ["/a/**", "../b"],
    ["/a/lo*", "/a/lo/../../etc"],
    ["/a/lo*", "/a/x"],
    ["/a/..*", "/b"],
    ["/a/b", "/a/b/c"],
    ["/a/b", "/a/bc"],
    ["/a/*/c", "/a/b/c"],
    ["/a/*.md", "/a/x.md"],
    ["", "/srv"],
    ["docs/**", "/docs/x"],
    ["docs/**", "../docs/x"],
    ["/a\\..\\b/**", "/b"],
  ])("%s does not cover %s", (pattern, path) => {
    expect(covers(pattern, path)).toBe(false);
  });

  it("agrees with a naive model on real paths", () => {
    const piece = fc.constantFrom("a", "b", "ab", "c");
    const path = fc.array(piece, { maxLength: 4 }).map((pieces) => `/${pieces.join("/")}`);
    fc.assert(
      fc.property(path, path, fc.constantFrom("", "/**", "/*", "*"), (stem, candidate, end) => {
        if (stem === "/" && end === "") return;
        const text = `${stem === "/" && end.startsWith("/") ? "" : stem}${end}`;
        const inside = (root: string) => root === "/" || `${candidate}/`.startsWith(`${root}/`);
        const naive = end === "" ? candidate === stem : end === "*" ? candidate.startsWith(stem) : inside(stem);
        expect(matchesPath(text, candidate, (named) => named)).toBe(naive);
      }),
      { numRuns: 2000 },
    );
  });

  it("asks for the real path of its literal part only", () => {
    expect(namedPaths(["*", "/a/**", "/a/b*", "x", ""])).toEqual(["/a", "/a/", "x"]);
  });

  it("reads Windows paths with either slash", () => {
    expect(lexicalPath("..\\x", "C:\\srv\\a")).toBe("C:/srv/x");
    expect(matchesPath("C:/srv/**", "C:\\srv\\a", (named) => named)).toBe(true);
    expect(matchesPath("C:/srv/**", "C:\\workshop", (named) => named)).toBe(false);
  });
});

describe("real files", () => {
  let root = "";
  beforeAll(() => {
    root = mkdtempSync(join(realpathSync(tmpdir()), "policy-"));
    mkdirSync(join(root, "data/open"), { recursive: true });
    mkdirSync(join(root, "secret"));
    writeFileSync(join(root, "secret/key"), "k");
    symlinkSync(join(root, "data/open"), join(root, "link"));
    symlinkSync(join(root, "secret"), join(root, "data/open/out"));
  });
  afterAll(() => {
    rmSync(root, { recursive: true });
  });

  /** Real path of the longest existing prefix, by the system's own means. */
  const real = (path: string): string => {
    const absolute = lexicalPath(path, root);
    try {
      return realpathSync(absolute);
    } catch {
      return join(real(dirname(absolute)), basename(absolute));
    }
  };
  const ask = async (pattern: string, path: string) => {
    const scopes = [scope(policy({ read: [join(root, pattern)] }))];
    return (await decide(prepared.read(path, real(path)), scopes, { realPrefix: real })).decision;
  };

  it.each([
    ["link/**", "link/new", "Allow"],
    ["link/**", "data/open/new", "Allow"],
    ["data/open/**", "link/new", "Allow"],
    ["data/open/**", "link/out/key", "Deny"],
    ["data/open/**", "data/open/out/key", "Deny"],
    ["data/open/**", "data/open/out/../x", "Allow"],
    ["data/open/**", "data/open/../../secret/key", "Deny"],
    ["data/open/out/**", "secret/key", "Allow"],
    ["link*", "link/new", "Deny"],
  ])("under %s, %s: %s", async (pattern, path, decision) => {
    expect(await ask(pattern, join(root, path))).toBe(decision);
  });
});

describe("name patterns", () => {
  it.each([
    ["*", "X", true],
    ["A_*", "A_B", true],
    ["A_*", "A_", true],
    ["A_*", "A", false],
    ["A", "A", true],
    ["A", "a", false],
    ["A*B", "AxB", false],
    ["A*B", "A*B", true],
    ["", "", true],
    ["", "A", false],
  ])("%j and %j: %s", (pattern, name, expected) => {
    expect(matchesName(pattern, name)).toBe(expected);
  });
});
