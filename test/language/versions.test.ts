/** What is taken over from one version of a document to the next is what would be found anew. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findingsOf, type GraphFacts } from "../../language/findings.ts";
import type { Located } from "../../language/located.ts";
import { outlineOf } from "../../language/structure/outline.ts";
import { tokensOf } from "../../language/structure/tokens.ts";
import { occurrencesOf } from "../../language/symbols/occurrences.ts";
import type { LiveDocument } from "../../src/dialects/live/live.ts";
import { createOpenLive } from "../../src/dialects/live/open.ts";
import { definitions } from "../../src/kinds/definitions.generated.ts";

const toml = `name = "w"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "a"
[[nodes]]
id = "a"
type = "read_file"
path = "x"
[[nodes]]
id = "b"
type = "parse_json"
input_from = "a.content"
[[edges]]
from = "a"
to = "b"
[nodes.retry]
max_attempts = 3
[[nodes]]
id = "c"
type = "template_render"
template = "{{ok.x}} {{secret:KEY}}"
input_from = "b.parsed"
[[edges]]
from = "b"
to = "c"
when = "error"
`;
const yaml = `name: w
steps:
  - id: a
    run: { type: cli-tool, command: echo }
  - id: b
    skill: ../hello
    inputs: { n: 1 }
    context:
      message: a.stdout
  - id: c
    when: { field: b.ok, equals: true }
    run:
      type: agent-task
      task: t
    context:
      more: b.message
`;

/** All checks, the slow ones too; nothing is known of files, and no policy speaks. */
const facts = (): GraphFacts => ({ bundle: null, decide: () => ({ decision: "depends", reason: "" }) });

const edit = fc.record({
  at: fc.nat(1000),
  remove: fc.nat(12),
  insert: fc.constantFrom(
    "",
    "x",
    "a",
    "b",
    "\n",
    "\r",
    '"',
    "# note\n",
    "[[nodes]]\n",
    '\nid = "a"',
    "  - id: d\n",
    ".",
  ),
});

function seen(live: LiveDocument, found: Located): unknown {
  const names = occurrencesOf(live).map(({ symbol, role, span, range, written, path, within }) => {
    return { symbol, role, span, range, written, path, within };
  });
  return { findings: found.findings, names, tokens: tokensOf(live), outline: outlineOf(live) };
}

describe.each([
  ["w.toml", toml],
  ["graph.yaml", yaml],
])("%s", (file, text) => {
  test("after any edits, findings, names, tokens and outline are those of a document that is opened anew", () => {
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
        const open = createOpenLive({ kinds: definitions });
        let now = text;
        let live: LiveDocument | null = null;
        let found: Located | null = null;
        for (const { at, remove, insert } of [{ at: 0, remove: 0, insert: "" }, ...edits]) {
          const from = at % (now.length + 1);
          now = now.slice(0, from) + insert + now.slice(from + remove);
          live = open(now, file, live);
          if (live === null) return;
          found = findingsOf(live, facts, null, found);
          const anew = createOpenLive({ kinds: definitions })(now, file);
          expect(anew).not.toBeNull();
          if (anew === null) return;
          expect(seen(live, found)).toEqual(seen(anew, findingsOf(anew, facts, null)));
        }
      }),
      { numRuns: 40 },
    );
  });
});
