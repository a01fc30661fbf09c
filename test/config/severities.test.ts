import { describe, expect, it } from "vitest";
import { codeSeverities } from "../../language/schema/codes.ts";
import { parseConfigFile } from "../../src/config/file.ts";
import { checkSeverities } from "../../src/config/severities.ts";
import { documentCodes } from "../../src/runtime/codes.ts";

function said(diagnostics: string): readonly string[] {
  const read = parseConfigFile(`[diagnostics]\n${diagnostics}\n`, "/r/countersign.toml", "workspace");
  if (!read.ok) throw new Error(read.problems.map((one) => one.message).join("; "));
  return checkSeverities(read.config, documentCodes).map(({ code, severity, message }) => {
    expect([code, severity]).toEqual(["config_code", "warning"]);
    return message;
  });
}

describe("what [diagnostics] says of codes", () => {
  it("is taken in silence where it has an effect", () => {
    expect(said('may_be_null = "off"\nno_policy = "error"\nunused_ignore = "off"\nconfig_code = "off"')).toEqual([]);
  });

  it("is a finding for a code that there is not, with the nearest one", () => {
    expect(said('no_polcy = "off"')).toEqual([
      "there is no diagnostic code `no_polcy`, so this changes nothing; did you mean `no_policy`?",
    ]);
  });

  it("is a finding where an error would be weakened, and none where it stays what it is", () => {
    expect(said('kv_bom = "off"\nkv_cr = "error"')).toEqual([
      "`kv_bom` stays an error, whatever is written here: the engine refuses such a document",
    ]);
  });

  it("is judged alike by the command line and the language server", () => {
    expect([...documentCodes].sort()).toEqual([...codeSeverities].sort());
  });
});
