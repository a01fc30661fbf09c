/** What would happen: the effect with all its facts, its content or its change; or what is asked about. */
import type { ApprovalView, NamedValue } from "../../src/protocol/approval.ts";
import { Shown } from "../Shown.tsx";
import { words } from "./words.ts";

type Effect = NonNullable<ApprovalView["effect"]>;

/** See the header. */
export function What({ view }: { readonly view: ApprovalView }) {
  const { effect, about } = view;
  return (
    <section aria-labelledby="what">
      <h2 id="what">{words.what}</h2>
      {effect === null ? <p>{words.nothing}</p> : <Happening effect={effect} />}
      {effect === null && about.length > 0 && (
        <>
          <h3>{words.about}</h3>
          <Values values={about} />
        </>
      )}
    </section>
  );
}

function Happening({ effect }: { readonly effect: Effect }) {
  const { kind, facts, content, change } = effect;
  return (
    <>
      <p className="headline">
        <Shown text={headline(effect)} />
      </p>
      <dl className="facts">
        <dt>effect</dt>
        <dd>
          <code>{kind}</code>
        </dd>
        {facts.map(([name, text]) => (
          <Fact key={name} name={name} text={text} />
        ))}
      </dl>
      {change !== null && <Change change={change} />}
      {content !== null && change?.type !== "diff" && (
        <>
          <h3>{words.content}</h3>
          {content.cut && <p className="hint">{words.contentCut}</p>}
          <pre tabIndex={0} aria-label={words.content}>
            <Shown text={content.text} />
          </pre>
        </>
      )}
    </>
  );
}

function Fact({ name, text }: { readonly name: string; readonly text: string }) {
  return (
    <>
      <dt>
        <Shown text={name} />
      </dt>
      <dd>
        <code>
          <Shown text={text} />
        </code>
      </dd>
    </>
  );
}

/** The method and the target, or the program with its arguments. */
function headline({ kind, facts }: Effect): string {
  const fact = (name: string): string => facts.find(([key]) => key === name)?.[1] ?? "";
  const target = ["url", "program", "real_path", "path", "tool", "uri", "backend"].map(fact).find((one) => one !== "");
  const args = facts.filter(([name]) => name.startsWith("args[")).map(([, text]) => text);
  return [words.verb(kind), fact("method"), target ?? "", ...args].filter((part) => part !== "").join(" ");
}

function Change({ change }: { readonly change: NonNullable<Effect["change"]> }) {
  if (change.type === "unknown") return <p className="hint">{words.noChange(change.why)}</p>;
  const title = change.isNew ? words.newFile : change.lines.length === 0 ? words.sameFile : words.change;
  const kinds: Readonly<Record<string, string>> = { "+": "added", "-": "removed", "@": "place" };
  return (
    <>
      <h3>{title}</h3>
      {change.lines.length > 0 && (
        <pre className="diff" tabIndex={0} aria-label={words.change}>
          {change.lines.map((line, i) => (
            <div key={i} className={kinds[line[0] ?? ""] ?? "same"}>
              <Shown text={line} />
            </div>
          ))}
        </pre>
      )}
      {change.cut && <p className="hint">{words.linesCut}</p>}
    </>
  );
}

/** Values by name; large ones are folded. */
export function Values({ values }: { readonly values: readonly NamedValue[] }) {
  return (
    <div className="values">
      {values.map((value) => (
        <Value key={value.name} value={value} />
      ))}
    </div>
  );
}

function Value({ value }: { readonly value: NamedValue }) {
  const { name, type, text, large, cut } = value;
  const title = (
    <>
      {name !== "" && (
        <strong>
          <Shown text={name} />
        </strong>
      )}{" "}
      <span className="hint">
        {type}
        {cut && text !== "" ? `, ${words.valueCut}` : ""}
      </span>
    </>
  );
  if (!large) {
    return (
      <div className="value">
        {title}
        {text !== "" && (
          <code className="short">
            <Shown text={text} />
          </code>
        )}
      </div>
    );
  }
  return (
    <details className="value">
      <summary>{title}</summary>
      <pre tabIndex={0} aria-label={name}>
        <Shown text={text} />
      </pre>
    </details>
  );
}
