/** What can stand in a field, listed below it: chosen by click, or by the arrow keys and Enter. */
import { useState, type KeyboardEvent } from "react";
import type { Offer } from "../../src/protocol/webview.ts";
import { Shown } from "../Shown.tsx";
import { words } from "../words.ts";
import type { FormField } from "./form.ts";
import { useOffers } from "./offers.ts";

/** The list of one field. */
export interface Offers {
  readonly items: readonly Offer[];
  /** The item that Enter takes; -1: none. */
  readonly active: number;
  readonly open: boolean;
  readonly pick: (offer: Offer) => void;
  ask(text: string): void;
  close(): void;
  /** Handles a key of the field; false when it is the field's own. */
  key(event: KeyboardEvent): boolean;
}

/** See the header. `take` puts an offer into the field. */
export function useOfferList(element: string | null, field: FormField, take: (insert: string) => void): Offers {
  const [all, ask, close] = useOffers(element, field.path);
  const [active, activate] = useState(-1);
  // A single offer that says what stands there already is none.
  const items = all.length === 1 && JSON.stringify(all[0]?.insert) === field.written ? [] : all;
  const open = items.length > 0;
  const shut = (): void => {
    activate(-1);
    close();
  };
  const pick = (offer: Offer): void => {
    shut();
    take(offer.insert);
  };
  return {
    items,
    active,
    open,
    pick,
    ask(text) {
      activate(-1);
      ask(text);
    },
    close: shut,
    key(event) {
      const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      if (!open) {
        // Within lines of text the arrows are the text's.
        if (step !== 1 || field.type === "multiline" || field.role === null) return false;
        ask(event.target instanceof HTMLInputElement ? event.target.value : "");
        return false;
      }
      if (step !== 0) {
        activate((active + step + items.length) % items.length);
        return true;
      }
      const offer = items[active];
      if (event.key === "Enter" && offer !== undefined) {
        pick(offer);
        return true;
      }
      if (event.key !== "Escape") return false;
      shut();
      return true;
    },
  };
}

/** See the header. */
export function OfferList({ id, list }: { readonly id: string; readonly list: Offers }) {
  if (!list.open) return null;
  return (
    <ul id={id} className="offers" role="listbox" aria-label={words.offers}>
      {list.items.map((offer, i) => (
        <li
          key={offer.insert}
          role="option"
          aria-selected={i === list.active}
          ref={(item) => {
            if (i === list.active) item?.scrollIntoView({ block: "nearest" });
          }}
          onMouseDown={(event) => {
            // The field keeps the focus, so that it is not left.
            event.preventDefault();
          }}
          onClick={() => {
            list.pick(offer);
          }}
        >
          <Shown text={offer.label} />
          <Shown className="offer-detail" text={offer.detail} />
        </li>
      ))}
    </ul>
  );
}
