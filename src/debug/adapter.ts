/**
 * The Debug Adapter Protocol over a session (spec/editor.md §5): requests in, responses and events out. It runs in
 * process, in an editor, or behind any transport (`countersign dap --stdio`).
 *
 * Boundary: knows no transport, file or editor; what it needs of the world it asks its host for.
 * Invariants: every request is answered once, before the events that it causes; a request that makes no sense changes
 * nothing; errors come from `problems.ts`; once closed, nothing runs and nothing can be launched.
 */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { assumedText, capabilities, endText, stoppedBody } from "./announcements.ts";
import type { DebugHost } from "./host.ts";
import { Looking } from "./looking.ts";
import type { PlacedBreakpoint, SessionObserver } from "./observer.ts";
import { countingOf, fromClient, fromOne, toClient, type Counting } from "./positions.ts";
import { problems } from "./problems.ts";
import {
  flag,
  launchRequest,
  names,
  pathOf,
  Refused,
  requestOf,
  sourceBreakpoints,
  type Arguments,
  type Body,
  type Request,
} from "./requests.ts";
import { sessionRequests } from "./session-requests.ts";
import { DebugSession } from "./session.ts";
import type { SessionEvent, Stop } from "./session-types.ts";
import { SourceBreakpoints } from "./source-breakpoints.ts";
import { ROOT_THREAD } from "./threads.ts";

/** Gets what the adapter says. Must not throw. */
export type Send = (message: DebugProtocol.ProtocolMessage) => void;

/** See the header. */
export class GraphDebugAdapter {
  private readonly host: DebugHost;
  private readonly send: Send;
  private readonly observer: SessionObserver | null;
  private readonly breakpoints = new SourceBreakpoints();
  private seq = 0;
  private looking: Looking | null = null;
  private phase: "new" | "launching" | "launched" | "started" | "closed" = "new";
  private configured = false;
  /** Runs without stopping anywhere. */
  private noDebug = false;
  private filters: readonly string[] = [];
  /** How the client counts lines and columns; in here they count from 1. */
  private counting: Counting = fromOne;
  /** Events that wait for the response of the request that causes them. */
  private waiting: (() => void)[] | null = null;

  constructor(host: DebugHost, send: Send, observer: SessionObserver | null = null) {
    this.host = host;
    this.send = send;
    this.observer = observer;
  }

  /** The session, for views beside the protocol; null before the launch. */
  get session(): DebugSession | null {
    return this.looking?.session ?? null;
  }

  /** What can be looked at beside the protocol; null before the launch and after the end. */
  get view(): Looking | null {
    return this.phase === "closed" ? null : this.looking;
  }

  /** Breakpoints of a file, as far as they were asked for. */
  placed(file: string): readonly PlacedBreakpoint[] {
    return this.breakpoints.placed(file);
  }

  /** Writes a line to the client's console. */
  remark(line: string): void {
    if (this.phase !== "closed") this.output("console", line);
  }

  /** Takes one message of the client; what is no request is passed over. Never rejects. */
  async handle(message: unknown): Promise<void> {
    const read = requestOf(message);
    if (read === null) return;
    if (read.command === "initialize") this.counting = countingOf(read.args);
    const request: Request = { ...read, args: fromClient(read.args, this.counting) };
    const slow = this.slow(request);
    if (slow === null) this.answerNow(request);
    else {
      await slow.then(
        (body) => this.succeed(request, body),
        (problem: unknown) => this.fail(request, problem),
      );
    }
    this.follow(request.command);
  }

  /** Ends whatever runs, for good when it is a dry run. */
  async close(): Promise<void> {
    if (this.phase === "closed") return;
    const { phase, looking } = this;
    this.phase = "closed";
    if (looking === null) return this.observer?.closed();
    await looking.session.end("the debugger");
    await looking.launched.close();
    if (phase === "launched") this.event("terminated");
    this.observer?.closed();
  }

  private answerNow(request: Request): void {
    this.waiting = [];
    try {
      this.succeed(request, this.answer(request));
    } catch (problem) {
      this.fail(request, problem);
    }
    const { waiting } = this;
    this.waiting = null;
    for (const tell of waiting) tell();
  }

  private succeed(request: Request, body: Body): void {
    const said = toClient(body, this.counting);
    this.respond(request, { success: true, ...(said === undefined ? {} : { body: said }) });
  }

  private fail(request: Request, cause: unknown): void {
    const said = cause instanceof Error ? cause.message : String(cause);
    const problem = cause instanceof Refused ? cause.problem : problems.internal(request.command, said);
    this.respond(request, { success: false, message: problem.format, body: { error: problem } });
  }

  private respond({ seq, command }: Request, part: Partial<DebugProtocol.Response>): void {
    const response = { seq: ++this.seq, type: "response", request_seq: seq, command, ...part };
    this.send(response);
  }

  private event(event: string, body?: object): void {
    const tell = (): void => {
      const said = toClient(body, this.counting);
      const made = { seq: ++this.seq, type: "event", event, ...(said === undefined ? {} : { body: said }) };
      this.send(made);
    };
    if (this.waiting === null) tell();
    else this.waiting.push(tell);
  }

