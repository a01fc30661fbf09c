/** Programs: look-ups, links, swaps after the check, environment, arguments. */
import { copyFile, rename, symlink, mkdir } from "node:fs/promises";
import type { Around, Attempt } from "./driver.ts";
import { run } from "./effects.ts";

const tools = { commands: ["$A/tool"] };
const tree = { commands: ["$A/**"] };

const row = (
  name: string,
  why: string,
  policy: Attempt["policy"],
  effect: Attempt["effect"],
  around: Around = {},
): Attempt => ({
  name,
  why,
  policy,
  effect,
  around,
});

const found: readonly Attempt[] = [
  row("another program", "only one is allowed", tools, run("/usr/bin/env")),
  row("the shell", "a shell runs anything", tools, run("/bin/sh", ["-c", "cat $S/canary.txt"])),
  row("a program by a climb", "the pattern's folder is left", tree, run("$A/../secret/tool")),
  row("a link to a program outside", "the link stands inside", tree, run("$A/linked-tool")),
  row("a program below a link to a folder", "the folder stands outside", tree, run("$A/out/tool")),
  row("a name that begins like the program", "a pattern is no prefix", tools, run("$A/tool2"), {
    before: (w) => w.program(w.fill("$A/tool2"), "x"),
  }),
  row("a relative path", "it hangs on the working folder", tools, run("allowed/tool")),
  row("a bare name", "it would be looked up", tools, run("tool")),
  row(
    "a bare name that stands in the working folder",
    "a planted program",
    tree,
    run("tool", [], { lookup: true, cwd: "$A" }),
  ),
  row(
    "a bare name with an empty PATH entry",
    "an empty entry means the working folder",
    tree,
    run("tool", [], { lookup: true, cwd: "$A", env: { PATH: ":/usr/bin" } }),
  ),
  row(
    "a bare name with a relative PATH entry",
    "a planted folder",
    tree,
    run("tool", [], { lookup: true, env: { PATH: "allowed:./allowed:/usr/bin" } }),
  ),
  row(
    "a PATH entry outside",
    "another program of the same name",
    tools,
    run("tool", [], { lookup: true, env: { PATH: "$S".replace("$S", "/nonexistent") } }),
  ),
  row("an empty name", "nothing to look up", tree, run("", [], { lookup: true })),
  row("NUL in the name", "the system would cut it", tree, run("$A/tool\0/../../secret/tool")),
  row("a space behind the name", "another file", tools, run("$A/tool ")),
  row("arguments in the name", "a command line is no program", tools, run("$A/tool -x")),
  row("a file that is no program", "it cannot be started", tree, run("$A/not-executable")),
  row("a folder", "it cannot be started", tree, run("$A/sub")),
  row("full-width letters", "another file", tools, run("$A/\uff54ool")),
  row("another letter case", "another file", tools, run("$A/TOOL")),
  row("`?` in a pattern", "no wildcard", { commands: ["$A/too?"] }, run("$A/tool")),
  row("brackets in a pattern", "no class", { commands: ["$A/[t]ool"] }, run("$A/tool")),
  row("a star in the middle of a pattern", "no wildcard there", { commands: ["$R/*/tool"] }, run("$A/tool")),
  row("an empty pattern", "it matches nothing", { commands: [""] }, run("$A/tool")),
  row("no list", "an empty list allows nothing", {}, run("$A/tool")),
  row("an operator's list", "both are asked", tree, run("/bin/sh", ["-c", "true"]), {
    operator: { shellCommands: ["$A/tool"] },
  }),
  row("an operator's list without a policy", "the document's silence is no permission", null, run("/bin/sh"), {
    operator: { shellCommands: ["$A/**"] },
  }),
];

const swapped: readonly Attempt[] = [
  row("another program in its place", "the digest is another", tools, run("$A/tool"), {
    between: (w) => copyFile(w.fill("$S/tool"), w.fill("$A/tool")),
  }),
  row("another program renamed over it", "the digest is another", tools, run("$A/tool"), {
    between: async (w) => {
      await copyFile(w.fill("$S/tool"), w.fill("$A/other"));
      await rename(w.fill("$A/other"), w.fill("$A/tool"));
    },
  }),
  row("a link in its place", "the path is another", tools, run("$A/tool"), {
    between: (w) => w.swap("$A/tool", "$S/tool"),
  }),
  row("a link in its folder's place", "the path is another", tree, run("$A/bin/tool"), {
    before: async (w) => {
      await mkdir(w.fill("$A/bin"));
      await copyFile(w.fill("$A/tool"), w.fill("$A/bin/tool"));
    },
    between: (w) => w.swap("$A/bin", "$S"),
  }),
  row(
    "a link that was found and now leads elsewhere",
    "it is started by the name it was found by",
    tree,
    run("t", [], { lookup: true, env: { PATH: "/nonexistent" } }),
    {},
  ),
  row("the program is gone", "nothing to start", tools, run("$A/tool"), {
    between: (w) => rename(w.fill("$A/tool"), w.fill("$A/gone")),
  }),
  row(
    "the working folder becomes a link",
    "relative names lead elsewhere",
    { commands: ["/bin/cat", "/usr/bin/cat"] },
    run("/bin/cat", ["canary.txt"], { cwd: "$A/sub" }),
    {
      between: (w) => w.swap("$A/sub", "$S"),
    },
  ),
  row(
    "a folder above the working folder becomes a link",
    "relative names lead elsewhere",
    { commands: ["/bin/cat", "/usr/bin/cat"] },
    run("/bin/cat", ["../canary.txt"], { cwd: "$A/sub/x" }),
    {
      before: (w) => mkdir(w.fill("$A/sub/x")),
      between: async (w) => {
        await rename(w.fill("$A/sub"), w.fill("$A/gone"));
        await symlink(w.fill("$S"), w.fill("$A/sub"));
      },
    },
  ),
];

