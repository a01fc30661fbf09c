/** Dry runs that are debugged: what they do not know, what stands in for people and secrets, and whose time it is. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { scratchFolder } from "../language/program.ts";
import { chainFolder, Rig } from "./rig.ts";

/** Reads a secret, and branches by what it says. */
const secretive = `name = "secretive"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "token"
[[nodes]]
id = "token"
type = "read_env"
key = "SOME_TOKEN"
[[nodes]]
id = "by"
type = "switch"
expr = "token.value"
[[nodes]]
id = "known"
type = "template_render"
template = "known"
[[edges]]
from = "token"
to = "by"
[[edges]]
from = "by"
to = "known"
when = "abc-defg-hij"
[policy.env]
read_keys = ["SOME_TOKEN"]
`;

describe("a value that is set beside a secret", () => {
  test("leaves the secret to the run, and shows it to nobody", async () => {
    const folder = await scratchFolder();
    await writeFile(path.join(folder, "secretive.toml"), secretive);
    const rig = new Rig(folder, null, { SOME_TOKEN: "abc-defg-hij" });
    const thread = { threadId: 1 };
    await rig.ask("launch", { program: "secretive.toml", stopOnEntry: true });
    await rig.then("stopped", "configurationDone");
    await rig.then("stopped", "next", thread);
    const { stackFrames } = await rig.ask("stackTrace", thread);
    const { scopes } = await rig.ask("scopes", { frameId: (stackFrames as { id: number }[])[0]?.id });
    const outputs = (scopes as { name: string; variablesReference: number }[]).find(({ name }) => name === "Outputs");
    const { variables } = await rig.ask("variables", { variablesReference: outputs?.variablesReference });
    const { variablesReference } = (variables as { variablesReference: number }[])[0] ?? {};
    await rig.ask("variables", { variablesReference });
    await rig.then("stopped", "setVariable", { variablesReference, name: "key", value: '"ANOTHER"' });
    expect(await rig.ask("evaluate", { expression: "token.key" })).toMatchObject({ result: '"ANOTHER"' });
    await rig.then("stopped", "next", thread);
    const { stackFrames: after } = await rig.ask("stackTrace", thread);
    expect(after).toMatchObject([{ name: "known · secretive" }]);
    expect(JSON.stringify(rig.heard)).not.toContain("abc-defg-hij");
    await rig.adapter.close();
  });
});

