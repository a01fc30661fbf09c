/**
 * The policy code of a run's documents, compiled when the run starts: source by our evaluator, modules of `opa build`
 * by the SDK (spec/workflow.md §7.5). Files are those that the bundle pinned; nothing is read here.
 */
import { performance } from "node:perf_hooks";
import { linkedEntry, policyFileOf, type Bundle } from "../dialects/bundle.ts";
import { unpackBundle } from "../governance/rego-wasm/bundle.ts";
import { loadWasmPolicy, type WasmLoaded } from "../governance/rego-wasm/policy.ts";
import { checkPolicyFile } from "../governance/static/check.ts";
import { hasCode, type PolicyCode, type PolicyCodes } from "../governance/static/policy-code.ts";
import {
  compileFile,
  compileInline,
  isCompiledPolicy,
  loadProblem,
  policyCode,
  type CodeBounds,
} from "../governance/static/rego-code.ts";
import type { Diagnostic } from "../graph/diagnostic.ts";
import type { DocumentPolicy } from "../graph/model.ts";
import { isObject, object } from "../graph/value.ts";

const bounds: CodeBounds = { clock: () => performance.now() };

type Loaded = { readonly ok: true; readonly code: PolicyCode } | { readonly ok: false; readonly message: string };

/**
 * The code of every document of a bundle. `problem`: why the root's cannot be loaded, which refuses the start; that
 * of a child denies the child's effects with the same sentence.
 */
export function loadPolicyCode(bundle: Bundle): { readonly codes: PolicyCodes; readonly problem: string | null } {
  const found = new Map<DocumentPolicy, PolicyCode>();
  let problem: string | null = null;
  for (const { key, graph } of bundle.entries.values()) {
    const policy = graph?.policy ?? null;
    if (!hasCode(policy)) continue;
    const loaded = load(bundle, key, policy);
    const query = policy.rego?.query ?? "";
    if (loaded.ok) found.set(policy, loaded.code);
    else {
      if (key === bundle.root) problem = loaded.message;
      const { message } = loaded;
      found.set(policy, { query, digest: null, ask: () => ({ type: "error", code: "rego.load", message }) });
    }
  }
  return { codes: (policy) => found.get(policy), problem };
}

function load(bundle: Bundle, key: string, policy: DocumentPolicy): Loaded {
  const { rego } = policy;
  const failed = (message: string): Loaded => ({ ok: false, message: `policy load failed: ${message}` });
  if (rego === null) return failed("there is none");
  if (rego.inline !== null && rego.file !== null) {
    return failed("policy.rego: inline and file are mutually exclusive");
  }
  if (rego.file === null) {
    const compiled = compileInline(policy);
    if (compiled === null) return failed("there is none");
    if (!compiled.ok) return { ok: false, message: loadProblem(compiled.problems) };
    return { ok: true, code: policyCode(compiled, rego.query, null, bounds) };
  }
  const entry = linkedEntry(bundle, key, rego.file);
  if (!entry.ok) return failed(entry.message);
  if (isCompiledPolicy(rego.file)) return loadCompiled(entry.entry, policy);
  const compiled = compileFile(policy, rego.file, entry.entry.bytes);
  if (compiled === null) return failed(`${rego.file} is not UTF-8 text`);
  if (!compiled.ok) return { ok: false, message: loadProblem(compiled.problems) };
  return { ok: true, code: policyCode(compiled, rego.query, entry.entry.digest, bounds) };
}

function loadCompiled(
  { bytes, digest = "" }: { readonly bytes: Uint8Array; readonly digest?: string },
  { rego }: DocumentPolicy,
): Loaded {
  if (rego === null || rego.file === null) return { ok: false, message: "policy load failed: there is none" };
  const failed = (message: string): Loaded => ({ ok: false, message: `policy load failed: ${rego.file}: ${message}` });
  let wasm = bytes;
  let { data } = rego;
  if (!/\.wasm$/i.test(rego.file)) {
    const unpacked = unpackBundle(bytes);
    if (!unpacked.ok) return failed(unpacked.message);
    ({ wasm } = unpacked);
    // The document knows better than the bundle what its data is.
    data = isObject(data) || data === null ? object({ ...unpacked.data, ...data }) : data;
  }
  const loaded: WasmLoaded = loadWasmPolicy(wasm, { query: rego.query, data, digest });
  return loaded.ok ? loaded : failed(loaded.message);
}

/** Findings about the policy file of the root, for checks; an error refuses the bundle. */
export function policyFileFindings(bundle: Bundle): readonly Diagnostic[] {
  const graph = bundle.entries.get(bundle.root)?.graph;
  if (graph === undefined || graph === null) return [];
  const source = policyFileOf(bundle, graph);
  if (source === null || graph.policy === null) return [];
  if (!source.ok || !isCompiledPolicy(source.file)) return checkPolicyFile(graph, source);
  const loaded = loadCompiled(source, graph.policy);
  return loaded.ok ? [] : checkPolicyFile(graph, { ok: false, message: loaded.message });
}
