/** Servers, secret commands and token fetches of real runs: decided, journalled, then started. */
import { createHash } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { nodeFiles, type AppendFile, type JournalFiles } from "../../src/connect/journal/file.ts";
import { readRun } from "../../src/connect/journal/reader.ts";
import type { JournalEvent } from "../../src/effects/events.ts";
import { loadDocument } from "../../src/runtime/documents.ts";
import { execute } from "../../src/runtime/execute.ts";
import { explainRun } from "../../src/runtime/model-tools/explain.ts";
import { DecisionFold } from "../../src/runtime/ops/policy-audit.ts";
import { runSettings } from "../durability/settings.ts";
import { Bench, head, server } from "./workflow-cli.ts";

const canary = "canary-provision-4c7a9e";
const env = { PATH: process.env["PATH"] ?? "", CANARY: canary };

/** A server that leaves a line for each of its processes and ends when its tool `die` is called. */
const SERVER = String.raw`
const { appendFileSync } = require("node:fs");
appendFileSync(process.argv[2], "started\n");
const send = (message) => process.stdout.write(JSON.stringify(message) + "\n");
let buffer = "";
process.stdin.on("data", (chunk) => {
  buffer += chunk;
  for (let at = buffer.indexOf("\n"); at >= 0; at = buffer.indexOf("\n")) {
    const message = JSON.parse(buffer.slice(0, at));
    buffer = buffer.slice(at + 1);
    const { id, method, params } = message;
    const info = { capabilities: { tools: {} }, serverInfo: { name: "x", version: "0" } };
    if (method === "initialize") send({ jsonrpc: "2.0", id, result: { protocolVersion: params.protocolVersion, ...info } });
    if (method !== "tools/call") continue;
    if (params.name === "die") process.exit(1);
    send({ jsonrpc: "2.0", id, result: { content: [{ type: "text", text: "fine" }] } });
  }
});
`;

/** A folder with the server and a command that prints a secret; both leave lines when they are started. */
class Place extends Bench {
  constructor() {
    super();
    this.write("server.cjs", SERVER);
    this.write(
      "secret.cjs",
      `require("node:fs").appendFileSync(process.argv[2], "asked\\n");console.log(process.env.CANARY);`,
    );
  }

  get servers(): string {
    const command = [process.execPath, this.path("server.cjs"), this.path("servers.log")];
    return `[[mcp_servers]]\nname = "test"\ncommand = ${JSON.stringify(command)}\nallow_tools = ["*"]\n`;
  }

  get secretCommand(): string {
    const argv = [process.execPath, this.path("secret.cjs"), this.path("secrets.log")];
    return `[[secrets]]\nname = "TOK"\nsource = "command"\nargv = ${JSON.stringify(argv)}\n`;
  }

  /** With a place for keys, so that receipts are made. */
  readonly env = { ...env, HOME: this.path("home"), XDG_CONFIG_HOME: this.path("home/.config") };

  lines(name: string): number {
    return existsSync(this.path(name)) ? readFileSync(this.path(name), "utf8").split("\n").length - 1 : 0;
  }

  /** The text of all receipts, which agree with themselves. */
  async receipts(): Promise<string> {
    const verified = await this.command(["verify", "state/receipts", "--json"], this.env);
    expect(verified.outcome, verified.err).toMatchObject({ trees: [{ integrity: { valid: true } }] });
    const files = readdirSync(this.path("state/receipts"), { recursive: true, withFileTypes: true });
    return files
      .filter((one) => one.isFile())
      .map((one) => readFileSync(`${one.parentPath}/${one.name}`, "utf8"))
      .join("\n");
  }

  async events(run = "r"): Promise<JournalEvent[]> {
    const events: JournalEvent[] = [];
    const read = await readRun(this.path("state"), run, { onEvent: (event) => void events.push(event) });
    expect(read.ok).toBe(true);
    return events;
  }
}

const kept = ["--state-dir", "state", "--run-id", "r"];
const call = (id: string, tool: string, more = ""): string =>
  `[[nodes]]\nid = "${id}"\ntype = "call_mcp_tool"\ntool = "${tool}"\n${more}`;
