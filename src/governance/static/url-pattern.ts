/**
 * Patterns over URLs (spec/workflow.md Decision D3): compared on the parsed URL, part by part, so that a prefix can
 * never match another host.
 *
 * Boundary: pure; both sides are read by the same WHATWG parser that the HTTP client uses.
 */

import { perObject } from "../../graph/memo.ts";

/** A URL as patterns see it. `host` is lower case and punycode; an IPv6 address stands without brackets. */
export interface UrlParts {
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** With its `?`, or empty. */
  readonly query: string;
  readonly userInfo: boolean;
}

/** A pattern in its parts. */
export type UrlPattern =
  | { readonly type: "any" }
  | {
      readonly type: "parts";
      readonly scheme: "http" | "https";
      readonly host: string;
      /** `host` stands for all names below it, not for itself. */
      readonly subdomains: boolean;
      readonly port: number;
      readonly match: "exact" | "tree" | "prefix";
      /** Path, and query where the pattern has one; for `tree` without its last slash. */
      readonly path: string;
    };

/** A pattern, or why it can never be one. `wildcard`: a `*` where Decision D3 forbids it. */
export type UrlPatternResult =
  | { readonly ok: true; readonly pattern: UrlPattern }
  | { readonly ok: false; readonly problem: "wildcard" | "never"; readonly message: string };

