/**
 * The codes of the skill-graph dialect's own diagnostics, each with the sentence that documents it.
 *
 * `parse` codes say that the text is not a document of the dialect (exit code 2); `validate` codes that it is one and
 * must not run (exit code 5). All are errors.
 */

/** What is known of a code. */
export interface SkillCode {
  readonly phase: "parse" | "validate";
  readonly text: string;
}

const parse = (text: string): SkillCode => ({ phase: "parse", text });
const validate = (text: string): SkillCode => ({ phase: "validate", text });

/** Every code of the dialect. */
export const skillCodes = {
  skill_yaml_syntax: parse("The text is not YAML; the message says what the reader met at that place."),
  skill_yaml_ambiguous: parse(
    "Explicit keys, keys with a colon and plain values with `: ` are outside the subset; quote them.",
  ),
  skill_yaml_marker: parse("An X.yaml is one plain document, without `---` and `...`."),
  skill_yaml_reference: parse("An X.yaml has no anchors, aliases and tags."),
  skill_yaml_merge: parse("An X.yaml has no merge keys."),
  skill_yaml_duplicate_key: parse("A mapping has the same key twice."),
  skill_yaml_limit: parse("The text is too long, too deeply nested or expands to too many values."),
  skill_not_object: parse("The document is a list or a single value instead of a mapping."),
  skill_front_matter: parse("A SKILL.md begins with YAML front matter between two lines of `---`."),
  skill_harness: parse("A harness file is a test of a graph, not a graph."),
  skill_runner_selection: parse("The skill has no such runner, or no default among several."),
  skill_required: validate("Something that the document needs is not there."),
  skill_type: validate("The value is of another type than the key takes."),
  skill_value: validate("The key takes one of a few values, and this is none of them."),
  skill_unknown_key: validate("There is no key of this name here."),
  skill_unsupported: validate("The key belongs to another runner and has no meaning here."),
  skill_duplicate_id: validate("Two steps have the same id."),
  skill_target: validate("A step runs exactly one thing: a skill, a tool, a run or an HTTP call."),
  skill_runner: validate("Only a step that runs a nested skill has a runner."),
  skill_kind: validate("The program does not have the node kind that the step needs."),
  skill_tool_ref: validate("The name is not that of a catalog tool, which has a namespace."),
  skill_context: validate("A context entry does not name an output of an earlier step that this step may read."),
  skill_context_skills: validate("Only agents read skills as context."),
  skill_input_reference: validate(
    "An input looks like the output of an earlier step; such references belong into `context`.",
  ),
  skill_condition: validate("A condition compares with exactly one of `equals` and `not_equals`."),
  skill_guard: validate("A guard stands before a step that does not exist."),
  skill_fanout: validate("A fan-out group and the steps that use it do not fit."),
  skill_retry_mutation: validate("A step that changes the world is not repeated without an idempotency key."),
  skill_retry: validate("A skill whose source is a graph has its retries on its steps."),
  skill_stage: validate("A stage step takes no inputs, context or artifacts."),
  skill_reserved_name: validate("The name is one of the base outputs."),
  skill_reserved_variable: validate("A tool must not be given this variable."),
  skill_sandbox: validate("A readonly sandbox has no network and no writable paths."),
  skill_source_type: validate("There is no source type of this name."),
  skill_source_command: validate("Agents and hooks have no command."),
  skill_secret_place: validate("Secrets are substituted in headers only."),
  skill_catalog: validate("The catalog entry contradicts itself."),
  skill_act: validate(
    "An act stands twice, names a step that is not there, or takes its effect from an agent's words.",
  ),
  skill_harness_case: validate("A harness case names a runner that is not declared."),
} as const satisfies Readonly<Record<`skill_${string}`, SkillCode>>;

/** The name of a code. */
export type SkillCodeName = keyof typeof skillCodes;
/** A code without its prefix, as the readers name it. */
export type ShortCode = SkillCodeName extends `skill_${infer Short}` ? Short : never;
