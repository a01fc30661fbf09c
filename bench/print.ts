/** What is printed around the numbers: the machine and the versions, the table, and what was not measured. */
import { createRequire } from "node:module";
import { mkdir, readFile, statfs } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { base } from "./disk.ts";
import type { Row } from "./suite.ts";

const peers = [
  "xstate",
  "@langchain/langgraph",
  "@langchain/core",
  "smol-toml",
  "yaml",
  "yaml-language-server",
  "@xyflow/react",
];

/** Machine, load, file system and versions. */
export async function printHeader(): Promise<void> {
  await mkdir(base, { recursive: true });
  const cpu = os.cpus();
  const load = os
    .loadavg()
    .map((one) => one.toFixed(1))
    .join(" ");
  const { type } = await statfs(base);
  const versions = await Promise.all(peers.map(async (name) => `${name} ${await versionOf(name)}`));
  console.log(
    `machine   ${cpu[0]?.model ?? "unknown"}, ${cpu.length} CPUs, ${Math.round(os.totalmem() / 2 ** 30)} GiB`,
  );
  console.log(
    `system    ${os.type()} ${os.release().split(".").slice(0, 2).join(".")}, Node ${process.version}, file system 0x${type.toString(16)}`,
  );
  console.log(`load      ${load} (1, 5, 15 minutes, at the start)`);
  console.log(`peers     ${versions.join(", ")}\n`);
}

async function versionOf(name: string): Promise<string> {
  const require = createRequire(path.resolve("package.json"));
  const folder = require.resolve.paths(name)?.[0] ?? "node_modules";
  const text = await readFile(path.join(folder, name, "package.json"), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}

const columns: readonly (readonly [title: string, of: (row: Row) => string])[] = [
  ["what", (row) => row.what],
  ["ours", (row) => row.ours],
  ["peer", (row) => row.peer ?? "–"],
  ["ratio", (row) => row.ratio ?? "–"],
  ["target", (row) => row.target ?? "–"],
  ["met", (row) => (row.met === null ? "–" : row.met ? "yes" : "NO")],
];

/** The table, in Markdown, and the notes below it. */
export function printTable(rows: readonly Row[], notes: readonly string[]): void {
  const cells = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, of]) => of(row)))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => (line[i] ?? "").length)));
  const print = (line: readonly string[]): void =>
    console.log(`| ${line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`);
  for (const [i, line] of cells.entries()) {
    print(line);
    if (i === 0) print(widths.map((width) => "-".repeat(width)));
  }
  console.log("");
  console.log(
    "Medians; in brackets the middle half of the rounds. CPU is the processor time of all threads of a process, wall " +
      "what passed.\n",
  );
  for (const note of notes) console.log(`${note}\n`);
}

const limits = [
  "The decisions of governance and real effects: a decider that allows everything and a performer that answers at once stand in their place.",
  "Conditions, actions or parallel states of xstate, which need no invoke and are far cheaper; LangGraph's other checkpointers, channels and streaming.",
  "Loading a document's children, schemas and skills; the checks of `validate` over the graph (references, order, policies); ranges.",
  "language: the editor's own share of a key (the client reads answers here, and shows none); several documents that change at once; the peer at 10,000 nodes.",
  "canvas: a desktop VS Code, a graphics card (Chromium draws with the processor here), a remote window; children inside of nodes, frames, the data overlay and runs; moving nodes by hand; memory.",
  "Fan-out: everything here is one frame with one node at a time.",
  "A power loss, another operating system, a network file system, or a disk without a write cache.",
  "Peers' memory, and how fast peers read a document: they have none.",
];

/** What nobody should conclude from the table. */
export function printLimits(): void {
  console.log("What this does not measure");
  for (const line of limits) console.log(`- ${line}`);
}
