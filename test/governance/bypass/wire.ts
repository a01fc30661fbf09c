/** What goes over the wire: redirects, rebinding, headers, methods. The servers are real and stand on 127.0.0.1. */
import type { HttpEffect } from "../../../src/effects/effect.ts";
import type { Around, Attempt } from "./driver.ts";
import { get, post, request } from "./effects.ts";

const here = { urls: ["http://127.0.0.1:$P/**"] };

const row = (
  name: string,
  why: string,
  effect: Attempt["effect"],
  around: Around = {},
  policy: Attempt["policy"] = here,
): Attempt => ({
  name,
  why,
  policy,
  effect,
  around,
});

const header = (name: string, value: string): Partial<HttpEffect> => ({ headers: [[name, value]] });

/** A redirect is a reply like any other; the harm would be a second request. */
const redirects: readonly Attempt[] = (
  [
    ["http://127.0.0.1:$Q/", "to a server that is not listed"],
    ["http://127.0.0.1:$P/elsewhere", "to the same server"],
    ["//127.0.0.1:$Q/", "without a scheme"],
    ["file://$S/canary.txt", "to a file"],
    ["http://169.254.169.254/latest/", "to the metadata address"],
    ["ftp://127.0.0.1:$Q/", "to another scheme"],
    ["\\\\127.0.0.1:$Q\\", "with backslashes"],
  ] as const
).map(([to, why]) =>
  row(
    `a redirect ${why}`,
    "a second request that nobody decided",
    (w) => get(`http://127.0.0.1:$P/redirect?to=${encodeURIComponent(w.fill(to))}`)(w),
    {
      harm: (w, got) =>
        w.requests.length === 1 && got.includes("302") ? null : `${w.requests.length} requests; ${got}`,
    },
  ),
);

const rebinding: readonly Attempt[] = [
  row(
    "a name that leads elsewhere once it is checked",
    "the second answer is never asked for",
    get("http://127.0.0.1.rebind.example:$P/"),
    {
      names: { "*": [["127.0.0.1"], ["169.254.169.254"]] },
      harm: (w) => (w.requests.length === 1 ? null : "the checked address was not the one that was asked"),
    },
    { urls: ["http://127.0.0.1.rebind.example:$P/**"] },
  ),
  row(
    "a name that is good when checked and this machine when used",
    "the check saw a public address",
    get("http://a.example:$Q/"),
    { names: { "*": [["127.0.0.1"], ["93.184.216.34"]] } },
    { urls: ["http://*.example:$Q/**"] },
  ),
  row(
    "a name without an address",
    "nothing was checked, so nothing may be connected to",
    get("http://127.0.0.1.gone.example:$Q/"),
    { names: { "*": [[]] } },
    { urls: ["*"] },
  ),
  row(
    "a name that leads to text that is no address",
    "the system would ask again",
    get("http://a.example:$Q/"),
    { names: { "*": [["localhost"]] } },
    { urls: ["*"] },
  ),
];

const framing = [
  "Host",
  "hOsT",
  "Content-Length",
  "Transfer-Encoding",
  "transfer-encoding",
  "Connection",
  "Upgrade",
  "TE",
  "Trailer",
  "Expect",
  "Keep-Alive",
  "Proxy-Connection",
].map((name) =>
  row(
    `a declared ${name} header`,
    "the message would mean another host or another length",
    post("http://127.0.0.1:$P/x", { ...header(name, "evil.example"), body: "b" }),
  ),
);

const broken: readonly Attempt[] = (
  [
    ["X-A", "1\r\nX-Injected: 1", "CR LF in a value"],
    ["X-A", "1\nX-Injected: 1", "LF in a value"],
    ["X-A", "1\rX-Injected: 1", "CR in a value"],
    ["X-A", "1\r\n\r\nGET /admin HTTP/1.1\r\n", "a second request in a value"],
    ["X-A", "1\0", "NUL in a value"],
    ["X-A", "1\u000b", "a vertical tab in a value"],
    ["X-A", "{{secret:CRLF}}", "CR LF in a secret's value"],
    ["X-A", "{{secret:missing}}", "a secret that is not there"],
    ["X-A", "{{path.to.data}}", "data where only secrets may stand"],
    ["X-A", "{{secret:CRLF", "a placeholder without an end"],
    ["X-A\r\nX-Injected", "1", "CR LF in a name"],
    ["X-A: 1\r\nHost", "evil.example", "a whole line in a name"],
    ["Host ", "evil.example", "a space behind a name, which some servers drop"],
    [" Host", "evil.example", "a space before a name: a folded line"],
    ["\tHost", "evil.example", "a tab before a name"],
    ["Host:", "evil.example", "a colon in a name"],
    ["Transfer\u2010Encoding", "chunked", "a Unicode hyphen in a name"],
    ["Ho\u017ft", "evil.example", "U+017F, which folds to s"],
    ["", "1", "an empty name"],
  ] as const
).map(([name, value, why]) =>
  row(`${JSON.stringify(name)}: ${JSON.stringify(value)}`, why, get("http://127.0.0.1:$P/", header(name, value))),
);