const edge = (from: string, to: string, more = ""): string => `[[edges]]\nfrom = "${from}"\nto = "${to}"\n${more}`;
const get = (id: string): string =>
  `[[nodes]]\nid = "${id}"\ntype = "http_request"\nmethod = "GET"\nurl_from = "trigger.url"\nheaders = { Authorization = "Bearer {{secret:TOK}}" }\n`;

const decided = (events: readonly JournalEvent[]) => events.filter((event) => event.type === "provision.decided");
const places = (events: readonly JournalEvent[]): string[] =>
  events.flatMap((event) => {
    if (event.type === "provision.decided") return [`${event.what} ${event.name} ${event.decision}`];
    return event.type === "effect.started" || event.type === "effect.ended" ? [`${event.type} ${event.act.node}`] : [];
  });

describe("an MCP server", () => {
  it("has its start journalled once, before the tool's end, and again when it was lost and is started anew", async () => {
    const at = new Place();
    const flow = `${call("a", "ok")}${call("b", "ok")}${call("c", "die", 'in_doubt = "fail"\non_error = "branch"\n')}${call("d", "ok")}`;
    const ways = `${edge("a", "b")}${edge("b", "c")}${edge("c", "d", 'when = "error"\n')}`;
    const ran = await at.run(flow + ways + at.servers, null, kept, env);
    expect(ran.exit, ran.err).toBe(0);
    const events = await at.events();
    expect(places(events)).toEqual([
      "effect.started a",
      "mcp_server test Allow",
      "effect.ended a",
      "effect.started b",
      "effect.ended b",
      "effect.started c",
      "effect.ended c",
      // In doubt first, then given up.
      "effect.ended c",
      "effect.started d",
      "mcp_server test Allow",
      "effect.ended d",
    ]);
    expect(at.lines("servers.log")).toBe(2);
    const [first, second] = decided(events);
    expect(first).toMatchObject({
      document: at.path("workflow.toml"),
      act: { frame: "", node: "a", visit: 1, attempt: 1 },
      kind: "shell.run",
      code: "allow_all",
      description: { program: process.execPath, server: "test" },
    });
    expect(second?.act?.node).toBe("d");
    expect(second?.digest).not.toBe(first?.digest);
  });

  it("is told of by inspect, to models, by the policy audit and by receipts that verify", async () => {
    const at = new Place();
    expect((await at.run(call("a", "ok") + at.servers, null, kept, at.env)).exit).toBe(0);
    const shown = await at.command(["inspect", "r", "--state-dir", "state"], at.env);
    expect(shown.out).toContain("provision    MCP server test for a#1.1: Allow (allow_all)");
    expect(await explainRun(at.path("state"), "r")).toMatchObject({
      value: { decisions: [{ effect: "mcp.tool" }, { node: "a", effect: "mcp_server", code: "allow_all" }] },
    });
    const audit = new DecisionFold();
    for (const event of await at.events()) audit.add(event);
    expect(audit.decisions.map(({ effect, x_countersign: { provision } }) => [effect, provision?.name])).toEqual([
      ["mcp.tool", undefined],
      ["shell.run", "test"],
    ]);
    expect(await at.receipts()).toContain('"uri":"countersign:effect:mcp_server"');
  });

  it("is not started when the operator's list leaves it out, which the journal tells", async () => {
    const at = new Place();
    at.write("countersign.toml", '[allow.shell]\ncommands = ["/nowhere/*"]\n');
    const ran = await at.run(call("a", "ok") + at.servers, null, kept, env);
    expect(ran.exit).toBe(5);
    expect(ran.outcome).toMatchObject({ error: { class: "policy" } });
    expect(ran.err).toContain("MCP server test refused (allowlist)");
    expect(at.lines("servers.log")).toBe(0);
    const events = await at.events();
    expect(places(events)).toEqual(["effect.started a", "mcp_server test Deny", "effect.ended a"]);
    expect(decided(events)[0]?.code).toBe("allowlist");
  });

  it("is decided about by its program's real path and digest, and starts where the list has that path", async () => {
    const at = new Place();
    const program = realpathSync(process.execPath);
    at.write("countersign.toml", `[allow.shell]\ncommands = [${JSON.stringify(program)}]\n`);
    const ran = await at.run(call("a", "ok") + at.servers, null, kept, env);
    expect(ran.exit, ran.err).toBe(0);
    const [start] = decided(await at.events());
    const digest = `sha256:${createHash("sha256").update(readFileSync(program)).digest("hex")}`;
    expect(start?.description).toMatchObject({ real_path: program, program_sha256: digest });
  });

  it("is not started when its program changed between the decision and the start", async () => {
    const at = new Place();
    const program = at.path("serve");
    at.write("serve", "#!/bin/sh\nexec true\n");
    chmodSync(program, 0o755);
    // What the server is handed comes from a command, which runs after the decision.
    const swap = `require("node:fs").appendFileSync(${JSON.stringify(program)}, "# another\\n");console.log("x");`;
    at.write("swap.cjs", swap);
    const argv = JSON.stringify([process.execPath, at.path("swap.cjs")]);
    const secrets = `[[secrets]]\nname = "TOK"\nsource = "command"\nargv = ${argv}\n`;
    const servers = `[[mcp_servers]]\nname = "test"\ncommand = ["${program}"]\nallow_tools = ["*"]\nenv = { TOK = "TOK" }\n`;
    const before = call("a", "ok") + servers + secrets;
    const ran = await at.run(before, null, kept, env);
    expect(ran.exit).toBe(5);
    expect(ran.outcome).toMatchObject({ error: { class: "mcp" } });
    expect(JSON.stringify(ran.outcome)).toContain("changed after its start was decided");
  });

  it("is neither started nor journalled by a dry run or by validate", async () => {
    const at = new Place();
    expect((await at.run(call("a", "ok") + at.servers, null, [...kept, "--dry-run"], env)).exit).toBe(0);
    expect(decided(await at.events())).toEqual([]);
    expect((await at.command(["validate", "workflow.toml"], env)).exit).toBe(0);
    expect(at.lines("servers.log")).toBe(0);
  });

  it("is not started when its decision cannot be made durable", async () => {
    const at = new Place();
    const file = at.write("workflow.toml", head + call("a", "ok") + at.servers);
    const loaded = await loadDocument(file, at.folder);
    if (!loaded.ok) throw new Error(loaded.message);
    const settings = runSettings({ cwd: at.folder, runId: "r", stateDir: at.path("state"), input: null });
    const executed = await execute(loaded.bundle, { ...settings, journalFiles: failingAt("provision.decided") });
    expect(executed).toMatchObject({ ok: true, run: { result: { journalFailure: { class: "io" } } } });
    expect(at.lines("servers.log")).toBe(0);
  });
});

