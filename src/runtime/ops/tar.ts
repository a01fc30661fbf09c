/**
 * Archives of bundles: POSIX ustar (IEEE Std 1003.1, "ustar Interchange Format"), plain files only.
 *
 * Pure over bytes. Invariants: the same files give the same bytes, whatever the machine and the time (order by path,
 * mode 0644, owner 0, time 0); a reader hands out nothing whose path has not passed {@link bundlePathProblem}, and
 * refuses links, devices and extensions by name. Why not a library: those at hand unpack to disk or follow extensions,
 * and an archive that is read to be judged must do neither.
 */
import { bundlePathProblem, foldedPath } from "./bundle-path.ts";
import { refuse, type OpsResult } from "./problem.ts";

/** Files of a bundle by path. */
export type BundleFiles = ReadonlyMap<string, Uint8Array>;

/** How large a bundle may be, in files and bytes. */
export interface BundleLimits {
  readonly files: number;
  readonly bytes: number;
}

/** What is read unless a caller says otherwise. */
export const bundleLimits: BundleLimits = { files: 50_000, bytes: 256 * 1024 * 1024 };

const BLOCK = 512;

/** The archive of these files. Throws TypeError for a path that no ustar header can hold. */
export function writeTar(files: BundleFiles): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const path of [...files.keys()].sort(byUnits)) {
    const bytes = files.get(path) ?? new Uint8Array();
    blocks.push(header(path, bytes.length), bytes);
    const rest = bytes.length % BLOCK;
    if (rest > 0) blocks.push(new Uint8Array(BLOCK - rest));
  }
  blocks.push(new Uint8Array(2 * BLOCK));
  return Buffer.concat(blocks);
}

function byUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function header(path: string, size: number): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  const { name, prefix } = splitName(path);
  block.write(name, 0, "utf8");
  block.write("0000644\0", 100, "latin1");
  block.write("0000000\0", 108, "latin1");
  block.write("0000000\0", 116, "latin1");
  block.write(`${size.toString(8).padStart(11, "0")}\0`, 124, "latin1");
  block.write("00000000000\0", 136, "latin1");
  block.write("0", 156, "latin1");
  block.write("ustar\0", 257, "latin1");
  block.write("00", 263, "latin1");
  block.write(prefix, 345, "utf8");
  block.write(`${checksum(block).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

/** 100 bytes of name, or 155 of prefix, a slash, and 100 of name. */
function splitName(path: string): { readonly name: string; readonly prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: "" };
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return { name, prefix };
  }
  throw new TypeError(`the path ${path} is too long for an archive`);
}

/** The sum of a header's bytes, its own field counted as blanks. */
function checksum(block: Uint8Array): number {
  let sum = 8 * 0x20;
  block.forEach((byte, at) => {
    if (at < 148 || at >= 156) sum += byte;
  });
  return sum;
}

/** The files of an archive. Folders count for nothing; a leading `./`, as `tar` writes it, is dropped. */
export function readTar(archive: Uint8Array, limits: BundleLimits = bundleLimits): OpsResult<BundleFiles> {
  if (archive.length > limits.bytes) return refuse("bundle.too_large", tooLarge(archive.length, limits));
  const files = new Map<string, Uint8Array>();
  const folded = new Map<string, string>();
  let at = 0;
  for (;;) {
    if (at + BLOCK > archive.length)
      return refuse("bundle.truncated", `the archive ends after ${archive.length} bytes, without its end mark`);
    const block = archive.subarray(at, at + BLOCK);
    if (isZero(block)) break;
    const entry = readHeader(block, at);
    if (!entry.ok) return entry;
    const { path, size, folder } = entry.value;
    at += BLOCK;
    if (size > archive.length - at)
      return refuse("bundle.truncated", `\`${path}\` has ${size} bytes, and the archive ends before them`);
    if (!folder) {
      const twin = folded.get(foldedPath(path));
      if (twin !== undefined) return refuse("bundle.duplicate", duplicate(twin, path));
      if (files.size >= limits.files) return refuse("bundle.too_many", tooMany(limits));
      folded.set(foldedPath(path), path);
      files.set(path, archive.subarray(at, at + size));
    }
    at += Math.ceil(size / BLOCK) * BLOCK;
  }
  const rest = archive.subarray(at);
  if (rest.length < 2 * BLOCK) return refuse("bundle.truncated", "the archive's end mark is cut");
  return isZero(rest)
    ? { ok: true, value: files }
    : refuse("bundle.trailing", `something stands behind the end of the archive, from byte ${at} on`);
}

