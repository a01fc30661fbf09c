/**
 * Rego with every name resolved: variables are numbered slots of a rule's frame, nested references that choose a
 * member are expressions of their own, and calls know what they call. What order.ts puts in order and generate.ts
 * makes functions of.
 */
import type { Builtin } from "./builtins/builtin.ts";
import type { RegoPlace } from "./problem.ts";
import type { RegoValue } from "./value.ts";

/** A term. */
export type Node =
  | { readonly type: "const"; readonly value: RegoValue }
  | { readonly type: "local"; readonly slot: number }
  | { readonly type: "array" | "set"; readonly items: readonly Node[] }
  | { readonly type: "object"; readonly entries: readonly (readonly [Node, Node])[] }
  | { readonly type: "ref"; readonly root: Root; readonly path: readonly Node[] }
  | { readonly type: "call"; readonly builtin: Builtin; readonly args: readonly Node[] }
  | { readonly type: "apply"; readonly group: RuleGroup; readonly args: readonly Node[] }
  | Comprehension;

/** Where a reference begins. */
export type Root =
  { readonly type: "input" } | { readonly type: "data" } | { readonly type: "node"; readonly node: Node };

/** A comprehension. `outer`: slots of the bodies around it that it reads. */
export interface Comprehension {
  readonly type: "comprehension";
  readonly kind: "array" | "set" | "object";
  readonly key: Node | null;
  readonly value: Node;
  readonly body: readonly Step[];
  readonly outer: ReadonlySet<number>;
}

/** One expression of a body. */
export type Step =
  | { readonly type: "test"; readonly node: Node; readonly at: RegoPlace }
  | { readonly type: "unify"; readonly left: Node; readonly right: Node; readonly at: RegoPlace }
  | {
      readonly type: "member";
      readonly key: Node | null;
      readonly value: Node;
      readonly domain: Node;
      readonly at: RegoPlace;
    }
  | { readonly type: "not"; readonly body: readonly Step[]; readonly at: RegoPlace }
  | {
      readonly type: "every";
      readonly key: number | null;
      readonly value: number;
      readonly domain: Node;
      readonly body: readonly Step[];
      readonly outer: ReadonlySet<number>;
      readonly at: RegoPlace;
    }
  | {
      readonly type: "with";
      readonly targets: readonly WithTarget[];
      readonly body: readonly Step[];
      readonly at: RegoPlace;
    };

/** `with TARGET as VALUE`; `covered` are the rules that the value stands for. */
export interface WithTarget {
  readonly root: "input" | "data";
  readonly path: readonly string[];
  readonly value: Node;
  readonly covered: ReadonlySet<RuleGroup>;
}

/** A slot of a frame. `temp` ones are the compiler's. */
export interface SlotInfo {
  readonly name: string;
  readonly kind: "named" | "wildcard" | "temp";
  readonly at: RegoPlace;
}

/** What one clause gives when its body holds. */
export interface BranchPlan {
  readonly body: readonly Step[];
  /** Keys of a partial rule, outermost first; empty elsewhere. */
  readonly keys: readonly Node[];
  readonly value: Node;
}

/** One rule as written, resolved. */
export interface Clause {
  readonly slots: readonly SlotInfo[];
  readonly args: readonly Node[];
  readonly branches: readonly BranchPlan[];
  /** The value is a member of a set. */
  readonly member: boolean;
  readonly at: RegoPlace;
}

/** All rules of one name. */
export interface RuleGroup {
  readonly index: number;
  /** From `data`. */
  readonly path: readonly string[];
  readonly kind: "complete" | "function" | "partial";
  /** Parameters of a function. */
  readonly arity: number;
  readonly clauses: Clause[];
  /** The default's clause. */
  fallback: Clause | null;
  /** Groups that the clauses read. */
  readonly reads: Map<RuleGroup, RegoPlace>;
  readonly at: RegoPlace;
}

/** Packages and rules below `data`. */
export interface TreeNode {
  readonly children: Map<string, TreeNode>;
  group: RuleGroup | null;
}

/** The name of a group in messages. */
export function groupName(group: Pick<RuleGroup, "path">): string {
  return ["data", ...group.path].join(".");
}

/** Every group at and below a node. */
export function* groupsBelow(node: TreeNode): Generator<RuleGroup> {
  if (node.group !== null) yield node.group;
  for (const child of node.children.values()) yield* groupsBelow(child);
}

/** A member of a reference is chosen by a variable, or may be: it can have several values. */
export function isDynamic(node: Node): node is Node & { type: "ref" } {
  return node.type === "ref" && node.path.some(bindable);
}

/** A term that a variable may get its value by. */
function bindable(node: Node): boolean {
  switch (node.type) {
    case "local":
      return true;
    case "array":
      return node.items.some(bindable);
    case "object":
      return node.entries.some(([, value]) => bindable(value));
    default:
      return false;
  }
}

/** Adds the slots that a term reads, those inside its comprehensions' own bodies left out. */
export function addUses(node: Node, uses: Set<number>): void {
  switch (node.type) {
    case "const":
      return;
    case "local":
      uses.add(node.slot);
      return;
    case "array":
    case "set":
      for (const item of node.items) addUses(item, uses);
      return;
    case "object":
      for (const [key, value] of node.entries) {
        addUses(key, uses);
        addUses(value, uses);
      }
      return;
    case "ref":
      if (node.root.type === "node") addUses(node.root.node, uses);
      for (const part of node.path) addUses(part, uses);
      return;
    case "call":
    case "apply":
      for (const arg of node.args) addUses(arg, uses);
      return;
    case "comprehension":
      for (const slot of node.outer) uses.add(slot);
  }
}

/** Adds the slots that a step reads or binds. */
export function addStepUses(step: Step, uses: Set<number>): void {
  switch (step.type) {
    case "test":
      return addUses(step.node, uses);
    case "unify":
      addUses(step.left, uses);
      return addUses(step.right, uses);
    case "member":
      if (step.key !== null) addUses(step.key, uses);
      addUses(step.value, uses);
      return addUses(step.domain, uses);
    case "every":
      addUses(step.domain, uses);
      for (const slot of step.outer) uses.add(slot);
      return;
    case "with":
      for (const { value } of step.targets) addUses(value, uses);
      for (const one of step.body) addStepUses(one, uses);
      return;
    case "not":
      for (const one of step.body) addStepUses(one, uses);
  }
}
