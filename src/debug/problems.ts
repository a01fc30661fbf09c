/** Every error that a debugging client shows, with its number and its sentence. Numbers are never used twice. */
import type { DebugProtocol } from "@vscode/debugprotocol";

/** An error as the protocol carries it. */
export type Problem = DebugProtocol.Message;

const problem = (id: number, format: string): Problem => ({ id, format, showUser: true });
/** One that a client shows beside what was asked, not as a message of its own. */
const quiet = (id: number, format: string): Problem => ({ id, format, showUser: false });

export const problems = {
  unknownRequest: (command: string) => quiet(2001, `this debugger does not know the request \`${command}\``),
  badArguments: (command: string) => quiet(2002, `the request \`${command}\` lacks what it needs`),
  notStarted: () => quiet(2003, "nothing is being debugged"),
  alreadyStarted: () => quiet(2004, "this session has been launched already"),
  noProgram: () => problem(2011, "a launch configuration needs `program`: the path of a graph document"),
  launchArgument: (name: string, wanted: string) => problem(2012, `\`${name}\` of a launch configuration is ${wanted}`),
  launch: (code: string, message: string) => problem(2010, `${message} [${code}]`),
  running: () => quiet(2020, "the run goes on; pause it first"),
  noFrame: () => quiet(2021, "this step is not there any more"),
  noVariable: (name: string) => quiet(2022, `there is no \`${name}\``),
  expression: (message: string, column: number) => quiet(2030, `${message} (column ${column})`),
  live: () => problem(2031, "a live run's values cannot be changed; start a dry run to try others"),
  notAnOutput: (name: string) =>
    problem(2032, `\`${name}\` cannot be changed; only outputs of nodes that have ended can`),
  atEnd: () => problem(2033, "the run has ended; step back first, and it goes on from there"),
  neverEntered: (node: string) =>
    problem(2040, `node \`${node}\` has not been entered, so the run cannot go back to it`),
  notOnStack: (node: string) =>
    problem(2041, `node \`${node}\` is not in a graph that this thread is in, so the run cannot be let go on to it`),
  internal: (command: string, message: string) => problem(2099, `the debugger failed at \`${command}\`: ${message}`),
} as const;
