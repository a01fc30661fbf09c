/**
 * The Debug Adapter Protocol over a session (spec/editor.md §5): requests in, responses and events out. It runs in
 * process, in an editor, or behind any transport (`countersign dap --stdio`).
 *
 * Boundary: knows no transport, file or editor; what it needs of the world it asks its host for.
 * Invariants: every request is answered once; a request that makes no sense changes nothing; errors come from
 * `problems.ts`.
 */
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Outcome } from "../effects/events.ts";
import { evaluate, parseExpression } from "./expression.ts";
import { logText, makeBreakpoint, type Breakpoint } from "./breakpoints.ts";
import type { FrameHistory } from "./history.ts";
import type { Breakable, DebugHost, Launched, LaunchRequest } from "./host.ts";
import { lookupAt } from "./look.ts";
import { problems, type Problem } from "./problems.ts";
import { scopesOf } from "./scopes.ts";
import { DebugSession, type SessionEvent, type Stop } from "./session.ts";
import { ROOT_THREAD, Threads, type StackStep } from "./threads.ts";
import { MAX_CHILDREN, preview, typeText, Variables, withMember, type Shown } from "./variables.ts";

type Body = Record<string, unknown> | undefined;
type Arguments = Readonly<Record<string, unknown>>;

/** Something that a request came to grief of. */
class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.format);
    this.problem = problem;
  }
}

interface Live {
  readonly launched: Launched;
  readonly session: DebugSession;
  readonly threads: Threads;
}

/** Exception filters, as clients show them. */
const filters: readonly DebugProtocol.ExceptionBreakpointsFilter[] = [
  { filter: "failures", label: "Failures", description: "A node fails for good", default: true },
  { filter: "decisions", label: "Decisions other than Allow", description: "Policy would stop or question an effect" },
];

/** See the header. */
export class GraphDebugAdapter {
  private readonly host: DebugHost;
  private readonly send: (message: DebugProtocol.ProtocolMessage) => void;
  private seq = 0;
  private live: Live | null = null;
  private launching = false;
  private readonly variables = new Variables();
  private readonly steps: StackStep[] = [];
  private readonly breakpoints = new Map<string, readonly (Breakpoint & { readonly line: number })[]>();
  /** Source breakpoints that were asked for before the launch, by file. */
  private readonly asked = new Map<string, readonly DebugProtocol.SourceBreakpoint[]>();
  private filterNames: readonly string[] = [];
  private nextBreakpoint = 1;
  private stop: Stop | null = null;
  private configured = false;

  constructor(host: DebugHost, send: (message: DebugProtocol.ProtocolMessage) => void) {
    this.host = host;
    this.send = send;
  }

  /** The session, for views beside the protocol; null before the launch. */
  get session(): DebugSession | null {
    return this.live?.session ?? null;
  }

  /** Takes one message of the client. Never rejects. */
  async handle(message: DebugProtocol.ProtocolMessage): Promise<void> {
    if (message.type !== "request") return;
    const request = message as DebugProtocol.Request;
    const given = request.arguments as unknown;
    const args: Arguments = typeof given === "object" && given !== null ? (given as Arguments) : {};
    try {
      const body = await this.answer(request.command, args);
      this.respond(request, { success: true, ...(body === undefined ? {} : { body }) });
      this.afterwards(request.command);
    } catch (error) {
      const known = error instanceof Refused;
      const text = error instanceof Error ? error.message : String(error);
      const problem = known ? error.problem : problems.internal(request.command, text);
      this.respond(request, { success: false, message: problem.format, body: { error: problem } });
    }
  }

  /** Ends whatever runs. */
  async close(): Promise<void> {
    const { live } = this;
    this.live = null;
    await live?.session.end("the debugger");
    await live?.launched.close();
  }

  private respond(request: DebugProtocol.Request, part: Partial<DebugProtocol.Response>): void {
    const response = { seq: ++this.seq, type: "response", request_seq: request.seq, command: request.command, ...part };
    this.send(response as DebugProtocol.Response);
  }

  private event(event: string, body?: object): void {
    this.send({
      seq: ++this.seq,
      type: "event",
      event,
      ...(body === undefined ? {} : { body }),
    } as DebugProtocol.Event);
  }

