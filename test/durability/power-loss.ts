/** Loss of power at any operation of the disk; shared by the tests and the soak. */
import { activationKey } from "../../src/effects/effect.ts";
import type { JournalEvent } from "../../src/effects/events.ts";
import { Disk, randomFrom } from "../connect/journal/disk.ts";
import { events, finish, start, type Loaded } from "./in-memory.ts";
import { startedAgain, undeclared } from "./kills.ts";
import type { MemoryWorld } from "./memory-world.ts";

interface Moment {
  readonly disk: Disk;
  readonly world: MemoryWorld;
  readonly at: string;
}

/** What a whole run without a loss comes to, and how many operations it takes until it pauses or ends. */
export async function undisturbed(loaded: Loaded): Promise<{ expected: string; operations: number }> {
  const disk = new Disk();
  const world = loaded.world();
  await start(loaded, disk, world);
  const { operations } = disk;
  return { expected: await finish(loaded, disk, world), operations };
}

/** Loses power before operation `at` of each number in `moments`, all in one run; what is wrong afterwards. */
export async function losePower(
  loaded: Loaded,
  expected: string,
  moments: ReadonlySet<number>,
  seed: number,
): Promise<string[]> {
  const random = randomFrom(seed);
  const disk = new Disk();
  const world = loaded.world();
  const found: Moment[] = [];
  disk.fault = (operation, path, count) => {
    if (moments.has(count)) {
      found.push({ disk: disk.afterPowerLoss(random), world: world.copy(), at: `${count} (${operation} ${path})` });
    }
    return null;
  };
  await start(loaded, disk, world);
  disk.fault = () => null;
  const wrong: string[] = [];
  for (const moment of found) {
    const problem = await afterLoss(loaded, moment, expected).catch((error: Error) => error.message);
    if (problem !== null) wrong.push(`power lost before operation ${moment.at}, seed ${seed}: ${problem}`);
  }
  return wrong;
}

async function afterLoss(loaded: Loaded, { disk, world }: Moment, expected: string): Promise<string | null> {
  const before = await events(disk);
  const unknown = unrecorded(before, world);
  if (unknown !== null) return unknown;
  const came = await finish(loaded, disk, world);
  const after = await events(disk);
  return (
    startedAgain(after) ??
    undeclared(loaded.reference, world.seen(), after, 1, true) ??
    (came === expected ? null : `came to ${came} instead of ${expected}`)
  );
}

/** An effect that happened although nothing durable says that it was started. */
function unrecorded(before: readonly JournalEvent[], world: MemoryWorld): string | null {
  const started = new Map<string, number>();
  for (const event of before) {
    if (event.type !== "effect.started") continue;
    const key = activationKey(event.act);
    started.set(key, (started.get(key) ?? 0) + 1);
  }
  const done = new Map<string, number>();
  for (const { activation } of world.performed) {
    const key = activation.replace(/^\//, "");
    done.set(key, (done.get(key) ?? 0) + 1);
  }
  for (const [key, count] of done) if (count > (started.get(key) ?? 0)) return `${key} happened unrecorded`;
  return null;
}
