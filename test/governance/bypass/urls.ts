/** URLs: other hosts, user info, schemes, ports, paths, addresses in every spelling, names and what they lead to. */
import type { Around, Attempt, Lists } from "./driver.ts";
import { get, post, request } from "./effects.ts";

const row = (name: string, why: string, policy: Lists, effect: Attempt["effect"], around: Around = {}): Attempt => ({
  name,
  why,
  policy,
  effect,
  around,
});

/** A policy's one pattern, the URL that is tried, and what it is meant to reach. */
type Url = readonly [pattern: string, url: string, why: string];

const api = "https://api.internal/**";
const v1 = "https://api.internal/v1/**";

const hosts: readonly Url[] = [
  [api, "https://api.internal.evil.example/", "the host as the beginning of another"],
  [api, "https://evil-api.internal/", "the host as the end of another"],
  [api, "https://sub.api.internal/", "a sub-domain"],
  [api, "https://api.internal./", "a trailing dot is another name to a name server"],
  [api, "https://api.internal../", "two trailing dots"],
  [api, "https://api-internal/", "a dash for the dot"],
  [api, "https://api.interna1/", "a digit one for the letter l"],
  [api, "https://\u0430pi.internal/", "a Cyrillic letter"],
  [api, "https://api.\u0456nternal/", "a Cyrillic i"],
  [api, "https://xn--pi-6kc.internal/", "the same, in punycode"],
  [api, "https://api.internal\u202e/", "a right-to-left mark"],
  [api, "https://api.internal%2eevil.example/", "an encoded dot"],
  [api, "https://api.internal%00.evil.example/", "an encoded NUL"],
  [api, "https://api.internal%2f.evil.example/", "an encoded slash in the host"],
  [api, "https://api.internal%23.evil.example/", "an encoded fragment in the host"],
  [api, "https://api.internal%40evil.example/", "an encoded at sign"],
  [api, "https://api.internal@evil.example/", "the host as user name"],
  [api, "https://api.internal:443@evil.example/", "host and port as user name and password"],
  [api, "https://api.internal%2f@evil.example/", "an encoded slash before the at sign"],
  [api, "https://evil.example\\@api.internal/", "a backslash before the at sign"],
  [api, "https://user:pw@api.internal/", "credentials in the URL"],
  [api, "https://@api.internal/", "an empty user name"],
  [api, "https://:@api.internal/", "an empty user name and password"],
  [api, "https://evil.example/https://api.internal/", "the host in the path"],
  [api, "https://evil.example/?u=https://api.internal/", "the host in the query"],
  [api, "https://evil.example#https://api.internal/", "the host in the fragment"],
  [api, "https://evil.example\\.api.internal/", "a backslash ends the host"],
  [api, "https://evil.example;api.internal/", "a semicolon in the host"],
  [api, "https://evil.example,api.internal/", "two hosts"],
  [api, "https://evil.example api.internal/", "a space in the host"],
  [api, "https://[api.internal]/", "brackets around a name"],
];

const schemes: readonly Url[] = [
  [api, "http://api.internal/", "in the clear"],
  [api, "HTTP://api.internal/", "in the clear, in capitals"],
  [api, "ftp://api.internal/", "another scheme"],
  [api, "file:///etc/passwd", "a file"],
  [api, "file://api.internal/etc/passwd", "a file with the host"],
  [api, "data:text/plain,https://api.internal/", "a data URL"],
  [api, "javascript:https://api.internal/", "a script"],
  [api, "blob:https://api.internal/x", "a blob"],
  [api, "view-source:https://api.internal/", "a scheme before the scheme"],
  [api, "https:api.internal/", "no slashes"],
  [api, "https:/api.internal/", "one slash"],
  [api, "https:///api.internal/", "three slashes"],
  [api, "//api.internal/", "no scheme"],
  [api, "https:\\\\api.internal/", "backslashes for slashes"],
  [api, "https\n://api.internal/", "a line feed in the scheme"],
  ["*", "gopher://127.0.0.1/", "`*` is any http(s) URL, not any URL"],
  ["*", "file:///etc/passwd", "`*` is no file"],
  ["*", "unix:/var/run/docker.sock", "`*` is no socket"],
  [api, "https://api.internal:8443/", "another port"],
  [api, "https://api.internal:80/", "the port of the other scheme"],
  [api, "https://api.internal:0/", "port zero"],
  [api, "https://api.internal:65979/", "a port that wraps around to 443"],
  [api, "https://api.internal:443.evil.example/", "a port that is none"],
  ["https://api.internal:8443/**", "https://api.internal/", "the scheme's own port"],
];

