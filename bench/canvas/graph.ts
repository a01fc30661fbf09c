/**
 * The document that is drawn: starts with a hundred nodes each, in stretches of eight that fork and join again, and
 * whose failures all end at one node. Valid, so that no badge comes in from diagnostics.
 */

/** Nodes behind one start. */
const GROUP = 100;
const STRETCH = 8;

/** A workflow of `count` nodes, a multiple of 100. */
export function branchingToml(count: number): string {
  const parts = ['name = "branching"\ndescription = "Checks and sends what was received"\n'];
  for (let start = 0; start < count / GROUP; start++)
    parts.push(`\n[[start_nodes]]\nname = "start${start}"\nsource = "manual"\nentry_node = "g${start}_read0"\n`);
  parts.push('\n[policy.fs]\nread = ["/data/**"]\n\n[policy.http]\nurls = ["https://api.example.com/**"]\n');
  const edges: string[] = [];
  for (let start = 0; start < count / GROUP; start++) parts.push(...group(`g${start}`, edges));
  return [...parts, ...edges].join("");
}

function group(name: string, edges: string[]): string[] {
  const nodes: string[] = [];
  const node = (id: string, type: string, ...lines: readonly string[]): void => {
    nodes.push(`\n[[nodes]]\nid = "${name}_${id}"\ntype = "${type}"\n${lines.map((line) => `${line}\n`).join("")}`);
  };
  const edge = (from: string, to: string, when?: string): void => {
    const label = when === undefined ? "" : `when = "${when}"\n`;
    edges.push(`\n[[edges]]\nfrom = "${name}_${from}"\nto = "${name}_${to}"\n${label}`);
  };
  const stretches = Math.floor(GROUP / STRETCH);
  for (let i = 0; i < stretches; i++) {
    node(`read${i}`, "read_file", 'path_from = "trigger.path"', 'on_error = "branch"');
    node(`parse${i}`, "parse_json", `input_from = "${name}_read${i}.content"`);
    node(`check${i}`, "condition", 'expr = "trigger.urgent"');
    node(`pick${i}`, "json_select", `input_from = "${name}_parse${i}.parsed"`, 'path = "items.0.name"');
    node(
      `greet${i}`,
      "template_render",
      `template = "Hello {{value}}, come at once."`,
      `input_from = "${name}_pick${i}"`,
    );
    node(`wait${i}`, "template_render", `template = "There is mail, number ${i}."`, 'input_from = "trigger"');
    node(`join${i}`, "merge");
    node(
      `send${i}`,
      "http_request",
      ...['method = "POST"', 'url_from = "trigger.url"', `body_from = "${name}_read${i}.content"`],
    );
    edge(`read${i}`, `parse${i}`);
    edge(`read${i}`, "failed", "error");
    edge(`parse${i}`, `check${i}`);
    edge(`check${i}`, `pick${i}`, "true");
    edge(`check${i}`, `wait${i}`, "false");
    edge(`pick${i}`, `greet${i}`);
    edge(`greet${i}`, `join${i}`);
    edge(`wait${i}`, `join${i}`);
    edge(`join${i}`, `send${i}`);
    edge(`send${i}`, "failed", "error");
    edge(`send${i}`, i + 1 < stretches ? `read${i + 1}` : "done0");
  }
  const rest = GROUP - stretches * STRETCH - 1;
  for (let i = 0; i < rest; i++) {
    node(`done${i}`, "template_render", `template = "Done, part ${i}."`, 'input_from = "trigger"');
    if (i > 0) edge(`done${i - 1}`, `done${i}`);
  }
  node("failed", "fail", 'reason = "Something on the way did not work."');
  return nodes;
}
