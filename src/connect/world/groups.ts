/**
 * Process groups that are alive, so that none outlives this process: they are killed when it exits. (A SIGKILL of
 * this process cannot be answered; whoever starts programs from a signal handler calls {@link killAllGroups}.)
 */

const alive = new Set<number>();
let watching = false;

/** Remembers the group that the child `pid` leads. */
export function trackGroup(pid: number): void {
  alive.add(pid);
  if (watching) return;
  watching = true;
  process.on("exit", killAllGroups);
}

/** Forgets a group that has ended. */
export function releaseGroup(pid: number): void {
  alive.delete(pid);
}

/** Kills every group that is still alive. Synchronous, for exit handlers. */
export function killAllGroups(): void {
  for (const pid of alive) signalGroup(pid, "SIGKILL");
  alive.clear();
}

/** Sends a signal to a whole group; 0 only asks. False when nobody is there to get it. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    // Windows has no groups; there the child alone gets it.
    process.kill(process.platform === "win32" ? pid : -pid, signal);
    return true;
  } catch {
    // ESRCH: it has ended. EPERM: what is left of it has changed its user and is out of reach.
    return false;
  }
}
