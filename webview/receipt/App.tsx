/** The page: the verdict, what is wrong, who signed, the tree of receipts, and one receipt in full. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { AnyReceiptView, ReceiptDetail, ReceiptView } from "../../src/protocol/receipt.ts";
import { Copied } from "./Copied.tsx";
import { Findings } from "./Findings.tsx";
import { keep, keptState, listen, tell } from "./host.ts";
import { Section } from "./Section.tsx";
import { Tree } from "./Tree.tsx";
import { standingIcons, words } from "./words.ts";

/** A place that is to be brought into view once it is there; `count` tells one wish from the next. */
interface Wish {
  readonly receipt: string;
  readonly path: string;
  readonly count: number;
}

/** See the header. */
export function App() {
  const [view, setView] = useState<AnyReceiptView | null>(null);
  const [detail, setDetail] = useState<ReceiptDetail | null>(null);
  const [wish, setWish] = useState<Wish | null>(null);
  const [said, setSaid] = useState({ text: "", count: 0 });
  const wishes = useRef(0);
  const select = useCallback((receipt: string): void => {
    keep({ ...keptState(), selected: receipt });
    tell({ type: "select", receipt });
  }, []);
  const show = useCallback(
    (receipt: string, path: string): void => {
      if (receipt !== "") select(receipt);
      setWish({ receipt, path, count: ++wishes.current });
    },
    [select],
  );
  useEffect(
    () =>
      listen((message) => {
        switch (message.type) {
          case "show": {
            setView(message.view);
            setDetail(message.detail);
            const { selected } = keptState();
            const known = message.view.type === "receipts" && message.view.nodes.some(({ id }) => id === selected);
            if (known && selected !== null && selected !== message.detail?.id)
              tell({ type: "select", receipt: selected });
            return;
          }
          case "detail":
            return setDetail(message.detail);
          case "reveal":
            return show(message.receipt, message.path);
          case "said":
            return setSaid(({ count }) => ({ text: message.text, count: count + 1 }));
        }
      }),
    [show],
  );
  useEffect(() => {
    if (wish === null || (wish.receipt !== "" && detail?.id !== wish.receipt)) return;
    const scope = wish.receipt === "" ? "file" : "receipt";
    const places = [...document.querySelectorAll<HTMLElement>(`[data-scope="${scope}"] [data-path]`)];
    const place = bestPlace(places, wish.path);
    place?.scrollIntoView({ block: "center" });
    place?.focus();
    setWish(null);
  }, [wish, detail]);
  return (
    <>
      {view === null ? (
        <p className="waiting" role="status">
          {words.reading}
        </p>
      ) : view.type === "unreadable" ? (
        <main className="unreadable">
          <h1>{view.name}</h1>
          <p role="alert">{view.sentence}</p>
          {view.details.map((one) => (
            <p key={one} className="dim">
              {one}
            </p>
          ))}
          <OpenText />
        </main>
      ) : (
        <Receipts view={view} detail={detail} select={select} show={show} />
      )}
      <div key={said.count} className="said" role="status">
        {said.text}
      </div>
    </>
  );
}

/** The innermost row that holds a path; else the first one that is a part of it. */
function bestPlace(places: readonly HTMLElement[], path: string): HTMLElement | undefined {
  const of = (one: HTMLElement): string => one.dataset["path"] ?? "";
  const holding = places.filter((one) => path.startsWith(of(one)) && !/\w/.test(path[of(one).length] ?? "."));
  const [inner] = holding.sort((a, b) => of(b).length - of(a).length);
  return inner ?? places.find((one) => of(one).startsWith(path)) ?? places[0];
}

function OpenText() {
  return (
    <button
      type="button"
      onClick={() => {
        tell({ type: "openText" });
      }}
    >
      <span className="codicon codicon-go-to-file" aria-hidden="true" /> {words.openText}
    </button>
  );
}

function Receipts({
  view,
  detail,
  select,
  show,
}: {
  readonly view: ReceiptView;
  readonly detail: ReceiptDetail | null;
  readonly select: (receipt: string) => void;
  readonly show: (receipt: string, path: string) => void;
}) {
  const { standing, above } = view;
  return (
    <>
      <header>
        <div className="headline">
          <h1>{view.title}</h1>
          <span className="dim">
            {words.form[view.form]} · {view.name}
          </span>
          <span className="actions">
            <button
              type="button"
              onClick={() => {
                tell({ type: "export" });
              }}
            >
              <span className="codicon codicon-save-as" aria-hidden="true" /> {words.export}
            </button>
            <OpenText />
          </span>
        </div>
        <section className={`verdict ${standing}`} aria-label="Verdict">
          <h2>
            <span className={`codicon codicon-${standingIcons[standing]}`} aria-hidden="true" /> {view.verdict}
          </h2>
          {view.lines.map((line) => (
            <p key={line}>{line}</p>
          ))}
          {above !== null && (
            <p>
              {words.belongsTo}{" "}
              <button
                type="button"
                className="link"
                onClick={() => {
                  tell({ type: "open", receipt: above.id });
                }}
              >
                {above.label}
              </button>
            </p>
          )}
        </section>
      </header>
      <main>
        <Findings view={view} show={show} />
        <section aria-label={words.keys} className="keys">
          <h2>{words.keys}</h2>
          <ul>
            {view.keys.map(({ fingerprint, names, words: why, tone }) => (
              <li key={fingerprint}>
                <span className={`tone ${tone}`}>{why}</span> {names} <Copied label="fingerprint" text={fingerprint} />
              </li>
            ))}
          </ul>
        </section>
        <div className="columns">
          <section className="tree" aria-label={words.receipts(view.nodes.length + view.moreNodes)}>
            <h2>{words.receipts(view.nodes.length + view.moreNodes)}</h2>
            <Tree view={view} selected={detail?.id ?? null} select={select} />
            {view.moreNodes > 0 && <p className="dim">{words.moreNodes(view.moreNodes)}</p>}
          </section>
          <section className="detail" data-scope="receipt" aria-label={detail?.title ?? words.notShown}>
            {detail === null ? (
              <p>{words.notShown}</p>
            ) : (
              <>
                <div className="headline">
                  <h2>{detail.title}</h2>
                  {detail.file && (
                    <button
                      type="button"
                      className="link"
                      onClick={() => {
                        tell({ type: "open", receipt: detail.id });
                      }}
                    >
                      {words.openThis}
                    </button>
                  )}
                </div>
                {detail.sections.map((one) => (
                  <Section key={one.key} section={one} />
                ))}
              </>
            )}
          </section>
        </div>
        <div data-scope="file">
          {view.sections.map((one) => (
            <Section key={one.key} section={one} />
          ))}
        </div>
        <footer>
          <p className="dim">{words.limits}</p>
          <p className="dim">
            {words.command} <code>{view.command}</code>
          </p>
        </footer>
      </main>
    </>
  );
}
