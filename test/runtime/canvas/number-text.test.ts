import fc from "fast-check";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { inspect, drawDocument, isDrawn, openDocuments } from "../../../src/runtime/canvas/index.ts";
import { numberText } from "../../../src/runtime/canvas/number-text.ts";
import { runs } from "../../dialects/runs.ts";

describe("a number as JSON", () => {
  it.each([
    ["0xFF", "255"],
    ["0o17", "15"],
    ["0b101", "5"],
    ["0xdead_beef", "3735928559"],
    ["+1_000", "1000"],
    ["-0", "-0"],
    ["9223372036854775807", "9223372036854775807"],
    ["1.0", "1.0"],
    ["1.", "1.0"],
    [".5", "0.5"],
    ["007", "7"],
    ["6.02E+23", "6.02e+23"],
    ["inf", "inf"],
    [".nan", ".nan"],
    ["", ""],
  ])("%s is %s", (written, wanted) => {
    expect(numberText(written)).toBe(wanted);
  });

  it("is the number that TOML reads", () => {
    const integer = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
    const forms = integer.chain((value) =>
      fc.constantFrom(
        ...[`${value}`, ...(value >= 0n ? [`+${value}`, `0x${value.toString(16)}`, `0o${value.toString(8)}`] : [])],
        ...(value >= 0n ? [`0b${value.toString(2)}`] : []),
      ),
    );
    fc.assert(
      fc.property(forms, (written) => {
        const read = parse(`x = ${written}`, { integersAsBigInt: true })["x"];
        expect(BigInt(numberText(written))).toBe(read);
      }),
      { numRuns: runs(200) },
    );
  });

  it("is what the fields of a node show", () => {
    const text = '[[nodes]]\nid = "a"\ntype = "shell_run"\ncommand = "/bin/x"\ntimeout_secs = 0x3c\n';
    const state = drawDocument(text, "g.toml", openDocuments(), null);
    if (!isDrawn(state)) throw new Error("the sample is drawn");
    const field = inspect(state, "a")?.written.find((one) => one.key === "timeout_secs");
    expect(field?.value).toBe("60");
  });
});
