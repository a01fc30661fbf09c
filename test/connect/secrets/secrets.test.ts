import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SecretMask } from "../../../src/connect/secrets/mask.ts";
import type { Admit } from "../../../src/connect/secrets/resolver.ts";
import { Secrets, type SecretsOptions } from "../../../src/connect/secrets/secrets.ts";
import { httpPerformer } from "../../../src/connect/world/http.ts";
import type { PreparedEffect } from "../../../src/effects/effect.ts";
import type { SecretSource } from "../../../src/graph/model.ts";
import { act, eventually, http, listen, messageOf, rawServer, scope, scratch } from "../world/support.ts";

const live = new AbortController().signal;
const at = ["secrets", 0] as const;
type Source<S extends SecretSource["source"]> = Extract<SecretSource, { source: S }>;

const command = (...argv: string[]): Source<"command"> => ({ name: "CMD", source: "command", argv, at });
const oauth = (port: number, extra: Partial<Source<"oauth2">> = {}): Source<"oauth2"> => ({
  name: "TOK",
  source: "oauth2",
  tokenUrl: `http://127.0.0.1:${port}/token`,
  clientIdEnv: "CLIENT_ID",
  clientSecretEnv: "CLIENT_SECRET",
  scopes: ["read", "write"],
  extraParams: { audience: "api" },
  authStyle: "body",
  skewSecs: 60,
  at,
  ...extra,
});

interface Rig {
  readonly secrets: Secrets;
  readonly mask: SecretMask;
  readonly asked: PreparedEffect[];
  readonly clock: { now: number };
  readonly get: (name: string, document?: string) => Promise<string>;
}

function rig(sources: readonly SecretSource[], extra: Partial<SecretsOptions> = {}): Rig {
  const mask = new SecretMask(Buffer.alloc(32, 1));
  const asked: PreparedEffect[] = [];
  const clock = { now: 1_000_000 };
  const admit: Admit = (prepared) => {
    asked.push(prepared);
    return Promise.resolve(null);
  };
  const secrets = new Secrets({
    env: { PATH: "/usr/bin:/bin", CLIENT_ID: "client-id-1", CLIENT_SECRET: "canary&secret=1" },
    cwd: "/",
    admit,
    sources: () => new Map([["doc", sources]]),
    mask,
    now: () => clock.now,
    ...extra,
  });
  const get = async (name: string, document = "doc") => {
    const found = await secrets.resolve(document, name, live);
    return found.ok ? found.value : `! ${found.problem}`;
  };
  return { secrets, mask, asked, clock, get };
}

describe("a secret's name", () => {
  it("means the document's own entry, then the environment", async () => {
    const env = { TOKEN: "from-env", OTHER: "other-env", BLANK: " " };
    const { get, mask } = rig([{ name: "TOKEN", source: "env", var: "OTHER", at }], { env });
    expect(await get("TOKEN")).toBe("other-env");
    expect(await get("TOKEN", "another")).toBe("from-env");
    const missing = "not declared in [[secrets]] and the env var is unset or empty";
    expect(await get("BLANK")).toBe(`! secret \`BLANK\`: ${missing}`);
    expect(await get("constructor")).toBe(`! secret \`constructor\`: ${missing}`);
    expect(mask.mask("other-env from-env")).toMatch(/^\{secret:TOKEN,[^}]*\} \{secret:TOKEN,[^}]*\}$/);
  });

  it("of a declared variable that is unset names the variable", async () => {
    const { get } = rig([{ name: "TOKEN", source: "env", var: "GONE", at }], { env: { TOKEN: "not this" } });
    expect(await get("TOKEN")).toBe("! secret `TOKEN`: env var `GONE` is unset or empty");
  });
});

describe("a secret in a file", () => {
  it("is read anew each time, trimmed at its end unless told otherwise", async () => {
    const cwd = await scratch();
    await writeFile(join(cwd, "f"), " value \n\n");
    const file = { source: "file", path: "f", at } as const;
    const { get } = rig(
      [
        { name: "T", trim: true, ...file },
        { name: "RAW", trim: false, ...file },
      ],
      { cwd },
    );
    expect(await get("T")).toBe(" value");
    expect(await get("RAW")).toBe(" value \n\n");
    await writeFile(join(cwd, "f"), "rotated");
    expect(await get("T")).toBe("rotated");
    await writeFile(join(cwd, "f"), "\n");
    expect(await get("T")).toBe("! secret `T`: file f is empty");
    await writeFile(join(cwd, "f"), Buffer.from([0xff]));
    expect(await get("T")).toBe("! secret `T`: read f: stream did not contain valid UTF-8");
  });

  it("that is missing is named as authored", async () => {
    const { get } = rig([{ name: "T", source: "file", path: "no/file", trim: true, at }]);
    expect(await get("T")).toBe("! secret `T`: read no/file: No such file or directory (os error 2)");
  });
});

