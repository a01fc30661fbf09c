/** Not to be told: by a comment above the place, or by the severity of the code in `countersign.toml`. */
import { indentOf, lineEnd, lineEnding, lineStart } from "../../src/dialects/edits/lines.ts";
import { folderOf } from "../uris.ts";
import type { Snapshot, Workspace } from "../workspace.ts";
import { set, type About, type Family, type Offer } from "./about.ts";

/** Both ways; errors are silenced by neither. */
export const silence: Family = async (about) => {
  const { finding, live, session, document } = about;
  if (finding.severity === "error" || finding.code === "unused_ignore") return [];
  const comment = ignoreComment(about);
  const config = live.what.document === "config" ? null : await configFor(session.workspace, document.key);
  return [...(comment === null ? [] : [comment]), ...(config === null ? [] : severities(about, config))];
};

function ignoreComment({ live, finding }: About): Offer | null {
  const { text, what } = live;
  if (what.document === "graph" && what.dialect === "pipeline") return null;
  const line = lineStart(text, live.lines.offset(finding.at.start));
  if (isWithinText(live, line)) return null;
  const title = `Ignore \`${finding.code}\` here`;
  const above = line === 0 ? "" : text.slice(lineStart(text, line - 1), line);
  const known = /^[ \t]*#[ \t]*countersign:[ \t]*ignore[ \t]+[A-Za-z0-9_ \t,]*[A-Za-z0-9_]/.exec(above);
  const at = known === null ? line : line - above.length + known[0].length;
  const made =
    known === null
      ? `${indentOf(text, lineEnd(text, line))}# countersign: ignore ${finding.code}${lineEnding(text)}`
      : `, ${finding.code}`;
  return { title, change: { type: "text", edits: [{ range: [at, at], text: made }] } };
}

/** A line that begins inside a string has no room for a comment, nor has the text of a skill. */
function isWithinText({ source, text, what }: About["live"], line: number): boolean {
  if (what.document === "skill" && what.form === "text") {
    const end = text.indexOf("\n---", 3);
    if (line === 0 || end < 0 || line > end) return true;
  }
  const { path } = source.at(line);
  const element = source.element(path);
  return element?.form === "string" && element.value !== null && element.value[0] < line && line < element.value[1];
}

/** Most folders upwards that are looked into. */
const MAX_FOLDERS = 32;

/** The nearest `countersign.toml` that is there, up to the workspace's folder. */
async function configFor(workspace: Workspace, key: string): Promise<Snapshot | null> {
  let folder = workspace.configFolder(key);
  for (let i = 0; i < MAX_FOLDERS; i++) {
    if (!workspace.folders.some((root) => folder === root || folder.startsWith(`${root}/`))) return null;
    const config = await workspace.document(`${folder}/countersign.toml`);
    if (config !== null) return config.live.accepted ? config : null;
    folder = folderOf(folder);
  }
  return null;
}

function severities({ finding }: About, config: Snapshot): Offer[] {
  return ["off", "error"].map((severity) => {
    const title = `Set \`${finding.code}\` to \`${severity}\` in countersign.toml`;
    const { change } = set(title, ["diagnostics"], finding.code, severity);
    return { title, change: { type: "elsewhere", document: config, change } };
  });
}