const paths: readonly Url[] = [
  [v1, "https://api.internal/v1/../admin", "a climb"],
  [v1, "https://api.internal/v1/%2e%2e/admin", "an encoded climb"],
  [v1, "https://api.internal/v1/.%2E/admin", "half encoded"],
  [v1, "https://api.internal/v1/..%2fadmin", "an encoded slash"],
  [v1, "https://api.internal/v1/..%5cadmin", "an encoded backslash"],
  [v1, "https://api.internal/v1/..\\admin", "a backslash"],
  [v1, "https://api.internal/v1/%252e%252e%252fadmin", "encoded twice"],
  [v1, "https://api.internal/v1/%25252e%25252e/admin", "encoded three times"],
  [v1, "https://api.internal/v1/..;/admin", "a path parameter behind the dots"],
  [v1, "https://api.internal/v1/%2e%2e;a=b/admin", "the same, encoded"],
  [v1, "https://api.internal/v1/%c0%ae%c0%ae/admin", "overlong UTF-8 for dots"],
  [v1, "https://api.internal/v1/..%c0%afadmin", "overlong UTF-8 for a slash"],
  [v1, "https://api.internal/v1/%e0%80%ae%e0%80%ae/admin", "overlong UTF-8 of three bytes"],
  [v1, "https://api.internal/v1/\uff0e\uff0e/admin", "full-width dots, which a server may fold"],
  [v1, "https://api.internal/v1/%EF%BC%8E%EF%BC%8E%EF%BC%8Fadmin", "full-width dots and slash, encoded"],
  [v1, "https://api.internal/v1/\u2025/admin", "U+2025, two dots in one character"],
  [v1, "https://api.internal/v1/%25EF%25BC%258E./admin", "a full-width dot encoded twice, and a plain one"],
  [v1, "https://api.internal/v1/..%00/admin", "NUL behind the dots"],
  [v1, "https://api.internal/v1/.%0d%0a./admin", "a line break between the dots"],
  [v1, "https://api.internal/v1/.\t./admin", "a tab between the dots, which the parser drops"],
  [v1, "https://api.internal/v10", "a longer name"],
  [v1, "https://api.internal/V1/x", "another letter case"],
  [v1, "https://api.internal//v1/x", "an empty segment before"],
  [v1, "https://api.internal/%76%31/x", "encoded letters"],
  [v1, "https://api.internal/v1%2fadmin", "an encoded slash behind the folder"],
  [v1, "https://api.internal/?/v1/", "the folder in the query"],
  [v1, "https://api.internal/#/v1/", "the folder in the fragment"],
  [v1, "https://api.internal/;/v1/", "the folder behind a parameter"],
  ["https://api.internal/v1*", "https://api.internal/v1/..%2fadmin", "a climb below a prefix"],
  ["https://api.internal/x", "https://api.internal/x?admin=1", "a query on an exact URL"],
  ["https://api.internal/x?a=1", "https://api.internal/x?a=1&b=2", "one parameter more"],
  ["https://api.internal/x?a=1*", "https://api.internal/x?b=2&a=1", "another parameter first"],
];

const wildcards: readonly Url[] = [
  ["https://*.internal/**", "https://internal/", "the domain itself"],
  ["https://*.internal/**", "https://evilinternal/", "a name that ends alike"],
  ["https://*.internal/**", "https://a.internal.evil.example/", "the domain in the middle"],
  ["https://*.internal/**", "https://.internal/", "an empty label"],
  ["https://*.0.0.1/**", "https://127.0.0.1/", "an address has no sub-domains"],
  ["https://*", "https://evil.example/", "a bare wildcard host"],
  ["https://*/**", "https://evil.example/", "a wildcard host with paths"],
  ["https://**", "https://evil.example/", "two stars for a host"],
  ["http*", "https://evil.example/", "a wildcard scheme"],
  ["**", "https://evil.example/", "two stars alone"],
  ["https://a*.internal/**", "https://ab.internal/", "a wildcard inside a label"],
  ["https://api.internal*", "https://api.internal.evil.example/", "a wildcard behind the host"],
  ["https://api.internal:*/**", "https://api.internal:22/", "a wildcard port"],
  ["https://%2a.internal/**", "https://a.internal/", "an encoded star"],
  ["https://api.?nternal/**", "https://api.internal/", "`?` is no wildcard"],
  ["https://{api,x}.internal/**", "https://api.internal/", "braces are no choice"],
  ["https://[a-z]pi.internal/**", "https://api.internal/", "brackets are no class"],
  ["", "https://evil.example/", "an empty pattern"],
  [" *", "https://evil.example/", "a space before the star"],
  ["https://api.internal/a/../**", "https://api.internal/admin", "a pattern that climbs"],
  ["https://api.internal/%2e%2e/**", "https://api.internal/admin", "a pattern that climbs, encoded"],
  ["https://user@api.internal/**", "https://api.internal/", "a pattern with user info"],
];

