import fc from "fast-check";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { decode, encode, encodeText, formatSpec, specHash } from "../../../src/dialects/pipeline/canonical.ts";
import { isRange } from "../../../src/graph/diagnostic.ts";
import { anySpec, pipeline, sample, shown } from "./support.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const digest = (data: string | Uint8Array) => `sha256:${createHash("sha256").update(data).digest("hex")}`;

/** The formatted text; fails the test with the problems when there is none. */
function formatted(text: string): string {
  const made = formatSpec(text, "spec.kv");
  if (!made.ok) throw new Error(made.problems.map((one) => one.message).join("; "));
  return made.text;
}

describe("the canonical form of spec.kv", () => {
  it("encodes every spec to bytes that decode to the same spec and encode to the same bytes", () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        const bytes = encode(spec);
        const read = decode(bytes, "spec.kv");
        expect(read).toEqual({ ok: true, spec });
        if (read.ok) expect(encode(read.spec)).toEqual(bytes);
      }),
      { numRuns: 300 },
    );
  });

  it("refuses any file whose bytes are not what its spec encodes to", () => {
    const mutation = fc.tuple(
      fc.nat({ max: sample.length }),
      fc.integer({ min: 0, max: 2 }),
      fc.integer({ min: 0, max: 255 }),
    );
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
        const bytes = [...bytesOf(sample)];
        for (const [at, remove, byte] of mutations) bytes.splice(at, remove, byte);
        const read = decode(Uint8Array.from(bytes), "spec.kv");
        if (read.ok) expect([...encode(read.spec)]).toEqual(bytes);
        else expect(read.problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });

  it("never throws, and gives every problem a place inside the text, however a file was shuffled and cut", () => {
    const lines = sample.split("\n");
    const text = fc
      .tuple(
        fc.shuffledSubarray(lines, { minLength: 0 }),
        fc.array(fc.constantFrom(...lines, "# x", "a=", "\ufeffv=1", " v=1")),
      )
      .chain(([a, b]) => fc.tuple(fc.constant([...a, ...b]), fc.constantFrom("\n", "\r\n", "\n\n")))
      .map(([all, joint]) => all.join(joint));
    fc.assert(
      fc.property(text, (broken) => {
        const rows = broken.split("\n");
        for (const made of [decode(bytesOf(broken), "spec.kv"), formatSpec(broken, "spec.kv")]) {
          if (made.ok) continue;
          for (const { at } of made.problems) {
            if (!isRange(at)) throw new Error("a parse problem has no range");
            expect(at.start.line).toBeLessThanOrEqual(rows.length);
            expect(at.end.character).toBeLessThanOrEqual((rows[at.end.line] ?? "").length);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("will not write what cannot be read back", () => {
    expect(() => encodeText({ ...pipeline([["identity", []]]), name: "a\nb" })).toThrow(/line feed/);
    expect(() => encodeText({ ...pipeline([["identity", []]]), name: " a" })).toThrow(/space/);
    expect(() => encodeText({ ...pipeline([["identity", []]]), shards: 1.5 })).toThrow(/decimal/);
    expect(() => encodeText(pipeline([]))).toThrow(/stages\.0/);
  });
});

describe("fmt", () => {
  it("restores a file whose lines were put in any order", () => {
    const lines = sample.trimEnd().split("\n");
    fc.assert(
      fc.property(fc.shuffledSubarray(lines, { minLength: lines.length }), (shuffled) => {
        expect(formatted(`${shuffled.join("\n")}\n`)).toBe(sample);
      }),
    );
  });

  it("leaves a canonical file alone and repairs layout only", () => {
    expect(formatted(sample)).toBe(sample);
    expect(formatted(`\ufeff\r\n${sample.replaceAll("\n", "\r\n\n")}`)).toBe(sample);
    expect(formatted(sample.trimEnd())).toBe(sample);
  });

  it.each([
    ["a comment", sample.replace("name=", "# hello\nname="), "kv_comment 3: |# hello|"],
    ["an unknown key", sample.replace("name=", "nam="), "kv_unknown_key 3: |nam|=notify-order"],
    ["a duplicate", `${sample}v=1\n`, "kv_duplicate_key 15: |v|=1"],
    ["a gap", sample.replaceAll("stages.1.", "stages.2."), "kv_gap 11: |single_ring.stages.2.id|=notify"],
    [
      "a value with a space behind blank lines and a mark",
      `\ufeff\n\n${sample.replace("name=notify-order", "name=x ")}`,
      "kv_value 5: name=x| |",
    ],
    ["a line in the middle with a stray CR", sample.replace("name=no", "name=n\ro"), "kv_cr 3: name=n|\r|otify-order"],
    ["a bad first line behind a mark", `\ufeffV=1\n${sample}`, "kv_key 1: \ufeff|V|=1"],
  ])("refuses %s and says where it stands in the text as given", (_name, text, expected) => {
    const made = formatSpec(text, "spec.kv");
    expect(made.ok).toBe(false);
    if (!made.ok) expect(made.problems.map((one) => shown(one, text))).toContain(expected);
  });
});

describe("spec_hash", () => {
  it("is the SHA-256 of a canonical file's bytes", () => {
    expect(specHash(bytesOf(sample), digest)).toEqual({ ok: true, hash: digest(sample) });
  });

  it("does not exist for another form of the same pipeline", () => {
    for (const text of [sample.trimEnd(), sample.replaceAll("\n", "\r\n"), `\ufeff${sample}`]) {
      const made = specHash(bytesOf(text), digest);
      expect(made.ok).toBe(false);
    }
    expect(specHash(Uint8Array.of(0x76, 0xff), digest).ok).toBe(false);
  });
});