/** The real disk, until a line that holds `text` is to be made durable. */
function failingAt(text: string): JournalFiles {
  const create = async (name: string): Promise<AppendFile> => {
    const file = await nodeFiles.create(name);
    let failing = false;
    return {
      append: (bytes) => {
        failing ||= Buffer.from(bytes).includes(text);
        return file.append(bytes);
      },
      datasync: () =>
        failing ? Promise.reject(Object.assign(new Error("i/o error"), { code: "EIO" })) : file.datasync(),
      close: () => file.close(),
    };
  };
  return { ...nodeFiles, create };
}

describe("a secret", () => {
  it("has its command's start journalled once, by name, and the value stands nowhere", async () => {
    const at = new Place();
    const web = await server((seen, response) => response.end(seen.headers.authorization));
    const ran = await at.run(
      `${get("a")}${get("b")}${edge("a", "b")}${at.secretCommand}`,
      { url: web.base },
      kept,
      env,
    );
    expect(ran.exit, ran.err).toBe(0);
    expect(web.seen.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${canary}`, `Bearer ${canary}`]);
    expect(places(await at.events()).slice(0, 3)).toEqual(["effect.started a", "secret TOK Allow", "effect.ended a"]);
    expect(decided(await at.events())).toHaveLength(1);
    expect(at.lines("secrets.log")).toBe(1);
    const journal = at.read("state/runs/r/journal.1.jsonl");
    expect(journal).not.toContain(canary);
    expect(ran.out + ran.err).not.toContain(canary);
  });

  it("that is refused is not fetched, and the effect fails with class policy", async () => {
    const at = new Place();
    at.write("countersign.toml", '[allow.shell]\ncommands = ["/nowhere/*"]\n');
    const web = await server((_seen, response) => response.end());
    const ran = await at.run(get("a") + at.secretCommand, { url: web.base }, kept, env);
    expect(ran.outcome).toMatchObject({ error: { class: "policy" } });
    expect(at.lines("secrets.log")).toBe(0);
    expect(web.seen).toEqual([]);
    expect(decided(await at.events())).toMatchObject([
      { what: "secret", name: "TOK", decision: "Deny", code: "allowlist" },
    ]);
  });

  it("that a server needs fails the call with the refusal's own class", async () => {
    const at = new Place();
    at.write("countersign.toml", `[allow.http]\nurls = ["https://elsewhere.test/*"]\n`);
    const token = `[[secrets]]\nname = "TOK"\nsource = "oauth2"\ntoken_url = "http://127.0.0.1:1/"\nclient_id_env = "ID"\nclient_secret_env = "CANARY"\n`;
    const workflow = `${call("a", "ok")}${at.servers}env = { TOKEN = "TOK" }\n${token}`;
    const ran = await at.run(workflow, null, kept, { ...env, ID: "client" });
    expect(ran.outcome).toMatchObject({ error: { class: "policy" } });
    expect(decided(await at.events())).toMatchObject([
      { what: "mcp_server", decision: "Allow", description: { server_env: ["TOKEN={{secret:=TOK}}"] } },
      { what: "secret", name: "TOK", kind: "http.request", decision: "Deny", act: { node: "a" } },
    ]);
    expect(at.lines("servers.log")).toBe(0);
  });

  it("that is a token has its request journalled before it leaves", async () => {
    const at = new Place();
    let before: string[] = [];
    const tokens = await server((_seen, response) => {
      before = at
        .read("state/runs/r/journal.1.jsonl")
        .split("\n")
        .filter((line) => line.includes('"provision.decided"'));
      response.end(JSON.stringify({ access_token: "granted-token-91", expires_in: 3600 }));
    });
    const web = await server((seen, response) => response.end(seen.headers.authorization));
    const token = `[[secrets]]\nname = "TOK"\nsource = "oauth2"\ntoken_url = "${tokens.base}"\nclient_id_env = "ID"\nclient_secret_env = "CANARY"\n`;
    const ran = await at.run(get("a") + token, { url: web.base }, kept, { ...env, ID: "client-of-mine" });
    expect(ran.exit, ran.err).toBe(0);
    expect(web.seen[0]?.headers.authorization).toBe("Bearer granted-token-91");
    expect(before).toHaveLength(1);
    const journal = at.read("state/runs/r/journal.1.jsonl");
    for (const value of [canary, "granted-token-91"]) expect(journal).not.toContain(value);
  });

  it("that a resume reads again is journalled behind run.resumed, and what starts anew is decided anew", async () => {
    const at = new Place();
    const web = await server((seen, response) => response.end(seen.headers.authorization));
    const pause = '[[nodes]]\nid = "p"\ntype = "pause_for_approval"\nreason = "look"\n';
    const flow = `${get("a")}${call("m", "ok")}${pause}${call("n", "ok")}`;
    const ways = `${edge("a", "m")}${edge("m", "p")}${edge("p", "n")}`;
    const ran = await at.run(flow + ways + at.servers + at.secretCommand, { url: web.base }, kept, at.env);
    expect(ran.exit, ran.err).toBe(7);
    const ended = await at.command(["resume", "r", "--approve", "--state-dir", "state"], at.env);
    expect(ended.exit, ended.err).toBe(0);
    const events = await at.events();
    const resumed = events.slice(events.findIndex(({ type }) => type === "run.resumed"));
    expect(decided(resumed)).toMatchObject([
      { what: "secret", name: "TOK", act: null },
      { what: "mcp_server", act: { node: "n" } },
    ]);
    const types = resumed.map(({ type }) => type);
    expect(types.indexOf("provision.decided")).toBeLessThan(types.indexOf("node.entered"));
    expect([at.lines("servers.log"), at.lines("secrets.log")]).toEqual([2, 2]);
    expect(await at.receipts()).toContain('"purpose":"Decide about secret of the run"');
  });
});