  private async answer(command: string, args: Arguments): Promise<Body> {
    switch (command) {
      case "initialize":
        return { ...capabilities };
      case "launch":
        return this.launch(args);
      case "configurationDone":
        this.configured = true;
        return undefined;
      case "setBreakpoints":
        return this.setBreakpoints(args);
      case "breakpointLocations":
        return this.breakpointLocations(args);
      case "setExceptionBreakpoints":
        this.filterNames = Array.isArray(args["filters"]) ? args["filters"].map(String) : [];
        this.applyFilters();
        return undefined;
      case "threads":
        return this.threads();
      case "disconnect":
      case "terminate":
        await this.close();
        return undefined;
      default:
        return this.answerStopped(command, args);
    }
  }

  /** Requests about a session that is there. */
  private answerStopped(command: string, args: Arguments): Body {
    const { session } = this.need();
    switch (command) {
      case "continue":
        session.resume();
        return { allThreadsContinued: true };
      case "next":
        session.stepOver(this.frameOfThread(args));
        return undefined;
      case "stepIn":
        session.stepIn();
        return undefined;
      case "stepOut":
        session.stepOut(this.frameOfThread(args));
        return undefined;
      case "stepBack":
        session.stepBack();
        return undefined;
      case "reverseContinue":
        session.reverse();
        return undefined;
      case "pause":
        session.pause();
        return undefined;
      case "restartFrame": {
        const { frame, node } = this.step(args);
        if (node === null || !session.restartFrom(frame.frame, node))
          throw new Refused(problems.neverEntered(node ?? ""));
        return undefined;
      }
      case "stackTrace":
        return this.stackTrace(args);
      case "scopes":
        return this.scopes(args);
      case "variables":
        return this.variablesOf(args);
      case "setVariable":
        return this.setVariable(args);
      case "evaluate":
        return this.evaluate(args);
      case "gotoTargets":
        return this.gotoTargets(args);
      case "goto":
        return this.goTo(args);
      case "countersign/timeline":
        return {
          tip: session.history.tip,
          seq: session.seq,
          entries: session.history.entries.map((visit) => ({ ...visit.act, seq: visit.enteredSeq })),
        };
      case "countersign/lookAt":
        session.lookAtSeq(whole(args, "seq", command));
        return undefined;
      default:
        throw new Refused(problems.unknownRequest(command));
    }
  }

  private async launch(args: Arguments): Promise<Body> {
    if (this.live !== null || this.launching) throw new Refused(problems.alreadyStarted());
    this.launching = true;
    try {
      const made = await this.host.launch(launchRequest(args));
      if (!made.ok) throw new Refused(problems.launch(made.code, made.message));
      const { launched } = made;
      const session = new DebugSession({
        bundle: launched.bundle,
        dry: launched.dry,
        stopOnEntry: args["stopOnEntry"] === true && args["noDebug"] !== true,
        begin: launched.begin,
        tell: (event) => this.told(event),
      });
      this.live = { launched, session, threads: new Threads(launched.bundle) };
    } finally {
      this.launching = false;
    }
    for (const [file, list] of this.asked) this.place(file, list, true);
    this.applyFilters();
    return undefined;
  }

  /** What follows an answer: a client configures breakpoints once it is told that it may, and then the run begins. */
  private afterwards(command: string): void {
    if (command === "initialize") this.event("initialized");
    const { live } = this;
    if (live === null || !this.configured || (command !== "launch" && command !== "configurationDone")) return;
    this.configured = false;
    this.event("thread", { reason: "started", threadId: ROOT_THREAD });
    live.session.start();
  }

  private need(): Live {
    if (this.live === null) throw new Refused(problems.notStarted());
    return this.live;
  }

  private applyFilters(): void {
    const { filterNames: names } = this;
    this.live?.session.setFilters({ failures: names.includes("failures"), decisions: names.includes("decisions") });
  }

