/** This program's version, as packages and protocols name it. */
import manifest from "../../package.json" with { type: "json" };

export const VERSION: string = manifest.version;
