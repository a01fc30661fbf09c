/**
 * Commands for the editor's keys (docs/keys.md): made, shown, given to others, deleted; and the keys of others, trusted
 * after a person has compared their fingerprints.
 *
 * Invariants: no command signs; trust is never given without a question whose default is not yes; no private key is
 * shown or written anywhere.
 */
import { writeFile } from "node:fs/promises";
import * as vscode from "vscode";
import { visibleText } from "../../graph/visible.ts";
import type { EditorKey } from "../../runtime/approvals/editor-keys.ts";
import { keyCommands } from "./manifest.ts";
import type { KeyStore } from "./store.ts";
import { words } from "./words.ts";

/** Registers the commands. `principal` names whoever sits at this editor. */
export function registerKeys(store: KeyStore, principal: () => Promise<string>): vscode.Disposable {
  const command = (id: string, run: () => Promise<unknown>): vscode.Disposable =>
    vscode.commands.registerCommand(id, run);
  return vscode.Disposable.from(
    command(keyCommands.makeKey.id, () => makeKey(store, principal)),
    command(keyCommands.showKeys.id, () => showKeys(store)),
    command(keyCommands.exportKeys.id, async () => {
      const keys = store.list();
      if (keys.length === 0) await offerToMake();
      else await exportKeys(keys);
    }),
    command(keyCommands.trustKeys.id, trustKeys),
    command(keyCommands.deleteKey.id, async () => {
      const key = await choose(store, words.whichDelete);
      if (key !== undefined) await deleteKey(store, key);
    }),
  );
}

/** Asks who signs and makes a key; undefined when nobody said. */
export async function makeKey(store: KeyStore, principal: () => Promise<string>): Promise<EditorKey | undefined> {
  const { principalProblem } = await import("../../runtime/approvals/editor-keys.ts");
  const who = await vscode.window.showInputBox({
    ...{ title: words.whoTitle, prompt: words.who, value: await principal(), ignoreFocusOut: true },
    validateInput: principalProblem,
  });
  if (who === undefined) return undefined;
  const key = await store.make(who, Date.now());
  if (key === null) {
    void vscode.window.showWarningMessage(words.tooMany);
    return undefined;
  }
  void vscode.window
    .showInformationMessage(words.made(key), words.export, words.copyFingerprint)
    .then(async (answer) => {
      if (answer === words.export) await exportKeys([key]);
      if (answer === words.copyFingerprint) await copy(key.fingerprint, words.fingerprint);
    });
  return key;
}

/** Saves the public keys where a person says. */
export async function exportKeys(keys: readonly EditorKey[]): Promise<void> {
  const { publicKeySet } = await import("../../runtime/approvals/editor-keys.ts");
  const [first] = keys;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const name = `${first?.kid ?? "keys"}.json`;
  const file = await vscode.window.showSaveDialog({
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, name) }),
    filters: { JSON: ["json"] },
  });
  if (file === undefined) return;
  await writeFile(file.fsPath, publicKeySet(keys));
  void vscode.window.showInformationMessage(words.exported(file.fsPath));
}

async function copy(text: string, what: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(words.copied(what), 4_000);
}

async function offerToMake(): Promise<void> {
  const answer = await vscode.window.showInformationMessage(words.noKeys, words.make);
  if (answer !== undefined) await vscode.commands.executeCommand(keyCommands.makeKey.id);
}

async function choose(store: KeyStore, placeHolder: string): Promise<EditorKey | undefined> {
  const keys = store.list();
  if (keys.length === 0) {
    await offerToMake();
    return undefined;
  }
  const items = keys.map((key) => ({
    label: `$(key) ${key.kid}`,
    description: key.principal,
    detail: `${key.fingerprint} · ${key.purposes.join(", ")} · ${new Date(key.createdAt).toLocaleString()}`,
    key,
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true, matchOnDetail: true }))
    ?.key;
}

async function showKeys(store: KeyStore): Promise<void> {
  const key = await choose(store, words.myKeys);
  if (key === undefined) return;
  const { copyFingerprint, copyPublic, exportPublic, deleteKey: remove } = words;
  const what = await vscode.window.showQuickPick([copyFingerprint, copyPublic, exportPublic, remove], {
    placeHolder: words.whatWithKey(key.kid),
  });
  if (what === copyFingerprint) await copy(key.fingerprint, words.fingerprint);
  if (what === exportPublic) await exportKeys([key]);
  if (what === remove) await deleteKey(store, key);
  if (what !== copyPublic) return;
  const { publicKeySet } = await import("../../runtime/approvals/editor-keys.ts");
  await copy(publicKeySet([key]), words.publicSet);
}

async function deleteKey(store: KeyStore, key: EditorKey): Promise<void> {
  const options = { modal: true, detail: `${key.principal}\n${key.fingerprint}\n\n${words.deleteDetail}` };
  const answer = await vscode.window.showWarningMessage(
    words.deleteQuestion(key.kid),
    options,
    words.keep,
    words.delete,
  );
  if (answer !== words.delete) return;
  await store.remove(key.kid);
  vscode.window.setStatusBarMessage(words.deleted(key.kid), 4_000);
}

/** As `countersign keys trust FILE` does: shows every fingerprint, and asks. */
async function trustKeys(): Promise<void> {
  if (!vscode.workspace.isTrusted) {
    void vscode.window.showWarningMessage(words.untrustedWorkspace);
    return;
  }
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const [file] =
    (await vscode.window.showOpenDialog({
      ...(folder === undefined ? {} : { defaultUri: folder }),
      ...{ canSelectMany: false, openLabel: words.trust, title: words.chooseSet, filters: { JSON: ["json"] } },
    })) ?? [];
  if (file === undefined) return;
  const runtime = await import("../../runtime/own-keys.ts");
  const failed = (why: string): void => {
    void vscode.window.showErrorMessage(words.cannotTrust(visibleText(why)));
  };
  const places = runtime.keyPlacesOf(process.env);
  if (!places.ok) {
    failed(places.problem.message);
    return;
  }
  const wish = { kid: null, principals: null, purposes: null, environments: null };
  const proposed = await runtime.proposedKeys(places.value, file.fsPath, folder?.fsPath ?? "", wish);
  if (!proposed.ok) {
    failed(proposed.problem.message);
    return;
  }
  const lines = proposed.value.map(({ key, fingerprint }) =>
    visibleText(`${fingerprint}  ${key.kid}: ${key.principals.join(", ")}, for ${key.purposes.join(", ")}`),
  );
  const options = { modal: true, detail: words.trustDetail(lines) };
  const question = words.trustQuestion(proposed.value.length);
  const answer = await vscode.window.showWarningMessage(question, options, words.lookAgain, words.trust);
  if (answer !== words.trust) return;
  const trusted = await runtime.trustKeys(
    places.value,
    proposed.value.map(({ key }) => key),
  );
  if (!trusted.ok) failed(trusted.problem.message);
  else void vscode.window.showInformationMessage(words.trusted(proposed.value.length));
}
