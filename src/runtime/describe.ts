/**
 * What a document would do, told without doing it: its nodes, the ways through it, the files it names, and every
 * effect that can be reached, also in children, with the decision it would get (spec/pipeline.md §4).
 *
 * Boundary: reads nothing but the loaded bundle and real paths; resolves no secret and starts nothing.
 */
import type { Bundle } from "../dialects/bundle.ts";
import { rootGraph } from "../dialects/bundle.ts";
import { specHash } from "../dialects/pipeline/canonical.ts";
import { pathsInWords, type PathLine } from "../draw/words.ts";
import type { DecisionKind, PolicyScope } from "../effects/decision.ts";
import type { GovernanceSettings } from "../governance/decider.ts";
import { decideByTable } from "../governance/static/table.ts";
import { View } from "../graph/checks/check.ts";
import type { DocumentPath } from "../graph/diagnostic.ts";
import type { Dialect, Graph, LiteralEffect, Node } from "../graph/model.ts";
import { kindDefinition, kindTable } from "../kinds/definitions.generated.ts";
import { scopeOf, type DecideAhead } from "../governance/static/ahead.ts";
import { decideAhead, literalEffects } from "./ahead.ts";
import { loadPolicyCode } from "./policy-code.ts";
import { unavailableStep } from "../kinds/step/unavailable.ts";
import { checkLoaded, displayPath, type CheckOperator } from "./check.ts";
import { sha256 } from "./documents.ts";

/** One node of the root document. */
export interface DescribedNode {
  readonly id: string;
  readonly kind: string;
  /** The node's label, else a stage's exact key, else what the kind does. */
  readonly summary: string;
  /** Families of effects it can cause by itself. */
  readonly effects: readonly string[];
  /** False when no walk reaches it. */
  readonly reachable: boolean;
}

/** A file that a node names. */
export interface DescribedFile {
  readonly node: string;
  readonly role: "child" | "schema" | "skill";
  readonly reference: string;
  /** Where it was found; null with `problem`. */
  readonly file: string | null;
  readonly problem: string | null;
}

/** A node that some walk reaches and this version cannot run: the walk ends there, class `capability`. */
export interface DescribedGap {
  /** The document it stands in; null for the root. */
  readonly document: string | null;
  readonly node: string;
  /** What it is, e.g. "is an agent task". */
  readonly what: string;
}

/** An effect that some walk can cause. */
export interface DescribedEffect {
  /** The document it stands in; null for the root. */
  readonly document: string | null;
  /** The node, or `secret NAME` and `server NAME` for what is started on the side. */
  readonly node: string;
  readonly family: LiteralEffect["family"];
  readonly method: string | null;
  /** null when it is only known at run time; then `dependsOn` may say on what. */
  readonly target: string | null;
  readonly decision: DecisionKind | "Depends";
  /** null with `Depends`. */
  readonly code: string | null;
  readonly reason: string;
  /** The reference whose value decides, e.g. `trigger.url`. */
  readonly dependsOn: string | null;
  /** With `Depends`: what it gets when no list and no policy is against it. */
  readonly otherwise: { readonly decision: DecisionKind; readonly code: string } | null;
}

/** The whole description. */
export interface Description {
  readonly name: string;
  readonly dialect: Dialect;
  readonly file: string;
  readonly text: string | null;
  /** The digest that approvals bind to; null for documents of other dialects than pipelines. */
  readonly specHash: string | null;
  readonly environment: string;
  readonly sideEffects: string;
  readonly starts: readonly { readonly name: string; readonly source: string; readonly entry: string | null }[];
  readonly nodes: readonly DescribedNode[];
  readonly paths: readonly PathLine[];
  readonly files: readonly DescribedFile[];
  /** By name and source; never a value. */
  readonly secrets: readonly { readonly name: string; readonly source: string; readonly from: string }[];
  readonly effects: readonly DescribedEffect[];
  readonly unavailable: readonly DescribedGap[];
  /** True when effects are left out because there are too many documents. */
  readonly cutShort: boolean;
  readonly warnings: number;
}

/** Documents that are looked into, each once for every chain of policies that leads to it. */
const MAX_DOCUMENTS = 500;

