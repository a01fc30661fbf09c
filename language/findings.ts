/**
 * Everything that is wrong with a document, as `countersign validate` says it (DESIGN.md "Diagnostics"): reading, the
 * dialect's own rules, policies, and the checks over its graphs, with severities as configured and without what the
 * author has silenced.
 *
 * Pure over what was gathered: files and decisions come as facts.
 */
import { parseConfigFile } from "../src/config/file.ts";
import { checkSeverities } from "../src/config/severities.ts";
import { policyFileOf, type Bundle } from "../src/dialects/bundle.ts";
import { fileFacts } from "../src/dialects/file-facts.ts";
import type { LiveDocument } from "../src/dialects/live/live.ts";
import { mutatingRetries } from "../src/dialects/skill/retries.ts";
import { checkFixture, type TestedDocument } from "../src/fixtures/check.ts";
import { parseFixture } from "../src/fixtures/parse.ts";
import { scopeOf, type DecideAhead } from "../src/governance/static/ahead.ts";
import { checkAllowLists, checkPolicy, checkPolicyFile } from "../src/governance/static/check.ts";
import { checkGraph, type CheckContext, type EffectVerdict } from "../src/graph/checks/check-graph.ts";
import type { Diagnostic, Related } from "../src/graph/diagnostic.ts";
import { withoutIgnored } from "../src/graph/ignores.ts";
import type { Graph, LiteralEffect } from "../src/graph/model.ts";
import { fromPlain, toText } from "../src/graph/value.ts";
import { kindTable } from "../src/kinds/definitions.generated.ts";
import { perObject } from "../src/graph/memo.ts";
import { located, type Finding, type Located } from "./located.ts";
import { codeSeverities } from "./schema/codes.ts";

export type { Finding } from "./located.ts";

/** What is known of the world around one graph. */
export interface GraphFacts {
  readonly bundle: Bundle | null;
  readonly decide: DecideAhead;
}

/**
 * Everything found in one document. `factsOf` gives null for a graph whose facts are not known yet: its fast checks
 * run. `tested` is the document of a fixture, once it is known. `before`: an earlier version, for speed only.
 */
export function findingsOf(
  live: LiveDocument,
  factsOf: (graph: Graph) => GraphFacts | null,
  tested: TestedDocument | null,
  before: Located | null = null,
): Located {
  const found: Diagnostic[] = live.what.document === "config" ? configFindings(live) : [...live.findings];
  if (live.what.document === "fixture" && live.what.dialect === "workflow" && live.accepted)
    found.push(...fixtureFindings(live, tested));
  for (const { graph } of live.graphs) for (const one of graphFindings(graph, found, factsOf(graph))) found.push(one);
  return located(live, distinct(found), before);
}

/**
 * Findings as they are shown: severities as configured, ignored ones left out, unused ignores reported. What may only
 * follow from a broken part of the text is left out last: a comment that silences it is not unused.
 */
export function shownFindings(
  findings: readonly Finding[],
  live: LiveDocument,
  apply: (diagnostics: readonly Diagnostic[]) => Diagnostic[],
): Finding[] {
  const kept = withoutIgnored(apply(findings) as Finding[], live.text, live.file);
  const unsure = live.graphs.flatMap((one) => (one.unsure === undefined ? [] : [one.unsure]));
  return unsure.length === 0 ? kept : kept.filter(({ code }) => !unsure.some((codes) => codes.has(code)));
}

function graphFindings(graph: Graph, standing: readonly Diagnostic[], facts: GraphFacts | null): Diagnostic[] {
  const own = checkPolicy(graph);
  const found = [...standing, ...own];
  if (facts === null) return [...own, ...checkGraph(graph, kindTable, { found, fastOnly: true })];
  const { bundle } = facts;
  const context: CheckContext = {
    found,
    decide: verdicts(graph, facts.decide),
    ...(bundle === null ? {} : { files: fileFacts(bundle, graph), key: bundle.root }),
  };
  const across = bundle === null ? [] : mutatingRetries(bundle).filter((one) => one.file === graph.file);
  const source = bundle === null ? null : policyFileOf(bundle, graph);
  if (source !== null) across.push(...checkPolicyFile(graph, source));
  return [...own, ...across, ...checkGraph(graph, kindTable, context)];
}

interface Verdicts {
  /** What they were given under. */
  readonly scope: string;
  readonly of: WeakMap<LiteralEffect, EffectVerdict | null>;
}

/** Verdicts by who gave them: effects of nodes that did not change keep theirs. */
const given = new WeakMap<DecideAhead, Verdicts>();

/** What policy would say to the effects of a graph; each is decided once. */
function verdicts(graph: Graph, decide: DecideAhead): NonNullable<CheckContext["decide"]> {
  const scopes = [scopeOf(graph)];
  const scope = toText(fromPlain(scopes));
  const before = given.get(decide);
  const known = before?.scope === scope ? before.of : new WeakMap<LiteralEffect, EffectVerdict | null>();
  given.set(decide, { scope, of: known });
  return (effect, node) => {
    let verdict = known.get(effect);
    if (verdict === undefined) {
      const decision = decide(effect, node.kind, scopes);
      verdict = decision.decision === "depends" ? null : decision;
      known.set(effect, verdict);
    }
    return verdict;
  };
}

function fixtureFindings(live: LiveDocument, tested: TestedDocument | null): readonly Diagnostic[] {
  const { fixture, diagnostics } = parseFixture(live.text, live.file);
  return fixture === null || tested === null ? diagnostics : [...diagnostics, ...checkFixture(fixture, tested)];
}

/** A configuration's errors of syntax have a code of their own. */
function configFindings(live: LiveDocument): Diagnostic[] {
  if (live.findings.length > 0)
    return live.findings.map((one) => (one.code === "toml_syntax" ? { ...one, code: "config_syntax" } : one));
  const parsed = parseConfigFile(live.text, live.file, "workspace");
  if (!parsed.ok) return [...parsed.problems];
  return [...checkAllowLists(parsed.config.allow), ...checkSeverities(parsed.config, codeSeverities)];
}

/** Runners of one manifest share findings; each is reported once. */
function distinct(found: readonly Diagnostic[]): Diagnostic[] {
  // Places are compared only where messages agree, which is seldom.
  const first = new Map<string, Diagnostic>();
  const seen = new Set<string>();
  return found.filter((one) => {
    const alike = first.get(one.message);
    if (alike === undefined) {
      first.set(one.message, one);
      return true;
    }
    seen.add(identity(alike));
    const { size } = seen;
    return seen.add(identity(one)).size > size;
  });
}

const identity = perObject(({ code, message, at }: Diagnostic) => JSON.stringify([code, message, at]));

/** Where the file of a related place is: its own document, or one of the bundle's under the name it was read by. */
export function relatedKey(related: Related, live: LiveDocument, bundle: Bundle | null): string {
  if (related.file === live.file) return live.file;
  for (const { key, graph } of bundle?.entries.values() ?? []) if (graph?.file === related.file) return key;
  return related.file;
}
