/**
 * Expressions of breakpoints, watches and the debug console (spec/editor.md §5): references, JSON literals,
 * `== != < <= > >= contains && || !` and parentheses. Never JavaScript.
 *
 * Boundary: pure. Invariants: evaluation ends, touches nothing and throws nothing; what is missing or unknown is null;
 * numbers compare by their exact value, whatever their kind.
 */
import { parseJson } from "../graph/json.ts";
import { equal, isArray, isObject, member, truthy, type Value } from "../graph/value.ts";

/** A parsed expression. */
export type Expression =
  | { readonly type: "literal"; readonly value: Value }
  | { readonly type: "reference"; readonly reference: string }
  | { readonly type: "not"; readonly of: Expression }
  | { readonly type: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | { readonly type: "compare"; readonly operator: Comparison; readonly left: Expression; readonly right: Expression };

const comparisons = ["==", "!=", "<=", ">=", "<", ">", "contains"] as const;
export type Comparison = (typeof comparisons)[number];

/** A text that is no expression: a sentence, and where in the text (from 0). */
export interface ExpressionProblem {
  readonly message: string;
  readonly at: number;
}

export type ParsedExpression =
  { readonly ok: true; readonly expression: Expression } | { readonly ok: false; readonly problem: ExpressionProblem };

/** Longest text and deepest nesting that is looked at. */
const MAX_LENGTH = 4096;
const MAX_DEPTH = 64;

/** Reads an expression. */
export function parseExpression(text: string): ParsedExpression {
  if (text.length > MAX_LENGTH) return refuse(`an expression has at most ${MAX_LENGTH} characters`, MAX_LENGTH);
  try {
    const parser = new Parser(text);
    return { ok: true, expression: parser.whole() };
  } catch (problem) {
    if (problem instanceof Refused) return refuse(problem.message, problem.at);
    throw problem;
  }
}

function refuse(message: string, at: number): ParsedExpression {
  return { ok: false, problem: { message, at } };
}

/** The value of an expression. `lookup` gives what a reference leads to; undefined for nothing. */
export function evaluate(expression: Expression, lookup: (reference: string) => Value | undefined): Value {
  switch (expression.type) {
    case "literal":
      return expression.value;
    case "reference":
      return lookup(expression.reference) ?? null;
    case "not":
      return !truthy(evaluate(expression.of, lookup));
    case "and":
      return truthy(evaluate(expression.left, lookup)) && truthy(evaluate(expression.right, lookup));
    case "or":
      return truthy(evaluate(expression.left, lookup)) || truthy(evaluate(expression.right, lookup));
    case "compare":
      return compare(expression.operator, evaluate(expression.left, lookup), evaluate(expression.right, lookup));
  }
}

function compare(operator: Comparison, left: Value, right: Value): boolean {
  if (operator === "==") return same(left, right);
  if (operator === "!=") return !same(left, right);
  if (operator === "contains") return contains(left, right);
  const order = orderOf(left, right);
  if (order === null) return false;
  if (operator === "<") return order < 0;
  if (operator === "<=") return order <= 0;
  return operator === ">" ? order > 0 : order >= 0;
}

function isNumber(value: Value): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function same(left: Value, right: Value): boolean {
  // Across kinds JavaScript orders by the exact values: 9007199254740993n is above 9007199254740992.
  return isNumber(left) && isNumber(right) ? orderOf(left, right) === 0 : equal(left, right);
}

/** -1, 0 or 1 for two numbers or two strings; null for what has no order. */
function orderOf(left: Value, right: Value): number | null {
  const ordered = isNumber(left) ? isNumber(right) : typeof left === "string" && typeof right === "string";
  if (!ordered || left === null || right === null) return null;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A text within a text, an element of an array, or a key of an object. */
function contains(left: Value, right: Value): boolean {
  if (typeof left === "string") return typeof right === "string" && left.includes(right);
  if (isArray(left)) return left.some((item) => same(item, right));
  return isObject(left) && typeof right === "string" && member(left, right) !== undefined;
}

class Refused extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const space = /\s*/y;
const name = /[\p{L}_$][\p{L}\p{N}_$-]*(?:\.[\p{L}\p{N}_$+-]+|\[\d+\])*/uy;
const numberText = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const words: ReadonlyMap<string, Value> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);

/** Recursive descent; the deepest chain is as long as MAX_DEPTH allows. */
class Parser {
  private readonly text: string;
  private at = 0;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  whole(): Expression {
    const expression = this.or();
    this.skip();
    if (this.at < this.text.length) throw this.unexpected("an operator or the end");
    return expression;
  }

  private or(): Expression {
    let left = this.and();
    while (this.take("||")) left = { type: "or", left, right: this.and() };
    return left;
  }

  private and(): Expression {
    let left = this.comparison();
    while (this.take("&&")) left = { type: "and", left, right: this.comparison() };
    return left;
  }

  private comparison(): Expression {
    const left = this.unary();
    const operator = comparisons.find((one) => this.take(one));
    return operator === undefined ? left : { type: "compare", operator, left, right: this.unary() };
  }

  private unary(): Expression {
    if (++this.depth > MAX_DEPTH) throw new Refused("the expression is nested too deeply", this.at);
    try {
      if (this.text[this.skip()] === "!" && this.text[this.at + 1] !== "=") {
        this.at++;
        return { type: "not", of: this.unary() };
      }
      if (!this.take("(")) return this.operand();
      const inner = this.or();
      if (!this.take(")")) throw this.unexpected("`)`");
      return inner;
    } finally {
      this.depth--;
    }
  }

  private operand(): Expression {
    const from = this.skip();
    const first = this.text[from];
    if (first === '"' || first === "[" || first === "{") return this.json(from);
    const digits = this.match(numberText);
    if (digits !== null) return this.literal(digits, from);
    const found = this.match(name);
    if (found === null) throw this.unexpected("a reference or a value");
    const word = words.get(found);
    if (word !== undefined) return { type: "literal", value: word };
    return { type: "reference", reference: found.replaceAll(/\[(\d+)\]/g, ".$1") };
  }

  /** A JSON string, array or object: up to where its brackets are closed. */
  private json(from: number): Expression {
    let open = 0;
    let quoted = false;
    for (let at = from; at < this.text.length; at++) {
      const letter = this.text[at];
      if (quoted) {
        if (letter === "\\") at++;
        else if (letter === '"') quoted = false;
      } else if (letter === '"') quoted = true;
      else if (letter === "[" || letter === "{") open++;
      else if (letter === "]" || letter === "}") open--;
      if (quoted || open > 0) continue;
      this.at = at + 1;
      return this.literal(this.text.slice(from, at + 1), from);
    }
    throw new Refused(quoted ? "the text has no closing quote" : "the value is not closed", from);
  }

  private literal(text: string, from: number): Expression {
    const parsed = parseJson(text);
    if (!parsed.ok) throw new Refused(`\`${text.slice(0, 40)}\` is no JSON value`, from);
    return { type: "literal", value: parsed.value };
  }

  private take(token: string): boolean {
    const from = this.skip();
    if (!this.text.startsWith(token, from)) return false;
    const next = this.text[from + token.length] ?? "";
    if (/\p{L}/u.test(token[0] ?? "") && /[\p{L}\p{N}_$.-]/u.test(next)) return false;
    this.at = from + token.length;
    return true;
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? null;
    if (found !== null) this.at += found.length;
    return found;
  }

  private skip(): number {
    this.match(space);
    return this.at;
  }

  private unexpected(wanted: string): Refused {
    const rest = this.text.slice(this.skip());
    const what = rest === "" ? "the expression ends" : `there is \`${rest.slice(0, 20)}\``;
    return new Refused(`${what} where ${wanted} is expected`, this.at);
  }
}
