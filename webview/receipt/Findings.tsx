/** What is wrong, before anything else, each with a way to its place. */
import type { ReceiptView } from "../../src/protocol/receipt.ts";
import { words } from "./words.ts";

/** See the header. Nothing where nothing is wrong. */
export function Findings({
  view,
  show,
}: {
  readonly view: ReceiptView;
  readonly show: (receipt: string, path: string) => void;
}) {
  const { findings, moreFindings } = view;
  if (findings.length === 0) return null;
  const title = words.findings(findings.length + moreFindings);
  return (
    <section className="findings" aria-label={title}>
      <h2>{title}</h2>
      <ul>
        {findings.map(({ code, message, receipt, about, path, file }, at) => (
          <li key={at}>
            <button
              type="button"
              className="link"
              aria-label={words.showAt(about, path)}
              onClick={() => {
                show(receipt ?? "", path);
              }}
            >
              {words.show}
            </button>{" "}
            <strong>{words.at(about, path)}</strong>: {message} <code>{code}</code>
            {file !== null && <span className="dim"> {file}</span>}
          </li>
        ))}
      </ul>
      {moreFindings > 0 && <p className="dim">{words.moreFindings(moreFindings)}</p>}
    </section>
  );
}
