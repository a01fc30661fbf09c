/**
 * Rounds of random edits over the corpus, each with servers of its own; what fails is made smaller before it is told.
 */
import { randomActions, type Action } from "./actions.ts";
import type { Corpus } from "./corpus.ts";
import { play, type Played } from "./play.ts";
import { randomOf } from "./random.ts";

/** Actions of one round. */
const ACTIONS = 60;
/** Times that a failure is played again to make it smaller. */
const ATTEMPTS = 80;

/** What a number of rounds came to. */
export interface Soaked {
  readonly keys: number;
  readonly requests: number;
  readonly rounds: number;
  /** Descriptions of failures, each with what it takes to see it again. */
  readonly failures: readonly string[];
}

/** Plays rounds until so many edits have been sent. The same seed and first round make the same edits. */
export async function soak(
  corpus: Corpus,
  options: {
    readonly seed: number;
    readonly keys: number;
    readonly firstRound?: number;
    /** Rounds stop after so many failures. */
    readonly most?: number;
    readonly progress?: (soaked: Soaked) => void;
  },
): Promise<Soaked> {
  const failures: string[] = [];
  let [keys, requests, round] = [0, 0, options.firstRound ?? 0];
  const first = round;
  while (keys < options.keys && failures.length < (options.most ?? 1)) {
    const name = corpus.documents[round % corpus.documents.length] ?? "";
    const actions = randomActions(randomOf(options.seed * 1_000_003 + round), corpus, ACTIONS);
    const played = await play(corpus, name, actions);
    keys += played.keys;
    requests += played.requests;
    if (played.problem !== null) failures.push(await described(corpus, name, actions, played, options.seed, round));
    round++;
    options.progress?.({ keys, requests, rounds: round - first, failures });
  }
  return { keys, requests, rounds: round - first, failures };
}

async function described(
  corpus: Corpus,
  name: string,
  actions: readonly Action[],
  played: Played,
  seed: number,
  round: number,
): Promise<string> {
  const least = await smaller(corpus, name, actions, played);
  return [
    `${least.played.problem ?? ""}`,
    `  again: --seed ${seed} --round ${round} (${name}, ${least.actions.length} of ${actions.length} actions)`,
    `  actions: ${JSON.stringify(least.actions)}`,
    `  last edits, the latest first: ${JSON.stringify(least.played.lastEdits)}`,
    `  text: ${JSON.stringify(least.played.text.length > 3000 ? `${least.played.text.slice(0, 3000)}…` : least.played.text)}`,
  ].join("\n");
}

/** Leaves out actions, first many at once, as long as the same kind of problem stays. */
async function smaller(
  corpus: Corpus,
  name: string,
  actions: readonly Action[],
  played: Played,
): Promise<{ readonly actions: readonly Action[]; readonly played: Played }> {
  const kind = (problem: string | null): string => (problem ?? "").replace(/["'`\d].*$/s, "");
  let least = { actions, played };
  let attempts = 0;
  for (let size = actions.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < least.actions.length && attempts < ATTEMPTS;) {
      const fewer = [...least.actions.slice(0, at), ...least.actions.slice(at + size)];
      attempts++;
      const again = await play(corpus, name, fewer);
      if (again.problem !== null && kind(again.problem) === kind(played.problem))
        least = { actions: fewer, played: again };
      else at += size;
    }
  }
  return least;
}
