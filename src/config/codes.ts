/** The codes of findings about `countersign.toml` and about configuration in flags and variables. */
import type { Severity } from "../graph/diagnostic.ts";

/** What is known of a code. */
export interface ConfigCode {
  readonly severity: Severity;
  readonly text: string;
  readonly docs?: string;
  readonly example?: string;
}

const error = (text: string, docs?: string, example?: string): ConfigCode => ({
  severity: "error",
  text,
  ...(docs === undefined ? {} : { docs }),
  ...(example === undefined ? {} : { example }),
});

/** Codes of a `countersign.toml`; a file with an error counts for nothing, and nothing starts beside it. */
export const configFileCodes = {
  config_code: {
    severity: "warning",
    text: "`[diagnostics]` sets the severity of a code that there is not, or of an error.",
    docs: "Errors are what the engine refuses, so only warnings and information can be given another severity.",
    example: `[diagnostics]\nmay_be_null = "off"`,
  },
  config_syntax: error("The file is not TOML; the message says what the reader expected at that place."),
  config_unknown_key: error("There is no key of this name here."),
  config_value: error(
    "A value is not one that the key takes.",
    "Also said of flags and of variables of the environment, by their names.",
    `[diagnostics]\nno_policy = "warn"   # error, warning, information or off`,
  ),
  config_operator_only: error(
    "The key belongs in the user's own configuration.",
    "A `countersign.toml` in a workspace comes with the documents and may only narrow what the operator allows.",
  ),
  config_state_dir: error(
    "The folder for runs is not below the file's own folder.",
    "A workspace keeps its runs to itself; only the user's own configuration may name a folder elsewhere.",
  ),
} as const satisfies Readonly<Record<string, ConfigCode>>;

/** Codes that only the command line gives: they stand in no document. */
export const configStartCodes = {
  config_file: error("A configuration file cannot be read."),
  config_incomplete: error("A flag or a variable needs another beside it."),
} as const satisfies Readonly<Record<string, ConfigCode>>;
