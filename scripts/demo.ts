/**
 * The tour that `npm run demo` gives: the release gate of `examples/`, from validation to the published release.
 *
 * It runs the real commands of `dist/` as child processes on a copy in `.tmp/demo/`, which stays there to be looked
 * at. On a terminal the question is asked; elsewhere `--approve` or `--deny` answers it, `--approve` when neither is
 * given. It ends by itself: 0 when every command ended as it should, whatever the answer was.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { cp, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import pc from "picocolors";

const usage = `usage: npm run demo [-- --approve | --deny]

Shows the release gate of examples/ from end to end. Without a terminal the release is approved unless --deny is given.
`;

/** Longest time for a command that asks nothing; milliseconds. */
const COMMAND_MS = 60_000;
const RUN_ID = "demo";
/** Where the runs are kept, below the copy. */
const STATE = ".countersign";
const EXAMPLE_ORIGIN = "127.0.0.1:8787";

/** A sentence for the person who started the tour, and its exit code. */
class Stop extends Error {
  readonly exit: number;
  constructor(message: string, exit = 1) {
    super(message);
    this.exit = exit;
  }
}

const root = path.dirname(path.dirname(process.argv[1] ?? ""));
const program = path.join(root, "dist", "countersign.mjs");
const demo = path.join(root, ".tmp", "demo");
const example = path.join("examples", "release-gate");
const folder = path.join(demo, example);
const documentFile = path.join(example, "release-gate.toml");
const notesFile = path.join(example, "out", "RELEASE-1.4.0.md");
const payloadFile = path.join(example, "payload.json");
/** Settings of the person's own shell would show another tour. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(?:COUNTERSIGN|AGENTD|BYTEOR|RUNX)_/.test(name)),
);

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let receiver: Receiver | null = null;
  try {
    const answer = answerOf(args);
    if (answer === "help") {
      process.stdout.write(usage);
      return 0;
    }
    await prepare();
    receiver = await startReceiver();
    await useOrigin(receiver.origin);
    await tour(answer, receiver);
    return 0;
  } catch (problem) {
    if (!(problem instanceof Stop)) throw problem;
    process.stderr.write(`${problem.message}\n`);
    return problem.exit;
  } finally {
    receiver?.process.kill();
  }
}

/** What the flags say; null leaves the question to the terminal, or to `--approve` where there is none. */
function answerOf(args: readonly string[]): "--approve" | "--deny" | "help" | null {
  const [first, ...others] = args;
  if (first === undefined) return null;
  if (others.length === 0 && (first === "--approve" || first === "--deny")) return first;
  if (others.length === 0 && (first === "--help" || first === "-h")) return "help";
  throw new Stop(`unknown argument \`${args.join(" ")}\`\n${usage}`, 2);
}

/** A fresh copy of the example; what an earlier tour left is removed. */
async function prepare(): Promise<void> {
  if (!(await exists(program))) throw new Stop("dist/countersign.mjs is missing; `npm run build` makes it", 2);
  await rm(demo, { recursive: true, force: true });
  await mkdir(demo, { recursive: true });
  await cp(path.join(root, example), folder, {
    recursive: true,
    filter: (source) => path.basename(source) !== "out",
  });
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

interface Receiver {
  readonly process: ChildProcess;
  /** `127.0.0.1:PORT` */
  readonly origin: string;
  /** What it has printed since it listens. */
  readonly lines: readonly string[];
}

/** The example's own release server, on a port that the system chooses. */
async function startReceiver(): Promise<Receiver> {
  const child = spawn(process.execPath, ["receiver.mjs", "0"], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  const origin = await new Promise<string>((resolve, reject) => {
    const give = (message: string) => reject(new Stop(`the release server did not start: ${message}`));
    const timer = setTimeout(() => give("it did not listen in time"), COMMAND_MS);
    child.once("error", (problem) => give(problem.message));
    child.once("exit", (code) => give(`it ended with ${code ?? "a signal"}`));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const listening = /^listening on http:\/\/(.+)$/.exec(line)?.[1];
      if (listening === undefined) lines.push(line);
      else {
        clearTimeout(timer);
        resolve(listening);
      }
    });
  });
  return { process: child, origin, lines };
}