describe("time that is spent looking", () => {
  test("is none of the run's, also when it goes on from an earlier step", async () => {
    const { folder, file } = await chainFolder(4);
    vi.useFakeTimers({ toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    const rig = new Rig(folder);
    const thread = { threadId: 1 };
    await rig.ask("launch", { program: file, stopOnEntry: true });
    await rig.then("stopped", "configurationDone");
    await rig.then("stopped", "next", thread);
    await rig.then("stopped", "next", thread);
    vi.setSystemTime(Date.now() + 3_600_000);
    await rig.then("stopped", "stepBack", thread);
    const { body } = await rig.then("stopped", "continue", thread);
    expect(body).toMatchObject({ description: "the run completed" });
    await rig.adapter.close();
  });
});

/** Goes one of two ways, as a person says. */
const asking = `name = "asking"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "ask"
[[nodes]]
id = "ask"
type = "pause_for_approval"
reason = "Shall we?"
[[nodes]]
id = "go"
type = "template_render"
template = "go"
[[nodes]]
id = "stay"
type = "template_render"
template = "stay"
[[edges]]
from = "ask"
to = "go"
[[edges]]
from = "ask"
to = "stay"
when = "denied"
`;

describe("a fixture that is debugged", () => {
  test.each([
    ["denied", "stay"],
    ["approved", "go"],
  ])("goes the way of its answers: %s", async (answer, node) => {
    const folder = await scratchFolder();
    const fixture = `document = "asking.toml"\n[answers]\nask = "${answer}"\n[expected]\nstatus = "completed"\n`;
    await writeFile(path.join(folder, "asking.toml"), asking);
    await writeFile(path.join(folder, "fixture.toml"), fixture);
    const rig = new Rig(folder);
    await rig.ask("launch", { program: "asking.toml", fixture: "fixture.toml" });
    await rig.then("stopped", "configurationDone");
    expect(rig.adapter.session?.history.entries.map(({ act }) => act.node)).toEqual(["ask", node]);
    await rig.adapter.close();
  });
});

describe("a fixture of a dry run that is debugged", () => {
  test("assumes what it assumes as a test", async () => {
    const folder = await scratchFolder();
    await writeFile(path.join(folder, "unknown.toml"), unknown);
    const assuming = `document = "unknown.toml"
dry_run = true
[assume]
decide = "true"
[trigger.payload]
url = "http://127.0.0.1:9/x"
[expected]
status = "completed"
`;
    await writeFile(path.join(folder, "fixture.toml"), assuming);
    const rig = new Rig(folder);
    await rig.ask("launch", { program: "unknown.toml", fixture: "fixture.toml" });
    await rig.then("stopped", "configurationDone");
    expect(rig.adapter.session?.history.entries.map(({ act }) => act.node)).toEqual(["2nd", "decide", "yes"]);
    await rig.adapter.close();
  });
});

/** A dry run that knows nothing of what it branches by. */
const unknown = `name = "unknown"
[[start_nodes]]
name = "main"
source = "manual"
entry_node = "2nd"
[[nodes]]
id = "2nd"
type = "http_request"
method = "GET"
url_from = "trigger.url"
[[nodes]]
id = "decide"
type = "condition"
expr = "2nd.body"
[[nodes]]
id = "yes"
type = "pause_for_approval"
reason = "really?"
[[edges]]
from = "2nd"
to = "decide"
[[edges]]
from = "decide"
to = "yes"
when = "true"
[policy.http]
urls = ["http://127.0.0.1:9/**"]
methods = ["GET"]
`;

describe("what a dry run does not know", () => {
  async function unknownRig(): Promise<{ readonly rig: Rig; readonly launch: object }> {
    const folder = await scratchFolder();
    const file = path.join(folder, "unknown.toml");
    await writeFile(file, unknown);
    return { rig: new Rig(folder), launch: { program: file, input: { url: "http://127.0.0.1:9/x" } } };
  }
  const thread = { threadId: 1 };
  const said = (rig: Rig): string =>
    rig.heard.flatMap(({ event, body }) => (event === "output" ? [String(body?.["output"])] : [])).join("");

  test("is told while one steps, and can be set by the one who steps", async () => {
    const { rig, launch } = await unknownRig();
    await rig.ask("launch", { ...launch, stopOnEntry: true });
    await rig.then("stopped", "configurationDone");
    await rig.then("stopped", "next", thread);
    await rig.then("stopped", "next", thread);
    expect(said(rig)).toContain("decide: nobody knows its condition in a dry run, so `false` is assumed");
    expect(said(rig)).toContain("the run completed; branches were assumed at decide");
    await rig.then("stopped", "stepBack", thread);
    const { seq, history } = rig.adapter.session ?? {};
    expect(history?.events.at(-1)).toMatchObject({ type: "cursor.moved", to: seq });
    const { stackFrames } = await rig.ask("stackTrace", thread);
    const { scopes } = await rig.ask("scopes", { frameId: (stackFrames as { id: number }[])[0]?.id });
    const { variablesReference } = (scopes as { variablesReference: number }[])[0] ?? {};
    const { variables } = await rig.ask("variables", { variablesReference });
    expect(variables).toMatchObject([{ name: "2nd.body", value: "null" }]);
    await rig.then("stopped", "setVariable", { variablesReference, name: "2nd.body", value: '"there"' });
    expect(await rig.ask("evaluate", { expression: "2nd.body" })).toMatchObject({ result: '"there"' });
    await rig.then("stopped", "continue", thread);
    expect(said(rig)).toContain("the run completed; a live run would have waited for an answer at yes");
    expect(rig.adapter.session?.history.events.filter(({ type }) => type === "run.forked")).toHaveLength(1);
    await rig.adapter.close();
  });

  test("stays unknown when something else of it is set", async () => {
    const { rig, launch } = await unknownRig();
    await rig.ask("launch", { ...launch, stopOnEntry: true });
    await rig.then("stopped", "configurationDone");
    await rig.then("stopped", "next", thread);
    const { stackFrames } = await rig.ask("stackTrace", thread);
    const { scopes } = await rig.ask("scopes", { frameId: (stackFrames as { id: number }[])[0]?.id });
    const { variablesReference } = (scopes as { variablesReference: number }[])[1] ?? {};
    await rig.then("stopped", "setVariable", { variablesReference, name: "2nd", value: '{"status": 200}' });
    await rig.then("stopped", "continue", thread);
    expect(said(rig)).toContain("the run completed; branches were assumed at decide");
    await rig.adapter.close();
  });

  test("is assumed as the configuration says, and what names no branch is refused", async () => {
    for (const [assume, why] of [
      [{ nobody: "true" }, "`assume`, nobody: there is no node `nobody` [assume]"],
      [{ decide: "perhaps" }, "`assume`, decide: `decide` has the labels `true`, `false` [assume]"],
    ] as const) {
      const { rig, launch } = await unknownRig();
      await rig.send("launch", { ...launch, assume }).done;
      expect(rig.heard).toMatchObject([{ success: false, message: why }]);
    }
    const { rig, launch } = await unknownRig();
    await rig.send("launch", { ...launch, live: true, assume: { decide: "true" } }).done;
    expect(rig.heard).toMatchObject([{ success: false }]);
    const other = await unknownRig();
    await other.rig.ask("launch", { ...other.launch, assume: { decide: "true" } });
    await other.rig.then("stopped", "configurationDone");
    expect(said(other.rig)).toContain("branches were assumed at decide; a live run would have waited");
    await other.rig.adapter.close();
  });
});
