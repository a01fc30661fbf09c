import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decisionsOf, drawDocument, isDrawn, openDocuments } from "../../../src/runtime/canvas/index.ts";

describe("decisions on the canvas", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(path.join(os.tmpdir(), "countersign-decisions-")));
    for (const name of ["data", "flows"]) await mkdir(path.join(folder, name));
    await writeFile(path.join(folder, "data/tool.sh"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ["the workspace folder", true, "Allow"],
    ["the document's own folder where there is none", false, "Deny"],
  ])("look at paths as a run does: relative ones begin at %s", async (_what, inWorkspace, decision) => {
    const file = path.join(folder, "flows/g.toml");
    const text =
      'name = "g"\n[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "load"\n' +
      '[[nodes]]\nid = "load"\ntype = "shell_run"\ncommand = "data/tool.sh"\nargs_from = "trigger.args"\n' +
      `[policy.shell]\ncommands = ["${folder}/data/tool.sh"]\n`;
    const state = drawDocument(text, file, openDocuments(), null);
    if (!isDrawn(state)) throw new Error("the sample is drawn");
    const workspaceFolder = inWorkspace ? folder : null;
    const decided = await decisionsOf(state, { file, workspaceFolder, env: {}, environment: null, opened: () => null });
    expect(decided).toMatchObject([{ node: "load", decision }]);
  });
});
