import { describe, expect, it } from "vitest";
import { drive, json, labelOf, outputText } from "./driver.ts";

const notSet = (kind: string, path: string) =>
  `tool \`${kind}\` failed: path \`${path}\` is not set in the execution context`;

describe("parse_json", () => {
  const parse = (text: string) =>
    drive({ kind: "parse_json", fields: { input_from: "trigger.s" }, values: { trigger: { s: text } } });

  it.each([
    ["1", '{"parsed":1}'],
    ["1.0", '{"parsed":1.0}'],
    ['{"b":1,"a":2,"b":3}', '{"parsed":{"a":2,"b":3}}'],
    ["18446744073709551615", '{"parsed":18446744073709551615}'],
  ])("reads %s with its exact numbers", (text, output) => {
    expect(outputText(parse(text))).toBe(output);
  });

  it.each([
    ["", "EOF while parsing a value at line 1 column 0"],
    ['{"a":1} x', "trailing characters at line 1 column 9"],
    ['{"a":', "EOF while parsing a value at line 1 column 5"],
    [`${"[".repeat(128)}${"]".repeat(128)}`, "recursion limit exceeded at line 1 column 128"],
  ])("refuses %j with its place", (text, problem) => {
    expect(parse(text).failure).toEqual({
      class: "tool",
      message: `tool \`parse_json\` failed: invalid JSON at \`trigger.s\`: ${problem}`,
    });
  });

  it("refuses an input that is not a string", () => {
    const ran = drive({ kind: "parse_json", fields: { input_from: "a" }, values: { a: [1n] } });
    expect(ran.failure?.message).toBe("tool `parse_json` failed: path `a` must resolve to a string; got array");
  });

  it("is unknown when its input is unknown in a dry run", () => {
    const values = { load: json('{"path":"p","dry_run":true}') };
    const fields = { input_from: "load.content" };
    expect(drive({ kind: "parse_json", fields, values, partial: ["load"], dryRun: true }).unknown).toBe(true);
  });
});

describe("template_render", () => {
  const trigger = json('{"x":"X{{y}}","y":["p",{"k":null}],"z":{"é":true}}');
  const render = (template: string) =>
    drive({ kind: "template_render", fields: { template, input_from: "trigger" }, values: { trigger } });

  it.each([
    ["{{ x }}", "X{{y}}"],
    ["{{x}}}}", "X{{y}}}}"],
    ["a {{x", "a {{x"],
    ["{{}}", '{"x":"X{{y}}","y":["p",{"k":null}],"z":{"é":true}}'],
    ["{{x..y}}", "{{x..y}}"],
    ["{{x }}-{{ y.0 }}", "X{{y}}-p"],
    ["{{y.00}}", "p"],
    ["{{y.+0}}", "p"],
    ["{{y.-1}}", "{{y.-1}}"],
    ["{{ q r }}", "{{q r}}"],
    ["{{{x}}}", "{{{x}}}"],
    ["{{.z..é.}}", "true"],
    ["{{y.1.k}}", "null"],
  ])("fills %s", (template, rendered) => {
    expect(JSON.parse(outputText(render(template)))).toEqual({ rendered });
  });

  it("has null as its input when there is no input_from", () => {
    const ran = drive({ kind: "template_render", fields: { template: "{{x}} {{}}" } });
    expect(outputText(ran)).toBe('{"rendered":"{{x}} null"}');
  });

  it("refuses an input that is not set, even without markers", () => {
    const ran = drive({ kind: "template_render", fields: { template: "x", input_from: "nope.x" } });
    expect(ran.failure).toEqual({ class: "tool", message: notSet("template_render", "nope.x") });
  });

  it.each(["{{content}}", "{{}}"])("is unknown in a dry run when %s is", (template) => {
    const values = { load: json('{"path":"p","dry_run":true}') };
    const fields = { template, input_from: "load" };
    const given = { kind: "template_render", fields, values, partial: ["load"], dryRun: true };
    expect(drive(given).unknown).toBe(true);
    expect(outputText(drive({ ...given, fields: { ...fields, template: "{{path}}" } }))).toBe('{"rendered":"p"}');
  });
});

describe("json_select", () => {
  const trigger = json('{"a":{"b":1},"n":null,"l":[{"a":5}]}');
  const select = (path: string, from = "trigger") =>
    drive({ kind: "json_select", fields: { input_from: from, path }, values: { trigger } });

  it.each([
    ["a..b", '{"found":true,"value":1}'],
    ["n", '{"found":true,"value":null}'],
    ["m", '{"found":false,"value":null}'],
    ["l.0..a", '{"found":true,"value":5}'],
    ["", '{"found":true,"value":{"a":{"b":1},"l":[{"a":5}],"n":null}}'],
  ])("walks %j", (path, output) => {
    expect(outputText(select(path))).toBe(output);
  });

  it("refuses an input that is not set", () => {
    expect(select("a", "zz").failure?.message).toBe(notSet("json_select", "zz"));
  });

  it("is unknown below an output that a dry run did not make", () => {
    const fields = { input_from: "post", path: "body" };
    const ran = drive({ kind: "json_select", fields, values: { post: {} }, partial: ["post"], dryRun: true });
    expect(ran.unknown).toBe(true);
  });
});

