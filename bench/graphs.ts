/**
 * The documents that are measured, as texts: chains of one kind, and documents of the size and mixture that people
 * write.
 */

/** A chain of `count` nodes, each with these lines of TOML beside its id. */
export function chainToml(count: number, node: string): string {
  const parts = ['name = "chain"\n\n[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "n0"\n'];
  for (let i = 0; i < count; i++) parts.push(`\n[[nodes]]\nid = "n${i}"\n${node}\n`);
  for (let i = 1; i < count; i++) parts.push(`\n[[edges]]\nfrom = "n${i - 1}"\nto = "n${i}"\n`);
  return parts.join("");
}

/** Nodes in turn of the kinds that documents hold most, each reading what stands before it. */
const mixture: readonly ((id: string, before: string) => string)[] = [
  (id) =>
    `id = "${id}"\ntype = "read_file"\npath_from = "trigger.path"\nretry = { max_attempts = 3, backoff_ms = 250 }`,
  (id, before) => `id = "${id}"\ntype = "parse_json"\ninput_from = "${before}.content"`,
  (id, before) => `id = "${id}"\ntype = "json_select"\ninput_from = "${before}.parsed"\npath = "items.0.name"`,
  (id, before) =>
    `id = "${id}"\ntype = "template_render"\ntemplate = "Hello {{selected}}, you have mail."\ninput_from = "${before}"`,
  (id, before) =>
    `id = "${id}"\ntype = "http_request"\nmethod = "POST"\nurl_from = "trigger.url"\nbody_from = "${before}.rendered"\n` +
    `headers = { Authorization = "Bearer {{secret:API_TOKEN}}", Accept = "application/json" }`,
  (id) => `id = "${id}"\ntype = "merge"`,
];

/** A workflow document of `count` nodes of several kinds in a row. */
export function mixedToml(count: number): string {
  const parts = ['name = "mixed"\ndescription = "Nodes of several kinds"\n'];
  parts.push('\n[[start_nodes]]\nname = "main"\nsource = "manual"\nentry_node = "n0"\n');
  parts.push('\n[policy.fs]\nread = ["/data/**"]\n\n[policy.http]\nurls = ["https://api.example.com/**"]\n');
  for (let i = 0; i < count; i++) {
    const node = mixture[i % mixture.length];
    parts.push(`\n[[nodes]]\n${node?.(`n${i}`, `n${i - 1}`) ?? ""}\n`);
  }
  for (let i = 1; i < count; i++) parts.push(`\n[[edges]]\nfrom = "n${i - 1}"\nto = "n${i}"\n`);
  return parts.join("");
}

/** A skill graph of `count` steps: skills, tools and agent tasks, each taking an output of the one before. */
export function mixedYaml(count: number): string {
  const parts = ["name: mixed\nowner: bench\nsteps:\n"];
  for (let i = 0; i < count; i++) {
    const context = i === 0 ? "" : `    context:\n      message: s${i - 1}.stdout\n`;
    const target =
      i % 3 === 0
        ? "    skill: ../hello-world\n    inputs:\n      message: hello from graph\n      count: 3\n"
        : i % 3 === 1
          ? "    run:\n      type: cli-tool\n      command: echo\n      args: [--name, '{{message}}']\n"
          : "    run:\n      type: agent-task\n      agent: builder\n      task: apply taste guidance\n      outputs:\n        summary: string\n";
    parts.push(`  - id: s${i}\n${target}${context}`);
  }
  return parts.join("");
}
