/**
 * Property tests draw the same cases in every run, so that a commit is green or is not; `COUNTERSIGN_SEED=N` draws others
 * (`random`: new ones each time), and `npm run soak` looks for what nobody has seen yet.
 */
import fc from "fast-check";

/** The cases that everybody draws. */
const SEED = 20_261_122;

const wanted = process.env["COUNTERSIGN_SEED"];
if (wanted !== "random") fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(wanted ?? SEED) });
