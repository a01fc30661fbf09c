/**
 * Terms of Rego: a recursive descent over the words, with the published precedence
 * (`in`, comparison, `|`, `&`, `+ -`, `* / %`).
 *
 * Boundary: pure. Invariants: nesting is bounded; the first fault of a rule ends that rule by {@link SyntaxStop},
 * which the module's parser catches.
 */
import type { Body, Term } from "./ast.ts";
import type { Token } from "./lexer.ts";
import type { RegoCode, RegoPlace } from "./problem.ts";
import { float, integer, MAX_DIGITS, type RegoValue } from "./value.ts";

/** Deepest nesting of terms and bodies. */
export const MAX_NESTING = 64;
/** Most operators of one expression, with all that stands in it: each makes the tree of terms deeper. */
export const MAX_OPERATORS = 500;
/** Most names of one path: a package, a rule's head, an import, a target of `with`. */
export const MAX_PATH = 64;

/** Ends the rule in which it happens. */
export class SyntaxStop extends Error {
  readonly code: RegoCode;
  readonly place: RegoPlace;

  constructor(code: RegoCode, message: string, place: RegoPlace) {
    super(message);
    this.code = code;
    this.place = place;
  }
}

const keywords: ReadonlySet<string> = new Set(
  "as contains default else every false if import in not null package some true with".split(" "),
);

