/** Paths: traversal, links, swaps between check and use, letter case and Unicode, special files. */
import { rename, rm, symlink, writeFile } from "node:fs/promises";
import type { Attempt, Around } from "./driver.ts";
import { mkdir, read, write } from "./effects.ts";

const tree = { read: ["$A/**"], write: ["$A/**"] };

const row = (
  name: string,
  why: string,
  effect: Attempt["effect"],
  around?: Around,
  policy: Attempt["policy"] = tree,
): Attempt => ({
  name,
  why,
  policy,
  effect,
  ...(around === undefined ? {} : { around }),
});

const climbs: readonly (readonly [path: string, why: string])[] = [
  ["$A/../secret/canary.txt", "`..` leaves the folder"],
  ["$A/sub/../../secret/canary.txt", "`..` after a folder that exists"],
  ["$A/none/../../secret/canary.txt", "`..` after a folder that does not exist"],
  ["$A/./../secret/canary.txt", "`.` before `..`"],
  ["$A//..//secret//canary.txt", "doubled slashes around `..`"],
  ["$A/../secret/./canary.txt", "`.` after the climb"],
  ["$A/../allowed/../secret/canary.txt", "out, in and out again"],
  ["$A/../../../../../../../../etc/passwd", "up to the root"],
  ["/etc/passwd", "an absolute path"],
  ["/proc/self/root/etc/passwd", "the kernel's link to the root"],
  ["/proc/self/cwd/../etc/passwd", "the kernel's link to the working folder"],
  ["/proc/self/environ", "the operator's whole environment"],
  ["/dev/fd/0", "an open descriptor of this process"],
  ["secret/canary.txt", "relative to the working folder"],
  ["./allowed/../secret/canary.txt", "relative, with a climb"],
  ["$R/allowed-evil/canary.txt", "a name that begins like the folder"],
  ["$A-evil/canary.txt", "the folder's name as a prefix"],
  ["$A.txt/../secret/canary.txt", "another name that begins like it"],
  ["$A/%2e%2e/secret/canary.txt", "percent-encoded dots: a name like any other, never decoded"],
  ["$A/..%2fsecret%2fcanary.txt", "percent-encoded slashes"],
  ["$A/..\\secret\\canary.txt", "backslashes for slashes"],
  ["$A\\..\\..\\secret\\canary.txt", "backslashes from the folder's name on"],
  ["$A/..\u2215secret/canary.txt", "U+2215 for a slash"],
  ["$A/\uff0e\uff0e/secret/canary.txt", "full-width dots"],
  ["$A/..\uff0fsecret/canary.txt", "a full-width slash"],
  ["$A/\u2025/secret/canary.txt", "U+2025, two dots in one character"],
  ["$A/..\0/secret/canary.txt", "NUL after the dots"],
  ["$A/file.txt\0/../../secret/canary.txt", "NUL cuts what another program would read"],
  ["$S/canary.txt\0$A/file.txt", "NUL before the allowed name"],
  ["$A/.. /secret/canary.txt", "a space after the dots"],
  ["$A/.../secret/canary.txt", "three dots"],
  ["$A/..;/secret/canary.txt", "a path parameter"],
  ["~/canary.txt", "a tilde that a shell would expand"],
  ["file://$S/canary.txt", "a URL where a path is wanted"],
  ["$S", "the forbidden folder itself"],
  ["$S/", "the forbidden folder with a slash"],
  ["$R", "the folder above"],
  ["/", "the root"],
  ["", "an empty path"],
  [".", "the working folder"],
  ["..", "the folder above it"],
];

const linkPaths: readonly (readonly [path: string, why: string])[] = [
  ["$A/out/canary.txt", "a link to a folder outside"],
  ["$A/leak.txt", "a link to a file outside"],
  ["$A/slash/etc/passwd", "a link to the root"],
  ["$A/slash/proc/self/environ", "a link to the root, and on to the environment"],
  ["$R/alias/leak.txt", "a link to the folder, and a link out of it"],
  ["$R/alias/../secret/canary.txt", "a climb out of a link"],
  ["$A/out/../../secret/canary.txt", "a climb out of a link's target"],
];

