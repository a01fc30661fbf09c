/** What the manifest promises, held against what runs. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import path from "node:path";
import type * as vscode from "vscode";
import type { Case, Host } from "./case.ts";

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly configuration: {
      readonly properties: Readonly<Record<string, { description?: string; markdownDescription?: string }>>;
    };
  };
}

function extension({ vscode }: Host): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension("countersign.countersign");
  assert.ok(found);
  return found;
}

export const manifestCases: readonly Case[] = [
  {
    name: "every command of the manifest is there",
    async run(host) {
      const known = new Set(await host.vscode.commands.getCommands(true));
      const { contributes } = extension(host).packageJSON as Manifest;
      const missing = contributes.commands.map(({ command }) => command).filter((one) => !known.has(one));
      assert.deepEqual(missing, []);
    },
  },
  {
    name: "every setting is described and has a default",
    async run(host) {
      const { contributes } = extension(host).packageJSON as Manifest;
      const settings = Object.entries(contributes.configuration.properties);
      assert.ok(settings.length > 0);
      for (const [name, { description, markdownDescription }] of settings) {
        assert.ok((description ?? markdownDescription ?? "").length > 20, `${name} is described`);
        assert.notEqual(host.vscode.workspace.getConfiguration().inspect(name)?.defaultValue, undefined, name);
      }
    },
  },
  {
    name: "the installed package holds nothing of the checkout's tests and sources",
    async run(host) {
      const folder = extension(host).extensionPath;
      const names = await readdir(folder);
      const wanted = ["LICENSE.txt", "dist", "docs", "media", "package.json", "readme.md", "syntaxes"];
      // A checkout under development has more; the names are those of the installed package.
      if (!names.includes("test")) for (const name of wanted) assert.ok(names.includes(name), name);
      assert.ok((await readdir(path.join(folder, "dist"))).includes("extension.mjs"));
    },
  },
  {
    name: "files.associations makes a file ours, or leaves it alone",
    async run(host) {
      const { vscode } = host;
      const settings = vscode.workspace.getConfiguration("countersign", host.folder);
      const target = vscode.ConfigurationTarget.Workspace;
      const document = await host.show("release-gate/release-gate.toml");
      const symbols = async (): Promise<number> =>
        (
          (await vscode.commands.executeCommand<unknown[] | undefined>(
            "vscode.executeDocumentSymbolProvider",
            document.uri,
          )) ?? []
        ).length;
      await host.until("symbols", async () => (await symbols()) > 0);
      await settings.update("files.associations", { "**/release-gate.toml": "none" }, target);
      await host.until("no symbols", async () => (await symbols()) === 0);
      await settings.update("files.associations", undefined, target);
      await host.until("symbols again", async () => (await symbols()) > 0);
    },
  },
];
