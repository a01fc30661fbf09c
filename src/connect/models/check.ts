/**
 * Checks of the model configuration before a run starts: class `config`, exit code 2 (spec/workflow.md §9.2, §9.3).
 */
import { failure, type Failure } from "../../graph/failure.ts";
import type { ModelBackend } from "../../graph/model.ts";
import { plainHttpUrl } from "./plain_http.ts";
import { wires } from "./providers.ts";
import { endpointOf } from "./remote.ts";
import { secretProblem, type ProbeSecret } from "./secret.ts";

/** The command line's transports for the backend `default`. `bearer` is the token itself, from its file or variable. */
export interface DefaultTransports {
  readonly intelUnix: string | null;
  readonly intelHttp: string | null;
  readonly bearer: string | null;
}

/** No transports. */
export const noTransports: DefaultTransports = { intelUnix: null, intelHttp: null, bearer: null };

/** The first thing wrong with the command line's transports. `--intel-unix` wins, so the other is then not looked at. */
export function checkTransports(transports: DefaultTransports): Failure | null {
  if (transports.intelUnix !== null)
    return transports.intelUnix === "" ? failure("config", "--intel-unix: the path is empty") : null;
  if (transports.intelHttp === null) return null;
  const url = plainHttpUrl(transports.intelHttp);
  if (!(url instanceof URL)) return url;
  const token = transports.bearer?.trim() ?? "";
  return /^[\x21-\x7e]*$/.test(token)
    ? null
    : failure("config", "--intel-http: the bearer token cannot be sent in an HTTP header");
}

/**
 * The first thing wrong with `[[intelligence.backends]]`, in document order. `probe` says whether a key can be
 * found now; it must not start a program or fetch a token (spec/runtime.md §2), and may say yes for such sources.
 */
export async function checkBackends(backends: readonly ModelBackend[], probe: ProbeSecret): Promise<Failure | null> {
  const names = new Set<string>();
  for (const backend of backends) {
    const problem = shapeProblem(backend, names);
    if (problem !== null) return failure("config", problem);
    names.add(backend.name);
    const key = backend.apiKeyEnv;
    if (key === null) continue;
    const found = await probe(key);
    if (!found.ok)
      return failure("config", `intelligence.backends.${backend.name}: ${secretProblem(key, found.message)}`);
  }
  return null;
}

function shapeProblem(backend: ModelBackend, names: ReadonlySet<string>): string | null {
  const { name, provider } = backend;
  if (name.trim() === "") return "intelligence.backends: `name` must be non-empty";
  if (name === "default")
    return "intelligence.backends: the name `default` is reserved for the --intel-unix / --intel-http CLI transports";
  if (names.has(name)) return `intelligence.backends: duplicate backend name \`${name}\``;
  const at = `intelligence.backends.${name}:`;
  if (backend.model.trim() === "") return `${at} \`model\` is required`;
  if (wires[provider].keyRequired && (backend.apiKeyEnv ?? "") === "")
    return `${at} \`api_key_env\` is required for ${provider} (keys never live in the TOML)`;
  if (wires[provider].base === null && (backend.baseUrl ?? "") === "")
    return `${at} \`base_url\` is required for ${provider}`;
  if (endpointOf(backend) === null)
    return `${at} \`base_url\` must be an http:// or https:// URL without a user name or password`;
  return null;
}
