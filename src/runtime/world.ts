/**
 * The world of one run: performers, secrets, servers, models and the decider, put together and taken down again.
 * Nothing is started here; servers, secret commands and token fetches begin when an effect needs them, decided
 * like any effect and journalled before they begin (provisions.ts, spec/runtime.md §2).
 */
import { randomBytes } from "node:crypto";
import { checkBackends, checkTransports, type DefaultTransports } from "../connect/models/check.ts";
import type { ResolveSecret } from "../connect/models/secret.ts";
import { ModelPerformer } from "../connect/models/performer.ts";
import { McpPerformer } from "../connect/mcp/performer.ts";
import { configureServers } from "../connect/mcp/servers.ts";
import { checkDeclared, checkReadable } from "../connect/secrets/check.ts";
import { SecretMask } from "../connect/secrets/mask.ts";
import { Secrets } from "../connect/secrets/secrets.ts";
import { classifyAddress } from "../connect/world/address.ts";
import { findSandbox } from "../connect/world/launch.ts";
import { resolveRealPath } from "../connect/world/paths.ts";
import { ProgramDigests } from "../connect/world/program.ts";
import { combinePerformers, worldPerformers } from "../connect/world/performer.ts";
import type { Bundle } from "../dialects/bundle.ts";
import type { PolicyScope } from "../effects/decision.ts";
import type { PreparedEffect } from "../effects/effect.ts";
import type { StageDefaults } from "../effects/handler.ts";
import type { JournalStore, Performer, Rehearsal, Resources } from "../effects/seam.ts";
import type { ApprovalAuthority } from "../governance/approvals/authority.ts";
import type { Control, RunInput } from "../engine/runner.ts";
import { createDecider, type GovernanceSettings } from "../governance/decider.ts";
import { failure, type Failure } from "../graph/failure.ts";
import type { Graph, SecretSource } from "../graph/model.ts";
import { kindDefinition } from "../kinds/definitions.generated.ts";
import { handlers } from "../kinds/handlers.generated.ts";
import { inheritedVariables } from "../kinds/step/process.ts";
import { systemClock } from "./clock.ts";
import { loadPolicyCode } from "./policy-code.ts";
import { sha256 } from "./documents.ts";
import type { StartProblem } from "./execute.ts";
import { RunProvisions } from "./provisions.ts";
import { serverChanged, serverStart } from "./server-start.ts";
import { VERSION } from "./version.ts";

/** What a run's world is made of. */
export interface WorldSettings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly governance: GovernanceSettings;
  readonly stageDefaults: StageDefaults;
  /** The operator's working directory as child programs are told it (RUNX_CWD, INIT_CWD, else `cwd`). */
  readonly workspace: string;
  readonly transports: DefaultTransports;
  /** `--mcp-stdio "CMD ARGS"`; null for none. */
  readonly mcpStdio: string | null;
  readonly timeoutMs: number | null;
  /** Answers for a dry run's effects; null for placeholders only. */
  readonly rehearsal: Rehearsal | null;
  /** Stands before the real performers, e.g. a fixture's mocks. */
  readonly wrapPerformer?: (performer: Performer) => Performer;
  readonly dryRun: boolean;
  /** What approvals of this run are held against; absent: nothing can be approved. */
  readonly authority?: ApprovalAuthority;
  /** The run is kept in a state directory; absent: it is. Staging and prod change nothing without one. */
  readonly kept?: boolean;
  /** Names that handlers may use although no backend or server of that name is configured: a fixture's mocks. */
  readonly mockBackends?: readonly string[];
  readonly mockServers?: readonly string[];
}

/**
 * What every tool is given anyway (spec/skill-graph.md §3.6): a tool's `{{env.HOME}}` is no secret, and masking it
 * would take every path below it out of journals and outcomes.
 */
const ordinaryVariables: ReadonlySet<string> = new Set([...inheritedVariables, "RUNX_CWD"]);

/** A run's world. `close` ends what it started. */
export interface World {
  readonly mask: SecretMask;
  readonly secrets: Secrets;
  readonly policyDigest: string;
  runInput(bundle: Bundle, journal: JournalStore, control?: Control): RunInput;
  close(): Promise<void>;
}

