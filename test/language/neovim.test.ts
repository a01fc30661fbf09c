/**
 * An editor that is not ours: Neovim without a screen, set up with the snippet of docs/editors.md. Skipped where
 * Neovim is not installed (Debian: `apt-get install neovim`).
 */
import { execFile, spawnSync } from "node:child_process";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../examples/support.ts";
import { bundledProgram, scratchFolder } from "./program.ts";

const hasNeovim = spawnSync("nvim", ["--version"]).status === 0;
let program: Awaited<ReturnType<typeof bundledProgram>>;

beforeAll(async () => {
  if (hasNeovim) program = await bundledProgram();
});
afterAll(() => (hasNeovim ? program.remove() : undefined));

const workflow = `name = "w"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "load"
[policy]
fs = { read = ["/data/**"] }
[[nodes]]
id = "load"
type = "read_file"
path_from = "trigger.path"
[[nodes]]
id = "parse"
type = "parse_json"
input_from = "laod.content"
[[edges]]
from = "load"
to = "parse"
`;

/** What the editor is told to do: it waits for conditions, and writes what it sees as JSON. */
const script = `
local seen = {}
local function until_(condition)
  if not vim.wait(20000, condition, 20) then error("waited in vain: " .. vim.inspect(seen)) end
end
local ok, problem = pcall(function()
  vim.cmd("edit w.toml")
  vim.cmd("doautocmd FileType")
  until_(function() return #vim.diagnostic.get(0) > 0 end)
  for _, one in ipairs(vim.diagnostic.get(0)) do
    seen.diagnostics = seen.diagnostics or {}
    table.insert(seen.diagnostics, { code = one.code or (one.user_data and one.user_data.lsp.code), line = one.lnum, source = one.source })
  end
  vim.api.nvim_buf_set_lines(0, 14, 15, false, { 'input_from = "load.content"' })
  until_(function() return #vim.diagnostic.get(0) == 0 end)
  vim.api.nvim_win_set_cursor(0, { 15, 16 })
  local hover = vim.lsp.buf_request_sync(0, "textDocument/hover", vim.lsp.util.make_position_params(), 10000)
  for _, answer in pairs(hover or {}) do seen.hover = vim.inspect(answer.result) end
  vim.lsp.buf.rename("fetch")
  until_(function() return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\\n"):find("fetch.content", 1, true) ~= nil end)
  seen.text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\\n")
end)
if not ok then seen.problem = problem end
local file = io.open("seen.json", "w")
file:write(vim.fn.json_encode(seen))
file:close()
vim.cmd("qa!")
`;

test.skipIf(!hasNeovim)(
  "Neovim shows diagnostics, hovers and renames with the snippet of docs/editors.md (needs `nvim`)",
  async () => {
    const page = await readFile(path.join(root, "docs/editors.md"), "utf8");
    const snippet = /test\/language\/neovim\.test\.ts -->\s*```lua\n([^]*?)```/.exec(page)?.[1];
    if (snippet === undefined) throw new Error("docs/editors.md has no tested snippet");
    const folder = await scratchFolder();
    const bin = path.join(folder, "bin");
    await mkdir(bin);
    await writeFile(path.join(bin, "countersign"), `#!/bin/sh\nexec "${process.execPath}" "${program.file}" "$@"\n`);
    await chmod(path.join(bin, "countersign"), 0o755);
    await writeFile(path.join(folder, "w.toml"), workflow);
    await writeFile(path.join(folder, "init.lua"), snippet);
    await writeFile(path.join(folder, "session.lua"), script);
    const env = {
      ...process.env,
      PATH: `${bin}:${process.env["PATH"] ?? ""}`,
      HOME: folder,
      XDG_CONFIG_HOME: folder,
      XDG_STATE_HOME: folder,
      XDG_DATA_HOME: folder,
      XDG_CACHE_HOME: folder,
    };
    await promisify(execFile)("nvim", ["--headless", "-n", "-u", "init.lua", "-S", "session.lua"], {
      cwd: folder,
      env,
      timeout: 60_000,
    });
    const seen = JSON.parse(await readFile(path.join(folder, "seen.json"), "utf8")) as {
      readonly problem?: string;
      readonly diagnostics?: readonly unknown[];
      readonly hover?: string;
      readonly text?: string;
    };
    expect(seen.problem).toBeUndefined();
    expect(seen.diagnostics).toEqual([{ code: "unknown_reference", line: 14, source: "countersign" }]);
    expect(seen.hover).toContain("load");
    expect(`${seen.text ?? ""}\n`).toBe(
      workflow.replaceAll('"load"', '"fetch"').replace("laod.content", "fetch.content"),
    );
  },
  90_000,
);
