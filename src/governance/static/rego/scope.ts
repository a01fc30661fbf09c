/**
 * Names of one rule: which variables are new, which are those of a body around, and what a name means that is no
 * variable. Every body is a scope; `some`, `:=` and `every` declare, anything else belongs to the outermost body
 * that has it.
 */
import type { Body, Expression, Term } from "./ast.ts";
import type { SlotInfo } from "./ir.ts";
import type { Problems, RegoPlace } from "./problem.ts";

/** Variables of one frame. */
export class Slots {
  readonly infos: SlotInfo[] = [];

  add(name: string, kind: SlotInfo["kind"], at: RegoPlace): number {
    this.infos.push({ name, kind, at });
    return this.infos.length - 1;
  }
}

/** One body's names. */
export class Scope {
  private readonly names = new Map<string, number>();
  private readonly parent: Scope | null;
  readonly slots: Slots;

  constructor(parent: Scope | null, slots: Slots) {
    this.parent = parent;
    this.slots = slots;
  }

  find(name: string): number | undefined {
    return this.names.get(name) ?? this.parent?.find(name);
  }

  has(name: string): boolean {
    return this.names.has(name);
  }

  declare(name: string, at: RegoPlace): number {
    const slot = this.slots.add(name, "named", at);
    this.names.set(name, slot);
    return slot;
  }

  /** Declares what a body declares, and all names that nobody else knows. `head`: terms that see the body. */
  enter(body: Body, head: readonly Term[], known: (name: string) => boolean, problems: Problems): void {
    const used = new Set<string>();
    const pending: (Term & { type: "var" })[] = [];
    const use = (variable: Term & { type: "var" }): void => {
      if (variable.name === "_") return;
      used.add(variable.name);
      pending.push(variable);
    };
    const declare = (term: Term): void => {
      for (const variable of patternVariables(term)) {
        const { name, at } = variable;
        if (name === "_") continue;
        if (this.names.has(name)) problems.add("rego.declared", `\`${name}\` is declared above`, at);
        else if (used.has(name)) problems.add("rego.declared", `\`${name}\` is used above its declaration`, at);
        else if (name === "input" || name === "data") {
          problems.add("rego.declared", `\`${name}\` cannot be a variable`, at);
        } else this.declare(name, at);
      }
      for (const variable of expressionVariables(term)) if (!this.names.has(variable.name)) use(variable);
    };
    for (const { expression, withs } of body) {
      for (const term of readTerms(expression)) for (const variable of freeVariables(term)) use(variable);
      for (const { value } of withs) for (const variable of freeVariables(value)) use(variable);
      for (const term of declaredTerms(expression)) declare(term);
    }
    for (const term of head) for (const variable of freeVariables(term)) use(variable);
    for (const { name, at } of pending) {
      if (this.find(name) === undefined && !known(name)) this.declare(name, at);
    }
  }
}

function declaredTerms(expression: Expression): readonly Term[] {
  switch (expression.type) {
    case "some":
      return expression.names;
    case "some-in":
      return expression.key === null ? [expression.value] : [expression.key, expression.value];
    case "assign":
      return [expression.left];
    default:
      return [];
  }
}

function readTerms(expression: Expression): readonly Term[] {
  switch (expression.type) {
    case "term":
      return [expression.term];
    case "unify":
      return [expression.left, expression.right];
    case "assign":
      return [expression.right];
    case "some":
      return [];
    case "some-in":
    case "every":
      return [expression.domain];
  }
}

/** Variables that a pattern declares: bare ones, in arrays and in values of objects. */
function* patternVariables(term: Term): Generator<Term & { type: "var" }> {
  if (term.type === "var") yield term;
  else if (term.type === "array") for (const item of term.items) yield* patternVariables(item);
  else if (term.type === "object") for (const [, value] of term.entries) yield* patternVariables(value);
}

/** Variables of a pattern that it reads: in references, calls and keys. */
function* expressionVariables(term: Term): Generator<Term & { type: "var" }> {
  if (term.type === "var") return;
  if (term.type === "array") for (const item of term.items) yield* expressionVariables(item);
  else if (term.type === "object") {
    for (const [key, value] of term.entries) {
      yield* freeVariables(key);
      yield* expressionVariables(value);
    }
  } else yield* freeVariables(term);
}

/** Variables of a term outside its comprehensions. */
export function* freeVariables(term: Term): Generator<Term & { type: "var" }> {
  switch (term.type) {
    case "scalar":
    case "comprehension":
      return;
    case "var":
      yield term;
      return;
    case "array":
    case "set":
      for (const item of term.items) yield* freeVariables(item);
      return;
    case "object":
      for (const [key, value] of term.entries) {
        yield* freeVariables(key);
        yield* freeVariables(value);
      }
      return;
    case "ref":
      yield* freeVariables(term.head);
      for (const part of term.path) yield* freeVariables(part);
      return;
    case "call":
      for (const arg of term.args) yield* freeVariables(arg);
  }
}
