/** Search on the canvas: by id, kind or text; Enter goes to the next hit. */
import { useEffect, useMemo, useRef, useState } from "react";
import { select } from "../actions.ts";
import { change, usePage } from "../state.ts";
import { words } from "../words.ts";
import { keepTyping } from "../typing.ts";
import { hitsOf } from "./hits.ts";

/** See the header. */
export function Search({ text }: { readonly text: string }) {
  const nodes = usePage((page) => page.drawing?.nodes);
  const [at, go] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const hits = useMemo(() => hitsOf(nodes ?? [], text), [nodes, text]);
  const close = (): void => {
    change({ type: "search", text: null });
    document.querySelector<HTMLElement>(".canvas")?.focus();
  };
  return (
    <div className="search" role="search">
      <input
        ref={input}
        type="search"
        value={text}
        placeholder={`${words.search} ${words.searchHint}`}
        aria-label={`${words.search} ${words.searchHint}`}
        onChange={(event) => {
          go(0);
          change({ type: "search", text: event.target.value });
        }}
        onKeyDown={(event) => {
          keepTyping(event);
          if (event.key === "Escape") close();
          if (event.key !== "Enter" || hits.length === 0) return;
          const hit = hits[at % hits.length];
          go(at + 1);
          if (hit !== undefined) select(hit.key);
        }}
      />
      <span role="status">{text.trim() === "" ? "" : words.found(hits.length)}</span>
    </div>
  );
}