const levels: readonly Readonly<Record<string, string>>[] = [
  { "==": "equal", "!=": "neq", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte" },
  { "|": "or" },
  { "&": "and" },
  { "+": "plus", "-": "minus" },
  { "*": "mul", "/": "div", "%": "rem" },
];

/** Reads terms, expressions and bodies. */
export abstract class TermParser {
  protected readonly file: string;
  private readonly tokens: readonly Token[];
  private position = 0;
  private depth = 0;
  private operators = 0;

  constructor(file: string, tokens: readonly Token[]) {
    this.file = file;
    this.tokens = tokens;
  }

  protected get token(): Token {
    return this.tokens[this.position] as Token;
  }

  protected next(): Token {
    const { token } = this;
    if (token.type !== "end") this.position++;
    return token;
  }

  /** True when the word is this symbol. */
  protected at(symbol: string): boolean {
    return this.token.type === "symbol" && this.token.text === symbol;
  }

  /** True when the word is this keyword. */
  protected atWord(word: string): boolean {
    return this.token.type === "name" && this.token.text === word;
  }

  protected take(symbol: string): boolean {
    if (!this.at(symbol)) return false;
    this.position++;
    return true;
  }

  protected takeWord(word: string): boolean {
    if (!this.atWord(word)) return false;
    this.position++;
    return true;
  }

  protected expect(symbol: string): void {
    if (!this.take(symbol)) this.fail(`\`${symbol}\` is expected here, not ${this.shown()}`);
  }

  protected shown(): string {
    const { token } = this;
    if (token.type === "end") return "the end of the text";
    if (token.type === "string") return "a string";
    return `\`${token.text}\``;
  }

  protected fail(message: string, code: RegoCode = "rego.syntax", place: RegoPlace = this.place(this.token)): never {
    throw new SyntaxStop(code, message, place);
  }

  protected place(first: Token, last: Token = first): RegoPlace {
    return { file: this.file, line: first.line, column: first.column, from: first.from, to: last.to };
  }

  /** From a word to the last one that was read. */
  protected since(first: Token): RegoPlace {
    return this.place(first, this.tokens[Math.max(0, this.position - 1)]);
  }

  /** A name that is no keyword. */
  protected plainName(what: string): string {
    if (this.token.type !== "name" || keywords.has(this.token.text))
      this.fail(`${what} is expected, not ${this.shown()}`);
    return this.next().text;
  }

  protected nested<T>(read: () => T): T {
    if (this.depth === 0) this.operators = 0;
    if (++this.depth > MAX_NESTING) {
      this.fail(`policy code may be nested ${MAX_NESTING} deep`, "rego.too_large");
    }
    const made = read();
    this.depth--;
    return made;
  }

  private operator(): void {
    if (++this.operators > MAX_OPERATORS) {
      this.fail(`an expression may have ${MAX_OPERATORS} operators`, "rego.too_large");
    }
  }

  /** Refuses a path with too many names, `length` of which have been read. */
  protected bounded(length: number): void {
    if (length > MAX_PATH) this.fail(`a path may have ${MAX_PATH} names`, "rego.too_large");
  }

  /** A depth of 0, for the next rule after a fault. */
  protected surface(): void {
    this.depth = 0;
  }

  /** A term with its operators; `noOr` leaves a `|` to the comprehension around it. */
  expression(noOr = false): Term {
    return this.nested(() => {
      const first = this.token;
      let left = this.infix(0, noOr);
      while (this.takeWord("in")) {
        this.operator();
        const right = this.infix(0, noOr);
        left = { type: "call", name: ["internal", "member_2"], args: [left, right], at: this.since(first) };
      }
      return left;
    });
  }

  protected infix(level: number, noOr: boolean): Term {
    const table = levels[level];
    if (table === undefined) return this.primary();
    const first = this.token;
    let left = this.infix(level + 1, noOr);
    for (;;) {
      const name = this.token.type === "symbol" && !(noOr && level === 1) ? table[this.token.text] : undefined;
      if (name === undefined) return left;
      this.operator();
      this.next();
      const right = this.infix(level + 1, noOr);
      left = { type: "call", name: ["internal", name], args: [left, right], at: this.since(first) };
    }
  }

  /** A term without operators. */
  protected primary(): Term {
    const first = this.token;
    if (first.type === "string") {
      this.next();
      return this.reference({ type: "scalar", value: first.text, at: this.since(first) }, first);
    }
    if (first.type === "number") return this.number("");
    if (this.at("-")) {
      this.next();
      if (this.token.type !== "number" || this.token.spaced)
        this.fail("after a `-` that begins a term stands a number");
      return this.number("-", first);
    }
    if (this.take("(")) {
      const inner = this.expression();
      this.expect(")");
      return inner;
    }
    if (this.at("["))
      return this.reference(
        this.nested(() => this.array()),
        first,
      );
    if (this.at("{"))
      return this.reference(
        this.nested(() => this.braces()),
        first,
      );
    if (first.type !== "name") this.fail(`a term is expected, not ${this.shown()}`);
    return this.named(first);
  }

  private number(sign: string, from: Token = this.token): Term {
    const { text } = this.next();
    const at = this.since(from);
    let value: RegoValue | null;
    if (/[.eE]/.test(text)) value = float(Number(sign + text));
    else value = text.length > MAX_DIGITS ? null : integer(BigInt(sign + text));
    if (value === null) this.fail(`${text.slice(0, 40)} is too large a number`, "rego.too_large", at);
    return { type: "scalar", value, at };
  }

  private named(first: Token): Term {
    const after = this.tokens[this.position + 1];
    const call = after !== undefined && after.type === "symbol" && after.text === "(" && !after.spaced;
    if (!(call && first.text === "contains") && keywords.has(first.text)) {
      const scalars: Readonly<Record<string, RegoValue>> = { true: true, false: false, null: null };
      const value = scalars[first.text];
      if (value === undefined) this.fail(`a term is expected, not the keyword \`${first.text}\``);
      this.next();
      return { type: "scalar", value, at: this.since(first) };
    }
    this.next();
    return this.reference({ type: "var", name: first.text, at: this.since(first) }, first);
  }

  /** What follows a term without a space: `.name`, `[term]` and calls. */
  private reference(head: Term, first: Token): Term {
    let term = head;
    let path: Term[] = [];
    const close = (): Term => (path.length === 0 ? term : { type: "ref", head: term, path, at: this.since(first) });
    for (;;) {
      if (this.token.spaced) return close();
      if (this.at(".")) {
        this.next();
        const part = this.token;
        if (part.type !== "name" || part.spaced) this.fail(`a name is expected after the dot, not ${this.shown()}`);
        this.next();
        path.push({ type: "scalar", value: part.text, at: this.since(part) });
      } else if (this.at("[")) {
        this.next();
        path.push(this.expression());
        this.expect("]");
      } else if (this.at("(")) {
        const name = dottedName(close());
        if (name === null) this.fail("only a function's name can be called");
        if (name.length === 1 && name[0] === "set") {
          this.next();
          this.expect(")");
          term = { type: "set", items: [], at: this.since(first) };
        } else {
          const args = this.arguments();
          term = { type: "call", name, args, at: this.since(first) };
        }
        path = [];
      } else return close();
    }
  }

  /** `(a, b)`, from its first bracket. */
  protected arguments(): Term[] {
    this.expect("(");
    return this.list(")");
  }

  private list(end: string, made: Term[] = []): Term[] {
    while (!this.take(end)) {
      if (made.length > 0) {
        this.expect(",");
        if (this.take(end)) break;
      }
      made.push(this.expression());
    }
    return made;
  }

  private array(): Term {
    const first = this.next();
    if (this.take("]")) return { type: "array", items: [], at: this.since(first) };
    const head = this.expression(true);
    if (this.take("|")) return this.comprehension("array", null, head, "]", first);
    const items = this.list("]", [head]);
    return { type: "array", items, at: this.since(first) };
  }

  private braces(): Term {
    const first = this.next();
    if (this.take("}")) return { type: "object", entries: [], at: this.since(first) };
    const head = this.expression(true);
    if (!this.take(":")) {
      if (this.take("|")) return this.comprehension("set", null, head, "}", first);
      const items = this.list("}", [head]);
      return { type: "set", items, at: this.since(first) };
    }
    const value = this.expression(true);
    if (this.take("|")) return this.comprehension("object", head, value, "}", first);
    const entries: (readonly [Term, Term])[] = [[head, value]];
    while (!this.take("}")) {
      this.expect(",");
      if (this.take("}")) break;
      const key = this.expression();
      this.expect(":");
      entries.push([key, this.expression()]);
    }
    return { type: "object", entries, at: this.since(first) };
  }

  private comprehension(
    kind: "array" | "set" | "object",
    key: Term | null,
    value: Term,
    end: string,
    first: Token,
  ): Term {
    const body = this.body(end);
    return { type: "comprehension", kind, key, value, body, at: this.since(first) };
  }

  /** Expressions up to and with a closing bracket. */
  protected abstract body(end: string): Body;
}

/** The parts of `a.b["c"]`; null for a term with anything else in it. */
export function dottedName(term: Term): string[] | null {
  if (term.type === "var") return [term.name];
  if (term.type !== "ref" || term.head.type !== "var") return null;
  const parts = [term.head.name];
  for (const part of term.path) {
    if (part.type !== "scalar" || typeof part.value !== "string") return null;
    parts.push(part.value);
  }
  return parts;
}
