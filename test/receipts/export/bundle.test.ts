/** Bundles and reports of a run with fixed times, keys and salts. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RunEvent } from "../../../src/effects/events.ts";
import { canonicalText } from "../../../src/receipts/canonical.ts";
import {
  envelopeText,
  jwkOf,
  MAX_STATEMENT,
  preAuthEncoding,
  signStatement,
  statementText,
  type RunStatement,
} from "../../../src/receipts/export/attestation.ts";
import { BUNDLE_SCHEMA, bundleText, type Bundle } from "../../../src/receipts/export/bundle.ts";
import { checkExport } from "../../../src/receipts/export/check.ts";
import { FactsFold, MAX_STEPS } from "../../../src/receipts/export/facts.ts";
import { htmlReport } from "../../../src/receipts/export/html.ts";
import { markdownReport } from "../../../src/receipts/export/markdown.ts";
import { readExport, type ReadExport } from "../../../src/receipts/export/read.ts";
import { duration, reportOf, type Report } from "../../../src/receipts/export/report.ts";
import { html, markdown } from "../../../src/receipts/export/text.ts";
import { fingerprint, type ReceiptSigner } from "../../../src/receipts/sign.ts";
import { treeVerdict } from "../../../src/receipts/verdict.ts";
import type { VerifyOptions } from "../../../src/receipts/verify-one.ts";
import { verifyExport } from "../../../src/runtime/verify.ts";
import { act, entered, frameEnded, nodeEnded, opened, started } from "../../cli/kept-runs.ts";
import { expectGolden } from "../../cli/terminal.ts";
import { alice, mallory, placed, sealEvents, trusting } from "../support.ts";

const digest = `sha256:${"11".repeat(32)}`;
const credential = {
  digest: `sha256:${"22".repeat(32)}`,
  approvalId: "a1",
  kid: "bob-key",
  principal: "user:bob@host",
};

/** A POST that a person is asked about. `reason`: what they say. */
function* asked(node: string, reason: string, approved = true): Generator<RunEvent> {
  const decided = (decision: "Allow" | "RequireApproval", code: string): RunEvent => ({
    type: "effect.decided",
    act: act(node),
    index: 0,
    kind: "http.request",
    request: digest,
    description: { url: "https://example.test/canary-url" },
    digest,
    decision,
    code,
    reason: "canary-reason",
    ...(decision === "Allow" ? { approvals: [credential] } : {}),
  });
  yield started("r1", { input: { token: "canary-input" }, environment: "prod" });
  yield opened();
  yield entered(node);
  yield decided("RequireApproval", "approval_missing");
  yield {
    type: "approval.requested",
    act: act(node),
    index: 0,
    id: "q1",
    subject: "effect",
    reason: "canary-question",
    effectDigest: digest,
    summary: { body: "canary-body" },
  };
  yield {
    type: "approval.answered",
    id: "q1",
    approved,
    by: "user:bob@host",
    reason,
    credentials: [credential],
    answer: null,
  };
  if (!approved) {
    yield {
      type: "node.failed",
      ...act(node),
      failure: { class: "approval", message: "canary-failure" },
      then: "stop",
    };
    const ended = frameEnded("", "failed");
    yield ended.type === "frame.ended"
      ? { ...ended, failure: { class: "approval", message: "canary-failure" } }
      : ended;
    yield { type: "run.ended", outcome: "failed", reason: "canary-end" };
    return;
  }
  yield decided("Allow", "approved");
  yield { type: "effect.started", act: act(node), index: 0, digest };
  yield {
    type: "effect.ended",
    act: act(node),
    index: 0,
    ok: true,
    value: { status: 200n, body: "canary-answer" },
    failure: null,
    by: "performer",
    usage: null,
    doubt: false,
  };
  yield nodeEnded(node, { body: "canary-output" });
  yield frameEnded();
  yield { type: "run.ended", outcome: "completed", reason: null };
}

async function envelopeOf(events: readonly RunEvent[], signer: ReceiptSigner = alice) {
  const facts = new FactsFold();
  for (const event of placed(events)) facts.add(event);
  const sealed = await sealEvents(events, { signer });
  const keys = [jwkOf(signer.signer)];
  const text = statementText({ sealed, keys, run: facts.facts(), signed: "at_seal" }) ?? "";
  return { text, envelope: await signStatement(text, signer.signer) };
}

async function bundleOf(events: readonly RunEvent[], signer: ReceiptSigner = alice): Promise<string> {
  const { text, envelope } = await envelopeOf(events, signer);
  const statement = JSON.parse(text) as RunStatement;
  return bundleText({ schema: BUNDLE_SCHEMA, statement, envelope, disclosed: [], documents: [], credentials: [] });
}

