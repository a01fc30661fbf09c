/**
 * Lines of an MCP server's pipe (newline-delimited JSON-RPC 2.0) and the messages the SDK's client knows.
 *
 * The SDK's own codec reads numbers as doubles; a run's values keep integers exact and `1` apart from `1.0`
 * (DESIGN.md "Values"). So arguments and replies of calls go past it: arguments are written as node values, and a
 * call's reply reaches the client as an opaque {@link ExactReply}.
 */
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { jsonProblemText, parseJson } from "../../graph/json.ts";
import {
  fromPlain,
  isArray,
  isObject,
  member,
  object,
  toPlain,
  toText,
  type ObjectValue,
  type Value,
} from "../../graph/value.ts";

/** The whole reply to a call (`result` or `error`) as a node value. */
export class ExactReply {
  readonly reply: ObjectValue;
  constructor(reply: ObjectValue) {
    this.reply = reply;
  }
  /** The client may print a late reply in an error; node values are not its business. */
  toJSON(): string {
    return "(reply)";
  }
}

const exactMethods: ReadonlySet<string> = new Set(["tools/call", "resources/read"]);

/** Writes and reads one connection's messages. */
export class Wire {
  /** Ids of calls under way whose replies are kept exact. */
  private readonly exact = new Set<number>();

  /** The line of a message, newline included. `arguments` in it is a node value. */
  encode(message: JSONRPCMessage): string {
    if (!("method" in message)) return `${toText(fromPlain(message))}\n`;
    const { params, ...head } = message;
    if ("id" in message && typeof message.id === "number" && exactMethods.has(message.method))
      this.exact.add(message.id);
    if (params === undefined) return `${toText(fromPlain(head))}\n`;
    const { arguments: given, ...rest } = params as { arguments?: Value };
    const written = object(fromPlain(rest) as ObjectValue);
    if (given !== undefined) written["arguments"] = given;
    return `${toText(object({ ...(fromPlain(head) as ObjectValue), params: written }))}\n`;
  }

  /**
   * The messages of a line: several for a batch, none for a line that is no message (blank, a log line, no id and
   * no method). A line that begins like JSON and is none is a problem: a reply may be lost in it.
   */
  decode(line: string): readonly JSONRPCMessage[] | { readonly problem: string } {
    const parsed = parseJson(line);
    if (!parsed.ok) return /^\s*[{[]/.test(line) ? { problem: jsonProblemText(parsed.problem) } : [];
    const values = isArray(parsed.value) ? parsed.value : [parsed.value];
    return values.filter(isObject).flatMap((value) => this.message(value));
  }

  private message(value: ObjectValue): JSONRPCMessage[] {
    if (member(value, "method") !== undefined) return [toPlain(value) as JSONRPCMessage];
    const id = member(value, "id") ?? null;
    if (id === null) return [];
    const number = Number(id);
    if (!this.exact.delete(number)) return [toPlain(value) as JSONRPCMessage];
    return [{ jsonrpc: "2.0", id: number, result: { reply: new ExactReply(value) } }];
  }
}
