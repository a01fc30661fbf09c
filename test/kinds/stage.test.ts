import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesValue, fromBase64, isBytesValue, toBase64, valueBytes } from "../../src/graph/bytes.ts";
import { failure } from "../../src/graph/failure.ts";
import { equal, object, type Value } from "../../src/graph/value.ts";
import { retryAfterMs } from "../../src/kinds/stage/retry.ts";
import { drive, effectsOf, json, outputText, type Answer, type Case } from "./driver.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const status = (code: number, headers = "{}"): Answer => ({
  done: json(`{"status":${code},"headers":${headers},"body":"","bytes":0,"truncated":false}`),
});
const ended = (more: string): Answer => ({
  done: json(
    `{"program":"/x","exit_code":0,"signal":null,"stdout":"","stderr":"","truncated":false,"timed_out":false,"duration_ms":1${more}}`,
  ),
});

describe("stage", () => {
  const stage = (key: string, answers: readonly Answer[] = [], more: Partial<Case> = {}) =>
    drive({ kind: "stage", fields: { key }, input: bytesValue(utf8("abc")), answers, ...more });
  const retrying = { stageDefaults: { timeoutMs: 5, maxRetries: 2, retryBaseMs: 100 } };

  it("identity hands the input on and asks for nothing", () => {
    const ran = stage("identity");
    expect([ran.requests.length, outputText(ran)]).toEqual([0, '{"$bytes":"YWJj"}']);
  });

  it("takes its input from the context where it is told to", () => {
    const given: Case = { kind: "stage", fields: { key: "http_post:http://h/", input_from: "a.x" } };
    const ran = drive({ ...given, values: { a: { x: [1n] } }, answers: [status(204)] });
    expect(effectsOf(ran)[0]).toMatchObject({ body: utf8("[1]") });
    expect(outputText(ran)).toBe("[1]");
    expect(drive(given).failure?.message).toBe("tool `stage` failed: path `a.x` is not set in the execution context");
    expect(drive({ ...given, values: { a: {} }, partial: ["a"], dryRun: true }).unknown).toBe(true);
  });

  it("posts the very bytes and hands the input on", () => {
    const ran = stage("http_post:https://h/o?x=1", [status(200)]);
    expect(effectsOf(ran)).toEqual([
      {
        kind: "http.request",
        method: "POST",
        url: "https://h/o?x=1",
        headers: [["Content-Type", "application/octet-stream"]],
        body: utf8("abc"),
        timeoutMs: 10_000,
        maxReplyBytes: 65_536,
      },
    ]);
    expect(outputText(ran)).toBe('{"$bytes":"YWJj"}');
  });

  it("starts a program with the bytes on its standard input", () => {
    const ran = stage("exec:jq|-c|.", [ended("")]);
    expect(effectsOf(ran)[0]).toMatchObject({
      kind: "shell.run",
      program: "jq",
      args: ["-c", "."],
      stdin: utf8("abc"),
      lookup: true,
    });
    expect(outputText(ran)).toBe('{"$bytes":"YWJj"}');
  });

  it.each(["http_post:http://h/", "exec:true"])("%s hands its input on in a dry run", (key) => {
    const ran = stage(key, [{ dry: {} }], { dryRun: true });
    expect(ran.requests).toHaveLength(1);
    expect(ran.result).toEqual({ outcome: "continue", output: object({ $bytes: "YWJj" }) });
  });

  it.each([408, 425, 429, 500, 503, 599])("tries again after status %i, as often as allowed", (code) => {
    const twice = stage("http_post:http://h/", [status(code), { waited: true }, status(200)], retrying);
    expect(twice.failure).toBeNull();
    expect(twice.requests.map((one) => one.type)).toEqual(["effect", "wait", "effect"]);
    const answers = [status(code), { waited: true }, status(code), { waited: true }, status(code)] as const;
    const spent = stage("http_post:http://h/", answers, retrying);
    expect(spent.failure).toEqual({
      class: "tool",
      message: `tool \`stage\` failed: POST http://h/: the server answered ${code} after 3 attempts`,
    });
    expect(spent.requests.filter((one) => one.type === "wait")).toEqual([
      { type: "wait", ms: 100, jitter: 1 },
      { type: "wait", ms: 200, jitter: 1 },
    ]);
  });

  it.each([301, 400, 404, 422])("does not try again after status %i", (code) => {
    const ran = stage("http_post:http://h/", [status(code)], retrying);
    expect(ran.failure?.message).toBe(`tool \`stage\` failed: POST http://h/: the server answered ${code}`);
  });

  it("waits as long as Retry-After says, without jitter", () => {
    const answers = [status(429, '{"retry-after":"7"}'), { waited: true }, status(200)] as const;
    const ran = stage("http_post:http://h/", answers, retrying);
    expect(ran.requests[1]).toEqual({ type: "wait", ms: 7000, jitter: 0 });
  });

  it("waits at most 30 seconds of its own accord", () => {
    const stageDefaults = { timeoutMs: 5, maxRetries: 10, retryBaseMs: 200 };
    const answers = Array.from({ length: 10 }, () => [status(503), { waited: true }] as const).flat();
    const ran = stage("http_post:http://h/", [...answers, status(200)], { stageDefaults });
    const waits = ran.requests.flatMap((one) => (one.type === "wait" ? [one.ms] : []));
    expect(waits).toEqual([200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000]);
  });

  it.each(["tool", "timeout", "io"] as const)("tries again after a failure of class %s", (kind) => {
    const lost: Answer = { failed: failure(kind, "connect: refused") };
    expect(stage("http_post:http://h/", [lost, { waited: true }, status(200)], retrying).failure).toBeNull();
    expect(stage("http_post:http://h/", [lost]).failure?.class).toBe(kind);
  });

  it.each(["policy", "approval", "in_doubt", "budget", "cancelled"] as const)("never after class %s", (kind) => {
    const failed = failure(kind, "no");
    expect(stage("http_post:http://h/", [{ failed }], retrying).failure).toEqual(failed);
  });

  it.each([
    [',"exit_code":2,"stderr":"a\\nb\\n"', "exec true: exit code 2: b"],
    [',"exit_code":1', "exec true: exit code 1"],
    [',"exit_code":-1,"signal":11', "exec true: ended by signal 11"],
    [',"exit_code":-1,"signal":9,"timed_out":true', "exec true: killed after 30 s"],
  ])("fails when the program ends with %s, and does not try again", (more, text) => {
    const ran = stage("exec:true", [ended(more)], retrying);
    expect(ran.failure).toEqual({ class: "tool", message: `tool \`stage\` failed: ${text}` });
  });

  it.each(["", "ftp:x", "http_post:h", "http_post:http://u@h/", "exec:", "exec:a|b\n"])("refuses the key %j", (key) => {
    const ran = stage(key);
    expect(ran.requests).toEqual([]);
    expect(ran.failure?.class).toBe("policy");
    expect(ran.failure?.message).toMatch(/^policy violation: malformed stage key: ./);
  });
});

