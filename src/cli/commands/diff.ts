/**
 * `countersign diff A B`: what changed between two documents, for a reviewer; each a file, or `REV:path` of git. Exit
 * code 0 when the graphs are equal, 1 when they differ; 2 when one cannot be read, 5 when one is invalid.
 */
import path from "node:path";
import { loadBundle } from "../../runtime/ops/load.ts";
import { diffBundles } from "../../runtime/ops/diff.ts";
import { namedDocument } from "../../runtime/ops/git-files.ts";
import { documentAt } from "../../runtime/root.ts";
import { operatorAt } from "../operator.ts";
import { textOption } from "../options.ts";
import { diffText } from "../render/diff.ts";
import { refuseOps } from "../render/ops.ts";
import { refuseDocument } from "../render/refusal.ts";
import { productStyle, productWidth } from "../render/text.ts";
import type { Terminal } from "../terminal.ts";
import type { Bundle } from "../../runtime/graphs.ts";

/** Options of `diff`. */
export interface DiffOptions {
  readonly environment?: unknown;
  readonly json?: unknown;
}

/** Compares on standard output. */
export async function diffCommand(
  terminal: Terminal,
  before: string,
  after: string,
  options: DiffOptions = {},
): Promise<number> {
  const environment = textOption("--environment", options.environment);
  const [a, b] = [await load(terminal, before), await load(terminal, after)];
  if (!a.ok) return a.exit;
  if (!b.ok) return b.exit;
  const flags = environment === undefined ? {} : { environment };
  const operator = await operatorAt(terminal, path.dirname(path.resolve(terminal.cwd, b.file)), flags);
  const diff = await diffBundles(a.bundle, b.bundle, operator, terminal.cwd);
  if (options.json === true) terminal.out(`${JSON.stringify(diff, null, 2)}\n`);
  else terminal.out(diffText(diff, productStyle(terminal), productWidth(terminal)));
  return diff.equal ? 0 : 1;
}

type Loaded =
  { readonly ok: true; readonly bundle: Bundle; readonly file: string } | { readonly ok: false; readonly exit: number };

async function load(terminal: Terminal, named: string): Promise<Loaded> {
  const { file: given, revision } = await namedDocument(named, terminal.cwd);
  const file = revision === null ? await documentAt(given, terminal.cwd) : given;
  const loaded = await loadBundle(file, revision, terminal.cwd);
  if (!loaded.ok) return { ok: false, exit: refuseOps(terminal, loaded.problem) };
  const { value } = loaded;
  return value.ok
    ? { ok: true, bundle: value.bundle, file }
    : { ok: false, exit: await refuseDocument(terminal, named, value) };
}
