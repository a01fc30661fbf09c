/**
 * Budgets of a run and of each child document in it (spec/workflow.md §15, spec/runtime.md §4).
 */
import type { Activation } from "../effects/effect.ts";
import type { Failure } from "../graph/failure.ts";
import { toolFailure } from "../graph/failure.ts";
import { frameChain } from "./plan.ts";
import type { Runner } from "./runner.ts";

const MIB = 1024 * 1024;
/** Milliseconds between two looks at memory and processor time. */
const WATCH_EVERY_MS = 250;

/** Why this node may call no model any more; null while tokens are left. */
export function tokensLeft(runner: Runner, { frame, node }: Activation): Failure | null {
  for (const at of chain(runner, frame)) {
    const cap = runner.documents.graph(at.document).budget?.maxLlmTokens ?? null;
    if (cap !== null && at.tokens >= cap) {
      const document = runner.state.frames.get(frame)?.document ?? at.document;
      const kind = runner.documents.node(document, node)?.kind ?? "";
      const detail = `budget.max_llm_tokens exceeded: ${at.tokens} / ${cap} tokens consumed`;
      return { class: "budget", message: toolFailure(kind, detail).message };
    }
  }
  return null;
}

/** Why `bytes` may not be written in this frame; null while they fit. A cap of 0 is no limit. */
export function writesLeft(runner: Runner, frame: string, bytes: number): Failure | null {
  for (const at of chain(runner, frame)) {
    const cap = (runner.documents.graph(at.document).budget?.maxFsWriteMb ?? 0) * MIB;
    if (cap > 0 && at.bytesWritten + bytes > cap) {
      const detail = `budget.fs_write exceeded: tried to write ${bytes} bytes but ${at.bytesWritten} / ${cap} already consumed`;
      return { class: "budget", message: toolFailure("write_file", detail).message };
    }
  }
  return null;
}

function chain(runner: Runner, frame: string): ReturnType<typeof frameChain> {
  const at = runner.state.frames.get(frame);
  return at === undefined ? [] : frameChain(runner.state, at);
}

/** Watches the root document's memory and processor budgets; the returned function stops it. */
export function watchBudgets(runner: Runner): () => void {
  const { clock, resources } = runner.input.seam;
  const root = runner.state.started?.root;
  const budget = root === undefined ? null : runner.documents.graph(root).budget;
  if (resources === null || budget === null || (budget.maxMemoryMb === null && budget.maxCpuSecs === null))
    return () => undefined;
  let cancel: () => void = () => undefined;
  const look = (): void => {
    const { memoryMb, cpuSecs } = resources.usage();
    if (budget.maxMemoryMb !== null && memoryMb > budget.maxMemoryMb) {
      runner.overBudget({
        type: "budget.exceeded",
        budget: "max_memory_mb",
        limit: budget.maxMemoryMb,
        used: Math.ceil(memoryMb),
      });
    } else if (budget.maxCpuSecs !== null && cpuSecs > budget.maxCpuSecs) {
      runner.overBudget({
        type: "budget.exceeded",
        budget: "max_cpu_secs",
        limit: budget.maxCpuSecs,
        used: Math.ceil(cpuSecs),
      });
    } else cancel = clock.timer(clock.now() + WATCH_EVERY_MS, look);
  };
  look();
  return () => cancel();
}