/** Every spelling of an address inside, under `*`, which names none of them exactly; the class must be seen. */
const spellings: readonly (readonly [url: string, why: string])[] = [
  ["http://127.0.0.1/", "loopback"],
  ["http://127.1/", "short"],
  ["http://127.0.1/", "three parts"],
  ["http://2130706433/", "decimal"],
  ["http://0x7f000001/", "hexadecimal"],
  ["http://0x7f.0.0.1/", "hexadecimal part"],
  ["http://0177.0.0.1/", "octal part"],
  ["http://017700000001/", "octal"],
  ["http://0/", "zero reaches this machine"],
  ["http://0.0.0.0/", "the unspecified address reaches this machine"],
  ["http://127.255.255.254/", "the whole block is loopback"],
  ["http://127.0.0.1./", "a trailing dot"],
  ["http://\uff11\uff12\uff17.0.0.1/", "full-width digits"],
  ["http://127\u30020\u30020\u30021/", "ideographic full stops"],
  ["http://\u2460\u2461\u2466.0.0.1/", "circled digits"],
  ["http://%31%32%37.0.0.1/", "encoded digits"],
  ["http://[::1]/", "IPv6 loopback"],
  ["http://[0:0:0:0:0:0:0:1]/", "IPv6 loopback at length"],
  ["http://[::]/", "IPv6 unspecified"],
  ["http://[::ffff:127.0.0.1]/", "mapped"],
  ["http://[::ffff:7f00:1]/", "mapped, in hexadecimal"],
  ["http://[::127.0.0.1]/", "compatible"],
  ["http://[::ffff:0:127.0.0.1]/", "translated"],
  ["http://[64:ff9b::127.0.0.1]/", "NAT64"],
  ["http://[64:ff9b:1::10.0.0.1]/", "a local NAT64 prefix"],
  ["http://[2002:7f00:1::]/", "6to4"],
  ["http://[2002:a9fe:a9fe::1]/", "6to4 to the metadata address"],
  ["http://[2001:0:5ef5:79fd:0:0:80ff:fffe]/", "Teredo"],
  ["http://[2606:4700::5efe:10.0.0.1]/", "ISATAP"],
  ["http://10.0.0.1/", "private"],
  ["http://172.31.255.255/", "private, the end of the block"],
  ["http://192.168.1/", "private, short"],
  ["http://100.64.0.1/", "shared address space"],
  ["http://198.18.0.1/", "benchmarking"],
  ["http://169.254.1.1/", "link-local"],
  ["http://169.254.169.254/", "metadata"],
  ["http://2852039166/", "metadata, decimal"],
  ["http://0xa9fea9fe/", "metadata, hexadecimal"],
  ["http://[fe80::1]/", "IPv6 link-local"],
  ["http://[fd00::1]/", "IPv6 private"],
  ["http://[fec0::1]/", "IPv6 site-local"],
  ["http://[fd00:ec2::254]/", "IPv6 metadata"],
  ["http://[4000::1]/", "a block that nobody owns"],
  ["http://[ff02::1]/", "multicast"],
  ["http://224.0.0.1/", "multicast"],
  ["http://255.255.255.255/", "broadcast"],
  ["http://[fe80::1%25eth0]/", "a zone id"],
  ["http://[::1%eth0]/", "a bare zone id"],
  ["http://127.0.0.256/", "no address at all"],
  ["http://0x100000000/", "too large"],
];

