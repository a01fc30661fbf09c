/**
 * The tables of a workflow document other than nodes and secrets, as schemas over TOML values (spec/workflow.md §2,
 * §7, §9.2, §11, §13, §15, §17.4, §18.2). Reading, completion and the JSON Schema of the dialect come from them.
 *
 * Defaults stand in the schemas of tables that have a model type. Tables that stay values (auth, server, logging,
 * signing) keep only what the author wrote; their consumer knows the defaults named here.
 */
import { z } from "zod";
import { real, template, text, unsigned } from "../../kinds/define.ts";

const strings = (description: string) => z.array(z.string()).meta({ description });
const list = (description: string) => strings(description).default([]);
const flag = (description: string) => z.boolean().meta({ description });

/** `[[start_nodes]]`, §2.2. */
export const startNode = z.strictObject({
  name: text("The name by which routes, triggers and `--start` choose this way in."),
  source: z.enum(["event", "http", "manual"]).meta({ description: "Chooses the default start of a one-shot run." }),
  entry_node: text("The node it enters; without it, the only node that no edge enters.").optional(),
});

/** `[[edges]]`, §2.5. */
export const edge = z.strictObject({
  from: text("The node it leaves."),
  to: text("The node it enters."),
  when: text("The branch label it carries; without it, the edge of an outcome without label.").optional(),
  max_iterations: unsigned("u32", "Makes it a loop edge, followed at most so often in a run.").optional(),
});

/** `[[http_routes]]`, §2.4 and Decision D11: `rate_limit` may also be an array of one table. */
export const httpRoute = z.strictObject({
  method: text("The HTTP method, in any case."),
  path: text("The exact path."),
  start_node: text("The start node of its runs."),
  input_schema: text("A JSON Schema of the payload; not enforced.").optional(),
  auth: text("`none`, `bearer:NAME`, `basic:NAME`, `hmac:NAME`, `oidc:NAME` or `mtls`.").optional(),
  rate_limit: z
    .strictObject({
      capacity: unsigned("u32", "How many requests may come at once."),
      per_second: real("How many requests per second are let through in the long run."),
    })
    .meta({ description: "A token bucket for this route." })
    .optional(),
  idempotency_key: text("A path into the payload, or `body_sha256`.").optional(),
  idempotency_ttl_secs: unsigned("u64", "How long a recorded answer is replayed, in seconds.").default(86_400),
});

const startField = text("The start node of its runs.");

/** `[[triggers]]` by `type`, §2.3 and Decision D10. */
export const triggers = {
  cron: z.strictObject({
    schedule: text("Five, six or seven cron fields."),
    timezone: text("An IANA time zone; without it, the local one.").optional(),
    start_node: startField,
  }),
  interval: z.strictObject({
    every: text("A number and a unit, e.g. `30s`, `5m`, `2h`, `1d`."),
    start_node: startField,
  }),
  fs_watch: z.strictObject({
    path: text("The file or folder to watch."),
    start_node: startField,
    recursive: flag("Watch folders below it too.").default(false),
    events: list("Any of `create`, `modify`, `remove`, `rename`; none means all four."),
    debounce_ms: unsigned("u64", "Quiet time after which a burst counts as one event, in milliseconds.").default(250),
  }),
  "internal.event": z.strictObject({ name: text("The event's name. It never fires."), start_node: startField }),
  "mcp.resource.updated": z.strictObject({
    server: text("An MCP server. It never fires."),
    resource: text("A resource URI or pattern."),
    start_node: startField,
  }),
  "mcp.resource.created": z.strictObject({
    server: text("An MCP server. It never fires."),
    resource: text("A resource URI or pattern."),
    start_node: startField,
  }),
} as const;

