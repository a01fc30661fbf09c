/**
 * The editor's keys (spec/editor.md §7): the secrets in VS Code's secret storage, the index beside them in the global
 * state. Knows of VS Code only these two.
 *
 * Invariants: a private key leaves the secret storage as a {@link Signer} only; it is in no message, log, setting or file.
 * A key is never replaced, and what is trusted is not decided here.
 */
import type { Memento, SecretStorage } from "vscode";
import type { KeyPurpose, Signer } from "../../effects/signing.ts";
import type { EditorKey } from "../../runtime/approvals/editor-keys.ts";
import type { EditorKeys } from "../../runtime/editor-run/index.ts";

const INDEX = "countersign.keys";
const secretName = (kid: string): string => `countersign.key.${kid}`;

/** Most keys that one editor keeps. */
const MAX_KEYS = 32;

/** What a key made here is for: answers and starts, and receipts. */
export const purposes: readonly KeyPurpose[] = ["approval", "receipt"];

/** See the header. */
export class KeyStore implements EditorKeys {
  private readonly secrets: SecretStorage;
  private readonly memento: Memento;
  private readonly told = new Set<() => void>();

  constructor(secrets: SecretStorage, memento: Memento) {
    this.secrets = secrets;
    this.memento = memento;
  }

  /** The keys, the newest first. */
  list(): readonly EditorKey[] {
    return this.memento.get<readonly EditorKey[]>(INDEX, []);
  }

  /** Calls when there are other keys than before. */
  onDidChange(heard: () => void): { dispose(): void } {
    this.told.add(heard);
    return { dispose: () => this.told.delete(heard) };
  }

  /** Makes one for whoever signs by that name. Null when there are too many. */
  async make(principal: string, at: number): Promise<EditorKey | null> {
    if (this.list().length >= MAX_KEYS) return null;
    const { makeEditorKey } = await import("../../runtime/approvals/editor-keys.ts");
    const { key, secret } = makeEditorKey(principal, purposes, at);
    await this.secrets.store(secretName(key.kid), secret);
    await this.memento.update(INDEX, [key, ...this.list()]);
    this.changed();
    return key;
  }

  /** Forgets one for good. */
  async remove(kid: string): Promise<void> {
    await this.secrets.delete(secretName(kid));
    await this.memento.update(
      INDEX,
      this.list().filter((key) => key.kid !== kid),
    );
    this.changed();
  }

  /** A key, ready to sign; null when there is none of that name, or its secret is gone. */
  async signer(kid: string): Promise<Signer | null> {
    const key = this.list().find((one) => one.kid === kid);
    const secret = key === undefined ? undefined : await this.secrets.get(secretName(kid));
    if (key === undefined || secret === undefined) return null;
    const { editorSigner } = await import("../../runtime/approvals/editor-keys.ts");
    return editorSigner(key, secret);
  }

  async start(principal: string, counts: (kid: string) => boolean): Promise<Signer | { readonly problem: string }> {
    const own = this.list().filter((key) => key.principal === principal && key.purposes.includes("approval"));
    const chosen = own.find(({ kid }) => counts(kid)) ?? own[0];
    const signer = chosen === undefined ? null : await this.signer(chosen.kid);
    if (signer !== null) return signer;
    const why =
      chosen === undefined ? `this editor has no key for \`${principal}\`` : `the key \`${chosen.kid}\` is gone`;
    return { problem: `${why}; "Countersign: Make a Signing Key" makes one` };
  }

  async receipts(principal: string): Promise<Signer | null> {
    const own = this.list().find((key) => key.principal === principal && key.purposes.includes("receipt"));
    return own === undefined ? null : this.signer(own.kid);
  }

  private changed(): void {
    for (const heard of this.told) heard();
  }
}
