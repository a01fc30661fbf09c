/** The TOML grammar: what it scopes, and where it picks up again after a slip. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grammar, injections, mismatches, syntaxFile, tokenise } from "./scopes.ts";

const toml = await grammar("source.toml");

function scopes(marked: string): void {
  expect(mismatches(toml, marked)).toEqual([]);
}

describe("what stands in a document", () => {
  test("headers, keys and comments have their scopes", () => {
    scopes(`
|# a comment
 ^           comment.line punctuation.definition.comment
  ^^^^^^^^^^ comment.line
|[[nodes]] # more
 ^^        punctuation.definition.array-of-tables.begin
   ^^^^^   entity.name.section meta.header.array-of-tables
        ^^ punctuation.definition.array-of-tables.end
           ^^^^^^ comment.line !meta.header
|[nodes."a b".'c'.retry]
 ^                       punctuation.definition.table.begin
  ^^^^^                  entity.name.section
       ^                 punctuation.separator.dot
        ^^^^^            entity.name.section.quoted.double
              ^^^        entity.name.section.quoted.single
                  ^^^^^  entity.name.section
|id = "a"
 ^^       support.type.property-name !string
    ^     punctuation.separator.key-value
      ^^^ string.quoted.double
|a . "b\\t" . 'c' = 1
 ^                  support.type.property-name
   ^                punctuation.separator.dot
     ^^^^^          support.type.property-name.quoted.double !string
       ^^           constant.character.escape
             ^^^    support.type.property-name.quoted.single
                   ^ constant.numeric.integer.decimal
`);
  });

  test.each([
    ["0", "constant.numeric.integer.decimal"],
    ["-1_000", "constant.numeric.integer.decimal"],
    ["0xDEAD_beef", "constant.numeric.integer.hexadecimal"],
    ["0o755", "constant.numeric.integer.octal"],
    ["0b1_0", "constant.numeric.integer.binary"],
    ["1.5", "constant.numeric.float"],
    ["-6.626e-34", "constant.numeric.float"],
    ["5e+22", "constant.numeric.float"],
    ["+inf", "constant.numeric.float.special"],
    ["nan", "constant.numeric.float.special"],
    ["true", "constant.language.boolean"],
    ["false", "constant.language.boolean"],
    ["1979-05-27T07:32:00Z", "constant.other.date-time.offset"],
    ["1979-05-27 00:32:00.999999-07:00", "constant.other.date-time.offset"],
    ["1979-05-27T07:32:00", "constant.other.date-time.local"],
    ["1979-05-27T07:32", "constant.other.date-time.local"],
    ["1979-05-27", "constant.other.date"],
    ["07:32:00.5", "constant.other.time"],
    ["07:32", "constant.other.time"],
    ["01", "invalid.illegal.value"],
    ["1__0", "invalid.illegal.value"],
    ["1.", "invalid.illegal.value"],
    [".5", "invalid.illegal.value"],
    ["0xg", "invalid.illegal.value"],
    ["truely", "invalid.illegal.value"],
    ["yes", "invalid.illegal.value"],
    ['"x"', "string.quoted.double"],
    ["'x\\'", "string.quoted.single"],
    ["'''x'''", "string.quoted.triple.literal"],
    ['"""x"""', "string.quoted.triple.basic"],
  ])("the value %s is %s", (value, scope) => {
    scopes(`|key = ${value} # end\n       ${"^".repeat(value.length)} ${scope}`);
    scopes(`|key = [${value}, ${value}]\n        ${"^".repeat(value.length)} ${scope} meta.array`);
    scopes(`|key = {a = ${value}, b = 1}\n            ${"^".repeat(value.length)} ${scope} meta.inline-table`);
  });

  test("the comment after a value is a comment, and a # in a string is not", () => {
    scopes(`
|a = "x # y" # z
       ^^^    string !comment
             ^^^ comment !string
|b = 1# z
     ^   constant.numeric !comment
      ^^^ comment
`);
  });

  test("escapes are told from what is none", () => {
    scopes(`
|a = "\\n \\e \\x41 \\u00e9 \\U0001F600 \\\\ \\q \\u12"
      ^^                                  constant.character.escape string
         ^^                               constant.character.escape
            ^^^^                          constant.character.escape
                 ^^^^^^                   constant.character.escape
                        ^^^^^^^^^^        constant.character.escape
                                   ^^     constant.character.escape
                                      ^^  invalid.illegal.escape
                                         ^^ invalid.illegal.escape
|b = '\\q'
      ^^ string.quoted.single !constant.character.escape !invalid
`);
  });

  test("an array over several lines takes comments, nested arrays and tables", () => {
    scopes(`
|a = [ # first
       ^^^^^^^ comment
|  [1, 2], # second
    ^      constant.numeric
     ^     punctuation.separator.array
|  { b = "x", c = [true] },
     ^          support.type.property-name
              ^ support.type.property-name
                   ^^^^ constant.language.boolean
|  [[3]],
     ^ constant.numeric !entity
|]
 ^ punctuation.definition.array.end
|next = 1
 ^^^^ support.type.property-name !meta.array
`);
  });

  test("an inline table may span lines, as TOML 1.1 says", () => {
    scopes(`
|a = {
|  b = 1, # one
   ^       support.type.property-name meta.inline-table
          ^^^^^ comment
|  "c" = 2
   ^^^     support.type.property-name.quoted.double
|}
 ^ punctuation.definition.inline-table.end
|d = 3
 ^ support.type.property-name !meta.inline-table
`);
  });
});

describe("strings", () => {
  test("a basic string over several lines keeps its escapes, and may end with quotes of its own", () => {
    scopes(`
|a = """
|one \\
     ^ constant.character.escape.line-ending
|two "quoted" # not a comment """""
     ^^^^^^^^ string.quoted.triple.basic !punctuation
              ^^^^^^^^^^^^^^^ string.quoted.triple.basic !comment
                              ^^^^^ punctuation.definition.string.end
|b = 1
 ^ support.type.property-name !string
`);
  });

  test("a literal string over several lines has no escapes", () => {
    scopes(`
|a = '''
|C:\\x ''quoted'' [table] # no
 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ string.quoted.triple.literal !constant !comment !invalid
|'''
 ^^^ punctuation.definition.string.end
|b = 1
 ^ support.type.property-name !string
`);
  });

  test("the empty string is not the beginning of one over several lines", () => {
    scopes(`
|a = "" # x
     ^^  string.quoted.double
        ^^^ comment
|b = ''
     ^^ string.quoted.single
|c = 1
 ^ support.type.property-name
|d = """"""
     ^^^ punctuation.definition.string.begin
        ^^^ punctuation.definition.string.end
|e = 2
 ^ support.type.property-name
`);
  });
});

describe("a slip ends where TOML says so", () => {
  test.each(['"unclosed', "'unclosed", '"ends with an escape \\', '"one" "two', '["in an array'])(
    "the string of `a = %s` ends with its line",
    (value) => {
      scopes(`|a = ${value}\n|b = 1\n ^ support.type.property-name !string\n     ^ constant.numeric`);
    },
  );

  test("an unclosed array ends before a line that can only be a pair or a header", () => {
    scopes(`
|a = [1, 2,
|  3,
   ^ constant.numeric meta.array
|b = 1
 ^ support.type.property-name !meta.array
|c = [[
|[[nodes]]
   ^^^^^ entity.name.section !meta.array
|d = { e = [ "x"
|[table]
  ^^^^^ entity.name.section !meta.array !meta.inline-table
|f = 1
 ^ support.type.property-name
`);
  });

  test("an unclosed header ends with its line", () => {
    scopes(`
|[[nodes
   ^^^^^ entity.name.section
|id = 1
 ^^ support.type.property-name
|[nodes # x
        ^^^ comment
|id = 1
 ^^ support.type.property-name
|[no des!]
       ^ entity.name.section
        ^ invalid.illegal.header
`);
  });

  test("a key without a value does not take the next line for it", () => {
    scopes(`
|a =
|b = 1
 ^ support.type.property-name
|a = # nothing
     ^^^^^^^^^ comment
|c
|[t]
  ^ entity.name.section
`);
  });

  test("a byte order mark and windows line ends change nothing", () => {
    const plain = tokenise(toml, 'a = 1\n[t]\nb = "x');
    const windows = tokenise(toml, 'a = 1\r\n[t]\r\nb = "x');
    expect(windows).toEqual(plain);
    expect(
      tokenise(toml, "\ufeffa = 1").some((token) => token.scopes.includes("support.type.property-name.toml")),
    ).toBe(true);
  });
});

test("after any lines without triple quotes, a table's header is a header again", () => {
  const piece = fc.constantFrom(
    "a",
    '"',
    "'",
    "[",
    "]",
    "{",
    "}",
    "=",
    ",",
    ".",
    "#",
    "\\",
    " ",
    "1",
    "-",
    "true",
    "\t",
    "é",
  );
  const line = fc.array(piece, { maxLength: 14 }).map((parts) => parts.join("").replace(/"{3,}|'{3,}/g, "q"));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      const tokens = tokenise(toml, [...lines, "[[nodes]]", "id = 1"].join("\n"));
      const header = tokens.filter((token) => token.line === lines.length && token.text === "nodes");
      const key = tokens.filter((token) => token.line === lines.length + 1 && token.text === "id");
      expect(header[0]?.scopes).toEqual(["meta.header.array-of-tables.toml", "entity.name.section.toml"]);
      expect(key[0]?.scopes).toEqual(["meta.pair.toml", "support.type.property-name.toml"]);
    }),
    { numRuns: 300 },
  );
});

const examples = fileURLToPath(new URL("../../examples/", import.meta.url));
const documents = readdirSync(examples, { recursive: true, encoding: "utf8" }).filter((name) =>
  /\.(?:toml|kv)$/.test(name),
);

test.each(documents.sort())("nothing in examples/%s is invalid", async (name) => {
  const scope = name.endsWith(".toml") ? "source.toml" : "source.countersign-pipeline";
  const tokens = tokenise(await grammar(scope, { inject: injections }), readFileSync(join(examples, name), "utf8"));
  expect(tokens.length).toBeGreaterThan(3);
  expect(tokens.filter((token) => token.scopes.some((one) => one.startsWith("invalid")))).toEqual([]);
});

test("the language configurations are JSON with brackets and comments that fit the grammar", () => {
  const read = (name: string): Record<string, unknown> =>
    JSON.parse(syntaxFile(`language-configuration/${name}.json`)) as Record<string, unknown>;
  expect(read("toml")).toMatchObject({
    comments: { lineComment: "#" },
    brackets: [
      ["[", "]"],
      ["{", "}"],
    ],
  });
  // A spec.kv has no comments, so no command of the editor may write one.
  expect(read("spec-kv")).not.toHaveProperty("comments");
  for (const name of ["toml", "spec-kv"])
    expect(() => new RegExp(read(name)["wordPattern"] as string, "u")).not.toThrow();
});