/** `[policy]`, §7.1. */
export const policy = z.strictObject({
  fs: z
    .strictObject({
      read: list("Patterns of paths that may be read."),
      write: list("Patterns of paths that may be written."),
      delete: list("Patterns of paths that may be deleted."),
      list: list("Patterns of folders that may be listed; none means those of `read`."),
    })
    .optional(),
  env: z.strictObject({ read_keys: list("Environment variables that may be read.") }).optional(),
  http: z
    .strictObject({
      urls: list("URL patterns that may be requested."),
      methods: list("Methods that may be used; none means any."),
    })
    .optional(),
  shell: z.strictObject({ commands: list("Programs that may be run, by absolute path.") }).optional(),
  mcp: z
    .strictObject({
      servers: list("Informational."),
      tools: list("Tools of the command line's MCP server that may be called."),
      resources: list("Resources of the command line's MCP server that may be read."),
    })
    .optional(),
  rego: z
    .strictObject({
      inline: text("A Rego module.").optional(),
      file: text("The path of a Rego module.").optional(),
      data: z.unknown().meta({ description: "Merged at the root of `data`." }).optional(),
      query: text("What must be true.").default("data.agent.allow"),
    })
    .optional(),
});

/** `[budget]`, §15. */
export const budget = z.strictObject({
  max_memory_mb: unsigned("u64", "Memory of a run with its children, in MiB.").optional(),
  max_cpu_secs: unsigned("u64", "Processor time of a run with its children, in seconds.").optional(),
  max_run_time_secs: unsigned("u64", "Time of a run, in seconds; 0 for no limit.").optional(),
  max_fs_write_mb: unsigned("u64", "Everything written to files, in MiB; 0 for no limit.").optional(),
  max_llm_tokens: unsigned("u64", "Prompt and completion tokens; 0 blocks every call.").optional(),
});

/** `[[mcp_servers]]`, §11. */
export const mcpServer = z.strictObject({
  name: text("The name nodes use."),
  command: strings("Program and arguments."),
  allow_tools: list("Tools that may be called; none denies all."),
  allow_resources: list("Resources that may be read; none denies all."),
  env: z.record(z.string(), z.string()).meta({ description: "Variables and the secrets they take." }).default({}),
});

/** `[[intelligence.backends]]`, §9.2. A missing `model` is refused when the backend is built. */
export const modelBackend = z.strictObject({
  name: text("The name nodes use."),
  provider: z.enum(["anthropic", "openai", "gemini", "openai-compatible"]),
  model: text("The provider's name of the model.").default(""),
  api_key_env: text("The secret that holds the key.").optional(),
  base_url: text("Where the provider is reached.").optional(),
  max_tokens: unsigned("u32", "Tokens of a reply, where the node sets none.").optional(),
});

/** `[intelligence]` without its backends, which are read one by one. */
export const intelligence = z.strictObject({ backends: z.array(z.unknown()).default([]) });

/** `[auth]`, §13.6. */
export const auth = z.strictObject({
  bearer: z
    .record(
      z.string(),
      z.strictObject({
        tokens_env: text("The secret that holds tokens, one a line.").optional(),
        tokens: strings("Literal tokens, for tests.").optional(),
      }),
    )
    .optional(),
  basic: z
    .record(
      z.string(),
      z.strictObject({
        credentials_env: text("The secret that holds `user:pass` lines.").optional(),
        credentials: strings("Literal `user:pass` entries, for tests.").optional(),
      }),
    )
    .optional(),
  hmac: z
    .record(
      z.string(),
      z.strictObject({
        secret_env: text("The secret that holds the key.").optional(),
        secret: text("A literal key, for tests.").optional(),
        header: text("The header that holds the signature; default `X-Agent-Signature`.").optional(),
        prefix: text("What stands before the hex digits; default `sha256=`.").optional(),
      }),
    )
    .optional(),
  oidc: z
    .record(
      z.string(),
      z.strictObject({
        issuer: text("The issuer that tokens must name."),
        audience: strings("Audiences that are accepted; none means any.").optional(),
        jwks_json: text("The key set itself.").optional(),
        jwks_file: text("The path of the key set.").optional(),
        subject_allowlist: strings("Subjects that are accepted; none means any.").optional(),
        clock_skew_secs: unsigned("u64", "Tolerated clock difference in seconds; default 60.").optional(),
        algorithms: strings('Accepted algorithms; default `["RS256"]`.').optional(),
      }),
    )
    .optional(),
});

