/**
 * Paths of files and folders, of the sort that is meant: children, schemas, skills, documents of fixtures. One folder is
 * listed at a time, the one that the text so far leads to; folders come first.
 */
import { isRegistryReference } from "../../src/dialects/skill/reference.ts";
import type { FolderEntry } from "../host.ts";
import type { Named } from "../schema/names.ts";
import { folderOf } from "../uris.ts";
import type { Asked } from "./asked.ts";
import { inSlot, type Offer } from "./offer.ts";

/** Names of files by what is meant. */
const sorts: Readonly<Partial<Record<Named, RegExp>>> = {
  document: /\.(?:toml|ya?ml|kv)$|^SKILL\.md$/i,
  schema: /\.json$/i,
  rego: /\.rego$/i,
  file: /^/,
};

/** A child of a workflow is a workflow. */
const childSort = /\.toml$/i;
/** Files of ours that are no graphs. */
const noGraph = /^(?:fixture|countersign)\.toml$/i;
/** Most skills in a folder that are looked into. */
const MAX_SKILLS = 200;

/** Paths for a value that names a file of this sort; null when it names none. */
export async function paths(asked: Asked, names: Named): Promise<Offer[] | null> {
  if (names === "skill") return skillFolders(asked);
  const sort = names === "document" && asked.field?.role === "child" ? childSort : sorts[names];
  if (sort === undefined) return null;
  const isDocument = names === "document";
  const own = asked.document.key;
  const { folder, entries } = await listed(asked);
  return entries.flatMap((entry) => {
    if (entry.folder) return [folderOffer(asked, entry.name)];
    if (!sort.test(entry.name) || `${folder}/${entry.name}` === own || (isDocument && noGraph.test(entry.name)))
      return [];
    return [pathOffer(asked, entry.name, "file", entry.name)];
  });
}

/** The folder that the text so far leads to, and what is in it. Hidden files are left out. */
async function listed({
  session,
  document,
  slot,
}: Asked): Promise<{ readonly folder: string; readonly entries: readonly FolderEntry[] }> {
  const { files, host } = session.workspace;
  const typed = slot.text.slice(0, cut(slot.text, slot.offset));
  const [key] = files.resolve(`${typed}x`, document.key);
  if (key === undefined || !isFile(document.key)) return { folder: "", entries: [] };
  const folder = folderOf(key);
  const entries = await host.list(folder);
  const seen = entries.filter(({ name }) => !name.startsWith("."));
  return { folder, entries: [...seen.filter((one) => one.folder), ...seen.filter((one) => !one.folder)] };
}

/** Documents without a place on disk have nothing beside them. */
function isFile(key: string): boolean {
  return /^(?:[/\\]|[A-Za-z]:[\\/])/.test(key);
}

/** Where the segment of a path begins in which the cursor is. */
function cut(text: string, offset: number): number {
  return Math.max(text.lastIndexOf("/", offset - 1), text.lastIndexOf("\\", offset - 1)) + 1;
}

function pathOffer(asked: Asked, name: string, kind: "file" | "folder", text: string, detail?: string): Offer {
  const { slot } = asked;
  const from = cut(slot.text, slot.offset);
  const slash = slot.text.indexOf("/", slot.offset);
  const to = slash < 0 || kind === "file" ? slot.text.length : slash + 1;
  return inSlot(slot, from, to, text, {
    label: name,
    kind,
    rank: kind === "folder" ? 1 : 0,
    ...(detail === undefined ? {} : { detail }),
  });
}

/** A folder to go into: its slash is written too, so that the next request lists it. */
function folderOffer(asked: Asked, name: string): Offer {
  return { ...pathOffer(asked, `${name}/`, "folder", `${name}/`), rank: -1 };
}

/** Folders that hold a skill, folders to go through, and the forms of registry references. */
async function skillFolders(asked: Asked): Promise<Offer[]> {
  const { session, slot } = asked;
  if (isRegistryReference(slot.text)) return [];
  const { folder, entries } = await listed(asked);
  const offers: Offer[] = [];
  let looked = 0;
  for (const entry of entries) {
    if (!entry.folder) continue;
    const inner = looked++ < MAX_SKILLS ? await session.workspace.host.list(`${folder}/${entry.name}`) : [];
    const holds = inner.filter(({ name }) => name === "X.yaml" || name === "SKILL.md").map(({ name }) => name);
    if (holds.length > 0) offers.push(pathOffer(asked, entry.name, "file", entry.name, `skill (${holds.join(", ")})`));
    else offers.push(folderOffer(asked, entry.name));
  }
  const typed = slot.text.slice(0, slot.offset);
  if (!typed.includes("/")) {
    offers.push(folderOffer(asked, ".."));
    for (const prefix of ["registry:", "runx-registry:"])
      offers.push(
        inSlot(slot, 0, slot.text.length, prefix, { kind: "word", detail: "a skill of a registry", rank: 2 }),
      );
  }
  if ("runx://skill/".startsWith(typed))
    offers.push(
      inSlot(slot, 0, slot.text.length, "runx://skill/", { kind: "word", detail: "a skill of a registry", rank: 2 }),
    );
  return offers;
}
