/**
 * What a run's events give for the acts that its skills declare (spec/skill-graph.md §6.6): a fold beside the one of
 * {@link RunFold}. Pure.
 *
 * The trust boundary of the seed page: a model writes the reason and nothing else. Form, purpose, target, decision, actor,
 * authority and previous come from the declaration and from inputs that whoever started the run pinned; an input that a
 * step bound by `context`, i.e. took from another step's output, is not read for them. The effect is what a step in which
 * no model was called returned.
 *
 * Kept are the texts that a declaration names, each of at most {@link MAX_ACT_TEXT} characters, and nothing else.
 */
import { activationKey, type Activation } from "../effects/effect.ts";
import type { JournalEvent } from "../effects/events.ts";
import { decisionWords, effectTypeWords, type ActKey, type DeclaredAct } from "../graph/act.ts";
import { parseJson } from "../graph/json.ts";
import type { Graph } from "../graph/model.ts";
import { isArray, isObject, member, type Value } from "../graph/value.ts";
import { actForms, type ActForm, type Choice, type ReferenceType } from "./model.ts";

/** Characters of one text of an act; what is longer is cut. */
export const MAX_ACT_TEXT = 2_000;

/** The graph of a document of the run, by the digest of all documents in force and the document's key. */
export type GraphOf = (graphDigest: string, document: string) => Graph | null;

/** One walk's act: what the declaration came to, and what steps gave for it so far. */
export interface ActNotes {
  /** The skill is a graph of steps; else it is one tool or agent. */
  readonly turn: boolean;
  readonly agent: boolean;
  /** `turn`, or the runner's own name. */
  readonly node: string;
  readonly steps: readonly string[];
  /** Digest of the documents that declare it. */
  readonly declaredBy: string;
  readonly form: ActForm;
  readonly purpose: string;
  readonly legitimacy: string;
  readonly target: string | null;
  readonly choice: Choice;
  readonly actor: string | null;
  readonly authority: string | null;
  readonly previous: string | null;
  readonly effectType: ReferenceType;
  readonly prefix: string;
  /** A consequence that an input names. */
  readonly givenEffect: string | null;
  /** What a step's result says of the consequence. */
  governedEffect: string | null;
  reason: string | null;
}

/** How decision words stand in receipts; every other word is `close` (§6.6). */
const choiceOf: ReadonlyMap<string, Choice> = new Map(
  (Object.entries(decisionWords) as [keyof typeof decisionWords, readonly string[]][]).flatMap(([choice, words]) =>
    words.map((word) => [word, choice] as const),
  ),
);

/** What an effect may be; every other word is `artifact` (§6.6). */
const effectTypes: ReadonlyMap<string, ReferenceType> = new Map(
  effectTypeWords.map((word) => [word, word === "provider" ? "provider_event" : word]),
);

/** One open walk. */
interface Walk {
  readonly graph: Graph | null;
  readonly parent: Activation | null;
  /** Inputs that did not come from whoever started the run; `all`: nothing is known of where they come from. */
  readonly untrusted: ReadonlySet<string> | "all";
  readonly notes: ActNotes | null;
  /** The field of the effect step's result. */
  readonly effectField: string | null;
}

const defaultLegitimacy = "Held the declared authority for this act";
const nobody: ReadonlySet<string> = new Set();

/** Folds the events that acts are made of. */
export class ActsFold {
  private readonly walks = new Map<string, Walk>();
  /** Activations in which, or below which, a model was called. */
  private readonly modelled = new Set<string>();
  private readonly graphOf: GraphOf;

  constructor(graphOf: GraphOf) {
    this.graphOf = graphOf;
  }

  /** A walk begins; its act, when its skill declares one that has a purpose. */
  opened(event: Extract<JournalEvent, { type: "frame.opened" }>, graphDigest: string): ActNotes | null {
    const graph = this.graphOf(graphDigest, event.document);
    const above = event.parent === null ? null : (this.walks.get(event.parent.frame) ?? null);
    const untrusted = event.parent === null ? nobody : untrustedBelow(above, event.parent.node);
    const read = new Inputs(graph, event.input, untrusted);
    const act = graph?.act ?? null;
    const notes = graph === null || act === null ? null : notesOf(graph, act, read, graphDigest);
    const effectField = act === null ? null : read.or(act, "effect_field_from", "effect_from");
    this.walks.set(event.frame, { graph, parent: event.parent, untrusted, notes, effectField });
    return notes;
  }

  /** A walk has ended. */
  closed(frame: string): void {
    this.walks.delete(frame);
  }

  /** A model is asked at this activation, so also in everything above it. */
  modelCalled(act: Activation): void {
    for (let at: Activation | null = act; at !== null; at = this.walks.get(at.frame)?.parent ?? null) {
      const key = activationKey(at);
      if (this.modelled.has(key)) return;
      this.modelled.add(key);
    }
  }

  /** A node has failed; what it is tried again as is another activation. */
  failed(act: Activation): void {
    this.modelled.delete(activationKey(act));
  }

