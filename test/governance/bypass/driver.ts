/**
 * Tries effects the way a run does: the real performers prepare, the decider decides, the real performers perform, with
 * a hook at the seam between check and use. Files, links, programs and servers are real; only names are resolved here.
 */
import { chmod, link, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { combinePerformers, worldPerformers } from "../../../src/connect/world/performer.ts";
import { McpPerformer } from "../../../src/connect/mcp/performer.ts";
import { resolveRealPath } from "../../../src/connect/world/paths.ts";
import type { PolicyScope } from "../../../src/effects/decision.ts";
import type { Effect, PreparedEffect } from "../../../src/effects/effect.ts";
import type { Performer } from "../../../src/effects/seam.ts";
import { createDecider } from "../../../src/governance/decider.ts";
import type { McpServer } from "../../../src/graph/model.ts";
import type { AllowLists, StageLists } from "../../../src/graph/posture.ts";
import { toText } from "../../../src/graph/value.ts";
import { level, open, policy } from "../support.ts";

/** What nobody may get to see. */
export const CANARY = "canary-7d1f4c";

/** A document's `[policy]`; texts are filled in by {@link World.fill}. null: the document has none. */
export type Lists = Parameters<typeof policy>[0] | null;

/** One attempt, or its legitimate twin. */
export interface Attempt {
  readonly name: string;
  /** What would be lost. */
  readonly why: string;
  readonly policy: Lists;
  readonly effect: (world: World) => Effect;
  readonly around?: Around;
}

/** Everything around an attempt that is not the document's policy. */
export interface Around {
  readonly operator?: Partial<AllowLists>;
  readonly stages?: StageLists;
  readonly nodeKind?: string;
  /** Addresses that a name leads to, one list for each time it is asked; the last one stands. */
  readonly names?: Readonly<Record<string, readonly (readonly string[])[]>>;
  readonly servers?: readonly McpServer[];
  readonly idempotencyKey?: string;
  /** Happens between check and use. */
  readonly between?: (world: World) => Promise<unknown>;
  /** Happens once the run has begun: what patterns mean has been found out. */
  readonly begun?: (world: World) => Promise<unknown>;
  /** Happens before anything is looked at. */
  readonly before?: (world: World) => Promise<unknown>;
  /** The effect itself is allowed and is performed; the harm would be this. Gives what is wrong, or null. */
  readonly harm?: (world: World, got: string) => string | null | Promise<string | null>;
}

/** How it came out. `harm`: something outside the policy was touched although the effect was stopped. */
export interface Outcome {
  readonly through: boolean;
  readonly by: "prepare" | "decide" | "perform" | null;
  readonly text: string;
  readonly harm: string | null;
}

const HOME_ENV = { PATH: "/usr/bin:/bin", HOME: "/", APP_MODE: "x", AWS_SECRET_ACCESS_KEY: CANARY, Path: CANARY };

/** A folder with something allowed and something forbidden, and two servers: one allowed, one that nobody may reach. */
export class World {
  /** `A`: allowed folder, `S`: folder with the canary, `R`: above both. Real paths. */
  readonly root: string;
  readonly requests: string[] = [];
  readonly strays: string[] = [];
  private readonly servers: readonly Server[];

  private constructor(root: string, servers: readonly Server[]) {
    this.root = root;
    this.servers = servers;
  }

  static async make(): Promise<World> {
    const root = await realpath(await mkdtemp(path.join(os.tmpdir(), "countersign-bypass-")));
    const servers = [createServer(), createServer()];
    const world = new World(root, servers);
    const lists = [world.requests, world.strays];
    for (const [i, server] of servers.entries()) {
      server.on("request", (request, response) => {
        lists[i]?.push(`${request.method} ${request.url} ${request.rawHeaders.join("\n")}`);
        request.resume();
        if (request.url?.startsWith("/redirect") === true) {
          const to = new URL(request.url, "http://x").searchParams.get("to") ?? "";
          response.writeHead(302, { location: world.fill(to) });
        }
        response.end(i === 0 ? "fine" : CANARY);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    }
    return world;
  }

  /** Everything as it was, for the next attempt. */
  async reset(): Promise<void> {
    this.requests.length = 0;
    this.strays.length = 0;
    const [A, S] = [this.at("A"), this.at("S")];
    for (const name of await readdir(this.root)) await rm(path.join(this.root, name), { recursive: true });
    await mkdir(path.join(A, "sub"), { recursive: true });
    await mkdir(S);
    await mkdir(`${A}-evil`);
    await writeFile(path.join(A, "file.txt"), "fine");
    await writeFile(path.join(A, "sub", "deep.txt"), "fine");
    await writeFile(path.join(S, "canary.txt"), CANARY);
    await writeFile(path.join(`${A}-evil`, "canary.txt"), CANARY);
    await symlink("../secret", path.join(A, "out"));
    await symlink("../secret/canary.txt", path.join(A, "leak.txt"));
    await symlink("../secret/new.txt", path.join(A, "dangling.txt"));
    await symlink("/", path.join(A, "slash"));
    await symlink("sub/deep.txt", path.join(A, "inside.txt"));
    await symlink(A, path.join(this.root, "alias"));
    await this.program(path.join(A, "tool"), "fine");
    await this.program(path.join(S, "tool"), CANARY);
    await symlink("../secret/tool", path.join(A, "linked-tool"));
    await writeFile(path.join(A, "not-executable"), "#!/bin/sh\n");
  }

  /** A program that says one word and its arguments. */
  async program(file: string, word: string): Promise<void> {
    await writeFile(file, `#!/bin/sh\necho ${word} "$@"\n`);
    await chmod(file, 0o755);
  }

  /** Puts a link in the place of what stands at `name`. */
  async swap(name: string, target: string): Promise<void> {
    await rm(this.fill(name), { recursive: true, force: true });
    await symlink(this.fill(target), this.fill(name));
  }

  async hardLink(name: string, target: string): Promise<void> {
    await link(this.fill(target), this.fill(name));
  }

  at(name: "A" | "S"): string {
    return path.join(this.root, name === "A" ? "allowed" : "secret");
  }

  port(which: 0 | 1): number {
    return (this.servers[which]?.address() as AddressInfo).port;
  }

  /** `$A`, `$S`, `$R`: folders; `$P`, `$Q`: ports of the allowed and of the forbidden server. */
  fill(text: string): string {
    return text
      .replaceAll("$A", this.at("A"))
      .replaceAll("$S", this.at("S"))
      .replaceAll("$R", this.root)
      .replaceAll("$P", String(this.port(0)))
      .replaceAll("$Q", String(this.port(1)));
  }

  /** What an effect has left where it has no business; null for nothing. */
  async damage(): Promise<string | null> {
    if (this.strays.length > 0) return `the forbidden server was asked: ${this.strays[0] ?? ""}`;
    const names = (await readdir(this.at("S"))).sort();
    if (names.join() !== "canary.txt,tool") return `the forbidden folder holds ${names.join()}`;
    const kept = await readFile(path.join(this.at("S"), "canary.txt"), "utf8");
    return kept === CANARY ? null : "the forbidden file was changed";
  }

  async end(): Promise<void> {
    for (const server of this.servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    await rm(this.root, { recursive: true, force: true });
  }
}

function performerOf(world: World, around: Around): Performer {
  const asked = new Map<string, number>();
  const resolveName = (host: string): Promise<readonly string[]> => {
    const answers = around.names?.[host.replace(/\.$/, "")] ?? around.names?.["*"] ?? [["93.184.216.34"]];
    const count = asked.get(host) ?? 0;
    asked.set(host, count + 1);
    return Promise.resolve((answers[Math.min(count, answers.length - 1)] ?? []).map((one) => world.fill(one)));
  };
  const never = () => Promise.reject(new Error("a server was to be started"));
  const mcp = new McpPerformer({
    servers: around.servers ?? [],
    admit: never,
    resolveSecret: never,
    digest: open.digest,
    environment: {},
    cwd: world.root,
    version: "0",
  });
  const secrets = {
    resolve: (_document: string, name: string) =>
      Promise.resolve(
        name === "CRLF"
          ? { ok: true as const, value: "x\r\nX-Injected: 1" }
          : { ok: false as const, problem: "no such secret" },
      ),
  };
  const env: Record<string, string> = HOME_ENV;
  const real = worldPerformers({ env, cwd: world.root, secrets, onEnvRead: () => undefined, resolveName });
  return combinePerformers({ ...real, mcp, model: null }, { mask: (text) => text });
}

/** Tries one effect as a run would. An allowed effect whose target is not on this machine counts as gone through. */
export async function attempt(world: World, one: Attempt): Promise<Outcome> {
  await world.reset();
  const around = one.around ?? {};
  await around.before?.(world);
  const scopes: PolicyScope[] = [
    { file: "w.toml", policy: policyOf(world, one.policy), mcpServers: around.servers ?? [] },
  ];
  const decider = createDecider({
    ...open,
    scopes,
    lists: around.operator === undefined ? [] : [filledLists(world, around.operator)],
    stages: around.stages === undefined ? open.stages : filledStages(world, around.stages),
    realPrefix: (named) => resolveRealPath(named, world.root),
  });
  const performer = performerOf(world, around);
  const effect = one.effect(world);
  const nodeKind = around.nodeKind ?? kinds[effect.kind];
  const activation = { frame: "", node: "n", visit: 1, attempt: 1 };
  const scope = { activation, nodeKind, document: "w.toml", idempotencyKey: around.idempotencyKey ?? null };
  const ended = async (through: boolean, by: Outcome["by"], text: string): Promise<Outcome> => ({
    through,
    by,
    text,
    harm: (text.includes(CANARY) ? "the canary was seen" : null) ?? (await world.damage()),
  });
  const base = { activation, nodeKind, scopes, dryRun: false, replay: false, chosenByModel: false, at: 0 };
  if (around.begun !== undefined) {
    const other: Effect = { kind: "fs.read", path: world.at("A") };
    const first = await performer.prepare(other, scope);
    if ("effect" in first) await decider.decide({ ...base, prepared: first, nodeKind: "read_file" });
    await around.begun(world);
  }
  const prepared = await performer.prepare(effect, scope);
  if (!("effect" in prepared)) return ended(false, "prepare", prepared.message);
  const decision = await decider.decide({ ...base, prepared });
  if (decision.decision !== "Allow") return ended(false, "decide", `${decision.code}: ${decision.reason}`);
  if (!isHere(prepared)) return ended(true, null, "allowed");
  await around.between?.(world);
  const result = await performer.perform(prepared, scope, AbortSignal.timeout(10_000));
  if (!result.ok) return ended(false, "perform", result.failure.message);
  const got = toText(result.value);
  if (around.harm === undefined) return ended(true, null, got);
  const harm = (await around.harm(world, got)) ?? (got.includes(CANARY) ? "the canary was seen" : await world.damage());
  return { through: true, by: null, text: got, harm };
}

/** Only what stays on this machine is performed. */
function isHere({ effect, description }: PreparedEffect): boolean {
  if (effect.kind.startsWith("mcp.") || effect.kind === "model.call") return false;
  if (effect.kind !== "http.request") return true;
  const { addresses } = description;
  return Array.isArray(addresses) && addresses.every((one) => one === "127.0.0.1");
}

function policyOf(world: World, lists: Lists): PolicyScope["policy"] {
  if (lists === null) return null;
  const filled = Object.entries(lists).map(([name, list]) => [
    name,
    Array.isArray(list) ? list.map((text: string) => world.fill(text)) : list,
  ]);
  return policy(Object.fromEntries(filled) as NonNullable<Lists>);
}

function filledLists(world: World, lists: Partial<AllowLists>): AllowLists {
  const filled = Object.entries(lists).map(([name, list]) => [
    name,
    Array.isArray(list) ? list.map((text: string) => world.fill(text)) : list,
  ]);
  return level(Object.fromEntries(filled) as Partial<AllowLists>);
}

function filledStages(world: World, stages: StageLists): StageLists {
  return {
    httpPost: stages.httpPost?.map((url) => world.fill(url)) ?? null,
    exec: stages.exec.map((p) => world.fill(p)),
  };
}

const kinds: Readonly<Record<Effect["kind"], string>> = {
  "fs.read": "read_file",
  "fs.write": "write_file",
  "fs.mkdir": "create_dir",
  "env.read": "read_env",
  "http.request": "http_request",
  "shell.run": "shell_run",
  "mcp.tool": "call_mcp_tool",
  "mcp.resource": "read_mcp_resource",
  "model.call": "llm_infer",
};
