/** Bodies of Rego: expressions on their lines, `some`, `every`, `not` and `with`. */
import type { Body, Expression, Literal, Term, With } from "./ast.ts";
import { dottedName, TermParser } from "./parse-term.ts";

/** Most expressions of one body. */
export const MAX_BODY = 200;

/** Reads bodies, and by them comprehensions. */
export class BodyParser extends TermParser {
  /** Expressions up to and with a closing bracket. */
  protected body(end: string): Body {
    const literals: Literal[] = [];
    while (this.take(";"));
    while (!this.take(end)) {
      if (literals.length >= MAX_BODY) this.fail(`a body may have ${MAX_BODY} expressions`, "rego.too_large");
      literals.push(this.literal());
      let separated = this.token.fresh;
      while (this.take(";")) separated = true;
      if (!separated && !this.at(end)) this.fail(`a new line, \`;\` or \`${end}\` is expected, not ${this.shown()}`);
    }
    if (literals.length === 0) this.fail("a body needs an expression", "rego.syntax");
    return literals;
  }

  /** One expression of a body, with its `with`s. */
  literal(): Literal {
    return this.nested(() => {
      const first = this.token;
      const negated = this.takeWord("not");
      const expression = this.statement(negated);
      const withs: With[] = [];
      while (this.atWord("with")) withs.push(this.with());
      return { negated, expression, withs, at: this.since(first) };
    });
  }

  private statement(negated: boolean): Expression {
    const binds = this.atWord("some") || this.atWord("every");
    if (negated && binds) this.fail("`not` cannot stand before `some` and `every`");
    if (this.takeWord("some")) return this.some();
    if (this.takeWord("every")) return this.every();
    const first = this.token;
    const left = this.expression();
    if (this.take(":=")) return { type: "assign", left, right: this.expression() };
    if (this.take("=")) return { type: "unify", left, right: this.expression() };
    if (!this.take(",")) return { type: "term", term: left };
    const member = this.expression();
    if (member.type !== "call" || member.name.join(".") !== "internal.member_2") {
      this.fail("a `,` in an expression is only known from `key, value in collection`");
    }
    const args = [left, ...member.args];
    return { type: "term", term: { type: "call", name: ["internal", "member_3"], args, at: this.since(first) } };
  }

  private some(): Expression {
    const found = [this.infix(0, false)];
    while (this.take(",")) found.push(this.infix(0, false));
    if (this.takeWord("in")) {
      if (found.length > 2) this.fail("`some` takes a key and a value before `in`");
      const domain = this.expression();
      const [a, b] = found as [Term, Term | undefined];
      return { type: "some-in", key: b === undefined ? null : a, value: b ?? a, domain };
    }
    const names = found.map((term) => {
      if (term.type !== "var") this.fail("`some` declares names, or stands before `in`", "rego.syntax", term.at);
      return term;
    });
    return { type: "some", names };
  }

  private every(): Expression {
    const name = (): Term & { type: "var" } => {
      const first = this.token;
      return { type: "var", name: this.plainName("a name"), at: this.since(first) };
    };
    const a = name();
    const b = this.take(",") ? name() : null;
    if (!this.takeWord("in")) this.fail(`\`in\` is expected after \`every\`, not ${this.shown()}`);
    const domain = this.expression();
    this.expect("{");
    return { type: "every", key: b === null ? null : a, value: b ?? a, domain, body: this.body("}") };
  }

  private with(): With {
    const first = this.next();
    const target = dottedName(this.primary());
    if (target === null)
      this.fail("`with` replaces a fixed path of `input` or `data`", "rego.unsupported", this.since(first));
    if (target[0] !== "input" && target[0] !== "data") {
      const message = `\`with ${target.join(".")}\`: only \`input\` and \`data\` can be replaced, not functions`;
      this.fail(message, "rego.unsupported", this.since(first));
    }
    this.bounded(target.length);
    if (!this.takeWord("as")) this.fail(`\`as\` is expected after \`with\`, not ${this.shown()}`);
    return { target, value: this.expression(), at: this.since(first) };
  }
}