/** Without `[policy]` only metadata addresses are denied; every one of them, in every coat. */
const metadata: readonly (readonly [url: string, why: string])[] = [
  ["http://169.254.169.254/latest/meta-data/", "AWS, GCP, Azure"],
  ["http://169.254.169.254./", "with a trailing dot"],
  ["http://0251.0376.0251.0376/", "octal"],
  ["http://[::ffff:169.254.169.254]/", "mapped"],
  ["http://[::ffff:a9fe:a9fe]/", "mapped, in hexadecimal"],
  ["http://[::169.254.169.254]/", "compatible"],
  ["http://[64:ff9b::a9fe:a9fe]/", "NAT64"],
  ["http://[64:ff9b:1:a9fe:a9:fe00::]/", "a local NAT64 prefix of 48 bits"],
  ["http://[2002:a9fe:a9fe::]/", "6to4"],
  ["http://169.254.170.2/", "ECS credentials"],
  ["http://169.254.170.23/", "EKS credentials"],
  ["http://100.100.100.200/", "Alibaba"],
  ["http://168.63.129.16/", "Azure's wire server"],
  ["http://192.0.0.192/", "Oracle"],
  ["http://169.254.42.42/", "Scaleway"],
  ["http://169.254.0.23/", "Tencent"],
  ["http://[fd00:ec2::254]/", "AWS over IPv6"],
  ["http://[fd20:ce::254]/", "GCP over IPv6"],
  ["http://[fd00:42::42]/", "Scaleway over IPv6"],
  ["http://[fe80::a9fe:a9fe]/", "OpenStack over IPv6"],
];

/** A name, where it leads, and a policy that must not reach there. */
const names: readonly Attempt[] = (
  [
    ["http://*.example/**", "http://a.example/", ["127.0.0.1"], "a name that leads to loopback"],
    ["http://*.example/**", "http://a.example/", ["10.0.0.5"], "a private address"],
    ["http://*.example/**", "http://a.example/", ["169.254.1.1"], "a link-local address"],
    ["http://*.example/**", "http://a.example/", ["169.254.169.254"], "the metadata address"],
    ["http://*.example/**", "http://a.example/", ["fe80::1%eth0"], "a link-local address with a zone"],
    ["http://*.example/**", "http://a.example/", ["::1"], "IPv6 loopback"],
    ["http://*.example/**", "http://a.example/", ["::ffff:10.0.0.5"], "a mapped private address"],
    ["http://*.example/**", "http://a.example/", ["64:ff9b::a9fe:a9fe"], "metadata behind NAT64"],
    ["http://*.example/**", "http://a.example/", ["93.184.216.34", "127.0.0.1"], "one good address and one bad"],
    ["http://*.example/**", "http://a.example/", ["127.0.0.1", "93.184.216.34"], "one bad address and one good"],
    ["*", "http://a.example/", ["192.168.0.1"], "`*` names no host exactly"],
    ["*", "http://localhost:$P/", ["127.0.0.1"], "this machine by name"],
    ["*", "http://localhost.:$P/", ["127.0.0.1"], "this machine by name, with a dot"],
    [
      "http://10.0.0.5/**",
      "http://a.example/",
      ["10.0.0.5", "10.0.0.6"],
      "a second private address beside the named one",
    ],
    ["http://10.0.0.6/**", "http://a.example/", ["10.0.0.5"], "another address than the named one"],
    ["http://127.0.0.1:$P/**", "http://127.0.0.1.nip.example:$P/", ["127.0.0.1"], "a name that holds the address"],
    ["http://a.example/**", "http://b.example/", ["93.184.216.34"], "another name at the same address"],
  ] as const
).map(([pattern, url, addresses, why]) =>
  row(`${url} -> ${addresses.join(", ")} under ${pattern}`, why, { urls: [pattern] }, get(url), {
    names: { "*": [addresses] },
  }),
);

