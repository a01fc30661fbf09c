/** What a played graph came to, and short documents for tests of single steps. */
import type { FrameResult } from "../../src/effects/handler.ts";
import { toPlain } from "../../src/graph/value.ts";

export const value = (result: FrameResult): unknown => {
  if (result.status !== "completed") throw new Error(JSON.stringify(result));
  return toPlain(result.value);
};
export const failure = (result: FrameResult): { class: string; message: string } => {
  if (result.status !== "error") throw new Error(`it ended as ${result.status}`);
  return result.failure;
};
export const one = (...lines: string[]): string => `name: g\nsteps:\n  - id: s\n    ${lines.join("\n    ")}\n`;
export const tool = (...lines: string[]): string => one("run: {type: cli-tool, command: tool}", ...lines);
export const md = (front: string): string => `---\nname: t\n${front}\n---\n`;
export const outputs = (result: FrameResult): Record<string, Record<string, unknown>> =>
  (value(result) as { step_outputs: Record<string, Record<string, unknown>> }).step_outputs;
