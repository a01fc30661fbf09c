import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseStageKey, stageKeyText, type StageKey } from "../../../src/graph/stage-key.ts";

describe("stage keys", () => {
  it.each<[string, StageKey]>([
    ["identity", { family: "identity" }],
    ["http_post:https://api.internal/orders?x=1", { family: "http_post", url: "https://api.internal/orders?x=1" }],
    ["http_post:http://[::1]:8080/a|b", { family: "http_post", url: "http://[::1]:8080/a|b" }],
    ["exec:/usr/bin/tee|-a|/tmp/a b", { family: "exec", program: "/usr/bin/tee", args: ["-a", "/tmp/a b"] }],
    ["exec:/bin/x|", { family: "exec", program: "/bin/x", args: [""] }],
    ["exec:/bin/x", { family: "exec", program: "/bin/x", args: [] }],
  ])("read %s", (text, key) => {
    expect(parseStageKey(text)).toEqual({ ok: true, key });
    expect(stageKeyText(key)).toBe(text);
  });

  it.each([
    ["", "stage_key_family"],
    ["Identity", "stage_key_family"],
    ["identity ", "stage_key_family"],
    ["identity:", "stage_key_family"],
    ["http_post", "stage_key_family"],
    ["HTTP_POST:http://h/", "stage_key_family"],
    ["http_post:", "stage_key_url"],
    ["http_post:h/x", "stage_key_url"],
    ["http_post:HTTP://h/", "stage_key_url"],
    ["http_post:http:h", "stage_key_url"],
    ["http_post:http:/h", "stage_key_url"],
    ["http_post:http:///h", "stage_key_url"],
    ["http_post:http://", "stage_key_url"],
    ["http_post:http://?x", "stage_key_url"],
    ["http_post: http://h/", "stage_key_url"],
    ["http_post:http://h/a b", "stage_key_url"],
    ["http_post:http://h/a\tb", "stage_key_url"],
    ["http_post:http://h/a\u00a0b", "stage_key_url"],
    ["http_post:http://h/a\u2028b", "stage_key_url"],
    ["http_post:http://h/\ufeff", "stage_key_url"],
    ["http_post:http://h\\@evil/", "stage_key_url"],
    ["http_post:http://u@h/", "stage_key_url"],
    ["http_post:http://u:p@h/", "stage_key_url"],
    ["http_post:http://@h/", "stage_key_url"],
    ["http_post:http://h/#", "stage_key_url"],
    ["http_post:http://h:99999/", "stage_key_url"],
    ["http_post:http://a%00b/", "stage_key_url"],
    ["http_post:javascript:http://h", "stage_key_url"],
    ["exec:", "stage_key_exec"],
    ["exec:|a", "stage_key_exec"],
    ["exec:/bin/x|a\u0000", "stage_key_exec"],
    ["exec:/bin/x|a\nb", "stage_key_exec"],
    ["exec:/bin/x|\u007f", "stage_key_exec"],
    ["exec:/bin/x|\u0085", "stage_key_exec"],
  ])("refuse %j as %s", (text, code) => {
    const parsed = parseStageKey(text);
    expect(parsed).toMatchObject({ ok: false, problem: { code } });
    if (!parsed.ok) expect(parsed.problem.to).toBeLessThanOrEqual(text.length);
  });

  it("cannot be written when an argument holds the separator", () => {
    expect(() => stageKeyText({ family: "exec", program: "/bin/x", args: ["a|b"] })).toThrow(TypeError);
    expect(() => stageKeyText({ family: "http_post", url: "ftp://h/" })).toThrow(TypeError);
  });

  it("are the same text again whenever they parse, and nothing makes the parser throw", () => {
    const text = fc.tuple(
      fc.constantFrom("", "identity", "exec:", "http_post:http://h", "http_post:"),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(text, ([family, rest]) => {
        const parsed = parseStageKey(family + rest);
        if (parsed.ok) expect(stageKeyText(parsed.key)).toBe(family + rest);
      }),
      { numRuns: 1000 },
    );
  });
});
