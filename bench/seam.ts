/**
 * Runs as the command line makes them, with everything of the engine and nothing of the world: real documents, real
 * handlers, real journals, and a performer that answers every effect at once.
 */
import { randomBytes } from "node:crypto";
import { MemoryJournal } from "../src/connect/journal/memory.ts";
import { SecretMask } from "../src/connect/secrets/mask.ts";
import type { Bundle } from "../src/dialects/bundle.ts";
import type { Decider } from "../src/effects/decision.ts";
import { JOURNAL_VERSION } from "../src/effects/events.ts";
import type { JournalStore, Performer } from "../src/effects/seam.ts";
import { startRun, type RunResult } from "../src/engine/runner.ts";
import { object } from "../src/graph/value.ts";
import { kindDefinition } from "../src/kinds/definitions.generated.ts";
import { handlers } from "../src/kinds/handlers.generated.ts";
import { systemClock } from "../src/runtime/clock.ts";
import { parseDocument, sha256, validateGraph } from "../src/runtime/documents.ts";

/** A workflow document that stands alone, loaded. Throws for one that is not valid. */
export function bundleOf(text: string, file = "/bench/chain.toml"): Bundle {
  const { graph, diagnostics } = parseDocument(text, file);
  const problems = graph === null ? diagnostics : validateGraph(graph);
  if (graph === null || problems.length > 0) throw new Error(problems[0]?.message ?? "no graph");
  const bytes = Buffer.from(text, "utf8");
  const digest = sha256(bytes);
  const entries = new Map([[file, { key: file, role: "root" as const, digest, bytes, graph, diagnostics }]]);
  return { root: file, entries, links: new Map([[file, new Map()]]), digest };
}

const decider: Decider = {
  environment: "dev",
  policyDigest: sha256("bench"),
  decide: () => ({ decision: "Allow", code: "allow_all", reason: "the benchmark allows everything" }),
};

/** Answers as `read_env` expects, without reading anything. */
export const instantPerformer: Performer = {
  prepare: (effect) => {
    const target = effect.kind === "env.read" ? effect.key : effect.kind;
    return Promise.resolve({ effect, description: { kind: effect.kind, target }, target });
  },
  perform: () => Promise.resolve({ ok: true, value: object({ value: "x" }) }),
};

/** What a run masks its journal with while it has read no secret: the same as on the command line. */
export function noSecrets(): SecretMask["journal"] {
  return new SecretMask(randomBytes(32)).journal;
}

/** A journal in memory, as a run without a state directory has it. */
export function memoryJournal(retain = false): MemoryJournal {
  return new MemoryJournal({ masking: noSecrets(), retain });
}

/** Runs a document to its end; throws when it does not complete. */
export async function run(
  bundle: Bundle,
  journal: JournalStore,
  performer: Performer = instantPerformer,
): Promise<RunResult> {
  const timeoutMs = 600_000;
  const result = await startRun(
    {
      bundle,
      seam: {
        clock: systemClock,
        random: () => 0.5,
        digest: sha256,
        decider,
        performer,
        journal,
        rehearsal: null,
        resources: null,
      },
      kinds: {
        handler: (kind) => handlers.get(kind),
        retryable: (kind) => kindDefinition(kind)?.retryable !== false,
        stageDefaults: undefined,
        workspace: undefined,
        enforcesSandbox: false,
      },
      backends: [],
      servers: [],
    },
    {
      version: JOURNAL_VERSION,
      runId: "bench",
      dialect: "workflow",
      workflow: "chain",
      root: bundle.root,
      documents: [...bundle.entries.values()].map(({ key, digest, role }) => ({ key, digest, role })),
      graphDigest: bundle.digest,
      policyDigest: decider.policyDigest,
      environment: decider.environment,
      start: null,
      triggerKind: "manual",
      input: null,
      options: { dryRun: "no", replay: false, assume: {}, canPause: true, timeoutMs, maxFanout: 4 },
      principal: "user:bench@local",
      deadline: systemClock.now() + timeoutMs,
    },
  );
  await journal.close();
  if (result.outcome.status !== "completed") throw new Error(`the run ${result.outcome.status}`);
  return result;
}
