/**
 * What is checked before the tests run: types, lint, form and generated files, two at a time. Prints what each has to
 * say when it fails, and ends with 1 then.
 */
import { spawn } from "node:child_process";

const AT_ONCE = 2;
const checks = [
  ["lint", ["npm", "run", "--silent", "lint"]],
  ["types", ["npm", "run", "--silent", "typecheck"]],
  ["form", ["npx", "prettier", "--check", "--log-level", "warn", "."]],
  ["generated files", ["npm", "run", "--silent", "generate", "--", "--check"]],
];

let failed = false;
const waiting = [...checks];
await Promise.all(Array.from({ length: AT_ONCE }, work));
process.exitCode = failed ? 1 : 0;

async function work() {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [name, command] = next;
    const { code, said } = await run(command);
    if (code === 0) continue;
    failed = true;
    console.error(`${name}:\n${said}`);
  }
}

function run([program, ...args]) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    child.stdout.on("data", (data) => (said += data));
    child.stderr.on("data", (data) => (said += data));
    child.once("error", reject);
    child.once("exit", (code) => resolve({ code, said }));
  });
}
