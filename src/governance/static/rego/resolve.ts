/**
 * From rules as written to rules with every name resolved (ir.ts).
 *
 * A reference that chooses members by variables (`input.x[i]`) is taken out of the term around it and becomes an
 * expression of its own, so that the order of a body can be found expression by expression (order.ts).
 */
import type { Body, Literal, Module, Term } from "./ast.ts";
import type { Builtin } from "./builtins/builtin.ts";
import {
  addStepUses,
  addUses,
  groupName,
  groupsBelow,
  isDynamic,
  type BranchPlan,
  type Clause,
  type Node,
  type Root,
  type RuleGroup,
  type Step,
  type WithTarget,
} from "./ir.ts";
import type { RegoPlace } from "./problem.ts";
import { ModuleNames, type ResolveWorld } from "./module-names.ts";
import { findNode, type PlacedRule } from "./rules.ts";
import { before, folded, PRINT, unknownFunction } from "./resolve-parts.ts";
import { Scope, Slots } from "./scope.ts";
import { textOf } from "./value.ts";

/** Resolves one rule and adds it to its group. */
export function resolveRule(placed: PlacedRule, world: ResolveWorld): void {
  const { rule, group, keys, module } = placed;
  const clause = new Resolver(module, group, world).clause(placed);
  const { problems } = world;
  if (group.kind === "partial" && rule.branches.length > 1) {
    problems.add("rego.unsupported", `\`${groupName(group)}\` has many members and can have no \`else\``, rule.at);
  }
  if (!rule.isDefault) return void group.clauses.push(clause);
  const [branch] = clause.branches;
  if (keys.length > 0 || rule.contains !== null) {
    problems.add("rego.rule_conflict", `\`${groupName(group)}\` has many members and no default`, rule.at);
  } else if (group.fallback !== null) {
    problems.add("rego.rule_conflict", `\`${groupName(group)}\` has another default already`, rule.at);
  } else if (branch === undefined || branch.body.length > 0 || branch.value.type !== "const") {
    problems.add("rego.syntax", "a default is a value without variables, references and calls", rule.at);
  } else group.fallback = clause;
}

/** Resolves a query to a clause of its own; `reads` gets the rules it needs. */
export function resolveQuery(term: Term, group: RuleGroup, world: ResolveWorld): Clause {
  const branches = [{ value: term, body: [], at: term.at }];
  const rule = { isDefault: false, path: [], args: null, contains: null, branches, at: term.at };
  const module = { file: term.at.file, path: [], imports: [], rules: [] };
  return new Resolver(module, group, world).clause({ rule, group, keys: [], module });
}

class Resolver {
  private readonly names: ModuleNames;
  private readonly group: RuleGroup;
  private readonly world: ResolveWorld;
  private readonly slots = new Slots();

  constructor(module: Module, group: RuleGroup, world: ResolveWorld) {
    this.names = new ModuleNames(module, world);
    this.group = group;
    this.world = world;
  }

  clause({ rule, keys }: Pick<PlacedRule, "rule" | "keys" | "group" | "module">): Clause {
    const scope = new Scope(null, this.slots);
    const args = (rule.args ?? []).map((arg) => this.parameter(arg, scope));
    const branches = rule.branches.map((branch): BranchPlan => {
      const inner = new Scope(scope, this.slots);
      const value = rule.contains ?? branch.value ?? { type: "scalar", value: true, at: branch.at };
      inner.enter(branch.body, [...keys, value], this.names.known, this.world.problems);
      const body = this.body(branch.body, inner);
      const plan = { keys: keys.map((key) => this.operand(key, inner, body)), value: this.operand(value, inner, body) };
      return { ...plan, body };
    });
    return { slots: this.slots.infos, args, branches, member: rule.contains !== null, at: rule.at };
  }

  /** A parameter: a name, a value, or an array or object of them. */
  private parameter(term: Term, scope: Scope): Node {
    switch (term.type) {
      case "var": {
        if (term.name === "_") return { type: "local", slot: this.slots.add("_", "temp", term.at) };
        if (scope.has(term.name)) return { type: "local", slot: scope.find(term.name) as number };
        return { type: "local", slot: scope.declare(term.name, term.at) };
      }
      case "scalar":
        return { type: "const", value: term.value };
      case "array":
        return folded({ type: "array", items: term.items.map((item) => this.parameter(item, scope)) });
      case "object":
        return folded({
          type: "object",
          entries: term.entries.map(([key, value]) => [this.parameter(key, scope), this.parameter(value, scope)]),
        });
      default:
        this.world.problems.add("rego.unsupported", "a parameter is a name or a value", term.at);
        return { type: "const", value: null };
    }
  }

  private body(body: Body, scope: Scope): Step[] {
    const steps: Step[] = [];
    for (const literal of body) this.literal(literal, scope, steps);
    return steps;
  }

