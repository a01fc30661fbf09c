/**
 * The documents that fixtures test: found beside each fixture as `countersign test` finds them, with open editors
 * before the disk, and remembered until the fixture names another or the document changes.
 */
import { splitSkillDocument } from "../src/dialects/skill/front-end.ts";
import type { TestedDocument } from "../src/fixtures/check.ts";
import type { Fixture } from "../src/fixtures/model.ts";
import { parseFixture } from "../src/fixtures/parse.ts";
import { perObject } from "../src/graph/memo.ts";
import type { Snapshot, Workspace } from "./workspace.ts";

interface Found {
  readonly key: string;
  readonly stamp: string;
  readonly tested: TestedDocument;
}

/** Most fixtures whose documents are kept. */
const MAX_FOUND = 500;

/** The fixture that a document is; null for other documents and for one that does not read. */
export const fixtureOf = perObject((live: Snapshot["live"]): Fixture | null => {
  const { what, accepted, text, file } = live;
  if (what.document !== "fixture" || what.dialect !== "workflow" || !accepted) return null;
  return parseFixture(text, file).fixture;
});

/** See the header. */
export class Tested {
  private readonly workspace: Workspace;
  private readonly found = new Map<string, Found>();

  constructor(workspace: Workspace) {
    this.workspace = workspace;
  }

  /** What is known of the document of a fixture; null when it must be looked for. */
  known(snapshot: Snapshot, fixture: Fixture): TestedDocument | null {
    const found = this.found.get(snapshot.key);
    const isPresent = found?.key === this.keyOf(snapshot, fixture) && found.stamp === this.stamp(found.key);
    return isPresent ? found.tested : null;
  }

  /** True when the fixture was last seen to test the file `key`. */
  uses(snapshot: Snapshot, key: string): boolean {
    const found = this.found.get(snapshot.key);
    return found !== undefined && splitSkillDocument(found.key).file === key;
  }

  /** The document of a fixture. Never rejects. */
  async load(snapshot: Snapshot, fixture: Fixture): Promise<TestedDocument> {
    const key = this.keyOf(snapshot, fixture);
    // Taken before the file is read: a change meanwhile makes it stale.
    const stamp = this.stamp(key);
    const tested = await this.look(key);
    if (this.found.size >= MAX_FOUND) this.found.clear();
    this.found.set(snapshot.key, { key, stamp, tested });
    return tested;
  }

  private async look(key: string): Promise<TestedDocument> {
    const { file, runner } = splitSkillDocument(key);
    const content = await this.workspace.files.read(file);
    if (!content.ok)
      return { graph: null, problem: content.reason === "missing" ? "does not exist" : "cannot be read" };
    const snapshot = await this.workspace.document(file);
    const { graphs = [], accepted = false } = snapshot?.live ?? {};
    const found = runner === null ? graphs[0] : graphs.find((one) => one.runner === runner);
    if (found !== undefined) return { graph: found.graph };
    if (snapshot?.live.what.document === "fixture") return { graph: null, problem: "is a fixture, not a graph" };
    return { graph: null, problem: accepted || snapshot === null ? "is no graph" : "does not parse" };
  }

  private stamp(key: string): string {
    return this.workspace.stamp(splitSkillDocument(key).file);
  }

  private keyOf(snapshot: Snapshot, fixture: Fixture): string {
    const named = fixture.document ?? "workflow.toml";
    return this.workspace.files.resolve(named, snapshot.key)[0] ?? named;
  }
}
