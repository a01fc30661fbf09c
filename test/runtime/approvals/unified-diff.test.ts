import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unifiedDiff } from "../../../src/runtime/approvals/unified-diff.ts";

/** The text after a difference is applied, by the rules of patch(1). */
function patched(before: string, diff: readonly string[]): string {
  const lines = before === "" ? [] : before.split("\n");
  const ends = lines.at(-1) === "";
  if (ends) lines.pop();
  const out: string[] = [];
  let at = 0;
  let open = before !== "" && !ends;
  for (const line of diff) {
    const head = /^@@ -(\d+)(?:,(\d+))? /.exec(line);
    if (head !== null) {
      const start = head[2] === "0" ? Number(head[1]) : Number(head[1]) - 1;
      while (at < start) out.push(lines[at++] ?? "");
      if (at < lines.length) open = false;
    } else if (line.startsWith("\\")) continue;
    else if (line.startsWith("-")) at++;
    else {
      out.push(line.slice(1));
      if (line.startsWith(" ")) at++;
    }
  }
  const rest = lines.slice(at);
  out.push(...rest);
  const last = diff.at(-1) ?? "";
  open = rest.length > 0 ? before !== "" && !ends : last.startsWith("\\") && !(diff.at(-2) ?? "").startsWith("-");
  return out.length === 0 ? "" : out.join("\n") + (open ? "" : "\n");
}

describe("a unified difference", () => {
  it("reads as people expect", () => {
    expect(unifiedDiff("a\nb\nc\n", "a\nB\nc\n")).toEqual(["@@ -1,3 +1,3 @@", " a", "-b", "+B", " c"]);
    expect(unifiedDiff("", "new\n")).toEqual(["@@ -0,0 +1 @@", "+new"]);
    expect(unifiedDiff("same\n", "same\n")).toEqual([]);
  });

  it("leads from the one text to the other", () => {
    const text = fc
      .array(fc.constantFrom("a", "b", "c", ""), { maxLength: 30 })
      .map((lines) => lines.map((line) => `${line}\n`).join(""));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const diff = unifiedDiff(before, after);
        expect(before === after ? before : patched(before, diff)).toBe(after);
      }),
    );
  });

  it("of long texts that have nothing in common ends soon", () => {
    const lines = (mark: string) => Array.from({ length: 20_000 }, (_, i) => `${mark}${i}\n`).join("");
    expect(unifiedDiff(lines("a"), lines("b"))).toHaveLength(40_001);
  });
});
