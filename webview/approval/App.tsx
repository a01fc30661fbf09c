/** The page of one request: what would happen, why, by which run, who may answer until when, and the answer. */
import { useEffect, useState } from "react";
import type { ApprovalView, ToApproval } from "../../src/protocol/approval.ts";
import { Details, Input, Run, Who, Why } from "./About.tsx";
import { Answer } from "./Answer.tsx";
import { keep, listen, tell } from "./host.ts";
import { Shown } from "../Shown.tsx";
import { What } from "./What.tsx";
import { expiryText, words } from "./words.ts";

type Said = Extract<ToApproval, { type: "said" }>;

/** See the header. */
export function App() {
  const [view, setView] = useState<ApprovalView | null>(null);
  const [missing, setMissing] = useState<string | null>(null);
  const [said, setSaid] = useState<Said | null>(null);
  const [busy, setBusy] = useState(false);
  const dark = useDark();
  useEffect(
    () =>
      listen((message) => {
        switch (message.type) {
          case "show":
            setView(message.view);
            setMissing(null);
            keep(message.keep);
            return;
          case "missing":
            setMissing(message.message);
            return;
          case "said":
            setSaid(message);
            return;
          case "busy":
            setBusy(message.busy);
            if (message.busy) setSaid(null);
        }
      }),
    [],
  );
  if (view === null) {
    return (
      <main>
        <h1>{missing === null ? words.loading : words.missing}</h1>
        {missing !== null && <p>{missing}</p>}
      </main>
    );
  }
  return (
    <main>
      <Head view={view} />
      <div className="said-lines">
        <div role="status" aria-live="polite">
          {busy && <p className="said">{words.busy}</p>}
          {said !== null && said.tone !== "bad" && <Told said={said} />}
        </div>
        <div role="alert">
          {view.bound === "forged" && <p className="said bad">{words.forged}</p>}
          {missing !== null && <p className="said bad">{missing}</p>}
          {said?.tone === "bad" && <Told said={said} />}
        </div>
      </div>
      <div className="columns">
        <div className="column">
          <What view={view} />
          <Why view={view} />
          <Input view={view} />
          <Details view={view} />
        </div>
        <div className="column side">
          {view.status === "open" ? <Answer view={view} busy={busy} /> : <Over view={view} busy={busy} />}
          {view.resume.why !== null && (view.status === "open" || view.status === "expired") && (
            <Elsewhere resume={{ ...view.resume, why: view.resume.why }} />
          )}
          <Who view={view} />
          <Run view={view} dark={dark} />
        </div>
      </div>
    </main>
  );
}

function Told({ said }: { readonly said: Said }) {
  return (
    <div className={`said ${said.tone}`}>
      <p>
        <Shown text={said.message} />
      </p>
      {said.next !== null && (
        <p>
          <Shown text={said.next} />
        </p>
      )}
    </div>
  );
}

function Head({ view }: { readonly view: ApprovalView }) {
  return (
    <header>
      <h1>
        {words.title(view)}
        <span className="place">
          <Shown text={view.place} />
        </span>
      </h1>
      <p className="under">
        <span className={`environment environment-${view.environment}`}>
          <Shown text={view.environment} />
        </span>
        <span>
          <Shown text={view.workflow} />
        </span>
        <span className="hint">
          <Shown text={view.documentName} />
        </span>
        {view.status === "open" && <Countdown expiresAt={view.expiresAt} />}
      </p>
    </header>
  );
}

/** Says when it expires, and announces it when there is little time left. */
function Countdown({ expiresAt }: { readonly expiresAt: number | null }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (expiresAt === null) return undefined;
    const timer = setInterval(() => {
      setNow(Date.now());
    }, 1_000);
    return () => {
      clearInterval(timer);
    };
  }, [expiresAt]);
  const left = expiresAt === null ? Infinity : expiresAt - now;
  const minutes = [10, 5, 1].findLast((one) => left <= one * 60_000 && left > 0);
  return (
    <span className={`expiry${left <= 600_000 ? " soon" : ""}`}>
      {expiryText(expiresAt, now)}
      <span className="unseen" role="status">
        {minutes !== undefined && `Less than ${minutes === 1 ? "a minute" : `${minutes} minutes`} left.`}
        {left <= 0 && expiryText(expiresAt, now)}
      </span>
    </span>
  );
}

/** A request that nobody can answer any more. */
function Over({ view, busy }: { readonly view: ApprovalView; readonly busy: boolean }) {
  return (
    <section aria-labelledby="over">
      <h2 id="over">{words.answer}</h2>
      <p>
        <Shown text={words.notOpen(view)} />
      </p>
      {view.answer?.reason !== undefined && view.answer.reason !== null && (
        <p className="reason">
          <Shown text={view.answer.reason} />
        </p>
      )}
      {view.status === "expired" && (
        <>
          <p>{words.goOnExpired}</p>
          <button type="button" disabled={busy || view.resume.why !== null} onClick={() => tell({ type: "goOn" })}>
            {words.goOn}
          </button>
        </>
      )}
    </section>
  );
}

function Elsewhere({ resume }: { readonly resume: { readonly why: string; readonly command: string } }) {
  return (
    <section className="callout" aria-label={words.elsewhere(resume.why)}>
      <p>
        <Shown text={words.elsewhere(resume.why)} />
      </p>
      <p>
        <code className="digest">
          <Shown text={resume.command} />
        </code>
      </p>
      <button type="button" className="plain" onClick={() => tell({ type: "copy", what: "resume", kid: "" })}>
        {words.copyCommand}
      </button>
    </section>
  );
}

/** Whether the page is dark, as VS Code marks it. */
function useDark(): boolean {
  const look = (): boolean => {
    const { classList } = document.body;
    if (classList.contains("vscode-high-contrast-light")) return false;
    return classList.contains("vscode-dark") || classList.contains("vscode-high-contrast");
  };
  const [dark, setDark] = useState(look);
  useEffect(() => {
    const observer = new MutationObserver(() => {
      setDark(look());
    });
    observer.observe(document.body, { attributes: true, attributeFilter: ["class"] });
    return () => {
      observer.disconnect();
    };
  }, []);
  return dark;
}
