import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeBlob,
  decodeLine,
  encodeEvent,
  FIRST_PREV,
  INLINE_LIMIT,
  sha256,
} from "../../../src/connect/journal/codec.ts";
import { eventForm } from "../../../src/connect/journal/forms.ts";
import { mapTexts, masked, textsOf, unmasked, type Masking } from "../../../src/connect/journal/masking.ts";
import { valueFields, type RunEvent } from "../../../src/effects/events.ts";
import { isArray, object, toText, type Value } from "../../../src/graph/value.ts";
import { anyEvent, ended, exactText, started } from "./world.ts";

describe("journal lines", () => {
  it("give back every event exactly as it was written, in one line of UTF-8", () => {
    fc.assert(
      fc.property(
        anyEvent,
        fc.integer({ min: 1 }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (event, seq, at) => {
          const { line, blobs } = encodeEvent(event, seq, at === 0 ? 0 : at, FIRST_PREV);
          expect(line).not.toContain("\n");
          expect(blobs).toEqual([]);
          const bytes = Buffer.from(line, "utf8").toString("utf8");
          const decoded = decodeLine(bytes);
          if (decoded.type !== "event") throw new Error(JSON.stringify(decoded));
          expect(decoded.prev).toBe(FIRST_PREV);
          expect(exactText(decoded.event)).toBe(exactText({ ...event, seq, at: at === 0 ? 0 : at }));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("have a form for every event type whose node values are those of the contract", () => {
    for (const [type, keys] of Object.entries(valueFields)) expect(eventForm(type)?.values, type).toEqual(keys);
  });

  it("keep values that are nested deeper than any JSON input may be", () => {
    let value: Value = 1n;
    for (let i = 0; i < 1500; i++) value = i % 2 === 0 ? [value] : object({ a: value });
    const decoded = decodeLine(encodeEvent(ended(value), 1, 0, FIRST_PREV).line);
    expect(decoded.type === "event" && decoded.event.type === "effect.ended" && toText(decoded.event.value)).toBe(
      toText(value),
    );
  });

  it("put a value into a blob from the first byte over 64 KiB, counted in UTF-8", () => {
    const fitting = "x".repeat(INLINE_LIMIT - 2);
    expect(encodeEvent(ended(fitting), 1, 0, FIRST_PREV).blobs).toEqual([]);
    const umlauts = "ä".repeat(INLINE_LIMIT / 2);
    for (const value of [`${fitting}x`, umlauts]) {
      const { line, blobs } = encodeEvent(ended(value), 1, 0, FIRST_PREV);
      expect(blobs).toEqual([{ digest: sha256(toText(value)), text: toText(value) }]);
      const decoded = decodeLine(line);
      expect(decoded).toMatchObject({ type: "event", blobs: [{ key: "value", digest: blobs[0]?.digest }] });
      expect(line.length).toBeLessThan(500);
      expect(decodeBlob(blobs[0]?.text ?? "")).toBe(value);
    }
  });

  it("keep half a surrogate pair in text, and write it as U+FFFD in a value, as everywhere values become bytes", () => {
    const event = { ...ended("a\ud800"), failure: { class: "tool", message: "b\udfff" } } as RunEvent;
    const { line } = encodeEvent(event, 1, 0, FIRST_PREV);
    expect(sha256(line)).toBe(sha256(Buffer.from(line, "utf8")));
    expect(decodeLine(Buffer.from(line, "utf8").toString("utf8"))).toMatchObject({
      event: { value: "a\ufffd", failure: { message: "b\udfff" } },
    });
  });

  it("are refused when a member is missing, unknown or of another type", () => {
    const line = encodeEvent(ended("v"), 1, 0, FIRST_PREV).line;
    const spoiled = [
      line.replace('"ok":true', '"ok":1'),
      line.replace('"ok":true,', ""),
      line.replace('"ok":true', '"ok":true,"more":1'),
      line.replace('"visit":1', '"visit":"1"'),
      line.replace('"by":"performer"', '"by":"magic"'),
      line.replace(',"value":"v"', ""),
      line.replace(',"value":"v"', ',"value_blob":"../x"'),
      line.replace('"type":"effect.ended"', '"type":"effect.invented"'),
    ];
    for (const text of spoiled) {
      expect(text).not.toBe(line);
      expect(decodeLine(text), text).toMatchObject({ type: "wrong" });
    }
    expect(decodeLine(spoiled[7] as string)).toMatchObject({
      message: 'this version knows no event of type "effect.invented"',
    });
    expect(decodeLine('{"journal":99,"epoch":1,"prev":"","owner":{}}')).toMatchObject({ type: "newer" });
    expect(decodeLine(line.slice(0, -1))).toMatchObject({ type: "unparsable" });
    expect(decodeLine("")).toMatchObject({ type: "unparsable" });
    expect(decodeLine("[]")).toMatchObject({ type: "unparsable" });
    expect(decodeLine("{}")).toMatchObject({ type: "wrong" });
  });

  it("are never written for what could not be read back", () => {
    expect(() => encodeEvent(ended(NaN), 1, 0, FIRST_PREV)).toThrow(TypeError);
    expect(() => encodeEvent(ended([1, Infinity]), 1, 0, FIRST_PREV)).toThrow(TypeError);
    expect(() => encodeEvent(ended("NaN, Infinity"), 1, 0, FIRST_PREV)).not.toThrow();
    expect(() => encodeEvent(ended(1n), 1, NaN, FIRST_PREV)).toThrow(TypeError);
    expect(() => encodeEvent({ ...started, deadline: Infinity }, 1, 0, FIRST_PREV)).toThrow(TypeError);
    expect(() => encodeEvent({ type: "invented" } as unknown as RunEvent, 1, 0, FIRST_PREV)).toThrow(TypeError);
    expect(() => encodeEvent({ type: "cursor.moved" } as unknown as RunEvent, 1, 0, FIRST_PREV)).toThrow(TypeError);
  });
});

describe("masking", () => {
  const masking: Masking = {
    mask: (text) => text.replaceAll("hunter2", "{secret:PW}"),
    unmask: (text) =>
      text.includes("{secret:OLD}")
        ? { problem: "OLD has changed" }
        : { text: text.replaceAll("{secret:PW}", "hunter2") },
  };

  it("reaches every text of an event, keys of values included, and is undone on a resume", () => {
    const event: RunEvent = {
      type: "effect.decided",
      act: { frame: "", node: "load", visit: 1, attempt: 1 },
      index: 0,
      kind: "http.request",
      request: "d",
      description: { url: "http://x/?p=hunter2", n: 1, headers: [["A", "hunter2"]], hunter2: null },
      digest: "d",
      decision: "Allow",
      code: "c",
      reason: "has hunter2 in it",
    };
    const hidden = masked(event, masking);
    expect(JSON.stringify(hidden)).not.toContain("hunter2");
    expect(JSON.stringify(hidden).match(/\{secret:PW\}/g)).toHaveLength(4);
    const back = unmasked({ ...hidden, seq: 1, at: 0 }, masking);
    expect(back).toEqual({ ok: true, event: { ...event, seq: 1, at: 0 } });
    const value = masked(ended(object({ hunter2: [object({ a: "x hunter2" })] })), masking);
    expect(toText((value as { value: Value }).value)).toBe('{"{secret:PW}":[{"a":"x {secret:PW}"}]}');
    expect(textsOf(value)).toContain("x {secret:PW}");
  });

  it("leaves the words and names by which events are matched, whatever the secret is", () => {
    const greedy: Masking = { mask: () => "*", unmask: (text) => ({ text }) };
    fc.assert(
      fc.property(anyEvent, (event) => {
        const line = encodeEvent(masked(event, greedy), 1, 0, FIRST_PREV).line;
        expect(decodeLine(line).type).toBe("event");
      }),
      { numRuns: 500 },
    );
    expect(masked(ended("x"), greedy)).toMatchObject({ by: "performer", act: { node: "load" }, value: "*" });
  });

  it("gives the very same event when nothing is masked", () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        expect(mapTexts(event, (text) => text)).toBe(event);
      }),
      { numRuns: 300 },
    );
  });

  it("reports the first marker that cannot be resolved", () => {
    const event = { ...ended(["{secret:OLD}"]), seq: 1, at: 0 };
    expect(unmasked(event, masking)).toEqual({ ok: false, problem: "OLD has changed" });
    expect(isArray((event as unknown as { value: Value }).value)).toBe(true);
  });
});
