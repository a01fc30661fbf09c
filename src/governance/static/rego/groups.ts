/**
 * Values of rules: complete rules, functions, partial sets and objects, and packages as one object.
 *
 * Invariant: a rule's value is found once per evaluation (once per `with` below one); contradictions end the
 * evaluation as the published reference has it.
 */
import { Growing } from "./gather.ts";
import { Generator } from "./generate.ts";
import { evalNode, matchNode, memberOf } from "./generate-term.ts";
import { groupName, groupsBelow, type BranchPlan, type Clause, type RuleGroup, type TreeNode } from "./ir.ts";
import { Halt } from "./limits.ts";
import type { Problems } from "./problem.ts";
import { ABSENT, newFrame, type Context, type Eval, type Exec, type Frame, type Match } from "./run.ts";
import { emptySet, keyOf, RegoObject, same, type Entry, type Key, type RegoValue } from "./value.ts";

interface CompiledClause {
  readonly slots: number;
  readonly args: readonly Match[];
  readonly branches: readonly Exec[];
}

interface CompiledGroup {
  readonly clauses: readonly CompiledClause[];
  readonly fallback: RegoValue | undefined;
  /** All clauses give this one value: the first that holds decides. */
  readonly only: RegoValue | undefined;
}

/** The compiled rules of a policy. */
export class Rules {
  readonly root: TreeNode;
  private readonly compiled: CompiledGroup[] = [];
  private readonly holding = new Set<TreeNode>();

  constructor(root: TreeNode) {
    this.root = root;
    this.mark(root);
  }

  private mark(node: TreeNode): boolean {
    const below = [...node.children.values()].map((child) => this.mark(child));
    const holds = node.group !== null || below.includes(true);
    if (holds) this.holding.add(node);
    return holds;
  }

  /** True when some rule stands at or below the node. */
  holdsRules(node: TreeNode): boolean {
    return this.holding.has(node);
  }

  /** Compiles a group; unsafe variables are reported. */
  add(group: RuleGroup, problems: Problems): void {
    const clauses = group.clauses.map((clause) => this.clause(clause, group, problems));
    const values = group.clauses.flatMap(({ branches }) => branches.map(({ value }) => value));
    const [first] = values;
    const only =
      group.kind !== "partial" &&
      first?.type === "const" &&
      values.every((one) => one.type === "const" && same(one.value, first.value))
        ? first.value
        : undefined;
    const value = group.fallback?.branches[0]?.value;
    this.compiled[group.index] = { clauses, only, fallback: value?.type === "const" ? value.value : undefined };
  }

  private clause(clause: Clause, group: RuleGroup, problems: Problems): CompiledClause {
    const generator = new Generator(this, clause.slots, problems);
    const bound = new Set<number>();
    const args = clause.args.map((arg) => matchNode(arg, bound, generator));
    const branches = clause.branches.map((branch) =>
      generator.body(branch.body, new Set(bound), (inside) => {
        const value = evalNode(branch.value, inside, generator);
        return group.kind === "partial"
          ? growing(clause, branch, value, inside, generator, group)
          : single(branch, value, groupName(group));
      }),
    );
    return { slots: clause.slots.length, args, branches };
  }

  /** The value of a rule that is no function; undefined when it has none. */
  value(group: RuleGroup, context: Context): RegoValue | undefined {
    const known = context.values[group.index];
    if (known !== undefined) return known === ABSENT ? undefined : known;
    if (context.covered?.has(group) === true) return this.replaced(group, context);
    const { budget } = context.world;
    budget.enter();
    const value = group.kind === "partial" ? this.partial(group, context) : this.complete(group, context, []);
    budget.leave();
    context.values[group.index] = value === undefined ? ABSENT : value;
    return value;
  }

  private replaced(group: RuleGroup, context: Context): RegoValue | undefined {
    let value: RegoValue | undefined = context.data;
    for (const name of group.path) value = value === undefined ? undefined : memberOf(value, name);
    return value;
  }

