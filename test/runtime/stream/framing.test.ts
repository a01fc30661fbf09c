import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { framed, framings, Unframer, type Framing } from "../../../src/runtime/stream/framing.ts";

const record = fc.uint8Array({ maxLength: 40 });

/** Feeds bytes in pieces that end at `cuts`. */
function cutUp(bytes: Uint8Array, cuts: readonly number[], framing: Framing): { records: Uint8Array[]; of: Unframer } {
  const of = new Unframer(framing);
  const records: Uint8Array[] = [];
  let from = 0;
  for (const cut of [...cuts, bytes.length].map((one) => Math.min(one, bytes.length)).sort((a, b) => a - b)) {
    // The caller's memory may be used again, as a socket's is.
    const piece = bytes.slice(from, cut);
    records.push(...of.push(piece));
    piece.fill(0xee);
    from = cut;
  }
  records.push(...of.end());
  return { records, of };
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

describe("framing", () => {
  test.each(framings)("%s: what was framed comes out again, however the bytes arrive", (framing) => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 12 }), fc.array(fc.nat(400), { maxLength: 12 }), (given, cuts) => {
        const clean = framing === "lines" ? given.map((one) => one.map((byte) => (byte === 10 ? 11 : byte))) : given;
        const bytes = new Uint8Array(Buffer.concat(clean.map((one) => framed(one, framing))));
        const { records, of } = cutUp(bytes, cuts, framing);
        expect(of.problem).toBeNull();
        expect(records.map(text)).toEqual(clean.map(text));
      }),
    );
  });

  test("bytes after the last line feed are a record, and none is made of nothing", () => {
    expect(cutUp(Buffer.from("a\n\nb"), [], "lines").records.map((one) => Buffer.from(one).toString())).toEqual([
      "a",
      "",
      "b",
    ]);
    expect(cutUp(Buffer.from("a\n"), [], "lines").records).toHaveLength(1);
  });

  test("a carriage return belongs to the record", () => {
    expect(cutUp(Buffer.from("a\r\n"), [], "lines").records.map(text)).toEqual(["610d"]);
  });

  test("a length that promises more than may be is refused before it is waited for", () => {
    const of = new Unframer("len32", 100);
    expect(of.push(Uint8Array.of(0, 0, 0, 1, 65, 0, 0, 0, 101))).toHaveLength(1);
    expect(of.problem).toMatchObject({ code: "record.too_large", at: 2 });
    expect(of.push(Uint8Array.of(0, 0, 0, 0))).toEqual([]);
  });

  test("a line that never ends is refused when it is too long, not when memory ends", () => {
    const of = new Unframer("lines", 100);
    for (let i = 0; i < 50; i++) of.push(new Uint8Array(10).fill(65));
    expect(of.problem).toMatchObject({ code: "record.too_large", at: 1 });
    expect(of.end()).toEqual([]);
  });

  test("a stream that ends inside a record of stated length says so", () => {
    for (const bytes of [Uint8Array.of(0, 0), Uint8Array.of(0, 0, 0, 3, 65)]) {
      const { records, of } = cutUp(bytes, [], "len32");
      expect(records).toEqual([]);
      expect(of.problem).toMatchObject({ code: "record.truncated", at: 1 });
    }
  });
});