describe("Retry-After", () => {
  it.each([
    ['{"retry-after":"120"}', 120_000],
    ['{"retry-after":"Wed, 21 Oct 2015 07:28:10 GMT","date":"Wed, 21 Oct 2015 07:28:00 GMT"}', 10_000],
    ['{"retry-after":"Wed, 21 Oct 2015 07:27:00 GMT","date":"Wed, 21 Oct 2015 07:28:00 GMT"}', 0],
    ['{"retry-after":"Wed, 21 Oct 2015 07:28:10 GMT"}', null],
    ['{"retry-after":"99999999999"}', 86_400_000],
    ['{"retry-after":"soon"}', null],
    ["{}", null],
    ["null", null],
  ])("of %s is %s ms", (headers, ms) => {
    expect(retryAfterMs(json(headers))).toBe(ms);
  });
});

describe("bytes as values", () => {
  it("come back byte for byte", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const value = bytesValue(bytes);
        return isBytesValue(value) && Buffer.from(bytes).equals(valueBytes(value));
      }),
    );
  });

  it("agree with another base64", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        (bytes) => toBase64(bytes) === Buffer.from(bytes).toString("base64"),
      ),
    );
  });

  it("are the UTF-8 of a string and the compact text of any other value", () => {
    expect(valueBytes("é\u0000")).toEqual(new Uint8Array([0xc3, 0xa9, 0]));
    expect(valueBytes(json('{"b":1.0,"a":null}'))).toEqual(utf8('{"a":null,"b":1.0}'));
  });

  it.each(['{"$bytes":"YQ"}', '{"$bytes":"Y Q="}', '{"$bytes":1}', '{"$bytes":"YQ==","x":1}', '{"bytes":"YQ=="}'])(
    "does not take %s for bytes",
    (text) => {
      const value: Value = json(text);
      expect(isBytesValue(value)).toBe(false);
      expect(valueBytes(value)).toEqual(utf8(text));
    },
  );

  it.each(["=", "a===", "====", "ab=c", "-_==", "YR==", "YWK=", "YQé=", "YQ=="])(
    "reads %s as base64 or not at all",
    (text) => {
      expect(fromBase64(text) !== undefined).toBe(text === "YQ==");
    },
  );

  it("may be many", () => {
    const bytes = new Uint8Array((1 << 20) + 1).map((_, i) => i * 31);
    const value = bytesValue(bytes);
    expect(equal(bytesValue(valueBytes(value)), value)).toBe(true);
  });
});
