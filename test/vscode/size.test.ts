/** What is shipped stays small: the limits of `npm run size`, on the package that these tests install. */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { rig, unsupported } from "./rig/window.ts";

const root = path.resolve(import.meta.dirname, "../..");

interface Limit {
  readonly name: string;
  readonly path: string;
  readonly limit: string;
}

const limits = JSON.parse(await readFile(path.join(root, ".size-limit.json"), "utf8")) as readonly Limit[];

/** `4 MB` in bytes. */
function bytes(limit: string): number {
  const [, count = "", unit = ""] = /^([\d.]+) (kB|MB)$/.exec(limit) ?? [];
  expect(unit, `${limit} is a number of kB or MB`).not.toBe("");
  return Number(count) * (unit === "MB" ? 1e6 : 1e3);
}

describe.skipIf(unsupported)("size", () => {
  test.each(limits)("the $name is at most $limit", async ({ path: file, limit }) => {
    const { size } = await stat(file.endsWith(".vsix") ? rig().vsix : path.join(root, file));
    expect(size).toBeGreaterThan(0);
    expect(size).toBeLessThanOrEqual(bytes(limit));
  });
});
