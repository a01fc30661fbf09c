/** Small reads of a loaded bundle, for the programs above the composition root. */
export { rootGraph } from "../dialects/bundle.ts";
