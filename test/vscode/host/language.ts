/** What the language server gives to VS Code's own features, asked for as VS Code asks. */
import assert from "node:assert/strict";
import type * as vscode from "vscode";
import type { Case, Host } from "./case.ts";

const FILE = "release-gate/release-gate.toml";

/** Position behind the first occurrence of a text. */
function behind(document: vscode.TextDocument, text: string): vscode.Position {
  const at = document.getText().indexOf(text);
  assert.ok(at >= 0, `${text} occurs`);
  return document.positionAt(at + text.length);
}

function codes({ vscode }: Host, uri: vscode.Uri): string[] {
  return vscode.languages.getDiagnostics(uri).map(({ code }) => String(typeof code === "object" ? code.value : code));
}

/** Runs on a changed text and puts the old one back. */
async function changed(
  host: Host,
  from: string,
  to: string,
  work: (document: vscode.TextDocument) => Promise<string | void>,
): Promise<string | void> {
  const document = await host.show(FILE);
  const before = document.getText();
  assert.ok(before.includes(from), `${from} occurs`);
  await host.replace(document, before.replace(from, to));
  try {
    return await work(document);
  } finally {
    await host.replace(document, before);
    await host.vscode.commands.executeCommand("workbench.action.files.revert");
  }
}

export const languageCases: readonly Case[] = [
  {
    name: "a document without faults has no diagnostics, in every dialect",
    async run(host) {
      for (const file of [FILE, "hello-graph/graph.yaml", "pipeline-notify/spec.kv", "hello-world/SKILL.md"]) {
        const { uri } = await host.show(file);
        assert.deepEqual(codes(host, uri), [], file);
      }
    },
  },
  {
    name: "spec.kv has a language of its own; the others keep theirs",
    async run(host) {
      const languages = [];
      for (const file of ["pipeline-notify/spec.kv", FILE, "hello-graph/graph.yaml"])
        languages.push((await host.show(file)).languageId);
      assert.deepEqual(languages, ["countersign-pipeline", "toml", "yaml"]);
    },
  },
  {
    name: "a misspelt node gives a diagnostic with a code, and its quick fix corrects it",
    run: (host) =>
      changed(host, 'to = "release"', 'to = "relase"', async (document) => {
        const { vscode } = host;
        const diagnostic = await host.until("a diagnostic", () =>
          vscode.languages.getDiagnostics(document.uri).find((one) => document.getText(one.range).includes("relase")),
        );
        assert.equal(diagnostic.source, "countersign");
        assert.equal(diagnostic.severity, vscode.DiagnosticSeverity.Error);
        assert.equal(typeof diagnostic.code, "object", "the code leads to its page");
        const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
          "vscode.executeCodeActionProvider",
          document.uri,
          diagnostic.range,
          vscode.CodeActionKind.QuickFix.value,
          // Edits come when an action is resolved.
          10,
        );
        const fix = actions.find(({ edit }) => edit !== undefined);
        assert.ok(fix?.edit, `a fix among ${actions.map(({ title }) => title).join(", ")}`);
        assert.ok(await vscode.workspace.applyEdit(fix.edit));
        assert.ok(document.getText().includes('to = "release"'));
        await host.until("no diagnostics", () => codes(host, document.uri).length === 0);
        return fix.title;
      }),
  },
  {
    name: "text that does not parse gives a diagnostic where it breaks",
    run: (host) =>
      changed(host, 'id = "publish"', 'id = "publish', async (document) => {
        const wanted = document.positionAt(document.getText().indexOf('id = "publish\n')).line;
        const all = await host.until("a diagnostic", () => {
          const found = host.vscode.languages.getDiagnostics(document.uri);
          return found.length > 0 && found;
        });
        assert.ok(
          all.some(({ range }) => range.start.line === wanted),
          `one on line ${wanted + 1}`,
        );
      }),
  },
  {
    name: "completion offers the document's nodes at an edge's end, and the kinds at a type",
    run: (host) =>
      changed(host, 'to = "tests_passed"', 'to = ""', async (document) => {
        const ask = async (at: vscode.Position): Promise<string[]> => {
          const list = await host.vscode.commands.executeCommand<vscode.CompletionList>(
            "vscode.executeCompletionItemProvider",
            document.uri,
            at,
          );
          return list.items.map(({ label }) => (typeof label === "string" ? label : label.label));
        };
        const nodes = await host.until("names of nodes", async () => {
          const found = await ask(behind(document, 'to = "'));
          return found.includes("read_release") && found;
        });
        assert.ok(nodes.includes("tests_passed"));
        const kinds = await ask(behind(document, 'type = "'));
        for (const kind of ["read_file", "condition", "http_request"]) assert.ok(kinds.includes(kind), kind);
      }),
  },
  {
    name: "hover explains a field",
    async run(host) {
      const document = await host.show(FILE);
      const hovers = await host.vscode.commands.executeCommand<vscode.Hover[]>(
        "vscode.executeHoverProvider",
        document.uri,
        behind(document, "timeout_"),
      );
      const text = hovers.flatMap(({ contents }) => contents.map((one) => (typeof one === "string" ? one : one.value)));
      assert.match(text.join("\n"), /timeout_secs/);
    },
  },
  {
    name: "rename changes the declaration and every reference, in one edit",
    async run(host) {
      const document = await host.show(FILE);
      const before = document.getText();
      const edit = await host.vscode.commands.executeCommand<vscode.WorkspaceEdit>(
        "vscode.executeDocumentRenameProvider",
        document.uri,
        behind(document, 'id = "relea'),
        "facts",
      );
      assert.ok(await host.vscode.workspace.applyEdit(edit));
      const wanted = before
        .replace('id = "release"', 'id = "facts"')
        .replace('to = "release"', 'to = "facts"')
        .replace('from = "release"', 'from = "facts"')
        .replaceAll('"release.parsed', '"facts.parsed')
        .replaceAll("{{release.parsed.", "{{facts.parsed.");
      assert.equal(document.getText(), wanted);
      await host.vscode.commands.executeCommand("undo");
      assert.equal(document.getText(), before, "one undo takes it back");
      await host.vscode.commands.executeCommand("workbench.action.files.revert");
    },
  },
  {
    name: "definition of a reference is the node that it names",
    async run(host) {
      const document = await host.show(FILE);
      const found = await host.vscode.commands.executeCommand<(vscode.Location | vscode.LocationLink)[]>(
        "vscode.executeDefinitionProvider",
        document.uri,
        behind(document, 'input_from = "read_'),
      );
      const lines = found.map((one) => ("targetRange" in one ? one.targetRange : one.range).start.line);
      const wanted =
        document.getText().slice(0, document.getText().indexOf('id = "read_release"')).split("\n").length - 1;
      assert.ok(
        lines.some((line) => line === wanted || line === wanted - 1),
        `line ${wanted + 1}, got ${lines.join()}`,
      );
    },
  },
  {
    name: "a document that was never saved is checked too",
    async run(host) {
      const { vscode } = host;
      const content = '[[nodes]]\nid = "a"\ntype = "read_fil"\n\n[[start_nodes]]\nname = "main"\nentry_node = "a"\n';
      const document = await vscode.workspace.openTextDocument({ language: "toml", content });
      await vscode.window.showTextDocument(document);
      await host.until("a diagnostic", () => codes(host, document.uri).length > 0);
      await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    },
  },
];