describe("a secret from a command", () => {
  const counting = async () => {
    const cwd = await scratch();
    await writeFile(join(cwd, "tool"), `#!/bin/sh\necho run >> "${cwd}/runs"\necho "made-secret  "\n`);
    await chmod(join(cwd, "tool"), 0o755);
    const runs = async () => (await readFile(join(cwd, "runs"), "utf8").catch(() => "")).length / 4;
    return { tool: join(cwd, "tool"), runs };
  };

  it("is fetched when first asked for, once for all, until a reload", async () => {
    const { tool, runs } = await counting();
    const { get, secrets, asked } = rig([command(tool)]);
    expect(await runs()).toBe(0);
    expect(await Promise.all([get("CMD"), get("CMD"), get("CMD")])).toEqual(Array(3).fill("made-secret"));
    expect(await get("CMD")).toBe("made-secret");
    expect(await runs()).toBe(1);
    secrets.reload();
    await get("CMD");
    expect(await runs()).toBe(2);
    expect(asked[0]?.effect).toMatchObject({ kind: "shell.run", program: tool });
    expect(asked[0]?.description).toMatchObject({ real_path: tool });
  });

  it("is not run when it is not admitted, and the refusal is the effect's", async () => {
    const { tool, runs } = await counting();
    const denied = { class: "policy", message: "policy violation: no" } as const;
    const { secrets } = rig([command(tool)], { admit: () => Promise.resolve(denied) });
    expect(await secrets.resolve("doc", "CMD", live)).toMatchObject({ ok: false, failure: denied });
    const sending = httpPerformer({ secrets });
    const effect = http("http://127.0.0.1:1/", { headers: [["A", "{{secret:CMD}}"]] });
    expect(await act(sending, effect, scope("http_request"))).toEqual({ ok: false, failure: denied });
    expect(await runs()).toBe(0);
  });

  it.each([
    [["/bin/nope-nope"], "spawn `/bin/nope-nope`: No such file or directory (os error 2)"],
    [["sh", "-c", "echo canary-out; echo canary-err >&2; exit 3"], "`sh` exited with exit status: 3"],
    [["sh", "-c", "kill -9 $$"], "`sh` exited with signal: 9"],
    [["true"], "`true` produced no output"],
    [["printf", "\\377"], "command output is not UTF-8"],
    [[], "command source has an empty argv"],
  ])("%j fails without showing what it wrote", async (argv, problem) => {
    const { get } = rig([command(...argv)]);
    expect(await get("CMD")).toBe(`! secret \`CMD\`: ${problem}`);
  });

  it("ends early when nobody waits for it any more", async () => {
    const cwd = await scratch();
    const { secrets } = rig([command("sh", "-c", `echo $$ > ${cwd}/pid; sleep 1000`)]);
    const controller = new AbortController();
    const pending = secrets.resolve("doc", "CMD", controller.signal);
    const pid = () => readFile(join(cwd, "pid"), "utf8").catch(() => "");
    await eventually(async () => (await pid()).endsWith("\n"));
    controller.abort("timeout");
    expect(await pending).toMatchObject({ ok: false, failure: { class: "timeout" } });
    const id = Number(await pid());
    await eventually(() => {
      try {
        process.kill(id, 0);
        return false;
      } catch {
        return true;
      }
    });
  });
});

