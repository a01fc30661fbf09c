import { describe, expect, it } from "vitest";
import { parseConfigFile, type ConfigFile, type ConfigLevel } from "../../src/config/file.ts";

/** The file's content; fails the test with the problems when there are some. */
function configOf(text: string, level: ConfigLevel = "workspace"): ConfigFile {
  const read = parseConfigFile(text, "/r/countersign.toml", level);
  if (!read.ok) throw new Error(read.problems.map((one) => one.message).join("; "));
  return read.config;
}

function problemsOf(text: string, level: ConfigLevel = "workspace") {
  const read = parseConfigFile(text, "/r/countersign.toml", level);
  return read.ok ? [] : read.problems;
}

describe("countersign.toml", () => {
  it("may say nothing", () => {
    expect(configOf("")).toMatchObject({
      stateDir: null,
      environment: null,
      sideEffects: null,
      replay: null,
      severities: {},
    });
    expect(Object.values(configOf("").allow).filter((list) => list !== null)).toEqual(["/r/countersign.toml"]);
  });

  it("says everything that its documentation shows", () => {
    const text = `
state_dir = ".countersign"
environment = "staging"
side_effects = "require_approval"
replay = "disabled"
[allow.fs]
read = ["/data/**"]
write = []
[allow.env]
read_keys = ["APP_*"]
[allow.http]
urls = ["https://*.internal/**"]
methods = ["GET"]
[allow.shell]
commands = ["/usr/bin/git"]
[allow.mcp]
tools = ["read_*"]
resources = []
[allow.models]
backends = ["default"]
[diagnostics]
policy_absent = "off"
`;
    expect(configOf(text)).toEqual({
      file: "/r/countersign.toml",
      level: "workspace",
      stateDir: ".countersign",
      environment: "staging",
      principal: null,
      sideEffects: "require_approval",
      replay: "disabled",
      allow: {
        from: "/r/countersign.toml",
        fsRead: ["/data/**"],
        fsWrite: [],
        envKeys: ["APP_*"],
        httpUrls: ["https://*.internal/**"],
        httpMethods: ["GET"],
        shellCommands: ["/usr/bin/git"],
        mcpTools: ["read_*"],
        mcpResources: [],
        modelBackends: ["default"],
      },
      keys: { trust: [], refreshPath: null },
      approvals: { needed: null, notRequester: null, expiresMs: null, approvers: null, trust: [] },
      severities: { policy_absent: "off" },
    });
    expect(configOf('principal = "user:a@b"', "user").principal).toBe("user:a@b");
  });

  it.each([
    ["an unknown key", 'enviroment = "dev"', "config_unknown_key", ["enviroment"], "did you mean `environment`"],
    [
      "an unknown nested key",
      "[allow.fs]\nreads = []",
      "config_unknown_key",
      ["allow", "fs", "reads"],
      "did you mean `read`",
    ],
    [
      "an unknown environment",
      'environment = "production"',
      "config_value",
      ["environment"],
      "must be one of `dev`, `staging`, `prod`",
    ],
    ["a wrong type", "environment = 1", "config_value", ["environment"], "must be one of"],
    [
      "a list that is text",
      '[allow.fs]\nread = "/a"',
      "config_value",
      ["allow", "fs", "read"],
      "must be a list of strings",
    ],
    [
      "an item that is no text",
      "[allow.fs]\nread = [1]",
      "config_value",
      ["allow", "fs", "read", 0],
      "must be a string",
    ],
    ["a date for a table", "allow = 2020-01-01", "config_value", ["allow"], "may not be a date"],
    ["text for a table", 'allow = "x"', "config_value", ["allow"], "must be a table"],
    ["an unknown severity", '[diagnostics]\nx = "loud"', "config_value", ["diagnostics", "x"], "must be one of"],
    ["an empty state folder", 'state_dir = ""', "config_value", ["state_dir"], "may not be empty"],
  ])("refuses %s at its place", (_name, text, code, path, message) => {
    const [problem, ...others] = problemsOf(text);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code, severity: "error", file: "/r/countersign.toml", at: { path } });
    expect(problem?.message).toContain(message);
  });

  it("gives the line and column of text that is no TOML", () => {
    const [problem] = problemsOf('a = 1\nb = "x\n');
    expect(problem).toMatchObject({ code: "config_syntax", at: { start: { line: 1 } } });
    expect(problem?.message).not.toContain("\n");
  });

  it("lets only the user's own file name a principal", () => {
    expect(problemsOf('principal = "user:root"')).toMatchObject([{ code: "config_operator_only" }]);
    expect(problemsOf('principal = "user: root"', "user")).toMatchObject([{ code: "config_value" }]);
  });

  it.each(["/var/runs", "~/runs", "../runs", "a/../../b", "C:\\runs", "\\\\host\\share", ".", "a/.."])(
    "refuses the workspace state folder %j",
    (path) => {
      expect(problemsOf(`state_dir = '${path}'`)).toMatchObject([{ code: "config_state_dir" }]);
      expect(problemsOf(`state_dir = '${path}'`, "user")).toEqual([]);
    },
  );
});
