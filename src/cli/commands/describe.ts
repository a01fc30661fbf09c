/**
 * `countersign describe FILE`: what a graph would do and what policy would say, without doing any of it. Exit code 0;
 * 2 when the document cannot be read, 5 when it is invalid.
 */
import path from "node:path";
import { describe } from "../../runtime/describe.ts";
import { loadDocument } from "../../runtime/documents.ts";
import { documentAt } from "../../runtime/root.ts";
import { operatorAt } from "../operator.ts";
import { textOption } from "../options.ts";
import { descriptionJson, descriptionText } from "../render/description.ts";
import { refuseDocument } from "../render/refusal.ts";
import { productStyle, productWidth } from "../render/text.ts";
import type { Terminal } from "../terminal.ts";

/** Options of `describe`. */
export interface DescribeOptions {
  /** `dev`, `staging` or `prod`; otherwise as `run` would have it. */
  readonly environment?: unknown;
  readonly json?: unknown;
}

/** Describes one document on standard output. */
export async function describeCommand(
  terminal: Terminal,
  named: string,
  options: DescribeOptions = {},
): Promise<number> {
  const file = await documentAt(named, terminal.cwd);
  const environment = textOption("--environment", options.environment);
  const folder = path.dirname(path.resolve(terminal.cwd, file));
  const operator = await operatorAt(terminal, folder, environment === undefined ? {} : { environment });
  const loaded = await loadDocument(file, terminal.cwd);
  if (!loaded.ok) return refuseDocument(terminal, file, loaded);
  const about = await describe(loaded.bundle, operator, terminal.cwd);
  if (options.json === true) terminal.out(descriptionJson(about));
  else terminal.out(descriptionText(about, productStyle(terminal), productWidth(terminal)));
  return 0;
}
