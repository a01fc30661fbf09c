/** Folders for keys that go away by themselves, and a cost of scrypt that tests can afford. */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach } from "vitest";
import type { KeyResult } from "../../../src/connect/keys/problem.ts";
import type { NewKey } from "../../../src/connect/keys/store.ts";

/** The least that a file may say. */
export const cheap = { n: 1024, r: 8, p: 1 } as const;

const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

export async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "countersign-keys-"));
  folders.push(folder);
  return folder;
}

export function newKey(more: Partial<NewKey> = {}): NewKey {
  return {
    kid: "alice-1",
    prefix: "key",
    fileName: null,
    principal: "user:alice@example",
    purposes: ["approval"],
    passphrase: null,
    at: Date.parse("2026-05-18T12:00:00Z"),
    cost: cheap,
    ...more,
  };
}

export function valueOf<T>(result: KeyResult<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.problem.code}: ${result.problem.message}`);
}

export function codeOf(result: KeyResult<unknown>): string {
  return result.ok ? "ok" : result.problem.code;
}
