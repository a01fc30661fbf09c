/**
 * What the extension contributes for debugging (docs/debugger.md): the debug type, launch configurations with their
 * completion, and where breakpoints may stand. Everything carries a condition, so that TOML and YAML of other people
 * get no F5 and no breakpoints of ours (spec/editor.md §1).
 */

/** The debug type of launch configurations. */
export const DEBUG_TYPE = "countersign";

/** True while the document in the active editor is a graph. */
export const GRAPH_ACTIVE_KEY = "countersign.graphActive";

/** True while a graph is active, or was the last document that was, or a launch configuration of ours is there. */
export const DEBUGGABLE_KEY = "countersign.debuggable";

/** True while a session for a test is being started, whatever the active editor shows. */
export const TEST_STARTING_KEY = "countersign.testStarting";

const text = (description: string): object => ({ type: "string", markdownDescription: description });
const flag = (description: string): object => ({ type: "boolean", default: false, markdownDescription: description });

/** A launch configuration as VS Code completes and checks it. */
const launch = {
  required: ["program"],
  properties: {
    program: {
      ...text(
        "Path of the graph document: a workflow, a skill graph, or a `spec.kv`. `X.yaml#runner` names one runner.",
      ),
      default: "${file}",
    },
    start: text("The start to enter at. Without one: the document's only one, or its `manual` one."),
    input: {
      type: ["object", "array", "string", "number", "boolean", "null"],
      markdownDescription:
        "The payload, as it is; a string is read as JSON text. For a pipeline: the record's text. See also `inputFile` and `fixture`.",
    },
    inputFile: text("Path of a file that holds the payload, relative to the workspace folder."),
    fixture: text(
      "Path of a `fixture.toml` that gives the payload and, in a dry run, answers what is not really done: HTTP, programs, models, approvals.",
    ),
    assume: {
      type: "object",
      additionalProperties: { type: "string" },
      markdownDescription: 'Dry run: branches of unknown conditions, by node, such as `{ "tests_passed": "true" }`.',
    },
    stopOnEntry: flag("Stop before the first node."),
    stopOnEnd: {
      ...flag("Stay when the run is over, so that one can look back and go on from there. Continue ends the session."),
      default: true,
    },
    live: flag(
      "Perform every effect **for real**, under the policy that holds for runs. Needs saved files and a trusted workspace; values cannot be changed and nothing is done twice.",
    ),
  },
};

const dry = {
  type: DEBUG_TYPE,
  request: "launch",
  name: "Dry Run Graph",
  program: '^"\\${file}"',
  stopOnEntry: true,
};

/** `contributes.debuggers`. */
export const debuggers = [
  {
    type: DEBUG_TYPE,
    label: "Countersign Graph",
    languages: ["toml", "yaml", "markdown", "skill", "countersign-pipeline"],
    when: `${DEBUGGABLE_KEY} || ${TEST_STARTING_KEY}`,
    configurationAttributes: { launch },
    initialConfigurations: [{ ...dry, program: "${file}" }],
    configurationSnippets: [
      {
        label: "Countersign: Dry Run",
        description: "Steps through a graph without doing anything",
        body: dry,
      },
      {
        label: "Countersign: Dry Run with a Fixture",
        description: "Steps through a graph; a fixture gives the payload and the answers",
        body: { ...dry, name: "Dry Run with Fixture", fixture: "${1:fixture.toml}" },
      },
      {
        label: "Countersign: Live Run",
        description: "Runs a graph for real and stops where it is told to",
        body: { ...dry, name: "Debug Live Run", live: true, inputFile: "${1:payload.json}" },
      },
    ],
  },
];

/** `contributes.breakpoints`. */
export const breakpoints = ["toml", "yaml", "markdown", "skill", "countersign-pipeline"].map((language) => ({
  language,
  when: GRAPH_ACTIVE_KEY,
}));