const more: readonly Attempt[] = [
  row("no policy, and a name that leads to metadata", "credentials of the machine", null, get("http://a.example/"), {
    names: { "*": [["169.254.169.254"]] },
  }),
  row("no policy, and metadata among good addresses", "credentials of the machine", null, get("http://a.example/"), {
    names: { "*": [["93.184.216.34", "169.254.169.254"]] },
  }),
  row(
    "a method that is not listed",
    "the list is of methods too",
    { urls: ["*"], methods: ["GET"] },
    post("https://api.internal/"),
  ),
  row(
    "a method in other letters",
    "letter case does not count, the word does",
    { urls: ["*"], methods: ["GET"] },
    request("delete", "https://api.internal/"),
  ),
  row(
    "a method with a space behind it",
    "a token with a space is another",
    { urls: ["*"], methods: ["GET"] },
    request("GET ", "https://api.internal/"),
  ),
  row(
    "a method that folds to a listed one",
    "U+017F folds to S",
    { urls: ["*"], methods: ["POST"] },
    request("PO\u017fT", "http://127.0.0.1:$P/", {}),
    {},
  ),
  row("an operator's list beside a wider policy", "both are asked", { urls: ["*"] }, get("https://evil.example/"), {
    operator: { httpUrls: [api] },
  }),
  row(
    "an operator's list with a mistaken pattern",
    "a pattern that cannot match allows nothing",
    null,
    get("https://evil.example/"),
    {
      operator: { httpUrls: ["https://*"] },
    },
  ),
  row("an operator's methods", "both are asked", null, post("https://api.internal/"), {
    operator: { httpMethods: ["GET"] },
  }),
];

const under = ([pattern, url, why]: Url): Attempt =>
  row(`${JSON.stringify(url)} under ${pattern}`, why, { urls: [pattern] }, get(url));

/** All attempts on URLs and addresses. */
export const attempts: readonly Attempt[] = [
  ...[...hosts, ...schemes, ...paths, ...wildcards].map(under),
  ...spellings.map(([url, why]) => row(`${JSON.stringify(url)} under *`, why, { urls: ["*"] }, get(url))),
  ...metadata.map(([url, why]) => row(`${url} without a policy`, why, null, get(url))),
  ...names,
  ...more,
];

const allowed: readonly (readonly [pattern: string, url: string])[] = [
  [api, "https://api.internal/"],
  [api, "https://api.internal"],
  [api, "HTTPS://API.INTERNAL/x"],
  [api, "https://api.internal:443/x"],
  [api, "https://\uff41pi.internal/x"],
  [api, "https://api\u3002internal/x"],
  [api, "https://api.internal/x?y=../z#frag"],
  [api, "https://api.internal/a/../b"],
  [v1, "https://api.internal/v1"],
  [v1, "https://api.internal/v1/a%20b/c"],
  [v1, "https://api.internal/v1/\u00e4\u00f6/\uff21"],
  [v1, "https://api.internal/v1/..b/...;x"],
  [v1, "https://api.internal/x/../v1/a"],
  ["https://api.internal/v1*", "https://api.internal/v2".replace("v2", "v12")],
  ["https://*.internal/**", "https://a.b.internal/x"],
  ["https://b\u00fccher.example/**", "https://xn--bcher-kva.example/"],
  ["https://xn--bcher-kva.example/**", "https://B\u00dcCHER.example/"],
  ["https://api.internal:8443/**", "https://api.internal:8443/x"],
  ["*", "https://anything.example/x?y"],
  ["http://127.0.0.1:$P/**", "http://127.1:$P/x"],
  ["http://127.0.0.1:$P/**", "http://0x7f000001:$P/x"],
  ["http://127.0.0.1:$P/**", "http://2130706433:$P/x"],
];

/** What the same policies must allow. */
export const twins: readonly Attempt[] = [
  ...allowed.map(([pattern, url]) => row(`${JSON.stringify(url)} under ${pattern}`, "", { urls: [pattern] }, get(url))),
  row(
    "a host that is named exactly may lead inside",
    "",
    { urls: ["http://box.example:$P/**"] },
    get("http://box.example:$P/"),
    {
      names: { "*": [["127.0.0.1"]] },
    },
  ),
  row(
    "an address that is named exactly may be a name's",
    "",
    { urls: ["http://127.0.0.1:$P/**", "http://*.example:$P/**"] },
    get("http://a.example:$P/"),
    {
      names: { "*": [["127.0.0.1"]] },
    },
  ),
  row("this machine without a policy", "", null, get("http://127.0.0.1:$P/")),
  row("a private address without a policy", "", null, get("http://10.0.0.1/")),
  row("a method in other letters", "", { urls: ["*"], methods: ["get"] }, get("https://api.internal/")),
  row(
    "a POST to a listed URL",
    "",
    { urls: ["http://127.0.0.1:$P/**"], methods: ["POST"] },
    post("http://127.0.0.1:$P/x", { body: "b" }),
  ),
];
