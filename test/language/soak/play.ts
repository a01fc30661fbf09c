/**
 * Plays actions on one document against a real server, and holds everything it says against what must always hold:
 * no failed request, no error in its log, no stale publication, no place outside of a text, and in the end the same
 * diagnostics as a fresh server's.
 */
import { LSPErrorCodes, ResponseError, type Diagnostic, type TextEdit } from "vscode-languageserver/node";
import { TextLines } from "../../../src/dialects/live/text-lines.ts";
import type { Action } from "./actions.ts";
import { asked, following } from "./asking.ts";
import type { Corpus } from "./corpus.ts";
import { Editor } from "./editor.ts";
import { wrongPlace, type TextOf } from "./positions.ts";
import { addressOf, fileOf, Session } from "./session.ts";

/** How it went. */
export interface Played {
  /** Edits that were sent. */
  readonly keys: number;
  readonly requests: number;
  /** What did not hold; null when all did. */
  readonly problem: string | null;
  /** The last edits, the latest first, and the text they led to. */
  readonly lastEdits: readonly object[];
  readonly text: string;
}

/** Longest time for an answer, far beyond any that is right. */
const PATIENCE = 30_000;
const BREATHS = 1000;
const KEPT_EDITS = 8;
/** Refusals that are right: the text has changed meanwhile. Others are sentences for the user. */
const overtaken: readonly number[] = [LSPErrorCodes.ContentModified, LSPErrorCodes.RequestCancelled];

/** Opens the document, does all of it, and compares with a fresh server. */
export async function play(corpus: Corpus, name: string, actions: readonly Action[]): Promise<Played> {
  const player = new Player(corpus, name);
  try {
    await player.start();
    for (const action of actions) {
      await player.act(action);
      if (player.problem !== null) break;
    }
    if (player.problem === null) await player.finish();
  } catch (problem) {
    player.note(problem instanceof Error ? problem.message : String(problem));
  } finally {
    await player.close();
  }
  const { keys, requests, problem, lastEdits, text } = player;
  return { keys, requests, problem, lastEdits, text };
}

class Player {
  keys = 0;
  requests = 0;
  problem: string | null = null;
  readonly lastEdits: object[] = [];
  private readonly corpus: Corpus;
  private readonly name: string;
  private readonly uri: string;
  private readonly editor: Editor;
  private session: Session | null = null;
  private version = 1;
  /** Texts whose diagnostics may still come. */
  private readonly texts = new Map<number, string>();
  private publishedVersion = 0;
  private diagnostics: readonly Diagnostic[] = [];
  private pending: Promise<void>[] = [];

  constructor(corpus: Corpus, name: string) {
    this.corpus = corpus;
    this.name = name;
    this.uri = addressOf(name);
    this.editor = new Editor(corpus.files.get(name) ?? "");
  }

  get text(): string {
    return this.editor.text;
  }

  note(problem: string): void {
    this.problem ??= problem;
  }

  async start(): Promise<void> {
    this.session = await Session.start(this.corpus.files, {
      complained: (message) => this.note(`the server's log: ${message}`),
      published: ({ uri, version, diagnostics }) => {
        if (uri === this.uri) this.published(version, diagnostics);
      },
    });
    this.texts.set(1, this.text);
    await this.session.open(this.name, this.text);
  }

  async close(): Promise<void> {
    await patiently("the end", Promise.resolve(this.session?.close(this.name)));
  }

  async act(action: Action): Promise<void> {
    if (action.do === "ask") {
      const asking = this.ask(action);
      if (action.then === "go on") this.pending.push(asking);
      else await asking;
      return;
    }
    if (action.do === "settle") return void (await this.settle());
    for (const changes of this.editor.edits(action)) await this.send(changes);
  }

  /** All checks have run: the same text in a fresh server has the same diagnostics. */
  async finish(): Promise<void> {
    const ours = await this.settle();
    if (this.problem !== null) return;
    // Nothing can be asked about what is not ours; its diagnostics are taken back at once.
    for (let i = 0; !ours && i < BREATHS && this.diagnostics.length > 0; i++) await new Promise(setImmediate);
    if (ours && this.publishedVersion !== this.version)
      return this.note(
        `version ${this.version} has settled, but the last diagnostics are for ${this.publishedVersion}`,
      );
    let fresh: readonly Diagnostic[] = [];
    const other = await Session.start(this.corpus.files, {
      complained: (message) => this.note(`a fresh server's log: ${message}`),
      published: ({ uri, diagnostics }) => {
        if (uri === this.uri) fresh = diagnostics;
      },
    });
    await other.open(this.name, this.text);
    await patiently("a fresh server", other.request("countersign/settled", { textDocument: { uri: this.uri } }));
    await other.close(this.name);
    const [mine, theirs] = [shown(this.diagnostics), shown(fresh)];
    const only = (a: readonly string[], b: readonly string[]): string => a.filter((one) => !b.includes(one)).join("; ");
    if (mine.join("\n") !== theirs.join("\n"))
      this.note(
        `diagnostics differ from a fresh server's: only here ${only(mine, theirs)}; only there ${only(theirs, mine)}`,
      );
  }

