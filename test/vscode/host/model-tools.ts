/** The tools for language models, called as an agent of VS Code calls them. */
import assert from "node:assert/strict";
import type { Case, Host } from "./case.ts";

const GATE = "release-gate/release-gate.toml";

async function call({ vscode }: Host, name: string, input: object): Promise<Readonly<Record<string, unknown>>> {
  const result = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
  const text = result.content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : "")).join("");
  return JSON.parse(text) as Record<string, unknown>;
}

export const modelToolCases: readonly Case[] = [
  {
    name: "the tools for language models are registered, and none of them approves or runs",
    run({ vscode }) {
      const ours = vscode.lm.tools.filter(({ name }) => name.startsWith("countersign_")).map(({ name }) => name);
      assert.deepEqual(ours.sort(), [
        "countersign_describe",
        "countersign_dry_run",
        "countersign_explain_run",
        "countersign_validate",
      ]);
      return Promise.resolve();
    },
  },
  {
    name: "a tool validates the text that is open, also unsaved",
    async run(host) {
      const document = await host.show(GATE);
      const before = document.getText();
      assert.equal((await call(host, "countersign_validate", { file: GATE }))["status"], "accepted");
      await host.replace(document, before.replace('to = "release"', 'to = "relaese"'));
      const told = await call(host, "countersign_validate", { file: GATE });
      assert.equal(told["status"], "refused");
      assert.match(JSON.stringify(told["findings"]), /relaese/);
      await host.replace(document, before);
      await host.vscode.commands.executeCommand("workbench.action.files.revert");
    },
  },
  {
    name: "a tool dry-runs a graph, and another explains that run",
    async run(host) {
      const ran = await call(host, "countersign_dry_run", { file: GATE, assume: { tests_passed: "true" } });
      assert.equal(ran["dry_run"], true);
      assert.ok(Array.isArray(ran["visits"]) && ran["visits"].length > 0);
      const told = await call(host, "countersign_explain_run", { run: ran["run"] });
      assert.deepEqual(told, ran);
    },
  },
  {
    name: "a tool names its problem when the file is outside of the workspace or the input is wrong",
    async run(host) {
      assert.match(String((await call(host, "countersign_describe", { file: "/etc/passwd" }))["problem"]), /no file/);
      assert.match(String((await call(host, "countersign_describe", { path: GATE }))["problem"]), /path|file/);
    },
  },
];