/** Puts a world together; configuration errors end it before anything happens (exit code 2). */
export async function openWorld(
  bundle: Bundle,
  settings: WorldSettings,
  key: Uint8Array,
): Promise<{ readonly ok: true; readonly world: World } | { readonly ok: false; readonly problem: StartProblem }> {
  const graphs = [...bundle.entries.values()].flatMap((entry) =>
    entry.graph === null ? [] : [{ key: entry.key, graph: entry.graph }],
  );
  const root = bundle.entries.get(bundle.root)?.graph as Graph;
  const servers = configureServers(root.mcpServers, settings.mcpStdio);
  if (!servers.ok) return configuration(servers.failure);
  const transport = checkTransports(settings.transports);
  if (transport !== null) return configuration(transport);
  const mask = new SecretMask(key);
  const scopes: PolicyScope[] = graphs.map(({ graph }) => ({
    file: graph.file,
    policy: graph.policy,
    mcpServers: graph.mcpServers,
  }));
  const code = loadPolicyCode(bundle);
  if (code.problem !== null) return { ok: false, problem: { exit: 5, code: "policy", message: code.problem } };
  const decider = createDecider({
    ...settings.governance,
    scopes,
    codes: code.codes,
    realPrefix: (pattern) => resolveRealPath(pattern, settings.cwd),
    digest: sha256,
    ...(settings.authority === undefined ? {} : { approvals: discreet(settings.authority, mask) }),
    ...(settings.kept === undefined ? {} : { kept: settings.kept }),
  });
  const provisions = new RunProvisions({
    decide: (request) => decider.decide(request),
    consume: async (request) =>
      decider.consume === undefined
        ? failure("approval", "nothing can be approved here")
        : await decider.consume(request),
    digest: sha256,
    runId: settings.authority?.runId ?? "",
    dryRun: settings.dryRun,
    now: () => systemClock.now(),
  });
  const sources: ReadonlyMap<string, readonly SecretSource[]> = new Map(
    graphs.map(({ key: document, graph }) => [document, graph.secrets]),
  );
  const env = definedOnly(settings.env);
  const secrets = new Secrets({
    sources: () => sources,
    mask,
    now: () => systemClock.now(),
    env,
    cwd: settings.cwd,
    admit: (prepared, { secret: name, document, act = null }) =>
      provisions.admit({ what: "secret", name, document, act, prepared }),
  });
  const resolveSecret: ResolveSecret = async (name, act) => {
    const found = await secrets.resolve(bundle.root, name, AbortSignal.timeout(60_000), act);
    if (found.ok) return found;
    const { problem: message, failure } = found;
    return failure === undefined ? { ok: false, message } : { ok: false, message, failure };
  };
  const unreadable = checkDeclared(root.secrets) ?? (await readableSecrets(root, settings, secrets, bundle.root));
  if (unreadable !== null) {
    const { message } = unreadable;
    return { ok: false, problem: { exit: 5, code: "secret", message, failure: unreadable } };
  }
  // A mocked backend is never called, so nobody needs to have its key.
  const mocked = root.backends.filter((backend) => settings.mockBackends?.includes(backend.name) === true);
  const unneeded = new Set(mocked.map((backend) => backend.apiKeyEnv));
  const probe = await checkBackends(root.backends, (name) =>
    Promise.resolve(unneeded.has(name) ? { ok: true, value: "" } : probeSecret(name, root, env)),
  );
  if (probe !== null) return configuration(probe);
  const models = new ModelPerformer({
    backends: root.backends,
    transports: settings.transports,
    resolveSecret,
    digest: sha256,
    timeoutMs: settings.timeoutMs ?? 120_000,
    refuseAddress: metadataOnly,
  });
  const place = { cwd: settings.cwd, path: env["PATH"], digests: new ProgramDigests() };
  const decided = new Map<string, PreparedEffect>();
  const mcp = new McpPerformer({
    servers: servers.servers,
    admit: async (server, { activation: act }) => {
      const prepared = await serverStart(server, place);
      const question = { what: "mcp_server", name: server.name, document: bundle.root, act, prepared } as const;
      const refused = await provisions.admit(question);
      if (refused === null) decided.set(server.name, prepared);
      return refused;
    },
    ready: (server) => {
      const prepared = decided.get(server.name);
      return prepared === undefined ? Promise.resolve(null) : serverChanged(server, prepared, place);
    },
    resolveSecret,
    digest: sha256,
    environment: env,
    cwd: settings.cwd,
    version: VERSION,
  });
  const real = combinePerformers(
    {
      ...worldPerformers({
        env,
        cwd: settings.cwd,
        secrets,
        onEnvRead: (name, value, nodeKind) => {
          if (nodeKind !== "cli-tool" || !ordinaryVariables.has(name)) mask.register(name, value, "env");
        },
      }),
      mcp,
      model: models,
    },
    mask,
  );
  const performer = settings.wrapPerformer?.(real) ?? real;
  const enforcesSandbox = "path" in (await findSandbox());
  const world: World = {
    mask,
    secrets,
    policyDigest: decider.policyDigest,
    runInput: (documents, journal, control) => ({
      bundle: documents,
      seam: {
        clock: systemClock,
        random,
        digest: sha256,
        decider,
        performer,
        journal,
        rehearsal: settings.rehearsal,
        resources: processResources(),
        provisions,
      },
      kinds: {
        handler: (kind) => handlers.get(kind),
        retryable: (kind) => kindDefinition(kind)?.retryable !== false,
        stageDefaults: settings.stageDefaults,
        workspace: settings.workspace,
        enforcesSandbox,
      },
      backends: names(models.names, settings.mockBackends),
      servers: names(mcp.names, settings.mockServers),
      ...(control === undefined ? {} : { control }),
    }),
    close: () => mcp.close(),
  };
  return { ok: true, world };
}

