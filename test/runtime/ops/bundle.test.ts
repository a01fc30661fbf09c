/** Archives, manifests and redaction of bundles, by properties and by hostile input. */
import { generateKeyPairSync, sign } from "node:crypto";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Signer } from "../../../src/effects/signing.ts";
import type { TrustedKey } from "../../../src/governance/credentials/model.ts";
import { readBundle } from "../../../src/runtime/ops/bundle-read.ts";
import { packBundle } from "../../../src/runtime/ops/bundle-write.ts";
import { checkManifest, withManifest } from "../../../src/runtime/ops/manifest.ts";
import { keyedDigest, redactedArguments, redactedEnvironment } from "../../../src/runtime/ops/redact.ts";
import { readTar, writeTar } from "../../../src/runtime/ops/tar.ts";
import { folderWith } from "../../cli/terminal.ts";

const canary = "canary-9f2c1e77aa31";

const files = (entries: Record<string, string>): Map<string, Uint8Array> =>
  new Map(Object.entries(entries).map(([name, text]) => [name, Buffer.from(text)]));

/** An archive whose first header has been changed, its checksum made right again. */
function forged(change: (header: Buffer) => void, name = "a.txt"): Uint8Array {
  const archive = Buffer.from(writeTar(files({ [name]: "x" })));
  const header = archive.subarray(0, 512);
  change(header);
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return archive;
}

const named = (name: string): Uint8Array => forged((header) => header.fill(0, 0, 100).write(name, 0, "utf8"));

function codeOf(result: { ok: boolean; problem?: { code: string } }): string {
  return result.ok ? "ok" : (result.problem?.code ?? "?");
}

describe("archives", () => {
  it("come back as they went, and are the same bytes every time", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,12}(\/[a-z]{1,12}){0,3}$/), fc.uint8Array()),
        async (made) => {
          const map = new Map(Object.entries(made));
          const read = readTar(writeTar(map));
          if (!read.ok) throw new Error(read.problem.code);
          expect(new Map([...read.value].map(([name, bytes]) => [name, [...bytes]]))).toEqual(
            new Map([...map].map(([name, bytes]) => [name, [...bytes]])),
          );
          expect(Buffer.from(await packBundle(map)).equals(await packBundle(map))).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("never throw, whatever bytes they are made of", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4096 }), (bytes) => {
        expect(typeof readTar(bytes).ok).toBe("boolean");
      }),
    );
    const whole = Buffer.from(writeTar(files({ "a.txt": "hello", "b/c.txt": "there" })));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(whole);
        changed[at] = byte;
        expect(typeof readTar(changed).ok).toBe("boolean");
      }),
    );
  });

  it.each(["../up.txt", "/etc/passwd", "a/../../b", "a//b", "a\\b", "C:x", "a/./b", "nul\u0001", "dot."])(
    "refuse the path %j",
    (name) => {
      expect(codeOf(readTar(named(name)))).toBe("bundle.path");
    },
  );

  it.each([..."123467", "x", "g", "L", "Z"])("refuse an entry of type %s", (type) => {
    expect(codeOf(readTar(forged((header) => header.write(type, 156, "latin1"))))).toBe("bundle.entry_type");
  });

  it("refuse what is cut, goes on behind its end, lies about a size, or holds a file twice", () => {
    const whole = Buffer.from(writeTar(files({ "a.txt": "hello" })));
    expect(codeOf(readTar(whole.subarray(0, 700)))).toBe("bundle.truncated");
    expect(codeOf(readTar(whole.subarray(0, whole.length - 512)))).toBe("bundle.truncated");
    expect(codeOf(readTar(Buffer.concat([whole, Buffer.from("more")])))).toBe("bundle.trailing");
    expect(codeOf(readTar(forged((header) => header.write("77777777777", 124, "latin1"))))).toBe("bundle.truncated");
    expect(codeOf(readTar(forged((header) => header.fill(0x80, 124, 136))))).toBe("bundle.tar");
    const twice = Buffer.concat([whole.subarray(0, 1024), whole]);
    expect(codeOf(readTar(twice))).toBe("bundle.duplicate");
    const folded = Buffer.concat([Buffer.from(writeTar(files({ "A.txt": "x" }))).subarray(0, 1024), whole]);
    expect(codeOf(readTar(folded))).toBe("bundle.duplicate");
    const broken = Buffer.from(whole);
    broken[0] = 0x62;
    expect(codeOf(readTar(broken))).toBe("bundle.tar");
    expect(codeOf(readTar(whole, { files: 0, bytes: 1e9 }))).toBe("bundle.too_many");
    expect(codeOf(readTar(whole, { files: 9, bytes: 100 }))).toBe("bundle.too_large");
  });

  it("are read from disk within bounds: bombs, damage, links and pipes are refused", async () => {
    const packed = gzipSync(writeTar(files({ "a.txt": "x".repeat(1 << 20) })));
    const folder = await folderWith({ "bomb.tgz": packed, "cut.tgz": packed.subarray(0, 200), "no.tgz": "no gzip" });
    const small = { files: 10, bytes: 100_000 };
    expect(codeOf(await readBundle(path.join(folder, "bomb.tgz"), small))).toBe("bundle.too_large");
    expect(codeOf(await readBundle(path.join(folder, "cut.tgz")))).toBe("bundle.gzip");
    expect(codeOf(await readBundle(path.join(folder, "no.tgz")))).toBe("bundle.gzip");
    expect(codeOf(await readBundle(path.join(folder, "nix.tgz")))).toBe("bundle.missing");
    await mkdir(path.join(folder, "b"));
    await symlink("/etc/passwd", path.join(folder, "b", "link.txt"));
    expect(codeOf(await readBundle(path.join(folder, "b")))).toBe("bundle.entry_type");
    await rm(path.join(folder, "b", "link.txt"));
    await writeFile(path.join(folder, "b", "big"), Buffer.alloc(200_000));
    expect(codeOf(await readBundle(path.join(folder, "b"), small))).toBe("bundle.too_large");
  });

  it("have the layout that tar(1) reads: 512-byte blocks and a ustar magic", () => {
    const archive = Buffer.from(gunzipSync(gzipSync(writeTar(files({ "a.txt": "x" })))));
    expect(archive.length % 512).toBe(0);
    expect(archive.toString("latin1", 257, 265)).toBe("ustar\u000000");
  });
});

