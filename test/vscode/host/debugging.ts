/** The debugger as other extensions and VS Code itself use it: breakpoints of every kind, children, launch.json. */
import assert from "node:assert/strict";
import type * as vscode from "vscode";
import type { Case, Host } from "./case.ts";

const LOOP = "stepping/loop.toml";
const texts: Readonly<Record<string, string>> = {
  [LOOP]: `name = "loop"

[[start_nodes]]
name = "main"
source = "manual"
entry_node = "count"

[[nodes]]
id = "count"
type = "template_render"
input_from = "trigger"
template = "round of {{who}}"

[[nodes]]
id = "again"
type = "condition"
expr = "trigger.again"

[[nodes]]
id = "both"
type = "parallel"
branches = [{ workflow = "inner.toml" }, { workflow = "inner.toml" }]

[[edges]]
from = "count"
to = "again"

[[edges]]
from = "again"
to = "count"
when = "true" # once more
max_iterations = 3

[[edges]]
from = "again"
to = "both"
when = "false" # side by side
`,
  "stepping/inner.toml": `name = "inner"

[[start_nodes]]
name = "main"
source = "manual"
entry_node = "greet"

[[nodes]]
id = "greet"
type = "template_render"
input_from = "trigger"
template = "hello"
`,
};

interface Message {
  readonly type: string;
  readonly event?: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** One session and what its adapter has said; ended, with its breakpoints, when the test is over. */
class Debugged {
  readonly session: vscode.DebugSession;
  private readonly host: Host;
  private readonly said: Message[];
  private stops = 0;

  private constructor(host: Host, session: vscode.DebugSession, said: Message[]) {
    this.host = host;
    this.session = session;
    this.said = said;
  }

  static async of(host: Host, input: object, test: (debugged: Debugged) => Promise<void>): Promise<void> {
    const { debug, workspace } = host.vscode;
    const said: Message[] = [];
    const tracker = debug.registerDebugAdapterTrackerFactory("countersign", {
      createDebugAdapterTracker: () => ({ onDidSendMessage: (message: Message) => said.push(message) }),
    });
    let started: vscode.DebugSession | null = null;
    const starts = debug.onDidStartDebugSession((session) => (started = session));
    try {
      const configuration = { type: "countersign", request: "launch", name: "Loop", program: LOOP, input };
      assert.ok(await debug.startDebugging(workspace.workspaceFolders?.[0], configuration));
      const session = await host.until("the session", () => started);
      await test(new Debugged(host, session, said));
    } finally {
      await debug.stopDebugging();
      await host.until("the session's end", () => debug.activeDebugSession === undefined);
      debug.removeBreakpoints(debug.breakpoints);
      starts.dispose();
      tracker.dispose();
    }
  }

  /** Waits for the next stop and gives its reason. */
  async stopped(): Promise<string> {
    const stops = () => this.said.filter(({ event }) => event === "stopped");
    const stop = await this.host.until(`stop ${this.stops + 1}`, () => stops()[this.stops]);
    this.stops++;
    return String(stop.body?.["reason"]);
  }

  /** Asks for it and for the stop that it leads to. */
  async go(command: string, args: object = {}): Promise<string> {
    await this.session.customRequest(command, { threadId: await this.thread(), ...args });
    return this.stopped();
  }

  async threads(): Promise<readonly { readonly id: number; readonly name: string }[]> {
    const { threads } = (await this.session.customRequest("threads")) as {
      threads: readonly { readonly id: number; readonly name: string }[];
    };
    return threads;
  }

  /** The names on the call stack of a thread, by default the one that stopped last; the innermost first. */
  async stack(thread?: number): Promise<readonly { readonly id: number; readonly name: string }[]> {
    const { stackFrames } = (await this.session.customRequest("stackTrace", {
      threadId: thread ?? (await this.thread()),
    })) as { stackFrames: readonly { readonly id: number; readonly name: string }[] };
    return stackFrames;
  }

  async value(expression: string): Promise<string> {
    const frameId = (await this.stack())[0]?.id;
    const { result } = (await this.session.customRequest("evaluate", { expression, frameId, context: "watch" })) as {
      result: string;
    };
    return result;
  }

  /** A variable where the session stands, as VS Code's view shows it. */
  async variable(scope: string, name: string): Promise<string> {
    const frameId = (await this.stack())[0]?.id;
    const { scopes } = (await this.session.customRequest("scopes", { frameId })) as {
      scopes: readonly { readonly name: string; readonly variablesReference: number }[];
    };
    const variablesReference = scopes.find((one) => one.name === scope)?.variablesReference;
    const { variables } = (await this.session.customRequest("variables", { variablesReference })) as {
      variables: readonly { readonly name: string; readonly value: string }[];
    };
    return variables.find((one) => one.name === name)?.value ?? "";
  }

