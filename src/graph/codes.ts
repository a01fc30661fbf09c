/**
 * The diagnostic codes of the checks in `checks/`, each documented; docs/diagnostics.md is made from this table.
 * Codes of parsing and of the reference's own validation stand with their dialects.
 */
import type { Severity } from "./diagnostic.ts";

/** What is known of a code. */
export interface CodeInfo {
  readonly severity: Severity;
  /** One sentence, for hover and lists. */
  readonly text: string;
  /** Markdown: when it is reported, what happens at run time, what to do. */
  readonly docs: string;
  /** A shortest example in the dialect's own syntax, where one helps. */
  readonly example?: string;
}

const warning = (text: string, docs: string, example?: string): CodeInfo => ({
  severity: "warning",
  text,
  docs,
  ...(example === undefined ? {} : { example }),
});
const information = (text: string, docs: string, example?: string): CodeInfo => ({
  ...warning(text, docs, example),
  severity: "information",
});

/** Every code of the checks over the model. All leave the document runnable. */
export const graphCodes = {
  unknown_reference: warning(
    "A reference names no node.",
    `The first segment of a reference is a node's id, or \`trigger\` in a workflow. Whatever reads it fails or gets null,
as the field's own page says. A node whose id contains a dot, or is \`trigger\`, cannot be referenced as itself.`,
    `path_from = "laod.path"   # the node is called \`load\``,
  ),
  unknown_field: warning(
    "A reference names a field that the node's output does not have.",
    `The output's shape is known from the node's kind, and it has no such field. The reference leads nowhere at run time.
Markers of templates and relative paths are checked against the value at \`input_from\` where its shape is known; a marker that
leads nowhere stays visible in the text.`,
    `content_from = "load.contents"   # read_file gives path, content and bytes`,
  ),
  index_into_non_array: warning(
    "A reference takes an element of something that is no array.",
    `A segment of digits picks an element of an array or a member of that name. What stands before it is neither an array
nor an object with such a member, so the reference leads nowhere.`,
    `expr = "load.content.0"   # content is a string`,
  ),
  template_without_input: warning(
    "A template has markers but no input to fill them from.",
    `Markers are relative to the value at \`input_from\`. Without it the input of this kind is null, and every marker but
\`{{}}\` stays visible as it is written.`,
    `type = "template_render"\ntemplate = "Hi {{name}}"   # add input_from = "trigger"`,
  ),
  unknown_input: warning(
    "A step reads an input that the skill does not declare, but nearly.",
    `An input that is neither declared nor passed is left out of the step's inputs. Callers may pass inputs that are not declared, so
only names that look like a slip are reported.`,
  ),
  may_not_have_run: warning(
    "A node reads the output of another that may not have run yet.",
    `Some walk reaches the reading node without having run the other; the message and the related places show one. There
the run ends with a hard error, because the field must resolve. All starts, branches and loops count; only edges that can never be
followed do not. Lead every way through the other node, read from a node that is always there, or give each branch a reader of its own.`,
  ),
  may_be_null: warning(
    "A node reads the output of another that may not have run yet, and then gets null.",
    `As \`may_not_have_run\`, for fields whose miss is not an error: \`expr\`, and the \`input_from\` or \`args_from\` of
models, tools and children. A loop that on its first round has nothing to read yet is the common wanted case; silence it there with
\`# countersign: ignore may_be_null\`.`,
  ),
  never_runs_before: warning(
    "A node reads the output of another that can never have run before it.",
    `No walk runs the other node and later this one: it comes after, stands on another branch, runs side by side, or is the
node itself. The reference always misses.`,
  ),
  impossible_label: warning(
    "An edge waits for a label that its source never gives.",
    `The edge is never followed. A \`condition\` gives \`true\` and \`false\`; use \`switch\` to branch on other values. Hard errors take
no edge unless the node says \`on_error = "branch"\` (a missing file, a refused connection and a denial by policy are hard errors).
For a \`switch\` over a value whose type is known, labels that no such value has are reported too.`,
    `from = "load"   # read_file\nto = "missing"\nwhen = "error"   # needs on_error = "branch" on \`load\``,
  ),
  unlabelled_branch: warning(
    "An edge without `when` leaves a node that always ends with a label.",
    `\`condition\` and \`switch\` always give a label, and an edge without \`when\` is only followed when there is none. It is not a
fallback for the labels that other edges do not name, and is never followed.`,
    `from = "route"   # switch\nto = "otherwise"   # never reached: there is no default edge`,
  ),
  edge_never_followed: warning(
    "An edge can never be followed.",
    `Nothing follows \`terminate\` and \`fail\`, and a loop edge with \`max_iterations = 0\` is never taken.`,
  ),
  unhandled_outcome: warning(
    "A node can end with a label that no edge takes, and the run then ends there.",
    `The run counts as completed, with this node's output as its value, although something went wrong. Reported for nodes
that have other edges; a node with none is an end that the author chose. Lead the label to a \`fail\` node to make such runs fail.`,
    `# http_request \`post\` has only a plain edge; an answer of 500 ends the run as completed`,
  ),
  unhandled_branch: warning(
    "A decision has an answer that no edge takes, and the run then ends there.",
    `The run counts as completed, with the decision's output as its value. Where that is meant, lead the answer to a
\`terminate\` node and it is said. A label whose only edge is a loop edge is taken care of.`,
    `# condition \`gate\` has an edge for "true" only`,
  ),
  switch_value_unhandled: information(
    "A switch over a value of few possible texts has no edge for one of them.",
    `Reported only when the type of the value leaves few possibilities, such as a boolean. A \`switch\` over a string has no
default edge, so nothing could be done about other values, and nothing is said.`,
  ),
  ambiguous_edges: warning(
    "Several edges of a node match the same outcome.",
    `Exactly one edge may match; two end the run with a hard error. A loop edge counts until its iterations are used up, so it
cannot stand beside a plain edge with the same label.`,
    `from = "a"\nto = "b"\n\n[[edges]]\nfrom = "a"\nto = "c"   # both without \`when\``,
  ),
  no_policy: warning(
    "The document acts on the world and declares no `[policy]`.",
    `Without the table everything is allowed, as the workflow page says. With it, whatever it does not list is denied.
Reported once, at the document.`,
    `[policy]\nfs = { read = ["/data/**"] }\nhttp = { urls = ["https://api.example/**"] }`,
  ),
  effect_denied: warning(
    "The declared policy denies an effect that the document names literally.",
    `The node would end the run with a hard error of class \`policy\`. The message gives the decision's code and reason.`,
  ),
  missing_file: warning(
    "A file that a node names does not exist.",
    `Children and schemas are looked for beside the document and then in the working directory. A missing child fails the node; a
missing \`output_schema\` leaves the reply checked for being JSON only.`,
  ),
  unusable_file: warning(
    "A file that a node names cannot be used as what it is named for.",
    `It does not parse, is no document of the expected dialect, or has errors. The message says which.`,
  ),
  unknown_child_start: warning(
    "A node starts a child at a start that the child does not declare.",
    `The call ends with a hard error (in \`map\` and \`parallel\`: that element does).`,
  ),
  child_without_start: warning(
    "A child document declares no start.",
    `A child begins at the named start or at its first; this one has none, so the call ends with a hard error.`,
  ),
  child_pauses: warning(
    "A child document contains a `pause_for_approval`.",
    `A pause inside a child is a hard error of the node that called it. Ask in the parent instead. Effects of a child that need
approval are not meant: they suspend the child and can be answered.`,
  ),
  child_cycle: warning(
    "A document calls itself, directly or through its children.",
    `The depth limit of 8, for skills of 16, ends such a run. Reported at the reference that leads back.`,
  ),
  missing_input: warning(
    "A step does not give an input that its skill needs.",
    `The skill declares the input with \`required: true\` and without a \`default\`, and neither \`inputs\` nor \`context\` of the step
has it. A skill that is a graph then ends the run with an error; a tool or an agent runs without it. Steps of a skill also hand on
what the skill itself was given, so there only an input is reported that the step gives under a name nearly the same.`,
  ),
  undeclared_secret: information(
    "A header names a secret that `[[secrets]]` does not declare.",
    `The environment variable of that name is used, and the request fails when it is unset or empty. Declare the secret to say so.`,
  ),
  unknown_backend: warning(
    "A node names a model backend that is not configured.",
    `Backends are declared in \`[[intelligence.backends]]\` or by the operator. The node ends the run with a hard error.`,
  ),
  default_backend: information(
    "A node uses the backend `default`, which the command line must provide.",
    `\`--intel-unix\` or \`--intel-http\` provide \`default\`; a document cannot declare it. Reported once, at the first such node.`,
  ),
  undefined_auth: warning(
    "A route's `auth` names a binding that is not defined.",
    `The server refuses to start. The form is \`bearer:NAME\`, \`basic:NAME\`, \`hmac:NAME\`, \`oidc:NAME\` (NAME is \`default\` when left
out), \`mtls\` with \`[server.tls.client_auth]\`, or \`none\`.`,
  ),
  act_word: warning(
    "An act has a word that is not known, which counts as another.",
    `\`form\`, \`decision\` and \`effect_type\` of a skill's \`act\` take a few words. Any other form is recorded as \`observation\`, any other
decision as \`close\`, any other type of effect as \`artifact\`.`,
  ),
} as const satisfies Readonly<Record<string, CodeInfo>>;

