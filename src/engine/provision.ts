/**
 * What was decided about starts that effects need, in the run's journal (spec/runtime.md §2).
 *
 * Invariant: whoever asks hears that it may go on only when the decision is durable and this process is still the run's
 * only writer; so nothing is started that the journal does not tell of.
 */
import type { Provision } from "../effects/seam.ts";
import type { Failure } from "../graph/failure.ts";
import { provisionDigest } from "./digests.ts";
import type { Runner } from "./runner.ts";

/** Journals decisions that come while the run is under way, and those made before it began; the result ends that. */
export function attachProvisions(runner: Runner): () => void {
  const { provisions } = runner.input.seam;
  if (provisions === undefined) return () => undefined;
  let listening = true;
  const over = (): boolean => !listening || runner.over || runner.halted || runner.work.abandoned;
  const attached = provisions.attach((provision) => note(runner, provision, over));
  // The sync with which the run begins makes these durable.
  for (const provision of attached.before) append(runner, provision);
  return () => {
    listening = false;
    attached.detach();
  };
}

/** Null when the decision is durable and the run still goes on; else why nothing may be started. */
async function note(runner: Runner, provision: Provision, over: () => boolean): Promise<Failure | null> {
  if (!(await runner.owns()) || over() || !append(runner, provision)) return stopped(runner, provision);
  // Asked again, because this process may have been stopped for long while it waited for the disk.
  if (!(await runner.durable()) || !(await runner.owns()) || over()) return stopped(runner, provision);
  return null;
}

function stopped(runner: Runner, { what, name }: Provision): Failure {
  if (runner.failure !== null) return runner.failure;
  const subject = what === "secret" ? `the secret \`${name}\` was fetched` : `the server \`${name}\` was started`;
  return { class: "cancelled", message: `the run ended before ${subject}` };
}

/** False when the run has not begun, so that there is nothing to bind the decision to. */
function append(runner: Runner, provision: Provision): boolean {
  const { started, resumed } = runner.state;
  if (started === null) return false;
  const { runId: run, policyDigest, environment } = started;
  const graphDigest = resumed?.graphDigest ?? started.graphDigest;
  const binding = { run, graphDigest, policyDigest, environment };
  const digest = provisionDigest(runner.input.seam.digest, provision, binding);
  runner.append({ type: "provision.decided", ...provision, digest });
  return true;
}