function readText(text: string | Uint8Array): ReadExport {
  const read = readExport(Buffer.from(text), "b.json");
  if (!read.ok) throw new Error(read.message);
  return read.value;
}

function reportText(text: string, options: VerifyOptions = trusting()): Report {
  const read = readText(text);
  const verdict = treeVerdict(verifyExport(read, null, options));
  return reportOf({ statement: read.statement, verdict, signer: fingerprint(alice.signer.publicKey), disclosed: [] });
}

/** What is found when the file is changed like this and spelled canonically again. */
async function tampered(change: (copy: Bundle & Record<string, never>) => void): Promise<readonly string[]> {
  const copy = JSON.parse(await bundleOf([...asked("publish", "fine")])) as Bundle & Record<string, never>;
  change(copy);
  const tree = verifyExport(readText(bundleText(copy)), "b.json", trusting());
  expect(tree.integrity).toBe(false);
  return tree.findings.map(({ code, path }) => `${code} ${path}`);
}

describe("a bundle", () => {
  test("is what it was, byte for byte", async () => {
    await expectGolden("export-bundle.json", await bundleOf([...asked("publish", "fine")]));
  });

  test("verifies with its root pinned, and holds no value", async () => {
    const text = await bundleOf([...asked("publish", "fine")]);
    const tree = verifyExport(readText(text), "b.json", trusting());
    expect(tree).toMatchObject({ integrity: true, trust: "pinned", findings: [], count: 2 });
    expect(`${text}${Buffer.from(readText(text).payload).toString("utf8")}`).not.toContain("canary");
  });

  test("every flipped byte is found", async () => {
    const bytes = Buffer.from(await bundleOf([...asked("publish", "fine")]));
    const options = trusting();
    for (let at = 0; at < bytes.length; at += 41) {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ (1 << (at % 7));
      const read = readExport(copy, "b.json");
      const whole = read.ok && verifyExport(read.value, "b.json", options).integrity;
      expect([at, whole]).toEqual([at, false]);
    }
  });

  test("that another key signed again is whole, but not trusted", async () => {
    const text = await bundleOf([...asked("publish", "fine")], mallory);
    const tree = verifyExport(readText(text), "b.json", trusting(alice, [mallory]));
    expect([tree.integrity, tree.trust]).toEqual([true, "unpinned"]);
    expect(tree.findings.map(({ code }) => code)).toEqual(["UntrustedRoot"]);
  });

  test("whose envelope another key signed over trusted receipts is not trusted", async () => {
    const { text } = await envelopeOf([...asked("publish", "fine")]);
    const forged = envelopeText(await signStatement(text.replace("user:ada@host", "user:eve@host"), mallory.signer));
    const tree = verifyExport(readText(forged), "b.json", trusting(alice, [mallory]));
    expect(tree.trust).toBe("unpinned");
    expect(tree.findings.at(-1)).toMatchObject({
      code: "UntrustedRoot",
      path: "envelope.signatures[0]",
      file: "b.json",
    });
  });

  test("names the field of what was changed", async () => {
    const changed = await tampered((copy) => {
      Object.assign(copy.statement.predicate.receipts[0]?.seal ?? {}, { summary: "nothing happened" });
    });
    expect(changed).toContain("BundleContentMismatch statement.predicate.receipts[0].seal.summary");
    expect(changed).toContain("SealDigestMismatch children[0].digest");
  });

  test("whose facts are not those of its receipts is found, also when they are signed", async () => {
    const { text } = await envelopeOf([...asked("publish", "fine")]);
    const lied = text.replace('"environment":"prod"', '"environment":"dev"');
    const read = readText(envelopeText(await signStatement(lied, alice.signer)));
    expect(checkExport(read, null, trusting()).findings.map(({ code, path }) => [code, path])).toEqual([
      ["BundleContentMismatch", "statement.predicate.run.environment"],
    ]);
  });

  test("does not take values, documents and credentials that nothing binds", async () => {
    const id = (copy: Bundle): string => copy.statement.predicate.receipts[0]?.id ?? "";
    const value = await tampered((copy) => {
      const disclosed = [{ receipt: id(copy), commitment: 0, scope: "input", salt: "AAAA", value: "1" }];
      Object.assign(copy, { disclosed });
    });
    expect(value).toEqual(["BundleDisclosureMismatch disclosed[0]"]);
    const other = { digest: "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", base64: "" };
    expect(await tampered((copy) => void Object.assign(copy, { documents: [other] }))).toEqual([
      "BundleAttachmentMismatch documents[0].digest",
    ]);
    expect(await tampered((copy) => void Object.assign(copy, { credentials: [{ ...other, base64: "AAAA" }] }))).toEqual(
      ["BundleAttachmentMismatch credentials[0].base64"],
    );
  });

  test("nothing that is read as one throws", () => {
    const near = fc.oneof(fc.jsonValue(), fc.record({ schema: fc.constant(BUNDLE_SCHEMA), statement: fc.jsonValue() }));
    fc.assert(
      fc.property(near, (data) => {
        expect(readExport(Buffer.from(JSON.stringify(data)), null).ok).toBe(false);
      }),
    );
    expect(
      readExport(Buffer.from(`{"schema":"${BUNDLE_SCHEMA}","x":${"[".repeat(50_000)}${"]".repeat(50_000)}}`), null),
    ).toEqual({
      ok: false,
      other: false,
      message: expect.stringContaining("nested deeper") as string,
    });
  });
});

