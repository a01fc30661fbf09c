/**
 * The three reference runs: documents and payloads in a folder of their own, and what each one declares to do.
 *
 * An effect is known to the outside by a key: programs add a line to `log`, requests arrive at the recorder's URL.
 */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { object, type Value } from "../../src/graph/value.ts";

/** What the outside may see of one key in a run that nothing disturbs, and whether it may be repeated unasked. */
export interface Declared {
  readonly times: number;
  readonly safe: boolean;
}

/** A reference run, written to a folder. */
export interface Reference {
  /** The document to run. */
  readonly file: string;
  readonly input: Value;
  readonly effects: Readonly<Record<string, Declared>>;
}

export const referenceNames = ["workflow", "children", "skill"] as const;
export type ReferenceName = (typeof referenceNames)[number];

const once: Declared = { times: 1, safe: false };
const repeatable: Declared = { times: 1, safe: true };

/** Writes a reference run to `folder`; requests go below `url`. Files of the run are in `folder/out`. */
export async function writeReference(name: ReferenceName, folder: string, url: string): Promise<Reference> {
  await mkdir(path.join(folder, "out"), { recursive: true });
  return { workflow, children, skill }[name](folder, url);
}

function nodes(...tables: readonly string[]): string {
  return tables.map((table) => `[[nodes]]\n${table}\n`).join("\n");
}

function edges(...list: readonly (readonly [from: string, to: string, more?: string])[]): string {
  return list.map(([from, to, more]) => `[[edges]]\nfrom = "${from}"\nto = "${to}"\n${more ?? ""}\n`).join("\n");
}

const start = (entry: string): string =>
  `[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "${entry}"\n\n`;

/** Arguments of a shell that leaves a line behind. */
function leaves(folder: string, key: string): Value {
  return ["-c", 'echo "$1" >> "$2"; echo done', "sh", key, path.join(folder, "out/log")];
}

/** File read, program, file write, POST, retry, loop edge, pause. */
async function workflow(folder: string, url: string): Promise<Reference> {
  const file = path.join(folder, "reference.toml");
  const out = (name: string): string => path.join(folder, "out", name);
  await writeFile(out("flag"), "again");
  await writeFile(path.join(folder, "input.txt"), "some text");
  const text = `name = "reference"\n\n${start("load")}${nodes(
    'id = "load"\ntype = "read_file"\npath_from = "trigger.input"',
    'id = "flag"\ntype = "read_file"\npath_from = "trigger.flag"',
    'id = "again"\ntype = "condition"\nexpr = "flag.content"',
    'id = "work"\ntype = "shell_run"\ncommand = "/bin/sh"\nargs_from = "trigger.work"',
    'id = "save"\ntype = "write_file"\npath_from = "trigger.saved"\ncontent_from = "load.content"',
    'id = "post"\ntype = "http_request"\nmethod = "POST"\nurl_from = "trigger.post"\nbody_from = "load.content"',
    `id = "flaky"\ntype = "http_request"\nmethod = "GET"\nurl_from = "trigger.flaky"\n[nodes.retry]\nmax_attempts = 3\nbackoff_ms = 5\non = "transient"`,
    'id = "keyed"\ntype = "http_request"\nmethod = "POST"\nurl_from = "trigger.keyed"\nbody_from = "load.content"\nidempotency_key = "the-key"',
    'id = "clear"\ntype = "write_file"\npath_from = "trigger.flag"\ncontent_from = "trigger.nothing"',
    'id = "approve"\ntype = "pause_for_approval"\nreason = "go on?"',
    'id = "final"\ntype = "write_file"\npath_from = "trigger.final"\ncontent_from = "keyed.body"',
    'id = "told"\ntype = "template_render"\ninput_from = "load"\ntemplate = "done with {{content}}"',
  )}\n${edges(
    ["load", "flag"],
    ["flag", "again"],
    ["again", "work", 'when = "true"'],
    ["work", "save"],
    ["save", "post"],
    ["post", "flaky"],
    ["flaky", "keyed"],
    ["keyed", "clear"],
    ["clear", "flag", "max_iterations = 3"],
    ["again", "approve", 'when = "false"'],
    ["approve", "final"],
    ["final", "told"],
  )}`;
  await writeFile(file, text);
  const input = object({
    input: path.join(folder, "input.txt"),
    flag: out("flag"),
    nothing: "",
    work: leaves(folder, "work"),
    saved: out("saved.txt"),
    final: out("final.txt"),
    post: `${url}/post`,
    flaky: `${url}/flaky`,
    keyed: `${url}/keyed`,
  });
  // The recorder breaks the first connection to /flaky.
  return {
    file,
    input,
    effects: { work: once, post: once, flaky: { times: 2, safe: true }, keyed: repeatable },
  };
}

