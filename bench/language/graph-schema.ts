/**
 * A JSON Schema of the steps that the measured `graph.yaml` holds, for the peer: it then validates and completes the
 * same text as we do. It knows less than our server does (no references, no order, no files), so its work is the lesser.
 */
const text = { type: "string", minLength: 1 } as const;

const run = {
  type: "object",
  description: "What the step runs.",
  required: ["type"],
  additionalProperties: false,
  properties: {
    type: { enum: ["cli-tool", "agent-task", "approval"], description: "How it is run." },
    command: { ...text, description: "The program." },
    args: { type: "array", items: { type: "string" } },
    cwd: text,
    timeout_seconds: { type: "integer", minimum: 1 },
    agent: text,
    task: text,
    outputs: { type: "object", additionalProperties: { type: "string" } },
  },
} as const;

const step = {
  type: "object",
  description: "One step of the graph.",
  required: ["id"],
  additionalProperties: false,
  properties: {
    id: { ...text, description: "The step's name." },
    label: text,
    skill: { ...text, description: "A skill's folder." },
    tool: text,
    run,
    runner: text,
    instructions: text,
    inputs: { type: "object", description: "Values that the step is given." },
    context: {
      type: "object",
      description: "Outputs of earlier steps.",
      additionalProperties: { type: "string", pattern: "^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)+$" },
    },
    scopes: { type: "array", items: { type: "string" } },
    mode: { enum: ["sequential", "fanout"] },
    fanout_group: text,
    mutation: { type: "boolean" },
    idempotency_key: text,
  },
} as const;

/** See the header. */
export const graphSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  type: "object",
  required: ["name", "steps"],
  additionalProperties: false,
  properties: {
    name: { ...text, description: "The graph's name." },
    owner: text,
    steps: { type: "array", items: step },
    fanout: { type: "object" },
    policy: { type: "object" },
  },
} as const;
