import { defineConfig } from "vitest/config";

/** Two projects, one summary: what runs in Node alone, and afterwards what runs in a real VS Code. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/vscode/**"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          pool: "forks",
          setupFiles: ["./test/seed.ts"],
          maxWorkers: 2,
          // Files share their worker's modules: loading them anew for each would take half as long as the tests.
          isolate: false,
        },
      },
      "./vitest.vscode.config.ts",
    ],
  },
});
