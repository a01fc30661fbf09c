/** The hand-written pages agree with the program: rooms, verbs, flags, variables, decisions, packages, links. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { settingNames } from "../../src/config/settings.ts";
import { countersign, root } from "./support.ts";

const page = (name: string): Promise<string> => readFile(path.join(root, name), "utf8");

/** Pages that people write: those in the root, in docs/ and the examples' own. */
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "examples/README.md",
  ...(await readdir(path.join(root, "docs"))).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
];

interface Room {
  readonly room: string;
  readonly may: readonly string[];
  readonly nodeImports: boolean;
  readonly packages: "any" | readonly string[];
}

test("the architecture page has the rooms of scripts/rooms.mjs", async () => {
  const { rooms } = (await import(pathToFileURL(path.join(root, "scripts", "rooms.mjs")).href)) as {
    rooms: readonly Room[];
  };
  const text = await page("docs/architecture.md");
  const table = text.slice(text.indexOf("<!-- rooms -->"), text.indexOf("<!-- /rooms -->"));
  const rows = [...table.matchAll(/^\| `([\w/]+)` *\|(.*)\|$/gm)].map(([, room, cells]) => {
    const [, may, node, packages] = (cells as string).split("|").map((cell) => cell.trim());
    return { room, may, node, packages };
  });
  const list = (items: readonly string[]): string => (items.length === 0 ? "–" : items.join(", "));
  expect(rows).toEqual(
    rooms.map(({ room, may, nodeImports, packages }) => ({
      room,
      may: list(may.map((one) => one.replace("src/", ""))),
      node: nodeImports ? "yes" : "no",
      packages: packages === "any" ? "any" : list(packages),
    })),
  );
});

