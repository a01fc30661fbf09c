/** How often properties are tried: more often, by a factor, where somebody wants to look longer (`COUNTERSIGN_FUZZ=20`). */
import { vi } from "vitest";

const factor = Number(process.env["COUNTERSIGN_FUZZ"] ?? 1);
if (factor > 1) vi.setConfig({ testTimeout: 60_000 * factor });

/** `count` runs, times the factor. */
export const runs = (count: number): number => count * factor;
