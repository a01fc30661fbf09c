/** What can stand in a field: asked of the host while one types. */
import { useState } from "react";
import type { Offer } from "../../src/protocol/webview.ts";
import { nextRequest } from "../actions.ts";
import { tell } from "../host.ts";
import { usePage } from "../state.ts";
import type { FieldPath } from "./form.ts";

const none: readonly Offer[] = [];

/** The answers to the field's last question, how to ask, and how to forget them. `element`: null for the document. */
export function useOffers(
  element: string | null,
  path: FieldPath,
): readonly [offers: readonly Offer[], ask: (text: string) => void, close: () => void] {
  const [asked, setAsked] = useState(-1);
  const offers = usePage((page) => (page.offers.request === asked ? page.offers.items : none));
  const ask = (text: string): void => {
    const request = nextRequest();
    setAsked(request);
    tell({ type: "complete", request, element, path: [...path], text });
  };
  const close = (): void => {
    setAsked(-1);
  };
  return [offers, ask, close];
}
