/**
 * The language server's view of this machine: files, configuration and decisions over real paths. Starts nothing,
 * resolves no host name, writes nothing.
 */
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { FolderEntry, LanguageHost, OperatorView } from "../../language/host.ts";
import { applySeverities } from "../config/merge.ts";
import type { Environment } from "../config/problem.ts";
import type { GovernanceSettings } from "../governance/decider.ts";
import type { Graph } from "../graph/model.ts";
import { decideAhead } from "./ahead.ts";
import { validating } from "./check.ts";
import { sha256 } from "./documents.ts";
import { localFiles } from "./files.ts";
import { readOperator, type Operator, type OperatorResult } from "./operator.ts";

/** Folders that hold other people's files or none that were written by hand. */
const passedOver: ReadonlySet<string> = new Set(["node_modules", ".git", "dist", ".countersign"]);
const MAX_FOLDERS = 20_000;
const MAX_DEPTH = 32;
const ours = /\.(?:toml|ya?ml|kv)$|^SKILL\.md$/i;

/** The host for a server in `cwd` with these variables. */
export function languageHost(cwd: string, env: Environment): LanguageHost {
  return hostWithin(cwd, env, () => []);
}

function hostWithin(cwd: string, env: Environment, folders: () => readonly string[]): LanguageHost {
  /** Where a document's relative paths begin, and the workspace folder around it. */
  const around = (key: string | null): { readonly base: string; readonly folder: string | null } => {
    const holding = folders().filter((folder) => key !== null && isBelow(key, folder));
    const folder = holding.reduce<string | null>((best, one) => (one.length > (best?.length ?? 0) ? one : best), null);
    return { base: folder ?? folders()[0] ?? cwd, folder };
  };
  return {
    files: {
      resolve: (reference, from) => localFiles(around(from).base).resolve(reference, from),
      read: (key) => localFiles(cwd).read(key),
    },
    digest: sha256,
    operator: async (folder, opened) => {
      const { base, folder: workspaceFolder } = around(folder);
      const given = { flags: {}, env, cwd: base, folder, workspaceFolder };
      return operatorView(await readOperator(opened === undefined ? given : { ...given, opened }), base);
    },
    list,
    find,
    breathe: () => new Promise((resolve) => setImmediate(resolve)),
    within: (others) => hostWithin(cwd, env, others),
    timer: (ms, wake) => {
      const timer = setTimeout(wake, ms);
      return () => {
        clearTimeout(timer);
      };
    },
  };
}

/** Is `key` this folder, or in it? */
function isBelow(key: string, folder: string): boolean {
  const relative = path.relative(folder, key);
  return relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

function operatorView(read: OperatorResult, cwd: string): OperatorView {
  const operator = read.ok ? read.operator : null;
  return {
    problems: read.ok ? [] : read.problems.map(({ message, file = null }) => ({ message, file })),
    apply: (diagnostics) => (operator === null ? [...diagnostics] : applySeverities(diagnostics, operator.severities)),
    decide: (graphs, purpose) => decideAhead(graphs, governanceOf(graphs, operator, purpose), cwd),
  };
}

function governanceOf(
  graphs: readonly Graph[],
  operator: Operator | null,
  purpose: "validate" | "shown",
): GovernanceSettings {
  const dialect = graphs[0]?.dialect ?? "workflow";
  if (purpose === "shown" && operator !== null) return operator.governance("run", dialect);
  return validating(graphs, operator);
}

async function list(folder: string): Promise<readonly FolderEntry[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.map((entry) => ({ name: entry.name, folder: entry.isDirectory() })).sort(byName);
}

function byName(a: FolderEntry, b: FolderEntry): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** Breadth first; symbolic links to folders are not followed, so no tree has a way back into itself. */
async function find(folder: string, limit: number): Promise<readonly string[]> {
  const found: string[] = [];
  const queue = [{ folder, depth: 0 }];
  for (let looked = 0; looked < MAX_FOLDERS && found.length < limit; looked++) {
    const next = queue.shift();
    if (next === undefined) break;
    for (const entry of await list(next.folder)) {
      const key = path.join(next.folder, entry.name);
      if (!entry.folder) {
        if (ours.test(entry.name) && found.length < limit) found.push(key);
      } else if (next.depth < MAX_DEPTH && !passedOver.has(entry.name)) {
        queue.push({ folder: key, depth: next.depth + 1 });
      }
    }
  }
  return found;
}
