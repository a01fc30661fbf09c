/**
 * How a step names another skill, and where its document may stand (spec/skill-graph.md §2.9).
 *
 * A skill is a folder with `SKILL.md` and, optionally, `X.yaml` with several runners. One document is one Graph, so a
 * runner is named like a part of a page: `../hello-world#fast` as a reference, `/a/hello-world/X.yaml#fast` as the
 * file of `parse` and as the key of the bundle's entry. Without `#…` the default or only runner is meant. A folder
 * whose own name holds `#` is written with an empty runner: `../c#1#`.
 */

/** A skill reference in its parts. `runner` null: the default one. */
export interface SkillReference {
  readonly folder: string;
  readonly runner: string | null;
}

/** The text that names `folder` and `runner` in {@link FileReference.text}. */
export function skillReferenceText(folder: string, runner: string | null): string {
  return runner !== null || folder.includes("#") ? `${folder}#${runner ?? ""}` : folder;
}

/** Splits the name of a skill's document: `/a/X.yaml#fast` is the runner `fast` of `/a/X.yaml`. Other names stay whole. */
export function splitSkillDocument(name: string): { readonly file: string; readonly runner: string | null } {
  const match = /^((?:.*[/\\])?(?:x\.ya?ml|[^/\\#]*\.md))#([^/\\]*)$/is.exec(name);
  return match === null
    ? { file: name, runner: null }
    : { file: match[1] as string, runner: match[2] === "" ? null : (match[2] as string) };
}

/** Splits a reference at its last `#`. */
export function splitRunner(text: string): SkillReference {
  const at = text.lastIndexOf("#");
  if (at < 0) return { folder: text, runner: null };
  const runner = text.slice(at + 1);
  return { folder: text.slice(0, at), runner: runner === "" ? null : runner };
}

/**
 * Files to try for a skill reference, in order, relative to the document that holds it: the first that exists is the
 * skill's document. To be parsed as `<key>#<runner>` when the reference names a runner.
 */
export function skillDocumentCandidates(reference: string): readonly string[] {
  const folder = splitRunner(reference).folder.replace(/[/\\]+$/, "");
  return [`${folder}/X.yaml`, `${folder}/SKILL.md`];
}

/** The key of a skill's document in a bundle, and the file name to parse it under. */
export function skillDocumentKey(key: string, reference: string): string {
  const { runner } = splitRunner(reference);
  return runner === null ? key : `${key}#${runner}`;
}

/** True for `registry:…`, `runx-registry:…` and `runx://skill/…`: never a folder. */
export function isRegistryReference(reference: string): boolean {
  return /^(?:registry:|runx-registry:|runx:\/\/skill\/)/.test(reference);
}

/** What a file holds, by its name. */
export function documentForm(file: string): "graph" | "manifest" | "markdown" | "harness" {
  const name = /[^/\\]*$/.exec(file)?.[0] ?? file;
  if (/^x\.ya?ml$/i.test(name)) return "manifest";
  if (/\.md$/i.test(name)) return "markdown";
  if (/^harness\.ya?ml$/i.test(name)) return "harness";
  return "graph";
}