  /** The value of a function. */
  call(group: RuleGroup, context: Context, args: readonly RegoValue[]): RegoValue | undefined {
    const { budget } = context.world;
    budget.step();
    budget.enter();
    const value = this.complete(group, context, args);
    budget.leave();
    return value;
  }

  private complete(group: RuleGroup, context: Context, args: readonly RegoValue[]): RegoValue | undefined {
    const { clauses, fallback, only } = this.compiled[group.index] as CompiledGroup;
    let result: RegoValue | undefined;
    for (const clause of clauses) {
      const found = runClause(clause, context, args);
      if (found === undefined) continue;
      if (only !== undefined) return found;
      if (result !== undefined && !same(result, found)) conflict(groupName(group));
      result = found;
    }
    return result ?? fallback;
  }

  private partial(group: RuleGroup, context: Context): RegoValue {
    const { clauses } = this.compiled[group.index] as CompiledGroup;
    const grown = new Growing();
    for (const clause of clauses) {
      const frame: GrowingFrame = { ...newFrame(context, clause.slots), grown };
      for (const branch of clause.branches) branch(frame);
    }
    const made = grown.done();
    return made instanceof RegoObject && made.size === 0 && isSet(group) ? emptySet : made;
  }

  /** A package as an object: its rules' values, its packages, and the data at its place. */
  extent(node: TreeNode, path: readonly string[], context: Context): RegoValue | undefined {
    const { budget } = context.world;
    let data: RegoValue | undefined = context.data;
    for (const name of path) data = data === undefined ? undefined : memberOf(data, name);
    const members = new Map<Key, Entry>();
    if (data instanceof RegoObject) {
      budget.grow(data.size);
      for (const entry of data.entries()) members.set(keyOf(entry[0]), entry);
    } else if (data !== undefined && [...groupsBelow(node)].every((group) => context.covered?.has(group) === true)) {
      return data;
    }
    for (const [name, child] of node.children) {
      budget.step();
      const { group } = child;
      if (group?.kind === "function") continue;
      const value = group === null ? this.extent(child, [...path, name], context) : this.value(group, context);
      if (value !== undefined) members.set(keyOf(name), [name, value]);
    }
    return new RegoObject(members);
  }
}

interface GrowingFrame extends Frame {
  readonly grown: Growing;
}

function isSet(group: RuleGroup): boolean {
  return group.clauses.every(({ member, branches }) => member && branches.every(({ keys }) => keys.length === 0));
}

function runClause(clause: CompiledClause, context: Context, args: readonly RegoValue[]): RegoValue | undefined {
  const frame = newFrame(context, clause.slots);
  for (let i = 0; i < clause.args.length; i++) {
    if (!(clause.args[i] as Match)(frame, args[i] as RegoValue)) return undefined;
  }
  for (const branch of clause.branches) {
    branch(frame);
    if (frame.result !== undefined) return frame.result;
  }
  return undefined;
}

/** The end of a body with one value. A constant cannot contradict itself, so its first solution is enough. */
function single(branch: BranchPlan, value: Eval, name: string): Exec {
  const constant = branch.value.type === "const";
  return (frame) => {
    const found = value(frame);
    if (found === undefined) return false;
    if (frame.result !== undefined && !same(frame.result, found)) conflict(name);
    frame.result = found;
    return constant;
  };
}

/** The end of a body of a partial rule. */
function growing(
  clause: Clause,
  branch: BranchPlan,
  value: Eval,
  bound: ReadonlySet<number>,
  generator: Generator,
  group: RuleGroup,
): Exec {
  const keys = branch.keys.map((key) => evalNode(key, bound, generator));
  const name = groupName(group);
  return (frame) => {
    const made = value(frame);
    const path: RegoValue[] = [];
    for (const key of keys) {
      const found = key(frame);
      if (found === undefined) return false;
      path.push(found);
    }
    if (made !== undefined && isGrowing(frame)) {
      frame.grown.add(path, made, clause.member, name, frame.context.world.budget);
    }
    return false;
  };
}

function isGrowing(frame: Frame): frame is GrowingFrame {
  return "grown" in frame;
}

function conflict(name: string): never {
  throw new Halt("rego.conflict", `\`${name}\` gets two different values`);
}
