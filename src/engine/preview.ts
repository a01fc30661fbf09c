/**
 * What an effect would send or write, for the person who is asked to approve it (spec/runtime.md §7).
 *
 * Journalled with the request, and masked like every text there. Bounded: what is longer is cut and says so; bytes
 * that are no text are not shown, since the description has their digest and length.
 */
import { effectClasses, type Effect } from "../effects/effect.ts";
import { object, toText, type Value } from "../graph/value.ts";

/** Most characters that are shown of a body or of standard input. */
export const MAX_PREVIEW = 64 * 1024;
/** Most characters of a file's new content: a difference needs all of it. */
export const MAX_CONTENT_PREVIEW = 1024 * 1024;

/** `{text, truncated}` of the effect's payload; null where it has none that is text. */
export function effectPreview(effect: Effect): Value {
  const [payload, most] = payloadOf(effect);
  if (payload === null) return null;
  const text = typeof payload === "string" ? payload : textOf(payload);
  if (text === null || effectClasses[effect.kind] === "read") return null;
  return object({ text: text.slice(0, most), truncated: text.length > most });
}

function payloadOf(effect: Effect): readonly [payload: string | Uint8Array | null, most: number] {
  switch (effect.kind) {
    case "http.request":
      return [effect.body, MAX_PREVIEW];
    case "fs.write":
      return [effect.content, MAX_CONTENT_PREVIEW];
    case "shell.run":
      return [effect.stdin ?? effect.inputsFile?.content ?? null, MAX_PREVIEW];
    case "mcp.tool":
      return [toText(effect.args), MAX_PREVIEW];
    case "model.call":
      return [effect.messages.map(({ role, content }) => `${role}: ${content}`).join("\n\n"), MAX_PREVIEW];
    default:
      return [null, 0];
  }
}

/** Bytes that are UTF-8 text, as text. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
