/** What a client says in `initializationOptions`; what is not there or not understood counts as not said. */
import { z } from "zod";

/** Most commands that are read. */
const MAX_COMMANDS = 1_000;

const schema = z.object({
  readFile: z.boolean().catch(false),
  commands: z.array(z.string()).max(MAX_COMMANDS).catch([]),
  associations: z.unknown().optional(),
});

/** The options, with what holds where the client says nothing. */
export interface ClientOptions {
  /** The client answers `countersign/readFile` (src/protocol/language.ts). */
  readonly readFile: boolean;
  /** Commands that the client carries out when a lens with them is chosen (src/protocol/language.ts). */
  readonly commands: readonly string[];
  /** What files are by their path (src/dialects/associations.ts). */
  readonly associations?: unknown;
}

/** Reads the options. Never throws. */
export function readOptions(raw: unknown): ClientOptions {
  const read = schema.safeParse(raw);
  return read.success ? read.data : { readFile: false, commands: [] };
}
