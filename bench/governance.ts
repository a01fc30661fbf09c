/**
 * Decisions at the moment of an effect: a policy of 100 rules, and the policy code of the workflow page, each beside
 * the least that any program would have to do: as many regular expressions over one string.
 */
import { createHash } from "node:crypto";
import type { DecisionRequest, PolicyScope } from "../src/effects/decision.ts";
import type { PreparedEffect } from "../src/effects/effect.ts";
import { createDecider } from "../src/governance/decider.ts";
import { compileRego } from "../src/governance/static/rego/policy.ts";
import { object } from "../src/graph/value.ts";
import { micros, times } from "./format.ts";
import { compare, type Contestant, type Contestants } from "./measure.ts";
import type { Row, Suite } from "./suite.ts";

/** Decisions of one round. */
const COUNT = 5000;
const RULES = 100;
/** Microseconds. */
const DECISION_LIMIT = 5;
const CODE_LIMIT = 50;

/** The last of the rules is the one that matches. */
const patterns = Array.from({ length: RULES }, (_, i) => `https://host${i}.example/api/**`);
const url = `https://host${RULES - 1}.example/api/orders/17`;

function request(scopes: readonly PolicyScope[]): DecisionRequest {
  const prepared: PreparedEffect = {
    effect: { kind: "http.request", method: "GET", url, headers: [], body: null, timeoutMs: 1, maxReplyBytes: 1 },
    description: { kind: "http.request", method: "GET", url, address: "93.184.216.34", address_class: "public" },
    target: url,
  };
  const activation = { frame: "", node: "fetch", visit: 1, attempt: 1 };
  const asked = { dryRun: false, replay: false, chosenByModel: false, at: 0 };
  return { prepared, activation, nodeKind: "http_request", scopes, ...asked };
}

function deciding(): Contestant {
  const policy = {
    fs: { read: [], write: [], delete: [], list: [] },
    env: { readKeys: [] },
    http: { urls: patterns, methods: [] },
    shell: { commands: [] },
    mcp: { servers: [], tools: [], resources: [] },
    rego: null,
  };
  const scopes = [{ file: "bench.toml", policy, mcpServers: [] }];
  const decider = createDecider({
    posture: { environment: "dev", sideEffects: "allow_all", replay: "dry_run_only" },
    lists: [],
    stages: { httpPost: null, exec: [] },
    scopes,
    realPrefix: (path) => path,
    digest: (data) => `sha256:${createHash("sha256").update(data).digest("hex")}`,
  });
  const asked = request(scopes);
  return {
    round: async () => {
      for (let i = 0; i < COUNT; i++) {
        const { decision } = await decider.decide(asked);
        if (decision !== "Allow") throw new Error(`decided ${decision}`);
      }
      return COUNT;
    },
  };
}

/** The policy of the workflow page, in its shape. */
const code = `package agent

default allow = false

allow if {
  input.tool == "fs.read"
  startswith(input.args.path, "/data/safe/")
}

allow if {
  input.tool == "http.request"
  startswith(input.args.url, "https://")
  data.region == "eu-west-1"
}
`;

function evaluating(): Contestant {
  const compiled = compileRego([{ file: "policy.rego", text: code }], { data: object({ region: "eu-west-1" }) });
  if (!compiled.ok) throw new Error(compiled.problems[0]?.message ?? "the policy does not compile");
  const { policy } = compiled;
  const input = object({ tool: "http.request", args: object({ url, method: "GET" }) });
  return {
    round: () => {
      for (let i = 0; i < COUNT; i++) {
        const answer = policy.evaluate({ input, now: 0n });
        if (answer.type !== "value" || answer.value !== true) throw new Error("the policy does not allow");
      }
      return Promise.resolve(COUNT);
    },
  };
}

function matching(): Contestant {
  const expressions = patterns.map((one) => new RegExp(`^${one.replace(/[.*/]/g, "\\$&")}`));
  const last = new RegExp(`^https://host${RULES - 1}\\.example/api/`);
  return {
    round: () => {
      for (let i = 0; i < COUNT; i++)
        if (expressions.some((one) => one.test(url)) || !last.test(url)) throw new Error("another one matched");
      return Promise.resolve(COUNT);
    },
  };
}

const contestants: Contestants = {
  decision: () => Promise.resolve(deciding()),
  code: () => Promise.resolve(evaluating()),
  expressions: () => Promise.resolve(matching()),
};

export const governance: Suite = {
  name: "governance",
  about: "decisions by 100 rules and by policy code, beside 100 regular expressions",
  contestants,
  async run() {
    const found = await compare("governance", ["decision", "code", "expressions"], { warmUps: 3, rounds: 15 });
    const { decision, code: rego, expressions } = found;
    const row = (what: string, ours: typeof decision, limit: number): Row => ({
      what,
      ours: micros(ours.cpu),
      peer: `${RULES} regular expressions: ${micros(expressions.cpu)}`,
      ratio: times(ours.cpu.median / expressions.cpu.median),
      target: `within ${limit} µs`,
      met: ours.cpu.median <= limit,
    });
    return [
      row(`decision by a policy of ${RULES} URL rules (CPU)`, decision, DECISION_LIMIT),
      row("evaluation of the page's policy code (CPU)", rego, CODE_LIMIT),
    ];
  },
};
