/**
 * From a host name to the addresses that a request may connect to (spec/runtime.md §2). They are found once, in
 * preparation, and shown to policy; performing connects to these and asks no name server again.
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { classifyAddress, isWorse, type AddressClass } from "./address.ts";
import { errorCode, errorText } from "./errno.ts";

/** The addresses of a name, in the system's order. Rejects as node:dns does. */
export type ResolveName = (host: string) => Promise<readonly string[]>;

/** What a host leads to. */
export type Resolved =
  | {
      readonly ok: true;
      /** Where to connect, in this order; at least one. All are of the class. */
      readonly addresses: readonly string[];
      readonly addressClass: AddressClass;
    }
  | { readonly ok: false; readonly problem: string };

/** Asks the system, as any program does (hosts file, search domains). */
export const systemResolver: ResolveName = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map((entry) => entry.address);

/**
 * Resolves `host`. A name with addresses of several classes counts as the worst of them and is reached only there,
 * so that no unchecked address is ever used; IPv4 comes first. `problem` is the part after "resolve H:P: ".
 */
export async function resolveHost(host: string, resolver: ResolveName, timeoutMs: number): Promise<Resolved> {
  if (isIP(host) !== 0) return { ok: true, addresses: [host], addressClass: classifyAddress(host) };
  let found: readonly string[];
  try {
    found = await bounded(resolver(host), timeoutMs);
  } catch (error) {
    return { ok: false, problem: resolveText(error) };
  }
  const valid = found.filter((address) => isIP(address.replace(/%.*$/, "")) !== 0);
  if (valid.length === 0) return { ok: false, problem: "" };
  const sorted = [...valid.filter((a) => isIP(a) === 4), ...valid.filter((a) => isIP(a) !== 4)];
  const worst = sorted.map(classifyAddress).reduce((a, b) => (isWorse(b, a) ? b : a));
  const same = sorted.filter((address) => classifyAddress(address) === worst);
  // A pattern may name one private address; the next one of the same name need not be covered by it.
  const several = worst === "public" || worst === "loopback";
  return { ok: true, addresses: several ? same : same.slice(0, 1), addressClass: worst };
}

function resolveText(error: unknown): string {
  switch (errorCode(error)) {
    case "ENOTFOUND":
    case "ENODATA":
      return "failed to lookup address information: Name or service not known";
    case "EAI_AGAIN":
      return "failed to lookup address information: Temporary failure in name resolution";
    default:
      return errorText(error);
  }
}

/** Name look-ups cannot be cancelled; their answer is dropped when it comes too late. */
async function bounded<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error("timed out"));
    }, timeoutMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