const sees = {
  commands: ["/usr/bin/env", "/bin/env", "/bin/echo", "/usr/bin/echo", "/bin/busybox", "/usr/bin/coreutils"],
};
const clean = (_w: unknown, got: string): string | null =>
  /AWS_|NODE_OPTIONS|LD_PRELOAD|HOME=/.test(got) ? got : null;

/** A child has its own environment and nothing else; what is passed on is on the list of variables. */
const environment: readonly Attempt[] = [
  row("the operator's environment", "a child would see every secret", sees, run("/usr/bin/env"), { harm: clean }),
  row(
    "this process's environment",
    "a child would inherit NODE_OPTIONS and LD_PRELOAD",
    sees,
    run("/usr/bin/env", [], { env: {} }),
    { harm: clean },
  ),
  row(
    "a variable passed on beside a policy",
    "a program would read what read_env may not",
    sees,
    run("/usr/bin/env", [], { inheritEnv: ["AWS_SECRET_ACCESS_KEY"] }),
  ),
  row(
    "a variable passed on beside an operator's list",
    "the list is of variables",
    null,
    run("/usr/bin/env", [], { inheritEnv: ["APP_MODE", "AWS_SECRET_ACCESS_KEY"] }),
    {
      operator: { envKeys: ["APP_*"] },
    },
  ),
  row(
    "a variable passed on beside an operator's empty list",
    "it allows none",
    null,
    run("/usr/bin/env", [], { inheritEnv: ["APP_MODE"] }),
    {
      operator: { envKeys: [] },
    },
  ),
  row(
    "NODE_OPTIONS passed on beside a list",
    "it makes node run other code",
    null,
    run("/usr/bin/env", [], { inheritEnv: ["NODE_OPTIONS"] }),
    {
      operator: { envKeys: ["APP_*"] },
    },
  ),
  row(
    "LD_PRELOAD passed on beside a list",
    "it makes any program run other code",
    null,
    run("/usr/bin/env", [], { inheritEnv: ["LD_PRELOAD"] }),
    {
      operator: { envKeys: ["LD_LIBRARY_PATH"] },
    },
  ),
  row(
    "a variable in other letters",
    "names are compared exactly",
    null,
    run("/usr/bin/env", [], { inheritEnv: ["Path"] }),
    {
      operator: { envKeys: ["PATH"] },
    },
  ),
];

const literal = (text: string): Around => ({
  harm: (_w, got) => (got.includes(JSON.stringify(`${text}\n`).slice(1, -1)) ? null : got),
});

/** No shell looks at arguments: they reach the program as they are. What a program makes of them is its author's risk. */
const args: readonly Attempt[] = [
  "$(cat secret/canary.txt)",
  "`cat secret/canary.txt`",
  "; cat secret/canary.txt",
  "| cat secret/canary.txt",
  "> secret/new.txt",
  "*",
  "~",
  "${HOME}",
  "a\nb",
  '"',
  "'",
  "\\",
].map((text) =>
  row(
    `the argument ${JSON.stringify(text)}`,
    "a shell would act on it",
    { commands: ["/bin/echo", "/usr/bin/echo"] },
    run("/bin/echo", [text]),
    literal(text),
  ),
);

/** All attempts on programs. */
export const attempts: readonly Attempt[] = [
  ...found,
  ...swapped,
  ...environment,
  ...args,
  row(
    "NUL in an argument",
    "the system would cut it",
    { commands: ["/bin/echo", "/usr/bin/echo"] },
    run("/bin/echo", ["a\0b"]),
  ),
];

/** What must still start. */
export const twins: readonly Attempt[] = [
  row("the program", "", tools, run("$A/tool")),
  row("the program with arguments", "", tools, run("$A/tool", ["-x", "--y=1"])),
  row("the program by a climb that stays inside", "", tools, run("$A/sub/../tool")),
  row("the program through a link to its folder", "", tools, run("$R/alias/tool")),
  row("a pattern that is a link to the program", "", { commands: ["$R/alias/tool"] }, run("$A/tool")),
  row(
    "a program found in PATH",
    "",
    { commands: ["/bin/echo", "/usr/bin/echo"] },
    run("echo", ["x"], { lookup: true }),
  ),
  row("a program in a working folder", "", tools, run("$A/tool", [], { cwd: "$A/sub" })),
  row("a variable that is on the list", "", null, run("/usr/bin/env", [], { inheritEnv: ["APP_MODE"] }), {
    operator: { envKeys: ["APP_*"] },
  }),
  row(
    "what every tool is given, beside a list",
    "",
    null,
    run("/usr/bin/env", [], { inheritEnv: ["PATH", "HOME", "TMPDIR"] }),
    { operator: { envKeys: [] } },
  ),
];