const cased: readonly (readonly [path: string, why: string])[] = [
  ["$R/ALLOWED/../secret/canary.txt", "letter case of the allowed folder"],
  ["$R/Allowed/leak.txt", "another letter case, through a link"],
  ["$R/allowe\u0064\u0301/../secret/canary.txt", "a combining mark on the last letter"],
  ["$R/\u0430llowed/../secret/canary.txt", "a Cyrillic letter in the folder's name"],
  ["$R/\uff41llowed/../secret/canary.txt", "a full-width letter"],
  ["$A\u202e/../secret/canary.txt", "a right-to-left mark behind the name"],
  ["$A\u200b/../secret/canary.txt", "a zero-width space behind the name"],
];

/** Between check and use, what was checked becomes a link. */
const swaps: readonly Attempt[] = [
  row("read: the file becomes a link", "reads what the link names", read("$A/file.txt"), {
    between: (w) => w.swap("$A/file.txt", "$S/canary.txt"),
  }),
  row("read: the folder becomes a link", "reads below the link", read("$A/sub/canary.txt"), {
    before: (w) => writeFile(w.fill("$A/sub/canary.txt"), "fine"),
    between: (w) => w.swap("$A/sub", "$S"),
  }),
  row("read: the allowed folder itself becomes a link", "the tree is another", read("$A/canary.txt"), {
    before: (w) => writeFile(w.fill("$A/canary.txt"), "fine"),
    between: (w) => w.swap("$A", "$S"),
  }),
  row("read: the folder is renamed away and a link takes its name", "a rename is one step", read("$A/sub/canary.txt"), {
    before: (w) => writeFile(w.fill("$A/sub/canary.txt"), "fine"),
    between: async (w) => {
      await rename(w.fill("$A/sub"), w.fill("$A/gone"));
      await symlink(w.fill("$S"), w.fill("$A/sub"));
    },
  }),
  row("write: the file becomes a link", "overwrites what the link names", write("$A/file.txt"), {
    between: (w) => w.swap("$A/file.txt", "$S/canary.txt"),
  }),
  row("write: the folder becomes a link", "makes a file outside", write("$A/sub/new.txt"), {
    between: (w) => w.swap("$A/sub", "$S"),
  }),
  row("write: a new name becomes a dangling link", "makes the link's target", write("$A/new.txt"), {
    between: (w) => symlink(w.fill("$S/new.txt"), w.fill("$A/new.txt")),
  }),
  row("write: a folder to be made becomes a link", "makes folders outside", write("$A/deep/er/new.txt"), {
    between: (w) => symlink(w.fill("$S"), w.fill("$A/deep")),
  }),
  row("mkdir: a folder on the way becomes a link", "makes a folder outside", mkdir("$A/sub/new"), {
    between: (w) => w.swap("$A/sub", "$S"),
  }),
  row("mkdir: the folder becomes a dangling link", "makes the link's target", mkdir("$A/made"), {
    between: (w) => symlink(w.fill("$S/new"), w.fill("$A/made")),
  }),
  row("write: the allowed folder is moved into the forbidden one's place", "the folder is another", write("$A/tool"), {
    between: async (w) => {
      await rm(w.at("A"), { recursive: true });
      await symlink(w.at("S"), w.at("A"));
    },
  }),
  row(
    "read: a pattern's folder becomes a link once the run has begun",
    "a link made by the run would widen the pattern",
    read("$S/canary.txt"),
    { begun: (w) => symlink(w.fill("$S"), w.fill("$R/later")) },
    { read: ["$R/later/**"] },
  ),
  row(
    "read: a pattern's folder is swapped for a link once the run has begun",
    "a link made by the run would widen the pattern",
    read("$S/canary.txt"),
    { begun: (w) => w.swap("$A/sub", "$S") },
    { read: ["$A/sub/**"] },
  ),
];

