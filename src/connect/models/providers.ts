/**
 * The three wire formats of spec/workflow.md §9.2, as pure mappings: call -> path, headers, body; reply -> text
 * and usage.
 *
 * Written over plain HTTP and not over the `ai` package, which was tried first: it follows redirects with the
 * `x-api-key` header, lowers `max_tokens` to what it believes a model's limit is, trims and joins text blocks,
 * refuses replies that lack members nobody needs, and prints warnings on the console; none of that can be turned
 * off without losing the sheet's error texts.
 */
import type { ModelEffect } from "../../effects/effect.ts";
import type { ModelBackend } from "../../graph/model.ts";
import { isArray, isObject, member, type Value } from "../../graph/value.ts";

type Messages = ModelEffect["messages"];
type Path = readonly (string | number)[];

/** One provider's wire format. */
export interface Wire {
  /** Where the provider lives when the document gives no `base_url`; null when it must. */
  readonly base: string | null;
  readonly keyRequired: boolean;
  path(model: string): string;
  headers(key: string | null): Readonly<Record<string, string>>;
  body(model: string, messages: Messages, maxTokens: number): unknown;
  readonly content: Path;
  readonly promptTokens: Path;
  readonly completionTokens: Path;
}

/** The system messages as one text, and the rest. The sheet's mapping knows one; more are joined by a blank line. */
function splitSystem(messages: Messages): { system: string | null; turns: Messages } {
  const system = messages.filter((one) => one.role === "system").map((one) => one.content);
  return {
    system: system.length === 0 ? null : system.join("\n\n"),
    turns: messages.filter((one) => one.role !== "system"),
  };
}

const anthropic: Wire = {
  base: "https://api.anthropic.com",
  keyRequired: true,
  path: () => "/v1/messages",
  headers: (key) => ({ "x-api-key": key ?? "", "anthropic-version": "2023-06-01" }),
  body: (model, messages, maxTokens) => {
    const { system, turns } = splitSystem(messages);
    return { model, max_tokens: maxTokens, ...(system === null ? {} : { system }), messages: turns };
  },
  content: ["content", 0, "text"],
  promptTokens: ["usage", "input_tokens"],
  completionTokens: ["usage", "output_tokens"],
};

const openai: Wire = {
  base: "https://api.openai.com",
  keyRequired: true,
  path: () => "/v1/chat/completions",
  headers: (key): Record<string, string> => (key === null ? {} : { authorization: `Bearer ${key}` }),
  body: (model, messages, maxTokens) => ({ model, messages, max_tokens: maxTokens }),
  content: ["choices", 0, "message", "content"],
  promptTokens: ["usage", "prompt_tokens"],
  completionTokens: ["usage", "completion_tokens"],
};

const gemini: Wire = {
  base: "https://generativelanguage.googleapis.com",
  keyRequired: true,
  path: (model) => `/v1beta/models/${encodeURIComponent(model)}:generateContent`,
  headers: (key) => ({ "x-goog-api-key": key ?? "" }),
  body: (_model, messages, maxTokens) => {
    const { system, turns } = splitSystem(messages);
    return {
      ...(system === null ? {} : { system_instruction: { parts: [{ text: system }] } }),
      contents: turns.map((one) => ({
        role: one.role === "assistant" ? "model" : "user",
        parts: [{ text: one.content }],
      })),
      generationConfig: { maxOutputTokens: maxTokens },
    };
  },
  content: ["candidates", 0, "content", "parts", 0, "text"],
  promptTokens: ["usageMetadata", "promptTokenCount"],
  completionTokens: ["usageMetadata", "candidatesTokenCount"],
};

/** Wire formats by provider. */
export const wires: Readonly<Record<ModelBackend["provider"], Wire>> = {
  anthropic,
  openai,
  gemini,
  "openai-compatible": { ...openai, base: null, keyRequired: false },
};

/** What stands at `path`, or undefined. */
export function valueAt(value: Value, path: Path): Value | undefined {
  let at: Value | undefined = value;
  for (const step of path) {
    if (at === undefined) return undefined;
    if (typeof step === "number") at = isArray(at) ? at[step] : undefined;
    else at = isObject(at) ? member(at, step) : undefined;
  }
  return at;
}

/** A token count; 0 when it is absent or no count. */
export function tokensAt(value: Value, path: Path): bigint {
  const count = valueAt(value, path);
  return typeof count === "bigint" && count >= 0n ? count : 0n;
}

/** `choices[0].message.content` */
export function pathText(path: Path): string {
  return path.map((step, i) => (typeof step === "number" ? `[${step}]` : i === 0 ? step : `.${step}`)).join("");
}
