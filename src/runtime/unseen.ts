/** Effects prepared without a look at the machine: for replays and tests, where nothing is performed. */
import type { Effect, PreparedEffect } from "../effects/effect.ts";
import { lexicalPath } from "../governance/static/path-pattern.ts";

/** An effect as far as its own words go. Relative paths are below `cwd`. */
export function prepareUnseen(effect: Effect, cwd: string): PreparedEffect {
  const description = lexical(effect, cwd);
  return { effect, description, target: targetOf(effect, description) };
}

/** An effect as far as its own words go, without a look at the machine. */
export function lexical(effect: Effect, cwd: string): PreparedEffect["description"] {
  switch (effect.kind) {
    case "fs.read":
    case "fs.write":
    case "fs.mkdir":
      return { kind: effect.kind, path: effect.path, real_path: lexicalPath(effect.path, cwd) };
    case "env.read":
      return { kind: effect.kind, key: effect.key };
    case "http.request":
      return { kind: effect.kind, method: effect.method, url: effect.url };
    case "shell.run": {
      const real = effect.program.includes("/") ? lexicalPath(effect.program, cwd) : effect.program;
      return { kind: effect.kind, program: effect.program, real_path: real, args: effect.args };
    }
    case "mcp.tool":
      return { kind: effect.kind, server: effect.server, tool: effect.tool };
    case "mcp.resource":
      return { kind: effect.kind, server: effect.server, uri: effect.uri };
    case "model.call":
      return { kind: effect.kind, backend: effect.backend };
  }
}

/** The string that lists are asked about (see {@link PreparedEffect.target}). */
export function targetOf(effect: Effect, description: PreparedEffect["description"]): string {
  const text = (key: string, fallback: string): string => {
    const value = description[key];
    return typeof value === "string" ? value : fallback;
  };
  switch (effect.kind) {
    case "fs.read":
    case "fs.write":
    case "fs.mkdir":
      return text("real_path", effect.path);
    case "env.read":
      return effect.key;
    case "http.request":
      return text("url", effect.url);
    case "shell.run":
      return text("real_path", effect.program);
    case "mcp.tool":
      return effect.tool;
    case "mcp.resource":
      return effect.uri;
    case "model.call":
      return effect.backend;
  }
}
