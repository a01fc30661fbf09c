/** The conformance cases: rows with what the reference did (its README explains the fields). */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));

const beside = path.resolve(root, "../shared/conformance");

/** The folder: `COUNTERSIGN_CONFORMANCE`, else a newer one beside the project where there is one, else our own copy. */
export const conformance =
  process.env["COUNTERSIGN_CONFORMANCE"] ??
  (existsSync(beside) ? beside : path.join(root, "test/conformance/reference"));

export interface RunCase {
  readonly id: string;
  readonly workflow: string;
  readonly input: string | null;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly expect: {
    readonly exit: number;
    readonly stdout?: unknown;
    readonly ignore?: readonly string[];
    readonly error_class?: string;
    readonly path?: readonly (readonly [string, string, string, string | null])[];
  };
}

/** A document and what validation says of it. `messages` is ours: the texts of the errors, in order. */
export interface ValidateCase {
  readonly id: string;
  readonly workflow: string;
  readonly expect: {
    readonly exit: 0 | 2 | 5;
    readonly codes?: readonly string[];
    readonly messages?: readonly string[];
  };
}

/** Our own rows, in the same format, that the sheet's rules were derived into; each id names its rule. */
export const ownRows = path.join(root, "test/conformance/more");

/** Lines of a JSON Lines file of the folder, as text: numbers must not pass through JavaScript's own parser. */
export function rows(name: string, folder = conformance): string[] {
  const file = path.join(folder, name);
  if (!existsSync(file))
    throw new Error(`${file} is missing; set COUNTERSIGN_CONFORMANCE to the folder of conformance cases`);
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "");
}

/** Scratch folders of one case, by the names that rows use. */
export interface Scratch {
  readonly folders: Readonly<Record<"CHILDREN" | "WS" | "STATE" | "TMP", string>>;
  readonly fill: (text: string) => string;
}

/** Makes the folders that rows name. */
export function scratch(): Scratch {
  const base = realpathSync(mkdtempSync(path.join(os.tmpdir(), "countersign-conformance-")));
  const folders = {
    CHILDREN: path.join(base, "children"),
    WS: path.join(base, "ws"),
    STATE: path.join(base, "state"),
    TMP: path.join(base, "tmp"),
  };
  for (const folder of Object.values(folders)) mkdirSync(folder);
  mkdirSync(path.join(folders.WS, "docs"));
  mkdirSync(path.join(folders.WS, "out"));
  writeFileSync(path.join(folders.WS, "docs/a.txt"), "héllo");
  writeFileSync(path.join(folders.WS, "secret.txt"), "SECRET");
  const fill = (text: string): string =>
    text.replace(/\$\{(CHILDREN|WS|STATE|TMP)\}/g, (_, name: keyof Scratch["folders"]) => folders[name]);
  const children = path.join(conformance, "workflow/children");
  cpSync(children, folders.CHILDREN, { recursive: true });
  for (const name of readdirSync(children)) {
    const file = path.join(folders.CHILDREN, name);
    writeFileSync(file, fill(readFileSync(file, "utf8")));
  }
  return { folders, fill };
}
