/** What may stand where: the tables of fields held against the readers of documents. */
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { configSchema } from "../../src/config/file.ts";
import { createOpenLive } from "../../src/dialects/live/open.ts";
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import { rankOf } from "../../src/dialects/pipeline/schema.ts";
import { graphKeys } from "../../src/dialects/skill/graph-document.ts";
import { manifestKeys, runnerKeys } from "../../src/dialects/skill/manifest.ts";
import { actKeys } from "../../src/graph/act.ts";
import { stepKeys } from "../../src/dialects/skill/step.ts";
import { rootKeys } from "../../src/dialects/workflow/tables.ts";
import { definitions } from "../../src/kinds/definitions.generated.ts";
import { configDocs } from "../../language/schema/config.ts";
import { fieldAt, fieldsAt } from "../../language/schema/fields.ts";
import { runTypes, skillGraph, step } from "../../language/schema/skill-graph.ts";
import { runner, skillManifest, sourceTypes } from "../../language/schema/skill-package.ts";
import { bare } from "../../language/schema/walk.ts";

const openLive = createOpenLive({ kinds: definitions });

function open(text: string, file: string): LiveDocument {
  const live = openLive(text, file);
  if (live === null) throw new Error(`${file} is not ours`);
  return live;
}

const names = (live: LiveDocument, ...path: (string | number)[]): string[] =>
  fieldsAt(live, path).map(({ name }) => name);
const unknown = (live: LiveDocument): string[] =>
  live.findings.filter(({ code }) => code === "skill_unknown_key").map(({ message }) => message);
const shapeOf = (schema: z.ZodType): string[] => {
  const inner = bare(schema).schema;
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
};

describe("a workflow", () => {
  const text = `name = "x"
[[nodes]]
id = "a"
type = "read_file"
retry = { max_attempts = 2 }
[[secrets]]
name = "s"
source = "file"
[[triggers]]
type = "cron"
[[nodes]]
id = "b"
`;
  test("has the root keys that its reader knows", () => {
    expect(names(open(text, "a.toml")).sort()).toEqual([...rootKeys].sort());
  });
  test("has for a node the fields of its kind and those of every node", () => {
    expect(names(open(text, "a.toml"), "nodes", 0)).toEqual([
      "id",
      "type",
      "retry",
      "on_error",
      "in_doubt",
      "idempotency_key",
      "path_from",
    ]);
    expect(names(open(text, "a.toml"), "nodes", 1)).not.toContain("path_from");
  });
  test("has for a secret and a trigger the fields of their source and type", () => {
    expect(names(open(text, "a.toml"), "secrets", 0)).toEqual(["name", "source", "path", "trim"]);
    expect(names(open(text, "a.toml"), "triggers", 0)).toEqual(["type", "schedule", "timezone", "start_node"]);
  });
  test("says of a field what it takes", () => {
    const live = open(text, "a.toml");
    expect(fieldAt(live, ["nodes", 0, "retry", "backoff_ms"])).toMatchObject({
      form: "integer",
      required: false,
      fallback: "100",
    });
    expect(fieldAt(live, ["nodes", 0, "on_error"])).toMatchObject({ words: ["stop", "branch"], fallback: '"stop"' });
    expect(fieldAt(live, ["nodes", 0, "path_from"])).toMatchObject({
      role: "reference",
      names: "reference",
      required: true,
    });
    expect(fieldAt(live, ["edges", 0, "when"])).toMatchObject({ names: "label", type: "string" });
    expect(fieldAt(live, ["nodes", 0, "nothing"])).toBeNull();
  });
  test("has the same fields in the wrapped form", () => {
    const live = open(`[[workflows]]\nname = "x"\n[[workflows.nodes]]\nid = "a"\ntype = "read_file"\n`, "a.toml");
    expect(names(live, "workflows", 0, "nodes", 0)).toContain("path_from");
    expect(fieldAt(live, ["workflows", 0, "edges", 0, "to"])?.names).toBe("node");
  });
});

