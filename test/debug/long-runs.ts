/** Long runs for tests of the debugger. */
import type { JournalEvent, RunEvent } from "../../src/effects/events.ts";
import { object } from "../../src/graph/value.ts";

/** A chain of nodes, each of which renders a text; the node `n` begins in line `5 * n + 6`, its id stands in the next. */
export function chain(length: number): string {
  const lines = ['name = "chain"', "[[start_nodes]]", 'name = "main"', 'source = "manual"', 'entry_node = "n0"'];
  for (let at = 0; at < length; at++)
    lines.push(
      "[[nodes]]",
      `id = "n${at}"`,
      'type = "template_render"',
      'input_from = "trigger"',
      `template = "${at}"`,
    );
  for (let at = 1; at < length; at++) lines.push("[[edges]]", `from = "n${at - 1}"`, `to = "n${at}"`);
  return `${lines.join("\n")}\n`;
}

/** A journal: a root that opens so many children, two of which are open at a time, and then enters so many nodes. */
export function journalOfMap(children: number, nodes: number): JournalEvent[] {
  const events: JournalEvent[] = [];
  const say = (event: RunEvent): void => void events.push({ seq: events.length + 1, at: events.length, ...event });
  const opened = (frame: string, child: number): RunEvent => ({
    ...{ type: "frame.opened", frame, index: 0, child, document: "/d.toml", start: null, input: null },
    ...{ parent: frame === "" ? null : { frame: "", node: "map", visit: 1, attempt: 1 }, depth: frame === "" ? 0 : 1 },
  });
  const over = (frame: string): RunEvent => ({
    ...{ type: "frame.ended", frame, status: "completed", value: null, partial: false },
    ...{ reason: null, failure: null, lastNode: null },
  });
  say(opened("", 0));
  for (let child = 0; child < children; child++) {
    say(opened(`map[${child}]`, child));
    if (child > 0) say(over(`map[${child - 1}]`));
  }
  for (let at = 0; at < nodes; at++) {
    const act = { frame: "", node: `n${at}`, visit: 1, attempt: 1 };
    say({ type: "node.entered", ...act, edge: null });
    say({
      ...{ type: "node.ended", ...act, outcome: "continue", output: object({}), label: null },
      ...{ reason: null, partial: false, assumed: false },
      reply: null,
    });
  }
  return events;
}
