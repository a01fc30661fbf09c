/**
 * A step of the debugger in a dry run of 10,000 nodes, near its end, as an editor asks for it: the step, the stop, threads,
 * stack, scopes and what the node reads. In process, so that it is our share of what a person waits for.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { GraphDebugAdapter } from "../src/debug/adapter.ts";
import { debugHost } from "../src/runtime/debug/launch.ts";
import { short } from "./format.ts";
import { chainToml } from "./graphs.ts";
import { compare, type Contestant } from "./measure.ts";
import type { Row, Suite } from "./suite.ts";

const COUNT = 10_000;
/** Where the session stands when the clock starts. */
const AT = 9_000;
const STEPS = 20;
/** Milliseconds for a step with everything that an editor shows of it. */
const LIMIT = 50;

type Body = Readonly<Record<string, unknown>>;

/** A session that stands before the node {@link AT}. */
class Session {
  private readonly adapter: GraphDebugAdapter;
  private readonly folder: string;
  private answer: Body = {};
  private stops = 0;
  private wake: () => void = () => undefined;
  private seq = 0;

  private constructor(folder: string) {
    this.folder = folder;
    const host = debugHost({
      ...{ workspaceFolder: folder, env: {}, environment: null, opened: () => null, storage: null },
      refusal: () => null,
    });
    this.adapter = new GraphDebugAdapter(host, (message) => {
      if (message.type === "response" && "body" in message) this.answer = message.body as Body;
      if (!("event" in message) || message.event !== "stopped") return;
      this.stops++;
      this.wake();
    });
  }

  static async open(): Promise<Session> {
    const folder = await mkdtemp(path.join(process.cwd(), ".tmp", "bench-debugger-"));
    const file = path.join(folder, "chain.toml");
    const text = chainToml(COUNT, 'type = "template_render"\ninput_from = "trigger"\ntemplate = "text"');
    await writeFile(file, text);
    const session = new Session(folder);
    await session.ask("launch", { program: file });
    const line = text.split("\n").indexOf(`id = "n${AT}"`) + 1;
    await session.ask("setBreakpoints", { source: { path: file }, breakpoints: [{ line }] });
    await session.toStop("configurationDone");
    return session;
  }

  async ask(command: string, args: object = {}): Promise<Body> {
    await this.adapter.handle({ seq: ++this.seq, type: "request", command, arguments: args });
    return this.answer;
  }

  async toStop(command: string): Promise<void> {
    const before = this.stops;
    await this.ask(command, { threadId: 1 });
    if (this.stops > before) return;
    await new Promise<void>((resolve) => (this.wake = resolve));
  }

  /** What an editor asks for at every stop. */
  async look(scope: "Inputs" | "Outputs" = "Inputs"): Promise<void> {
    await this.ask("threads");
    const { stackFrames } = await this.ask("stackTrace", { threadId: 1 });
    const [top] = stackFrames as readonly { readonly id: number }[];
    const { scopes } = await this.ask("scopes", { frameId: top?.id });
    const listed = scopes as readonly { readonly name: string; readonly variablesReference: number }[];
    const { variablesReference } = listed.find(({ name }) => name === scope) ?? { variablesReference: 0 };
    await this.ask("variables", { variablesReference });
  }

  async close(): Promise<void> {
    await this.adapter.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Does something at a stop so many times. */
function repeated(times: number, once: (session: Session) => Promise<void>): () => Promise<Contestant> {
  return async () => {
    const session = await Session.open();
    return {
      round: async () => {
        for (let time = 0; time < times; time++) await once(session);
        return times;
      },
      close: () => session.close(),
    };
  };
}

const names = {
  step: "step over, with stack and what the node reads",
  back: "step back, the same",
  outputs: "the same with the list of outputs (a thousand of 9,000)",
  fork: "step back and on again: a fork of 9,000 nodes",
} as const;

export const stepping: Suite = {
  name: "debugger",
  about: "a step in a dry run of 10,000 nodes, forward and back",
  contestants: {
    step: repeated(STEPS, async (session) => {
      await session.toStop("next");
      await session.look();
    }),
    back: repeated(STEPS, async (session) => {
      await session.toStop("stepBack");
      await session.look();
    }),
    outputs: repeated(STEPS, async (session) => {
      await session.toStop("stepBack");
      await session.look("Outputs");
    }),
    fork: repeated(2, async (session) => {
      await session.toStop("stepBack");
      await session.toStop("next");
      await session.look();
    }),
  },
  async run() {
    const found = await compare("debugger", ["step", "back", "outputs", "fork"], { warmUps: 2, rounds: 9 });
    return (["step", "back", "outputs", "fork"] as const).map((name): Row => {
      const { median, low, high } = found[name].wall;
      const promised = name === "step" || name === "back";
      return {
        what: `debugger: ${names[name]} (wall)`,
        ours: `${short(median / 1000)} ms (${short(low / 1000)}–${short(high / 1000)})`,
        ...{ peer: null, ratio: null },
        target: promised ? `within ${LIMIT} ms` : null,
        met: promised ? median / 1000 <= LIMIT : null,
      };
    });
  },
};
