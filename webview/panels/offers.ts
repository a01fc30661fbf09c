/** What can stand in a field of a node: asked of the host while one types. */
import { useState } from "react";
import type { Offer } from "../../src/protocol/webview.ts";
import { nextRequest } from "../actions.ts";
import { tell } from "../host.ts";
import { usePage } from "../state.ts";

const none: readonly Offer[] = [];

/** The answers to the field's last question, and how to ask. */
export function useOffers(
  node: string | null,
  path: readonly string[],
): readonly [readonly Offer[], (text: string) => void] {
  const [asked, setAsked] = useState(-1);
  const offers = usePage((page) => (page.offers.request === asked ? page.offers.items : none));
  const ask = (text: string): void => {
    if (node === null) return;
    const request = nextRequest();
    setAsked(request);
    tell({ type: "complete", request, node, path: [...path], text });
  };
  return [offers, ask];
}
