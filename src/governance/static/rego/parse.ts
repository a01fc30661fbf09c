/**
 * Modules of Rego v1: package, imports and rules. Several faults are reported: after one, reading goes on at the next
 * line that begins without indentation.
 */
import type { Branch, Import, Module, Rule, Term } from "./ast.ts";
import { tokenize, type Token } from "./lexer.ts";
import { BodyParser } from "./parse-body.ts";
import { dottedName, SyntaxStop } from "./parse-term.ts";
import type { Problems } from "./problem.ts";

/** Most rules of one module. */
export const MAX_RULES = 2_000;

/** Reads a module; null when it has no package. Findings go to `problems`. */
export function parseModule(text: string, file: string, problems: Problems): Module | null {
  const before = problems.found.length;
  const tokens = tokenize(text, file, problems);
  // What is no word ends the reading; more would be guesses.
  return problems.found.length > before ? null : new ModuleParser(file, tokens, problems).module();
}

/** Reads one expression, a query; null with a finding when it is none. */
export function parseQuery(text: string, file: string, problems: Problems): Term | null {
  return new ModuleParser(file, tokenize(text, file, problems), problems).query();
}

class ModuleParser extends BodyParser {
  private readonly problems: Problems;

  constructor(file: string, tokens: readonly Token[], problems: Problems) {
    super(file, tokens);
    this.problems = problems;
  }

  query(): Term | null {
    return this.guarded(() => {
      const term = this.expression();
      if (this.token.type !== "end") this.fail(`the query ends before ${this.shown()}`);
      return term;
    });
  }

  module(): Module | null {
    const path = this.guarded(() => this.package());
    if (path === null) return null;
    const imports: Import[] = [];
    const rules: Rule[] = [];
    while (this.token.type !== "end") {
      const first = this.token;
      const done = this.guarded(() => {
        if (!first.fresh) this.fail(`a new line is expected before ${this.shown()}`);
        if (this.atWord("package")) this.fail("a module has one package");
        if (this.atWord("import")) {
          if (rules.length > 0) this.fail("imports stand before rules");
          const one = this.import();
          if (one !== null) imports.push(one);
        } else if (rules.length >= MAX_RULES) this.fail(`a module may have ${MAX_RULES} rules`, "rego.too_large");
        else rules.push(this.rule());
        return true;
      });
      if (done === null) this.recover(first);
    }
    return { file: this.file, path, imports, rules };
  }

  private guarded<T>(read: () => T): T | null {
    this.surface();
    try {
      return read();
    } catch (stop) {
      if (!(stop instanceof SyntaxStop)) throw stop;
      this.problems.add(stop.code, stop.message, stop.place);
      return null;
    }
  }

  /** Skips to a line that begins in the first column. */
  private recover(first: Token): void {
    if (this.token === first) this.next();
    while (this.token.type !== "end" && !(this.token.fresh && this.token.column === 1 && this.token.type === "name")) {
      this.next();
    }
  }

  private package(): readonly string[] {
    if (!this.takeWord("package")) this.fail(`a module begins with \`package\`, not with ${this.shown()}`);
    const first = this.token;
    const path = this.fixedPath();
    if (path[0] === "input" || path[0] === "data") {
      this.fail(`a package cannot be called \`${path[0]}\``, "rego.syntax", this.since(first));
    }
    return path;
  }

  private fixedPath(): string[] {
    const first = this.token;
    const name = this.plainName("a name");
    const parts = [name];
    while (!this.token.spaced && (this.at(".") || this.at("["))) {
      const dotted = this.next().text === ".";
      const part = this.next();
      if (part.type !== (dotted ? "name" : "string")) {
        this.fail("a path has names and strings only", "rego.syntax", this.since(first));
      }
      parts.push(part.text);
      this.bounded(parts.length);
      if (!dotted) this.expect("]");
    }
    return parts;
  }