/** A code of the checks over the model. */
export type GraphCode = keyof typeof graphCodes;

/**
 * docs/diagnostics.md: one section per code, in the order of the tables. `more` are the tables of other rooms, whose
 * entries may lack `docs`.
 */
export function diagnosticsPage(
  more: readonly {
    readonly title: string;
    readonly codes: Readonly<
      Record<string, { readonly severity: Severity; readonly text: string; readonly docs?: string }>
    >;
  }[] = [],
): string {
  const lines = [
    "# Diagnostics",
    "",
    "<!-- Generated from the tables of codes; do not edit. -->",
    "",
    "Errors are what the engine would refuse; warnings are what it would do but the author likely did not mean.",
    "Severities are set per code in `countersign.toml`, `[diagnostics]`; `# countersign: ignore CODE` silences a warning in its place;",
    "`--deny-warnings` makes warnings count as errors.",
  ];
  const tables = [
    { title: "Checks over every graph", codes: graphCodes as Readonly<Record<string, CodeInfo>> },
    ...more,
  ];
  for (const { title, codes } of tables) {
    lines.push("", `## ${title}`);
    for (const [code, info] of Object.entries(codes)) {
      const { docs, example } = info as Partial<CodeInfo>;
      lines.push("", `### ${code}`, "", `_${info.severity}_ · ${info.text}`);
      if (docs !== undefined) lines.push("", docs);
      if (example !== undefined) lines.push("", "```toml", example, "```");
    }
  }
  return `${lines.join("\n")}\n`;
}
