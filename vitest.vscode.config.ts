import { defineConfig } from "vitest/config";

/** Tests in the window of a real VS Code: one server and one browser for all files, one file after the other. */
export default defineConfig({
  test: {
    name: "vscode",
    include: ["test/vscode/**/*.test.ts"],
    globalSetup: ["test/vscode/rig/setup.ts"],
    testTimeout: 240_000,
    hookTimeout: 240_000,
    pool: "forks",
    isolate: false,
    fileParallelism: false,
    expect: { poll: { timeout: 60_000 } },
    sequence: { groupOrder: 1 },
  },
});
