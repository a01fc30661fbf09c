/** The palette: kinds in the groups of the registry, found by search, added by click, Enter or drag. */
import { useMemo, useState } from "react";
import type { PaletteKind } from "../../src/protocol/webview.ts";
import { addNode, say } from "../actions.ts";
import { nodeIcon } from "../canvas/icons.ts";
import { usePage } from "../state.ts";
import { words } from "../words.ts";
import { keepTyping } from "../typing.ts";

/** See the header. */
export function Palette() {
  const kinds = usePage((page) => page.palette);
  const broken = usePage((page) => page.broken !== null);
  const [wanted, want] = useState("");
  const groups = useMemo(() => grouped(kinds, wanted), [kinds, wanted]);
  const add = (kind: string): void => {
    if (addNode(kind)) say(words.added(kind));
  };
  return (
    <nav className="palette" aria-label={words.palette}>
      <input
        type="search"
        value={wanted}
        placeholder={words.searchPalette}
        aria-label={words.searchPalette}
        onChange={(event) => {
          want(event.target.value);
        }}
        onKeyDown={(event) => {
          keepTyping(event);
          const first = groups[0]?.[1][0];
          if (event.key === "Enter" && first !== undefined && !broken) add(first.kind);
          if (event.key === "Escape") document.querySelector<HTMLElement>(".canvas")?.focus();
        }}
      />
      {groups.length === 0 && <p className="hint">{words.noKinds}</p>}
      <div className="palette-list">
        {groups.map(([family, members]) => (
          <section key={family} aria-label={words.family(family)}>
            <h3>{words.family(family)}</h3>
            <ul>
              {members.map((kind) => (
                <li key={kind.kind}>
                  <button
                    className={`palette-kind family-${family}`}
                    title={kind.summary}
                    disabled={broken}
                    draggable={!broken}
                    onDragStart={(event) => {
                      event.dataTransfer.setData("application/x-countersign-kind", kind.kind);
                      event.dataTransfer.effectAllowed = "copy";
                    }}
                    onClick={() => {
                      add(kind.kind);
                    }}
                  >
                    <i className={nodeIcon(kind.kind, family)} aria-hidden />
                    <span>{kind.kind}</span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </nav>
  );
}

/** Kinds whose name or summary holds all words, by group in the order in which groups first come. */
function grouped(kinds: readonly PaletteKind[], wanted: string): [string, PaletteKind[]][] {
  const parts = wanted
    .toLowerCase()
    .split(/\s+/)
    .filter((part) => part !== "");
  const groups = new Map<string, PaletteKind[]>();
  for (const kind of kinds) {
    const text = `${kind.kind} ${kind.summary}`.toLowerCase();
    if (parts.every((part) => text.includes(part))) groups.set(kind.family, [...(groups.get(kind.family) ?? []), kind]);
  }
  return [...groups];
}
