/**
 * What a client sees of a session that stands still: threads, stacks, scopes, variables, watches and places to run to.
 *
 * Boundary: reads the session's history; only `setVariable` and `goTo` change what it does.
 * Invariant: numbers of steps and variables hold until the session goes on, and are bounded.
 */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { logText } from "./breakpoints.ts";
import { evaluate, parseExpression } from "./expression.ts";
import type { FrameHistory } from "./history.ts";
import type { Breakable, Launched } from "./host.ts";
import { lookupAt } from "./look.ts";
import { problems } from "./problems.ts";
import { count, pathOf, Refused, text, whole, type Arguments } from "./requests.ts";
import { scopesOf } from "./scopes.ts";
import type { DebugSession } from "./session.ts";
import { ROOT_THREAD, Threads, type StackStep } from "./threads.ts";
import { MAX_CHILDREN, moreOf, preview, typeText, Variables, withMember, type Shown } from "./variables.ts";

/** Most places to run to that are remembered at one stop. */
const MAX_TARGETS = 1000;

/** See the header. */
export class Looking {
  readonly launched: Launched;
  readonly session: DebugSession;
  private readonly threads: Threads;
  private readonly variables = new Variables();
  private readonly steps: StackStep[] = [];
  private readonly stepIds = new Map<string, number>();
  private readonly targets: Breakable[] = [];

  constructor(launched: Launched, session: DebugSession) {
    this.launched = launched;
    this.session = session;
    this.threads = new Threads(launched.bundle);
  }

  /** The session has moved: nothing that was shown holds any more. */
  forget(): void {
    this.variables.clear();
    this.steps.length = 0;
    this.stepIds.clear();
    this.targets.length = 0;
  }

  /** The thread of a frame. */
  threadOf(frame: string): number {
    const { history } = this.session;
    const found = history.frames.get(frame);
    return found === undefined ? ROOT_THREAD : this.threads.of(history, found);
  }

  /** Threads of this instant. */
  allThreads(): DebugProtocol.Thread[] {
    return this.threads.at(this.session.history, this.session.seq);
  }

  /** The stack of a thread, or a part of it. */
  stackTrace(args: Arguments): DebugProtocol.StackTraceResponse["body"] {
    const all = this.stack(whole(args, "threadId", "stackTrace"));
    const from = count(args, "startFrame", 0);
    const levels = count(args, "levels", 0);
    const stackFrames = all.slice(from, levels === 0 ? undefined : from + levels).map((step) => this.stackFrame(step));
    return { stackFrames, totalFrames: all.length };
  }

  /** Where a node stands, in the protocol's words; empty where its text cannot tell. */
  sourceOf(
    frame: string,
    node: string | null,
  ): { readonly source?: DebugProtocol.Source; readonly line?: number; readonly column?: number } {
    const document = this.session.history.frames.get(frame)?.document;
    const at = document === undefined || node === null ? null : this.launched.where({ on: "node", document, node });
    if (at === null) return {};
    const name = at.file.slice(Math.max(at.file.lastIndexOf("/"), at.file.lastIndexOf("\\")) + 1);
    return { source: { name, path: at.file }, line: at.line + 1, column: at.column + 1 };
  }

  /** A step that was shown at this stop, by its number or as the innermost of a thread; null when it is not there. */
  shown(threadId: number, frameId: number | null): StackStep | null {
    return (frameId === null ? this.stack(threadId)[0] : this.steps[frameId - 1]) ?? null;
  }

  /** The innermost step of the thread that a frame runs in; null when there is none. */
  topOf(frame: string): StackStep | null {
    return this.stack(this.threadOf(frame))[0] ?? null;
  }

  /** The step that a request names by `frameId`. */
  step(args: Arguments, command: string): StackStep {
    const found = this.steps[whole(args, "frameId", command) - 1];
    if (found === undefined) throw new Refused(problems.noFrame());
    return found;
  }

  /** The innermost frame of the thread that a request names; the root's when it has none. */
  frameOfThread(args: Arguments, command: string): string {
    return this.stack(whole(args, "threadId", command))[0]?.frame.frame ?? "";
  }

  /** The scopes of a step. */
  scopes(args: Arguments): DebugProtocol.ScopesResponse["body"] {
    const { bundle } = this.launched;
    const { history, seq } = this.session;
    const { frame, node } = this.step(args, "scopes");
    const scopes = scopesOf({ bundle, history, frame, node, seq }).map(({ name, shown, expensive }) => ({
      ...{ name, expensive },
      variablesReference: this.variables.list(shown),
    }));
    return { scopes };
  }

  /** The members of a scope or a value. */
  members(args: Arguments): DebugProtocol.VariablesResponse["body"] {
    const members = this.variables.members(whole(args, "variablesReference", "variables"));
    if (members === null) throw new Refused(problems.running());
    const from = count(args, "start", 0);
    const wanted = count(args, "count", 0);
    const shown = members.slice(from, from + Math.min(wanted === 0 ? MAX_CHILDREN : wanted, MAX_CHILDREN));
    const variables = shown.map((one) => this.variables.variable(one));
    const left = wanted === 0 ? members.length - from - shown.length : 0;
    if (left > 0) variables.push(this.variables.variable(moreOf(left, "")));
    return { variables };
  }

