/**
 * The form of an answer: reason, key, a typed answer where one is asked for, and in prod the target's name. It says what
 * its user wants with the digest of what is shown; the host asks once more before anything is signed.
 */
import { useState } from "react";
import type { ApprovalView } from "../../src/protocol/approval.ts";
import { tell } from "./host.ts";
import { answerText, formOf, type AnswerField } from "./schema.ts";
import { Shown } from "../Shown.tsx";
import { Digest } from "./Digest.tsx";
import { words } from "./words.ts";

/** The value of the choice that signs nothing. */
const UNSIGNED = "";

/** See the header. */
export function Answer({ view, busy }: { readonly view: ApprovalView; readonly busy: boolean }) {
  const [reason, setReason] = useState("");
  const [target, setTarget] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const [filled, setFilled] = useState<ReadonlyMap<string, string>>(new Map());
  const { signing, terms, toType, digest } = view;
  const { keys } = signing;
  const kid = keys.some((key) => key.kid === chosen) || chosen === UNSIGNED ? (chosen ?? UNSIGNED) : usualKey(view);
  const key = keys.find((one) => one.kid === kid) ?? null;
  const form = terms?.answerSchema === undefined || terms.answerSchema === null ? null : formOf(terms.answerSchema);
  const typed = form === null ? null : answerText(form, filled);
  const mayApprove =
    !busy &&
    view.bound !== "forged" &&
    (key !== null || !signing.approve) &&
    (toType === null || target.trim() === toType) &&
    (form === null || typed !== null);
  const mayDeny = !busy && view.bound !== "forged" && (key !== null || !signing.deny);
  const answer = (approved: boolean): void => {
    tell({ type: "answer", digest, approved, reason, typed: approved ? typed : null, kid: key?.kid ?? null, target });
  };
  return (
    <form
      className="answer"
      aria-labelledby="answer"
      onSubmit={(event) => {
        event.preventDefault();
      }}
    >
      <h2 id="answer">{words.answer}</h2>
      {form !== null && (
        <fieldset>
          <legend>{words.typed}</legend>
          {form.fields.map((field) => (
            <Field
              key={field.name}
              field={field}
              value={filled.get(field.name) ?? ""}
              onChange={(value) => {
                setFilled(new Map(filled).set(field.name, value));
              }}
            />
          ))}
        </fieldset>
      )}
      <label htmlFor="reason">{words.reason}</label>
      <textarea
        id="reason"
        rows={2}
        maxLength={2_000}
        value={reason}
        aria-describedby="reason-hint"
        onChange={(event) => {
          setReason(event.target.value);
        }}
      />
      <p className="hint" id="reason-hint">
        {words.reasonHint}
      </p>
      <SignWith view={view} kid={kid} onChoose={setChosen} />
      {toType !== null && (
        <>
          <label htmlFor="target">
            <Shown text={words.typeTarget(toType)} />
          </label>
          <input
            id="target"
            autoComplete="off"
            spellCheck={false}
            value={target}
            onChange={(event) => {
              setTarget(event.target.value);
            }}
          />
        </>
      )}
      <div className="actions">
        <button type="button" disabled={!mayApprove} onClick={() => answer(true)}>
          {words.approve}
        </button>
        <button type="button" className="second" disabled={!mayDeny} onClick={() => answer(false)}>
          {words.deny}
        </button>
      </div>
      {view.given.length > 0 && (
        <>
          <p className="hint">{words.goOnGiven}</p>
          <button type="button" className="plain" disabled={busy} onClick={() => tell({ type: "goOn" })}>
            {words.goOn}
          </button>
        </>
      )}
    </form>
  );
}

/** A key that counts, else no signature where none is needed, else any key. */
function usualKey({ signing }: ApprovalView): string {
  const { keys, approve } = signing;
  const trusted = keys.find((key) => key.trusted === null);
  return trusted?.kid ?? (approve ? (keys[0]?.kid ?? UNSIGNED) : UNSIGNED);
}

function SignWith({
  view,
  kid,
  onChoose,
}: {
  readonly view: ApprovalView;
  readonly kid: string;
  readonly onChoose: (kid: string) => void;
}) {
  const { keys, approve, deny, principal } = view.signing;
  const key = keys.find((one) => one.kid === kid) ?? null;
  return (
    <>
      {approve && <p className="hint">{words.mustSign}</p>}
      {keys.length > 0 && (
        <>
          <label htmlFor="key">{words.signWith}</label>
          <select
            id="key"
            value={kid}
            onChange={(event) => {
              onChoose(event.target.value);
            }}
          >
            {keys.map((one) => (
              <option key={one.kid} value={one.kid}>
                {one.kid} ({one.principal})
              </option>
            ))}
            {!(approve && deny) && (
              <option value={UNSIGNED}>{approve ? words.unsignedDeny : words.unsigned(principal)}</option>
            )}
          </select>
        </>
      )}
      {keys.length === 0 && approve && (
        <div className="callout">
          <p>{words.noKey}</p>
          <button type="button" className="second" onClick={() => tell({ type: "makeKey" })}>
            {words.makeKey}
          </button>
        </div>
      )}
      {keys.length === 0 && !approve && <p className="hint">{words.givenUnsigned(principal)}</p>}
      {key !== null && key.trusted === null && <p className="hint">{words.trusted}</p>}
      {key !== null && key.trusted !== null && (
        <div className="callout warning">
          <p>{words.untrusted(key.trusted)}</p>
          <p>{words.tellOperator}</p>
          <p>
            {words.fingerprint} <Digest text={key.fingerprint} />
          </p>
          <div className="actions">
            <button
              type="button"
              className="plain"
              onClick={() => tell({ type: "copy", what: "fingerprint", kid: key.kid })}
            >
              {words.copyFingerprint}
            </button>
            <button type="button" className="plain" onClick={() => tell({ type: "copy", what: "trust", kid: key.kid })}>
              {words.copyKey}
            </button>
            <button type="button" className="plain" onClick={() => tell({ type: "exportKey", kid: key.kid })}>
              {words.saveKey}
            </button>
          </div>
        </div>
      )}
    </>
  );
}

function Field({
  field,
  value,
  onChange,
}: {
  readonly field: AnswerField;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const id = `field-${field.name}`;
  const label = `${field.title === "" ? words.typed : field.title}${field.required ? " (required)" : ""}`;
  return (
    <>
      <label htmlFor={id}>
        <Shown text={label} />
      </label>
      {field.type === "yesno" ? (
        <input
          id={id}
          type="checkbox"
          checked={value === "true"}
          onChange={(event) => {
            onChange(String(event.target.checked));
          }}
        />
      ) : field.type === "choice" ? (
        <select
          id={id}
          value={value}
          onChange={(event) => {
            onChange(event.target.value);
          }}
        >
          <option value=""></option>
          {field.choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      ) : field.type === "json" ? (
        <textarea
          id={id}
          rows={3}
          spellCheck={false}
          value={value}
          placeholder="JSON"
          onChange={(event) => {
            onChange(event.target.value);
          }}
        />
      ) : (
        <input
          id={id}
          inputMode={field.type === "number" ? "decimal" : "text"}
          value={value}
          onChange={(event) => {
            onChange(event.target.value);
          }}
        />
      )}
      {field.description !== "" && (
        <p className="hint">
          <Shown text={field.description} />
        </p>
      )}
    </>
  );
}