describe("a statement", () => {
  test("is canonical, so it has one text", async () => {
    const { text } = await envelopeOf([...asked("publish", "ü\u2028\u{1f600}")]);
    expect(canonicalText(JSON.parse(text))).toBe(text);
  });

  test("is encoded for signing as DSSE says", () => {
    const encoded = preAuthEncoding("http://example.com/HelloWorld", Buffer.from("hello world"));
    expect(Buffer.from(encoded).toString("utf8")).toBe("DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  });

  test("is not made of more receipts than a tool could read", async () => {
    const [one] = await sealEvents([...asked("publish", "fine")]);
    const text = one?.text ?? "";
    const sealed =
      one === undefined ? [] : Array.from({ length: Math.ceil(MAX_STATEMENT / text.length) + 1 }, () => one);
    expect(statementText({ sealed, keys: [], run: null, signed: "at_seal" })).toBeNull();
  });

  test("lists steps up to a bound and counts the rest", () => {
    const facts = new FactsFold();
    const events = [started("r1"), ...Array.from({ length: MAX_STEPS + 7 }, (_, at) => entered("n", "", 1, at + 1))];
    for (const event of placed(events)) facts.add(event);
    expect([facts.facts()?.steps.length, facts.facts()?.steps_omitted]).toEqual([MAX_STEPS, 7]);
  });
});

describe("a report", () => {
  test("in Markdown is what it was", async () => {
    const text = await bundleOf([...asked("publish", "looks right")]);
    await expectGolden("export-report.md", markdownReport(reportText(text), "flowchart TD\n  a --> b\n"));
  });

  test("of a denied run says so, and what it found wrong when something is", async () => {
    const text = await bundleOf([...asked("publish", "not on a Friday", false)]);
    const report = reportText(text);
    expect(report.lead).toContain("It did not complete");
    expect(report.verdict.lines.at(-1)).toBe("The run itself ended declined.");
    expect(htmlReport(report, null)).toContain("not on a Friday");
    const doubted = reportText(text, trusting(mallory, [alice]));
    expect([doubted.verdict.words, doubted.verdict.good]).toEqual(["Whole, but the signer is not pinned.", true]);
    const broken = reportText(text.replaceAll('"declined"', '"closed"'));
    expect([broken.verdict.words, broken.verdict.good]).toEqual(["NOT verified.", false]);
  });

  test("no id, name or reason becomes markup", async () => {
    const evil = `<script>alert(1)</script>" onload="x' \u202e![a](javascript:b) | \`c\` @all https://evil.test #1 *b*`;
    const text = await bundleOf([...asked(evil, `${evil}\n\n# heading\n| x |`)]);
    const report = reportText(text);
    const page = htmlReport(report, { light: "<svg/>", dark: "<svg/>", alt: evil });
    expect(page).not.toMatch(/<script|"\s*onload=|\u202e/i);
    expect(page).toContain("&lt;script&gt;");
    const note = markdownReport(report, null);
    const bare = note.replace(/`[^`\n]*`/g, "");
    expect(bare).not.toMatch(/<script|(?<!\\)!\[|@all|https:\/\/evil|\n# heading|\u202e/);
    for (const line of note.split("\n").filter((one) => one.startsWith("| `"))) {
      expect(line.replace(/\\\|/g, "").split("|").length).toBeLessThanOrEqual(9);
    }
  });

  test("escaped text never holds what could end it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(html(text)).not.toMatch(/[<>"'\p{Cc}\p{Surrogate}]/u);
        expect(markdown(text)).not.toMatch(/[<>\n]|(?<!\\)(?:\\\\)*[`|[\]]/u);
      }),
    );
  });

  test("tells durations in words", () => {
    expect([0, 999, 1000, 61_500, 3_600_000 * 3 + 720_000, Number.NaN].map(duration)).toEqual([
      "0 ms",
      "999 ms",
      "1 s",
      "1 min 1 s",
      "3 h 12 min",
      "an unknown time",
    ]);
  });
});
