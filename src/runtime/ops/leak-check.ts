/**
 * The last look at what is about to leave in a bundle: no file may hold a secret's value, in any of the forms in which
 * the masking of runs knows it. A run's journal is masked when it is written and cannot be changed afterwards without
 * breaking its chain, so a find refuses the bundle instead of editing it.
 */
import { randomBytes } from "node:crypto";
import { SecretMask } from "../../connect/secrets/mask.ts";
import type { Graph } from "../../graph/model.ts";
import { refuse, type OpsResult } from "./problem.ts";
import type { BundleFiles } from "./tar.ts";

/** Shorter values stand in texts by chance. */
const MIN_LENGTH = 8;
const MIN_UNDECLARED = 16;

/** Variables whose values are secrets by their name, whoever set them. */
const secretName = /KEY|TOKEN|SECRET|PASSWORD|PASSWD|CRED|AUTH|BEARER|PRIVATE/i;

/** Names of variables that these documents declare as secrets. */
export function declaredSecrets(graphs: Iterable<Graph>): ReadonlySet<string> {
  const names = new Set<string>();
  for (const graph of graphs) {
    for (const secret of graph.secrets) {
      if (secret.source === "env") names.add(secret.var);
      if (secret.source === "oauth2") names.add(secret.clientIdEnv).add(secret.clientSecretEnv);
    }
    for (const { apiKeyEnv } of graph.backends) if (apiKeyEnv !== null) names.add(apiKeyEnv);
  }
  return names;
}

/** Refuses files that hold a secret's value, naming the file and the variable, never the value. */
export function refuseLeaks(
  files: BundleFiles,
  env: Readonly<Record<string, string | undefined>>,
  declared: ReadonlySet<string>,
): OpsResult<null> {
  const leak = findLeak(files, env, declared);
  if (leak === null) return { ok: true, value: null };
  return refuse(
    "bundle.secret",
    `the value of \`${leak.variable}\` stands in \`${leak.path}\`; nothing was written. If it is no secret, make the bundle without that variable in the environment`,
  );
}

/** The first file that holds a secret's value, and the variable that it is the value of; null for none. */
export function findLeak(
  files: BundleFiles,
  env: Readonly<Record<string, string | undefined>>,
  declared: ReadonlySet<string>,
): { readonly path: string; readonly variable: string } | null {
  const suspects = Object.entries(env).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (declared.has(name)) return value.length >= MIN_LENGTH ? [[name, value] as const] : [];
    // A path says where a secret is, not what it is.
    const secret = secretName.test(name) && value.length >= MIN_UNDECLARED && !/^(?:[/~.]|[A-Za-z]:\\)/.test(value);
    return secret ? [[name, value] as const] : [];
  });
  if (suspects.length === 0) return null;
  const mask = new SecretMask(randomBytes(32));
  for (const [name, value] of suspects) mask.register(name, value, "secret");
  for (const [path, bytes] of files) {
    const text = Buffer.from(bytes).toString("utf8");
    const masked = mask.mask(text);
    if (masked === text) continue;
    const found = suspects.find(([name]) => masked.includes(`{secret:${name}`) && !text.includes(`{secret:${name}`));
    return { path, variable: found?.[0] ?? "a secret variable" };
  }
  return null;
}
