import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { httpPerformer } from "../../../src/connect/world/http.ts";
import { act, http, listen, messageOf, scope, scratch, secretsOf, valueOf } from "./support.ts";

const where = scope("http_request");

/** A certificate authority, and a server certificate that it signed for `names`. */
async function certificates(names: string): Promise<{ ca: string; cert: string; key: string }> {
  const at = await scratch();
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: at, stdio: "pipe" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=test ca");
  openssl("req", ...key, "-keyout", "s.key", "-out", "s.csr", "-subj", "/CN=server");
  await writeFile(join(at, "ext"), `subjectAltName=${names}\n`);
  const signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "ext"];
  openssl("x509", "-req", "-in", "s.csr", ...signing, "-out", "s.pem");
  const read = (name: string) => readFile(join(at, name), "utf8");
  return { ca: await read("ca.pem"), cert: await read("s.pem"), key: await read("s.key") };
}

describe("https", () => {
  let port = 0;
  let ca = "";
  let seen: { servername: string; host: string | undefined; types: string[] }[] = [];

  beforeEach(async () => {
    const made = await certificates("DNS:api.example,IP:127.0.0.1");
    ca = made.ca;
    seen = [];
    port = await listen(
      createServer({ cert: made.cert, key: made.key }, (request, response) => {
        const socket = request.socket as unknown as { servername: string | false };
        const types = request.rawHeaders.filter((_, at) => request.rawHeaders[at - 1] === "Content-Type");
        seen.push({ servername: socket.servername || "", host: request.headers.host, types });
        response.end("secure");
      }),
    );
  });

  const client = (host: string, trusted: string | undefined) =>
    httpPerformer({
      secrets: secretsOf({}),
      resolveName: (name) => (name === host ? Promise.resolve(["127.0.0.1"]) : Promise.reject(new Error("asked"))),
      ...(trusted === undefined ? {} : { ca: trusted }),
    });

  it("checks the certificate against the name, on the address that was checked", async () => {
    const result = await act(client("api.example", ca), http(`https://api.example:${port}/`), where);
    expect(valueOf(result)).toMatchObject({ status: 200n, body: "secure" });
    expect(seen).toEqual([{ servername: "api.example", host: `api.example:${port}`, types: [] }]);
  });

  it("works with an address in the URL", async () => {
    const result = await act(client("", ca), http(`https://127.0.0.1:${port}/`), where);
    expect(valueOf(result)).toMatchObject({ status: 200n });
  });

  it("refuses a certificate for another name, without doubt: nothing was sent", async () => {
    const effect = http(`https://other.example:${port}/`, { method: "POST", body: "x" });
    const result = await act(client("other.example", ca), effect, where);
    expect(messageOf(result)).toContain(`connect other.example:${port}: Hostname/IP does not match certificate`);
    expect(result).not.toHaveProperty("doubt");
    expect(seen).toEqual([]);
  });

  it("refuses an unknown authority, whatever the environment says", async () => {
    const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      const result = await act(client("api.example", undefined), http(`https://api.example:${port}/`), where);
      expect(messageOf(result)).toMatch(/connect api\.example:\d+: .*certificate/);
    } finally {
      if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
    }
    expect(seen).toEqual([]);
  });
});