  private told(event: SessionEvent): void {
    switch (event.type) {
      case "stopped":
        this.stop = event.stop;
        this.forget();
        this.event("stopped", stoppedBody(event.stop, this.threadOf(event.stop.frame)));
        return;
      case "continued":
        this.stop = null;
        this.forget();
        this.event("continued", { threadId: ROOT_THREAD, allThreadsContinued: true });
        return;
      case "logged":
        this.event("output", {
          category: "console",
          output: `${event.text}\n`,
          ...this.sourceOf(event.frame, event.node),
        });
        return;
      case "forked":
        this.event("output", {
          category: "console",
          output: "going on from an earlier step; what follows happens anew\n",
        });
        return;
      case "ended": {
        const { end } = event;
        const text = end.ok ? outcomeText(end.outcome) : `${end.message} [${end.code}]`;
        const failed = !end.ok || end.outcome.status !== "completed";
        this.event("output", { category: failed ? "stderr" : "stdout", output: `${text}\n` });
        this.event("terminated");
        this.event("exited", { exitCode: failed ? 1 : 0 });
      }
    }
  }

  private forget(): void {
    this.variables.clear();
    this.steps.length = 0;
  }

  private threadOf(frame: string): number {
    const { live } = this;
    const found = live?.session.history.frames.get(frame);
    return live === null || found === undefined ? ROOT_THREAD : live.threads.of(live.session.history, found);
  }

  private setBreakpoints(args: Arguments): Body {
    const file = pathOf(args);
    const list = Array.isArray(args["breakpoints"]) ? (args["breakpoints"] as DebugProtocol.SourceBreakpoint[]) : [];
    this.asked.set(file, list);
    if (this.live !== null) return { breakpoints: this.place(file, list, false) };
    return { breakpoints: list.map((one) => ({ id: this.nextBreakpoint++, verified: false, line: one.line })) };
  }

  /** Puts a file's breakpoints on nodes and edges; `announce` tells the client of those it had asked for before. */
  private place(
    file: string,
    list: readonly DebugProtocol.SourceBreakpoint[],
    announce: boolean,
  ): DebugProtocol.Breakpoint[] {
    const { launched, session } = this.need();
    const made: (Breakpoint & { readonly line: number })[] = [];
    const told = list.map((asked): DebugProtocol.Breakpoint => {
      const at = launched.breakable(file, asked.line - 1);
      const before = this.breakpoints.get(file)?.find((one) => one.line === asked.line);
      const id = before?.id ?? this.nextBreakpoint++;
      if (at === null)
        return { id, verified: false, line: asked.line, message: "no node or labelled edge stands here" };
      const { condition, hitCondition, logMessage } = asked;
      const request = {
        id,
        place: at.place,
        ...(condition === undefined ? {} : { condition }),
        ...(hitCondition === undefined ? {} : { hitCondition }),
        ...(logMessage === undefined ? {} : { logMessage }),
      };
      const parsed = makeBreakpoint(request);
      if (!parsed.ok) return { id, verified: false, line: asked.line, message: parsed.problem.message };
      made.push({ ...parsed.breakpoint, line: asked.line });
      return { id, verified: true, line: at.at.line + 1, column: at.at.column + 1 };
    });
    this.breakpoints.set(file, made);
    for (const document of new Set([file, ...made.map((one) => one.place.document)]))
      session.setBreakpoints(
        document,
        made.filter((one) => one.place.document === document),
      );
    if (announce) for (const breakpoint of told) this.event("breakpoint", { reason: "changed", breakpoint });
    return told;
  }

  private breakpointLocations(args: Arguments): Body {
    const { launched } = this.need();
    const from = whole(args, "line", "breakpointLocations");
    const to = typeof args["endLine"] === "number" ? args["endLine"] : from;
    const found = launched.breakables(pathOf(args), from - 1, to - 1);
    return { breakpoints: found.map(({ at }) => ({ line: at.line + 1, column: at.column + 1 })) };
  }

  private threads(): Body {
    const { live } = this;
    if (live === null) return { threads: [] };
    return { threads: live.threads.at(live.session.history, live.session.seq) };
  }

