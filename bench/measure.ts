/**
 * How things are measured. Every contestant lives in a process of its own, so that none is slowed down by what another
 * left on the heap or taught the compiler. All warm up, then take turns, one round each, so that what else the machine
 * does falls on all alike. A round's cost is divided by the operations it made.
 *
 * Times are microseconds for one operation. `cpu` is what the process used on all its threads (garbage collection and
 * compilation included); other programs disturb it far less than `wall`, which is what passed, waits for the disk
 * included.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Somebody who does the same work as others. Made in its own process. */
export interface Contestant {
  /** Sets up the next round; not timed. */
  prepare?(): Promise<void>;
  /** Does the work once; resolves with the number of operations. */
  round(): Promise<number>;
  /** What else the last round found out, by name. */
  detail?(): Readonly<Record<string, number>>;
  /** Takes down what was set up. */
  close?(): Promise<void>;
}

/** Contestants by name; each is set up when its process starts. */
export type Contestants = Readonly<Record<string, () => Promise<Contestant>>>;

/** What one round cost. Times in microseconds for one operation, memory in bytes. */
export interface Sample {
  readonly cpu: number;
  readonly wall: number;
  /** Resident memory before the round, and the highest the process ever had. */
  readonly residentBefore: number;
  readonly residentPeak: number;
  readonly detail: Readonly<Record<string, number>>;
}

/** Median and quartiles of the rounds. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface Timing {
  readonly cpu: Spread;
  readonly wall: Spread;
  readonly samples: readonly Sample[];
}

/** How often. */
export interface Rounds {
  readonly warmUps: number;
  readonly rounds: number;
}

/** The timings of contestants of a suite, by name. */
export async function compare<Name extends string>(
  suite: string,
  names: readonly Name[],
  { warmUps, rounds }: Rounds,
): Promise<Record<Name, Timing>> {
  const hosts: Host[] = [];
  try {
    for (const name of names) hosts.push(await Host.start(suite, name));
    const samples = hosts.map((): Sample[] => []);
    for (let turn = -warmUps; turn < rounds; turn++) {
      for (const [i, host] of hosts.entries()) {
        const sample = await host.round();
        if (turn >= 0) samples[i]?.push(sample);
      }
    }
    const timed = names.map((name, i) => [name, timing(samples[i] ?? [])] as const);
    return Object.fromEntries(timed) as Record<Name, Timing>;
  } finally {
    for (const host of hosts) await host.end();
  }
}

function timing(samples: readonly Sample[]): Timing {
  return { cpu: spreadOf(samples.map(({ cpu }) => cpu)), wall: spreadOf(samples.map(({ wall }) => wall)), samples };
}

/** Median and quartiles. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** The process of one contestant, seen from outside. */
class Host {
  private readonly child: ChildProcess;
  private readonly what: string;

  private constructor(child: ChildProcess, what: string) {
    this.child = child;
    this.what = what;
  }

  static async start(suite: string, name: string): Promise<Host> {
    const child = fork(fileURLToPath(import.meta.url), [CONTESTANT, suite, name], {
      execArgv: ["--expose-gc", "--no-warnings"],
    });
    const host = new Host(child, `${suite} ${name}`);
    await host.answer();
    return host;
  }

  async round(): Promise<Sample> {
    this.child.send("round");
    return (await this.answer()) as Sample;
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, "exit");
    this.child.disconnect();
    await exit;
  }

  private answer(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null): void => reject(new Error(`${this.what} ended with exit code ${code}`));
      this.child.once("exit", ended);
      this.child.once("message", (message) => {
        this.child.off("exit", ended);
        resolve(message);
      });
    });
  }
}

/** First argument of a contestant's process. */
export const CONTESTANT = "--contestant";

/** What a contestant's process does: one round whenever it is asked, until its parent lets go of it. */
export async function serve(make: () => Promise<Contestant>): Promise<void> {
  const contestant = await make();
  const send = (message: object): void => void process.send?.(message);
  process.on("message", () => {
    void measured(contestant).then(send, (problem: unknown) => {
      console.error(problem);
      process.exit(1);
    });
  });
  send({ ready: true });
  await once(process, "disconnect");
  await contestant.close?.();
}

async function measured(contestant: Contestant): Promise<Sample> {
  // No forced collection here: it also throws away what the compiler has learnt, and a round would time that.
  await contestant.prepare?.();
  const residentBefore = process.memoryUsage.rss();
  const used = process.cpuUsage();
  const start = process.hrtime.bigint();
  const operations = await contestant.round();
  const wall = Number(process.hrtime.bigint() - start) / 1000 / operations;
  const { user, system } = process.cpuUsage(used);
  const residentPeak = process.resourceUsage().maxRSS * 1024;
  const detail = contestant.detail?.() ?? {};
  return { cpu: (user + system) / operations, wall, residentBefore, residentPeak, detail };
}
