#!/usr/bin/env node
/** Entry of the `countersign` program. */
import { nodeTerminal } from "./node-terminal.ts";
import { run } from "./program.ts";

process.exitCode = await run(process.argv.slice(2), nodeTerminal());