describe("the page of the command line", () => {
  const help = async (argv: readonly string[]): Promise<string> => (await countersign([...argv, "--help"])).out;

  test("has every verb, and every option that its help shows", async () => {
    const text = await page("docs/cli.md");
    const verbs = [...(await help([])).matchAll(/^ {2}([\w-]+) \[/gm)].map(([, verb]) => verb as string);
    expect(verbs.length).toBeGreaterThanOrEqual(10);
    const missing: string[] = verbs.filter((verb) => !new RegExp(`^### ${verb}\\b`, "m").test(text));
    for (const verb of verbs) {
      const flags = [...(await help([verb])).matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(
        ([, flag]) => flag as string,
      );
      missing.push(...flags.filter((flag) => flag !== "--help" && !text.includes(flag)).map((one) => `${verb} ${one}`));
    }
    expect(missing).toEqual([]);
  });

  test("names no flag that the program does not have", async () => {
    const words = await Promise.all(
      [
        [],
        ["init"],
        ["validate"],
        ["describe"],
        ["graph"],
        ["fmt"],
        ["test"],
        ["run"],
        ["resume"],
        ["runs"],
        ["inspect"],
        ["verify"],
        ["history"],
        ["export"],
        ["doctor"],
        ["snapshot"],
        ["incident-bundle"],
        ["replay"],
        ["diff"],
        ["capabilities"],
      ]
        .concat([
          ["runs", "prune"],
          ["runs", "delete"],
          ["audit", "verify"],
          ["audit", "list"],
          ...["init", "list", "trust", "revoke", "export"].map((verb) => ["keys", verb]),
          ...["list", "show", "approve", "deny"].map((verb) => ["approvals", verb]),
        ])
        .map(help),
    );
    const known = new Set([...words.join("\n").matchAll(/--[a-z-]+/g)].map(([flag]) => flag));
    for (const { flag } of Object.values(settingNames)) if (flag !== null) known.add(`--${flag}`);
    for (const flag of ["--resume-incomplete", "--list-checkpoints", "--instruction-file"]) known.add(flag);
    const named = new Set([...(await page("docs/cli.md")).matchAll(/--[a-z-]+[a-z]/g)].map(([flag]) => flag));
    expect([...named].filter((flag) => !known.has(flag))).toEqual([]);
  });

  test("has every variable", async () => {
    const text = await page("docs/cli.md");
    const table = text.slice(text.indexOf("## Environment variables"), text.indexOf("## Configuration files"));
    for (const { env } of Object.values(settingNames))
      if (env !== null) expect(table, env).toMatch(new RegExp(`\`${env}\``));
    for (const variable of ["HTTP_POST_ALLOWLIST", "EXEC_ALLOWLIST", "HTTP_POST_TIMEOUT", "ACTION_MAX_RETRIES"])
      expect(table).toContain(`${variable}\``);
  });

  test("has every exit code that the help names", async () => {
    const text = await page("docs/cli.md");
    const codes = text.slice(text.indexOf("## Exit codes"), text.indexOf("## The outcome"));
    for (const code of [0, 1, 2, 5, 6, 7]) expect(codes).toMatch(new RegExp(`^\\| ${code} `, "m"));
  });
});

test("the compatibility page has every decision, each once", async () => {
  const text = await page("docs/compatibility.md");
  const ids = [...text.matchAll(/^\| ([DR]\d+) /gm)].map(([, id]) => id);
  const wanted = [
    ...Array.from({ length: 26 }, (_, i) => `D${i + 1}`),
    ...Array.from({ length: 18 }, (_, i) => `R${i + 1}`),
  ];
  expect(ids).toEqual(wanted);
});

test("the dependencies page has every package in its version", async () => {
  const text = await page("docs/dependencies.md");
  const manifest = JSON.parse(await page("package.json")) as Record<string, Record<string, string>>;
  for (const [name, version] of Object.entries({ ...manifest["dependencies"], ...manifest["devDependencies"] })) {
    const short = name.replace("@modelcontextprotocol/server", "");
    expect(text.includes(name) || text.includes(short), name).toBe(true);
    expect(text, `${name} ${version}`).toContain(version);
  }
});

test("the dependencies page names exactly the packages that have an install script", async () => {
  const lock = JSON.parse(await page("package-lock.json")) as {
    packages: Record<string, { hasInstallScript?: boolean; optional?: boolean }>;
  };
  const scripted = Object.entries(lock.packages)
    // Optional packages of other platforms are not installed here and were not read.
    .filter(([, one]) => one.hasInstallScript === true && one.optional !== true)
    .map(([key]) => key.replace(/^.*node_modules\//, ""));
  const text = await page("docs/dependencies.md");
  const section = text.slice(text.indexOf("## Install scripts"), text.indexOf("## Rules"));
  const named = [...section.matchAll(/^\| ([@\w/-]+) +\| `/gm)].map(([, name]) => name);
  expect(named.sort()).toEqual(scripted.sort());
});

test.each(pages)("the links of %s lead somewhere", async (name) => {
  const text = (await page(name)).replaceAll(/```[\s\S]*?```/g, "");
  for (const [, link] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^(?:https?:|mailto:)/.test(link as string)) continue;
    const [file = "", anchor] = (link as string).split("#");
    const target = file === "" ? name : path.posix.join(path.posix.dirname(name), file);
    expect(existsSync(path.join(root, target)), `${name}: ${link}`).toBe(true);
    if (anchor === undefined) continue;
    const headings = [...(await page(target)).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      (heading as string)
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, "")
        .trim()
        .replaceAll(/\s+/g, "-"),
    );
    expect(headings, `${name}: ${link}`).toContain(anchor);
  }
});

test.each(pages)("%s speaks of no machine", async (name) => {
  expect(await page(name)).not.toMatch(/\/work\/|\/root\b|\/home\/\w+|registry\.npmjs|@vm\b/);
});

test("every script that the contributing page names exists", async () => {
  const { scripts } = JSON.parse(await page("package.json")) as { scripts: Record<string, string> };
  const named = [...(await page("CONTRIBUTING.md")).matchAll(/npm run ([a-z:]+)/g)].map(
    ([, script]) => script as string,
  );
  expect(named.length).toBeGreaterThan(5);
  for (const script of named) expect(scripts, script).toHaveProperty([script]);
});
