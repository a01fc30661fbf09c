/** `npm start` after its build: it installs the extension in a VS Code server, prints an address that answers, and ends. */
import { spawn } from "node:child_process";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { countersign } from "../examples/support.ts";
import { rig, unsupported } from "./rig/window.ts";

const root = path.resolve(import.meta.dirname, "../..");

function start(args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const env = { ...process.env, COUNTERSIGN_START_ONCE: "1" };
  const child = spawn(process.execPath, ["scripts/start.mjs", ...args], { cwd: root, env });
  let [out, err] = ["", ""];
  child.stdout.on("data", (data: Buffer) => (out += data.toString()));
  child.stderr.on("data", (data: Buffer) => (err += data.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      resolve({ code, out, err });
    });
  });
}

describe.skipIf(unsupported)("npm start", () => {
  test("prints an address at which VS Code answers", async () => {
    rig();
    const { code, out, err } = await start(["--no-install", "--no-open"]);
    expect(err).not.toMatch(/Error/);
    expect(out).toMatch(/http:\/\/127\.0\.0\.1:\d+\/\?folder=/);
    expect(out).toContain("The page answers.");
    expect(code).toBe(0);
  });

  test("opens a folder in which the examples run as their own tests expect", async () => {
    const opened = path.join(root, ".tmp/start");
    expect(await countersign(["test", "examples/release-gate"], {}, opened)).toMatchObject({ code: 0 });
  });

  test("leaves no server behind when npm is killed", async () => {
    rig();
    const npm = spawn("npm", ["start", "--", "--no-install", "--no-open"], {
      cwd: root,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const ended = new Promise((resolve) => npm.stdout.once("close", resolve));
    const address = await new Promise<string>((resolve, reject) => {
      let out = "";
      npm.once("error", reject);
      npm.stdout.on("data", (data: Buffer) => {
        out += data.toString();
        const found = /http:\/\/\S+/.exec(out);
        if (found !== null && out.includes("stops it")) resolve(found[0]);
      });
    });
    expect((await fetch(address)).ok).toBe(true);
    npm.kill("SIGKILL");
    await ended;
    await expect(fetch(address)).rejects.toThrow();
  });

  test("an unknown flag gives the usage and exit code 2", async () => {
    const { code, err } = await start(["--prot", "1"]);
    expect(code).toBe(2);
    expect(err).toContain("usage: npm start");
  });
});