  /** A node has ended; its outputs may be what an act takes from. */
  ended(event: Extract<JournalEvent, { type: "node.ended" }>): void {
    const key = activationKey(event);
    const byModel = this.modelled.delete(key);
    const walk = this.walks.get(event.frame);
    const act = walk?.graph?.act;
    if (walk === undefined || walk.notes === null || act === undefined) return;
    if (event.outcome === "skip" || event.outcome === "fail" || event.partial) return;
    const { notes } = walk;
    const { reason_from: reasonKey, reason_step: reasonStep, effect_step: effectStep } = act.fields;
    if (reasonKey !== undefined && (notes.turn ? event.node === reasonStep : event.node === notes.node))
      notes.reason = reasonIn(event.output, reasonKey, notes.turn);
    if (notes.turn && event.node === effectStep && !byModel)
      notes.governedEffect = walk.effectField === null ? null : effectIn(event.output, walk.effectField);
  }
}

function notesOf(graph: Graph, act: DeclaredAct, read: Inputs, declaredBy: string): ActNotes | null {
  const purpose = read.or(act, "purpose_from", "purpose");
  if (purpose === null) return null;
  const turn = graph.nodes[0]?.at.at(-2) === "steps";
  const form = read.or(act, "form_from", "form")?.toLowerCase() ?? "";
  const decision = read.or(act, "decision_from", "decision")?.toLowerCase() ?? "";
  const effectType = act.fields.effect_type?.trim().toLowerCase() ?? "";
  return {
    turn,
    agent: !turn && graph.nodes[0]?.kind === "agent-task",
    node: turn ? "turn" : (graph.nodes[0]?.id ?? graph.name),
    steps: turn ? graph.nodes.map(({ id }) => id) : [],
    declaredBy,
    form: actForms.find((one) => one === form) ?? "observation",
    purpose,
    legitimacy: read.or(act, "legitimacy_from", "legitimacy") ?? defaultLegitimacy,
    target: read.or(act, "target_from", "target"),
    choice: choiceOf.get(decision) ?? "close",
    actor: read.or(act, "actor_from", "actor"),
    authority: read.or(act, "authority_from", "authority"),
    previous: read.named(act.fields.previous_from),
    effectType: effectTypes.get(effectType) ?? "artifact",
    prefix: read.or(act, "effect_prefix_from", "effect_prefix") ?? "",
    givenEffect: read.named(act.fields.effect_from_input),
    governedEffect: null,
    reason: null,
  };
}

/** The inputs of a walk as an act may read them. */
class Inputs {
  private readonly graph: Graph | null;
  private readonly input: Value;
  private readonly untrusted: ReadonlySet<string> | "all";

  constructor(graph: Graph | null, input: Value, untrusted: ReadonlySet<string> | "all") {
    this.graph = graph;
    this.input = input;
    this.untrusted = untrusted;
  }

  /** `X_from` before the literal (§6.6). */
  or(act: DeclaredAct, from: ActKey, literal: ActKey): string | null {
    return this.named(act.fields[from]) ?? textOf(act.fields[literal]);
  }

  /** A text among the inputs; null when it is not there, is blank, or cannot be relied on. */
  named(key: string | undefined): string | null {
    if (key === undefined || this.untrusted === "all" || this.untrusted.has(key)) return null;
    const given = isObject(this.input) ? member(this.input, key) : undefined;
    return textOf(given ?? this.graph?.inputs?.find(({ name }) => name === key)?.default);
  }
}

/** Where the inputs of a walk below `node` come from: literals and trusted inputs are as good as the walk above. */
function untrustedBelow(above: Walk | null, node: string): ReadonlySet<string> | "all" {
  const step = above?.graph?.nodes.find(({ id }) => id === node);
  if (above === null || step === undefined || above.untrusted === "all") return "all";
  const found = new Set(above.untrusted);
  const { inputs, context } = step.fields as { readonly inputs?: Value; readonly context?: object };
  if (isObject(inputs)) {
    for (const key of Object.keys(inputs)) {
      if (above.untrusted.size > 0 && binds(member(inputs, key))) found.add(key);
      else found.delete(key);
    }
  }
  for (const key of Object.keys(context ?? {})) found.add(key);
  return found;
}

/** True for a value that takes some of the graph's own inputs (§2.4). */
function binds(value: Value | undefined): boolean {
  if (typeof value === "string") return value.startsWith("$input.") || value.startsWith("{{");
  if (isArray(value)) return value.some(binds);
  return isObject(value) && Object.keys(value).some((key) => binds(member(value, key)));
}

/** The reason in outputs; a skill that is one agent may have it in its answer alone. */
function reasonIn(output: Value, key: string, turn: boolean): string | null {
  if (!isObject(output)) return null;
  const own = textOf(member(output, key));
  if (own !== null || turn) return own;
  const claim = member(output, "skill_claim");
  return isObject(claim) ? textOf(member(claim, key)) : null;
}

/** The id in the JSON that a step printed; whole numbers identify things as well as texts do. */
function effectIn(output: Value, field: string): string | null {
  const stdout = isObject(output) ? member(output, "stdout") : undefined;
  const parsed = typeof stdout === "string" ? parseJson(stdout.trim()) : null;
  if (parsed === null || !parsed.ok || !isObject(parsed.value)) return null;
  const found = member(parsed.value, field);
  return textOf(typeof found === "bigint" ? String(found) : found);
}

/** A text without blanks around it, whole characters only; null for what is blank or no text. */
function textOf(value: Value | undefined): string | null {
  if (typeof value !== "string") return null;
  const trimmed = value.trim();
  if (trimmed === "") return null;
  const cut = trimmed.length > MAX_ACT_TEXT ? `${trimmed.slice(0, MAX_ACT_TEXT - 1)}…` : trimmed;
  return cut.replace(/\p{Surrogate}/gu, "\ufffd");
}