/** Describes a loaded document under the operator's settings. */
export async function describe(bundle: Bundle, operator: CheckOperator, cwd: string): Promise<Description> {
  const graph = rootGraph(bundle);
  const governance = operator.governance("run", graph.dialect);
  const graphs = [...bundle.entries.values()].flatMap((entry) => (entry.graph === null ? [] : [entry.graph]));
  const decide = await decideAhead(graphs, governance, cwd, loadPolicyCode(bundle).codes);
  const view = new View(graph, kindTable);
  const effects = new Effects(bundle, governance, decide, cwd);
  effects.document(bundle.root, graph, [scopeOf(graph)], null);
  effects.provisions(graph);
  return {
    name: graph.name,
    dialect: graph.dialect,
    file: displayPath(bundle.root, cwd),
    text: graph.description,
    specHash: specHashOf(bundle, graph),
    environment: governance.posture.environment,
    sideEffects: governance.posture.sideEffects,
    starts: graph.starts.map(({ name, source, entry }) => ({ name, source, entry })),
    nodes: graph.nodes.map((node) => ({
      id: node.id,
      kind: node.kind,
      summary: summaryOf(node),
      effects: [...new Set(literalEffects(node).map((effect) => effect.family))],
      reachable: view.flow.reachable(node.index),
    })),
    paths: pathsInWords(graph),
    files: filesOf(bundle, graph, cwd),
    secrets: graph.secrets.map((secret) => ({ name: secret.name, source: secret.source, from: secretFrom(secret) })),
    effects: effects.found,
    unavailable: effects.gaps,
    cutShort: effects.cutShort,
    warnings: await checkLoaded(bundle, operator, cwd),
  };
}

/** What a reader of the document must know of a node: of a stage, its key, which is its identity. */
function summaryOf(node: Node): string {
  const key = node.kind === "stage" ? node.fields["key"] : undefined;
  return node.label ?? (typeof key === "string" ? key : (kindDefinition(node.kind)?.summary ?? ""));
}

/** The digest by which credentials name a pipeline: that of its canonical bytes; null for other dialects. */
export function specHashOf(bundle: Bundle, graph: Graph): string | null {
  const bytes = graph.dialect === "pipeline" ? bundle.entries.get(bundle.root)?.bytes : undefined;
  const hashed = bytes === undefined ? null : specHash(bytes, sha256);
  return hashed?.ok === true ? hashed.hash : null;
}

function filesOf(bundle: Bundle, graph: Graph, cwd: string): DescribedFile[] {
  const links = bundle.links.get(bundle.root);
  return graph.nodes.flatMap((node) =>
    node.files.map(({ role, text }) => {
      const link = links?.get(text);
      const found = typeof link === "string" ? displayPath(link, cwd) : null;
      const problem = typeof link === "object" ? link.message : null;
      return { node: node.id, role, reference: text, file: found, problem };
    }),
  );
}

function secretFrom(secret: Graph["secrets"][number]): string {
  switch (secret.source) {
    case "env":
      return secret.var;
    case "file":
      return secret.path;
    case "command":
      return secret.argv.join(" ");
    case "oauth2":
      return secret.tokenUrl;
  }
}

/** Collects effects, document by document. */
class Effects {
  readonly found: DescribedEffect[] = [];
  readonly gaps: DescribedGap[] = [];
  cutShort = false;
  private documents = 0;
  private readonly seen = new Set<string>();
  /** Children whose secrets have been described, by key. */
  private readonly withSecrets = new Set<string>();
  private readonly bundle: Bundle;
  private readonly governance: GovernanceSettings;
  private readonly decide: DecideAhead;
  private readonly cwd: string;

  constructor(bundle: Bundle, governance: GovernanceSettings, decide: DecideAhead, cwd: string) {
    this.bundle = bundle;
    this.governance = governance;
    this.decide = decide;
    this.cwd = cwd;
  }