describe("manifests", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = new Uint8Array(Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url"));
  const signer: Signer = {
    kid: "k1",
    publicKey: raw,
    principal: "user:ada@host",
    purposes: ["manifest"],
    sign: (bytes) => Promise.resolve(new Uint8Array(sign(null, bytes, privateKey))),
  };
  const trusted: TrustedKey = {
    kid: "k1",
    publicKey: raw,
    status: "active",
    principals: ["user:ada@host"],
    purposes: ["manifest"],
    notBefore: null,
    retiredAt: null,
    environments: null,
  };
  const states = async (key: TrustedKey | null): Promise<string> => {
    const checked = checkManifest(await withManifest(files({ "a.txt": "x" }), signer), () => key);
    return checked.ok ? checked.value.authenticity.state : checked.problem.code;
  };

  it("are trusted by a key that is trusted for manifests, and by no other", async () => {
    expect(await states(trusted)).toBe("trusted");
    expect(await states(null)).toBe("untrusted");
    expect(await states({ ...trusted, status: "revoked" })).toBe("bundle.key");
    expect(await states({ ...trusted, purposes: ["approval"] })).toBe("bundle.key");
    expect(await states({ ...trusted, principals: ["user:eve@host"] })).toBe("bundle.key");
    expect(await states({ ...trusted, publicKey: new Uint8Array(32) })).toBe("bundle.key");
  });

  it("show every flipped byte of manifest and signature", async () => {
    const made = await withManifest(files({ "a.txt": "x" }), signer);
    for (const name of ["MANIFEST.json", "MANIFEST.sig"]) {
      const bytes = made.get(name) ?? new Uint8Array();
      for (let at = 0; at < bytes.length; at++) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ 1;
        const checked = checkManifest(new Map(made).set(name, flipped), (kid) => (kid === "k1" ? trusted : null));
        expect(checked.ok && checked.value.authenticity.state === "trusted", `${name} ${at}`).toBe(false);
      }
    }
  });
});

describe("redaction", () => {
  const key = { key: Buffer.alloc(32, 7), scope: "this bundle" } as const;

  it("tells variables of the allow list only, and of sensitive names a keyed digest", () => {
    const env = {
      HOME: "/home/ada",
      AWS_SECRET_ACCESS_KEY: canary,
      TZ: "UTC",
      COUNTERSIGN_ENVIRONMENT: "prod",
      COUNTERSIGN_INTEL_HTTP_BEARER: canary,
      COUNTERSIGN_INPUT: canary,
      BYTEOR_AGENT_API_KEY: canary,
      COUNTERSIGN_HTTP_POST_ALLOWLIST: `https://ada:${canary}@host/`,
    };
    const told = redactedEnvironment(env, key);
    expect(Object.keys(told)).not.toContain("HOME");
    expect(told).toMatchObject({ TZ: "UTC", COUNTERSIGN_ENVIRONMENT: "prod" });
    expect(JSON.stringify(told)).not.toContain(canary);
    expect(told["BYTEOR_AGENT_API_KEY"]).toBe(keyedDigest(canary, key));
  });

  it("tells of arguments what is no payload", () => {
    const args = [
      "run",
      "a.toml",
      "--input",
      `{"t":"${canary}"}`,
      "--environment",
      "prod",
      `--token=${canary}`,
      "--json",
    ];
    const told = redactedArguments(args, key);
    expect(told.join(" ")).not.toContain(canary);
    expect(told.slice(0, 3)).toEqual(["run", "a.toml", "--input"]);
    expect(told.slice(4, 6)).toEqual(["--environment", "prod"]);
  });
});
