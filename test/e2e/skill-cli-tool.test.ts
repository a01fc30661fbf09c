import { describe, expect, it } from "vitest";
import { Shop } from "./commands.ts";

const tool = (more: string, name = "t"): string => `---\nname: ${name}\nsource:\n  type: cli-tool\n${more}---\n`;
const show = `
import { readFileSync } from "node:fs";
const { env } = process;
const file = env.RUNX_INPUTS_PATH;
console.log(JSON.stringify({
  keys: Object.keys(env).sort(), argv: process.argv.slice(2), stdin: readFileSync(0, "utf8").length, cwd: process.cwd(),
  json: env.RUNX_INPUTS_JSON ?? null, file: file === undefined ? null : readFileSync(file, "utf8").length, env: { ...env },
}));`;
const value = (ran: { readonly outcome: Record<string, unknown> }): Record<string, unknown> =>
  ran.outcome["final_value"] as Record<string, unknown>;

describe("the ABI of command-line tools", () => {
  const shows = (more = ""): Record<string, string> => ({
    "t/SKILL.md": tool(
      `  command: node\n  args: [show.mjs, "{{who}}", "{{ deep.x }}", "{{env.HOME}}", "{{no}}"]\n${more}`,
    ),
    "t/show.mjs": show,
  });

  it("gives inputs as JSON and one by one, in the skill's folder, and nothing of the operator's environment", async () => {
    const shop = await Shop.with(shows());
    const input = '{"who":"w","deep":{"x":[1,2.0]},"thread.title":"T","n":null}';
    const ran = await shop.run(["run", "t", "--input", input], { A_SECRET: "s" });
    expect(ran.exit, ran.err).toBe(0);
    expect(value(ran)).toMatchObject({
      keys: "HOME PATH RUNX_CWD RUNX_INPUTS_JSON RUNX_INPUT_DEEP RUNX_INPUT_N RUNX_INPUT_THREAD_TITLE RUNX_INPUT_WHO".split(
        " ",
      ),
      argv: ["w", "[1,2.0]", "/nowhere", "{{no}}"],
      stdin: 0,
      cwd: `${shop.folder}/t`,
      json: '{"deep":{"x":[1,2.0]},"n":null,"thread.title":"T","who":"w"}',
      env: { RUNX_CWD: shop.folder, RUNX_INPUT_THREAD_TITLE: "T", RUNX_INPUT_N: "", RUNX_INPUT_DEEP: '{"x":[1,2.0]}' },
    });
  });

  it("writes inputs beyond 48 KiB to a file, gives no variable beyond 8 KiB, and fills stdin when it is asked to", async () => {
    const shop = await Shop.with(shows("  input_mode: stdin\n"));
    shop.write("big.json", JSON.stringify({ who: "w", big: "x".repeat(60_000) }));
    const ran = await shop.run(["run", "t", "--input", "big.json"]);
    expect(value(ran)).toMatchObject({ json: null, file: 60_020, stdin: 60_020 });
    expect(value(ran)["keys"]).toEqual(["HOME", "PATH", "RUNX_CWD", "RUNX_INPUTS_PATH", "RUNX_INPUT_WHO"]);
    const small = await shop.run(["run", "t", "--input", JSON.stringify({ a: "x".repeat(8192), b: "x".repeat(8193) })]);
    expect(value(small)["keys"]).toContain("RUNX_INPUT_A");
    expect(value(small)["keys"]).not.toContain("RUNX_INPUT_B");
  });

  it.each([
    ['{"a-b":1,"a_b":2}', "  command: node\n", /both become the variable RUNX_INPUT_A_B/, "tool"],
    [
      "{}",
      "  command: node\n  args: [-e, \"process.stdout.write('x'.repeat(1048577))\"]\n",
      /exceeded 1048576 byte/,
      "tool",
    ],
    ["{}", "  command: sleep\n  args: ['30']\n  timeout_seconds: 1\n", /did not end within 1 s/, "timeout"],
    ["{}", "  command: no-such-program\n", /no-such-program/, "tool"],
    ["{}", "  command: node\n  args: [-e, \"console.error('said');process.exit(4)\"]\n", /^said$/, "tool"],
    ["{}", "  command: node\n  args: ['{{env.A_SECRET}}']\n", /list it in sandbox.env_allowlist/, "tool"],
  ])("fails on %s with %j", async (input, source, reason, kind) => {
    const shop = await Shop.with({ "t/SKILL.md": tool(source) });
    const ran = await shop.run(["run", "t", "--input", input]);
    expect([ran.exit, ran.outcome["error"]]).toEqual([5, { class: kind }]);
    expect(ran.outcome["reason"]).toMatch(reason);
  });

  it("keeps exactly 1 MiB", async () => {
    const shop = await Shop.with({
      "t/SKILL.md": tool("  command: node\n  args: [-e, \"process.stdout.write('x'.repeat(1048576))\"]\n"),
    });
    expect((value(await shop.run(["run", "t"]))["stdout"] as string).length).toBe(1_048_576);
  });

  it("never runs with a sandbox that is not enforced", async () => {
    const shop = await Shop.with({
      "t/SKILL.md": tool(
        "  command: node\n  args: [-e, \"require('fs').writeFileSync('ran','')\"]\n  sandbox: {profile: readonly}\n",
      ),
      "u/SKILL.md": tool("  command: echo\n  sandbox: {profile: unrestricted-local-dev}\n"),
    });
    const ran = await shop.run(["run", "t"]);
    // With bubblewrap the program runs and cannot write; without it the step is refused. Neither leaves the file.
    expect(ran.exit).toBe(5);
    expect(() => shop.read("t/ran")).toThrow(/ENOENT/);
    const free = await shop.run(["run", "u"]);
    expect([free.exit, free.outcome["error"]]).toEqual([5, { class: "capability" }]);
  });
});
