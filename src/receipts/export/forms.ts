/** The shapes of bundles, statements and envelopes, closed at every level: data for the strict reader of `shape.ts`. */
import { commitmentScopes } from "../model.ts";
import { anyText, closed, list, literal, nullable, required, text, time, truth, word, type Check } from "../shape.ts";
import { PAYLOAD_TYPE, PREDICATE_TYPE, STATEMENT_TYPE } from "./attestation.ts";
import { BUNDLE_SCHEMA } from "./bundle.ts";
import { stepOutcomes } from "./facts.ts";

/** Receipts are read by their own reader. */
const anything: Check = () => null;

const count: Check = (value, path) =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0
    ? null
    : { path, what: "must be a whole number of at least 0" };

const sha: Check = (value, path) =>
  typeof value === "string" && /^sha256:[0-9a-f]{64}$/.test(value)
    ? null
    : { path, what: "must be sha256: and 64 lower-case hex digits" };

const hex: Check = (value, path) =>
  typeof value === "string" && /^[0-9a-f]{64}$/.test(value) ? null : { path, what: "must be 64 lower-case hex digits" };

/** A DSSE envelope of ours: exactly one signature, so that nobody can add one that is not looked at. */
export const envelopeForm = closed({
  payload: required(text),
  payloadType: required(literal(PAYLOAD_TYPE)),
  signatures: required((value, path) => {
    const problem = list(closed({ keyid: required(sha), sig: required(text) }))(value, path);
    if (problem !== null) return problem;
    return Array.isArray(value) && value.length === 1 ? null : { path, what: "must hold exactly one signature" };
  }),
});

const run = closed({
  run_id: required(text),
  workflow: required(anyText),
  dialect: required(text),
  document: required(text),
  documents: required(list(closed({ name: required(text), role: required(text), digest: required(sha) }))),
  graph_digest: required(text),
  policy_digest: required(text),
  environment: required(text),
  side_effects: required(nullable(text)),
  dry_run: required(text),
  replay: required(truth),
  principal: required(anyText),
  requester_kid: required(nullable(text)),
  trigger: required(text),
  started_at: required(time),
  ended_at: required(time),
  outcome: required(word(["completed", "failed", "timed_out", "killed"])),
  steps: required(
    list(
      closed({
        step: required(text),
        started_at: required(time),
        ended_at: required(nullable(time)),
        outcome: required(word(stepOutcomes)),
      }),
    ),
  ),
  steps_omitted: required(count),
  approvals: required(
    list(
      closed({
        id: required(text),
        step: required(text),
        subject: required(text),
        rule: required(nullable(anyText)),
        asked_at: required(time),
        answered_at: required(nullable(time)),
        approved: required(nullable(truth)),
        by: required(nullable(anyText)),
        reason: required(nullable(anyText)),
        credentials: required(
          list(
            closed({
              digest: required(sha),
              approval_id: required(text),
              kid: required(text),
              principal: required(anyText),
            }),
          ),
        ),
      }),
    ),
  ),
  approvals_omitted: required(count),
});

/** An in-toto Statement v1 with our predicate. */
export const statementForm = closed({
  _type: required(literal(STATEMENT_TYPE)),
  subject: required(list(closed({ name: required(text), digest: required(closed({ sha256: required(hex) })) }))),
  predicateType: required(literal(PREDICATE_TYPE)),
  predicate: required(
    closed({
      keys: required(
        list(
          closed({
            crv: required(literal("Ed25519")),
            kid: required(text),
            kty: required(literal("OKP")),
            x: required(text),
          }),
        ),
      ),
      receipts: required(list(anything)),
      root: required(closed({ id: required(sha), digest: required(sha) })),
      run: required(nullable(run)),
      signed: required(word(["at_seal", "at_export"])),
    }),
  ),
});

const attachments = list(closed({ digest: required(sha), base64: required(anyText) }));

/** A bundle. */
export const bundleForm = closed({
  schema: required(literal(BUNDLE_SCHEMA)),
  statement: required(statementForm),
  envelope: required(envelopeForm),
  disclosed: required(
    list(
      closed({
        receipt: required(sha),
        commitment: required(count),
        scope: required(word(commitmentScopes)),
        salt: required(text),
        value: required(text),
      }),
    ),
  ),
  documents: required(attachments),
  credentials: required(attachments),
});