/** `[server]`, §13.7. */
export const server = z.strictObject({
  tls: z
    .strictObject({
      cert_file: text("The server's certificate chain, PEM."),
      key_file: text("Its private key, PEM."),
      client_auth: z
        .strictObject({
          mode: z.enum(["none", "optional", "required"]).optional(),
          ca_file: text("The certificates that clients' must be signed with.").optional(),
        })
        .optional(),
    })
    .optional(),
});

/** `[logging]`, §17.4. */
export const logging = z.strictObject({
  level: text("A level or filter directive; default `warn`.").optional(),
  format: z.enum(["text", "json"]).meta({ description: "Default `text`." }).optional(),
  target: text("`stderr`, `stdout` or `file:PATH`; default `stderr`.").optional(),
  enabled: flag("Default true.").optional(),
  rotation: z.enum(["never", "daily", "hourly", "minutely"]).optional(),
  audit: z
    .strictObject({
      target: text("Where audit events go; default `file:/var/log/agent/audit.jsonl`.").optional(),
      redact_fields: strings("Further fields whose values are hidden.").optional(),
      include_reason: flag("Show reasons; default false.").optional(),
    })
    .optional(),
  otel: z
    .strictObject({
      endpoint: text("Where traces are sent.").optional(),
      service_name: text("Default `agentd`.").optional(),
      protocol: text("Default `grpc`.").optional(),
      resource_attrs: z.record(z.string(), z.string()).optional(),
      sample_ratio: real("Share of runs that are traced; default 1.0.").optional(),
    })
    .optional(),
});

/** `[signing]`, §18.2. */
export const signing = z.strictObject({
  required: flag("Refuse the document without a signature; default false.").optional(),
  public_key_pem: text("The key itself.").optional(),
  public_key_file: text("The path of the key.").optional(),
  algorithm: text("Default `ed25519`.").optional(),
});

/** `retry` of a node, §6. */
export const retry = z.strictObject({
  max_attempts: unsigned("u32", "Attempts in all; 0 counts as 1."),
  backoff_ms: unsigned("u64", "Wait before retry n is n times this, in milliseconds.").default(100),
  on: z
    .enum(["any", "transient"])
    .meta({ description: "Which hard errors are tried again: any, or those of class tool, intelligence and mcp." })
    .default("any"),
  jitter: real("Random share of the wait, 0 to 0.5.").default(0),
});

/** Fields that every node has, §2.6, Decision D6 and spec/runtime.md §4. */
export const commonNodeFields = z.strictObject({
  id: text("The node's name in edges and references."),
  type: text("The node's kind."),
  retry: retry.meta({ description: "What to do after a hard error." }).optional(),
  on_error: z
    .enum(["stop", "branch"])
    .meta({ description: "A hard error ends the run, or becomes an outcome with the label `error`." })
    .default("stop"),
  in_doubt: z
    .enum(["pause", "retry", "fail"])
    .meta({ description: "What to do when nobody knows whether an effect happened." })
    .default("pause"),
  idempotency_key: template("Sent as `Idempotency-Key`; makes an effect safe to repeat.").optional(),
});

/** Root keys in the order in which messages list them. */
export const rootKeys = [
  "name",
  "description",
  "start_nodes",
  "triggers",
  "http_routes",
  "nodes",
  "edges",
  "policy",
  "auth",
  "logging",
  "server",
  "signing",
  "budget",
  "mcp_servers",
  "intelligence",
  "secrets",
] as const;
