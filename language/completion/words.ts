/** Words of a closed list: enumerations, booleans, methods, events, tools of a loop. */
import { isLoopTool, loopTools } from "../../src/kinds/agent_loop/definition.ts";
import { actWords } from "../../src/graph/act.ts";
import type { Named } from "../schema/names.ts";
import type { Asked } from "./asked.ts";
import { inSlot, type Offer } from "./offer.ts";

const httpMethods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const skillMethods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const watchEvents: Readonly<Record<string, string>> = {
  create: "a file or folder was made",
  modify: "its content changed",
  remove: "it was removed",
  rename: "it got another name",
};

/** Words for what a value names; null when that is no closed list. */
export function namedWords(asked: Asked, names: Named): Offer[] | null {
  const { live } = asked;
  switch (names) {
    case "http-method": {
      const isSkill =
        live.what.document === "skill" || (live.what.document === "graph" && live.what.dialect === "skill");
      return words(asked, isSkill ? skillMethods : httpMethods);
    }
    case "watch-event":
      return words(asked, Object.keys(watchEvents), (word) => watchEvents[word]);
    case "loop-tool":
      return words(asked, Object.keys(loopTools), (word) => (isLoopTool(word) ? loopTools[word] : undefined));
    case "act-word": {
      const key = asked.path.at(-1);
      return key === "form" || key === "decision" || key === "effect_type" ? words(asked, actWords[key].words) : [];
    }
    default:
      return null;
  }
}

/** Words of the field's own type. */
export function fieldWords(asked: Asked): Offer[] {
  const { field, slot } = asked;
  if (field === null) return [];
  if (field.form !== "boolean")
    return words(asked, field.words, (word) => (isDefault(asked, word) ? "default" : undefined));
  return field.words.flatMap((word): Offer[] => {
    const edit = slot.replaceWhole(word);
    return edit === null
      ? []
      : [{ label: word, kind: "value", edit, ...(isDefault(asked, word) ? { detail: "default" } : {}) }];
  });
}

function isDefault({ field }: Asked, word: string): boolean {
  return field?.fallback === word || field?.fallback === JSON.stringify(word);
}

function words(
  asked: Asked,
  list: readonly string[],
  detail: (word: string) => string | undefined = () => undefined,
): Offer[] {
  const others = siblings(asked);
  return list
    .filter((word) => !others.has(word))
    .map((word) => {
      const more = detail(word);
      return inSlot(asked.slot, 0, asked.slot.text.length, word, {
        kind: "word",
        ...(more === undefined ? {} : { detail: more }),
      });
    });
}

/** What stands in the same list already. */
export function siblings({ live, path }: Asked): ReadonlySet<string> {
  const own = path.at(-1);
  if (typeof own !== "number") return new Set();
  const list = path.slice(0, -1);
  const items = live.source.element(list)?.children ?? [];
  return new Set(items.flatMap((item) => (item === own ? [] : (live.source.element([...list, item])?.text ?? []))));
}
