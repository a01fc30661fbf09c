/**
 * `countersign capabilities [FILE]`: what this build can do; with FILE, the capabilities that a credential must name to
 * approve all of the document's effects. Exit code 0; 2 when the document cannot be read, 5 when it is invalid.
 */
import path from "node:path";
import { loadDocument } from "../../runtime/documents.ts";
import {
  buildCapabilities,
  documentCapabilities,
  type BuildCapabilities,
  type DocumentCapabilities,
} from "../../runtime/ops/capabilities.ts";
import { documentAt } from "../../runtime/root.ts";
import { absentSettings } from "../../runtime/starting.ts";
import { operatorAt } from "../operator.ts";
import { textOption } from "../options.ts";
import { refuseDocument } from "../render/refusal.ts";
import { clean, productStyle, productWidth, table } from "../render/text.ts";
import type { Style, Terminal } from "../terminal.ts";

/** Options of `capabilities`. */
export interface CapabilitiesOptions {
  readonly environment?: unknown;
  readonly json?: unknown;
  /** Verbs of this command line. */
  readonly verbs?: readonly string[];
}

/** Shows capabilities on standard output. */
export async function capabilitiesCommand(
  terminal: Terminal,
  named: string | undefined,
  options: CapabilitiesOptions = {},
): Promise<number> {
  const style = productStyle(terminal);
  const columns = productWidth(terminal);
  if (named === undefined) {
    const made = { ...buildCapabilities(), verbs: options.verbs ?? [], refused: absentSettings };
    terminal.out(options.json === true ? json(made) : buildText(made, style, columns));
    return 0;
  }
  const file = await documentAt(named, terminal.cwd);
  // Approvals are asked for where it is strict; what dev would let happen needs none.
  const environment = textOption("--environment", options.environment) ?? "prod";
  const operator = await operatorAt(terminal, path.dirname(path.resolve(terminal.cwd, file)), { environment });
  const loaded = await loadDocument(file, terminal.cwd);
  if (!loaded.ok) return refuseDocument(terminal, file, loaded);
  const made = await documentCapabilities(loaded.bundle, operator, terminal.cwd);
  terminal.out(options.json === true ? json(made) : documentText(made, style, columns));
  return 0;
}

function json(data: object): string {
  return `${JSON.stringify(data, null, 2)}\n`;
}

function buildText(
  made: BuildCapabilities & { readonly verbs: readonly string[]; readonly refused: readonly string[] },
  style: Style,
  columns: number,
): string {
  const lines = [
    `countersign ${made.version}  ${style.dim(`node ${made.platform.node}, ${made.platform.os} ${made.platform.arch}`)}`,
  ];
  lines.push("", style.bold("Dialects"));
  lines.push(
    ...table(
      made.dialects.map((one) => [one.dialect, one.documents.join(", "), one.profile].map(plain)),
      columns,
      "  ",
    ),
  );
  lines.push("", style.bold(`Kinds (${made.kinds.length})`));
  const kinds = made.kinds.map(({ kind, dialects, effect, summary }) =>
    [kind, dialects.join(", "), effect ?? "-", summary].map(plain),
  );
  lines.push(...table(kinds, columns, "  "));
  lines.push("", style.bold("Verbs"), `  ${made.verbs.join(" ")}`);
  lines.push("", style.bold("Capabilities that a credential can name"), `  ${made.capability_families.join(" ")}`);
  if (made.refused.length > 0) lines.push("", style.bold("Refused by name"), ...made.refused.map((one) => `  ${one}`));
  return `${lines.join("\n")}\n`;
}

function plain(text: string): { readonly text: string } {
  return { text: clean(text) };
}

function documentText(made: DocumentCapabilities, style: Style, columns: number): string {
  const lines = [
    `${style.bold(clean(made.name))}  ${style.dim(`${made.dialect} · ${made.environment}, side effects ${made.side_effects}`)}`,
    `spec_hash ${made.spec_hash}`,
    "",
    style.bold(`Capabilities (${made.capabilities.length})`),
    ...(made.capabilities.length === 0 ? ["  none: no effect needs an approval"] : []),
    ...made.needed.flatMap(({ capability, needed_by: by, whole_family: whole }) => [
      `  ${clean(capability)}${whole ? style.yellow("  (whole family: its target is only known at run time)") : ""}`,
      style.dim(`      ${by.map(clean).join(", ")}`),
    ]),
  ];
  if (made.asks.length > 0) lines.push("", style.bold("Asks by itself"), ...made.asks.map((one) => `  ${clean(one)}`));
  if (made.denied.length > 0) {
    lines.push("", style.bold("Denied, whatever is approved"));
    const rows = made.denied.map(({ node, effect, code, reason }) => [node, effect, code ?? "", reason].map(plain));
    lines.push(...table(rows, columns, "  "));
  }
  if (made.unavailable.length > 0)
    lines.push(
      "",
      style.bold("Not available in this version"),
      ...made.unavailable.map(({ node, what }) => `  ${clean(node)} ${clean(what)}`),
    );
  for (const note of made.notes) lines.push("", style.yellow(`note: ${note}`));
  return `${lines.join("\n")}\n`;
}
