/** The release gate as somebody builds it on the canvas, and what its text has to be good for. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "smol-toml";
import { expect } from "vitest";
import { copyOfExamples, countersign, root } from "../../examples/support.ts";

/** A node: what is chosen in the palette, its name, and what its fields say. */
export interface Built {
  readonly kind: string;
  readonly id: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** The way from the start to the end, node after node. */
export const way: readonly Built[] = [
  { kind: "read_file", id: "read_release", fields: { path_from: "trigger.release_file" } },
  { kind: "parse_json", id: "release", fields: { input_from: "read_release.content" } },
  { kind: "condition", id: "tests_passed", fields: { expr: "release.parsed.tests.passed" } },
  {
    kind: "shell_run",
    id: "changelog",
    fields: { command: "/usr/bin/grep", args_from: "trigger.changelog_check", timeout_secs: "10" },
  },
  {
    kind: "template_render",
    id: "notes",
    fields: {
      template:
        "# {{name}} {{version}}\n\n{{summary}}\n\nTests: {{tests.count}} passed. Artifact: {{artifact.file}} ({{artifact.bytes}} bytes).\n",
      input_from: "release.parsed",
    },
  },
  {
    kind: "write_file",
    id: "save_notes",
    fields: { path_from: "trigger.notes_file", content_from: "notes.rendered" },
  },
  {
    kind: "pause_for_approval",
    id: "approve",
    fields: { reason: "The notes are written. Publish this release?" },
  },
  {
    kind: "http_request",
    id: "publish",
    fields: {
      method: "POST",
      url_from: "trigger.publish_url",
      body_from: "release.parsed",
      idempotency_key: "release-{{release.parsed.version}}",
    },
  },
  {
    kind: "template_render",
    id: "published",
    fields: { template: "published; the release server answered {{status}}", input_from: "publish" },
  },
];

/** Where it can end badly: the node, the node it follows, by which way out. */
export const ends: readonly (Built & { readonly after: string; readonly port: string })[] = [
  ["not_ready", "tests_passed", "false", "tests failed, so there is nothing to release"],
  ["not_in_changelog", "changelog", "error", "the change log does not name this version"],
  ["declined", "approve", "denied", "the release was declined"],
  ["publish_failed", "publish", "error", "the release server refused the release"],
].map(([id = "", after = "", port = "", reason = ""]) => ({ kind: "fail", id, fields: { reason }, after, port }));

/** What the document says of itself. */
export const about = {
  name: "release-gate",
  description: "Checks a release, writes its notes, asks a person and publishes it.",
};

/** Lists of the policy, each with the section that it is in. */
export const policy: readonly (readonly [section: string, list: string, entry: string])[] = [
  ["fs", "read", "examples/release-gate/release.json"],
  ["fs", "write", "examples/release-gate/out/**"],
  ["http", "urls", "http://127.0.0.1:8787/releases"],
  ["http", "methods", "POST"],
  ["shell", "commands", "/usr/bin/grep"],
];

interface Document {
  readonly nodes: readonly { readonly id: string }[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly when?: string }[];
}

/** The document, in which the order of nodes and edges does not matter. */
function meaning(text: string): unknown {
  const document = parse(text) as unknown as Document;
  const edges = document.edges.map((edge) => JSON.stringify([edge.from, edge.to, edge.when ?? null])).sort();
  const nodes = document.nodes.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return { ...document, nodes, edges };
}

/** The text is the golden one, means what the example means, validates, and passes the example's tests. */
export async function expectReleaseGate(text: string, golden: string): Promise<void> {
  const file = path.join(import.meta.dirname, "../golden", golden);
  expect(meaning(text)).toEqual(
    meaning(await readFile(path.join(root, "examples/release-gate/release-gate.toml"), "utf8")),
  );
  await expect(text).toMatchFileSnapshot(file);
  const folder = await copyOfExamples();
  const document = "examples/release-gate/release-gate.toml";
  await writeFile(path.join(folder, document), text);
  expect(await countersign(["validate", "--deny-warnings", document], {}, folder)).toMatchObject({ code: 0 });
  const tests = ["examples/release-gate/fixture.toml", "examples/release-gate/denied/fixture.toml"];
  expect(await countersign(["test", ...tests], {}, folder)).toMatchObject({ code: 0 });
}