  /** What stands in the debug console. */
  console(): string {
    return this.said.map(({ event, body }) => (event === "output" ? String(body?.["output"]) : "")).join("");
  }

  private async thread(): Promise<number> {
    const last = this.said.findLast(({ event }) => event === "stopped")?.body?.["threadId"];
    return typeof last === "number" ? last : ((await this.threads())[0]?.id ?? 0);
  }
}

/** Sets a breakpoint at the line with this text. */
function at(host: Host, text: string, more: { condition?: string; hit?: string; log?: string } = {}): void {
  const { vscode, folder } = host;
  const line = (texts[LOOP] ?? "").split("\n").findIndex((one) => one.includes(text));
  assert.ok(line >= 0, `no line has ${text}`);
  const place = new vscode.Location(vscode.Uri.joinPath(folder, LOOP), new vscode.Position(line, 0));
  const { condition, hit, log } = more;
  vscode.debug.addBreakpoints([new vscode.SourceBreakpoint(place, true, condition, hit, log)]);
}

export const debuggingCases: readonly Case[] = [
  {
    name: "a breakpoint with a hit count stops in that round of a loop",
    async run(host) {
      for (const [file, text] of Object.entries(texts))
        await host.vscode.workspace.fs.writeFile(host.vscode.Uri.joinPath(host.folder, file), Buffer.from(text));
      await host.show(LOOP);
      at(host, 'id = "count"', { hit: "3" });
      await Debugged.of(host, { who: "ada", again: true }, async (debugged) => {
        assert.equal(await debugged.stopped(), "breakpoint");
        assert.match((await debugged.stack())[0]?.name ?? "", /^count/);
        // The edge that leads here a third time is taken as the node is entered.
        assert.match(await debugged.variable("Run", "loops"), /again → count \(true\)":"1 of 3"/);
      });
    },
  },
  {
    name: "a condition is asked, a log message is written without a stop, and a branch has a breakpoint of its own",
    async run(host) {
      at(host, 'id = "count"', { log: "round for {{trigger.who}}" });
      at(host, 'id = "again"', { condition: 'count.rendered == "round of bob"' });
      at(host, "# once more");
      await Debugged.of(host, { who: "ada", again: true }, async (debugged) => {
        assert.equal(await debugged.stopped(), "breakpoint");
        assert.match((await debugged.stack())[0]?.name ?? "", /^count/, "it stops where the edge is taken");
        assert.equal(debugged.console().match(/round for ada/g)?.length, 2);
        assert.equal(await debugged.value("again.value"), "true");
        assert.equal(await debugged.value('count.rendered contains "ada" && !missing.field'), "true");
      });
    },
  },
  {
    name: "Step Into goes into the children, which are threads with their own call stacks, and Step Back comes out again",
    async run(host) {
      at(host, 'id = "both"');
      await Debugged.of(host, { who: "ada", again: false }, async (debugged) => {
        await debugged.stopped();
        await debugged.go("stepIn");
        assert.match((await debugged.stack())[0]?.name ?? "", /^greet/);
        assert.deepEqual(
          (await debugged.stack()).map(({ name }) => name.replace(/[^a-z].*$/, "")),
          ["greet", "both"],
        );
        assert.ok((await debugged.threads()).length >= 2);
        await debugged.go("stepBack");
        assert.match((await debugged.stack())[0]?.name ?? "", /^both/);
      });
    },
  },
  {
    name: "launch.json offers our type and its properties",
    async run(host) {
      const { vscode, folder } = host;
      const file = ".vscode/launch.json";
      const text = `{ "version": "0.2.0", "configurations": [{ "type": "countersign", "request": "launch", "name": "x",  }] }`;
      await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(folder, file), Buffer.from(text));
      const document = await host.show(file);
      const position = document.positionAt(text.indexOf("  }]") + 1);
      const labels = await host.until("the properties", async () => {
        const list = await vscode.commands.executeCommand<vscode.CompletionList>(
          "vscode.executeCompletionItemProvider",
          document.uri,
          position,
        );
        const found = list.items.map(({ label }) => (typeof label === "string" ? label : label.label));
        return found.includes("fixture") && found;
      });
      for (const property of ["program", "start", "input", "inputFile", "fixture", "assume", "stopOnEntry", "live"])
        assert.ok(labels.includes(property), `${property} is offered`);
      await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
      await vscode.workspace.fs.delete(vscode.Uri.joinPath(folder, ".vscode"), { recursive: true });
    },
  },
];
