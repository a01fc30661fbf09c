/**
 * The graph of a workflow that is being typed, and what is to be said about it.
 *
 * Invariants: the graph and the findings of a text that the front end accepts are the front end's; what only follows
 * from another error is not said.
 */
import type { Diagnostic, DocumentPath } from "../../../graph/diagnostic.ts";
import { isRange } from "../../../graph/diagnostic.ts";
import type { Graph } from "../../../graph/model.ts";
import type { NodeReader } from "../nodes.ts";
import { Problems } from "../problems.ts";
import { basePath, readRoot } from "../read.ts";
import { isTable, type TomlTable } from "../toml.ts";
import { validateWorkflow } from "../validate.ts";
import { liveReaders, type Memory, type NodeRows } from "./entries.ts";
import { gapsOf, isWithin, undivided, unsureCodes, validateRecovered, type Gap, type Gaps } from "./gaps.ts";
import type { TomlText } from "./judge.ts";
import { pathOf } from "./merge.ts";

/** A workflow as far as it can be made out. */
export interface Recovered {
  readonly graph: Graph | null;
  /** For the next text of the same file. */
  readonly rows: NodeRows | null;
  /** It is the front end's. */
  readonly whole: boolean;
  /** As of a `LiveGraph`; empty for a whole one. */
  readonly unsure: ReadonlySet<string>;
  readonly findings: readonly Diagnostic[];
}

/** What the broken sections of a text mean for its tables. */
interface Damage {
  readonly gaps: Gaps;
  /** Tables that lack something. */
  readonly tables: readonly DocumentPath[];
  /** Entries of the workflow's lists that lack something, by the name of the list. */
  readonly entries: ReadonlyMap<string | number, ReadonlySet<string | number>>;
  /** Tables whose name may not be what it will be. */
  readonly unnamed: readonly DocumentPath[];
  /** Something may be anywhere. */
  readonly anywhere: boolean;
}

/** Reads the workflow of a text. `before`: the nodes of a former text of the same file. */
export function recoverWorkflow(
  toml: TomlText,
  file: string,
  nodes: NodeReader,
  memory: Memory,
  before: NodeRows | null,
): Recovered {
  const base = basePath(toml.table);
  const damage = damageOf(toml, base);
  const { gaps } = damage;
  const problems = new Problems(file);
  const readers = liveReaders(
    nodes,
    memory,
    before,
    gaps,
    (list, index) => damage.entries.get(list)?.has(index) === true,
  );
  const graph = readRoot(toml.table, problems, readers);
  const rows = readers.rows();
  if (graph === null) return { graph, rows, whole: false, unsure: sure, findings: shown(problems.list, toml, damage) };
  if (toml.accepted && !problems.failed) {
    const findings = [...problems.list, ...validateWorkflow(graph, memory.frames)];
    return { graph, rows, whole: true, unsure: sure, findings };
  }
  for (const problem of problems.list) addGaps(problem, toml.table, base, gaps);
  const checked = problems.full ? [] : validateRecovered(graph, gaps, memory.frames);
  const findings = [...shown(problems.list, toml, damage), ...checked];
  return { graph, rows, whole: false, unsure: unsureCodes(gaps), findings };
}

const sure: ReadonlySet<string> = new Set();

function damageOf({ sections, merged, accepted }: TomlText, base: DocumentPath): Damage {
  const gaps = new Set<Gap>();
  const tables: DocumentPath[] = [];
  const entries = new Map<string | number, Set<string | number>>();
  const unnamed: DocumentPath[] = [];
  let anywhere = false;
  const miss = (key: string | number | undefined): void => {
    anywhere ||= key === undefined;
    for (const gap of gapsOf(key)) gaps.add(gap);
  };
  if (accepted) return { gaps, tables, entries, unnamed, anywhere };
  sections.list.forEach((section, i) => {
    const slot = merged.slots[i] ?? null;
    if (slot === null) return miss(undefined);
    if (section.faults.length === 0) return;
    const path = pathOf(slot);
    if (section.syntax.header?.whole === false) {
      miss(undefined);
      unnamed.push(path);
    }
    if (!isWithin(path, base) && !isWithin(base, path)) return;
    const below = path.slice(base.length);
    if (below.length === 0) {
      if (section.broken.length === 0 || path.length < base.length) miss(undefined);
      else tables.push(path);
      for (const { keys } of section.broken) {
        const key = keys[0]?.name;
        miss(key);
        if (key !== undefined) tables.push([...path, key]);
      }
      return;
    }
    tables.push(path);
    if (below.length === 1 || undivided.has(below[0] as string | number)) miss(below[0]);
    else {
      const [list, entry] = below as [string | number, string | number];
      const known = entries.get(list);
      if (known === undefined) entries.set(list, new Set([entry]));
      else known.add(entry);
    }
  });
  return { gaps, tables, entries, unnamed, anywhere };
}

/** What a problem of reading hides from the checks; broken nodes, edges and starts are taken note of by their readers. */
function addGaps(problem: Diagnostic, root: TomlTable, base: DocumentPath, gaps: Gaps): void {
  if (isRange(problem.at) || problem.severity !== "error") return;
  const below = problem.at.path.slice(base.length);
  const key = below[0];
  if (key === undefined) return;
  let table: unknown = root;
  for (const step of base) table = (table as Readonly<Record<string | number, unknown>>)[step];
  const value: unknown = isTable(table) ? table[key] : undefined;
  // A table with a wrong name may be any that is looked for in vain.
  const isMisnamed = problem.code === "unknown_key" && below.length === 1 && typeof value === "object";
  const isGone = below.length === 1 || undivided.has(key);
  if (isMisnamed || isGone) for (const gap of gapsOf(isMisnamed ? undefined : key)) gaps.add(gap);
}

/** The problems of reading that do not follow from a syntax error. */
function shown(problems: readonly Diagnostic[], toml: TomlText, damage: Damage): readonly Diagnostic[] {
  if (toml.accepted) return problems;
  return problems.filter((problem) => {
    if (isRange(problem.at)) return true;
    const { path } = problem.at;
    switch (problem.code) {
      case "missing_field":
      case "invalid_secret":
        return !damage.anywhere && !damage.tables.some((table) => lacks(table, path));
      case "unknown_key":
        return !damage.unnamed.some((table) => isWithin(path, table) || isWithin(table, path));
      case "wrapped_invalid":
        return false;
      case "workflow_count":
        return !damage.anywhere;
      default:
        return true;
    }
  });
}

/** The root table lacks only keys of its own, any other table may lack something in it. */
function lacks(table: DocumentPath, path: DocumentPath): boolean {
  const isRoot = table.length === 0 || (table.length === 2 && table[0] === "workflows");
  return isRoot ? path.length === table.length && isWithin(path, table) : isWithin(path, table);
}
