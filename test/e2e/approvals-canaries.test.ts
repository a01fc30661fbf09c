/** Canaries: secrets must not appear in anything that an approver is shown, signs, or carries about. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { folderWith } from "../cli/terminal.ts";
import { Person } from "./approvals-support.ts";
import { receiver } from "./commands.ts";

const headerCanary = "canary-header/+%=5d2b8e4f6a";
const envCanary = 'canary-env "q" 7f3a9c1e5b';
const fileCanary = "canary-file-91c7e0aa53";

const document = (base: string): string => `name = "secrets"

[[start_nodes]]
name = "main"
source = "manual"
entry_node = "env"

[[secrets]]
name = "TOKEN"
source = "env"
var = "APP_TOKEN"

[[secrets]]
name = "KEY"
source = "file"
path = "key.txt"

[[nodes]]
id = "env"
type = "read_env"
key = "APP_ENV"

[[nodes]]
id = "where"
type = "template_render"
input_from = "env"
template = "${base}/in?k={{value}}"

[[nodes]]
id = "send"
type = "http_request"
method = "POST"
url_from = "where.rendered"
body_from = "env.value"
headers = { X-Token = "{{secret:TOKEN}}", X-Key = "{{secret:KEY}}" }

[[nodes]]
id = "write"
type = "write_file"
path_from = "trigger.path"
content_from = "send.body"

[[edges]]
from = "env"
to = "where"

[[edges]]
from = "where"
to = "send"

[[edges]]
from = "send"
to = "write"
`;

const canaries = [headerCanary, envCanary, fileCanary];
/** Every form in which the canaries could stand somewhere. */
const forms = canaries.flatMap((value) => [
  value,
  JSON.stringify(value).slice(1, -1),
  encodeURIComponent(value),
  new URLSearchParams({ k: value }).toString().slice(2),
  Buffer.from(value).toString("base64").replace(/=+$/, "").slice(0, -1),
  Buffer.from(value).toString("base64url").slice(0, -1),
  Buffer.from(value).toString("hex"),
]);

function leaks(text: string): string[] {
  // A credential's payload is base64url: what it holds counts too.
  const decoded = text.split(/[^A-Za-z0-9_-]+/).map((part) => Buffer.from(part, "base64url").toString("latin1"));
  return forms.filter((form) => text.includes(form) || decoded.some((one) => one.includes(form)));
}

it("secrets stand in no request, list, page, credential, message or file of approvals; and the world gets them as they are", async () => {
  const web = await receiver((seen, _n, response) => response.end(`got ${seen.body.toString("utf8")}`));
  const folder = await folderWith({ "s.toml": document(web.base), "key.txt": fileCanary });
  const alice = await Person.with(folder, "alice");
  const bob = await Person.with(folder, "bob");
  await alice.trusts(alice);
  await alice.trusts(bob);
  const secrets = { APP_TOKEN: headerCanary, APP_ENV: envCanary };
  const kept = ["--state-dir", "state"];
  const input = JSON.stringify({ path: path.join(folder, "out.txt") });
  const texts: string[] = [];
  const said = async (who: Person, words: readonly string[], typed: readonly string[] | null = null) => {
    const ran = await who.run(words, typed, secrets);
    texts.push(ran.out, ran.err);
    return ran;
  };
  const start = await said(alice, [
    "run",
    "s.toml",
    "--environment",
    "prod",
    ...kept,
    "--input",
    input,
    "--run-id",
    "r",
  ]);
  expect(start.exit, start.err).toBe(7);
  for (const [i, node] of ["send", "write"].entries()) {
    for (const words of [["list"], ["list", "--json"], ["show", "r"], ["show", "r", "--json"]])
      expect((await said(bob, ["approvals", ...words, ...kept])).exit).toBe(0);
    const out = `bob-${i}.cred`;
    const signed = await said(bob, ["approvals", "approve", "r", ...kept, "--out", out], [node]);
    expect(signed.exit, signed.err).toBe(0);
    texts.push(readFileSync(path.join(folder, out), "utf8"));
    const on = await said(alice, ["resume", "r", ...kept, "--approval", out]);
    expect(on.exit, on.err).toBe(i === 0 ? 7 : 0);
  }
  expect(web.seen.map(({ headers, body }) => [headers["x-token"], headers["x-key"], body.toString("utf8")])).toEqual([
    [headerCanary, fileCanary, envCanary],
  ]);
  expect(new URL(web.seen[0]?.url ?? "", web.base).searchParams.get("k")).toBe(envCanary);
  expect(readFileSync(path.join(folder, "out.txt"), "utf8")).toBe(`got ${envCanary}`);
  const state = path.join(folder, "state");
  for (const name of readdirSync(state, { recursive: true }) as string[])
    if (statSync(path.join(state, name)).isFile()) texts.push(readFileSync(path.join(state, name), "latin1"));
  expect(texts.flatMap(leaks)).toEqual([]);
  // Otherwise nothing was shown that could have leaked.
  expect(texts.join("\n")).toContain("X-Token: {{secret:=TOKEN}}");
});
