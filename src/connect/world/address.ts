/**
 * What an IP address is, for the rule of spec/runtime.md §2 ("a name that resolves to a loopback, private,
 * link-local or metadata address"). Addresses that carry another one (IPv4-mapped, NAT64, 6to4, Teredo, …) count
 * as what they carry. Pure.
 */
import { isIPv4, isIPv6 } from "node:net";

/** Most to least dangerous. `reserved`: multicast, broadcast, documentation and other unroutable blocks. */
export const addressClasses = ["metadata", "loopback", "link_local", "private", "reserved", "public"] as const;
export type AddressClass = (typeof addressClasses)[number];

/** True when `a` deserves more suspicion than `b`. */
export function isWorse(a: AddressClass, b: AddressClass): boolean {
  return addressClasses.indexOf(a) < addressClasses.indexOf(b);
}

/** The class of an address in text form; `reserved` for text that is no address. A zone (`%eth0`) is ignored. */
export function classifyAddress(text: string): AddressClass {
  const bare = text.replace(/%.*$/, "").replace(/^\[|\]$/g, "");
  if (isIPv4(bare)) return classifyV4(bare.split(".").map(Number));
  if (isIPv6(bare)) return classifyV6(words(bare));
  return "reserved";
}

/**
 * Instance metadata services: AWS, GCP, Azure, DigitalOcean, OpenStack; ECS and EKS credentials; Alibaba; Azure's wire
 * server; Oracle; Scaleway; Tencent.
 */
const metadataV4 = new Set([
  "169.254.169.254",
  "169.254.170.2",
  "169.254.170.23",
  "169.254.169.253",
  "169.254.169.123",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "169.254.42.42",
  "169.254.0.23",
]);
/** AWS (two), GCP, OpenStack, Oracle, Scaleway, Linode. */
const metadataV6 = new Set([
  "fd00:ec2:0:0:0:0:0:254",
  "fd00:ec2:0:0:0:0:0:23",
  "fd20:ce:0:0:0:0:0:254",
  "fe80:0:0:0:0:0:a9fe:a9fe",
  "fd00:c1:0:0:0:0:a9fe:a9fe",
  "fd00:42:0:0:0:0:0:42",
  "fd00:a9fe:a9fe:0:0:0:0:1",
]);

type Block = readonly [base: readonly number[], bits: number, kind: AddressClass];

const blocksV4: readonly Block[] = [
  // Connecting to 0.0.0.0 reaches this machine.
  [[0, 0, 0, 0], 32, "loopback"],
  [[0, 0, 0, 0], 8, "reserved"],
  [[10, 0, 0, 0], 8, "private"],
  [[100, 64, 0, 0], 10, "private"],
  [[127, 0, 0, 0], 8, "loopback"],
  [[169, 254, 0, 0], 16, "link_local"],
  [[172, 16, 0, 0], 12, "private"],
  [[192, 0, 0, 0], 24, "reserved"],
  [[192, 0, 2, 0], 24, "reserved"],
  [[192, 88, 99, 0], 24, "reserved"],
  [[192, 168, 0, 0], 16, "private"],
  [[198, 18, 0, 0], 15, "private"],
  [[198, 51, 100, 0], 24, "reserved"],
  [[203, 0, 113, 0], 24, "reserved"],
  [[224, 0, 0, 0], 3, "reserved"],
];

function classifyV4(bytes: readonly number[]): AddressClass {
  if (metadataV4.has(bytes.join("."))) return "metadata";
  return blocksV4.find(([base, bits]) => within(bytes, base, bits, 8))?.[2] ?? "public";
}

const blocksV6: readonly Block[] = [
  [[0x64, 0xff9b, 1], 48, "private"],
  [[0x100, 0, 0, 0], 64, "reserved"],
  [[0x2001, 0xdb8], 32, "reserved"],
  [[0x3fff], 20, "reserved"],
  [[0x5f00], 16, "reserved"],
  [[0xfc00], 7, "private"],
  [[0xfe80], 10, "link_local"],
  [[0xfec0], 10, "private"],
  [[0xff00], 8, "reserved"],
];

function classifyV6(w: readonly number[]): AddressClass {
  if (metadataV6.has(w.map((word) => word.toString(16)).join(":"))) return "metadata";
  const zeros = w.slice(0, 7).every((word) => word === 0);
  if (zeros && (w[7] === 0 || w[7] === 1)) return "loopback";
  // Only 2000::/3 has been given out, and what a NAT64 gateway or a mapped address carries; the rest is nobody's.
  const known = within(w, [0x2000], 3, 16) || carried(w).length > 0;
  const own = blocksV6.find(([base, bits]) => within(w, base, bits, 16))?.[2] ?? (known ? "public" : "reserved");
  return carried(w).reduce((worst, v4) => (isWorse(classifyV4(v4), worst) ? classifyV4(v4) : worst), own);
}

/** The IPv4 addresses inside an IPv6 address. */
function carried(w: readonly number[]): number[][] {
  const at = (index: number): number[] => {
    const [high, low] = [w[index] ?? 0, w[index + 1] ?? 0];
    return [high >> 8, high & 0xff, low >> 8, low & 0xff];
  };
  const starts = (...prefix: number[]) => prefix.every((word, i) => w[i] === word);
  const found: number[][] = [];
  // IPv4-compatible, -mapped (::ffff:0:0/96), -translated (::ffff:0:0:0/96), NAT64 (64:ff9b::/96 and 64:ff9b:1::/48).
  if (starts(0, 0, 0, 0, 0, 0) || starts(0, 0, 0, 0, 0, 0xffff) || starts(0, 0, 0, 0, 0xffff, 0)) found.push(at(6));
  if (starts(0x64, 0xff9b, 0, 0, 0, 0) || starts(0x64, 0xff9b, 1)) found.push(at(6));
  // A gateway's own prefix of 48 bits puts the address around bits 64 to 71, which stay zero (RFC 6052 §2.2).
  const [third = 0, fourth = 0, fifth = 0] = w.slice(3);
  if (starts(0x64, 0xff9b, 1) && third !== 0) found.push([third >> 8, third & 0xff, fourth & 0xff, fifth >> 8]);
  // 6to4.
  if (starts(0x2002)) found.push(at(1));
  // Teredo: the server, and the client with its bits turned over.
  if (starts(0x2001, 0))
    found.push(
      at(2),
      at(6).map((byte) => byte ^ 0xff),
    );
  // ISATAP: the interface identifier is [02]00:5efe:<IPv4>.
  if ((w[4] === 0 || w[4] === 0x200) && w[5] === 0x5efe) found.push(at(6));
  return found;
}

function within(parts: readonly number[], base: readonly number[], bits: number, width: number): boolean {
  for (let i = 0, left = bits; left > 0; i++, left -= width) {
    const shift = Math.max(0, width - left);
    if ((parts[i] ?? 0) >> shift !== (base[i] ?? 0) >> shift) return false;
  }
  return true;
}

/** The eight words of an IPv6 address. */
function words(text: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  if (dotted !== null) {
    const [a, b, c, d] = dotted.slice(2).map(Number) as [number, number, number, number];
    return words(`${dotted[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`);
  }
  const list = (part: string) => (part === "" ? [] : part.split(":").map((word) => parseInt(word, 16)));
  const [head = "", tail] = text.split("::");
  if (tail === undefined) return list(head);
  const [before, after] = [list(head), list(tail)];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}
