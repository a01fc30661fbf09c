/** The palette: kinds in the groups of the registry, found by search, added by click, Enter or drag. */
import { useMemo, useState, type KeyboardEvent } from "react";
import { addNode, say } from "../actions.ts";
import { nodeIcon } from "../canvas/icons.ts";
import { usePage } from "../state.ts";
import { keepTyping } from "../typing.ts";
import { words } from "../words.ts";
import { grouped, meant } from "./kinds.ts";

/** See the header. */
export function Palette() {
  const kinds = usePage((page) => page.palette);
  const broken = usePage((page) => page.broken !== null);
  const [wanted, want] = useState("");
  const [walked, walkTo] = useState<string | null>(null);
  const groups = useMemo(() => grouped(kinds, wanted), [kinds, wanted]);
  const listed = groups.flatMap(([, members]) => members);
  const chosen = listed.find((kind) => kind.kind === walked) ?? meant(listed, wanted);
  const add = (kind: string): void => {
    if (addNode(kind)) say(words.added(kind));
  };
  const keys = (event: KeyboardEvent<HTMLInputElement>): void => {
    keepTyping(event);
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      const at = chosen === null ? (step === 1 ? -1 : 0) : listed.indexOf(chosen);
      walkTo(listed[(at + step + listed.length) % Math.max(1, listed.length)]?.kind ?? null);
    }
    if (event.key === "Enter" && chosen !== null && !broken) add(chosen.kind);
    if (event.key === "Escape") document.querySelector<HTMLElement>(".canvas")?.focus();
  };
  return (
    <nav className="palette" aria-label={words.palette}>
      <input
        type="search"
        value={wanted}
        placeholder={words.searchPalette}
        aria-label={words.searchPalette}
        aria-describedby="palette-chosen"
        spellCheck={false}
        onChange={(event) => {
          want(event.target.value);
          walkTo(null);
        }}
        onFocus={(event) => {
          event.target.select();
        }}
        onKeyDown={keys}
      />
      <span id="palette-chosen" className="unseen" role="status">
        {chosen === null ? "" : words.enterAdds(chosen.kind)}
      </span>
      {groups.length === 0 && <p className="hint">{words.noKinds}</p>}
      <div className="palette-list">
        {groups.map(([family, members]) => (
          <section key={family} aria-label={words.family(family)}>
            <h3>{words.family(family)}</h3>
            <ul>
              {members.map((kind) => (
                <li key={kind.kind}>
                  <button
                    className={`palette-kind family-${family}${kind === chosen ? " chosen" : ""}`}
                    ref={(button) => {
                      if (kind === chosen) button?.scrollIntoView({ block: "nearest" });
                    }}
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