  private literal(literal: Literal, scope: Scope, out: Step[]): void {
    const { at } = literal;
    const inner: Step[] = [];
    this.expression(literal, scope, inner);
    const steps: Step[] = literal.negated ? [{ type: "not", body: inner, at }] : inner;
    if (literal.withs.length === 0) return void out.push(...steps);
    const targets = literal.withs.map((one): WithTarget => {
      const [root = "input", ...path] = one.target;
      const value = this.operand(one.value, scope, out);
      const covered = root === "data" ? this.names.covered(path, one.at) : new Set<RuleGroup>();
      return { root: root === "data" ? "data" : "input", path, value, covered };
    });
    if (steps.length > 0) out.push({ type: "with", targets, body: steps, at });
  }

  private expression({ expression, at }: Literal, scope: Scope, out: Step[]): void {
    switch (expression.type) {
      case "some":
        return;
      case "term":
        return this.statement(expression.term, scope, out);
      case "assign":
      case "unify": {
        const left = this.side(expression.left, scope, out);
        let right = this.side(expression.right, scope, out);
        if (isDynamic(left) && isDynamic(right)) right = this.hoist(right, at, out);
        return this.unify(left, right, at, out);
      }
      case "some-in": {
        const key = expression.key === null ? null : this.operand(expression.key, scope, out);
        const value = this.operand(expression.value, scope, out);
        out.push({ type: "member", key, value, domain: this.operand(expression.domain, scope, out), at });
        return;
      }
      case "every": {
        const domain = this.operand(expression.domain, scope, out);
        const from = this.slots.infos.length;
        const inner = new Scope(scope, this.slots);
        const name = (variable: { name: string; at: RegoPlace }): number => {
          if (inner.has(variable.name)) {
            this.world.problems.add("rego.declared", `\`${variable.name}\` is declared above`, variable.at);
          }
          return variable.name === "_"
            ? this.slots.add("_", "temp", variable.at)
            : inner.declare(variable.name, variable.at);
        };
        const key = expression.key === null ? null : name(expression.key);
        const value = name(expression.value);
        const below = new Scope(inner, this.slots);
        below.enter(expression.body, [], this.names.known, this.world.problems);
        const body = this.body(expression.body, below);
        const uses = new Set<number>();
        for (const step of body) addStepUses(step, uses);
        out.push({ type: "every", key, value, domain, body, outer: before(uses, from), at });
      }
    }
  }

  /** Arrays and objects of one shape on both sides are as many smaller equations. */
  private unify(left: Node, right: Node, at: RegoPlace, out: Step[]): void {
    if (left.type === "array" && right.type === "array" && left.items.length === right.items.length) {
      left.items.forEach((item, i) => this.unify(item, right.items[i] as Node, at, out));
      return;
    }
    if (left.type === "object" && right.type === "object" && left.entries.length === right.entries.length) {
      const pairs = left.entries.map(([key, value]) => {
        const other = right.entries.find(
          ([one]) => key.type === "const" && one.type === "const" && textOf(one.value) === textOf(key.value),
        );
        return other === undefined ? null : ([value, other[1]] as const);
      });
      if (pairs.every((pair) => pair !== null)) {
        for (const [a, b] of pairs) this.unify(a, b, at, out);
        return;
      }
    }
    out.push({ type: "unify", left, right, at });
  }

  /** A term as an expression: it holds unless it is false or undefined. */
  private statement(term: Term, scope: Scope, out: Step[]): void {
    const { at } = term;
    if (term.type === "call") {
      const name = this.names.callName(term.name);
      if (name.join(".") === PRINT) return void out.push({ type: "test", node: this.call(term, scope, out), at });
      const arity = this.names.arity(name);
      if (name.join(".") === "walk" && term.args.length === 2) {
        const [domain, pair] = term.args.map((arg) => this.operand(arg, scope, out)) as [Node, Node];
        const walk = this.world.builtins.get("internal.walk") as Builtin;
        const all: Node = { type: "call", builtin: walk, args: [domain] };
        out.push({ type: "member", key: null, value: pair, domain: all, at });
        return;
      }
      if (arity !== null && term.args.length === arity + 1) {
        // An argument more than there are parameters gets the result.
        const call = this.call({ ...term, args: term.args.slice(0, -1) }, scope, out);
        return this.unify(this.operand(term.args.at(-1) as Term, scope, out), call, at, out);
      }
    }
    out.push({ type: "test", node: this.side(term, scope, out), at });
  }

  /** A term whose own references stand outside of it. */
  private operand(term: Term, scope: Scope, out: Step[]): Node {
    const node = this.side(term, scope, out);
    return isDynamic(node) ? this.hoist(node, term.at, out) : node;
  }

  private hoist(node: Node, at: RegoPlace, out: Step[]): Node {
    const temp: Node = { type: "local", slot: this.slots.add("", "temp", at) };
    out.push({ type: "unify", left: temp, right: node, at });
    return temp;
  }

