/** A terminal in the test's hand, folders that go away by themselves, and golden files. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, expect } from "vitest";
import type { Terminal } from "../../src/cli/terminal.ts";

/** What a command wrote. */
export interface FakeTerminal extends Terminal {
  readonly written: { out: string; err: string };
  /** The next answers of the person. */
  readonly answers: string[];
}

/** A terminal in `cwd`. By default nobody sits there: no colours, and lines are as long as they are. */
export function fakeTerminal(
  cwd: string,
  given: {
    readonly env?: Readonly<Record<string, string>>;
    readonly width?: number;
    readonly person?: boolean;
    readonly input?: string;
  } = {},
): FakeTerminal {
  const written = { out: "", err: "" };
  const answers: string[] = [];
  const person = given.person ?? false;
  return {
    cwd,
    // No home: a developer's own configuration must not reach a test.
    env: { NO_COLOR: "1", ...given.env },
    interactive: { output: person, input: person, product: person },
    width: given.width ?? 80,
    written,
    answers,
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    outBytes: async (bytes) => void (written.out += Buffer.from(bytes).toString("utf8")),
    inputChunks: async function* () {
      yield new TextEncoder().encode(given.input ?? "");
    },
    closeInput: () => undefined,
    readInput: async () => new TextEncoder().encode(given.input ?? ""),
    ask: async () => answers.shift() ?? null,
    onInterrupt: () => () => undefined,
  };
}

const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A folder with these files; removed after the test. */
export async function folderWith(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "countersign-cli-"));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  return folder;
}

/** Compares with test/cli/golden/<name>; UPDATE_GOLDEN=1 writes it. */
export async function expectGolden(name: string, text: string): Promise<void> {
  const file = path.join(import.meta.dirname, "golden", name);
  if ((process.env["UPDATE_GOLDEN"] ?? "") !== "") {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  expect(text).toBe(await readFile(file, "utf8"));
}
