/** Files that are no receipts, or hardly: a sentence for each, and never nothing. */
import { mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyReceiptView, receiptDetail } from "../../../src/protocol/receipt.ts";
import { readReceiptFile, ShownFile, type Trust } from "../../../src/runtime/receipt-view/index.ts";
import { whyUnreadable } from "../../../src/runtime/receipt-view/unreadable.ts";
import { fileOf, storeWith, trustOf } from "./support.ts";

async function sentence(file: string, trust: Trust): Promise<string> {
  const { view } = new ShownFile(await readReceiptFile(file, trust), trust);
  return view.type === "unreadable" ? view.sentence : `it was read: ${view.title}`;
}

const payload = (statement: object): string => Buffer.from(JSON.stringify(statement)).toString("base64");
const statementOf = (predicateType: string): object => ({
  payload: payload({ _type: "https://in-toto.io/Statement/v1", predicateType }),
  payloadType: "application/vnd.in-toto+json",
  signatures: [],
});

const cases: readonly (readonly [what: string, text: string | Uint8Array, says: RegExp])[] = [
  ["an empty file", "", /is empty/],
  ["blanks", " \n\t", /nothing but blanks/],
  ["words", "to do: everything", /no JSON/],
  ["bytes", new Uint8Array([0x7b, 0xff, 0xfe, 0x00]), /not text in UTF-8/],
  ["a byte order mark", '\ufeff{"schema":"runx.receipt.v1"}', /byte order mark/],
  ["half a receipt", '{"schema":"runx.receipt.v1","id":"sha2', /is cut/],
  ["a damaged one", '{"schema":"runx.receipt.v1",,}', /no valid JSON/],
  ["a list", "[1, 2]", /no object/],
  ["somebody's settings", '{"compilerOptions":{}}', /no receipt, bundle or attestation/],
  ["another schema", '{"schema":"other.thing.v1"}', /another kind \(other\.thing\.v1\)/],
  ["a newer receipt", '{"schema":"runx.receipt.v2"}', /newer Countersign/],
  ["a newer bundle", '{"schema":"countersign.bundle.v17"}', /countersign\.bundle\.v17/],
  ["a newer attestation", JSON.stringify(statementOf("https://countersign.invalid/attestation/run/v2")), /run\/v2/],
  ["an attestation of others", JSON.stringify(statementOf("https://slsa.dev/provenance/v1")), /not one of a run/],
  [
    "an envelope of others",
    '{"payloadType":"text/\\u202eplain","payload":""}',
    /another kind \(text\/\\u\{202e\}plain\)/,
  ],
  ["a malformed receipt", '{"schema":"runx.receipt.v1"}', /not well formed/],
  ["a malformed bundle", '{"schema":"countersign.bundle.v1"}', /not well formed/],
];

describe("a file that is no receipt", () => {
  test("says what it is", async () => {
    const store = await storeWith();
    const trust = await trustOf(store);
    const file = path.join(store.state, "x.receipt.json");
    const found: (readonly [string, string])[] = [];
    for (const [what, text] of cases) {
      await writeFile(file, text);
      found.push([what, await sentence(file, trust)]);
    }
    for (const [at, [what, said]] of found.entries()) expect(said, what).toMatch(cases[at]?.[2] ?? /^$/);
  });

  test("is told when it is gone, a folder, or larger than anything of ours", async () => {
    const store = await storeWith();
    const trust = await trustOf(store);
    expect(await sentence(path.join(store.state, "none.json"), trust)).toMatch(/not there any more/);
    const folder = path.join(store.state, "folder.json");
    await mkdir(folder);
    expect(await sentence(folder, trust)).toMatch(/no file/);
    const large = path.join(store.state, "large.json");
    await writeFile(large, "{");
    await truncate(large, 129 * 1024 * 1024);
    expect(await sentence(large, trust)).toMatch(/more than 128 MiB/);
    await truncate(large, 11 * 1024 * 1024);
    expect(await sentence(large, trust)).not.toMatch(/it was read/);
  });

  test("whatever bytes it holds, a sentence comes back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(whyUnreadable(bytes, "no receipt").sentence).toMatch(/^[A-Z].*\.$/s);
      }),
    );
  });
});

describe("a receipt that was changed anywhere", () => {
  test("is never called verified or whole, and always gives messages that the page takes", async () => {
    const store = await storeWith();
    const trust = await trustOf(store);
    const original = await readFile(await fileOf(store, store.root));
    const file = path.join(store.directory, "changed.receipt.json");
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: original.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, by, cut) => {
          const bytes = Uint8Array.from(cut ? original.subarray(0, at) : original);
          if (!cut) bytes[at] = (bytes[at] ?? 0) ^ by;
          await writeFile(file, bytes);
          const read = new ShownFile(await readReceiptFile(file, trust), trust);
          anyReceiptView.parse(read.view);
          expect(["verified", "untrusted"]).not.toContain(read.standing);
          if (read.view.type === "unreadable") return;
          for (const { id } of read.view.nodes) receiptDetail.parse(read.detail(id));
        },
      ),
      { numRuns: 60 },
    );
  });
});