/** The parts of an absolute http(s) URL; null for anything else. */
export function parseUrl(text: string): UrlParts | null {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  const scheme = url.protocol === "http:" ? "http" : "https";
  return {
    scheme,
    host: bareHost(url.hostname),
    port: url.port === "" ? (scheme === "http" ? 80 : 443) : Number(url.port),
    path: url.pathname,
    query: url.search,
    userInfo: url.username !== "" || url.password !== "" || /^[^/?#]*\/\/[^/?#\\]*@/.test(text),
  };
}

/** Reads a pattern: `*` alone, or scheme, host (exact or `*.domain`), port and path (`/**`, `/*`, `prefix*`, exact). */
export function parseUrlPattern(text: string): UrlPatternResult {
  if (text === "*") return { ok: true, pattern: { type: "any" } };
  const never = (message: string): UrlPatternResult => ({ ok: false, problem: "never", message });
  const split = /^(https?):\/\/([^/?#]*)(.*)$/is.exec(text);
  if (split === null) return never(`\`${text}\` matches no URL: a pattern is \`*\` or starts with http:// or https://`);
  const [, scheme, authority, rest] = split as unknown as [string, string, string, string];
  const subdomains = authority.startsWith("*.");
  const named = subdomains ? authority.slice(2) : authority;
  if (named.includes("*") || /%2a/i.test(named)) {
    const message = `\`${text}\`: a \`*\` in the host or port may only be a leading \`*.\`, as in \`https://*.example.com/**\``;
    return { ok: false, problem: "wildcard", message };
  }
  if (/[@\\\s]/.test(named)) return never(`\`${text}\` matches no URL: its host holds \`@\`, \`\\\` or a space`);
  if (rest.includes("#")) return never(`\`${text}\` matches no URL: requests carry no fragment`);
  const origin = parseUrl(`${scheme}://${named}/`);
  if (origin === null) return never(`\`${text}\` matches no URL: \`${named}\` is not a host`);
  if (subdomains && isAddress(origin.host)) return never(`\`${text}\` matches no URL: an address has no sub-domains`);
  const wild = /^(.*?)(\/\*{1,2}|\*)$/s.exec(rest);
  const match = wild === null ? "exact" : wild[2] === "*" ? "prefix" : "tree";
  const folder = wild?.[1] ?? rest;
  if (mayClimb(match === "prefix" ? `${folder}x` : folder)) {
    return never(`\`${text}\` matches no URL: a path without \`.\` and \`..\` is meant`);
  }
  const path = normalPath(scheme, folder, match);
  const base = { type: "parts", scheme: origin.scheme, host: origin.host, subdomains, port: origin.port } as const;
  return { ok: true, pattern: { ...base, match, path } };
}

/** True when `url` is covered. A URL with user information is covered by `*` alone. */
export function matchesUrl(pattern: UrlPattern, url: UrlParts): boolean {
  if (pattern.type === "any") return true;
  if (url.userInfo || url.scheme !== pattern.scheme || url.port !== pattern.port) return false;
  const host = pattern.subdomains
    ? !isAddress(url.host) && url.host.length > pattern.host.length + 1 && url.host.endsWith(`.${pattern.host}`)
    : url.host === pattern.host;
  return host && matchesUrlPath(pattern.match, pattern.path, url);
}

/** The patterns of a list that can match something. A list is read once for as long as it lives. */
export const urlPatterns = perObject((list: readonly string[]): readonly UrlPattern[] =>
  list.flatMap((text) => {
    const parsed = parseUrlPattern(text);
    return parsed.ok ? [parsed.pattern] : [];
  }),
);

/** A list's patterns by the exact host that they name; those that name none or many apart. */
const patternsByHost = perObject((list: readonly string[]) => {
  const byHost = new Map<string, UrlPattern[]>();
  const others: UrlPattern[] = [];
  for (const pattern of urlPatterns(list)) {
    if (pattern.type === "any" || pattern.subdomains) others.push(pattern);
    else byHost.set(pattern.host, [...(byHost.get(pattern.host) ?? []), pattern]);
  }
  return { byHost, others };
});

/** True when some pattern of the list covers the URL. */
export function matchesAnyUrl(list: readonly string[], url: UrlParts): boolean {
  const { byHost, others } = patternsByHost(list);
  const covers = (pattern: UrlPattern): boolean => matchesUrl(pattern, url);
  return byHost.get(url.host)?.some(covers) === true || others.some(covers);
}

/** True for an IPv4 or IPv6 address as {@link UrlParts.host} writes it. */
export function isAddress(host: string): boolean {
  return host.includes(":") || /^[0-9]+(?:\.[0-9]+){3}$/.test(host);
}

/** The one way to write an address, as a URL's host has it; null for what is no address. */
export function canonicalAddress(address: string): string | null {
  const text = address.includes(":") ? `http://[${address}]/` : `http://${address}/`;
  if (!URL.canParse(text)) return null;
  const host = bareHost(new URL(text).hostname);
  return isAddress(host) ? host : null;
}

/**
 * True when a server that decodes a path once more than it should, or drops `;parameters`, could climb out of a
 * folder: some segment of `path` may come out as `.` or `..`.
 */
export function mayClimb(path: string): boolean {
  let text = path;
  for (let round = 0; round < 5; round++) {
    // Bytes that no UTF-8 text holds; lax decoders read them as `.`, `/` and `\`.
    if (/%(?:c[01]|e0%[89]|f0%8)/i.test(text)) return true;
    if (climbs(text)) return true;
    // Servers that fold characters after decoding read full-width dots and slashes (`%EF%BC%8E`) as plain ones.
    if (/%[c-f]|[^\0-\x7f]/i.test(text) && climbs(decoded(text).normalize("NFKC"))) return true;
    const next = text.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    if (next === text) return false;
    text = next;
  }
  // Still changing after five rounds: nobody encodes an honest path that often.
  return true;
}

function climbs(path: string): boolean {
  return path
    .split(/[/\\]/)
    .map((piece) => piece.replace(/;.*$/s, "").replace(/[\0\s]+/g, ""))
    .some((piece) => piece === "." || piece === "..");
}

/** Percent-escapes as UTF-8 text; what is no UTF-8 stays as it is written. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch (error) {
      if (error instanceof URIError) return escapes;
      throw error;
    }
  });
}

const climbsOut = perObject((url: UrlParts): boolean => mayClimb(url.path));

/** Path rules shared with the stages' list: `tree` is a prefix on a segment border. */
export function matchesUrlPath(match: "exact" | "tree" | "prefix", path: string, url: UrlParts): boolean {
  const whole = url.path + url.query;
  if (match === "exact") return whole === path;
  // Everything on the host: there is no folder to climb out of.
  if (path === "" || (match === "prefix" && path === "/")) return true;
  if (climbsOut(url)) return false;
  const candidate = path.includes("?") ? whole : url.path;
  if (match === "prefix") return candidate.startsWith(path);
  return candidate === path || candidate.startsWith(`${path}/`);
}

/** Escapes and dot segments as the URL parser writes them. The mark keeps a last, partial segment from being one. */
function normalPath(scheme: string, path: string, match: "exact" | "tree" | "prefix"): string {
  const mark = match === "prefix" ? "x" : "";
  const url = new URL(
    `${scheme}://h${path.startsWith("/") || path.startsWith("?") || path === "" ? "" : "/"}${path}${mark}`,
  );
  const text = url.pathname + url.search;
  if (match === "prefix") return text.slice(0, -1);
  return match === "tree" && text.endsWith("/") ? text.slice(0, -1) : text;
}

function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}