  private stackTrace(args: Arguments): Body {
    const { session, threads } = this.need();
    const all = threads.stack(session.history, whole(args, "threadId", "stackTrace"), session.seq, this.stop);
    const from = typeof args["startFrame"] === "number" ? args["startFrame"] : 0;
    const count = typeof args["levels"] === "number" && args["levels"] > 0 ? args["levels"] : all.length;
    const stackFrames = all.slice(from, from + count).map((step): DebugProtocol.StackFrame => {
      const id = this.steps.push(step);
      const graph = this.live?.launched.bundle.entries.get(step.frame.document)?.graph?.name ?? "";
      const name = `${step.node ?? "(start)"} · ${step.frame.frame === "" ? graph : step.frame.frame}`;
      const place = this.sourceOf(step.frame.frame, step.node);
      return { id, name, line: 0, column: 0, ...place, canRestart: step.node !== null };
    });
    return { stackFrames, totalFrames: all.length };
  }

  /** Where a node stands, in the protocol's words. */
  private sourceOf(
    frame: string,
    node: string | null,
  ): { source?: DebugProtocol.Source; line?: number; column?: number } {
    const { live } = this;
    const document = live?.session.history.frames.get(frame)?.document;
    if (live === null || document === undefined || node === null) return {};
    const at = live.launched.where({ on: "node", document, node });
    if (at === null) return {};
    const name = at.file.slice(Math.max(at.file.lastIndexOf("/"), at.file.lastIndexOf("\\")) + 1);
    return { source: { name, path: at.file }, line: at.line + 1, column: at.column + 1 };
  }

  private step(args: Arguments): StackStep {
    const found = this.steps[whole(args, "frameId", "scopes") - 1];
    if (found === undefined) throw new Refused(problems.noFrame());
    return found;
  }

  private frameOfThread(args: Arguments): string {
    const { session, threads } = this.need();
    const stack = threads.stack(session.history, whole(args, "threadId", "next"), session.seq, this.stop);
    return stack[0]?.frame.frame ?? "";
  }

  private scopes(args: Arguments): Body {
    const { launched, session } = this.need();
    const { frame, node } = this.step(args);
    const source = { bundle: launched.bundle, history: session.history, frame, node, seq: session.seq };
    const scopes = scopesOf(source).map(({ name, shown, expensive }) => ({
      name,
      variablesReference: this.variables.list(shown),
      expensive,
    }));
    return { scopes };
  }

  private variablesOf(args: Arguments): Body {
    const members = this.variables.members(whole(args, "variablesReference", "variables"));
    if (members === null) throw new Refused(problems.running());
    const from = typeof args["start"] === "number" ? args["start"] : 0;
    const wanted = typeof args["count"] === "number" && args["count"] > 0 ? args["count"] : MAX_CHILDREN;
    const shown = members.slice(from, from + Math.min(wanted, MAX_CHILDREN));
    return { variables: shown.map((one) => this.variables.variable(one)) };
  }

  private setVariable(args: Arguments): Body {
    const { launched, session } = this.need();
    if (!launched.dry) throw new Refused(problems.live());
    const name = String(args["name"]);
    const members = this.variables.members(whole(args, "variablesReference", "setVariable"));
    const shown = members?.find((one) => one.name === name);
    if (shown === undefined) throw new Refused(problems.noVariable(name));
    const { output } = shown;
    const frame = output === null ? undefined : session.history.frames.get(output.frame);
    const before =
      output === null || frame === undefined ? undefined : session.history.outputAt(frame, output.node, session.seq);
    if (output === null || frame === undefined || before === undefined) throw new Refused(problems.notAnOutput(name));
    const value = this.valueOf(String(args["value"]), frame);
    const edited = withMember(before, output.path, value);
    if (edited === undefined) throw new Refused(problems.notAnOutput(name));
    if (!session.setOutput(output.frame, output.node, edited, launched.principal))
      throw new Refused(problems.notAnOutput(name));
    return { value: preview(value), type: typeText(value), variablesReference: 0 };
  }

  private evaluate(args: Arguments): Body {
    const text = String(args["expression"]);
    const { session } = this.need();
    const frame = typeof args["frameId"] === "number" ? this.step(args).frame : session.history.frames.get("");
    if (frame === undefined) throw new Refused(problems.noFrame());
    if (text.includes("{{")) return { result: logText(text, this.lookup(frame)), variablesReference: 0 };
    if (args["context"] === "hover" && this.lookup(frame)(text) === undefined)
      throw new Refused(problems.noVariable(text));
    const value = this.valueOf(text, frame);
    const shown: Shown = { name: text, value, expression: text, output: null };
    return { result: preview(value), type: typeText(value), variablesReference: this.variables.reference(shown) };
  }