const methods: readonly Attempt[] = (
  [
    ["GET /admin HTTP/1.1\r\nX:", "a request line in the method"],
    ["GET\r\nHost: evil.example\r\n", "CR LF in the method"],
    ["GET ", "a space in the method"],
    ["G\0ET", "NUL in the method"],
    ["", "an empty method"],
    ["P\u00d6ST", "a letter that is no token"],
  ] as const
).map(([method, why]) =>
  row(`the method ${JSON.stringify(method)}`, why, request(method, "http://127.0.0.1:$P/"), {
    // An empty method is a GET to the client; what counts is that one plain request left.
    harm: (w) => (w.requests.every((one) => /^(GET|POST) \/ /.test(one)) ? null : (w.requests[0] ?? "")),
  }),
);

const urlText: readonly Attempt[] = (
  [
    ["http://127.0.0.1:$P/x\r\nX-Injected: 1", "CR LF in the path, which the parser drops"],
    ["http://127.0.0.1:$P/x HTTP/1.1\r\nX-Injected: 1\r\n\r\n", "a request line in the path"],
    ["http://127.0.0.1:$P/%0d%0aX-Injected:%201", "encoded CR LF stays encoded"],
    ["http://127.0.0.1:$P/?q=%0d%0aX-Injected:%201", "the same in the query"],
    ["http://127.0.0.1:$P/\u010d\u010aX-Injected: 1", "characters whose low bytes are CR and LF"],
  ] as const
).map(([url, why]) =>
  row(JSON.stringify(url), why, get(url), {
    harm: (w) => (w.requests.some((one) => /\nX-Injected/i.test(one)) ? (w.requests[0] ?? "") : null),
  }),
);

const keys: readonly Attempt[] = ["k\r\nX-Injected: 1", "k\nHost: evil.example", "k\0"].map((idempotencyKey) =>
  row(
    `the idempotency key ${JSON.stringify(idempotencyKey)}`,
    "a key is made from data and becomes a header",
    post("http://127.0.0.1:$P/", { body: "b" }),
    { idempotencyKey },
  ),
);

/** All attempts over the wire. */
export const attempts: readonly Attempt[] = [
  ...redirects,
  ...rebinding,
  ...framing,
  ...broken,
  ...methods,
  ...urlText,
  ...keys,
];

const sent = (text: RegExp): Around => ({
  harm: (w) => (w.requests.some((one) => text.test(one)) ? null : (w.requests[0] ?? "nothing was sent")),
});

/** What must still be sent, and how. */
export const twins: readonly Attempt[] = [
  row("a declared header", "", get("http://127.0.0.1:$P/", header("X-A", "b c")), sent(/X-A\nb c/)),
  row("a header with UTF-8", "", get("http://127.0.0.1:$P/", header("X-A", "\u00e4")), sent(/X-A\n/)),
  row(
    "a header whose value looks like a template's end",
    "",
    get("http://127.0.0.1:$P/", header("X-A", "}}")),
    sent(/X-A\n}}/),
  ),
  row(
    "a name with every character of a token",
    "",
    get("http://127.0.0.1:$P/", header("X-!#$%&'*+.^_`|~9", "1")),
    sent(/X-!#/),
  ),
  row("an unusual method", "", request("PURGE", "http://127.0.0.1:$P/"), sent(/^PURGE \//)),
  row("an idempotency key", "", post("http://127.0.0.1:$P/", { body: "b" }), {
    ...sent(/Idempotency-Key\nk-1/),
    idempotencyKey: "k-1",
  }),
  row("encoded characters as they are", "", get("http://127.0.0.1:$P/a%20b?c=%0a"), sent(/^GET \/a%20b\?c=%0a /)),
];