/** Children of map and parallel with effects of their own. */
async function children(folder: string, url: string): Promise<Reference> {
  const file = path.join(folder, "children.toml");
  await writeFile(
    path.join(folder, "each.toml"),
    `name = "each"\n\n${start("work")}${nodes(
      'id = "work"\ntype = "shell_run"\ncommand = "/bin/sh"\nargs_from = "trigger.args"',
      'id = "post"\ntype = "http_request"\nmethod = "POST"\nurl_from = "trigger.url"\nbody_from = "trigger.key"',
      'id = "told"\ntype = "template_render"\ninput_from = "post"\ntemplate = "{{body}}"',
    )}\n${edges(["work", "post"], ["post", "told"])}`,
  );
  await writeFile(
    path.join(folder, "write.toml"),
    `name = "write"\n\n${start("write")}${nodes(
      'id = "write"\ntype = "write_file"\npath_from = "trigger.path"\ncontent_from = "trigger.key"',
      'id = "put"\ntype = "http_request"\nmethod = "PUT"\nurl_from = "trigger.url"\nidempotency_key = "put-{{trigger.key}}"',
      'id = "told"\ntype = "template_render"\ninput_from = "put"\ntemplate = "{{body}}"',
    )}\n${edges(["write", "put"], ["put", "told"])}`,
  );
  await writeFile(
    file,
    `name = "children"\n\n${start("each")}${nodes(
      'id = "each"\ntype = "map"\nitems_from = "trigger.items"\nworkflow = "each.toml"\nmax_items = 10\nmax_concurrent = 2',
      'id = "both"\ntype = "parallel"\nbranches = [{ workflow = "write.toml", input_from = "trigger.left" }, { workflow = "write.toml", input_from = "trigger.right" }, { workflow = "each.toml", input_from = "trigger.extra" }]',
      'id = "report"\ntype = "write_file"\npath_from = "trigger.report"\ncontent_from = "each.results"',
      'id = "told"\ntype = "merge"',
    )}\n${edges(["each", "both"], ["both", "report"], ["report", "told"])}`,
  );
  const item = (key: string): Value => object({ key, args: leaves(folder, `work-${key}`), url: `${url}/post-${key}` });
  const side = (key: string): Value => object({ key, path: path.join(folder, "out", key), url: `${url}/put-${key}` });
  const input = object({
    items: [item("a"), item("b"), item("c")],
    left: side("left"),
    right: side("right"),
    extra: item("extra"),
    report: path.join(folder, "out/report.json"),
  });
  const effects: Record<string, Declared> = { "put-left": repeatable, "put-right": repeatable };
  for (const key of ["a", "b", "c", "extra"]) {
    effects[`work-${key}`] = once;
    effects[`post-${key}`] = once;
  }
  return { file, input, effects };
}

/** A skill graph: a fan-out of three, an approval, a last step. */
async function skill(folder: string): Promise<Reference> {
  const file = path.join(folder, "graph.yaml");
  const log = path.join(folder, "out/log");
  const step = (id: string, extra = ""): string => `  - id: ${id}
${extra}    run:
      type: cli-tool
      command: /bin/sh
      args: ["-c", "echo ${id} >> '${log}'; printf '{\\"score\\": 0.5}'"]
      outputs: {score: number}
`;
  const branch = "    mode: fanout\n    fanout_group: review\n";
  await writeFile(
    file,
    `name: reference
fanout:
  groups:
    review:
      strategy: all
steps:
${step("first")}${step("style", branch)}${step("security", branch)}${step("speed", branch)}  - id: ask
    run:
      type: approval
    inputs:
      gate_id: ship
      reason: ship it?
${step("publish", "    context: {asked: ask.approval.data.approved}\n")}`,
  );
  const effects = Object.fromEntries(["first", "style", "security", "speed", "publish"].map((key) => [key, once]));
  return { file, input: object(), effects };
}
