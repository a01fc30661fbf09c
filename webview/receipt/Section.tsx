/** Lines that belong together, under a title; what is wrong stands right below its line. */
import type { ReceiptRow, ReceiptSection } from "../../src/protocol/receipt.ts";
import { Copied } from "./Copied.tsx";
import { words } from "./words.ts";

/** See the header. */
export function Section({ section }: { readonly section: ReceiptSection }) {
  const { title, rows, empty, more } = section;
  return (
    <section className="section" aria-label={title}>
      <h3>{title}</h3>
      {rows.length === 0 ? (
        <p className="dim">{empty}</p>
      ) : (
        <dl>
          {rows.map((row) => (
            <Row key={row.path} row={row} />
          ))}
        </dl>
      )}
      {more > 0 && <p className="dim">{words.moreRows(more)}</p>}
    </section>
  );
}

function Row({ row }: { readonly row: ReceiptRow }) {
  const { path, label, text, tone, code, copy, wrong } = row;
  return (
    <div className={wrong.length > 0 ? "row wrong" : "row"} data-path={path} tabIndex={-1}>
      <dt>{label}</dt>
      <dd>
        {code ? (
          copy ? (
            <Copied label={label} text={text} />
          ) : (
            <code className={`tone ${tone}`}>{text}</code>
          )
        ) : (
          <span className={`tone ${tone}`}>{text}</span>
        )}
        {wrong.map(({ code: name, message }, at) => (
          <p key={at} className="problem">
            <span className="codicon codicon-error" aria-hidden="true" /> {message} <code>{name}</code>
          </p>
        ))}
      </dd>
    </div>
  );
}
