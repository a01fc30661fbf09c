/** The two indexes of kinds: one without behaviour, one with (DESIGN.md "The house"). */

const banner = "// Written by scripts/generate.ts from the folders beside it; do not edit.\n";

/** `read_file` and `cli-tool` as identifiers. */
function identifier(kind: string): string {
  return kind.replace(/[-_]+(.)/g, (_all, letter: string) => letter.toUpperCase());
}

/** Text of `definitions.generated.ts`. */
export function definitionsIndex(folders: readonly string[]): string {
  const imports = folders.map(
    (kind) => `import { definition as ${identifier(kind)}Kind } from "./${kind}/definition.ts";`,
  );
  return `${banner}import type { KindTable } from "../graph/model.ts";
import type { AnyKind } from "./define.ts";
${imports.join("\n")}

/** Every kind of every dialect, sorted by folder. */
export const definitions: readonly AnyKind[] = [
${folders.map((kind) => `  ${identifier(kind)}Kind,`).join("\n")}
];

const byName: ReadonlyMap<string, AnyKind> = new Map(definitions.map((one) => [one.kind, one]));

/** The definition of a kind; undefined for a kind that does not exist. */
export function kindDefinition(kind: string): AnyKind | undefined {
  return byName.get(kind);
}

/** What checks need to know of a kind. */
export const kindTable: KindTable = (kind) => byName.get(kind)?.facts;
`;
}

/** Text of `handlers.generated.ts`; `kinds` are folder and kind, which differ where a kind holds a hyphen. */
export function handlersIndex(kinds: readonly (readonly [folder: string, kind: string])[]): string {
  const imports = kinds.map(
    ([folder]) => `import { handler as ${identifier(folder)}Handler } from "./${folder}/handler.ts";`,
  );
  return `${banner}import type { Handler } from "../effects/handler.ts";
${imports.join("\n")}

/** The behaviour of every kind, by its name. */
export const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
${kinds.map(([folder, kind]) => `  [${JSON.stringify(kind)}, ${identifier(folder)}Handler],`).join("\n")}
]);
`;
}
