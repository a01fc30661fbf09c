/** HTTP exchanges of workflows: what is sent, and what of the reply is handed on (spec/workflow.md §8.6). */
import type { HttpEffect } from "../../effects/effect.ts";
import { utf8Length } from "../../graph/bytes.ts";
import { templateParts } from "../../graph/template.ts";
import { compareKeys, displayText, object, type Value } from "../../graph/value.ts";
import { resultInteger, resultMember, resultText } from "../results.ts";

/** Bytes that a request's body may have. */
export const MAX_REQUEST_BYTES = 1_048_576;
const MAX_REPLY_BYTES = 1_048_576;
const TIMEOUT_MS = 30_000;
const token = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const headerName = /^[A-Za-z0-9_-]+$/;

/** A request and what is wrong with it, once policy has allowed method and URL. */
export interface Exchange {
  readonly effect: HttpEffect;
  readonly problem: string | null;
}

/** The request for a node or an agent's tool. `body` null sends none; `url` and `headers` are as authored. */
export function exchange(
  method: string,
  url: string,
  body: Value | undefined,
  headers: Readonly<Record<string, string>>,
): Exchange {
  const upper = method.toUpperCase();
  const text = body === undefined ? null : displayText(body);
  const length = text === null ? 0 : utf8Length(text);
  const declared = Object.keys(headers)
    .sort(compareKeys)
    .map((name) => [name, headers[name] as string] as const);
  // Over https a declared Content-Type replaces ours; over plain http it is a second line.
  const replaced = /^https:/i.test(url) && declared.some(([name]) => name.toLowerCase() === "content-type");
  return {
    effect: {
      kind: "http.request",
      method: upper,
      url,
      headers: length > 0 && !replaced ? [["Content-Type", "application/json"], ...declared] : declared,
      body: text,
      timeoutMs: TIMEOUT_MS,
      maxReplyBytes: MAX_REPLY_BYTES,
    },
    problem: exchangeProblem(upper, length, declared),
  };
}

function exchangeProblem(
  method: string,
  length: number,
  headers: readonly (readonly [string, string])[],
): string | null {
  if (!token.test(method)) return `method \`${method}\` is not a valid HTTP token`;
  if (length > MAX_REQUEST_BYTES) return `request body ${length} bytes exceeds cap (${MAX_REQUEST_BYTES})`;
  for (const [name, value] of headers) {
    const problem = headerProblem(name, value);
    if (problem !== null) return problem;
  }
  return null;
}

function headerProblem(name: string, value: string): string | null {
  if (!headerName.test(name)) return `header name \`${name}\` is not a valid HTTP token`;
  if (/[\r\n]/.test(value)) return `header \`${name}\`: value contains CR/LF`;
  for (const part of templateParts(value)) {
    if (part.type === "text") {
      if (part.text.includes("{{")) return `header \`${name}\`: unclosed placeholder`;
    } else if (!/^secret:\s*\S/.test(part.key)) {
      return `header \`${name}\`: \`{{${part.key}}}\` — headers interpolate {{secret:NAME}} only`;
    }
  }
  return null;
}

/** `{status, headers, body, bytes}` of a reply, and whether its status is outside 200 to 299. */
export function exchangeOutput(reply: Value): { readonly output: Value; readonly failed: boolean } {
  const status = resultInteger(reply, "status");
  const output = object({
    status,
    headers: resultMember(reply, "headers"),
    body: resultText(reply, "body"),
    bytes: resultInteger(reply, "bytes"),
  });
  return { output, failed: status < 200n || status > 299n };
}
