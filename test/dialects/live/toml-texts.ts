/** Texts and random texts for tests of TOML that is being typed. */
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";

const root = path.resolve(import.meta.dirname, "../../..");

function filesBelow(folder: string, extension: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(extension))
    .map((name) => path.join(root, folder, name));
}

/** Strings of a JSON value that look like TOML. */
function tomlIn(value: unknown, found: Set<string>): void {
  if (typeof value === "string") {
    if (/^\s*(?:\[|#|[\w."-]+\s*=)/.test(value) && value.length < 20_000) found.add(value);
  } else if (typeof value === "object" && value !== null) Object.values(value).forEach((one) => tomlIn(one, found));
}

/** All examples and every TOML text of the conformance corpus. */
export function corpus(): string[] {
  const found = new Set<string>();
  for (const file of [...filesBelow("examples", ".toml"), ...filesBelow("test/conformance", ".toml")]) {
    found.add(readFileSync(file, "utf8"));
  }
  for (const file of filesBelow("test/conformance", ".jsonl")) {
    for (const line of readFileSync(file, "utf8").split("\n")) if (line !== "") tomlIn(JSON.parse(line), found);
  }
  return [...found];
}

const key = fc.constantFrom("a", "b", "id", '"q.x"', "'l'", "nodes", "a.b", "a . c", '"\\u0041"', "1", "__proto__");
const scalar = fc.constantFrom(
  ...['"s"', "'l'", '"""m\n[x]\n"""', "'''\nl'''", "1", "-2_0", "1.5", "1e3", "0xff", "true", "inf", "-nan"],
  ...["07:32", "1979-05-27", "1979-05-27 07:32:00Z", '"\\e\\x41\\n"', '"""a \\\n b"""', '"#"', '"]"', '""', "''"],
  ...['"""x"""""', "'''[nodes]\n'''"],
);
const nested = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    scalar,
    fc
      .tuple(fc.array(tie("value"), { maxLength: 3 }), fc.constantFrom("", ",", ", # c\n", "\n"), fc.boolean())
      .map(
        ([items, gap, comma]) =>
          `[${gap.replace(",", "")}${items.join(`,${gap.replace(",", "")}`)}${comma && items.length > 0 ? "," : ""}]`,
      ),
    fc
      .tuple(fc.uniqueArray(key, { maxLength: 3 }), tie("value"), fc.constantFrom("", " ", "\n"), fc.boolean())
      .map(
        ([keys, value, gap, comma]) =>
          `{${gap}${keys.map((one) => `${one} = ${value}`).join(`,${gap}`)}${comma && keys.length > 0 ? "," : ""}${gap}}`,
      ),
  ),
})).value;
const header = fc
  .tuple(
    fc.array(fc.constantFrom("a", "b", "nodes", "edges", "'q.x'", "c"), { minLength: 1, maxLength: 3 }),
    fc.boolean(),
  )
  .map(([keys, array]) => (array ? `[[${keys.join(".")}]]` : `[${keys.join(" . ")}]`));
const line = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(key, nested).map(([name, value]) => `${name} = ${value}`) },
  { weight: 3, arbitrary: header },
  { weight: 1, arbitrary: fc.constantFrom("", "# comment [x]", "  ", "\t# c") },
);

/** TOML of all forms; what does not fit together makes some of it wrong. */
export const tomlText = fc
  .tuple(fc.array(line, { maxLength: 9 }), fc.constantFrom("\n", "\r\n"), fc.boolean())
  .map(([lines, end, bom]) => (bom ? "\ufeff" : "") + lines.join("\n").replaceAll("\n", end));

/** What people and accidents put into a text. */
export const scrap = fc.constantFrom(
  ...['"', "'", '"""', "'''", "[", "]", "[[", "]]", "{", "}", "=", ".", ",", "#", "\n", "\r", "\r\n", " ", "\\", "\0"],
  ...[
    "[[nodes]]\n",
    "[a]\n",
    "id",
    "id = ",
    "x = 1",
    'id = "a"\n',
    'p = """\n',
    "nodes = [",
    "{ a = ",
    "é",
    "😀",
    "\ufeff",
  ],
  ...["true", "1979-05-27 ", "[[", "# x\n", "[nodes.a]\n", "a.", "\t"],
);

/** One replacement in a text: from a share of its length, so many characters, by this. */
export const edit = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(12), fc.oneof(scrap, fc.constant("")));

/** The text after an edit. */
export function edited(text: string, [where, remove, insert]: readonly [number, number, string]): string {
  const at = Math.floor(where * text.length);
  return text.slice(0, at) + insert + text.slice(at + remove);
}
