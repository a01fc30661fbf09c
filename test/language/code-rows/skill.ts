/** Codes of skill graphs and skills. */
import { change, type Row } from "./row.ts";

const graph = `name: g
steps:
  - id: first
    run: {type: agent-task}
  - id: second
    run: {type: agent-task}
    context: {m: first.text}
`;
const of = (code: string, from: string, to: string, files: Row["files"] = {}): Row =>
  change(code, "graph.yaml", graph, from, to, files);
/** `second` with these lines instead of its context. */
const second = (code: string, lines: string, from: string, to: string, files: Row["files"] = {}): Row =>
  change(
    code,
    "graph.yaml",
    graph.replace("context: {m: first.text}", () => lines),
    from,
    to,
    files,
  );
/** `second` runs this. */
const runs = (code: string, target: string, from: string, to: string): Row =>
  change(
    code,
    "graph.yaml",
    graph.replace(/(second\n {4})run: .*/, (_, lead: string) => lead + target),
    from,
    to,
  );

const manifest = `skill: echo
runners:
  default:
    default: true
    source:
      type: cli-tool
      command: /bin/echo
      args: ["{{message}}"]
    inputs:
      message: {type: string, required: true}
`;
const skill = (code: string, from: string, to: string): Row => change(code, "X.yaml", manifest, from, to);
const more = (code: string, tail: string, from: string, to: string): Row =>
  change(code, "X.yaml", manifest + tail, from, to);
const text = "---\nname: echo\ndescription: says it again\n---\n# Echo\n";
const nested = `skill: nested
runners:
  default:
    default: true
    source:
      type: graph
      graph:
        name: inner
        steps:
          - id: a
            run: {type: agent-task}
`;
const mutating = `skill: deploy
runners:
  default:
    default: true
    mutating: true
    source: {type: cli-tool, command: /bin/true}
`;
const fanout = `fanout:
  groups:
    g: {strategy: all}
steps:
  - id: a
    fanout_group: g
    run: {type: agent-task}
name: g
`;

export const skillRows: readonly Row[] = [
  of("skill_yaml_syntax", "{m: first.text}", "{m: first.text"),
  skill("skill_yaml_ambiguous", "skill: echo", "skill: ‹x:a: b›"),
  skill("skill_yaml_marker", "skill: echo", "‹---›\nskill: echo"),
  skill("skill_yaml_reference", "skill: echo", "skill: ‹&a› echo"),
  skill("skill_yaml_merge", "    default: true\n", "    default: true\n    ‹<<›: {a: 1}\n"),
  of("skill_yaml_duplicate_key", "name: g\n", "name: g\n‹name›: h\n"),
  of("skill_yaml_limit", "{m: first.text}", `${"[".repeat(300)}${"]".repeat(300)}`),
  { code: "skill_not_object", file: "graph.yaml", bad: "- 1\n", good: graph, files: {} },
  change("skill_front_matter", "SKILL.md", text, "---\nname", "name"),
  of("skill_required", "name: g\n", ""),
  of("skill_type", "name: g\n", "name: g\nowner: ‹7›\n"),
  change("skill_value", "graph.yaml", fanout, "strategy: all", "strategy: ‹most›"),
  of("skill_unknown_key", "context:", "‹contxt›:"),
  second("skill_unsupported", "label: x", "label:", "‹sync›:"),
  of("skill_duplicate_id", "id: second", "id: ‹first›"),
  of("skill_target", "    run: {type: agent-task}\n    context", "    context"),
  second("skill_runner", "label: x", "label: x", "‹runner›: x"),
  runs("skill_tool_ref", "tool: fs.read", "fs.read", "‹read›"),
  of("skill_context", "first.text", "‹third.text›"),
  second(
    "skill_context_skills",
    "context_skills: [../a]",
    "run: {type: agent-task}\n    context_skills",
    "run: {type: cli-tool, command: /bin/x}\n    ‹context_skills›",
  ),
  second("skill_input_reference", "context: {m: first.text}", "context: {m: first.text}", "inputs: {m: ‹first.text›}"),
  second("skill_condition", "when: {field: first.a, equals: 1}", ", equals: 1", ""),
  of("skill_guard", "steps:\n", "policy: {guards: [{step: ‹third›, field: first.a, equals: 1}]}\nsteps:\n"),
  change(
    "skill_fanout",
    "graph.yaml",
    fanout,
    "    g: {strategy: all}\nsteps:\n  - id: a\n    fanout_group: g",
    "    ‹g›: {strategy: all}\nsteps:\n  - id: a\n    fanout_group: ‹h›",
  ),
  second(
    "skill_retry_mutation",
    "mutation: true\n    retry: {max_attempts: 1}",
    "retry: {max_attempts: 1}",
    "‹x:retry: {max_attempts: 2}›",
  ),
  change(
    "skill_stage",
    "graph.yaml",
    graph.replace(/(second\n {4})run: .*\n {4}context: .*/, "$1run: {type: stage, key: identity}"),
    "key: identity}\n",
    "key: identity}\n    ‹inputs›: {a: 1}\n",
  ),
  second("skill_reserved_name", "artifacts: {wrap_as: report}", "report", "‹stdout›"),
  more(
    "skill_reserved_variable",
    "",
    "      args:",
    "      sandbox: {profile: readonly, env_allowlist: [‹RUNX_API_TOKEN›]}\n      args:",
  ),
  skill("skill_sandbox", "      args:", "      sandbox: {profile: readonly, network: ‹true›}\n      args:"),
  skill("skill_source_type", "type: cli-tool", "type: ‹cli-tol›"),
  skill(
    "skill_source_command",
    "type: cli-tool\n      command",
    "type: agent-task\n      agent: a\n      task: t\n      ‹command›",
  ),
  {
    code: "skill_source_command",
    file: "X.yaml",
    bad: `skill: echo\nrunners:\n  a:\n    source: {type: agent-task, agent: a, task: t, ‹command›: /bin/x, args: [a]} # runs\n`,
    good: `skill: echo\nrunners:\n  a:\n    source: {type: agent-task, agent: a, task: t} # runs\n`,
    files: {},
  },
  runs(
    "skill_secret_place",
    "http: {url: 'https://x.example/a'}",
    "'https://x.example/a'",
    "‹'https://x.example/${secret:KEY}'›",
  ),
  more(
    "skill_catalog",
    "catalog: {kind: skill, audience: public, visibility: internal, role: graph-stage, part_of: [a]}\n",
    "internal",
    "‹public›",
  ),
  change(
    "skill_act",
    "X.yaml",
    nested.replace("      type: graph\n", "      type: graph\n      act: {purpose: look, reason_step: a}\n"),
    "reason_step: a",
    "reason_step: ‹aa›",
  ),
  more(
    "skill_harness_case",
    "harness:\n  cases:\n    - name: a\n      runner: default\n",
    "runner: default",
    "runner: ‹defualt›",
  ),
  change("skill_retry", "X.yaml", nested, "    default: true\n", "    default: true\n    ‹retry›: {max_attempts: 2}\n"),
  {
    code: "skill_retry_mutation",
    file: "graph.yaml",
    bad: "name: g\nsteps:\n  - id: a\n    skill: deploy\n    ‹x:retry: {max_attempts: 2}›\n",
    good: "name: g\nsteps:\n  - id: a\n    skill: deploy\n",
    files: { "deploy/X.yaml": mutating },
  },
];
