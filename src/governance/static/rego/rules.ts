/**
 * Which rules belong together: groups by name in the tree of packages, and what cannot stand together.
 */
import type { Module, Rule, Term } from "./ast.ts";
import { groupName, groupsBelow, type RuleGroup, type TreeNode } from "./ir.ts";
import type { Problems } from "./problem.ts";
import { RegoObject, type RegoValue } from "./value.ts";

/** A rule with the group it belongs to. */
export interface PlacedRule {
  readonly rule: Rule;
  readonly module: Module;
  readonly group: RuleGroup;
  /** Keys of a partial rule. */
  readonly keys: readonly Term[];
}

/** Groups of all modules, their tree, and the rules in their order. */
export interface RuleTree {
  readonly root: TreeNode;
  readonly groups: readonly RuleGroup[];
  readonly rules: readonly PlacedRule[];
}

interface Found {
  readonly rule: Rule;
  readonly module: Module;
  path: string[];
  keys: Term[];
}

/** Puts rules into groups. Rules that cannot be placed are reported and left out. */
export function placeRules(modules: readonly Module[], problems: Problems): RuleTree {
  const found = modules.flatMap((module) => module.rules.map((rule) => headOf(rule, module)));
  const partial = new Set(found.filter(isPartial).map(({ path }) => JSON.stringify(path)));
  // `p.a := 1` beside `p[x] := y` is a member of the same object.
  for (const one of found) {
    for (let length = 1; length < one.path.length; length++) {
      if (!partial.has(JSON.stringify(one.path.slice(0, length)))) continue;
      const names = one.path.splice(length);
      one.keys.unshift(...names.map((value): Term => ({ type: "scalar", value, at: one.rule.at })));
      break;
    }
  }
  const root: TreeNode = { children: new Map(), group: null };
  for (const { path } of modules) descend(root, path);
  const groups: RuleGroup[] = [];
  const rules: PlacedRule[] = [];
  for (const one of found) {
    const group = groupOf(one, root, groups, problems);
    if (group !== null) rules.push({ rule: one.rule, module: one.module, group, keys: one.keys });
  }
  for (const group of groups) {
    const node = descend(root, group.path);
    for (const [name, child] of node.children) {
      const inner = [...groupsBelow(child)][0];
      const message =
        inner === undefined
          ? `\`${groupName(group)}\` is both a rule and a package`
          : `\`${groupName(group)}\` is a rule, so \`${groupName(inner)}\` cannot be one (${name} would be its member)`;
      problems.add("rego.rule_conflict", message, (inner ?? group).at);
    }
  }
  return { root, groups, rules };
}

function isPartial({ rule, keys }: Found): boolean {
  return rule.contains !== null || keys.length > 0;
}

function headOf(rule: Rule, module: Module): Found {
  const path = [...module.path];
  let fixed = 0;
  for (const part of rule.path) {
    const name = part.type === "var" && fixed === 0 ? part.name : part.type === "scalar" ? part.value : null;
    if (typeof name !== "string") break;
    path.push(name);
    fixed++;
  }
  return { rule, module, path, keys: rule.path.slice(fixed) };
}

/** The node at a path, made where there is none. */
function descend(root: TreeNode, path: readonly string[]): TreeNode {
  let node = root;
  for (const name of path) {
    let child = node.children.get(name);
    if (child === undefined) {
      child = { children: new Map(), group: null };
      node.children.set(name, child);
    }
    node = child;
  }
  return node;
}

function groupOf(found: Found, root: TreeNode, groups: RuleGroup[], problems: Problems): RuleGroup | null {
  const { rule, path } = found;
  const kind = isPartial(found) ? "partial" : rule.args === null ? "complete" : "function";
  const arity = rule.args?.length ?? 0;
  const node = descend(root, path);
  const { group } = node;
  if (group === null) {
    const made: RuleGroup = {
      index: groups.length,
      path,
      kind,
      arity,
      clauses: [],
      fallback: null,
      reads: new Map(),
      at: rule.at,
    };
    node.group = made;
    groups.push(made);
    return made;
  }
  const name = groupName(group);
  if (group.kind !== kind) {
    const message = `\`${name}\` is a ${kindNames[group.kind]} in line ${group.at.line} and a ${kindNames[kind]} here`;
    problems.add("rego.rule_conflict", message, rule.at);
    return null;
  }
  if (group.arity !== arity) {
    const message = `\`${name}\` takes ${group.arity} arguments in line ${group.at.line} and ${arity} here`;
    problems.add("rego.rule_conflict", message, rule.at);
    return null;
  }
  return group;
}

const kindNames = { complete: "rule with one value", function: "function", partial: "rule of many members" } as const;

/** The node at a path of `data`, and how much of the path led there. Stops at a rule and where no package goes on. */
export function findNode(
  root: TreeNode,
  path: readonly (string | null)[],
): { readonly node: TreeNode | null; readonly used: number } {
  let node = root;
  let used = 0;
  for (const name of path) {
    if (node.group !== null || name === null) break;
    const child = node.children.get(name);
    if (child === undefined) return { node: null, used };
    node = child;
    used++;
  }
  return { node, used };
}

/** Where data stands in the place of a rule or package; the path in words, or null. */
export function dataConflict(node: TreeNode, data: RegoValue, path: readonly string[] = []): string | null {
  const where = ["data", ...path].join(".");
  if (node.group !== null) return `\`${where}\` is a rule and cannot be given as data`;
  if (!(data instanceof RegoObject)) {
    return node.children.size === 0 && path.length > 0
      ? null
      : `\`${where}\` holds packages, so its data must be an object`;
  }
  for (const [name, child] of node.children) {
    const below = data.get(name);
    const found = below === undefined ? null : dataConflict(child, below, [...path, name]);
    if (found !== null) return found;
  }
  return null;
}

/** Rules that need themselves: one finding per ring. */
export function reportRecursion(groups: readonly RuleGroup[], problems: Problems): void {
  const state = new Map<RuleGroup, "open" | "done">();
  const trail: RuleGroup[] = [];
  const visit = (start: RuleGroup): void => {
    const stack = [{ group: start, reads: start.reads.entries() }];
    state.set(start, "open");
    trail.push(start);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const { value, done } = top.reads.next();
      if (done === true) {
        state.set(top.group, "done");
        stack.pop();
        trail.pop();
        continue;
      }
      const [next, place] = value;
      if (state.get(next) === "open") {
        const ring = [...trail.slice(trail.indexOf(next)), next].map(groupName).join(" -> ");
        problems.add("rego.recursion", `\`${groupName(next)}\` needs its own value: ${ring}`, place);
      } else if (!state.has(next)) {
        state.set(next, "open");
        trail.push(next);
        stack.push({ group: next, reads: next.reads.entries() });
      }
    }
  };
  for (const group of groups) if (!state.has(group)) visit(group);
}
