/**
 * The start of an MCP server as an effect to be decided (spec/runtime.md §2): the program's real path and digest are
 * part of what is decided, and are looked at once more right before the start.
 *
 * A program that cannot be found has neither; lists then deny it, and without lists the system tells why it does not start.
 */
import { findProgram, type Program, type ProgramDigests } from "../connect/world/program.ts";
import type { PreparedEffect } from "../effects/effect.ts";
import { failure, type Failure } from "../graph/failure.ts";
import type { McpServer } from "../graph/model.ts";

/** Where servers are started. */
export interface ServerPlace {
  readonly cwd: string;
  /** PATH of the servers. */
  readonly path: string | undefined;
  readonly digests: ProgramDigests;
}

/** What starting a server would do. */
export async function serverStart(server: McpServer, place: ServerPlace): Promise<PreparedEffect> {
  const [program = "", ...args] = server.command;
  const { cwd } = place;
  const found = await programOf(server, place);
  return {
    effect: {
      kind: "shell.run",
      program,
      args,
      stdin: null,
      env: {},
      inheritEnv: [],
      cwd,
      timeoutMs: 0,
      maxOutputBytes: 0,
      lookup: true,
      graceMs: 0,
    },
    description: {
      kind: "shell.run",
      program,
      ...(found === null ? {} : { real_path: found.realPath, program_sha256: found.sha256 }),
      args,
      cwd,
      server: server.name,
      server_env: Object.entries(server.env).map(([variable, secret]) => `${variable}={{secret:${secret}}}`),
    },
    target: found?.realPath ?? program,
  };
}

/** Why a server must not be started as it was decided; null when its program is still the same. */
export async function serverChanged(
  server: McpServer,
  decided: PreparedEffect,
  place: ServerPlace,
): Promise<Failure | null> {
  const { real_path: realPath, program_sha256: sha256 } = decided.description;
  if (realPath === undefined) return null;
  const found = await programOf(server, place);
  if (found !== null && found.realPath === realPath && found.sha256 === sha256) return null;
  const [program = ""] = server.command;
  return failure("mcp", `mcp: spawn ${program}: the program changed after its start was decided`);
}

async function programOf(server: McpServer, { cwd, path, digests }: ServerPlace): Promise<Program | null> {
  const [program = ""] = server.command;
  // A PATH that is a secret is known at the start only, and so is what a bare name means then.
  if (Object.hasOwn(server.env, "PATH") && !program.includes("/")) return null;
  const found = await findProgram({ nodeKind: "mcp_server", program, lookup: true, path, cwd }, digests);
  return found.ok ? found.program : null;
}