/** Models often stand on loopback or private addresses; a machine's credentials never do (spec/runtime.md §2). */
function metadataOnly(address: string, host: string): string | null {
  if (classifyAddress(address) !== "metadata") return null;
  return `${host} leads to the metadata address ${address}, where no model stands`;
}

function configuration(problem: Failure): { readonly ok: false; readonly problem: StartProblem } {
  return { ok: false, problem: { exit: 2, code: "configuration", message: problem.message } };
}

/** Live secrets are probed before a live run; a dry run and a fixture's mocks need none. */
function readableSecrets(
  root: Graph,
  settings: Pick<WorldSettings, "dryRun" | "wrapPerformer">,
  secrets: Secrets,
  document: string,
): Promise<Failure | null> | null {
  if (settings.dryRun || settings.wrapPerformer !== undefined) return null;
  return checkReadable(root.secrets, (name) => secrets.resolve(document, name, AbortSignal.timeout(60_000)));
}

function names(real: readonly string[], mocked: readonly string[] | undefined): readonly string[] {
  return [...new Set([...real, ...(mocked ?? [])])].sort();
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const made: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined) made[name] = value;
  return made;
}

/** Whether a key can be found without starting anything: declared commands and token fetches count as found. */
function probeSecret(
  name: string,
  root: Graph,
  env: Readonly<Record<string, string>>,
): { ok: true; value: string } | { ok: false; message: string } {
  const source = root.secrets.find((one) => one.name === name);
  if (source !== undefined && source.source !== "env") return { ok: true, value: "" };
  const variable = source?.var ?? name;
  if ((env[variable] ?? "").trim() !== "") return { ok: true, value: "" };
  const message =
    source === undefined
      ? "not declared in [[secrets]] and the env var is unset or empty"
      : `env var \`${variable}\` is unset or empty`;
  return { ok: false, message };
}

/** What is told of used approvals names secrets as the journal does: a target may hold one. */
function discreet(authority: ApprovalAuthority, mask: SecretMask): ApprovalAuthority {
  const { used } = authority;
  if (used === undefined) return authority;
  return {
    ...authority,
    used: (credential, one) => used(credential, { ...one, capability: mask.mask(one.capability) }),
  };
}

/** A random number in [0, 1), for jitter. */
function random(): number {
  return randomBytes(6).readUIntBE(0, 6) / 2 ** 48;
}

/** Memory and processor time of this process since the run began. */
function processResources(): Resources {
  const from = process.cpuUsage();
  return {
    usage: () => {
      const { user, system } = process.cpuUsage(from);
      return { memoryMb: process.memoryUsage.rss() / (1024 * 1024), cpuSecs: (user + system) / 1_000_000 };
    },
  };
}
