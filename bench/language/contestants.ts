/** The two language servers, each with documents of the same graph in its own language. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { base } from "../disk.ts";
import { mixedToml, mixedYaml } from "../graphs.ts";
import { graphSchema } from "./graph-schema.ts";
import type { Typed } from "./places.ts";
import { Server } from "./server.ts";

const skill = "---\nname: hello-world\ndescription: Says hello.\n---\n\nSays hello.\n";
const manifest = `skill: hello-world
runners:
  default:
    default: true
    source:
      type: cli-tool
      command: node
      args: [hello.mjs]
    inputs:
      message: { type: string, required: true }
`;

/** Both servers' programs and a workspace, on the disk. */
export class Field {
  readonly folder: string;
  private readonly program: string;
  private readonly schema: string;

  private constructor(folder: string) {
    this.folder = path.join(folder, "workspace");
    this.program = path.join(folder, "program/countersign.mjs");
    this.schema = path.join(folder, "graph.schema.json");
  }

  /** Builds our program as it is shipped, and lays out what the documents name. */
  static async make(): Promise<Field> {
    await mkdir(base, { recursive: true });
    const field = new Field(await mkdtemp(path.join(base, "bench-language-")));
    await mkdir(path.join(field.folder, "graph"), { recursive: true });
    await mkdir(path.join(field.folder, "hello-world"), { recursive: true });
    await writeFile(path.join(field.folder, "hello-world/SKILL.md"), skill);
    await writeFile(path.join(field.folder, "hello-world/X.yaml"), manifest);
    await writeFile(field.schema, JSON.stringify(graphSchema));
    await build({
      entryPoints: ["src/cli/main.ts"],
      outfile: field.program,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      banner: {
        js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
      },
      logLevel: "error",
    });
    return field;
  }

  /** `countersign lsp --stdio`. */
  ours(): Promise<Server> {
    return Server.start({ program: [this.program, "lsp", "--stdio"], folder: this.folder });
  }

  /** yaml-language-server, with a schema for the document and nothing that asks the network. */
  peer(): Promise<Server> {
    const main = createRequire(path.resolve("package.json")).resolve("yaml-language-server/package.json");
    return Server.start({
      program: [path.join(path.dirname(main), "bin/yaml-language-server"), "--stdio"],
      folder: this.folder,
      settings: {
        yaml: {
          validate: true,
          completion: true,
          hover: true,
          schemaStore: { enable: false },
          kubernetesCRDStore: { enable: false },
          schemas: { [pathToFileURL(this.schema).href]: ["graph.yaml"] },
        },
      },
    });
  }

  /** A workflow of so many nodes. */
  toml(count: number): Typed {
    return {
      uri: pathToFileURL(path.join(this.folder, "workflow.toml")).href,
      languageId: "toml",
      text: mixedToml(count),
      keys: [/Hello /, /input_from = "n\d+/, /\ntype = "merge/, /\nid = "n\d+/, /to = "n\d+/, /input_from = "n\d+\./],
      name: /\nid = "n\d/,
      reference: /input_from = "n\d+\./,
      kind: /\ntype = "/,
    };
  }

  /** A skill graph of so many steps. */
  yaml(count: number): Typed {
    return {
      uri: pathToFileURL(path.join(this.folder, "graph/graph.yaml")).href,
      languageId: "yaml",
      text: mixedYaml(count),
      keys: [/hello from/, /message: s\d+/, /type: cli-tool/, /- id: s\d+/, /command: ech/, /message: s\d+\.std/],
      name: /- id: s\d/,
      reference: /message: s\d+\./,
      kind: /type: /,
    };
  }

  remove(): Promise<void> {
    return rm(path.dirname(this.folder), { recursive: true, force: true });
  }
}
