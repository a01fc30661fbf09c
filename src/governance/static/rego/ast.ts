/** Rego as it is written: the parser's result. Every part knows its place. */
import type { RegoPlace } from "./problem.ts";
import type { RegoValue } from "./value.ts";

/** A term. */
export type Term =
  | { readonly type: "scalar"; readonly value: RegoValue; readonly at: RegoPlace }
  /** `_` has the name of a wildcard; each is another variable. */
  | { readonly type: "var"; readonly name: string; readonly at: RegoPlace }
  | { readonly type: "array" | "set"; readonly items: readonly Term[]; readonly at: RegoPlace }
  | { readonly type: "object"; readonly entries: readonly (readonly [Term, Term])[]; readonly at: RegoPlace }
  | { readonly type: "ref"; readonly head: Term; readonly path: readonly Term[]; readonly at: RegoPlace }
  /** `name` is dotted; operators have the names of the built-ins they stand for. */
  | { readonly type: "call"; readonly name: readonly string[]; readonly args: readonly Term[]; readonly at: RegoPlace }
  | {
      readonly type: "comprehension";
      readonly kind: "array" | "set" | "object";
      readonly key: Term | null;
      readonly value: Term;
      readonly body: Body;
      readonly at: RegoPlace;
    };

/** `with TARGET as VALUE`. */
export interface With {
  /** `["input", …]` or `["data", …]`. */
  readonly target: readonly string[];
  readonly value: Term;
  readonly at: RegoPlace;
}

/** What one expression of a body is. */
export type Expression =
  | { readonly type: "term"; readonly term: Term }
  | { readonly type: "assign" | "unify"; readonly left: Term; readonly right: Term }
  | { readonly type: "some"; readonly names: readonly (Term & { type: "var" })[] }
  | { readonly type: "some-in"; readonly key: Term | null; readonly value: Term; readonly domain: Term }
  | {
      readonly type: "every";
      readonly key: (Term & { type: "var" }) | null;
      readonly value: Term & { type: "var" };
      readonly domain: Term;
      readonly body: Body;
    };

/** One line of a body. */
export interface Literal {
  readonly negated: boolean;
  readonly expression: Expression;
  readonly withs: readonly With[];
  readonly at: RegoPlace;
}

export type Body = readonly Literal[];

/** A value and the body under which it holds; `else` follows in order. */
export interface Branch {
  /** null stands for `true`, or for a partial rule's key alone. */
  readonly value: Term | null;
  readonly body: Body;
  readonly at: RegoPlace;
}

/** One rule as written. */
export interface Rule {
  readonly isDefault: boolean;
  /** The head's path; the first part is a name. */
  readonly path: readonly Term[];
  /** A function's parameters. */
  readonly args: readonly Term[] | null;
  /** The member of a partial set. */
  readonly contains: Term | null;
  readonly branches: readonly Branch[];
  readonly at: RegoPlace;
}

/** `import data.x.y as z`. */
export interface Import {
  readonly path: readonly string[];
  readonly name: string;
  readonly at: RegoPlace;
}

/** One module. */
export interface Module {
  readonly file: string;
  readonly path: readonly string[];
  readonly imports: readonly Import[];
  readonly rules: readonly Rule[];
}
