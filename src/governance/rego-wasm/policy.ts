/**
 * Policy code that `opa build` compiled to WebAssembly, through the published SDK (spec/workflow.md §7.5).
 *
 * The same contract as source code: a query, an input, and only `true` allows. Invariants: the module gets the
 * imports of the SDK and nothing else; its memory has a ceiling; everything of it runs under a watchdog; what it
 * prints goes nowhere; after a failure its instance is thrown away. Built-ins that it asks of its host are the pure
 * ones of our evaluator, and the time is that of the decision.
 */
import { createContext, Script } from "node:vm";
import * as sdk from "@open-policy-agent/opa-wasm";

import { fromPlain, isObject, object, toText, type ObjectValue, type Value } from "../../graph/value.ts";
import type { PolicyCode } from "../static/policy-code.ts";
import { builtins } from "../static/rego/builtins/index.ts";
import { Budget, defaultLimits, Halt } from "../static/rego/limits.ts";
import type { RegoAnswer } from "../static/rego/policy.ts";
import { Matchers } from "../static/rego/regex/matchers.ts";
import { fromValue, toValue, type RegoValue } from "../static/rego/value.ts";

/** Bounds of one evaluation. */
export interface WasmLimits {
  /** Milliseconds until the watchdog ends it. */
  readonly timeMs: number;
  /** Pages of 64 KiB. */
  readonly pages: number;
}

export const defaultWasmLimits: WasmLimits = { timeMs: 1_000, pages: 1_024 };

/** What is compiled into a policy. */
export interface WasmOptions {
  readonly query: string;
  /** Merged at the root of `data`. */
  readonly data: Value;
  readonly digest: string | null;
  readonly limits?: WasmLimits;
}

export type WasmLoaded =
  { readonly ok: true; readonly code: PolicyCode } | { readonly ok: false; readonly message: string };

/** The platform's WebAssembly, as far as it is used here; its types come with browsers only. */
interface Modules {
  new (bytes: Uint8Array): WebAssembly.Module;
  imports(module: WebAssembly.Module): readonly { readonly module: string; readonly name: string }[];
  exports(module: WebAssembly.Module): readonly { readonly kind: string; readonly name: string }[];
}

// The package gives everything but one function by its default only, unlike what its types say.
const { loadPolicySync } = (sdk as unknown as { readonly default: typeof sdk }).default;

const { Module } = (globalThis as unknown as { readonly WebAssembly: { readonly Module: Modules } }).WebAssembly;

/** What the SDK gives a module. */
const allowedImports = new Set(
  ["memory", "opa_abort", "opa_println", ...[0, 1, 2, 3, 4].map((n) => `opa_builtin${n}`)].map((name) => `env.${name}`),
);

/** Loads a module and tries it out once, so that what cannot be evaluated is known at the start. Never throws. */
export function loadWasmPolicy(bytes: Uint8Array, options: WasmOptions): WasmLoaded {
  const { query, data, digest, limits = defaultWasmLimits } = options;
  const entry = /^data\.([^\s[\]]+)$/.exec(query)?.[1]?.replaceAll(".", "/");
  if (entry === undefined) return { ok: false, message: `the query \`${query}\` is no path of \`data\`` };
  if (!isObject(data) && data !== null)
    return { ok: false, message: "`data` is merged at the root, so it must be a table" };
  let module: WebAssembly.Module;
  try {
    module = new Module(new Uint8Array(bytes));
  } catch (problem) {
    return { ok: false, message: `it is no WebAssembly module: ${textOf(problem)}` };
  }
  const foreign = Module.imports(module).find((one) => !allowedImports.has(`${one.module}.${one.name}`));
  if (foreign !== undefined) {
    return { ok: false, message: `it asks for \`${foreign.module}.${foreign.name}\`, which no policy of OPA does` };
  }
  if (Module.exports(module).some(({ kind, name }) => kind === "memory" && name !== "memory")) {
    return { ok: false, message: "it has a memory of its own, which could not be limited" };
  }
  const host = new WasmHost(module, data ?? object(), limits);
  const tried = host.entrypoints();
  if (typeof tried === "string") return { ok: false, message: tried };
  if (!tried.includes(entry)) {
    const known = tried.map((one) => `\`${one}\``).join(", ");
    return { ok: false, message: `it has no entry point \`${entry}\` for the query \`${query}\`; it has ${known}` };
  }
  return { ok: true, code: { query, digest, ask: (input, now) => host.ask(entry, input, now) } };
}

