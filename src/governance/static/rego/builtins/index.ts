/** All built-ins by name. docs/rego.md lists them; a test compares. */
import type { Builtin, BuiltinTable } from "./builtin.ts";
import { collectionBuiltins } from "./collections.ts";
import { encodingBuiltins } from "./encoding.ts";
import { netBuiltins } from "./net.ts";
import { numberBuiltins } from "./numbers.ts";
import { patternBuiltins } from "./patterns.ts";
import { stringBuiltins } from "./strings.ts";
import { timeBuiltins } from "./time.ts";

const tables: readonly BuiltinTable[] = [
  numberBuiltins,
  stringBuiltins,
  collectionBuiltins,
  patternBuiltins,
  timeBuiltins,
  netBuiltins,
  encodingBuiltins,
];

/** What operators call; the published reference knows them by these names too. */
const operators = "equal neq lt lte gt gte plus minus mul div rem or and".split(" ");

/** Built-ins by dotted name; `walk`, which is a relation, is known to the compiler. */
export const builtins: ReadonlyMap<string, Builtin> = new Map(
  tables.flatMap((table) =>
    Object.entries(table).flatMap(([name, [arity, run]]): [string, Builtin][] => {
      const made = { name, arity, run };
      return operators.includes(name)
        ? [
            [name, made],
            [`internal.${name}`, made],
          ]
        : [[name, made]];
    }),
  ),
);
