/**
 * The header lines of a request (spec/workflow.md §8.6): those that frame it, then the effect's own in their order,
 * with `{{secret:NAME}}` filled in per request. Secret values never appear in a problem text.
 */
import type { HttpEffect } from "../../effects/effect.ts";
import { templateParts } from "../../graph/template.ts";
import type { HttpTarget } from "./url.ts";

/** A header line. `declared` lines may hold placeholders; text from anywhere else is never searched for them. */
export interface HeaderLine {
  readonly name: string;
  readonly value: string;
  readonly declared: boolean;
}

/** Headers that frame the message or name its host: declaring them could make a request mean another one. */
const reserved = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What the lines of a request are made of. */
export interface HeaderParts {
  readonly target: HttpTarget;
  readonly bodyBytes: number;
  readonly declared: HttpEffect["headers"];
  /** Takes the place of a declared `Idempotency-Key`. */
  readonly idempotencyKey: string | null;
}

/** The header lines in the order in which they are sent, secrets by name. Plain HTTP always names the port. */
export function headerLines({ target, bodyBytes, declared, idempotencyKey: key }: HeaderParts): HeaderLine[] {
  const fixed = (name: string, value: string): HeaderLine => ({ name, value, declared: false });
  const host = target.scheme === "https" && target.port === 443 ? target.hostname : `${target.hostname}:${target.port}`;
  return [
    fixed("Host", host),
    fixed("Connection", "close"),
    fixed("Content-Length", String(bodyBytes)),
    ...declared
      .filter(([name]) => key === null || name.toLowerCase() !== "idempotency-key")
      .map(([name, value]) => ({ name, value, declared: true })),
    ...(key === null ? [] : [fixed("Idempotency-Key", key)]),
  ];
}

/** The first thing wrong with declared headers that needs no secret to see. */
export function headerProblem(declared: HttpEffect["headers"]): string | null {
  for (const [name, value] of declared) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
      return `header name \`${printable(name)}\` is not a valid HTTP token`;
    if (reserved.has(name.toLowerCase())) return `header \`${name}\`: it is set by the client itself`;
    const problem = placeholderProblem(value) ?? valueProblem(value);
    if (problem !== null) return `header \`${name}\`: ${problem}`;
  }
  return null;
}

/** Looks up a secret; the problem text names it. */
export type SecretLookup = (
  name: string,
) => Promise<{ readonly ok: true; readonly value: string } | { readonly ok: false; readonly problem: string }>;

/** A header's value with its secrets filled in, or the problem, without any secret in it. */
export async function fillSecrets(
  line: HeaderLine,
  lookup: SecretLookup,
): Promise<{ readonly ok: true; readonly value: string } | { readonly ok: false; readonly problem: string }> {
  const { name, value } = line;
  if (!line.declared) {
    const problem = valueProblem(value);
    return problem === null ? { ok: true, value } : { ok: false, problem: `header \`${name}\`: ${problem}` };
  }
  let filled = "";
  for (const part of templateParts(value)) {
    if (part.type === "text") {
      filled += part.text;
      continue;
    }
    const secret = await lookup(secretName(part.key));
    if (!secret.ok) return { ok: false, problem: `header \`${name}\`: ${secret.problem}` };
    filled += secret.value;
  }
  const problem = valueProblem(filled);
  return problem === null ? { ok: true, value: filled } : { ok: false, problem: `header \`${name}\`: ${problem}` };
}

function secretName(key: string): string {
  return key.replace(/^secret:/, "").trim();
}

function placeholderProblem(value: string): string | null {
  for (const part of templateParts(value)) {
    if (part.type === "text") {
      if (part.text.includes("{{")) return "unclosed placeholder";
    } else if (!part.key.startsWith("secret:") || secretName(part.key) === "") {
      return `\`{{${printable(part.key)}}}\` — headers interpolate {{secret:NAME}} only`;
    }
  }
  return null;
}

function valueProblem(value: string): string | null {
  if (/[\r\n]/.test(value)) return "value contains CR/LF";
  return /[\u0000-\u0008\u000b-\u001f\u007f]/.test(value) ? "value contains a control character" : null;
}

function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]/g, "?").slice(0, 100);
}
