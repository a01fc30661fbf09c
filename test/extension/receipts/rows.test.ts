/** Rows of the view of receipts: what passes a filter, and what stands below what. */
import { describe, expect, test } from "vitest";
import { receiptsPart } from "../../../src/extension/receipts/manifest.ts";
import { childrenOf, nameOf, passes, type ShownTree } from "../../../src/extension/receipts/rows.ts";
import type { ListedReceipt } from "../../../src/runtime/receipt-view/index.ts";

const id = (of: string): string => `sha256:${of.repeat(64)}`;

function receipt(of: string, parent: string | null, label = `step ${of}`): ListedReceipt {
  const above = parent === null ? {} : { lineage: { parent: { type: "receipt", uri: `runx:receipt:${id(parent)}` } } };
  return {
    receipt: { id: id(of), created_at: "2026-01-31T12:00:00Z", ...above } as ListedReceipt["receipt"],
    file: `/s/receipts/${of}.json`,
    named: id(of),
    label,
    kind: "skill",
    disposition: "timed_out",
    summary: `${label} ended`,
    actor: "user:ada@host",
    runId: parent === null ? "exec-1" : null,
  };
}

const shown = (others: readonly ListedReceipt[], root = receipt("a", null, "release-gate")): ShownTree => ({
  directory: "/s/receipts",
  stateDir: "/s",
  store: null,
  tree: { root, others, stamp: "1" },
  document: "/w/gates/release-gate.toml",
  verdict: null,
});

describe("the filter", () => {
  test("wants every word, wherever it stands and however it is written", () => {
    const one = shown([receipt("b", "a", "Publish#1.1")]);
    for (const text of [
      "",
      "RELEASE gate",
      "publish",
      "ada timed out",
      "exec-1",
      "being checked",
      id("b").slice(0, 20),
    ])
      expect(passes(one, text, "being checked"), text).toBe(true);
    for (const text of ["publish bob", "closed", "verified"]) expect(passes(one, text, "broken"), text).toBe(false);
  });
});

describe("the tree", () => {
  test("has each receipt below its parent, by name", () => {
    const one = shown([receipt("c", "b"), receipt("b", "a"), receipt("d", "b", "a first")]);
    expect(childrenOf(one, id("a")).map(({ label }) => label)).toEqual(["step b"]);
    expect(childrenOf(one, id("b")).map(({ label }) => label)).toEqual(["a first", "step c"]);
    expect(childrenOf(one, id("d"))).toEqual([]);
    expect(nameOf(one)).toBe("release-gate.toml");
    expect(nameOf({ ...one, document: null })).toBe("release-gate");
  });

  test("never lists the root below itself, also where parents go round", () => {
    const root = receipt("a", "b", "release-gate");
    const one = shown([receipt("b", "a")], root);
    expect(childrenOf(one, id("b"))).toEqual([]);
  });
});

describe("the editor's names", () => {
  const patterns = (receiptsPart.customEditors ?? []).flatMap((one) => {
    const { priority, selector } = one as { priority: string; selector: readonly { filenamePattern: string }[] };
    return selector.map(({ filenamePattern }) => ({ priority, pattern: filenamePattern }));
  });
  /** As VS Code's globs mean them, for the few signs that are used. */
  const matches = (pattern: string, name: string): boolean =>
    new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*").replaceAll("[!", "[^")}$`).test(name);
  const priorities = (name: string): readonly string[] =>
    patterns.filter(({ pattern }) => matches(pattern, name)).map(({ priority }) => priority);

  test("are taken by default only where no one else gives such names", () => {
    const hex = "0123456789abcdef".repeat(4);
    expect(priorities(`sha256:${hex}.json`)).toEqual(["default"]);
    expect(priorities(`sha256-${hex}.json`)).toEqual(["default"]);
    expect(priorities(`${hex}.dsse.json`)).toEqual(["default"]);
    for (const name of ["run.receipt.json", "run.bundle.json", "run.dsse.json"])
      expect(priorities(name), name).toEqual(["option"]);
    for (const name of ["package.json", `sha256-${hex.slice(1)}.json`, `${hex}.json`, "dsse.json"])
      expect(priorities(name), name).toEqual([]);
  });
});
