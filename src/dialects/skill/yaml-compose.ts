/**
 * YAML text -> what the YAML library makes of it, errors included, within bounds of length and depth.
 */
import { Composer, Parser, type CST, type Document, type ParsedNode } from "yaml";

/** Deepest nesting that is read; deeper texts are refused. */
export const MAX_DEPTH = 100;
/** Most characters of a document. */
export const MAX_LENGTH = 4 * 1024 * 1024;
/** One document of a text. */
export type Composed = Document.Parsed<ParsedNode, true>;

/** What can be known of a text before it is judged. */
export interface Composition {
  readonly documents: readonly Composed[];
  /** The deepest token, counted from 1. */
  readonly depth: number;
  /** It has anchors or aliases, so that its parts depend on each other. */
  readonly linked: boolean;
}

/** Parses without judging: the documents of a text, or null when it is too deep or too long to be composed. */
export function composeYaml(text: string): readonly Composed[] | null {
  return composition(text)?.documents ?? null;
}

/** As {@link composeYaml}, with what its tokens say. */
export function composition(text: string): Composition | null {
  if (text.length > MAX_LENGTH) return null;
  const tokens = [...new Parser().parse(text)];
  let most = 0;
  let linked = false;
  eachToken(tokens, (token, depth) => {
    if (depth > most) most = depth;
    linked ||= token.type === "anchor" || token.type === "alias";
  });
  if (most > MAX_DEPTH) return null;
  const composer = new Composer({ intAsBigInt: true, keepSourceTokens: true, uniqueKeys: false, version: "1.2" });
  return { documents: [...composer.compose(tokens, true, text.length)], depth: most, linked };
}

/** Visits every token and its properties without recursion; stops descending below {@link MAX_DEPTH}. */
export function eachToken(tokens: readonly CST.Token[], visit: (token: CST.Token, depth: number) => void): void {
  const stack = tokens.map((token) => ({ token, depth: 1 })).reverse();
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { token, depth } = top;
    visit(token, depth);
    if (depth > MAX_DEPTH) continue;
    const push = (inner: CST.Token | null | undefined): void => {
      if (inner !== null && inner !== undefined) stack.push({ token: inner, depth: depth + 1 });
    };
    if (token.type === "document") {
      token.start.forEach((one) => visit(one, depth));
      push(token.value);
    } else if (token.type === "block-scalar") {
      token.props.forEach((one) => visit(one, depth));
    } else if ("items" in token) {
      for (const item of token.items) {
        item.start.forEach((one) => visit(one, depth));
        item.sep?.forEach((one) => visit(one, depth));
        push(item.key);
        push(item.value);
      }
    }
  }
}
