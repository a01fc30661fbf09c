/** The context menu of the canvas: the same actions as by key and toolbar, for what is selected. */
import { useEffect, useRef } from "react";
import {
  beginConnection,
  copySelected,
  duplicateSelected,
  exportAs,
  paste,
  removeSelected,
  toggleChild,
} from "../actions.ts";
import { debugItems } from "../debug/menu.ts";
import { tell } from "../host.ts";
import type { PageState } from "../model.ts";
import { Shown } from "../Shown.tsx";
import { change, pageState, usePage } from "../state.ts";
import { words } from "../words.ts";

interface Item {
  readonly label: string;
  readonly keys: string;
  readonly edits: boolean;
  act(): void;
}

/** Most ways out that the menu lists; the others begin at their ports. */
const MAX_WAYS = 6;

/** See the header. */
export function Menu() {
  const at = usePage((page) => page.menu);
  const broken = usePage((page) => page.broken !== null);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    if (at !== null) list.current?.querySelector<HTMLElement>("button:not(:disabled)")?.focus();
  }, [at]);
  if (at === null) return null;
  const close = (): void => {
    change({ type: "menu", at: null });
    document.querySelector<HTMLElement>(".canvas")?.focus();
  };
  const step = (by: number): void => {
    const buttons = [...(list.current?.querySelectorAll<HTMLElement>("button:not(:disabled)") ?? [])];
    const now = buttons.findIndex((one) => one === document.activeElement);
    buttons[(now + by + buttons.length) % buttons.length]?.focus();
  };
  return (
    <ul
      ref={list}
      className="menu"
      role="menu"
      aria-label={words.menu}
      style={{ left: Math.min(at.x, window.innerWidth - 240), top: Math.min(at.y, window.innerHeight - 320) }}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape" || event.key === "Tab") close();
        else if (event.key === "ArrowDown") step(1);
        else if (event.key === "ArrowUp") step(-1);
        else return;
        event.preventDefault();
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) change({ type: "menu", at: null });
      }}
    >
      {itemsOf(pageState()).map((item) => (
        <li key={item.label} role="none">
          <button
            type="button"
            role="menuitem"
            disabled={broken && item.edits}
            onClick={() => {
              close();
              item.act();
            }}
          >
            <Shown text={item.label} />
            <kbd>{item.keys}</kbd>
          </button>
        </li>
      ))}
    </ul>
  );
}

function itemsOf(page: PageState): Item[] {
  const { drawing, selected, children } = page;
  const node = drawing?.nodes.find((one) => one.key === selected);
  const edge = drawing?.edges.find((one) => one.key === selected);
  const entry = drawing?.entries.find((one) => one.key === selected);
  const items: Item[] = [];
  const add = (label: string, keys: string, act: () => void, edits = true): void => {
    items.push({ label, keys, act, edits });
  };
  if (node?.kind === "group" && node.key.startsWith("group:")) {
    add(words.openFrame(node.id), "", () => tell({ type: "collapse", frame: node.key, closed: false }), false);
    return items;
  }
  const frame = drawing?.frames.find((one) => one.key === node?.frame);
  if (node !== undefined) {
    add(words.rename, "F2", () => change({ type: "rename", node: node.key }));
    if (node.child !== null) {
      const isOpen = children.has(node.key);
      add(isOpen ? words.closeChild : words.expandChild, "E", () => toggleChild(node.key), false);
      add(words.openChild, "", () => tell({ type: "openChild", node: node.key }), false);
    }
    if (frame !== undefined)
      add(words.closeFrame(frame.title), "", () => tell({ type: "collapse", frame: frame.key, closed: true }), false);
    add(words.duplicate, "Ctrl+D", () => duplicateSelected());
    add(words.copy, "Ctrl+C", () => copySelected(false), false);
    add(words.cut, "Ctrl+X", () => copySelected(true));
  }
  if (selected !== null && (node !== undefined || entry !== undefined)) {
    const ways = node === undefined ? [null] : node.ports.filter((one) => one.type !== "open").map((one) => one.label);
    ways.slice(0, MAX_WAYS).forEach((port, i) => {
      add(words.connect(port), i === 0 ? "C" : "", () => {
        beginConnection(selected, port);
      });
    });
  }
  if (edge?.type === "control") add(words.editLabel, "F2", () => change({ type: "label", edge: edge.key }));
  if (node !== undefined || edge?.type === "control") {
    const { key } = node ?? edge ?? { key: "" };
    for (const { label, keys, act } of debugItems(page, key, node === undefined ? "edge" : "node"))
      add(label, keys, act, false);
  }
  if (node === undefined && edge === undefined && entry === undefined) add(words.paste, "Ctrl+V", () => paste(null));
  else if (entry === undefined || drawing?.dialect === "workflow") add(words.remove, "Delete", removeSelected);
  add(words.openText, "T", () => tell({ type: "openText", element: selected }), false);
  if (selected === null) {
    add(words.exportSvg, "", () => exportAs("svg"), false);
    add(words.exportPng, "", () => exportAs("png"), false);
  }
  return items;
}
