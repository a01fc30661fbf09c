/**
 * What names of a module mean that no body declares: imports, rules of its package, functions and paths of `data`.
 */
import type { Module } from "./ast.ts";
import type { Builtin } from "./builtins/builtin.ts";
import { groupName, groupsBelow, type RuleGroup, type TreeNode } from "./ir.ts";
import type { Problems, RegoPlace } from "./problem.ts";
import { findNode } from "./rules.ts";

/** What resolving needs. */
export interface ResolveWorld {
  readonly root: TreeNode;
  readonly builtins: ReadonlyMap<string, Builtin>;
  readonly problems: Problems;
}

/** The names of one module. */
export class ModuleNames {
  private readonly names: Pick<Module, "path" | "imports">;
  private readonly world: ResolveWorld;
  private readonly imports: ReadonlyMap<string, readonly string[]>;

  constructor(names: Pick<Module, "path" | "imports">, world: ResolveWorld) {
    this.names = names;
    this.world = world;
    this.imports = new Map(names.imports.map((one) => [one.name, one.path]));
  }

  /** True for names that mean something although no body declares them. */
  readonly known = (name: string): boolean =>
    name === "input" || name === "data" || this.imports.has(name) || this.ownRule(name);

  private ownRule(name: string): boolean {
    const { node, used } = findNode(this.world.root, [...this.names.path, name]);
    return node !== null && used === this.names.path.length + 1 && [...groupsBelow(node)].length > 0;
  }

  /** The rules that a value at a path of `data` stands for. */
  covered(path: readonly string[], at: RegoPlace): ReadonlySet<RuleGroup> {
    const { node, used } = findNode(this.world.root, path);
    if (node === null) return new Set();
    if (node.group !== null && used < path.length) {
      const message = `\`with data.${path.join(".")}\`: a part of the rule \`${groupName(node.group)}\` cannot be replaced`;
      this.world.problems.add("rego.unsupported", message, at);
    }
    return new Set(groupsBelow(node));
  }

  /** What a name that no body declares stands for, from `input` or `data`. */
  pathOf(name: string): readonly string[] {
    const imported = this.imports.get(name);
    if (imported !== undefined) return imported;
    return name === "input" || name === "data" ? [name] : ["data", ...this.names.path, name];
  }

  /** A called name with imports and the package's own functions made absolute. */
  callName(name: readonly string[]): readonly string[] {
    const [first = "", ...rest] = name;
    // Operators mean the same whatever functions a policy has.
    if (first === "internal") return name;
    const imported = this.imports.get(first);
    if (imported !== undefined) return [...imported, ...rest];
    if (first === "data") return name;
    const own = [...this.names.path, ...name];
    const { node, used } = findNode(this.world.root, own);
    return node?.group?.kind === "function" && used === own.length ? ["data", ...own] : name;
  }

  /** Parameters of a function; null for what is none. */
  arity(name: readonly string[]): number | null {
    const builtin = this.world.builtins.get(name.join("."));
    if (builtin !== undefined) return builtin.arity;
    const { node, used } = findNode(this.world.root, name.slice(1));
    return name[0] === "data" && used === name.length - 1 ? (node?.group?.arity ?? null) : null;
  }
}
