/**
 * Receipts of a run of 1,000 activations with an effect each: sealing and signing them, storing them durably, and
 * verifying the tree from its files. Beside them the least that anybody would have to do: as many Ed25519 signatures,
 * durable files, and checks of signatures.
 */
import { createPrivateKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { fdatasyncSync, closeSync, openSync, writeSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { writeReceipts } from "../src/connect/receipts/store.ts";
import type { RunEvent } from "../src/effects/events.ts";
import type { Signer } from "../src/effects/signing.ts";
import { RunFold } from "../src/receipts/fold.ts";
import { KeyRing } from "../src/receipts/keyring.ts";
import { sealTree, type SealedReceipt } from "../src/receipts/link.ts";
import { sealPlan } from "../src/receipts/seal.ts";
import { saltsOf } from "../src/receipts/value-digest.ts";
import { readDirectory } from "../src/runtime/receipts.ts";
import { verifyTrees } from "../src/runtime/verify.ts";
import { base } from "./disk.ts";
import { short } from "./format.ts";
import { compare, type Contestant, type Contestants, type Spread } from "./measure.ts";
import type { Row, Suite } from "./suite.ts";

/** Activations, each of which gets a receipt; the run's own comes on top. */
const COUNT = 1000;
/** Milliseconds. */
const SEAL_LIMIT = 300;
const VERIFY_LIMIT = 250;

const digest = `sha256:${"11".repeat(32)}`;

/** A run of {@link COUNT} nodes that each read a file. */
function* events(): Generator<RunEvent> {
  yield {
    type: "run.started",
    ...{ version: 1, runId: "bench", dialect: "workflow", workflow: "bench", root: "bench.toml" },
    documents: [{ key: "bench.toml", digest, role: "root" }],
    ...{ graphDigest: digest, policyDigest: digest, environment: "dev", start: "main", triggerKind: "manual" },
    input: null,
    options: { dryRun: "no", replay: false, assume: {}, canPause: true, timeoutMs: 120_000, maxFanout: 8 },
    ...{ principal: "user:bench@local", deadline: 0 },
  };
  const frame = { frame: "", parent: null, index: 0, child: 0, document: "bench.toml", start: "main" };
  yield { type: "frame.opened", ...frame, input: null, depth: 0 };
  for (let at = 0; at < COUNT; at++) {
    const act = { frame: "", node: `node_${at}`, visit: 1, attempt: 1 };
    yield { type: "node.entered", ...act, edge: null };
    yield {
      type: "effect.decided",
      ...{ act, index: 0, kind: "fs.read", request: digest, description: { path: `/data/${at}.txt` }, digest },
      ...{ decision: "Allow", code: "not_side_effecting", reason: "it changes nothing" },
    };
    yield { type: "effect.started", act, index: 0, digest };
    yield {
      type: "effect.ended",
      ...{ act, index: 0, ok: true, value: { content: `text ${at}` }, failure: null, by: "performer" },
      ...{ usage: null, doubt: false },
    };
    yield {
      type: "node.ended",
      ...act,
      ...{ outcome: "continue", output: { content: `text ${at}` }, label: null, reason: null },
      ...{ partial: false, assumed: false, reply: null },
    };
  }
  const ended = { status: "completed", value: { done: true }, partial: false, reason: null, failure: null } as const;
  yield { type: "frame.ended", frame: "", ...ended, lastNode: `node_${COUNT - 1}` };
  yield { type: "run.ended", outcome: "completed", reason: null };
}

const pair = generateKeyPairSync("ed25519");
const privateKey = createPrivateKey(pair.privateKey.export({ format: "pem", type: "pkcs8" }));
const publicKey = new Uint8Array(pair.publicKey.export({ format: "der", type: "spki" }).subarray(-32));
const signer: Signer = {
  ...{ kid: "bench", publicKey, principal: "user:bench@local", purposes: ["receipt"] },
  sign: (bytes) => Promise.resolve(new Uint8Array(sign(null, bytes, privateKey))),
};

async function seal(): Promise<readonly SealedReceipt[]> {
  const fold = new RunFold(saltsOf(Buffer.from("bench")));
  let seq = 0;
  for (const event of events()) fold.add({ ...event, seq: ++seq, at: 1_700_000_000_000 + seq });
  const plan = sealPlan(fold, { journalHead: "ab".repeat(32), abandoned: false, previous: null });
  if (plan === null) throw new Error("nothing is sealed");
  const sealed = await sealTree(plan.root, { signer, issuerType: "local" }, plan.groupBody);
  if (sealed.length !== COUNT + 1) throw new Error(`${sealed.length} receipts`);
  return sealed;
}

async function store(directory: string, sealed: readonly SealedReceipt[]): Promise<void> {
  const texts = sealed.map(({ receipt, text }) => ({ id: receipt.id, createdAt: receipt.created_at, text }));
  const written = await writeReceipts(directory, texts);
  if (!written.ok) throw new Error(written.problem.message);
}

/** Folders of a contestant of its own; removed with it. */
function folders(): { readonly next: () => Promise<string>; readonly close: () => Promise<void> } {
  const own = path.join(base, `receipts-${process.pid}`);
  let count = 0;
  return {
    next: async () => {
      const folder = path.join(own, String(count++));
      await mkdir(folder, { recursive: true });
      return folder;
    },
    close: () => rm(own, { recursive: true, force: true }),
  };
}

function sealing(): Contestant {
  return {
    round: async () => {
      await seal();
      return 1;
    },
  };
}

async function storing(): Promise<Contestant> {
  const { next, close } = folders();
  const sealed = await seal();
  let folder = "";
  return {
    prepare: async () => {
      folder = await next();
    },
    round: async () => {
      await store(folder, sealed);
      return 1;
    },
    close,
  };
}

async function verifying(): Promise<Contestant> {
  const { next, close } = folders();
  const folder = await next();
  await store(folder, await seal());
  return {
    round: () => {
      const read = readDirectory(folder);
      if (!read.ok) throw new Error(read.problem.message);
      const keys = new KeyRing([{ kid: "bench", publicKey, pinned: true }]);
      const report = verifyTrees(read.value, { keys, allowPseudo: false });
      if (!report.valid || report.trees[0]?.receipt_count !== COUNT + 1) throw new Error("the tree is not valid");
      return Promise.resolve(1);
    },
    close,
  };
}

const message = Buffer.from(digest, "ascii");

function signatures(): Contestant {
  return {
    round: () => {
      for (let at = 0; at <= COUNT; at++) sign(null, message, privateKey);
      return Promise.resolve(1);
    },
  };
}

async function files(): Promise<Contestant> {
  const { next, close } = folders();
  const texts = (await seal()).map(({ text }) => Buffer.from(text));
  let folder = "";
  return {
    prepare: async () => {
      folder = await next();
    },
    round: () => {
      for (const [at, text] of texts.entries()) {
        const handle = openSync(path.join(folder, `${at}`), "wx");
        writeSync(handle, text);
        fdatasyncSync(handle);
        closeSync(handle);
      }
      return Promise.resolve(1);
    },
    close,
  };
}

function checks(): Contestant {
  const signature = sign(null, message, privateKey);
  return {
    round: () => {
      for (let at = 0; at <= COUNT; at++)
        if (!verify(null, message, pair.publicKey, signature)) throw new Error("it does not verify");
      return Promise.resolve(1);
    },
  };
}

const contestants: Contestants = {
  seal: () => Promise.resolve(sealing()),
  store: storing,
  verify: verifying,
  signatures: () => Promise.resolve(signatures()),
  files,
  checks: () => Promise.resolve(checks()),
};

const millis = ({ median, low, high }: Spread): string =>
  `${short(median / 1000)} ms (${short(low / 1000)}–${short(high / 1000)})`;

export const receipts: Suite = {
  name: "receipts",
  about: `receipts of ${COUNT} activations: sealing and signing, storing, verifying`,
  contestants,
  async run(note) {
    const names = ["seal", "signatures", "store", "files", "verify", "checks"] as const;
    const found = await compare("receipts", names, { warmUps: 3, rounds: 11 });
    const row = (what: string, ours: Spread, peer: string, theirs: Spread, limit: number | null): Row => ({
      what,
      ours: millis(ours),
      peer: `${peer}: ${millis(theirs)}`,
      ratio: `${short(ours.median / theirs.median)}×`,
      target: limit === null ? null : `within ${limit} ms`,
      met: limit === null ? null : ours.median <= limit * 1000,
    });
    note(
      `receipts: one run with ${COUNT} activations, ${COUNT + 1} receipts; sealing folds the run's events, which are already in memory; verifying reads every file.`,
    );
    return [
      row("sealing and signing (CPU)", found.seal.cpu, "bare signatures", found.signatures.cpu, SEAL_LIMIT),
      row("storing, durable (wall)", found.store.wall, "write + fdatasync each", found.files.wall, null),
      row("reading and verifying (CPU)", found.verify.cpu, "bare checks", found.checks.cpu, VERIFY_LIMIT),
    ];
  },
};
