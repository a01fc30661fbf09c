/** When the extension and its language server start, and for whom they keep silent. */
import assert from "node:assert/strict";
import type { Case, Host } from "./case.ts";

const ID = "countersign.countersign";
const server = "dist/countersign.mjs";

function extension({ vscode }: Host) {
  const found = vscode.extensions.getExtension(ID);
  assert.ok(found, "the extension is installed");
  return found;
}

export const activationCases: readonly Case[] = [
  {
    name: "a folder that is merely opened starts no language server",
    async run(host) {
      await host.show("notes.txt");
      assert.deepEqual(
        (await host.children()).filter((one) => one.includes(server)),
        [],
      );
    },
  },
  {
    name: "other people's TOML and YAML start no language server and get no diagnostics",
    async run(host) {
      const foreign = [
        "Cargo.toml",
        ".github/workflows/build.yml",
        "azure-pipelines.yml",
        "cloudbuild.yaml",
        ".buildkite/pipeline.yml",
      ];
      for (const file of foreign) {
        const document = await host.show(file);
        assert.equal(document.languageId, file.endsWith(".toml") ? "toml" : "yaml");
        const { uri } = document;
        assert.deepEqual(await host.vscode.commands.executeCommand("vscode.executeCodeLensProvider", uri), []);
        assert.deepEqual(host.vscode.languages.getDiagnostics(uri), []);
      }
      assert.deepEqual(
        (await host.children()).filter((one) => one.includes(server)),
        [],
      );
    },
  },
  {
    name: "a workflow activates the extension and starts the language server",
    async run(host) {
      const found = extension(host);
      const document = await host.show("release-gate/release-gate.toml");
      assert.equal(document.languageId, "toml");
      await host.until("the extension", () => found.isActive);
      await host.until("the server's process", async () => (await host.children()).some((one) => one.includes(server)));
      const begun = performance.now();
      await host.until("symbols", async () => {
        const symbols = await host.vscode.commands.executeCommand<unknown[] | undefined>(
          "vscode.executeDocumentSymbolProvider",
          document.uri,
        );
        return (symbols ?? []).length > 0;
      });
      return `first answer of the language server after ${Math.round(performance.now() - begun)} ms`;
    },
  },
  {
    name: "the restart command starts another server, and diagnostics go on",
    async run(host) {
      const ours = async (): Promise<string[]> => (await host.children()).filter((one) => one.includes(server));
      assert.equal((await ours()).length, 1);
      await host.vscode.commands.executeCommand("countersign.restartServer");
      await host.until("one server", async () => (await ours()).length === 1);
      const document = await host.show("release-gate/release-gate.toml");
      const before = document.getText();
      await host.replace(document, before.replace('to = "release"', 'to = "nowhere"'));
      await host.until("a diagnostic", () => host.vscode.languages.getDiagnostics(document.uri).length > 0);
      await host.replace(document, before);
      await host.until("none", () => host.vscode.languages.getDiagnostics(document.uri).length === 0);
      await host.vscode.commands.executeCommand("workbench.action.files.revert");
    },
  },
];
