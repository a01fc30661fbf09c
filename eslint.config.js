import tseslint from "typescript-eslint";
import { boundaries } from "./scripts/boundaries.mjs";

export default tseslint.config(
  { ignores: [".vscode-server/", "dist/", "node_modules/", "coverage/", ".tmp/"] },
  {
    files: [
      "src/**/*.ts",
      "language/**/*.ts",
      "webview/**/*.{ts,tsx}",
      "test/**/*.ts",
      "scripts/**/*.ts",
      "bench/**/*.ts",
    ],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { rooms: boundaries },
    rules: {
      "rooms/boundaries": "error",
      "no-empty": "error",
      eqeqeq: "error",
      "no-restricted-properties": [
        "error",
        { object: "Math", property: "random", message: "Randomness comes through the seam." },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/only-throw-error": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
    },
  },
  {
    files: ["src/{graph,effects,kinds,dialects,engine,protocol}/**/*.ts", "language/**/*.ts"],
    rules: {
      "no-restricted-globals": ["error", "process", "Buffer", "fetch", "setTimeout", "setInterval", "setImmediate"],
      "no-restricted-properties": [
        "error",
        { object: "Math", property: "random", message: "Randomness comes through the seam." },
        { object: "Date", property: "now", message: "Time comes through the seam." },
      ],
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
    },
  },
);