  private valueOf(text: string, frame: FrameHistory): ReturnType<typeof evaluate> {
    const parsed = parseExpression(text);
    if (!parsed.ok) throw new Refused(problems.expression(parsed.problem.message, parsed.problem.at + 1));
    return evaluate(parsed.expression, this.lookup(frame));
  }

  private lookup(frame: FrameHistory): ReturnType<typeof lookupAt> {
    const { launched, session } = this.need();
    return lookupAt(launched.bundle, session.history, frame, session.seq);
  }

  private gotoTargets(args: Arguments): Body {
    const found = this.target(pathOf(args), whole(args, "line", "gotoTargets"));
    if (found === null || found.place.on !== "node") return { targets: [] };
    return { targets: [{ id: found.at.line + 1, label: `run to ${found.place.node}`, line: found.at.line + 1 }] };
  }

  private target(file: string, line: number): Breakable | null {
    return this.need().launched.breakable(file, line - 1);
  }

  /** `goto` runs to a node: nothing can be jumped over, since what follows needs what came before. */
  private goTo(args: Arguments): Body {
    const { session } = this.need();
    const frame = this.frameOfThread(args);
    const document = session.history.frames.get(frame)?.document;
    const found =
      document === undefined ? null : this.target(document.replace(/#[^/\\]*$/, ""), whole(args, "targetId", "goto"));
    if (found === null || found.place.on !== "node") throw new Refused(problems.noFrame());
    session.runTo(frame, found.place.node);
    return undefined;
  }
}

const capabilities: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsLogPoints: true,
  supportsBreakpointLocationsRequest: true,
  supportsEvaluateForHovers: true,
  supportsStepBack: true,
  supportsSetVariable: true,
  supportsRestartFrame: true,
  supportsGotoTargetsRequest: true,
  supportsTerminateRequest: true,
  exceptionBreakpointFilters: [...filters],
};

function whole(args: Arguments, name: string, command: string): number {
  const value = args[name];
  if (typeof value === "number" && Number.isInteger(value)) return value;
  throw new Refused(problems.badArguments(command));
}

function pathOf(args: Arguments): string {
  const source = args["source"] as DebugProtocol.Source | undefined;
  if (typeof source?.path === "string") return source.path;
  throw new Refused(problems.badArguments("source"));
}

function launchRequest(args: Arguments): LaunchRequest {
  const text = (name: string): string | null => (typeof args[name] === "string" ? args[name] : null);
  const program = text("program");
  if (program === null) throw new Refused(problems.badArguments("launch"));
  const assume = args["assume"];
  const chosen = typeof assume === "object" && assume !== null ? Object.entries(assume) : [];
  return {
    program,
    live: args["live"] === true,
    stopOnEntry: args["stopOnEntry"] === true,
    start: text("start"),
    input: args["input"] ?? null,
    inputFile: text("inputFile"),
    fixture: text("fixture"),
    assume: Object.fromEntries(chosen.map(([node, label]) => [node, String(label)])),
  };
}

const reasons: Readonly<Record<Stop["reason"], string>> = {
  entry: "entry",
  step: "step",
  breakpoint: "breakpoint",
  pause: "pause",
  goto: "goto",
  failure: "exception",
  decision: "exception",
  "end of recording": "step",
  "start of recording": "step",
};

function stoppedBody(stop: Stop, threadId: number): object {
  const description = stop.text ?? (stop.reason.includes("recording") ? stop.reason : undefined);
  return {
    reason: reasons[stop.reason],
    threadId,
    allThreadsStopped: true,
    ...(description === undefined ? {} : { description, text: description }),
    ...(stop.breakpoints.length === 0 ? {} : { hitBreakpointIds: stop.breakpoints }),
  };
}

function outcomeText(outcome: Outcome): string {
  const reason = "reason" in outcome ? outcome.reason : null;
  return reason === null ? `the run ${outcome.status}` : `the run ${outcome.status}: ${reason}`;
}
