/** Stores of receipts for tests of what shows them: a run with an approval, sealed with a known key. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { receiptIdOfName } from "../../../src/connect/receipts/names.ts";
import type { RunEvent } from "../../../src/effects/events.ts";
import { anyReceiptView, receiptDetail } from "../../../src/protocol/receipt.ts";
import type { AnyReceiptView, ReceiptView } from "../../../src/protocol/receipt.ts";
import type { EditorPlace } from "../../../src/runtime/editor-run/place.ts";
import { readReceiptFile, ShownFile, trustNow, type Trust } from "../../../src/runtime/receipt-view/index.ts";
import { sealRunFolder } from "../../../src/runtime/seal.ts";
import { act, entered, frameEnded, keepRun, nodeEnded, opened, started } from "../../cli/kept-runs.ts";
import { folderWith } from "../../cli/terminal.ts";
import { alice, alicePrint } from "../../receipts/support.ts";

const digest = `sha256:${"11".repeat(32)}`;
const credential = {
  digest: `sha256:${"22".repeat(32)}`,
  approvalId: "a1",
  kid: "bob-key",
  principal: "user:bob@host",
};

/** A POST that Bob approves. Everything that must not leave the journal holds `canary`. */
export function* approvedRun(runId: string, reason = "looks right"): Generator<RunEvent> {
  const decided = (decision: "Allow" | "RequireApproval", code: string): RunEvent => ({
    type: "effect.decided",
    act: act("publish"),
    index: 0,
    kind: "http.request",
    request: digest,
    description: { url: "https://example.test/canary-url" },
    digest,
    decision,
    code,
    reason: "canary-reason",
    ...(decision === "Allow" ? { approvals: [credential] } : {}),
  });
  yield started(runId, { input: { token: "canary-input" } });
  yield opened();
  yield entered("publish");
  yield decided("RequireApproval", "approval_missing");
  yield {
    type: "approval.requested",
    act: act("publish"),
    index: 0,
    id: "q1",
    subject: "effect",
    reason: "canary-question",
    effectDigest: digest,
    summary: { body: "canary-body" },
  };
  yield {
    type: "approval.answered",
    id: "q1",
    approved: true,
    by: "user:bob@host",
    reason,
    credentials: [credential],
    answer: null,
  };
  yield decided("Allow", "approved");
  yield { type: "effect.started", act: act("publish"), index: 0, digest };
  yield {
    type: "effect.ended",
    act: act("publish"),
    index: 0,
    ok: true,
    value: { status: 200n, body: "canary-answer" },
    failure: null,
    by: "performer",
    usage: null,
    doubt: false,
  };
  yield nodeEnded("publish", { body: "canary-output" });
  yield frameEnded();
  yield { type: "run.ended", outcome: "completed", reason: null };
}

/** A state directory with sealed runs, and a user's configuration beside it. */
export interface Store {
  readonly state: string;
  readonly directory: string;
  /** The folder of the configuration; XDG_CONFIG_HOME of {@link Store.place}. */
  readonly config: string;
  readonly place: EditorPlace;
  /** The id of the run's own receipt. */
  readonly root: string;
}

/** Keeps and seals a run; more of them with {@link sealed}. */
export async function storeWith(events: (runId: string) => Iterable<RunEvent> = approvedRun): Promise<Store> {
  const folder = await folderWith();
  const state = path.join(folder, "state");
  const config = path.join(folder, "config");
  const place: EditorPlace = {
    file: path.join(folder, "countersign.toml"),
    workspaceFolder: null,
    env: { XDG_CONFIG_HOME: config },
    environment: null,
    opened: () => null,
  };
  const root = await sealed(state, "r1", events("r1"));
  return { state, directory: path.join(state, "receipts"), config, place, root };
}

/** Keeps a run and seals it; the id of its receipt. */
export async function sealed(state: string, runId: string, events: Iterable<RunEvent>): Promise<string> {
  const folder = await keepRun(state, runId, events);
  const signer = () => Promise.resolve({ ok: true as const, value: alice });
  const directory = path.join(state, "receipts");
  const report = await sealRunFolder(folder, runId, { directory, named: false, signer });
  if (report.status !== "sealed") throw new Error(JSON.stringify(report));
  return report.id;
}

/** Believes Alice from now on. */
export async function pin({ config }: Store, fingerprint = alicePrint): Promise<void> {
  await mkdir(path.join(config, "countersign"), { recursive: true });
  await writeFile(path.join(config, "countersign", "config.toml"), `[keys]\ntrust = ["${fingerprint}"]\n`);
}

/** Whom the store's user believes. */
export function trustOf({ place }: Store): Promise<Trust> {
  return trustNow(place);
}

/** The files of receipts. */
export async function receiptFiles({ directory }: Store): Promise<readonly string[]> {
  const names = (await readdir(directory)).filter((name) => receiptIdOfName(name) !== null);
  return names.map((name) => path.join(directory, name));
}

/** The file of a receipt by its id. */
export async function fileOf(store: Store, id: string): Promise<string> {
  const file = (await receiptFiles(store)).find((one) => receiptIdOfName(path.basename(one)) === id);
  if (file === undefined) throw new Error(`no file of ${id}`);
  return file;
}

/** Changes a file's text. */
export async function edit(file: string, change: (text: string) => string): Promise<void> {
  const text = await readFile(file, "utf8");
  const changed = change(text);
  if (changed === text) throw new Error("the change changed nothing");
  await writeFile(file, changed);
}

/** A file as the page gets it, every message checked as it is at both ends. */
export async function shownFile(store: Store, file: string): Promise<ShownFile> {
  const trust = await trustOf(store);
  const read = new ShownFile(await readReceiptFile(file, trust), trust);
  anyReceiptView.parse(read.view);
  if (read.view.type === "receipts") for (const { id } of read.view.nodes) receiptDetail.parse(read.detail(id));
  return read;
}

/** A view of receipts. */
export function receiptsIn(view: AnyReceiptView): ReceiptView {
  if (view.type !== "receipts") throw new Error(view.sentence);
  return view;
}

/** Everything that a page can be told of a file, as one text. */
export function allMessages(read: ShownFile): string {
  const { view } = read;
  const details = view.type === "receipts" ? view.nodes.map(({ id }) => read.detail(id)) : [];
  return JSON.stringify([view, details]);
}
