/** A receipt for people: what was done, on whose word, and what it is bound to (pure). */
import type { Receipt, Verdict } from "../../runtime/receipts.ts";
import type { Style } from "../terminal.ts";
import { clean, count } from "./text.ts";

/** The lines of a receipt. */
export function receiptLines(receipt: Receipt, verdict: Verdict, style: Style): readonly string[] {
  const { subject, seal, authority, idempotency, lineage, issuer } = receipt;
  const row = (name: string, text: string): string => `${style.dim(name.padEnd(13))} ${clean(text)}`;
  const state = seal.disposition === "closed" ? style.green(seal.disposition) : style.red(seal.disposition);
  const { integrity, authenticity } = verdict;
  const whole = integrity.valid ? style.green("whole") : style.red("NOT WHOLE");
  return [
    `${style.bold(clean(subject.ref.label ?? subject.ref.uri))}  ${state}  ${clean(seal.summary)}`,
    row("receipt", receipt.id),
    row("digest", receipt.digest),
    `${style.dim("verdict".padEnd(13))} ${whole}, ${authenticity.status}`,
    row("signed by", `${issuer.kid} (${issuer.type}) ${issuer.public_key_sha256}`),
    row("actor", authority.actor_ref.uri),
    row("time", `${subject.ref.observed_at ?? "?"} to ${seal.closed_at}`),
    row("reason", seal.reason_code),
    row("documents", idempotency.content_hash),
    row("policy", authority.enforcement.profile_hash),
    ...authority.grant_refs.map((grant) => row("approval", `${grant.uri} ${grant.label ?? ""} ${grant.locator ?? ""}`)),
    ...authority.scope_refs.map(({ uri }) => row("authority", uri)),
    ...receipt.acts.flatMap(({ form, intent, summary, target_refs: targets, artifact_refs: effects }) => [
      row("act", `${form}: ${intent.purpose}${summary === intent.purpose ? "" : ` (${summary})`}`),
      ...targets.map(({ uri }) => row("on", uri)),
      ...effects.map(({ type, uri }) => row("led to", `${type} ${uri}`)),
    ]),
    ...receipt.decisions.map(({ choice, justification, inputs }) =>
      row("decision", `${choice} (${justification.summary}) ${inputs.target_ref?.uri ?? ""}`),
    ),
    ...subject.commitments.map(({ scope, value }) => row(scope, value)),
    ...(lineage?.parent === undefined ? [] : [row("part of", lineage.parent.uri)]),
    ...(lineage?.previous === undefined ? [] : [row("goes on from", lineage.previous.uri)]),
    ...(lineage === undefined || lineage.children.length === 0
      ? []
      : [row("below it", count(lineage.children.length, "receipt"))]),
    ...verdict.findings.map(({ code, path, message }) => `  ${style.yellow(code)} ${clean(path)}: ${clean(message)}`),
  ];
}
