/**
 * A bundle's files as the journal's file layer sees them, so that a run in a bundle is read by the very reader that
 * reads runs on disk. Reading only; every write is refused.
 */
import type { JournalFiles, ReadFile } from "../../connect/journal/file.ts";
import type { BundleFiles } from "./tar.ts";

/** Files below `root`, a name without meaning outside. */
export function bundleJournalFiles(bundle: BundleFiles, root: string): JournalFiles {
  const folders = new Map<string, Set<string>>();
  for (const path of bundle.keys()) {
    const parts = path.split("/");
    for (let i = 0; i < parts.length; i++) {
      const folder = [root, ...parts.slice(0, i)].join("/");
      const names = folders.get(folder) ?? new Set<string>();
      names.add(parts[i] ?? "");
      folders.set(folder, names);
    }
  }
  const inside = (path: string): string => (path.startsWith(`${root}/`) ? path.slice(root.length + 1) : "");
  const readOnly = (): Promise<never> => Promise.reject(systemError("EROFS", "a bundle is not written to"));
  return {
    makeFolder: readOnly,
    create: readOnly,
    link: readOnly,
    rename: readOnly,
    unlink: readOnly,
    removeFolder: readOnly,
    syncFolder: () => Promise.resolve(),
    watch: () => () => undefined,
    exists: (path) => Promise.resolve(bundle.has(inside(path)) || folders.has(path)),
    names: (path) => {
      const names = folders.get(path);
      return names === undefined ? Promise.reject(systemError("ENOENT", path)) : Promise.resolve([...names].sort());
    },
    openRead: (path) => {
      const bytes = bundle.get(inside(path));
      return bytes === undefined ? Promise.reject(systemError("ENOENT", path)) : Promise.resolve(reading(bytes));
    },
  };
}

function reading(bytes: Uint8Array): ReadFile {
  return {
    size: () => Promise.resolve(bytes.length),
    read: (position, length) => Promise.resolve(bytes.subarray(position, position + length)),
    datasync: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
