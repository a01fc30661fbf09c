/**
 * `countersign doctor`: is this machine, and this place on it, ready for runs? Exit code 0 when nothing failed, else 5.
 */
import { examine, type CheckStatus, type DoctorCheck } from "../../runtime/ops/doctor.ts";
import { textOption } from "../options.ts";
import { clean, cut, productStyle, productWidth } from "../render/text.ts";
import type { Style, Terminal } from "../terminal.ts";
import { interruptible } from "../interrupt.ts";

/** Options of `doctor`. */
export interface DoctorOptions {
  readonly stateDir?: unknown;
  readonly environment?: unknown;
  readonly json?: unknown;
  /** The time it is, in milliseconds since 1970. */
  readonly now?: number;
}

/** Examines, saying each check as it is done. */
export async function doctorCommand(terminal: Terminal, options: DoctorOptions = {}): Promise<number> {
  const style = productStyle(terminal);
  const columns = productWidth(terminal);
  const json = options.json === true;
  const control = interruptible(terminal, false);
  const report = await examine({
    cwd: terminal.cwd,
    env: terminal.env,
    stateDir: textOption("--state-dir", options.stateDir),
    environment: textOption("--environment", options.environment),
    now: options.now ?? Date.now(),
    signal: control.signal,
    onCheck: (check) => {
      if (!json) terminal.out(checkText(check, style, columns));
    },
  });
  control.release();
  if (json) terminal.out(`${JSON.stringify(report, null, 2)}\n`);
  else terminal.out(`\n${report.ok ? style.green("nothing failed") : style.red("not ready")}\n`);
  return report.ok ? 0 : 5;
}

function checkText({ title, status, detail, remedy }: DoctorCheck, style: Style, columns: number): string {
  const paint = paints[status](style);
  const lines = [
    `${paint(status.padEnd(8))}  ${clean(title)}`,
    cut(`          ${clean(detail)}`, columns),
    ...(remedy === null ? [] : [cut(`          -> ${clean(remedy)}`, columns)]),
  ];
  return `${lines.join("\n")}\n`;
}

const paints: Readonly<Record<CheckStatus, (style: Style) => (text: string) => string>> = {
  applied: (style) => style.green,
  degraded: (style) => style.yellow,
  failed: (style) => style.red,
  skipped: (style) => style.dim,
};
