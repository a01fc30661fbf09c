import { describe, expect, it } from "vitest";
import { filterText, isFiltering, noFilter, passes } from "../../../src/extension/kept-runs/filter.ts";
import { keptRunsPart, runCommands } from "../../../src/extension/kept-runs/manifest.ts";
import { rowOf, statusText, type RowLook } from "../../../src/extension/kept-runs/rows.ts";
import type { RunStatus, RunSummary } from "../../../src/runtime/runs.ts";

// Local times must not hang on where a test runs.
process.env["TZ"] = "UTC";
const T0 = Date.UTC(2026, 0, 31, 14, 5, 9);

function summary(extra: Partial<RunSummary> = {}): RunSummary {
  return {
    id: "exec-1",
    status: "completed",
    workflow: "gate",
    dialect: "workflow",
    root: "/w/gate.toml",
    dryRun: false,
    start: "main",
    environment: "dev",
    principal: "user:ada@host",
    startedAt: T0,
    updatedAt: T0 + 1500,
    reason: null,
    cancelled: false,
    requests: [],
    epoch: 1,
    owner: null,
    held: false,
    problem: null,
    ...extra,
  };
}

const owner = { pid: 42, startTime: null, bootId: null, pidNamespace: null, host: "box", nonce: "n" };
const look: RowLook = { now: T0 + 61_000, own: new Set(), labelOf: () => null };
const row = (extra: Partial<RunSummary> = {}, more: Partial<RowLook> = {}) =>
  rowOf({ stateDir: "/s", summary: summary(extra) }, { ...look, ...more });

describe("a row of the view of runs", () => {
  it("says the document, how it stands, when it began, how long it took and where", () => {
    expect(row()).toMatchObject({
      label: "gate.toml",
      group: "ended",
      description: "completed · 14:05:09 · 1.5 s · dev",
      icon: "pass",
    });
    expect(row({ dryRun: true }, { labelOf: () => "shop" }).description).toBe(
      "completed · dry run · 14:05:09 · 1.5 s · dev · shop",
    );
    expect(row({ status: "running", held: true }).description).toBe("running · 14:05:09 · dev");
    expect(row({}, { now: T0 + 86_400_000 }).description).toContain(" · 2026-01-31 14:05 · ");
    expect(row().details).toContain("By: user:ada@host");
  });

  it.each<[RunStatus, Partial<RunSummary>, string, string]>([
    ["running", { held: true }, "running", "run readable document cancellable"],
    ["unknown", { owner }, "running", "run readable document cancellable deletable"],
    ["paused", {}, "waiting", "run readable document resumable replayable deletable"],
    ["interrupted", {}, "interrupted", "run readable document resumable replayable deletable"],
    ["interrupted", { dryRun: true }, "interrupted", "run readable document replayable deletable"],
    ["completed", {}, "ended", "run readable document replayable deletable"],
    ["failed", { cancelled: true }, "ended", "run readable document replayable deletable"],
    ["timed_out", {}, "ended", "run readable document replayable deletable"],
    ["unreadable", { root: null, startedAt: null }, "unreadable", "run deletable"],
  ])("of a run that is %s offers what can be done with it", (status, extra, group, can) => {
    const made = row({ status, ...extra });
    expect(made.group).toBe(group);
    expect(made.can.join(" ")).toBe(can);
    expect(made.icon).not.toBe("");
  });

  it("says why a run cannot be read, what it waits for, and who works on it", () => {
    const problem = { code: "journal.version", message: "written in journal version 9" } as const;
    expect(row({ status: "unreadable", problem }).details.join("\n")).toContain("journal version 9 [journal.version]");
    const requests = [{ id: "q", subject: null, reason: "Ship it?", act: null }];
    expect(row({ status: "paused", requests }).details.at(-1)).toBe("Waits for an answer: Ship it?");
    expect(row({ status: "paused" }).details.at(-1)).toContain("Answered");
    expect(row({ status: "running", held: true, owner }).details.at(-1)).toBe("Written by process 42 on box.");
    expect(row({ status: "running", held: true, owner }, { own: new Set(["exec-1"]) }).details.join()).not.toContain(
      "42",
    );
    expect(row({ status: "failed", cancelled: true }).description).toMatch(/^cancelled/);
    expect(row({ status: "failed", reason: "no" }).details).toContain("Reason: no");
  });

  it("shows no character that hides or turns text", () => {
    const bad = "ga\u202ete\u0007.toml";
    const { label, description, details } = row({ root: `/w/${bad}`, environment: bad, principal: bad });
    expect([label, description, ...details].join("")).not.toMatch(/[\u202e\u0007]/u);
  });

  it("keeps its key whatever becomes of the run", () => {
    expect(row({ status: "running" }).key).toBe(row({ status: "failed", updatedAt: 9 }).key);
    expect(row({ id: "exec-2" }).key).not.toBe(row().key);
  });
});

describe("the filter of runs", () => {
  const all = [
    summary(),
    summary({ id: "exec-2", status: "failed", reason: "the disk is FULL", environment: "prod" }),
    summary({ id: "exec-3", status: "failed", cancelled: true, root: "/w/X.yaml#nightly" }),
    summary({ id: "exec-4", status: "unreadable", root: null, workflow: null, environment: null }),
  ];
  const ids = (filter: Partial<typeof noFilter>) =>
    all.filter((one) => passes(one, { ...noFilter, ...filter })).map(({ id }) => id);

  it("without anything shows everything and says nothing", () => {
    expect(ids({})).toHaveLength(4);
    expect(isFiltering(noFilter)).toBe(false);
    expect(filterText(noFilter)).toBe("");
  });

  it("finds by document whatever its runner, by status, environment and text, and by all of them at once", () => {
    expect(ids({ document: "/w/X.yaml" })).toEqual(["exec-3"]);
    expect(ids({ statuses: [statusText(summary({ status: "failed" })), "cancelled"] })).toEqual(["exec-2", "exec-3"]);
    expect(ids({ environment: "prod" })).toEqual(["exec-2"]);
    expect(ids({ text: "full" })).toEqual(["exec-2"]);
    expect(ids({ text: "EXEC-4" })).toEqual(["exec-4"]);
    expect(ids({ text: "full", environment: "dev" })).toEqual([]);
  });

  it("is said in the title of the view", () => {
    const filter = { text: "disk", statuses: ["failed", "cancelled"], document: "/w/gate.toml", environment: "prod" };
    expect(filterText(filter)).toBe('gate.toml, failed or cancelled, prod, "disk"');
    expect(isFiltering(filter)).toBe(true);
  });
});

describe("the menus of the view", () => {
  it("name only commands that there are, and words that a row has", () => {
    const known = new Set(Object.values(runCommands).map(({ id }) => id as string));
    const items = Object.values(keptRunsPart.menus ?? {}).flat() as readonly { command: string; when?: string }[];
    for (const { command } of items) expect(known).toContain(command);
    const words = new Set(items.flatMap(({ when = "" }) => /viewItem =~ \/\\b(\w+)\\b\//.exec(when)?.[1] ?? []));
    const offered = ["run", "readable", "document", "resumable", "cancellable", "replayable", "deletable"];
    expect([...words].sort()).toEqual(offered.sort());
  });
});
