/** X.yaml: a closed document of runners, catalog facts and harness cases (spec/skill-graph.md §3.2). */
import type { Graph, Start } from "../../graph/model.ts";
import { isObject } from "../../graph/value.ts";
import { emptyGraph } from "./graph-document.ts";
import { absent, at, type Cursor, type Reader } from "./reader.ts";
import { compileRunner } from "./skill-document.ts";
import type { Kinds, StepCompiler } from "./step.ts";

/** Every key that an X.yaml may have. */
export const manifestKeys = "skill version runx policy emits catalog runners harness".split(" ");
/** Every key that a runner may have. */
export const runnerKeys =
  "act agent agent_card_url agent_identity allowed_tools args arguments artifacts auth catalog_ref command context context_skills cwd default execution external_adapter external_adapter_manifest external_adapter_manifest_path graph headers hook http idempotency input_mode inputs instructions invocation_id method mutating outputs policy retry risk run_id runx runtime sandbox server skill_ref scopes source task timeout_seconds tool type url allow_private_network".split(
    " ",
  );
const roles = ["canonical", "branded", "context", "graph-stage", "runtime-path", "harness-fixture"] as const;
const implementationRoles: readonly string[] = ["graph-stage", "runtime-path", "harness-fixture"];

/** All that a manifest holds. */
export interface Runners {
  /** The manifest's own name for its skill. */
  readonly skill: string;
  /** Each runner's graph, with the one way into it. */
  readonly graphs: ReadonlyMap<string, Graph>;
  /** Runners that say that they are the default. */
  readonly defaults: readonly string[];
  readonly starts: readonly Start[];
}

/** A manifest, checked as a whole, and the graph of the runner that was asked for. */
export interface Manifest {
  /** Null when no such runner exists. */
  readonly graph: Graph | null;
  /** Why `graph` is null. */
  readonly selection: string | null;
}

/** Compiles the runner `wanted`; null for the default or only one. All runners are checked. */
export function compileManifest(
  reader: Reader,
  root: Cursor,
  wanted: string | null,
  file: string,
  kinds: Kinds,
): Manifest {
  return chooseRunner(compileRunners(reader, root, file, kinds), wanted, file);
}

/** Checks a manifest as a whole and compiles every runner. */
export function compileRunners(
  reader: Reader,
  root: Cursor,
  file: string,
  kinds: Kinds,
  compile?: StepCompiler,
): Runners {
  const closed = (place: Cursor, label: string, keys: readonly string[]): void =>
    reader.closed(place, keys, (key) => `${label}.${key} is not supported; allowed fields: ${keys.join(", ")}.`);
  closed(root, "runner_manifest", manifestKeys);
  const skill = reader.string(at(root, "skill")) ?? "";
  readCatalog(reader, at(root, "catalog"));
  const runners = at(root, "runners");
  const declared = reader.requiredObject(runners) ?? {};
  const compiled = new Map<string, Graph>();
  const defaults: string[] = [];
  for (const id of Object.keys(declared)) {
    const place = at(runners, id);
    if (reader.requiredObject(place) === undefined) continue;
    closed(place, place.label, runnerKeys);
    readReflect(reader, at(at(at(place, "runx"), "post_run"), "reflect"));
    if (reader.boolean(at(place, "default")) === true) defaults.push(id);
    compiled.set(id, compileRunner(reader, place, id, file, kinds, compile));
  }
  readHarness(reader, at(root, "harness"), compiled);
  if (defaults.length > 1) {
    const place = { path: at(at(runners, defaults[1] as string), "default").path, part: "value" } as const;
    reader.error("value", "runner manifest declares multiple default runners", place);
  }
  const starts: Start[] = [];
  const graphs = new Map<string, Graph>();
  for (const [name, graph] of compiled) {
    const entry = graph.nodes[0]?.id ?? null;
    const start: Start = { name, source: "manual", entry, at: at(runners, name).path };
    starts.push(start);
    graphs.set(name, { ...graph, starts: [start] });
  }
  return { skill, graphs, defaults, starts };
}

function chooseRunner(runners: Runners, wanted: string | null, file: string): Manifest {
  const { skill, graphs, defaults, starts } = runners;
  const chosen = wanted ?? defaults[0] ?? (graphs.size === 1 ? [...graphs.keys()][0] : undefined);
  const graph = chosen === undefined ? undefined : graphs.get(chosen);
  if (graph !== undefined) return { graph, selection: null };
  if (wanted !== null) return { graph: null, selection: runnerSelection(wanted) };
  // Valid, and nothing to run until somebody names a runner: the walk says so.
  return { graph: { ...emptyGraph(skill, file), starts, inputs: [] }, selection: null };
}

/** The message of §2.9 for a runner that cannot be chosen. */
export function runnerSelection(runner: string): string {
  return `runner selection '${runner}' is not supported by the native runtime yet`;
}

function readCatalog(reader: Reader, cursor: Cursor): void {
  if (reader.object(cursor) === undefined) return;
  reader.word(at(cursor, "kind"), ["skill", "graph"], "must be skill or graph.");
  const audiences = ["public", "builder", "operator", "system"] as const;
  reader.word(at(cursor, "audience"), audiences, "must be public, builder, operator, or system.");
  const visibility = at(cursor, "visibility");
  const seen = reader.word(visibility, ["public", "internal"], "must be public or internal.") ?? "public";
  const place = at(cursor, "role");
  if (absent(place)) reader.missing(place);
  const role = reader.word(place, roles, `must be ${roles.slice(0, -1).join(", ")}, or ${roles.at(-1)}.`);
  if (role === "branded") for (const key of ["canonical_skill", "provider"]) reader.requiredString(at(cursor, key));
  if (role === undefined || !implementationRoles.includes(role)) return;
  if (seen === "public") {
    const where = absent(visibility) ? place : visibility;
    reader.error("catalog", `catalog.role ${role} cannot be public.`, { path: where.path, part: "value" });
  }
  const parts = at(cursor, "part_of");
  if (absent(parts) || reader.strings(parts)?.length === 0) reader.missing(parts);
}

function readReflect(reader: Reader, cursor: Cursor): void {
  reader.word(cursor, ["auto", "always", "never"], "must be auto, always, or never.");
}

function readHarness(reader: Reader, cursor: Cursor, runners: ReadonlyMap<string, Graph>): void {
  if (reader.object(cursor) === undefined) return;
  for (const place of reader.array(at(cursor, "cases")) ?? []) {
    const runner = at(place, "runner");
    const name = isObject(place.value) ? reader.string(runner) : reader.requiredString(runner);
    if (name === undefined || runners.has(name)) continue;
    const message = `harness.cases runner ${name} is not declared in runners.`;
    reader.error("harness_case", message, { path: runner.path, part: "value" });
  }
}