  /** Requests that take their time; null for all others. */
  private slow({ command, args }: Request): Promise<Body> | null {
    if (command === "launch") return this.launch(args);
    if (command !== "disconnect" && command !== "terminate") return null;
    return this.close().then(() => undefined);
  }

  private answer({ command, args }: Request): Body {
    switch (command) {
      case "initialize":
        return { ...capabilities };
      case "configurationDone":
        this.configured = true;
        return undefined;
      case "setBreakpoints":
        return this.setBreakpoints(args);
      case "setExceptionBreakpoints":
        this.filters = names(args["filters"]);
        this.applyFilters();
        return undefined;
      case "threads":
        return { threads: this.looking?.allThreads() ?? [] };
      default: {
        const known = sessionRequests.get(command);
        if (known === undefined) throw new Refused(problems.unknownRequest(command));
        if (this.looking === null || this.phase === "closed") throw new Refused(problems.notStarted());
        return known(this.looking, args);
      }
    }
  }

  private async launch(args: Arguments): Promise<Body> {
    if (this.phase !== "new") throw new Refused(problems.alreadyStarted());
    const request = launchRequest(args);
    const noDebug = flag(args, "noDebug");
    this.phase = "launching";
    const made = await this.host.launch(request).catch((problem: unknown) => {
      this.reopen();
      throw problem;
    });
    if (!made.ok) {
      this.reopen();
      throw new Refused(problems.launch(made.code, made.message));
    }
    const { launched } = made;
    if (this.phase !== "launching") {
      await launched.close();
      throw new Refused(problems.notStarted());
    }
    const session = new DebugSession({
      ...{ bundle: launched.bundle, dry: launched.dry, begin: launched.begin, moved: launched.moved },
      stopOnEntry: request.stopOnEntry && !noDebug,
      stopOnEnd: request.stopOnEnd && !noDebug,
      tell: (event) => {
        this.told(event);
        this.observer?.told(event);
      },
      happened: (event) => this.observer?.happened(event),
    });
    this.looking = new Looking(launched, session);
    this.observer?.launched(launched, session);
    this.noDebug = noDebug;
    this.phase = "launched";
    if (!noDebug) for (const file of this.breakpoints.askedFiles) this.announcePlaced(file, this.looking);
    this.applyFilters();
    return undefined;
  }

  /** A launch that was refused may be tried again. */
  private reopen(): void {
    if (this.phase === "launching") this.phase = "new";
  }

  /** What follows an answer: a client configures breakpoints once it is told that it may, and then the run begins. */
  private follow(command: string): void {
    if (command === "initialize") this.event("initialized");
    if (this.phase !== "launched" || !this.configured || this.looking === null) return;
    this.phase = "started";
    this.event("thread", { reason: "started", threadId: ROOT_THREAD });
    this.looking.session.start();
  }

  private setBreakpoints(args: Arguments): Body {
    const file = pathOf(args, "setBreakpoints");
    this.breakpoints.ask(file, sourceBreakpoints(args));
    const { looking } = this;
    if (looking === null || this.noDebug) return { breakpoints: this.breakpoints.waiting(file) };
    const breakpoints = this.breakpoints.place(file, looking.launched, looking.session);
    this.observer?.breakpointsPlaced(file);
    return { breakpoints };
  }

  /** Breakpoints that were asked for before the launch: the client is told where they have come to stand. */
  private announcePlaced(file: string, { launched, session }: Looking): void {
    for (const breakpoint of this.breakpoints.place(file, launched, session))
      this.event("breakpoint", { reason: "changed", breakpoint });
    this.observer?.breakpointsPlaced(file);
  }

  private applyFilters(): void {
    const on = (name: string): boolean => !this.noDebug && this.filters.includes(name);
    this.looking?.session.setFilters({ failures: on("failures"), decisions: on("decisions") });
  }

  private told(event: SessionEvent): void {
    switch (event.type) {
      case "stopped":
        this.looking?.forget();
        this.event("stopped", this.stopped(event.stop));
        return;
      case "continued":
        this.looking?.forget();
        this.event("continued", { threadId: ROOT_THREAD, allThreadsContinued: true });
        return;
      case "logged":
        this.output("console", event.text, this.looking?.sourceOf(event.frame, event.node));
        return;
      case "forked":
        this.output("console", "going on from an earlier step; what follows happens anew");
        return;
      case "assumed":
        this.output("console", assumedText(event), this.looking?.sourceOf(event.frame, event.node));
        return;
      case "finished": {
        const { text, wanted } = endText(event.end);
        this.output(wanted ? "stdout" : "stderr", text);
        if (event.end.ok) for (const note of event.end.notes ?? []) this.output("console", note);
        return;
      }
      case "ended":
        this.event("terminated");
        this.event("exited", { exitCode: endText(event.end).failed ? 1 : 0 });
    }
  }

  private stopped(stop: Stop): object {
    const { looking } = this;
    return stoppedBody(stop, looking?.threadOf(stop.frame) ?? ROOT_THREAD, looking?.session.ended ?? null);
  }

  private output(category: "console" | "stdout" | "stderr", line: string, more: object = {}): void {
    this.event("output", { category, output: `${line}\n`, ...more });
  }
}