/** The example names a fixed port; its copy gets the one that was free, in the policy and in the payload. */
async function useOrigin(origin: string): Promise<void> {
  for (const name of [documentFile, payloadFile]) {
    const file = path.join(demo, name);
    const text = await readFile(file, "utf8");
    if (!text.includes(EXAMPLE_ORIGIN)) throw new Stop(`${file} does not name ${EXAMPLE_ORIGIN} any more`);
    await writeFile(file, text.replaceAll(EXAMPLE_ORIGIN, origin));
  }
}

async function tour(given: "--approve" | "--deny" | null, receiver: Receiver): Promise<void> {
  say(`The release gate of examples/release-gate, on a copy in ${shown(demo)}.`);
  say(`A release server listens on http://${receiver.origin}; \`countersign\` is dist/countersign.mjs.`);

  title("1. Is the document right?");
  await command(["validate", documentFile], [0]);

  title("2. What would it do? A dry run reads files, and starts, writes and sends nothing.");
  await command(["run", documentFile, "--input", payloadFile, "--dry-run=reads"], [0]);
  if (receiver.lines.length > 0 || (await exists(path.join(folder, "out"))))
    throw new Stop("the dry run has touched something; please report it");
  say("No file was written, and the release server has heard nothing.");

  title("3. The real run. It reads, checks, writes the notes, and waits: exit code 7.");
  await command(["run", documentFile, "--input", payloadFile, "--run-id", RUN_ID, "--state-dir", STATE], [7]);
  say(`What the approver is to look at, ${notesFile}:`);
  process.stdout.write(await readFile(path.join(demo, notesFile), "utf8"));

  title("4. A person decides, and the run goes on where it stopped.");
  const ended = await answer(given);
  if (ended === 2) {
    say("Nobody answered, so the run is still paused. Nothing is lost; resume it when you like.");
  } else {
    for (const line of receiver.lines) say(`The release server says: ${line}`);
    if (receiver.lines.length === 0) say("The release server has heard nothing.");
  }

  title("5. What happened, from the journal.");
  await command(["inspect", RUN_ID, "--state-dir", STATE], [0]);
  closing();
}

/** Resumes the run; gives the exit code: 0 published, 5 declined, 2 not answered. */
async function answer(given: "--approve" | "--deny" | null): Promise<number> {
  if (given === null && process.stdin.isTTY) return command(["resume", RUN_ID, "--state-dir", STATE], [0, 2, 5], null);
  const flag = given ?? "--approve";
  if (given === null)
    say("There is no terminal to ask on, so the answer is --approve. `npm run demo -- --deny` says no.");
  return command(
    ["resume", RUN_ID, "--state-dir", STATE, flag, "--reason", "answered by the tour"],
    [flag === "--approve" ? 0 : 5],
  );
}

/** Prints a command line, runs it in the copy's folder, and checks how it ended. */
async function command(
  args: readonly string[],
  expected: readonly number[],
  limit: number | null = COMMAND_MS,
): Promise<number> {
  process.stdout.write(`${pc.bold(`$ countersign ${args.map(word).join(" ")}`)}\n`);
  const child = spawn(process.execPath, [program, ...args], {
    cwd: demo,
    env,
    stdio: [limit === null ? "inherit" : "ignore", "inherit", "inherit"],
  });
  const timer = limit === null ? null : setTimeout(() => child.kill("SIGKILL"), limit);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (timer !== null) clearTimeout(timer);
  if (code !== null && expected.includes(code)) return code;
  throw new Stop(`countersign ${args[0] ?? ""} ended with ${code ?? "a signal"}; expected ${expected.join(" or ")}`);
}

function closing(): void {
  const state = shown(path.join(demo, STATE));
  title("It is all still there.");
  say(`journal   ${path.join(state, "runs", RUN_ID)}: one line for each event, each with the hash of the line before`);
  say(`notes     ${shown(path.join(demo, notesFile))}`);
  say(`inspect   npx countersign inspect ${RUN_ID} --state-dir ${state}`);
  say(`and       npx countersign describe ${documentFile} --environment prod`);
}

function title(text: string): void {
  process.stdout.write(`\n${pc.cyan(pc.bold(text))}\n`);
}

function say(text: string): void {
  process.stdout.write(`${pc.dim(text)}\n`);
}

function shown(file: string): string {
  return path.relative(process.cwd(), file) || ".";
}

function word(text: string): string {
  return /^[A-Za-z0-9_./=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