class WasmHost {
  private readonly module: WebAssembly.Module;
  private readonly data: ObjectValue;
  private readonly limits: WasmLimits;
  private readonly matchers = new Matchers();
  private policy: sdk.LoadedPolicy | null = null;
  private now: bigint | null = null;

  constructor(module: WebAssembly.Module, data: ObjectValue, limits: WasmLimits) {
    this.module = module;
    this.data = data;
    this.limits = limits;
  }

  /** The names of the entry points, or what is wrong with the module. */
  entrypoints(): readonly string[] | string {
    try {
      return this.guarded(() => Object.keys(this.loaded().entrypoints as object));
    } catch (problem) {
      this.policy = null;
      return `it cannot be loaded: ${textOf(problem)}`;
    }
  }

  ask(entry: string, input: ObjectValue, now: bigint | null): RegoAnswer {
    this.now = now;
    try {
      const results = this.guarded(() => this.loaded().evaluate(jsonBuffer(input), entry) as unknown);
      if (!Array.isArray(results) || results.length === 0) return { type: "undefined" };
      const [first] = results as readonly unknown[];
      if (typeof first !== "object" || first === null || !("result" in first)) return { type: "undefined" };
      return { type: "value", value: fromPlain(first.result) };
    } catch (problem) {
      // Nobody knows in what state it was left.
      this.policy = null;
      if (problem instanceof Halt) return { type: "error", code: problem.code, message: problem.message };
      if (isTimeout(problem)) {
        const message = `the policy takes longer than ${this.limits.timeMs} milliseconds`;
        return { type: "error", code: "rego.limit", message };
      }
      return { type: "error", code: "rego.eval", message: textOf(problem) };
    }
  }

  private loaded(): sdk.LoadedPolicy {
    if (this.policy === null) {
      const policy = loadPolicySync(this.module, { initial: 5, maximum: this.limits.pages }, this.hostBuiltins());
      policy.setData(jsonBuffer(this.data));
      this.policy = policy;
    }
    return this.policy;
  }

  /** Runs under the watchdog, which ends loops of the module and of the SDK's regular expressions alike. */
  private guarded<T>(run: () => T): T {
    let made: { readonly value: T } | null = null;
    const sandbox = createContext({
      run: () => {
        made = { value: quietly(run) };
      },
    });
    new Script("run()").runInContext(sandbox, { timeout: this.limits.timeMs });
    const done = made as { readonly value: T } | null;
    if (done === null) throw new Error("the policy gave no result");
    return done.value;
  }

  /** Our pure built-ins under their names, for those that a module leaves to its host. */
  private hostBuiltins(): Record<string, (...args: unknown[]) => ArrayBuffer | undefined> {
    return Object.fromEntries(
      [...builtins.values()].map((builtin) => [
        builtin.name,
        (...args: unknown[]) => {
          const values = args.map((arg) => fromValue(fromPlain(arg)));
          if (values.some((value) => value === undefined)) return undefined;
          const world = { budget: new Budget(defaultLimits, () => 0), now: this.now, matchers: this.matchers };
          const made = builtin.run(values as readonly RegoValue[], world);
          return made === undefined ? undefined : jsonBuffer(toValue(made));
        },
      ]),
    );
  }
}

/** The SDK takes JSON text as a buffer; so integers stay exact. */
function jsonBuffer(value: Value): ArrayBuffer {
  const bytes = new TextEncoder().encode(toText(value));
  const buffer = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(buffer).set(bytes);
  return buffer;
}

/** What a policy prints would stand between the lines of a program's own output. */
function quietly<T>(run: () => T): T {
  const { log, error } = console;
  const nothing = (): void => undefined;
  Object.assign(console, { log: nothing, error: nothing });
  try {
    return run();
  } finally {
    Object.assign(console, { log, error });
  }
}

function isTimeout(problem: unknown): boolean {
  // Made by the platform in another realm, so it is no Error of this one.
  return (
    typeof problem === "object" &&
    problem !== null &&
    "code" in problem &&
    problem.code === "ERR_SCRIPT_EXECUTION_TIMEOUT"
  );
}

/** The SDK throws texts and objects with a message too. */
function textOf(problem: unknown): string {
  if (typeof problem === "string") return problem;
  if (typeof problem === "object" && problem !== null && "message" in problem) return String(problem.message);
  return String(problem);
}
