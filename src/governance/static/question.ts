/**
 * What governance asks about: an effect reduced to the parts that rules look at, and how messages name it
 * (spec/workflow.md §7.4).
 */
import { perObject } from "../../graph/memo.ts";
import { parseUrl } from "./url-pattern.ts";
import type { McpServer } from "../../graph/model.ts";
import { ordinaryVariables, type PreparedEffect } from "../../effects/effect.ts";

/** An effect as policies see it. `null` parts could not be found out; rules that need them deny. */
export type Question =
  | {
      readonly family: "fs.read" | "fs.write";
      readonly path: string;
      readonly real: string | null;
      readonly tool: string;
    }
  | { readonly family: "env.read"; readonly key: string; readonly tool: string }
  | {
      readonly family: "http.request";
      readonly method: string;
      /** As the document has it, for messages. */
      readonly shown: string;
      /** Normalised: what is connected to. */
      readonly url: string;
      readonly addresses: readonly string[];
      /** The class of all addresses; null when the name has not been or could not be resolved. */
      readonly addressClass: string | null;
      readonly tool: string;
    }
  | {
      readonly family: "shell.run";
      readonly program: string;
      readonly real: string | null;
      /** Variables of the operator that the program is handed beyond what every program gets. */
      readonly inherited: readonly string[];
      readonly tool: string;
    }
  | {
      readonly family: "mcp.tool" | "mcp.resource";
      readonly server: string | null;
      /** What the server is started with, as {@link serverIdentity} writes it; null when nobody knows. */
      readonly identity: string | null;
      readonly name: string;
      readonly tool: string;
    }
  | { readonly family: "model.call"; readonly backend: string; readonly tool: string };

/** The tool's name in messages: the node's kind, and in an agent loop the loop's tool. */
const loopTools: Readonly<Record<PreparedEffect["effect"]["kind"], string>> = {
  "fs.read": "read_file",
  "fs.write": "write_file",
  "fs.mkdir": "create_dir",
  "env.read": "read_env",
  "http.request": "http_request",
  "shell.run": "shell_run",
  "mcp.tool": "call_mcp_tool",
  "mcp.resource": "read_mcp_resource",
  "model.call": "agent_loop",
};

/** The question that a prepared effect puts. */
export function questionOf(prepared: PreparedEffect, nodeKind: string): Question {
  return questionsOf(prepared)(nodeKind);
}

/** An effect is asked about more than once (dry and live, before and after an approval); it is looked at once. */
const questionsOf = perObject((prepared: PreparedEffect): ((nodeKind: string) => Question) => {
  let last: { readonly nodeKind: string; readonly question: Question } | null = null;
  return (nodeKind) => {
    if (last?.nodeKind !== nodeKind) last = { nodeKind, question: made(prepared, nodeKind) };
    return last.question;
  };
});

/** The URL of a question, in its parts; null for one that no client could ask for. */
export const urlOf = perObject((question: Extract<Question, { family: "http.request" }>) => parseUrl(question.url));

function made(prepared: PreparedEffect, nodeKind: string): Question {
  const { effect, description } = prepared;
  const tool = nodeKind === "agent_loop" ? loopTools[effect.kind] : nodeKind;
  const text = (key: string): string | null => {
    const value = description[key];
    return typeof value === "string" ? value : null;
  };
  switch (effect.kind) {
    case "fs.read":
      return { family: "fs.read", path: effect.path, real: text("real_path"), tool };
    case "fs.write":
    case "fs.mkdir":
      return { family: "fs.write", path: effect.path, real: text("real_path"), tool };
    case "env.read":
      return { family: "env.read", key: effect.key, tool };
    case "http.request": {
      const list = description["addresses"];
      const address = text("address");
      const addresses = Array.isArray(list) ? list.filter((one) => typeof one === "string") : [];
      return {
        family: "http.request",
        method: effect.method.toUpperCase(),
        shown: effect.url,
        url: text("url") ?? effect.url,
        addresses: addresses.length > 0 || address === null ? addresses : [address],
        addressClass: text("address_class"),
        tool,
      };
    }
    case "shell.run": {
      // A command that fetches a secret gets the whole environment by its definition; its program is what is asked about.
      const inherited = nodeKind === "secret" ? [] : handedOn(effect.inheritEnv);
      return { family: "shell.run", program: effect.program, real: text("real_path"), inherited, tool };
    }
    case "mcp.tool":
    case "mcp.resource": {
      const command = description["server_command"];
      const env = description["server_env"];
      return {
        family: effect.kind,
        server: text("server") ?? effect.server,
        identity: isTexts(command) && isTexts(env) ? JSON.stringify([command, [...env].sort()]) : null,
        name: effect.kind === "mcp.tool" ? effect.tool : effect.uri,
        tool,
      };
    }
    case "model.call":
      return { family: "model.call", backend: effect.backend, tool };
  }
}

/** What a program is handed of the operator's environment that a rule has to allow: reading it there is reading it. */
export function handedOn(inheritEnv: readonly string[]): readonly string[] {
  return inheritEnv.filter((name) => !ordinaryVariables.includes(name));
}

/** What makes two servers of one name the same server: command and environment, secrets by name. */
export function serverIdentity(server: Pick<McpServer, "command" | "env">): string {
  const env = Object.entries(server.env).map(([variable, secret]) => `${variable}={{secret:${secret}}}`);
  return JSON.stringify([server.command, env.sort()]);
}

/** How a decision of the table begins, which need not be a denial; `reason` follows. */
export function decisionText(question: Question, reason: string, inLoop: boolean): string {
  const isFile = question.family === "fs.read" || question.family === "fs.write";
  if (isFile && !inLoop) return `${question.tool} on ${question.path}: ${reason}`;
  return inLoop ? `${question.tool}: ${reason}` : denialText(question, reason, false);
}

/** How a denial begins (spec/workflow.md §7.4); `reason` follows. */
export function denialText(question: Question, reason: string, inLoop: boolean): string {
  if (inLoop && question.family !== "mcp.tool" && question.family !== "mcp.resource")
    return `${question.tool} denied: ${reason}`;
  switch (question.family) {
    case "fs.read":
    case "fs.write":
      return `${question.tool} denied on ${question.path}: ${reason}`;
    case "env.read":
      return `${question.tool} \`${question.key}\`: ${reason}`;
    case "http.request":
      return `${question.tool} \`${question.method} ${question.shown}\`: ${reason}`;
    case "shell.run":
      return `${question.tool} \`${question.real ?? question.program}\`: ${reason}`;
    case "mcp.tool":
    case "mcp.resource":
      return `${question.tool} \`${question.name}\` on server \`${question.server ?? ""}\`: ${reason}`;
    case "model.call":
      return `${question.tool} model \`${question.backend}\`: ${reason}`;
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
