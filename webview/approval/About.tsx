/** Why it is asked, by which run, from what input, and what an answer is bound to. */
import type { ApprovalView } from "../../src/protocol/approval.ts";
import { tell } from "./host.ts";
import { Shown } from "../Shown.tsx";
import { Digest } from "./Digest.tsx";
import { Values } from "./What.tsx";
import { words } from "./words.ts";

/** The reason and the rule. */
export function Why({ view }: { readonly view: ApprovalView }) {
  const { reason, rule, asks } = view;
  const meaning = rule === null ? "" : words.rule(rule);
  return (
    <section aria-labelledby="why">
      <h2 id="why">{words.why}</h2>
      <p className="reason">{reason === null ? words.noReason : <Shown text={reason} />}</p>
      <p className="hint">
        {view.subject !== "effect" && words.asks(asks)} {meaning !== "" && <>Rule: {meaning} </>}
        {rule !== null && (
          <code>
            <Shown text={rule} />
          </code>
        )}
      </p>
    </section>
  );
}

/** The run's payload. */
export function Input({ view }: { readonly view: ApprovalView }) {
  return (
    <section aria-labelledby="input">
      <h2 id="input">{words.input}</h2>
      {view.input.length === 0 ? <p className="hint">{words.noInput}</p> : <Values values={view.input} />}
    </section>
  );
}

/** What was done before, as a picture; without one, as a list. */
export function Run({ view, dark }: { readonly view: ApprovalView; readonly dark: boolean }) {
  const { picture, soFar } = view;
  return (
    <section aria-labelledby="run">
      <h2 id="run">{words.run}</h2>
      {picture === null ? (
        <p>{soFar.length === 0 ? words.nothingYet : <Shown text={soFar.map(({ node }) => node).join(", ")} />}</p>
      ) : (
        <div className="picture" tabIndex={0} role="group" aria-label={words.run}>
          <img src={dataUri(dark ? picture.dark : picture.light)} alt={words.picture(picture.said)} />
        </div>
      )}
      <div className="actions">
        <button type="button" className="plain" onClick={() => tell({ type: "openGraph" })}>
          {words.openGraph}
        </button>
        <button type="button" className="plain" onClick={() => tell({ type: "openDocument" })}>
          {words.openDocument}
        </button>
      </div>
    </section>
  );
}

function dataUri(svg: string): string {
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}

/** What the signature holds fast. */
export function Details({ view }: { readonly view: ApprovalView }) {
  const { terms, effectDigest } = view;
  return (
    <section aria-labelledby="details">
      <h2 id="details">{words.details}</h2>
      {view.bound !== "forged" && <p className="hint">{view.bound === "bound" ? words.bound : words.masked}</p>}
      <dl className="facts">
        <dt>run</dt>
        <dd>
          <code>{view.runId}</code>
        </dd>
        <dt>step</dt>
        <dd>
          <code>
            <Shown text={view.step} />
          </code>
        </dd>
        <dt>document</dt>
        <dd>
          <Shown text={view.documentName} /> <Digest text={view.documentDigest} />
        </dd>
        <dt>environment</dt>
        <dd>
          <Shown text={view.environment} />
        </dd>
        <dt>started by</dt>
        <dd>
          <Shown text={view.requester.principal} /> {view.requester.signed ? "(signed)" : "(not signed)"}
        </dd>
        <dt>asked</dt>
        <dd>{new Date(view.askedAt).toLocaleString()}</dd>
        {terms !== null && (
          <>
            <dt>capability</dt>
            <dd>
              <code>
                <Shown text={terms.capability} />
              </code>
            </dd>
          </>
        )}
        {terms?.inputDigest !== undefined && terms.inputDigest !== null && (
          <>
            <dt>input</dt>
            <dd>
              <Digest text={terms.inputDigest} />
            </dd>
          </>
        )}
        {effectDigest !== null && (
          <>
            <dt>bound to</dt>
            <dd>
              <Digest text={effectDigest} />
            </dd>
          </>
        )}
        <dt>request</dt>
        <dd>
          <Digest text={view.digest} />
        </dd>
      </dl>
    </section>
  );
}

/** Who may answer, and who has. */
export function Who({ view }: { readonly view: ApprovalView }) {
  const { terms, given, requester } = view;
  return (
    <section aria-labelledby="who">
      <h2 id="who">{words.who}</h2>
      <ul className="plain-list">
        <li>
          {terms?.approvers === undefined || terms.approvers === null ? (
            terms?.signed === true ? (
              words.anybody
            ) : (
              words.anybodyHere
            )
          ) : (
            <Shown text={terms.approvers.join(", ")} />
          )}
        </li>
        {terms?.notRequester === true && (
          <li>
            <Shown text={words.notRequester(requester.principal)} />
          </li>
        )}
        <li>{words.needed(terms?.needed ?? 1)}</li>
      </ul>
      <h3>{words.given}</h3>
      {given.length === 0 ? (
        <p className="hint">{words.noneGiven}</p>
      ) : (
        <>
          <ul className="given">
            {given.map((one, i) => (
              <li key={i}>
                <i className={`codicon codicon-${one.approved ? "pass" : "circle-slash"}`} aria-hidden />
                <Shown text={one.principal} /> {one.approved ? words.approvedBy : words.deniedBy},{" "}
                {words.until(new Date(one.expiresAt).toLocaleString())}
              </li>
            ))}
          </ul>
          <p className="hint">{words.givenHint}</p>
        </>
      )}
    </section>
  );
}
