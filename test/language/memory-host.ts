/** A server's surroundings in tests and in the soak: files that are a table in memory, and a client that can do all. */
import type { ClientCapabilities } from "vscode-languageserver/node";
import type { LanguageHost } from "../../language/host.ts";
import { languageHost } from "../../src/runtime/language-host.ts";

/** Where the files of a test seem to be. */
export const root = "/w";

/** A client that can do all that the server makes use of. */
export const everything: ClientCapabilities = {
  workspace: {
    workspaceFolders: true,
    didChangeWatchedFiles: { dynamicRegistration: true },
    workspaceEdit: { documentChanges: true },
  },
  textDocument: {
    completion: { completionItem: { snippetSupport: true, documentationFormat: ["markdown"] } },
    hover: { contentFormat: ["markdown"] },
    publishDiagnostics: { relatedInformation: true, versionSupport: true, codeDescriptionSupport: true },
    documentSymbol: { hierarchicalDocumentSymbolSupport: true },
    rename: { prepareSupport: true },
    codeAction: {
      codeActionLiteralSupport: { codeActionKind: { valueSet: ["", "quickfix", "refactor", "source"] } },
      dataSupport: true,
      isPreferredSupport: true,
    },
    definition: { linkSupport: true },
  },
};

/** The language that an editor gives a file. */
export function languageOf(name: string): string {
  if (name.endsWith(".toml")) return "toml";
  if (name.endsWith(".md")) return "markdown";
  return name.endsWith(".kv") ? "countersign-pipeline" : "yaml";
}

/** The machine's own host, but over files in memory. */
export function memoryHost(disk: Map<string, string>): LanguageHost {
  const real = languageHost(root, {});
  const nameOf = (key: string): string | null => (key.startsWith(`${root}/`) ? key.slice(root.length + 1) : null);
  return {
    ...real,
    files: {
      resolve: real.files.resolve.bind(real.files),
      read: (key) => {
        const name = nameOf(key);
        const text = name === null ? undefined : disk.get(name);
        if (text !== undefined) return Promise.resolve({ ok: true, bytes: new TextEncoder().encode(text) });
        const message = `${key}: No such file or directory (os error 2)`;
        return Promise.resolve({ ok: false, reason: "missing", message });
      },
    },
    list: (folder) => {
      const base = folder === root ? "" : `${nameOf(folder) ?? "?"}/`;
      const names = new Map<string, boolean>();
      for (const name of disk.keys()) {
        if (!name.startsWith(base)) continue;
        const [first, ...rest] = name.slice(base.length).split("/");
        if (first !== undefined) names.set(first, rest.length > 0);
      }
      return Promise.resolve([...names].map(([name, folder]) => ({ name, folder })));
    },
    find: (folder, limit) => {
      const keys = [...disk.keys()].map((name) => `${root}/${name}`).filter((key) => key.startsWith(`${folder}/`));
      return Promise.resolve(keys.sort().slice(0, limit));
    },
  };
}
