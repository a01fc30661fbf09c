/**
 * The rooms of the house and what each may import (docs/architecture.md prints this table; eslint.config.js
 * enforces it). A room may always import itself. `nodeImports: false` bans `node:` modules.
 */
export const rooms = [
  { room: "src/graph", may: [], nodeImports: false, packages: [] },
  { room: "src/effects", may: ["src/graph"], nodeImports: false, packages: [] },
  { room: "src/kinds", may: ["src/graph", "src/effects"], nodeImports: false, packages: ["zod", "ajv", "ajv-formats"] },
  {
    room: "src/dialects",
    may: ["src/graph", "src/effects", "src/kinds"],
    nodeImports: false,
    packages: ["zod", "smol-toml", "yaml", "web-tree-sitter"],
  },
  {
    room: "src/engine",
    may: ["src/graph", "src/effects", "src/kinds", "src/dialects"],
    nodeImports: false,
    packages: [],
  },
  { room: "src/governance", may: ["src/graph", "src/effects"], nodeImports: true, packages: ["zod"] },
  { room: "src/receipts", may: ["src/graph", "src/effects"], nodeImports: true, packages: [] },
  { room: "src/connect", may: ["src/graph", "src/effects"], nodeImports: true, packages: "any" },
  { room: "src/config", may: ["src/graph"], nodeImports: true, packages: ["zod", "smol-toml"] },
  {
    room: "src/fixtures",
    may: ["src/graph", "src/effects", "src/dialects", "src/engine"],
    nodeImports: true,
    packages: ["zod", "smol-toml"],
  },
  { room: "src/draw", may: ["src/graph"], nodeImports: false, packages: [] },
  {
    room: "src/runtime",
    may: [
      "src/graph",
      "src/effects",
      "src/kinds",
      "src/dialects",
      "src/engine",
      "src/governance",
      "src/receipts",
      "src/connect",
      "src/config",
      "src/fixtures",
      "src/draw",
    ],
    nodeImports: true,
    packages: "any",
  },
  {
    room: "src/cli",
    may: ["src/runtime", "src/fixtures", "src/draw", "src/graph", "src/effects", "src/engine", "src/config"],
    nodeImports: true,
    packages: "any",
  },
];