const writes: readonly Attempt[] = [
  row("write through a link to a file", "overwrites the file outside", write("$A/leak.txt")),
  row("write through a dangling link", "makes a file outside", write("$A/dangling.txt")),
  row("write below a link to a folder", "makes a file outside", write("$A/out/new.txt")),
  row("write by a climb", "makes a file outside", write("$A/../secret/new.txt")),
  row("mkdir through a dangling link", "makes a folder outside", mkdir("$A/dangling.txt")),
  row("mkdir by a climb", "makes a folder outside", mkdir("$A/../secret/new")),
  row("mkdir below a link", "makes a folder outside", mkdir("$A/out/new")),
  row("write where only reading is allowed", "the lists are two", write("$A/file.txt"), {}, { read: ["$A/**"] }),
  row("mkdir where only reading is allowed", "making a folder is writing", mkdir("$A/new"), {}, { read: ["$A/**"] }),
  row("read where only writing is allowed", "the lists are two", read("$A/file.txt"), {}, { write: ["$A/**"] }),
  row("a policy without lists", "an empty list allows nothing", read("$A/file.txt"), {}, {}),
  row(
    "an operator's list beside a document without a policy",
    "the document's silence is no permission",
    read("$S/canary.txt"),
    { operator: { fsRead: ["$A/**"] } },
    null,
  ),
  row(
    "an operator's list beside a wider policy",
    "both are asked",
    read("$S/canary.txt"),
    { operator: { fsRead: ["$A/**"] } },
    { read: ["*"] },
  ),
  row(
    "an operator's empty list",
    "it allows nothing",
    read("$A/file.txt"),
    { operator: { fsRead: [] } },
    { read: ["*"] },
  ),
];

/** All attempts on paths. */
export const attempts: readonly Attempt[] = [
  ...climbs.map(([at, why]) => row(`read ${JSON.stringify(at)}`, why, read(at))),
  ...linkPaths.map(([at, why]) => row(`read ${at}`, why, read(at))),
  ...cased.map(([at, why]) => row(`read ${JSON.stringify(at)}`, why, read(at))),
  ...swaps,
  ...writes,
];

const twin = (name: string, effect: Attempt["effect"], policy: Attempt["policy"] = tree): Attempt =>
  row(name, "", effect, {}, policy);

/** What the same policies must allow. */
export const twins: readonly Attempt[] = [
  twin("read a file in the folder", read("$A/file.txt")),
  twin("read a deep file", read("$A/sub/deep.txt")),
  twin("read by a climb that stays inside", read("$A/sub/../file.txt")),
  twin("read through a link that stays inside", read("$A/inside.txt")),
  twin("read through a link to the folder", read("$R/alias/file.txt")),
  twin("read a relative path", read("allowed/file.txt")),
  twin("read with doubled slashes", read("$A//file.txt")),
  twin("write a new file", write("$A/new.txt")),
  twin("write over a file", write("$A/file.txt")),
  twin("write below folders that do not exist yet", write("$A/x/y/new.txt")),
  twin("write through a link that stays inside", write("$A/inside.txt")),
  twin("write a name with dots and odd characters", write("$A/..x %2e%2e \uff0e.txt")),
  twin("make a folder", mkdir("$A/new/er")),
  twin("make the folder itself", mkdir("$A")),
  twin("read by an exact pattern", read("$A/file.txt"), { read: ["$A/file.txt"] }),
  twin("read by an exact pattern that is a link", read("$A/sub/deep.txt"), { read: ["$A/inside.txt"] }),
  twin("read by a prefix", read("$A/file.txt"), { read: ["$A/fi*"] }),
  twin("read by a pattern with `..`", read("$A/file.txt"), { read: ["$S/../allowed/**"] }),
  twin("read by a pattern that is a link", read("$A/file.txt"), { read: ["$R/alias/**"] }),
  twin("read by a relative pattern", read("$A/file.txt"), { read: ["allowed/**"] }),
  twin("read without a policy", read("$A/file.txt"), null),
  { ...twin("read by an operator's list", read("$A/file.txt")), around: { operator: { fsRead: ["$A/**"] } } },
];

/** What no check sees, said in the documentation: two names of one file are both its own. */
export const hardLink: Attempt = row("read a hard link to a file outside", "", read("$A/hard.txt"), {
  before: (w) => w.hardLink("$A/hard.txt", "$S/canary.txt"),
});
