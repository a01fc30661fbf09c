/** The suite of `host/` in the extension host of a real VS Code, with the packed extension installed; a test per case. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MARK, type CaseResult } from "./host/case.ts";
import { cases } from "./host/cases.ts";
import { unsupported, Window } from "./rig/window.ts";

describe.skipIf(unsupported)("in the extension host", () => {
  const results = new Map<string, CaseResult>();
  let window: Window | null = null;
  let ended: number | null = null;
  let heard = (): void => undefined;

  beforeAll(async () => {
    window = await Window.open({
      suite: {
        onLine(line) {
          const at = line.indexOf(`${MARK} `);
          if (at < 0) return;
          const text = line.slice(at + MARK.length + 1);
          const result = JSON.parse(text.slice(0, text.lastIndexOf("}") + 1)) as CaseResult;
          results.set(result.name, result);
          heard();
        },
        onEnd(code) {
          ended = code;
          heard();
        },
      },
    });
  });
  afterAll(() => window?.close());

  test.each(cases.map(({ name }) => name))("%s", async (name) => {
    while (!results.has(name) && ended === null) await new Promise<void>((resolve) => (heard = resolve));
    const result = results.get(name);
    if (result === undefined) throw new Error(`VS Code ended the suite with ${ended ?? ""} before this case`);
    if (result.problem !== null) throw new Error(result.problem);
    if (result.note !== null) process.stdout.write(`    ${result.note}\n`);
  });

  test("the suite ends with success when no case failed", async () => {
    while (ended === null) await new Promise<void>((resolve) => (heard = resolve));
    const failed = [...results.values()].filter(({ problem }) => problem !== null);
    expect(ended).toBe(failed.length === 0 ? 0 : 1);
  });
});
