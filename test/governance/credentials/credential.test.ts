import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkCredential, noneUsed } from "../../../src/governance/credentials/check.ts";
import { MAX_CREDENTIAL, readCredential, signCredential } from "../../../src/governance/credentials/credential.ts";
import { toBase64Url } from "../../../src/graph/base64url.ts";
import {
  alice,
  canonical,
  contextOf,
  credentialOf,
  payloadOf,
  setOf,
  signerOf,
  stepContext,
  stepCredential,
  trusted,
} from "./support.ts";

/** A credential's text over any payload bytes, with the right length of signature. */
function textOf(payload: string | Uint8Array): string {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  return `${toBase64Url(bytes)}.${toBase64Url(new Uint8Array(64))}`;
}

function problemOf(text: string) {
  const read = readCredential(text);
  if (read.ok) throw new Error("it was read");
  return read.problem;
}

/** What reading says of a payload with some members replaced; undefined leaves one out. */
function problemWith(more: Record<string, unknown>) {
  return problemOf(textOf(canonical({ ...payloadOf(), ...more })));
}

describe("reading a credential", () => {
  it("gives back what was signed, with the digest of its text", async () => {
    const text = await signCredential(payloadOf(), alice);
    expect(text).toMatch(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}$/);
    const read = readCredential(text);
    expect(read).toMatchObject({ ok: true, credential: { payload: payloadOf(), text } });
  });

  it.each([
    ["nothing", "", "empty"],
    ["a final line break", `${textOf("{}")}\n`, "line break"],
    ["padding", `e30=.${toBase64Url(new Uint8Array(64))}`, "base64url"],
    ["base64 that is not of URLs", "a+b/.c", "characters"],
    ["no dot", "e30", "has 0 dots"],
    ["three parts, as a JWS", "e30.e30.e30", "has 2 dots"],
    ["an empty payload", `.${toBase64Url(new Uint8Array(64))}`, "payload"],
    ["bits that no byte takes", `e31.${toBase64Url(new Uint8Array(64))}`, "payload"],
    ["a short signature", `e30.${toBase64Url(new Uint8Array(63))}`, "63 bytes"],
    ["a long signature", `e30.${toBase64Url(new Uint8Array(65))}`, "65 bytes"],
    ["white space around", ` ${textOf("{}")}`, "characters"],
    ["too much", "e".repeat(MAX_CREDENTIAL + 1), "16 KiB"],
    ["a payload that is no UTF-8", textOf(new Uint8Array([0x7b, 0xff, 0x7d])), "UTF-8"],
    ["a payload with a byte order mark", textOf("\ufeff{}"), "JSON"],
    ["a payload that is no JSON", textOf("{"), "JSON"],
    ["a payload that is a list", textOf("[]"), "object"],
    ["deep nesting", textOf("[".repeat(9000)), "JSON"],
    ["no version", textOf("{}"), "`v`"],
  ])("refuses %s", (_what, text, why) => {
    const problem = problemOf(text);
    expect(problem.code).toBe("cred.decode");
    expect(problem.message).toContain(why);
  });

  it("refuses payloads that are not their own canonical form", () => {
    const whole = canonical(payloadOf());
    const swapped = whole.replace(/^\{("[^"]+":[^,]+),/, (_all, first: string) => `{"kid":"x",${first},`);
    for (const other of [` ${whole}`, `${whole}\n`, swapped, whole.replace("alice-1", "alice\\u002d1")]) {
      expect(problemOf(textOf(other)).message).toContain("canonical");
    }
    // Beyond 2^53 doubles lose digits: such a number has no canonical form.
    expect(problemOf(textOf(whole.replace('"v":1', '"v":9007199254740993'))).message).toContain("canonical");
  });

  it("names another version apart from what cannot be read", () => {
    expect(problemWith({ v: 2 })).toMatchObject({ code: "cred.version" });
    expect(problemWith({ v: "1" })).toMatchObject({ code: "cred.version" });
    expect(problemWith({ v: undefined })).toMatchObject({ code: "cred.decode" });
  });

  it("refuses a payload without any one of its members", () => {
    for (const name of Object.keys(payloadOf()).filter((key) => key !== "v")) {
      expect(problemWith({ [name]: undefined })).toEqual({
        code: "cred.decode",
        message: `the credential cannot be read: its payload has no \`${name}\``,
      });
    }
  });

  it.each([
    ["an unknown member", { extra: 1 }, "unknown member `extra`"],
    ["a member named as the language's own", { constructor: 1 }, "unknown member `constructor`"],
    ["a key's name with a direction mark", { kid: "a\u202eb" }, "`kid`"],
    ["an empty organisation", { org_id: "" }, "`org_id`"],
    ["an unknown posture", { environment_posture: "production" }, "`environment_posture`"],
    ["a digest in upper case", { spec_hash: `sha256:${"A".repeat(64)}` }, "`spec_hash`"],
    ["no capability", { capabilities: [] }, "1 to 64"],
    ["65 capabilities", { capabilities: Array.from({ length: 65 }, (_, i) => `env.read:K${1000 + i}`) }, "1 to 64"],
    ["capabilities out of order", { capabilities: ["shell.run", "http.request"] }, "sorted"],
    ["a capability twice", { capabilities: ["http.request", "http.request"] }, "repetition"],
    ["a wildcard", { capabilities: ["*"] }, "no wildcards"],
    ["a time with an offset", { issued_at: "2026-05-18T11:00:00+00:00" }, "`issued_at`"],
    ["a day that is none", { issued_at: "2026-02-30T11:00:00Z" }, "`issued_at`"],
    ["a year alone", { expires_at: "2027" }, "`expires_at`"],
    ["an end before the beginning", { expires_at: "2026-05-18T10:00:00Z" }, "later"],
    ["no time at all", { expires_at: "2026-05-18T11:00:00Z" }, "later"],
    ["more than a week", { expires_at: "2026-05-25T11:00:00.001Z" }, "7 days"],
    ["a principal with a blank", { issued_by: "user: alice" }, "`issued_by`"],
    ["an approval id of too few bits", { approval_id: "A".repeat(21) }, "`approval_id`"],
    ["an extension that is a list", { ext: [] }, "`ext`"],
    ["an unknown extension", { ext: { colour: "red" } }, "unknown member `ext.colour`"],
    ["an optional member without its name", { ext: { colour: 1, optional: ["shape"] } }, "`ext.colour`"],
    ["a binding member made optional", { ext: { optional: ["effect_digest"] } }, "`ext.optional`"],
    ["optional names out of order", { ext: { optional: ["b", "a"] } }, "`ext.optional`"],
    ["no use at all", { ext: { max_uses: 0 } }, "`ext.max_uses`"],
    ["half a use", { ext: { max_uses: 1.5 } }, "`ext.max_uses`"],
    ["a decision that is none", { ext: { decision: "maybe" } }, "`ext.decision`"],
    ["a run's name as a path", { ext: { run_id: "../run" } }, "`ext.run_id`"],
    ["a step with a line break", { ext: { node_id: "a\nb" } }, "`ext.node_id`"],
    ["a digest of another kind", { ext: { effect_digest: "md5:00" } }, "`ext.effect_digest`"],
    ["a reason without end", { ext: { reason: "x".repeat(4097) } }, "`ext.reason`"],
  ])("refuses %s", (_what, more, why) => {
    const problem = problemWith(more);
    expect(problem.code).toBe("cred.decode");
    expect(problem.message).toContain(why);
  });

  it("lets pass unknown extensions that the credential itself calls optional, and exactly a week", () => {
    const ext = { colour: "red", optional: ["colour", "shape"], answer: { n: [1, 2.5, null] }, max_uses: 3 };
    const text = textOf(canonical({ ...payloadOf({ expires_at: "2026-05-25T11:00:00Z" }), ext }));
    expect(readCredential(text)).toMatchObject({ ok: true, credential: { payload: { ext } } });
  });

  it("never throws, whatever the text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.json().map(textOf)), (text) => {
        const read = readCredential(text);
        expect(read.ok || read.problem.code.startsWith("cred.")).toBe(true);
      }),
    );
  });

  it("has one text only: what is read is the canonical text of what it says", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          max_uses: fc.integer({ min: 1, max: 99 }),
          answer: fc.jsonValue(),
          reason: fc.string({ unit: "grapheme" }),
        }),
        async (ext) => {
          const credential = await credentialOf({ ext });
          expect(await signCredential(credential.payload, alice)).toBe(credential.text);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe("a changed credential", () => {
  it("is detected at every single character, for each bit of it and for a cut at every place", async () => {
    const { text } = await stepCredential();
    const keys = setOf(trusted(alice));
    const context = contextOf({ step: stepContext });
    const verdict = (changed: string) => {
      const read = readCredential(changed);
      return read.ok ? checkCredential(read.credential, keys, context, noneUsed) : read.problem;
    };
    expect(verdict(text)).toBeNull();
    for (let at = 0; at < text.length; at++) {
      for (const bit of [1, 2, 4, 8, 16, 32, 64, 128]) {
        const flipped = String.fromCharCode(text.charCodeAt(at) ^ bit);
        expect(verdict(text.slice(0, at) + flipped + text.slice(at + 1)), `character ${at}, bit ${bit}`).not.toBeNull();
      }
      expect(verdict(text.slice(0, at)), `cut at ${at}`).not.toBeNull();
    }
  });
});

describe("signing a credential", () => {
  it("refuses what would not be read, and keys that it does not name", async () => {
    await expect(signCredential(payloadOf({ capabilities: [] }), alice)).rejects.toThrow("1 to 64");
    await expect(signCredential(payloadOf({ kid: "other" }), alice)).rejects.toThrow("names the key `other`");
    await expect(signCredential(payloadOf({ issued_by: "user:mallory" }), alice)).rejects.toThrow("belongs to");
    const receipts = signerOf(1, alice.kid, ["receipt"]);
    await expect(signCredential(payloadOf(), receipts)).rejects.toThrow("not for approvals");
    const reason = "x".repeat(4096);
    const far = { reason, answer: "y".repeat(12_000) };
    await expect(signCredential(payloadOf({ ext: far }), alice)).rejects.toThrow("16 KiB");
  });

  it("gives nothing out when the signer signs wrongly or refuses", async () => {
    const wrong = { ...alice, sign: (bytes: Uint8Array) => signerOf(2).sign(bytes) };
    await expect(signCredential(payloadOf(), wrong)).rejects.toThrow("wrong signature");
    const refusing = { ...alice, sign: () => Promise.reject(new Error("nobody confirmed")) };
    await expect(signCredential(payloadOf(), refusing)).rejects.toThrow("nobody confirmed");
  });
});
