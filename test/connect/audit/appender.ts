/**
 * The process that appends, and dies where it is told to: at the `killAt`-th step on its file layer (0 never). What was
 * acknowledged goes to standard output at once, a line each; at the end, `points N`.
 */
import { generateKeyPairSync, sign } from "node:crypto";
import { writeSync } from "node:fs";
import { nodeAuditFiles, type AuditFiles } from "../../../src/connect/audit/file.ts";
import { appendAudit } from "../../../src/connect/audit/log.ts";
import { killingPoint, pointedFiles } from "../../durability/kill-points.ts";

/** What the process is to do. */
export interface Order {
  readonly stateDir: string;
  readonly name: string;
  readonly count: number;
  readonly killAt: number;
}

const order = JSON.parse(process.argv[2] ?? "") as Order;
const killing = killingPoint(order.killAt);
const files: AuditFiles = {
  ...pointedFiles(nodeAuditFiles, killing.point),
  // A file that is appended to has the same points as one that is made.
  openAppend: (path) =>
    pointedFiles({ ...nodeAuditFiles, create: (name) => nodeAuditFiles.openAppend(name) }, killing.point).create(path),
  truncate: async (path, length) => {
    await nodeAuditFiles.truncate(path, length);
    await killing.point("truncate");
  },
};
const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const { x = "" } = publicKey.export({ format: "jwk" });
const signer = {
  kid: order.name,
  publicKey: Buffer.from(x, "base64url"),
  principal: "user:test",
  purposes: ["receipt" as const],
  sign: (bytes: Uint8Array) => Promise.resolve(sign(null, bytes, privateKey)),
};
for (let i = 0; i < order.count; i++) {
  const fields = { code: "c", document: null, run: null, environment: null, principal: "user:test" };
  const message = `${order.name}-${i}`;
  const done = await appendAudit(order.stateDir, [{ type: "run.refused", message, ...fields }], {
    files,
    ...(i % 2 === 0 ? { signer } : {}),
    patienceMs: 60_000,
  });
  if (!done.ok) throw new Error(done.problem.message);
  writeSync(1, `${message}\n`);
}
writeSync(1, `points ${killing.count()}\n`);