  private async send(changes: readonly object[]): Promise<void> {
    this.version++;
    this.keys++;
    this.texts.set(this.version, this.text);
    this.lastEdits.unshift(...changes);
    this.lastEdits.length = Math.min(this.lastEdits.length, KEPT_EDITS);
    await this.session?.change(this.name, this.version, changes);
  }

  private published(version: number | undefined, diagnostics: readonly Diagnostic[]): void {
    if (version === undefined) {
      // The document is no longer one of ours.
      if (diagnostics.length > 0) this.note("diagnostics came without a version");
      this.diagnostics = diagnostics;
      return;
    }
    if (version < this.publishedVersion)
      this.note(`diagnostics for version ${version} came after those for ${this.publishedVersion}`);
    const text = this.texts.get(version);
    if (text === undefined) return this.note(`diagnostics came for version ${version}, which was never sent`);
    for (const old of this.texts.keys()) if (old < version) this.texts.delete(old);
    this.publishedVersion = version;
    this.diagnostics = diagnostics;
    const wrong = wrongPlace(diagnostics, this.uri, this.textsAt(text), `diagnostics of version ${version}`);
    if (wrong !== null) this.note(wrong);
  }

  /** Waits for all that is under way; false when the document is not one of ours at present. */
  private async settle(): Promise<boolean> {
    const { session } = this;
    if (session === null) return false;
    const what = `countersign/settled of version ${this.version}`;
    const answer = await patiently(what, session.request("countersign/settled", { textDocument: { uri: this.uri } }));
    await Promise.all(this.pending);
    this.pending = [];
    return answer !== null;
  }

  private async ask(action: Extract<Action, { readonly do: "ask" }>): Promise<void> {
    const { session, editor, uri } = this;
    if (session === null) return;
    const lines = new TextLines(editor.text);
    const request = asked(session.can, action.which, {
      uri,
      position: lines.position(editor.place(action.at)),
      name: action.name,
      all: lines.range(0, editor.text.length),
      diagnostics: this.diagnostics,
    });
    if (request === null) return;
    const version = this.version;
    const answer = await this.answered(request.method, request.params);
    for (const next of following(session.can, request.method, answer)) await this.answered(next.method, next.params);
    if (action.then !== "apply" || version !== this.version || this.problem !== null) return;
    const edits = editsIn(answer, uri);
    if (edits.length > 0) await this.send(editor.apply(edits));
  }

  /** An answer that has been looked through; null for a refusal. */
  private async answered(method: string, params: object): Promise<unknown> {
    const { session, text } = this;
    if (session === null) return null;
    this.requests++;
    try {
      const answer = await patiently(method, session.request(method, params));
      const wrong = wrongPlace(answer, this.uri, this.textsAt(text), method);
      if (wrong !== null) this.note(`${wrong} (${JSON.stringify(params).slice(0, 300)})`);
      return answer;
    } catch (problem) {
      if (!(problem instanceof ResponseError)) throw problem;
      const refused = !overtaken.includes(problem.code) && problem.message.startsWith(`${method} failed`);
      if (refused || problem.code === -32603) this.note(`${problem.message} (${JSON.stringify(params).slice(0, 300)})`);
      return null;
    }
  }

  private textsAt(text: string): TextOf {
    return (uri) => (uri === this.uri ? text : (this.corpus.files.get(fileOf(uri) ?? "") ?? null));
  }
}

/** Edits of `uri` in an answer: formatting, a rename, or the first code action. */
function editsIn(answer: unknown, uri: string): readonly TextEdit[] {
  if (Array.isArray(answer)) {
    const [first] = answer as readonly unknown[];
    if (isEdit(first)) return answer as readonly TextEdit[];
    return typeof first === "object" && first !== null && "edit" in first ? editsIn(first.edit, uri) : [];
  }
  const edit = answer as {
    readonly changes?: Readonly<Record<string, readonly TextEdit[]>>;
    readonly documentChanges?: readonly {
      readonly textDocument?: { readonly uri: string };
      readonly edits?: readonly TextEdit[];
    }[];
  } | null;
  const changed = edit?.documentChanges?.flatMap((one) => (one.textDocument?.uri === uri ? (one.edits ?? []) : []));
  return changed ?? edit?.changes?.[uri] ?? [];
}

function isEdit(value: unknown): value is TextEdit {
  return typeof value === "object" && value !== null && "newText" in value && "range" in value;
}

function shown(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map((one) => JSON.stringify(one));
}

async function patiently<T>(what: string, answer: Promise<T>): Promise<T> {
  let wake: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    wake = setTimeout(() => reject(new Error(`${what} was not answered within ${PATIENCE / 1000} s`)), PATIENCE);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(wake);
  }
}
