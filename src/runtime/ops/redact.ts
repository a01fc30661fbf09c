/**
 * What of a process may be told in a bundle (spec/pipeline.md §7): variables and arguments by allow lists; everything
 * else is left out or stands as a keyed digest, which says whether two values were equal and nothing more.
 *
 * Pure but for the key that it is given: the state directory's, so that two bundles of one place can be compared.
 */
import { createHmac } from "node:crypto";

/** Names whose values are never shown. */
const sensitive = /KEY|TOKEN|SECRET|PASS|PWD|CRED|AUTH|BEARER|COOKIE|SESSION|PRIVATE|SIGNATURE|SEED/i;

/** The system's own variables that are shown. */
const shownSystem: ReadonlySet<string> = new Set(["LANG", "LC_ALL", "PATH", "SHELL", "TERM", "TZ", "NO_COLOR", "CI"]);

/** Our variables, by the beginnings of their names. */
const own = /^(?:COUNTERSIGN|BYTEOR|AGENTD|RUNX)_[A-Z0-9_]+$/;

/** Our own variables that hold payloads, commands or addresses with who knows what in them. */
const opaque = /_(?:INPUT|INSTRUCTION|INSTRUCTIONS|GOAL|MCP_STDIO|INTEL_HTTP|INTEL_UNIX|REASON)$/;

/** Longer values are no settings. */
const MAX_SHOWN = 1024;

/** Redacts under one key. */
export interface RedactingKey {
  readonly key: Uint8Array;
  /** What the key belongs to, as the bundle says it: whether its digests can be compared with another bundle's. */
  readonly scope: "state directory" | "this bundle";
}

/** A value that is not shown: `hmac-sha256:` and the first 32 hex digits. */
export function keyedDigest(value: string, { key }: RedactingKey): string {
  return `hmac-sha256:${createHmac("sha256", key).update(value, "utf8").digest("hex").slice(0, 32)}`;
}

/** The variables that may be told, sorted by name. */
export function redactedEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  key: RedactingKey,
): Readonly<Record<string, string>> {
  const told: Record<string, string> = {};
  for (const name of Object.keys(env).sort()) {
    const value = env[name];
    if (value === undefined) continue;
    const ours = own.test(name);
    if (!ours && !shownSystem.has(name)) continue;
    const hidden = sensitive.test(name) || opaque.test(name) || unsafe(value);
    told[name] = hidden ? keyedDigest(value, key) : value;
  }
  return told;
}

/** Flags whose value is a word of ours or a name that somebody gave for others to read. */
const shownFlags: ReadonlySet<string> = new Set([
  "--dry-run",
  "--environment",
  "--format",
  "--out",
  "--principal",
  "--replay-policy",
  "--run-id",
  "--side-effects",
  "--start",
  "--state-dir",
  "--timeout-secs",
]);

/** Flags that take no value. */
const switches: ReadonlySet<string> = new Set([
  "--json",
  "--quiet",
  "-q",
  "--sp",
  "--take-over",
  "--allow-changed",
  "--execute",
]);

/** The arguments that may be told: verbs, files and flags by name; values of other flags as keyed digests. */
export function redactedArguments(args: readonly string[], key: RedactingKey): string[] {
  const told: string[] = [];
  let flag: string | null = null;
  for (const arg of args) {
    if (arg.startsWith("-") && arg !== "-") {
      const equals = arg.indexOf("=");
      const name = equals < 0 ? arg : arg.slice(0, equals);
      // What is written like a flag but is none of ours may be anything.
      const known = /^--?[a-z][a-z-]*$/.test(name);
      if (equals < 0) told.push(known ? name : keyedDigest(arg, key));
      else told.push(known ? `${name}=${value(name, arg.slice(equals + 1), key)}` : keyedDigest(arg, key));
      flag = equals < 0 && known && !switches.has(name) ? name : null;
    } else {
      told.push(flag === null ? operand(arg, key) : value(flag, arg, key));
      flag = null;
    }
  }
  return told;
}

function value(flag: string, text: string, key: RedactingKey): string {
  return shownFlags.has(flag) && !unsafe(text) ? text : keyedDigest(text, key);
}

/** A verb, a run id or a file's name is told; anything that could be a payload is not. */
function operand(text: string, key: RedactingKey): string {
  return /^[\p{L}\p{N}._/#:~@ -]{1,200}$/u.test(text) && !unsafe(text) ? text : keyedDigest(text, key);
}

/** A value with user information, with a query, or of many words is no plain setting. */
function unsafe(text: string): boolean {
  return text.length > MAX_SHOWN || /:\/\/[^/?#\s]*@|[?&][^=&\s]*=|\p{Cc}/u.test(text);
}
