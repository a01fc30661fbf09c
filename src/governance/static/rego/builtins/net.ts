/** Blocks of addresses (RFC 4632, RFC 4291). Nothing is looked up. */
import { isList, RegoObject, RegoSet, setOf, type RegoValue } from "../value.ts";
import type { Builtin, BuiltinTable } from "./builtin.ts";

type Result = RegoValue | undefined;

/** A block: its version's bits, first address and length of its prefix. */
interface Block {
  readonly bits: 32 | 128;
  readonly first: bigint;
  readonly prefix: number;
}

/** An address as a number; null for anything but one plain form. IPv4 in IPv6 (`::ffff:a.b.c.d`) is IPv4. */
export function parseAddress(text: string): { readonly bits: 32 | 128; readonly value: bigint } | null {
  if (text.length > 45) return null;
  if (!text.includes(":")) {
    const value = parseIpv4(text);
    return value === null ? null : { bits: 32, value };
  }
  const value = parseIpv6(text);
  if (value === null) return null;
  return value >> 32n === 0xffffn ? { bits: 32, value: value & 0xffffffffn } : { bits: 128, value };
}

function parseIpv4(text: string): bigint | null {
  if (!/^(?:0|[1-9][0-9]{0,2})(?:\.(?:0|[1-9][0-9]{0,2})){3}$/.test(text)) return null;
  const parts = text.split(".").map(Number);
  if (parts.some((part) => part > 255)) return null;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function parseIpv6(text: string): bigint | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const groups = (half: string, last: boolean): readonly bigint[] | null => {
    if (half === "") return [];
    const made: bigint[] = [];
    const parts = half.split(":");
    for (const [i, part] of parts.entries()) {
      if (last && i === parts.length - 1 && part.includes(".")) {
        const v4 = parseIpv4(part);
        if (v4 === null) return null;
        made.push(v4 >> 16n, v4 & 0xffffn);
      } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) made.push(BigInt(`0x${part}`));
      else return null;
    }
    return made;
  };
  const [left, right] = [
    groups(halves[0] ?? "", halves.length === 1),
    halves.length === 2 ? groups(halves[1] ?? "", true) : [],
  ];
  if (left === null || right === null) return null;
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const all = [...left, ...new Array<bigint>(missing).fill(0n), ...right];
  return all.reduce((sum, group) => sum * 65536n + group, 0n);
}

function parseBlock(text: string): Block | null {
  const found = /^([^/]{2,45})\/(0|[1-9][0-9]{0,2})$/.exec(text);
  if (found === null) return null;
  const address = parseAddress(found[1] as string);
  if (address === null) return null;
  const mapped = address.bits === 32 && (found[1] as string).includes(":");
  const prefix = Number(found[2]) - (mapped ? 96 : 0);
  if (prefix < 0 || prefix > address.bits) return null;
  const free = BigInt(address.bits - prefix);
  return { bits: address.bits, first: (address.value >> free) << free, prefix };
}

/** A block, or one address as the block of itself. */
function blockOrAddress(text: string): Block | null {
  if (text.includes("/")) return parseBlock(text);
  const address = parseAddress(text);
  return address === null ? null : { bits: address.bits, first: address.value, prefix: address.bits };
}

function covers(outer: Block, inner: Block): boolean {
  if (outer.bits !== inner.bits || inner.prefix < outer.prefix) return false;
  const free = BigInt(outer.bits - outer.prefix);
  return inner.first >> free === outer.first >> free;
}

function addressText(bits: 32 | 128, value: bigint): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((by) => String((value >> by) & 255n)).join(".");
  const groups = Array.from({ length: 8 }, (_none, i) => ((value >> BigInt(112 - i * 16)) & 0xffffn).toString(16));
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (groups[at + length] === "0") length++;
    if (length > best.length) best = { at, length };
  }
  if (best.at < 0) return groups.join(":");
  return `${groups.slice(0, best.at).join(":")}::${groups.slice(best.at + best.length).join(":")}`;
}

function contains([outer, inner]: readonly RegoValue[]): Result {
  if (typeof outer !== "string" || typeof inner !== "string") return undefined;
  const [a, b] = [parseBlock(outer), blockOrAddress(inner)];
  return a === null || b === null ? undefined : covers(a, b);
}

function intersects([a, b]: readonly RegoValue[]): Result {
  if (typeof a !== "string" || typeof b !== "string") return undefined;
  const [left, right] = [parseBlock(a), parseBlock(b)];
  return left === null || right === null ? undefined : covers(left, right) || covers(right, left);
}

const expand: Builtin["run"] = ([text], { budget }) => {
  const block = typeof text === "string" ? parseBlock(text) : null;
  if (block === null) return undefined;
  const made: string[] = [];
  const last = block.first + 2n ** BigInt(block.bits - block.prefix);
  for (let at = block.first; at < last; at++) {
    budget.grow(16);
    made.push(addressText(block.bits, at));
  }
  return setOf(made);
};

/** Blocks with what names them: an index, a key, or themselves. */
function namedBlocks(value: RegoValue | undefined): readonly (readonly [RegoValue, string])[] | null {
  const text = (one: RegoValue | undefined): string | null => {
    const first = isList(one) ? one[0] : one;
    return typeof first === "string" ? first : null;
  };
  const pairs: (readonly [RegoValue, RegoValue])[] =
    typeof value === "string"
      ? [[value, value]]
      : isList(value)
        ? value.map((one, i) => [i, one] as const)
        : value instanceof RegoSet
          ? value.sorted().map((one) => [one, one] as const)
          : value instanceof RegoObject
            ? [...value.sorted()]
            : [];
  if (pairs.length === 0 && typeof value !== "object") return null;
  const made = pairs.map(([name, one]) => [name, text(one)] as const);
  return made.every((pair): pair is readonly [RegoValue, string] => pair[1] !== null) ? made : null;
}

const containsMatches: Builtin["run"] = ([outer, inner], { budget }) => {
  const [left, right] = [namedBlocks(outer), namedBlocks(inner)];
  if (left === null || right === null) return undefined;
  const found: RegoValue[] = [];
  const inners = right.map(([name, text]) => [name, blockOrAddress(text)] as const);
  for (const [name, text] of left) {
    const block = parseBlock(text);
    for (const [other, one] of inners) {
      budget.step();
      if (block === null || one === null) return undefined;
      if (!covers(block, one)) continue;
      budget.grow(3);
      found.push([name, other]);
    }
  }
  return setOf(found);
};

export const netBuiltins: BuiltinTable = {
  "net.cidr_contains": [2, contains],
  "net.cidr_contains_matches": [2, containsMatches],
  "net.cidr_intersects": [2, intersects],
  "net.cidr_is_valid": [1, ([text]) => typeof text === "string" && parseBlock(text) !== null],
  "net.cidr_expand": [1, expand],
};
