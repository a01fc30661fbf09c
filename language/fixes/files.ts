/** Files that are named and not there. What is made is the least that is valid. */
import type { FileReference } from "../../src/graph/model.ts";
import { isRegistryReference, splitRunner } from "../../src/dialects/skill/reference.ts";
import { isPath, nameOf } from "../uris.ts";
import type { Workspace } from "../workspace.ts";
import type { About, Family, Offer } from "./about.ts";

/** A child, a schema or a skill. */
export const missingFile: Family = (about) => {
  const { node, path, session, document } = about;
  const reference = node?.files.find(({ at }) => JSON.stringify(at.path) === JSON.stringify(path));
  if (reference === undefined || reference.text.trim() === "") return [];
  const made = fileFor(about, reference);
  return made === null ? [] : offer(session.workspace, document.key, made);
};

interface NewFile {
  /** As the document would name it. */
  readonly name: string;
  readonly text: string;
}

function fileFor({ live, path, node }: About, { role, text }: FileReference): NewFile | null {
  switch (role) {
    case "schema":
      return { name: text, text: "{}\n" };
    case "child": {
      const start = live.source.element([...path.slice(0, -1), "start"])?.text ?? "main";
      return /\.toml$/i.test(text)
        ? { name: text, text: workflowText(nameOf(text).replace(/\.toml$/i, ""), start) }
        : null;
    }
    case "skill": {
      if (isRegistryReference(text) || node === null) return null;
      const folder = splitRunner(text).folder.replace(/[/\\]+$/, "");
      return { name: `${folder}/SKILL.md`, text: skillText(nameOf(folder)) };
    }
  }
}

function workflowText(name: string, start: string): string {
  return [
    `name = ${JSON.stringify(name)}`,
    "",
    "[[start_nodes]]",
    `name = ${JSON.stringify(start)}`,
    'source = "event"',
    'entry_node = "begin"',
    "",
    "[[nodes]]",
    'id = "begin"',
    'type = "merge"',
    "",
  ].join("\n");
}

function skillText(name: string): string {
  const plain = JSON.stringify(name);
  return `---\nname: ${plain}\ndescription: ${plain}\n---\n\n# ${name}\n`;
}

/** The document that a fixture tests. */
export const testedDocument: Family = ({ live, path, session, document }) => {
  const text = path.at(-1) === "document" ? live.source.element(path)?.text : "workflow.toml";
  if (typeof text !== "string" || !/\.toml$/i.test(text)) return [];
  const start = live.source.element(["start"])?.text ?? "main";
  const name = nameOf(text).replace(/\.toml$/i, "");
  return offer(session.workspace, document.key, { name: text, text: workflowText(name, start) });
};

/** Only below the workspace's folders, and only where nothing is. */
async function offer(workspace: Workspace, from: string, { name, text }: NewFile): Promise<Offer[]> {
  const [key] = workspace.files.resolve(name, from);
  if (key === undefined || !isPath(key) || name.includes("\0")) return [];
  if (!workspace.folders.some((folder) => key.startsWith(`${folder}/`))) return [];
  const there = await workspace.files.read(key);
  if (there.ok || there.reason !== "missing") return [];
  return [{ title: `Create \`${name}\``, change: { type: "create", key, text } }];
}
