import { defineConfig } from "vitest/config";

/** What all projects have in common. A limit is there so that nothing hangs; no test is about how long something takes. */
const limits = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 30_000 } } };
const shared = { ...limits, pool: "forks" as const, setupFiles: ["./test/seed.ts"], maxWorkers: 2 };

/** Three projects, each wider than the one before: Node alone, our pages in a browser, and a real VS Code. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/vscode/**", "test/webview/**"],
          // Files share their worker's modules: loading them anew for each would take half as long as the tests.
          isolate: false,
        },
      },
      { test: { ...shared, name: "page", include: ["test/webview/**/*.test.ts"], isolate: false } },
      "./vitest.vscode.config.ts",
    ],
  },
});
