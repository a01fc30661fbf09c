/**
 * Where configuration files stand (spec/editor.md §7): `countersign.toml` upwards from the document, stopping at the
 * workspace folder or the repository root; the user's own below XDG_CONFIG_HOME.
 *
 * Boundary: pure over a {@link ConfigProbe}. Invariant: without a workspace folder or a repository only the document's
 * own folder is looked at, so that a stray file in a shared parent folder never counts.
 */
import { lookup, type Environment } from "./problem.ts";

/** The file's name, in a workspace and by itself. */
export const CONFIG_NAME = "countersign.toml";

/** How the search sees files. */
export interface ConfigProbe {
  /** The text of a file; null when there is none. Rejects when it cannot be read. */
  read(path: string): Promise<string | null>;
  /** True for a folder that holds a repository's marker (`.git`). */
  isRepositoryRoot(folder: string): Promise<boolean>;
}

/** A file that was found. */
export interface FoundConfig {
  readonly path: string;
  readonly text: string;
}

/** The nearest `countersign.toml` for a document in `folder` (absolute). `workspace` is the workspace folder, if any. */
export async function findWorkspaceConfig(
  folder: string,
  workspace: string | null,
  probe: ConfigProbe,
): Promise<FoundConfig | null> {
  for (const candidate of await searchFolders(folder, workspace, probe)) {
    const path = join(candidate, CONFIG_NAME);
    const text = await probe.read(path);
    if (text !== null) return { path, text };
  }
  return null;
}

/** The folders that are searched, nearest first. */
export async function searchFolders(
  folder: string,
  workspace: string | null,
  probe: Pick<ConfigProbe, "isRepositoryRoot">,
): Promise<readonly string[]> {
  const upwards = ancestors(folder);
  const stop = workspace === null ? null : trimmed(workspace);
  for (const [index, candidate] of upwards.entries()) {
    if (candidate === stop || (await probe.isRepositoryRoot(candidate))) return upwards.slice(0, index + 1);
  }
  return upwards.slice(0, 1);
}

/** Where the user's own configuration stands; null when the environment names no home. */
export function userConfigPath(env: Environment): string | null {
  // XDG base directory specification: a relative path is to be ignored.
  const base = lookup(env, "XDG_CONFIG_HOME")?.value ?? "";
  if (isAbsolute(base)) return join(join(base, "countersign"), "config.toml");
  const home = lookup(env, "HOME", "USERPROFILE")?.value ?? "";
  return isAbsolute(home) ? join(join(join(home, ".config"), "countersign"), "config.toml") : null;
}

function ancestors(folder: string): string[] {
  const found: string[] = [];
  for (let at = trimmed(folder); ;) {
    found.push(at);
    const cut = Math.max(at.lastIndexOf("/"), at.lastIndexOf("\\"));
    const parent =
      cut < 0 ? at : cut === 0 ? "/" : /^[A-Za-z]:$/.test(at.slice(0, cut)) ? at.slice(0, cut + 1) : at.slice(0, cut);
    if (parent === at) return found;
    at = parent;
  }
}

function trimmed(folder: string): string {
  return folder.length > 1 && !/^[A-Za-z]:[\\/]$/.test(folder) ? folder.replace(/[\\/]+$/, "") || "/" : folder;
}

function isAbsolute(path: string): boolean {
  return /^(?:\/|[A-Za-z]:[\\/])/.test(path);
}

function join(folder: string, name: string): string {
  if (/[\\/]$/.test(folder)) return `${folder}${name}`;
  return `${folder}${folder.includes("\\") && !folder.includes("/") ? "\\" : "/"}${name}`;
}
