/** A folder with documents, its runs and its trust store: what an editor's window has, without a window. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Signer } from "../../../src/effects/signing.ts";
import { emptyRun, foldSteps } from "../../../src/protocol/run-fold.ts";
import type { RunStep } from "../../../src/protocol/run.ts";
import {
  editorSigner,
  makeEditorKey,
  publicKeySet,
  type EditorKey,
} from "../../../src/runtime/approvals/editor-keys.ts";
import { LocalApprovals } from "../../../src/runtime/approvals/local-source.ts";
import type { ListedRequest, ShownRequest, Verdict } from "../../../src/runtime/approvals/source.ts";
import {
  resumeEditorRun,
  startEditorRun,
  type EditorAnswer,
  type EditorKeys,
  type EditorPlace,
  type EditorRunEnd,
} from "../../../src/runtime/editor-run/index.ts";
import { keyPlacesOf, proposedKeys, trustKeys } from "../../../src/runtime/own-keys.ts";
import { folderWith } from "../../cli/terminal.ts";

/** Whoever starts the runs, and somebody else. */
export const ADA = "user:ada@host";
export const BOB = "user:bob@host";

/** Asks a person, then writes a file. */
export const ASKING = `name = "asking"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "notes"
[[nodes]]
id = "notes"
type = "template_render"
input_from = "trigger"
template = "version {{version}}\\n"
[[nodes]]
id = "save"
type = "write_file"
path_from = "trigger.file"
content_from = "notes.rendered"
[[edges]]
from = "notes"
to = "save"
[policy.fs]
write = ["out/**"]
`;

/** The payload of every run. */
export const input = {
  version: "1.4",
  file: "out/notes.md",
  url: "http://127.0.0.1:9/x?q=1",
  args: ["-c", "echo a b"],
};

/** The same, but a pause in the place of the write. */
export const PAUSING = ASKING.replace(
  'id = "save"\ntype = "write_file"\npath_from = "trigger.file"\ncontent_from = "notes.rendered"',
  'id = "save"\ntype = "pause_for_approval"\nreason = "Is it good?"',
);

/** A key of an editor, with what is to be found nowhere. */
export interface Own {
  readonly key: EditorKey;
  readonly secret: string;
  readonly signer: Signer;
}

/** Makes one. */
export function ownKey(principal: string): Own {
  const { key, secret } = makeEditorKey(principal, ["approval", "receipt"], Date.now());
  const signer = editorSigner(key, secret);
  if (signer === null) throw new Error("the secret is the key's own");
  return { key, secret, signer };
}

/** An editor that has only this key. */
export function keysOf(own: Own): EditorKeys {
  return {
    start: (principal) => Promise.resolve(principal === own.key.principal ? own.signer : { problem: "no such key" }),
    receipts: (principal) => Promise.resolve(principal === own.key.principal ? own.signer : null),
  };
}

type Environment = "staging" | "prod" | null;

/** See the header. */
export class Desk {
  readonly folder: string;
  readonly storage: string;
  readonly source: LocalApprovals;

  private constructor(folder: string) {
    this.folder = folder;
    this.storage = path.join(folder, ".storage");
    this.source = new LocalApprovals(this.storage);
  }

  /** A new one; its folder goes away after the test. */
  static async open(): Promise<Desk> {
    const desk = new Desk(await folderWith({ "asking.toml": ASKING, "pausing.toml": PAUSING }));
    await mkdir(path.join(desk.folder, "out"));
    return desk;
  }

  /** Writes a file of the folder. */
  write(name: string, text: string): Promise<void> {
    return writeFile(path.join(this.folder, name), text);
  }

  /** The place of a document. */
  placeOf(file: string, environment: Environment = null): EditorPlace {
    return {
      ...{ file: path.join(this.folder, file), workspaceFolder: this.folder, env: this.env(), environment },
      opened: () => null,
    };
  }

  /** Runs a document for real until it ends or waits. */
  async run(file: string, environment: Environment, keys?: EditorKeys): Promise<EditorRunEnd> {
    const started = await startEditorRun({
      ...{ place: this.placeOf(file, environment), dry: false, start: null, storage: this.storage },
      input: { type: "text", text: JSON.stringify(input) },
      ...(keys === undefined ? {} : { keys }),
      onStep: () => undefined,
    });
    return started.ok ? started.run.done : started;
  }

  /** Goes on with a run whose request was answered. */
  async resume(
    file: string,
    runId: string,
    answer: EditorAnswer,
    keys?: EditorKeys,
  ): Promise<{ readonly end: EditorRunEnd; readonly view: ReturnType<typeof foldSteps> }> {
    const steps: RunStep[] = [];
    const started = await resumeEditorRun({
      ...{ place: this.placeOf(file), runId, storage: this.storage, answer },
      ...(keys === undefined ? {} : { keys }),
      onStep: (step) => steps.push(step),
    });
    const end = started.ok ? await started.run.done : started;
    return { end, view: foldSteps(emptyRun(runId), steps) };
  }

  /** Trusts a key as an operator does, by the public set that the editor gives. */
  async trust({ key }: Own): Promise<void> {
    const file = `${key.kid}.json`;
    await this.write(file, publicKeySet([key]));
    const places = must(keyPlacesOf(this.env()));
    const wish = { kid: null, principals: null, purposes: null, environments: null };
    const proposed = must(await proposedKeys(places, file, this.folder, wish));
    if (proposed[0]?.fingerprint !== key.fingerprint) throw new Error("the set holds the key");
    must(
      await trustKeys(
        places,
        proposed.map((one) => one.key),
      ),
    );
  }

  /** The only request that waits. */
  async only(): Promise<ListedRequest> {
    const [one, ...more] = must(await this.source.pending());
    if (one === undefined || more.length > 0) throw new Error("one request waits");
    return one;
  }

  /** What its page shows. */
  async shown({ ref }: ListedRequest): Promise<ShownRequest> {
    return must(await this.source.show(ref));
  }

  /** Texts of all files below the folder. */
  async texts(below = "."): Promise<string[]> {
    const entries = await readdir(path.join(this.folder, below), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return Promise.all(files.map((entry) => readFile(path.join(entry.parentPath, entry.name), "latin1")));
  }

  private env(): Readonly<Record<string, string>> {
    return {
      PATH: process.env["PATH"] ?? "",
      XDG_CONFIG_HOME: path.join(this.folder, ".config"),
      COUNTERSIGN_PRINCIPAL: ADA,
    };
  }
}

/** A yes to what was shown. */
export function yes(shown: ShownRequest, more: Partial<Verdict> = {}): Verdict {
  return {
    ...{ seen: shown.digest, approved: true, reason: null, typed: null, signer: null, now: Date.now() },
    ...more,
  };
}

function must<T>(
  outcome:
    { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: { readonly message: string } },
): T {
  if (outcome.ok) return outcome.value;
  throw new Error(outcome.problem.message);
}