/** The sentence for two paths that are one. */
export function duplicate(first: string, second: string): string {
  return first === second
    ? `\`${first}\` is there twice`
    : `\`${first}\` and \`${second}\` are one file where letter case or Unicode form does not count`;
}

/** The sentence for too many files. */
export function tooMany({ files }: BundleLimits): string {
  return `it holds more than ${files} files`;
}

/** The sentence for too many bytes. */
export function tooLarge(size: number, { bytes }: BundleLimits): string {
  return `it has ${size} bytes; a bundle has at most ${bytes}`;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

interface Entry {
  readonly path: string;
  readonly size: number;
  readonly folder: boolean;
}

/** What the header's type flag means, where it is refused. */
const types: Readonly<Record<string, string>> = {
  "1": "a hard link",
  "2": "a symbolic link",
  "3": "a character device",
  "4": "a block device",
  "6": "a pipe",
  "7": "a contiguous file",
  x: "an extended header (write the archive with `tar --format=ustar`)",
  g: "an extended header (write the archive with `tar --format=ustar`)",
  L: "a long name (write the archive with `tar --format=ustar`)",
  K: "a long link name (write the archive with `tar --format=ustar`)",
};

function readHeader(block: Uint8Array, at: number): OpsResult<Entry> {
  const where = `the header at byte ${at}`;
  const sum = octal(block, 148, 8);
  if (sum === null || sum !== checksum(block)) return refuse("bundle.tar", `the checksum of ${where} does not agree`);
  const magic = Buffer.from(block.subarray(257, 263)).toString("latin1");
  if (magic !== "ustar\0" && magic !== "ustar ") return refuse("bundle.tar", `${where} is no ustar header`);
  const name = text(block, 0, 100);
  // GNU's own format keeps times where ustar keeps a prefix.
  const prefix = magic === "ustar\0" ? text(block, 345, 155) : "";
  const size = octal(block, 124, 12);
  if (name === null || prefix === null || size === null)
    return refuse("bundle.tar", `${where} has a name that is no text or a size that is no number`);
  const whole = prefix === "" ? name : `${prefix}/${name}`;
  const type = String.fromCharCode(block[156] ?? 0);
  const folder = type === "5";
  if (type !== "0" && type !== "\0" && !folder)
    return refuse(
      "bundle.entry_type",
      `\`${whole}\` is ${types[type] ?? "of an unknown type"}; only plain files are taken`,
    );
  const path = folder ? whole.replace(/\/$/, "") : whole;
  const plain = path.startsWith("./") ? path.slice(2) : path;
  if (folder && (plain === "" || plain === ".")) return { ok: true, value: { path: ".", size, folder } };
  const wrong = bundlePathProblem(plain);
  if (wrong !== null) return refuse("bundle.path", `the path \`${plain}\` is refused: ${wrong}`);
  return { ok: true, value: { path: plain, size, folder } };
}

/** A number in octal digits, ended by a NUL or a blank; null for anything else, also for the base-256 extension. */
function octal(block: Uint8Array, from: number, length: number): number | null {
  const digits = Buffer.from(block.subarray(from, from + length)).toString("latin1");
  const match = /^ *([0-7]+)[\0 ]*$/.exec(digits);
  return match === null ? null : Number.parseInt(match[1] ?? "", 8);
}

/** UTF-8 up to the first NUL; null when it is none. */
function text(block: Uint8Array, from: number, length: number): string | null {
  const field = block.subarray(from, from + length);
  const end = field.indexOf(0);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(end < 0 ? field : field.subarray(0, end));
  } catch (problem) {
    if (problem instanceof TypeError) return null;
    throw problem;
  }
}
