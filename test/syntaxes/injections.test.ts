/** What is coloured inside strings, above our TOML grammar and above other people's grammars. */
import { describe, expect, test } from "vitest";
import type { IRawGrammar } from "vscode-textmate";
import { definitions } from "../../src/kinds/definitions.generated.ts";
import { z } from "zod";
import { grammar, injections, mismatches, syntaxFile, tokenise } from "./scopes.ts";

/** Minimal grammars as other extensions have them: strings with escapes, comments, keys. */
const foreignToml = {
  scopeName: "source.toml",
  patterns: [
    { name: "comment.line.other", match: "#.*$" },
    { name: "variable.key.other", match: '^[\\w.]+|"[^"]*"(?= *=)' },
    {
      name: "string.quoted.double.other",
      begin: '"',
      end: '"',
      patterns: [{ name: "constant.escape.other", match: "\\\\." }],
    },
    { name: "string.quoted.single.other", begin: "'", end: "'" },
  ],
  repository: {},
} as unknown as IRawGrammar;
const foreignYaml = {
  scopeName: "source.yaml",
  patterns: [
    { name: "comment.line.other", match: "#.*$" },
    { name: "string.unquoted.plain entity.name.tag.other", match: "[\\w$]+(?=:(?:\\s|$))" },
    { name: "string.quoted.double.other", begin: '"', end: '"' },
    { name: "string.quoted.single.other", begin: "'", end: "'" },
    { name: "string.unquoted.plain.out.other", begin: "(?<=: |- )(?=[^\\s\"'#&*\\[{|>])", end: "(?=\\s+#|$)" },
  ],
  repository: {},
} as unknown as IRawGrammar;

const foreign = { "source.toml": foreignToml, "source.yaml": foreignYaml };
const plainToml = await grammar("source.toml", { foreign });
const plainYaml = await grammar("source.yaml", { foreign });
const yaml = await grammar("source.yaml", { foreign, inject: injections });
const tomls = {
  "our TOML grammar": await grammar("source.toml", { inject: injections }),
  "another TOML grammar": await grammar("source.toml", { foreign, inject: injections }),
};

describe.each(Object.entries(tomls))("in strings of TOML, above %s", (_name, toml) => {
  const scopes = (marked: string): void => expect(mismatches(toml, marked)).toEqual([]);

  test("template markers have their parts", () => {
    scopes(
      `
|template = "Dear {{user.0.name}}, {{ x }}: {{}} {{open"
                  ^^                    punctuation.definition.template.begin string.quoted.double
                    ^^^^                variable.other.member meta.template
                        ^               punctuation.separator.dot
                         ^              constant.numeric.index
                           ^^^^         variable.other.member
                               ^^       punctuation.definition.template.end
                                      ^ variable.other.member
                                                 ^^^^^^ !meta.template
|# {{user.name}}
    ^^^^^^^^^^^^^ !meta.template
`,
    );
  });

  test("secret markers are told from others", () => {
    scopes(`
|Authorization = "Bearer {{secret:api_token}} \${secret:other} {{secret}} {{ secret: x }}"
                         ^^              punctuation.definition.template.begin
                           ^^^^^^        keyword.other.secret meta.template.secret string
                                 ^       punctuation.separator.secret
                                  ^^^^^^^^^  variable.other.constant.secret
                                           ^^ punctuation.definition.template.end
                                              ^^ punctuation.definition.template.begin
                                                       ^^^^^ variable.other.constant.secret
                                                              ^^^^^^^^^^ !meta.template.secret
                                                                         ^^^^^^^^^^^^^^^ meta.template.secret
`);
  });

  test("a reference field's string has its segments, other strings have none", () => {
    scopes(`
|input_from = "plan.steps.0.title"
               ^^^^               variable.other.object meta.reference string.quoted.double
                   ^              punctuation.separator.dot
                    ^^^^^         variable.other.member
                          ^       constant.numeric.index
|url_from='plan.url'
           ^^^^      variable.other.object
|input_from = "plan"
               ^^^^ variable.other.object
|name = "plan.url"
         ^^^^^^^^ !meta.reference
|x = { input_from = "a.b" }
                     ^ variable.other.object
|input_from = "plan.
               ^^^^ !meta.reference
`);
  });

  test("stage keys have their parts", () => {
    scopes(`
|key = "exec:/usr/bin/wc|-c|a b"
        ^^^^                     keyword.other.stage-family meta.stage-key string
            ^                    punctuation.separator.stage-key
             ^^^^^^^^^^^         entity.name.function.program
                        ^        punctuation.separator.argument
                         ^^      variable.parameter.argument
                            ^^^  variable.parameter.argument
|key = 'http_post:https://a.example/x?y=1'
        ^^^^^^^^^                          keyword.other.stage-family
                  ^^^^^^^^^^^^^^^^^^^^^^^  markup.underline.link
|key = "exec: a"
        ^^^^ !meta.stage-key
|key = "http_post:ftp://a"
        ^^^^^^^^^ !meta.stage-key
|key = "no exec:a"
           ^^^^^^ !meta.stage-key
`);
  });

  test("keys are left alone", () => {
    scopes(`|"{{a}}" = "{{a}}"\n  ^^^^^ !meta.template\n            ^^^^^ meta.template`);
  });
});