  /** null for imports that only say which Rego this is. */
  private import(): Import | null {
    const first = this.next();
    const path = this.fixedPath();
    const alias = this.takeWord("as") ? this.plainName("a name") : null;
    const at = this.since(first);
    const whole = path.join(".");
    if (whole === "rego.v1" || /^future\.keywords(\.(contains|every|if|in))?$/.test(whole)) {
      if (alias !== null) this.fail(`\`import ${whole}\` takes no other name`, "rego.import", at);
      return null;
    }
    if (path[0] !== "data" && path[0] !== "input") {
      this.fail(`\`import ${whole}\`: a path of \`data\` or \`input\`, or \`rego.v1\`, is expected`, "rego.import", at);
    }
    const name = alias ?? (path.at(-1) as string);
    if (path.length === 1 && alias === null) this.fail(`\`import ${whole}\` changes nothing`, "rego.import", at);
    if (name === "data" || name === "input") this.fail(`\`${name}\` cannot be another thing`, "rego.import", at);
    return { path, name, at };
  }

  private rule(): Rule {
    const first = this.token;
    const isDefault = this.takeWord("default");
    if (this.token.type !== "name") this.fail(`a rule begins with its name, not with ${this.shown()}`);
    const head = this.head();
    const at = this.since(first);
    const contains = this.takeWord("contains") ? this.expression() : null;
    if (contains !== null && (isDefault || head.args !== null)) {
      this.fail("`contains` makes a partial set, which has neither parameters nor a default", "rego.syntax", at);
    }
    const value = this.take(":=") || this.take("=") ? this.expression() : null;
    if (contains !== null && value !== null) this.fail("a partial set has members, not a value", "rego.syntax", at);
    if (isDefault) {
      if (value === null) this.fail("a default has a value", "rego.syntax", at);
      if (this.atWord("if") || this.at("{")) this.fail("a default has no body");
      return { isDefault, ...head, contains, branches: [{ value, body: [], at }], at };
    }
    const branches: Branch[] = [];
    const conditional = this.condition();
    if (conditional === null && value === null && contains === null) {
      this.fail("a rule has a value, `contains` or an `if` with a body", "rego.syntax", at);
    }
    branches.push({ value, body: conditional ?? [], at });
    while (this.atWord("else")) branches.push(this.else(contains !== null));
    if (conditional === null && branches.length > 1) this.fail("an `else` after a rule without a body is never used");
    return { isDefault, ...head, contains, branches, at };
  }

  private head(): Pick<Rule, "path" | "args"> {
    const first = this.token;
    const path: Term[] = [{ type: "var", name: this.plainName("a rule's name"), at: this.since(first) }];
    if (first.text === "input" || first.text === "data") this.fail(`\`${first.text}\` cannot be a rule`);
    while (!this.token.spaced) {
      this.bounded(path.length);
      if (this.take(".")) {
        const part = this.next();
        if (part.type !== "name") this.fail("a name is expected after the dot");
        path.push({ type: "scalar", value: part.text, at: this.since(part) });
      } else if (this.take("[")) {
        path.push(this.expression());
        this.expect("]");
      } else if (this.at("(")) {
        if (dottedName({ type: "ref", head: path[0] as Term, path: path.slice(1), at: this.since(first) }) === null) {
          this.fail("a function has a fixed name");
        }
        return { path, args: this.arguments() };
      } else break;
    }
    return { path, args: null };
  }

  /** `if` and its body; null without. */
  private condition(): Branch["body"] | null {
    if (this.at("{")) this.fail("in Rego v1 `if` stands before a rule's body");
    if (!this.takeWord("if")) return null;
    if (!this.take("{")) return [this.literal()];
    const body = this.body("}");
    if (this.at("{")) this.fail("write a second rule instead of a second body", "rego.unsupported");
    return body;
  }

  private else(partial: boolean): Branch {
    const first = this.next();
    if (partial) this.fail("a partial set has no `else`", "rego.syntax", this.since(first));
    const value = this.take(":=") || this.take("=") ? this.expression() : null;
    const body = this.condition();
    if (value === null && body === null)
      this.fail("an `else` has a value or an `if`", "rego.syntax", this.since(first));
    return { value, body: body ?? [], at: this.since(first) };
  }
}
