/**
 * The benchmark: node scripts/run.mjs bench/run.ts [SUITE…]
 *
 * Prints one table of ratios measured in this run, whether each promise is kept, and what it does not measure. Nothing
 * here is a test: a loaded machine changes the numbers, and a number that misses its target does not change the exit code.
 */
import { canvas } from "./canvas.ts";
import { chain } from "./chain.ts";
import { stepping } from "./debugger.ts";
import { durable } from "./durable.ts";
import { effects } from "./effects.ts";
import { governance } from "./governance.ts";
import { language } from "./language.ts";
import { CONTESTANT, serve } from "./measure.ts";
import { memory } from "./memory.ts";
import { parse } from "./parse.ts";
import { receipts } from "./receipts.ts";
import { printHeader, printLimits, printTable } from "./print.ts";
import { scale } from "./scale.ts";
import type { Row, Suite } from "./suite.ts";

const suites: readonly Suite[] = [
  chain,
  durable,
  effects,
  scale,
  parse,
  memory,
  governance,
  receipts,
  stepping,
  language,
  canvas,
];

const [first, ...rest] = process.argv.slice(2);
if (first === CONTESTANT) await contestant(rest);
else if (first === "--help" || first === "-h") help();
else await main(first === undefined ? [] : [first, ...rest]);

async function contestant([suite, name]: readonly string[]): Promise<void> {
  const make = suites.find((one) => one.name === suite)?.contestants[name ?? ""];
  if (make === undefined) throw new Error(`there is no contestant ${name} in suite ${suite}`);
  await serve(make);
}

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown !== undefined) {
    console.error(`there is no suite "${unknown}"`);
    help();
    process.exitCode = 2;
    return;
  }
  await printHeader();
  const rows: Row[] = [];
  const notes: string[] = [];
  for (const suite of suites) {
    if (names.length > 0 && !names.includes(suite.name)) continue;
    console.error(`measuring ${suite.name} …`);
    rows.push(...(await suite.run((text) => notes.push(text))));
  }
  printTable(rows, notes);
  printLimits();
}

function help(): void {
  console.log("usage: node scripts/run.mjs bench/run.ts [SUITE…]\n\nSuites (all without an argument):");
  for (const { name, about } of suites) console.log(`  ${name.padEnd(10)} ${about}`);
}