describe("an OAuth 2.0 token", () => {
  async function tokenServer(answer: (request: IncomingMessage, body: string, response: ServerResponse) => void) {
    const seen: { authorization: string | undefined; form: Record<string, string> }[] = [];
    const port = await listen(
      createServer((request, response) => {
        let body = "";
        request.on("data", (chunk) => (body += String(chunk)));
        request.on("end", () => {
          const form = Object.fromEntries(new URLSearchParams(body));
          seen.push({ authorization: request.headers.authorization, form });
          answer(request, body, response);
        });
      }),
    );
    return { port, seen };
  }
  const give = (reply: object) => (_request: IncomingMessage, _body: string, response: ServerResponse) => {
    response.end(JSON.stringify(reply));
  };

  it("is asked for with the client's credentials, and with those by name when it is decided about", async () => {
    const { port, seen } = await tokenServer(give({ access_token: "access-token-1", expires_in: 3600 }));
    const { get, asked, mask } = rig([oauth(port)]);
    expect(await get("TOK")).toBe("access-token-1");
    expect(seen).toEqual([
      {
        authorization: undefined,
        form: {
          grant_type: "client_credentials",
          scope: "read write",
          audience: "api",
          client_id: "client-id-1",
          client_secret: "canary&secret=1",
        },
      },
    ]);
    expect(asked).toHaveLength(1);
    expect(JSON.stringify(asked)).not.toContain("canary");
    expect(asked[0]?.description).toMatchObject({ kind: "http.request", method: "POST", address: "127.0.0.1" });
    for (const value of ["access-token-1", "canary&secret=1", "canary%26secret%3D1"]) {
      expect(mask.mask(`<${value}>`)).toMatch(/^<\{secret:/);
    }
  });

  it("can be asked for with basic credentials, form-encoded before they are joined", async () => {
    const { port, seen } = await tokenServer(give({ access_token: "access-token-1" }));
    const { get } = rig([oauth(port, { authStyle: "basic" })]);
    await get("TOK");
    const basic = Buffer.from("client-id-1:canary%26secret%3D1").toString("base64");
    expect(seen[0]?.authorization).toBe(`Basic ${basic}`);
    expect(seen[0]?.form).not.toHaveProperty("client_secret");
  });

  it.each([
    [{ expires_in: 600 }, 540],
    [{ expires_in: "600" }, 540],
    [{}, 240],
    [{ expires_in: 30 }, 0],
  ])("with %j serves until shortly before its end", async (extra, seconds) => {
    let count = 0;
    const { port } = await tokenServer((request, body, response) => {
      give({ access_token: `access-token-${++count}`, ...extra })(request, body, response);
    });
    const { get, clock } = rig([oauth(port)]);
    expect(await get("TOK")).toBe("access-token-1");
    clock.now += Math.max(0, seconds * 1000 - 1);
    expect(await get("TOK")).toBe(seconds === 0 ? "access-token-2" : "access-token-1");
    clock.now += 1;
    expect(await get("TOK")).toBe(seconds === 0 ? "access-token-3" : "access-token-2");
  });

  it("that is refused, redirected or missing is a problem that shows nothing of the reply", async () => {
    let answer = (response: ServerResponse): unknown => response.writeHead(401).end("canary&secret=1 is wrong");
    const { port, seen } = await tokenServer((_request, _body, response) => void answer(response));
    const { get } = rig([oauth(port)]);
    expect(await get("TOK")).toBe("! secret `TOK`: token endpoint answered with status 401");
    answer = (response) => response.writeHead(307, { location: "/elsewhere" }).end();
    expect(await get("TOK")).toBe("! secret `TOK`: token endpoint answered with status 307");
    answer = (response) => response.end('{"error":"canary&secret=1"}');
    expect(await get("TOK")).toBe("! secret `TOK`: token endpoint's reply has no `access_token`");
    expect(seen).toHaveLength(3);
  });

  it("whose credentials are missing names them, and one that needs itself does not wait for ever", async () => {
    const { get } = rig([oauth(1, { clientSecretEnv: "NOPE" })]);
    expect(await get("TOK")).toContain("secret `TOK`: secret `NOPE`: not declared in [[secrets]]");
    const circle = rig([oauth(1, { clientIdEnv: "B" }), oauth(1, { name: "B", clientSecretEnv: "TOK" })]);
    expect(await Promise.all([circle.get("TOK"), circle.get("B")])).toEqual([
      expect.stringContaining("lead back to it"),
      expect.stringContaining("lead back to it"),
    ]);
  });
});

describe("a secret on its way", () => {
  it("reaches the server and nothing else, also when the server says it back", async () => {
    const { port } = await rawServer((socket, received) => {
      const token = /Authorization: (.*)\r/.exec(received)?.[1] ?? "";
      socket.end(`HTTP/9.9 echo ${token}\r\n\r\n`);
    });
    const { secrets, mask } = rig([], { env: { TOKEN: "canary-token-value" } });
    const effect = http(`http://127.0.0.1:${port}/`, { headers: [["Authorization", "Bearer {{secret:TOKEN}}"]] });
    const result = await act(httpPerformer({ secrets }), effect, scope("http_request"));
    expect(messageOf(result)).toContain("canary-token-value");
    expect(mask.mask(messageOf(result))).not.toContain("canary-token-value");
  });

  it("can be recalled from whichever document or variable gave it", async () => {
    const env = { SHARED: "in-the-environment", OTHER: "in-a-document" };
    const before = rig([{ name: "SHARED", source: "env", var: "OTHER", at }], { env });
    await before.get("SHARED");
    before.mask.register("SHARED", "in-the-environment", "env");
    const sealed = before.mask.journal.mask("in-a-document in-the-environment");
    const after = rig([{ name: "SHARED", source: "env", var: "OTHER", at }], { env });
    expect(await after.mask.recall([sealed], after.secrets.readAgain(live))).toEqual({ ok: true });
    expect(after.mask.journal.unmask(sealed)).toEqual({ text: "in-a-document in-the-environment" });
    const changed = rig([], { env: { SHARED: "something-else" } });
    expect(await changed.mask.recall([sealed], changed.secrets.readAgain(live))).toMatchObject({
      code: "secret_changed",
    });
  });
});
