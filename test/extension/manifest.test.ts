/** What the manifest promises of views, commands and settings. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { contributes } from "../../src/extension/manifest.ts";

interface Welcome {
  readonly view: string;
  readonly when?: string;
}

describe("a view that is empty", () => {
  const welcomes = contributes.viewsWelcome as readonly Welcome[];

  test("says so only once it has looked, or a filter was set", () => {
    expect(welcomes.length).toBeGreaterThan(3);
    for (const { view, when } of welcomes) {
      expect(when, view).toMatch(/^countersign\.\w+(?:\.\w+)*/);
      expect(when, view).toMatch(/^countersign\.(?:\w+\.)*(?:none|filtered)\b/);
    }
  });

  test("has one text at a time", () => {
    const whens = welcomes.map(({ view, when }) => `${view} ${String(when)}`);
    expect(new Set(whens).size).toBe(whens.length);
    for (const { when } of welcomes.filter((one) => one.when?.includes("&&") === true))
      expect(when).toMatch(/^(\S+)\.none && !\1\.filtered$/);
  });
});

describe("the pages", () => {
  test("name every command by its title and every setting", async () => {
    const docs = path.resolve(import.meta.dirname, "../../docs");
    const pages = (await readdir(docs)).filter((name) => name.endsWith(".md"));
    const text = (await Promise.all(pages.map((name) => readFile(path.join(docs, name), "utf8")))).join("\n");
    const commands = contributes.commands as readonly { readonly command: string; readonly title: string }[];
    expect(commands.length).toBeGreaterThan(40);
    expect(commands.filter(({ title }) => !text.includes(title)).map(({ command }) => command)).toEqual([]);
    const settings = Object.keys(contributes.configuration.properties);
    expect(settings.filter((name) => !text.includes(`\`${name}\``) && !text.includes(`"${name}"`))).toEqual([]);
  });
});
