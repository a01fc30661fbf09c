/** Node values as short texts for people; costs no more than what is shown. Pure. */
import { floatText, isArray, sortedKeys, stringText, toText, type ObjectValue, type Value } from "./value.ts";

/** Compact JSON of a value, cut at about `limit` characters; costs no more than what is shown. */
export function briefText(value: Value, limit: number): string {
  if (limit === Number.POSITIVE_INFINITY) return toText(value);
  const writer = new Brief(limit);
  writer.value(value);
  return writer.full ? `${writer.text.slice(0, limit)}…` : writer.text;
}

class Brief {
  text = "";
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  get full(): boolean {
    return this.text.length > this.limit;
  }

  value(value: Value): void {
    if (this.full) return;
    if (typeof value === "string") this.text += stringText(value.slice(0, this.limit + 1)).slice(0, this.limit + 1);
    else if (typeof value === "number") this.text += floatText(value);
    else if (typeof value !== "object" || value === null) this.text += toText(value);
    else if (isArray(value)) this.list("[", value.length, "]", (i) => this.value(value[i] as Value));
    else this.members(value);
  }

  private members(value: ObjectValue): void {
    const keys = sortedKeys(value);
    this.list("{", keys.length, "}", (i) => {
      const key = keys[i] as string;
      this.text += `${stringText(key.slice(0, this.limit + 1))}:`;
      this.value(value[key] as Value);
    });
  }

  private list(open: string, length: number, close: string, item: (i: number) => void): void {
    this.text += open;
    for (let i = 0; i < length && !this.full; i++) {
      if (i > 0) this.text += ",";
      item(i);
    }
    this.text += close;
  }
}