describe("diff_compute", () => {
  const diff = (l: string, r: string) =>
    drive({
      kind: "diff_compute",
      fields: { left_from: "l", right_from: "r" },
      values: { l: json(l), r: json(r) },
    });

  it.each([
    [
      '{"a":1,"b":[1,{"c":2}],"d":{"e":{}},"x.y":1,"t":1}',
      '{"a":1.0,"b":[1,{"c":3},9],"d":{"e":[]},"x.y":2,"n":null,"t":"1"}',
      '{"added":{"b[2]":9,"n":null},"changed":{"a":{"from":1,"to":1.0},"b[1].c":{"from":2,"to":3},"d.e":{"from":{},"to":[]},"t":{"from":1,"to":"1"},"x.y":{"from":1,"to":2}},"removed":{},"unchanged":false}',
    ],
    ["[1,2]", "[1]", '{"added":{},"changed":{},"removed":{"[1]":2},"unchanged":false}'],
    ["1", "null", '{"added":{},"changed":{"$":{"from":1,"to":null}},"removed":{},"unchanged":false}'],
    [
      '{"a.b":1,"a":{"b":2},"c":[1,[2,3]]}',
      '{"a.b":9,"a":{"b":8},"c":[1,[2,4,5]]}',
      '{"added":{"c[1][2]":5},"changed":{"a.b":{"from":1,"to":9},"c[1][1]":{"from":3,"to":4}},"removed":{},"unchanged":false}',
    ],
    ['{"b":{"c":[]},"a":1}', '{"a":1,"b":{"c":[]}}', '{"added":{},"changed":{},"removed":{},"unchanged":true}'],
  ])("compares %s with %s", (left, right, output) => {
    expect(outputText(diff(left, right))).toBe(output);
  });

  it("refuses a side that is not set", () => {
    const fields = { left_from: "l", right_from: "zz" };
    expect(drive({ kind: "diff_compute", fields, values: { l: 1n } }).failure?.message).toBe(
      notSet("diff_compute", "zz"),
    );
  });

  it("is unknown when a side is only partly known", () => {
    const fields = { left_from: "l", right_from: "l" };
    const ran = drive({ kind: "diff_compute", fields, values: { l: { a: 1n } }, partial: ["l"], dryRun: true });
    expect(ran.unknown).toBe(true);
  });
});

describe("condition and switch", () => {
  const branch = (kind: string, value: string) =>
    drive({ kind, fields: { expr: "trigger.v" }, values: { trigger: { v: json(value) } } });

  it.each(["false", "null", "0", "0.0", "-0.0", '""', "[]", "{}"])("%s is false", (value) => {
    expect(labelOf(branch("condition", value))).toBe("false");
  });

  it.each(["true", "1", "-0.5", '"false"', '"0"', "[0]", '{"a":null}'])("%s is true", (value) => {
    const ran = branch("condition", value);
    expect(labelOf(ran)).toBe("true");
    expect(outputText(ran)).toBe(`{"value":${value}}`);
  });

  it.each([
    ["1", "1"],
    ["1.0", "1.0"],
    ["-0.0", "-0.0"],
    ["12345678901234567890", "12345678901234567890"],
    ["true", "true"],
    ["null", "null"],
    ['""', ""],
    ['"s"', "s"],
    ["[1]", "array"],
    ["{}", "object"],
  ])("switch leads %s to the label %j", (value, label) => {
    expect(labelOf(branch("switch", value))).toBe(label);
  });

  it.each([
    ["condition", "false"],
    ["switch", "null"],
  ])("%s takes a miss as null", (kind, label) => {
    const ran = drive({ kind, fields: { expr: "nope" } });
    expect([labelOf(ran), outputText(ran)]).toEqual([label, '{"value":null}']);
  });

  it.each([
    ["condition", "false"],
    ["switch", "null"],
  ])("%s assumes the reference's branch when its value is unknown", (kind, label) => {
    const given = { kind, fields: { expr: "a.x" }, values: { a: {} }, partial: ["a"], dryRun: true };
    expect(drive(given).result).toMatchObject({ label, assumed: true });
    expect(drive({ ...given, assume: "other" }).result).toMatchObject({ label: "other", assumed: true, partial: true });
  });
});

describe("the ends", () => {
  it("merge gives null", () => {
    expect(drive({ kind: "merge" }).result).toEqual({ outcome: "continue", output: null });
  });
  it("terminate ends the run", () => {
    expect(drive({ kind: "terminate" }).result).toEqual({ outcome: "terminate" });
  });
  it("fail gives its reason, or the default one", () => {
    expect(drive({ kind: "fail" }).result).toEqual({ outcome: "fail", reason: "workflow failed" });
    expect(drive({ kind: "fail", fields: { reason: "no" } }).result).toEqual({ outcome: "fail", reason: "no" });
  });
});

describe("respond", () => {
  it("fills its body from the raw payload by default", () => {
    const ran = drive({ kind: "respond", fields: { body_template: "é{{x}}" }, input: { x: 1n } });
    expect(ran.result).toMatchObject({ reply: { status: 200, contentType: "application/json", body: "é1" } });
    expect(outputText(ran)).toBe('{"bytes":3,"content_type":"application/json","status":200}');
  });

  it("takes status, type and input from its fields", () => {
    const fields = { status: 204n, content_type: "text/xml", body_template: "{{kind}}{{q}}", input_from: "trigger" };
    const ran = drive({ kind: "respond", fields, values: { trigger: { kind: "manual" } } });
    expect(ran.result).toMatchObject({ reply: { status: 204, contentType: "text/xml", body: "manual{{q}}" } });
  });

  it("names input_from when it is not set", () => {
    const fields = { body_template: "x", input_from: "zz" };
    expect(drive({ kind: "respond", fields }).failure?.message).toBe(
      "tool `respond` failed: input_from path `zz` is not set in the execution context",
    );
  });

  it("declares no reply over something unknown", () => {
    const fields = { body_template: "{{content}}", input_from: "load" };
    const ran = drive({ kind: "respond", fields, values: { load: {} }, partial: ["load"], dryRun: true });
    expect(ran.unknown).toBe(true);
  });
});
