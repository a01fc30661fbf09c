/**
 * URLs of http.request, read once and by one parser, so that what policy saw is what is connected to
 * (spec/workflow.md §8.6, Decision D3).
 */

/** A URL ready to be asked about and sent to. */
export interface HttpTarget {
  readonly scheme: "http" | "https";
  /** As a URL has it: an IPv6 address stands in brackets, names are lower case. */
  readonly hostname: string;
  /** The host without brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query. */
  readonly requestTarget: string;
  /** Normalised, without a fragment. */
  readonly url: string;
}

/** The target of a URL, or the sentence that says why there is none. Never repeats user information. */
export function parseTarget(text: string): HttpTarget | string {
  const scheme = /^\s*(https?):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return `URL must start with http:// or https:// (got \`${withoutUser(text)}\`)`;
  // The parser would take the first segment of the path for the host.
  if (/^\s*https?:\/\/(?:[/\\?#]|$)/i.test(text)) return `URL \`${withoutUser(text)}\` has no host`;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    // The parser says only that it failed; these are the reference's words for why.
    return reasonOf(text);
  }
  if (url.username !== "" || url.password !== "" || /^[^/?#]*:\/\/[^/?#]*@/.test(text)) {
    return `URL \`${withoutUser(text)}\` has user information; put credentials in a header as {{secret:NAME}}`;
  }
  url.hash = "";
  const { hostname } = url;
  return {
    scheme: scheme === "https" ? "https" : "http",
    hostname,
    host: hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (scheme === "https" ? 443 : 80) : Number(url.port),
    requestTarget: `${url.pathname}${url.search}`,
    url: url.href,
  };
}

function reasonOf(text: string): string {
  const authority = /^\s*https?:\/\/([^/?#\\]*)/i.exec(text)?.[1] ?? "";
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  if (host === "" || host.startsWith(":")) return `URL \`${withoutUser(text)}\` has no host`;
  const port = /:([^\]]*)$/.exec(host)?.[1];
  if (port !== undefined && !(/^\d*$/.test(port) && Number(port) <= 65535)) {
    return `invalid port in URL \`${withoutUser(text)}\``;
  }
  return `URL \`${withoutUser(text)}\` has an invalid host`;
}

function withoutUser(text: string): string {
  return text.replace(/(:\/\/)[^/?#]*@/, "$1");
}