describe("the tables of the skill dialect", () => {
  test("have the keys that the readers know", () => {
    expect(shapeOf(skillGraph).sort()).toEqual([...graphKeys].sort());
    expect(shapeOf(step).sort()).toEqual([...stepKeys].sort());
    expect(shapeOf(skillManifest).sort()).toEqual([...manifestKeys].sort());
    expect(shapeOf(runner).sort()).toEqual([...runnerKeys].sort());
    const act = fieldsAt(open("skill: x\nrunners:\n  a:\n    act: {}\n", "X.yaml"), ["runners", "a", "act"]);
    expect(act.map(({ name }) => name).sort()).toEqual([...actKeys].sort());
  });
  test.each(runTypes)("have for a step that runs %s only keys that its reader takes", (type) => {
    const empty = open(`name: x\nsteps:\n  - id: a\n    run: { type: ${type} }\n`, "graph.yaml");
    const own = names(empty, "steps", 0, "run");
    expect(own[0]).toBe("type");
    const full = own.slice(1).map((name) => `, ${name}: null`);
    expect(
      unknown(open(`name: x\nsteps:\n  - id: a\n    run: { type: ${type}${full.join("")} }\n`, "graph.yaml")),
    ).toEqual([]);
  });
  test.each(sourceTypes)("have for a runner of type %s only keys that its reader takes", (type) => {
    const own = names(open(`skill: x\nrunners:\n  a:\n    type: ${type}\n`, "X.yaml"), "runners", "a");
    const full = own.filter((name) => name !== "type").map((name) => `    ${name}: null\n`);
    expect(unknown(open(`skill: x\nrunners:\n  a:\n    type: ${type}\n${full.join("")}`, "X.yaml"))).toEqual([]);
  });
  test.each([
    "fanout.groups.g",
    "fanout.groups.g.threshold_gates.0",
    "fanout.groups.g.conflict_gates.0",
    "policy.guards.0",
  ])("have for %s only keys that its reader takes", (path) => {
    const keys = path.split(".").map((key) => (/^\d+$/.test(key) ? Number(key) : key));
    const wanted = names(open("name: x\nsteps: [{ id: a, tool: x.y }]\n", "graph.yaml"), ...keys);
    expect(wanted.length).toBeGreaterThan(1);
    const inner = keys.reduceRight<string>(
      (value, key) => (typeof key === "number" ? `[${value}]` : `{ ${key}: ${value} }`),
      `{ ${wanted.map((key) => `${key}: null`).join(", ")} }`,
    );
    const root = inner.slice(2, -2);
    expect(unknown(open(`name: x\n${root}\nsteps: [{ id: a, tool: x.y, fanout_group: g }]\n`, "graph.yaml"))).toEqual(
      [],
    );
  });
  test("follow a graph inside a skill", () => {
    const live = open(
      "skill: x\nrunners:\n  a:\n    type: graph\n    graph:\n      name: g\n      steps:\n        - id: s\n          run: { type: stage }\n",
      "X.yaml",
    );
    expect(names(live, "runners", "a", "graph", "steps", 0, "run")).toEqual(["type", "key", "input_from"]);
    expect(fieldAt(live, ["runners", "a", "graph", "steps", 0, "run", "key"])?.names).toBe("stage-key");
  });
});

describe("the other files", () => {
  test("spec.kv has the keys of its schema", () => {
    const live = open("v=1\n", "spec.kv");
    const keys = [
      ...names(live).filter((name) => name !== "single_ring"),
      ...names(live, "single_ring").flatMap((name) => (name === "stages" ? [] : `single_ring.${name}`)),
      ...names(live, "single_ring", "stages", 0).map((name) =>
        name === "depends_on" ? "single_ring.stages.0.depends_on.count" : `single_ring.stages.0.${name}`,
      ),
    ];
    expect(keys.map((key) => rankOf(key) !== null)).toEqual(keys.map(() => true));
    expect(keys).toHaveLength(10);
  });
  test("every key of countersign.toml has a sentence, and no sentence is left over", () => {
    const live = open("", "countersign.toml");
    const found: string[] = [];
    const walk = (path: string[]): void => {
      for (const { name, doc } of fieldsAt(live, path)) {
        expect(doc).not.toBe("");
        found.push([...path, name].join("."));
        walk([...path, name]);
      }
    };
    walk([]);
    expect(found.sort()).toEqual(Object.keys(configDocs).sort());
    expect(Object.keys(configSchema.shape)).toContain("diagnostics");
  });
  test("a fixture has the fields of its model", () => {
    const live = open("", "fixture.toml");
    expect(fieldAt(live, ["expected", "status"])).toMatchObject({ required: true });
    expect(fieldAt(live, ["trigger", "kind"])?.words).toEqual(["manual", "http", "event"]);
    expect(fieldAt(live, ["mocks", "http", "GET *", 0, "status"])?.fallback).toBe("200");
  });
});