  /** Gives a node that has ended another output, or a part of it. */
  setVariable(args: Arguments): DebugProtocol.SetVariableResponse["body"] {
    const { launched, session } = this;
    const name = text(args, "name", "setVariable");
    const members = this.variables.members(whole(args, "variablesReference", "setVariable"));
    const written = text(args, "value", "setVariable");
    if (!launched.dry) throw new Refused(problems.live());
    const shown = members?.find((one) => one.name === name);
    if (shown === undefined) throw new Refused(problems.noVariable(name));
    const { output } = shown;
    const frame = output === null ? undefined : session.history.frames.get(output.frame);
    if (output === null || frame === undefined) throw new Refused(problems.notAnOutput(name));
    if (session.stopped?.reason === "end") throw new Refused(problems.atEnd());
    const before = session.history.outputAt(frame, output.node, session.seq);
    const value = this.valueOf(written, frame);
    const edited = before === undefined ? undefined : withMember(before, output.path, value);
    if (edited === undefined || !session.setOutput(output.frame, output.node, edited, launched.principal))
      throw new Refused(problems.notAnOutput(name));
    return { value: preview(value), type: typeText(value), variablesReference: 0 };
  }

  /** A watch, a hover, or a line of the console: an expression, or a template with `{{markers}}`. */
  evaluate(args: Arguments): DebugProtocol.EvaluateResponse["body"] {
    const written = text(args, "expression", "evaluate");
    const named = args["frameId"] !== undefined;
    const frame = named ? this.step(args, "evaluate").frame : this.session.history.frames.get("");
    if (frame === undefined) throw new Refused(problems.noFrame());
    if (written.includes("{{")) return { result: logText(written, this.lookup(frame)), variablesReference: 0 };
    if (args["context"] === "hover" && this.lookup(frame)(written) === undefined)
      throw new Refused(problems.noVariable(written));
    const value = this.named(written, frame) ?? this.valueOf(written, frame);
    const shown: Shown = { name: written, value, expression: written, output: null };
    return { result: preview(value), type: typeText(value), variablesReference: this.variables.reference(shown) };
  }

  /** The node at a line, as something to run to. */
  gotoTargets(args: Arguments): DebugProtocol.GotoTargetsResponse["body"] {
    const line = whole(args, "line", "gotoTargets");
    const found = this.launched.breakable(pathOf(args, "gotoTargets"), line - 1);
    if (found === null || found.place.on !== "node") return { targets: [] };
    if (this.targets.length >= MAX_TARGETS) this.targets.length = 0;
    const id = this.targets.push(found);
    return { targets: [{ id, label: `run to ${found.place.node}`, line: found.at.line + 1 }] };
  }

  /** `goto` runs to a node: nothing can be jumped over, since what follows needs what came before. */
  goTo(args: Arguments): void {
    const thread = whole(args, "threadId", "goto");
    const place = this.targets[whole(args, "targetId", "goto") - 1]?.place;
    if (place === undefined || place.on !== "node") throw new Refused(problems.noFrame());
    this.runToNode(thread, place.document, place.node);
  }

  /** Lets the session go on to a node of a graph that the thread is in. */
  runToNode(thread: number, document: string, node: string): void {
    if (this.session.stopped === null) throw new Refused(problems.running());
    if (this.session.stopped.reason === "end") throw new Refused(problems.atEnd());
    const walk = this.stack(thread).find(({ frame }) => frame.document === document);
    if (walk === undefined) throw new Refused(problems.notOnStack(node));
    this.session.runTo(walk.frame.frame, node);
  }

  private stack(thread: number): StackStep[] {
    const { history, seq, stopped } = this.session;
    return this.threads.stack(history, thread, seq, stopped);
  }

  private stackFrame(step: StackStep): DebugProtocol.StackFrame {
    const { frame, node } = step;
    const key = `${frame.frame}\u0000${node ?? ""}`;
    const id = this.stepIds.get(key) ?? this.steps.push(step);
    this.stepIds.set(key, id);
    const graph = this.launched.bundle.entries.get(frame.document)?.graph?.name ?? "";
    const about = this.session.stopped?.reason === "end" ? "(end)" : (node ?? "(start)");
    const name = `${about} · ${frame.frame === "" ? graph : frame.frame}`;
    return { id, name, line: 0, column: 0, ...this.sourceOf(frame.frame, node), canRestart: node !== null };
  }

  /** What a reference leads to whose names an expression cannot hold, as `2nd.total`; undefined for everything else. */
  private named(written: string, frame: FrameHistory): ReturnType<ReturnType<typeof lookupAt>> {
    return parseExpression(written).ok ? undefined : this.lookup(frame)(written.trim());
  }

  private valueOf(written: string, frame: FrameHistory): ReturnType<typeof evaluate> {
    const parsed = parseExpression(written);
    if (!parsed.ok) throw new Refused(problems.expression(parsed.problem.message, parsed.problem.at + 1));
    return evaluate(parsed.expression, this.lookup(frame));
  }

  private lookup(frame: FrameHistory): ReturnType<typeof lookupAt> {
    return lookupAt(this.launched.bundle, this.session.history, frame, this.session.seq);
  }
}