  /** A term; at its top it may still choose members by variables. */
  private side(term: Term, scope: Scope, out: Step[]): Node {
    switch (term.type) {
      case "scalar":
        return { type: "const", value: term.value };
      case "var":
        return this.variable(term, scope);
      case "array":
      case "set":
        return folded({ type: term.type, items: term.items.map((item) => this.operand(item, scope, out)) });
      case "object": {
        const entries = term.entries.map(
          ([key, value]) => [this.operand(key, scope, out), this.operand(value, scope, out)] as const,
        );
        return folded({ type: "object", entries });
      }
      case "ref":
        return this.reference(term, scope, out);
      case "call":
        return this.call(term, scope, out);
      case "comprehension":
        return this.comprehension(term, scope);
    }
  }

  private variable(term: Term & { type: "var" }, scope: Scope): Node {
    const { name, at } = term;
    if (name === "_") return { type: "local", slot: this.slots.add("_", "wildcard", at) };
    const slot = scope.find(name);
    if (slot !== undefined) return { type: "local", slot };
    return this.absolute(this.names.pathOf(name), [], at);
  }

  private reference(term: Term & { type: "ref" }, scope: Scope, out: Step[]): Node {
    const { head, at } = term;
    const path = term.path.map((part) => this.operand(part, scope, out));
    if (head.type !== "var" || head.name === "_" || scope.find(head.name) !== undefined) {
      const node = this.operand(head, scope, out);
      return { type: "ref", root: { type: "node", node }, path };
    }
    return this.absolute(this.names.pathOf(head.name), path, at);
  }

  private absolute(fixed: readonly string[], rest: readonly Node[], at: RegoPlace): Node {
    const [base, ...names] = fixed;
    const path: Node[] = [...names.map((value): Node => ({ type: "const", value })), ...rest];
    const root: Root = { type: base === "input" ? "input" : "data" };
    if (base !== "input") {
      const known = path.map((part) => (part.type === "const" && typeof part.value === "string" ? part.value : null));
      const { node } = findNode(this.world.root, known);
      for (const group of node === null ? [] : groupsBelow(node)) {
        if (group.kind !== "function") this.reads(group, at);
        else if (group === node?.group) {
          const message = `\`${groupName(group)}\` is a function and must be called`;
          this.world.problems.add("rego.arity", message, at);
        }
      }
    }
    return { type: "ref", root, path };
  }

  private reads(group: RuleGroup, at: RegoPlace): void {
    if (!this.group.reads.has(group)) this.group.reads.set(group, at);
  }

  private comprehension(term: Term & { type: "comprehension" }, scope: Scope): Node {
    const from = this.slots.infos.length;
    const inner = new Scope(scope, this.slots);
    const head = term.key === null ? [term.value] : [term.key, term.value];
    inner.enter(term.body, head, this.names.known, this.world.problems);
    const body = this.body(term.body, inner);
    const key = term.key === null ? null : this.operand(term.key, inner, body);
    const value = this.operand(term.value, inner, body);
    const uses = new Set<number>();
    for (const step of body) addStepUses(step, uses);
    addUses(value, uses);
    if (key !== null) addUses(key, uses);
    return { type: "comprehension", kind: term.kind, key, value, body, outer: before(uses, from) };
  }

  /** What is printed stands in a comprehension of its own, as in the reference: what has no value stops nothing. */
  private printed(arg: Term, scope: Scope): Node {
    return this.comprehension(
      { type: "comprehension", kind: "set", key: null, value: arg, body: [], at: arg.at },
      scope,
    );
  }

  private call(term: Term & { type: "call" }, scope: Scope, out: Step[]): Node {
    const { at } = term;
    const { problems } = this.world;
    const name = this.names.callName(term.name);
    const printed = this.world.builtins.get(PRINT);
    if (printed !== undefined && name.join(".") === PRINT && scope.find(PRINT) === undefined) {
      return { type: "call", builtin: printed, args: term.args.map((arg) => this.printed(arg, scope)) };
    }
    const args = term.args.map((arg) => this.operand(arg, scope, out));
    const shown = name.join(".");
    const nothing: Node = { type: "const", value: false };
    if (scope.find(term.name[0] ?? "") !== undefined && term.name.length === 1) {
      problems.add("rego.unknown_function", `\`${shown}\` is a variable and cannot be called`, at);
      return nothing;
    }
    const arity = this.names.arity(name);
    const builtin = this.world.builtins.get(shown);
    if (arity === null || (builtin === undefined && name[0] !== "data")) {
      problems.add("rego.unknown_function", unknownFunction(shown), at);
      return nothing;
    }
    if (args.length !== arity) {
      problems.add("rego.arity", `\`${shown}\` takes ${arity} arguments, not ${args.length}`, at);
      return nothing;
    }
    if (builtin !== undefined) return { type: "call", builtin, args };
    const group = findNode(this.world.root, name.slice(1)).node?.group;
    if (group?.kind !== "function") {
      problems.add("rego.unknown_function", `\`${shown}\` is a rule without parameters and cannot be called`, at);
      return nothing;
    }
    this.reads(group, at);
    return { type: "apply", group, args };
  }
}