  /** The effects of one document under the policies of all that lead to it, outermost first. */
  document(key: string, graph: Graph, scopes: readonly PolicyScope[], shown: string | null): void {
    // The same document under the same policies decides the same.
    const policies = [...new Set(scopes.filter(({ policy }) => policy !== null).map(({ file }) => file))];
    const chain = JSON.stringify([key, policies]);
    if (this.seen.has(chain)) return;
    if (this.documents++ >= MAX_DOCUMENTS) {
      this.cutShort = true;
      return;
    }
    this.seen.add(chain);
    if (shown !== null && !this.withSecrets.has(key)) {
      this.withSecrets.add(key);
      this.secrets(graph, shown);
    }
    const view = new View(graph, kindTable);
    for (const node of graph.nodes) {
      if (!view.flow.reachable(node.index)) continue;
      const what = unavailableStep(node);
      if (what !== null && !this.gaps.some((one) => one.document === shown && one.node === node.id))
        this.gaps.push({ document: shown, node: node.id, what });
      for (const effect of literalEffects(node)) this.add(effect, node, scopes, shown);
      for (const file of node.files) {
        const link = this.bundle.links.get(key)?.get(file.text);
        const child = typeof link === "string" ? this.bundle.entries.get(link)?.graph : null;
        if (file.role === "schema" || !child || typeof link !== "string") continue;
        this.document(link, child, [...scopes, scopeOf(child)], displayPath(link, this.cwd));
      }
    }
  }

  /** What is started on the side, when something needs it: only the operator's lists speak of it. */
  provisions(graph: Graph): void {
    for (const { name, command, at } of graph.mcpServers) {
      const target = command[0] ?? null;
      this.push({ family: "shell.run", target, at: { path: at } }, `server ${name}`, "mcp_server", [], null, null);
    }
    this.secrets(graph, null);
  }

  /** Secrets that a program or an address gives. A child's own count too; its servers are those of the root. */
  private secrets(graph: Graph, shown: string | null): void {
    for (const secret of graph.secrets) {
      const at = { path: secret.at };
      const owner = `secret ${secret.name}`;
      if (secret.source === "command")
        this.push({ family: "shell.run", target: secret.argv[0] ?? null, at }, owner, "secret", [], shown, null);
      if (secret.source === "oauth2") {
        const effect = { family: "http.request", method: "POST", target: secret.tokenUrl, at } as const;
        this.push(effect, owner, "secret", [], shown, null);
      }
    }
  }

  private add(effect: LiteralEffect, node: Node, scopes: readonly PolicyScope[], shown: string | null): void {
    const reference = effect.target === null ? referenceOf(effect, node) : null;
    this.push(effect, node.id, node.kind, scopes, shown, reference);
  }

  private push(
    effect: LiteralEffect,
    owner: string,
    kind: string,
    scopes: readonly PolicyScope[],
    document: string | null,
    dependsOn: string | null,
  ): void {
    const decided = this.decide(effect, kind, scopes);
    const open = decided.decision === "depends";
    this.found.push({
      document,
      node: owner,
      family: effect.family,
      method: effect.method ?? null,
      target: effect.target,
      decision: decided.decision === "depends" ? "Depends" : decided.decision,
      code: decided.decision === "depends" ? null : decided.code,
      reason: decided.reason,
      dependsOn,
      otherwise: open ? this.otherwise(effect, kind, scopes) : null,
    });
  }

  private otherwise(
    effect: LiteralEffect,
    kind: string,
    scopes: readonly PolicyScope[],
  ): { readonly decision: DecisionKind; readonly code: string } {
    const facts = {
      mutates: ["fs.write", "http.request", "shell.run", "mcp.tool"].includes(effect.family),
      dryRun: false,
      replay: false,
      unbounded: kind === "agent_loop" && effect.family !== "model.call" && (scopes.at(-1)?.policy ?? null) === null,
    };
    const { decision, code } = decideByTable(facts, this.governance.posture, (reason) => reason);
    return { decision, code };
  }
}

/** What decides the target of an effect that the document leaves open. */
function referenceOf(effect: LiteralEffect, node: Node): string | null {
  const { path } = effect.at;
  if (node.kind === "agent_loop" && path[node.at.length] === "tools") return "the model's choice";
  const read = node.references.find((one) => samePath(one.at.path, path));
  if (read !== undefined) return read.text;
  const url = node.fields["url"];
  const markers = typeof url === "string" ? [...url.matchAll(/\{[^{}]*\}/g)].map(([marker]) => marker) : [];
  return markers.length === 0 ? null : `${markers.join(", ")} in the URL`;
}

function samePath(a: DocumentPath, b: DocumentPath): boolean {
  return a.length === b.length && a.every((key, i) => key === b[i]);
}
