/**
 * Requests of a debugging client as they arrive: nothing in them can be relied on, so everything is read here.
 *
 * Boundary: pure. Invariant: what is not as it should be becomes a {@link Refused}, never another error.
 */
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { LaunchRequest } from "./host.ts";
import { problems, type Problem } from "./problems.ts";

/** Arguments of a request; a client may leave out or put in anything. */
export type Arguments = Readonly<Record<string, unknown>>;

/** The body of an answer; undefined for an answer without one. */
export type Body = Record<string, unknown> | undefined;

/** What a request came to grief of. */
export class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.format);
    this.problem = problem;
  }
}

/** A request that can be answered. */
export interface Request {
  readonly seq: number;
  readonly command: string;
  readonly args: Arguments;
}

/** Reads a message of a client; null for one that is no request. */
export function requestOf(message: unknown): Request | null {
  const { type, seq, command, arguments: given } = objectOf(message);
  if (type !== "request" || typeof command !== "string") return null;
  return { seq: typeof seq === "number" ? seq : 0, command, args: objectOf(given) };
}

function objectOf(given: unknown): Arguments {
  return typeof given === "object" && given !== null ? (given as Arguments) : {};
}

/** A whole number that must be there. */
export function whole(args: Arguments, name: string, command: string): number {
  const value = args[name];
  if (Number.isSafeInteger(value)) return value as number;
  throw new Refused(problems.badArguments(command));
}

/** A text that must be there. */
export function text(args: Arguments, name: string, command: string): string {
  const value = args[name];
  if (typeof value === "string") return value;
  throw new Refused(problems.badArguments(command));
}

/** How many, or from where: a whole number of 0 and above; `otherwise` for anything else. */
export function count(args: Arguments, name: string, otherwise: number): number {
  const value = args[name];
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : otherwise;
}

/** The file that a request is about. */
export function pathOf(args: Arguments, command: string): string {
  return text(objectOf(args["source"]), "path", command);
}

/** Names in a list; what is no text is left out. */
export function names(given: unknown): readonly string[] {
  return Array.isArray(given) ? given.filter((one): one is string => typeof one === "string") : [];
}

/** The breakpoints that a client asks for in a file. */
export function sourceBreakpoints(args: Arguments): readonly DebugProtocol.SourceBreakpoint[] {
  const list: unknown = args["breakpoints"] ?? [];
  if (!Array.isArray(list)) throw new Refused(problems.badArguments("setBreakpoints"));
  return list.map((given: unknown) => {
    const one = objectOf(given);
    const line = whole(one, "line", "setBreakpoints");
    const said = (name: "condition" | "hitCondition" | "logMessage"): object =>
      typeof one[name] === "string" && one[name].trim() !== "" ? { [name]: one[name] } : {};
    return { line, ...said("condition"), ...said("hitCondition"), ...said("logMessage") };
  });
}

/** A launch configuration (docs/debugger.md). */
export function launchRequest(args: Arguments): LaunchRequest {
  const said = (name: string): string | null => {
    const value = args[name] ?? null;
    if (value === null || typeof value === "string") return value;
    throw new Refused(problems.launchArgument(name, "a text"));
  };
  const program = said("program");
  if (program === null || program === "") throw new Refused(problems.noProgram());
  const assume = args["assume"] ?? {};
  if (typeof assume !== "object" || Array.isArray(assume))
    throw new Refused(problems.launchArgument("assume", "an object of labels, by node"));
  return {
    program,
    live: flag(args, "live"),
    stopOnEntry: flag(args, "stopOnEntry"),
    stopOnEnd: flag(args, "stopOnEnd", true),
    start: said("start"),
    input: args["input"] ?? null,
    inputFile: said("inputFile"),
    fixture: said("fixture"),
    assume: Object.fromEntries(Object.entries(assume).map(([node, label]) => [node, String(label)])),
  };
}

/** A flag of a launch configuration; `otherwise` when it is not there. */
export function flag(args: Arguments, name: string, otherwise = false): boolean {
  const value = args[name] ?? otherwise;
  if (typeof value === "boolean") return value;
  throw new Refused(problems.launchArgument(name, "true or false"));
}
