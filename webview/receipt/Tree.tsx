/** The receipts as a tree, walked by keys as the trees of VS Code are. */
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import type { ReceiptNode, ReceiptView } from "../../src/protocol/receipt.ts";
import { keep, keptState } from "./host.ts";
import { words } from "./words.ts";

/** See the header. */
export function Tree({
  view,
  selected,
  select,
}: {
  readonly view: ReceiptView;
  readonly selected: string | null;
  readonly select: (receipt: string) => void;
}) {
  const { nodes } = view;
  const [closed, setClosed] = useState<ReadonlySet<string>>(() => new Set(keptState().closed));
  const list = useRef<HTMLUListElement>(null);
  const byKeys = useRef(false);
  const rows = useMemo(() => openRows(nodes, closed), [nodes, closed]);
  const at = Math.max(
    0,
    rows.findIndex(({ node }) => node.id === selected),
  );
  useEffect(() => {
    if (!byKeys.current) return;
    byKeys.current = false;
    list.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  }, [at]);
  const fold = (id: string, shut: boolean): void => {
    const next = new Set(closed);
    if (shut) next.add(id);
    else next.delete(id);
    setClosed(next);
    keep({ ...keptState(), closed: [...next].slice(-500) });
  };
  const go = (to: number): void => {
    const row = rows[Math.min(Math.max(to, 0), rows.length - 1)];
    if (row === undefined) return;
    byKeys.current = true;
    select(row.node.id);
  };
  const press = (event: KeyboardEvent): void => {
    const row = rows[at];
    if (row === undefined) return;
    const { node, children } = row;
    const open = !closed.has(node.id);
    const above = (): number => rows.slice(0, at).findLastIndex((one) => one.node.depth < node.depth);
    switch (event.key) {
      case "ArrowDown":
        go(at + 1);
        break;
      case "ArrowUp":
        go(at - 1);
        break;
      case "Home":
        go(0);
        break;
      case "End":
        go(rows.length - 1);
        break;
      case "ArrowRight":
        if (children && !open) fold(node.id, false);
        else if (children) go(at + 1);
        break;
      case "ArrowLeft":
        if (children && open) fold(node.id, true);
        else if (above() >= 0) go(above());
        break;
      default:
        return;
    }
    event.preventDefault();
  };
  return (
    <ul role="tree" ref={list} aria-label={words.receipts(nodes.length)} onKeyDown={press}>
      {rows.map(({ node, children }, index) => (
        <li
          key={node.id}
          role="treeitem"
          aria-level={node.depth + 1}
          aria-selected={node.id === selected}
          {...(children ? { "aria-expanded": !closed.has(node.id) } : {})}
          tabIndex={index === at ? 0 : -1}
          style={{ paddingInlineStart: `${Math.min(node.depth, 12) * 14 + 4}px` }}
          onClick={() => {
            select(node.id);
          }}
        >
          <span
            className={`codicon codicon-${children ? (closed.has(node.id) ? "chevron-right" : "chevron-down") : "blank"}`}
            aria-hidden="true"
            onClick={(event) => {
              if (!children) return;
              event.stopPropagation();
              fold(node.id, !closed.has(node.id));
            }}
          />
          <span className="label">{node.label}</span>
          <span className="only-said">, {node.kind}, </span>
          <span className={`tone ${node.tone}`}>{node.disposition}</span>
          <Wrong node={node} />
        </li>
      ))}
    </ul>
  );
}

/** How much is wrong at a receipt, or below it: a sign and a number, and words for who does not see them. */
function Wrong({ node: { wrong, wrongBelow } }: { readonly node: ReceiptNode }) {
  if (wrong + wrongBelow === 0) return null;
  const here = wrong > 0;
  return (
    <span className={here ? "count" : "count below"}>
      <span className="codicon codicon-error" aria-hidden="true" />
      <span aria-hidden="true"> {here ? wrong : wrongBelow}</span>
      <span className="only-said">
        {here && `, ${words.wrong(wrong)}`}
        {wrongBelow > 0 && `, ${words.wrongBelow(wrongBelow)}`}
      </span>
    </span>
  );
}

/** The rows that are to be seen: nothing below what is folded. */
function openRows(
  nodes: readonly ReceiptNode[],
  closed: ReadonlySet<string>,
): readonly { readonly node: ReceiptNode; readonly children: boolean }[] {
  const rows: { node: ReceiptNode; children: boolean }[] = [];
  let hidden = Number.POSITIVE_INFINITY;
  for (const [at, node] of nodes.entries()) {
    if (node.depth > hidden) continue;
    const children = (nodes[at + 1]?.depth ?? -1) > node.depth;
    hidden = children && closed.has(node.id) ? node.depth : Number.POSITIVE_INFINITY;
    rows.push({ node, children });
  }
  return rows;
}