describe("in strings of YAML, above another YAML grammar", () => {
  const scopes = (marked: string): void => expect(mismatches(yaml, marked)).toEqual([]);

  test("references of conditions and inputs have their segments", () => {
    scopes(`
|when:
|  field: ask.approval.data.approved # yes
          ^^^                        variable.other.object string.unquoted.plain
              ^^^^^^^^               variable.other.member
                                     ^^^^^ comment !meta.reference
|  field: "ask.approval"
           ^^^ variable.other.object string.quoted.double
|  to: $input.order.0.id
       ^^^^^^            variable.language.input
              ^^^^^      variable.other.member
                    ^    constant.numeric.index
|  - '$input.order'
      ^^^^^^ variable.language.input
|  field: ask
          ^^^ !meta.reference
|  other: ask.approval
          ^^^ !meta.reference
`);
  });

  test("markers and stage keys are found in plain and quoted strings", () => {
    scopes(`
|a: "{{ bounty.id }}"
        ^^^^^^       variable.other.member meta.template
|b: Bearer \${secret:TOKEN}
                    ^^^^^  variable.other.constant.secret string.unquoted.plain
|c: exec:/bin/cat|-n
    ^^^^             keyword.other.stage-family
         ^^^^^^^^    entity.name.function.program
|# {{a}}
    ^^^^ comment !meta.template
`);
  });
});

test("other grammars keep every scope they give, at every character", async () => {
  const samples = [
    [
      plainToml,
      tomls["another TOML grammar"],
      'a = "x {{b.c}} \\n {{secret:d}}" # {{e}}\ninput_from = "a.b"\nkey = "exec:a|b"\n"{{k}}" = \'{{v}}\'',
    ],
    [plainYaml, yaml, 'a: "{{b}}" # {{c}}\nfield: a.b.c\nd: exec:x|y\ne: $input.f\n- ${secret:G}'],
  ] as const;
  for (const [without, injected, text] of samples) {
    const scopesAt = (by: typeof without): string[][] =>
      tokenise(by, text).flatMap((token) =>
        [...token.text].map(() => token.scopes.filter((one) => one.includes("other") && !one.endsWith(".countersign"))),
      );
    expect(scopesAt(injected)).toEqual(scopesAt(without));
    expect(tokenise(injected, text).some((token) => token.scopes.some((one) => one.endsWith(".countersign")))).toBe(
      true,
    );
  }
});

test("every field of the registry that is a reference is coloured as one", () => {
  const fields = new Set<string>();
  const visit = (schema: unknown, name: string): void => {
    if (!(schema instanceof z.ZodType)) return;
    if (["reference", "optional-reference"].includes(schema.meta()?.role ?? "")) fields.add(name);
    if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) visit(schema.def.innerType, name);
    if (schema instanceof z.ZodArray) visit(schema.element, name);
    if (schema instanceof z.ZodObject) for (const [key, inner] of Object.entries(schema.shape)) visit(inner, key);
  };
  for (const kind of definitions) if (kind.dialects.includes("workflow")) visit(kind.fields, "");
  expect(fields.size).toBeGreaterThan(8);
  for (const field of fields) {
    const tokens = tokenise(tomls["our TOML grammar"], `${field} = "a.b"`);
    expect.soft(tokens.find((token) => token.text === "a")?.scopes, field).toContain("meta.reference.countersign");
  }
});

test("looks behind are alternatives of fixed length, which every version of the editors' engine takes", () => {
  const parts = (value: unknown): string[] => {
    if (typeof value === "string") return [value];
    return typeof value === "object" && value !== null ? Object.values(value).flatMap(parts) : [];
  };
  const behind = /\(\?<[=!]((?:\\.|\[(?:\\.|[^\]])*\]|[^()\\])*)\)/g;
  for (const scope of injections) {
    const file = `${scope.replace("countersign.", "")}.tmLanguage.json`;
    const patterns = parts(JSON.parse(syntaxFile(file))).filter((text) => /\(\?<[=!]/.test(text));
    expect(patterns.length).toBeGreaterThan(0);
    for (const pattern of patterns) {
      const found = [...pattern.matchAll(behind)].map((one) => one[1] as string);
      expect(found).toHaveLength(pattern.split(/\(\?<[=!]/).length - 1);
      for (const one of found) expect(one.replace(/\[(?:\\.|[^\]])*\]/g, "c")).not.toMatch(/(?:^|[^\\])[*+?{]/);
    }
  }
});
