/**
 * Secrets that were read, and how they are taken out of everything that leaves the process (spec/runtime.md §3).
 *
 * Two ways: {@link SecretMask.mask} for what is shown (one way), {@link SecretMask.journal} for the journal (and
 * back). Both work on the texts inside values, not on serialised lines: in
 * a line a value could begin in the middle of an escape. Invariant: no method gives a value out except unseal.
 */
import { createHmac } from "node:crypto";
import type { Redactor } from "../../effects/seam.ts";
import { formsOf, formText, type Form } from "./forms.ts";
import { escapeOpenings, markerText, OPENING, splitSealed, type Marker } from "./markers.ts";
import { Matcher } from "./matcher.ts";

/** `secret`: a `[[secrets]]` entry or a credential. `env`: what a read_env node read. */
export type SecretOrigin = "secret" | "env";

/** Reads the values that may stand behind a name now, to compare them with a marker. */
export type ReadAgain = (name: string) => Promise<readonly { readonly value: string; readonly origin: SecretOrigin }[]>;

/** Everything could be read again, or the secret that is not what it was when it was sealed. */
export type Recalled = { readonly ok: true } | SecretChanged;

/** A secret that a journal names has another value now, or none. */
export interface SecretChanged {
  readonly ok: false;
  readonly code: "secret_changed";
  readonly secret: string;
  readonly message: string;
}

interface Known {
  readonly name: string;
  readonly hmac: string;
  readonly forms: readonly Form[];
  readonly origin: SecretOrigin;
}

/** The secrets of one state directory or run. */
export class SecretMask implements Redactor {
  private readonly key: Uint8Array;
  private readonly known = new Map<string, Known>();
  private readonly byHmac = new Map<string, string>();
  private all: Matcher<Marker> | null = null;
  private secretsOnly: Matcher<Marker> | null = null;

  /** `key`: the HMAC key of the state directory, or a random one for a run without; at least 16 bytes. */
  constructor(key: Uint8Array) {
    if (key.length < 16) throw new TypeError("the key of the secrets' HMAC needs at least 16 bytes");
    this.key = key.slice();
  }

  /** Takes note of a value that was read. Shorter ones than six bytes are not masked. */
  register(name: string, value: string, origin: SecretOrigin): void {
    this.note(name, value, origin);
    // Programs that take a secret up mostly drop the line break at its end.
    const trimmed = value.trim();
    if (trimmed !== value) this.note(name, trimmed, origin);
  }

  /** The journal's masking seam: {@link seal} and {@link unseal}. */
  readonly journal = {
    mask: (text: string): string => this.seal(text),
    unmask: (text: string): { readonly text: string } | { readonly problem: string } => this.unseal(text),
  };

  private note(name: string, value: string, origin: SecretOrigin): void {
    const key = JSON.stringify([name, value]);
    const before = this.known.get(key);
    if (before?.origin === "secret" || before?.origin === origin) return;
    const forms = before?.forms ?? formsOf(value);
    if (forms.length === 0) return;
    const hmac = this.hmac(value);
    this.known.set(key, { name, hmac, forms, origin });
    this.byHmac.set(hmacKey(name, hmac), value);
    this.all = null;
    this.secretsOnly = null;
  }

  /** For what is shown: every secret becomes its marker. */
  mask(text: string): string {
    this.all ??= this.matcher(() => true);
    return replace(text, this.all, (plain) => plain);
  }

  /** As {@link mask}, but values that read_env gave stay: for a run's own result, which is the author's to print. */
  readonly secretsRedactor: Redactor = {
    mask: (text) => {
      this.secretsOnly ??= this.matcher((known) => known.origin === "secret");
      return replace(text, this.secretsOnly, (plain) => plain);
    },
  };

  /** For the journal: as {@link mask}, and {@link unseal} gives the text back. */
  seal(text: string): string {
    this.all ??= this.matcher(() => true);
    return replace(text, this.all, escapeOpenings);
  }

  /**
   * Reads again whatever sealed texts name and this process has not read yet, so that {@link unseal} can put it
   * back; the first secret that is not what it was is a problem.
   */
  async recall(sealed: Iterable<string>, readAgain: ReadAgain): Promise<Recalled> {
    for (const text of sealed) {
      if (!text.includes(OPENING)) continue;
      for (const part of splitSealed(text)) {
        if (typeof part === "string" || this.byHmac.has(hmacKey(part.name, part.hmac))) continue;
        if (!(await this.readBack(part, readAgain))) return changed(part.name);
      }
    }
    return { ok: true };
  }

  /** The text that {@link seal} was given, as far as its secrets are known; else the first that is not. */
  unseal(text: string): { readonly text: string } | { readonly problem: string } {
    if (!text.includes(OPENING)) return { text };
    let made = "";
    for (const part of splitSealed(text)) {
      const value = typeof part === "string" ? part : this.formOf(part);
      if (value === undefined) return { problem: changed((part as Marker).name).message };
      made += value;
    }
    return { text: made };
  }

  private formOf(marker: Marker): string | undefined {
    const value = this.byHmac.get(hmacKey(marker.name, marker.hmac));
    return value === undefined ? undefined : formText(value, marker.form);
  }

  private async readBack(marker: Marker, readAgain: ReadAgain): Promise<boolean> {
    for (const read of await readAgain(marker.name)) {
      this.register(marker.name, read.value, read.origin);
      if (this.byHmac.has(hmacKey(marker.name, marker.hmac))) return true;
    }
    return false;
  }

  private hmac(value: string): string {
    return createHmac("sha256", this.key).update("countersign secret\n").update(value, "utf8").digest("hex");
  }

  private matcher(choose: (known: Known) => boolean): Matcher<Marker> {
    const needles: (readonly [string, Marker])[] = [];
    for (const known of this.known.values()) {
      if (!choose(known)) continue;
      const { name, hmac } = known;
      for (const { id, text } of known.forms) needles.push([text, { name, hmac, form: id }]);
    }
    return new Matcher(needles);
  }
}

function replace(text: string, matcher: Matcher<Marker>, plain: (text: string) => string): string {
  if (matcher.isEmpty) return plain(text);
  let made = "";
  let from = 0;
  for (const { from: start, to, what } of matcher.find(text)) {
    made += plain(text.slice(from, start)) + markerText(what);
    from = to;
  }
  return from === 0 ? plain(text) : made + plain(text.slice(from));
}

function changed(secret: string): SecretChanged {
  const message = `secret_changed: secret \`${secret}\` is not what it was when the journal was written`;
  return { ok: false, code: "secret_changed", secret, message };
}

function hmacKey(name: string, hmac: string): string {
  return JSON.stringify([name, hmac]);
}
