/**
 * The life of a document between edits: changed -> fast checks -> facts gathered -> all checks. Each state can be
 * waited for; an edit starts it anew and what is under way for older text is dropped.
 *
 * Invariants: diagnostics are published with the version they belong to, and never for a version that is not the
 * present one; a document is checked again when a file it names changes; checks of one document never run twice at
 * once. When all facts are known from before, one publication holds everything, so that nothing flickers.
 */
import type { Bundle } from "../src/dialects/bundle.ts";
import type { LiveDocument } from "../src/dialects/live/live.ts";
import type { TestedDocument } from "../src/fixtures/check.ts";
import type { DecideAhead } from "../src/governance/static/ahead.ts";
import { UNUSED_IGNORE } from "../src/graph/ignores.ts";
import type { Graph, Node } from "../src/graph/model.ts";
import { kindTable } from "../src/kinds/definitions.generated.ts";
import { findingsOf, shownFindings, type Finding, type GraphFacts } from "./findings.ts";
import type { Located } from "./located.ts";
import type { OperatorView } from "./host.ts";
import type { Links } from "./links.ts";
import { perObject } from "../src/graph/memo.ts";
import { fixtureOf, Tested } from "./tested.ts";
import type { Snapshot, Workspace } from "./workspace.ts";

/** What checks found in one version of a document. */
export interface Checked {
  readonly snapshot: Snapshot;
  readonly findings: readonly Finding[];
  /** False while only the fast checks have run. */
  readonly complete: boolean;
  /** What its graphs lead to, for places in other files. */
  readonly bundles: readonly Bundle[];
}

/** Takes what was found; called only for the present version. */
export type Publish = (checked: Checked) => Promise<void> | void;

/** Whom the checker tells what is no finding of a document. */
export interface CheckerEvents {
  readonly publish: Publish;
  /** A document that had diagnostics is no longer one of ours. */
  readonly gone: (uri: string) => void;
  /** A check that throws: it must not happen. */
  readonly failed: (problem: unknown) => void;
  /** A configuration that cannot be used. */
  readonly configuration: (problem: OperatorView["problems"][number]) => void;
}

interface Job {
  running: boolean;
  /** Counts what has happened to the document; a check is of use only as long as it stands still. */
  touched: number;
  checked: number;
  result: Checked | null;
  /** Where the findings of the last version stood. */
  located: Located | null;
  /** The last text whose users were told. */
  told: LiveDocument | null;
  /** The address under which diagnostics were published; null when there are none to take back. */
  shown: string | null;
  waiting: ((checked: Checked | null) => void)[];
}

/** All that is known of the world around one document. */
interface Facts {
  readonly graphs: ReadonlyMap<Graph, GraphFacts>;
  readonly tested: TestedDocument | null;
}

interface Decider {
  readonly about: string;
  readonly operator: OperatorView;
  readonly decide: DecideAhead;
}

/** Most folders whose configuration is kept. */
const MAX_OPERATORS = 500;
/** Rounds of messages that are waited for, so that a burst of changes is checked once. */
const MAX_ROUNDS = 64;

/** See the header. */
export class Checker {
  private readonly workspace: Workspace;
  private readonly links: Links;
  private readonly tested: Tested;
  private readonly events: CheckerEvents;
  private readonly jobs = new Map<string, Job>();
  private readonly operators = new Map<string, Promise<OperatorView>>();
  private readonly deciders = new Map<string, Decider>();

  constructor(workspace: Workspace, links: Links, events: CheckerEvents) {
    this.workspace = workspace;
    this.links = links;
    this.tested = new Tested(workspace);
    this.events = events;
  }

  /** The document, or something about it, has changed: it is checked as soon as waiting messages have been taken. */
  touch(key: string): void {
    const job = this.jobs.get(key) ?? {
      running: false,
      touched: 0,
      checked: 0,
      result: null,
      located: null,
      told: null,
      shown: null,
      waiting: [],
    };
    this.jobs.set(key, job);
    job.touched++;
    if (job.running) return;
    job.running = true;
    void this.run(key, job);
  }

  /** Checks every open document that names `key`. */
  touchUsers(key: string): void {
    for (const snapshot of this.workspace.opened()) {
      if (snapshot.key === key) continue;
      if (this.links.uses(snapshot, key) || this.tested.uses(snapshot, key)) this.touch(snapshot.key);
    }
  }

  /** Checks everything that is open, e.g. because the configuration changed. */
  touchAll(): void {
    this.operators.clear();
    this.deciders.clear();
    for (const key of this.workspace.openKeys()) this.touch(key);
  }

  /** The editor was closed. */
  close(key: string): void {
    const job = this.jobs.get(key);
    this.jobs.delete(key);
    this.deciders.delete(key);
    for (const wake of job?.waiting.splice(0) ?? []) wake(null);
  }

  /** What the checks found in the present version; waits for them. Null for a document that is not open or not ours. */
  async settled(key: string): Promise<Checked | null> {
    const snapshot = this.workspace.editor(key);
    if (snapshot === null) return null;
    const job = this.jobs.get(key);
    if (job !== undefined && !job.running && job.result?.snapshot.live === snapshot.live) return job.result;
    if (job?.running !== true) this.touch(key);
    return new Promise((resolve) => this.jobs.get(key)?.waiting.push(resolve));
  }

  /** Configuration for a document. */
  operator(key: string): Promise<OperatorView> {
    const folder = this.workspace.configFolder(key);
    let known = this.operators.get(folder);
    if (known === undefined) {
      known = this.readOperator(folder);
      if (this.operators.size >= MAX_OPERATORS) this.operators.clear();
      this.operators.set(folder, known);
    }
    return known;
  }

  private async readOperator(folder: string): Promise<OperatorView> {
    const view = await this.workspace.host.operator(folder, (key) => this.workspace.unsaved(key));
    for (const problem of view.problems) this.events.configuration(problem);
    return view;
  }

  private async run(key: string, job: Job): Promise<void> {
    while (job.checked !== job.touched && this.jobs.get(key) === job) {
      try {
        await this.calm(job);
        job.checked = job.touched;
        job.result = null;
        job.result = await this.checkPresent(key, job);
        if (job.result === null || job.told === job.result.snapshot.live) continue;
        job.told = job.result.snapshot.live;
        this.touchUsers(key);
      } catch (problem) {
        this.events.failed(problem);
      }
    }
    job.running = false;
    for (const wake of job.waiting.splice(0)) wake(job.result);
  }

  private async checkPresent(key: string, job: Job): Promise<Checked | null> {
    const snapshot = this.workspace.editor(key);
    if (snapshot === null) {
      const { shown } = job;
      job.shown = null;
      if (shown !== null && this.jobs.get(key) === job) this.events.gone(shown);
      return null;
    }
    job.shown = snapshot.uri;
    return this.check(
      job,
      snapshot,
      () => job.checked === job.touched && this.jobs.get(key) === job && this.workspace.editor(key) === snapshot,
    );
  }

  /** Waits until messages that were there already have been taken. Two breaths: one may fall before the next message. */
  private async calm(job: Job): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const before = job.touched;
      await this.workspace.host.breathe();
      await this.workspace.host.breathe();
      if (job.touched === before) return;
    }
  }

  /** Null when newer text came while it ran. */
  private async check(job: Job, snapshot: Snapshot, isPresent: () => boolean): Promise<Checked | null> {
    const operator = await this.operator(snapshot.key);
    if (!isPresent()) return null;
    let facts = this.knownFacts(snapshot, operator);
    if (facts === null) {
      await this.events.publish(found(job, snapshot, operator, null));
      await this.workspace.host.breathe();
      if (!isPresent()) return null;
      facts = await this.gather(snapshot, operator);
      if (!isPresent()) return null;
    }
    const checked = found(job, snapshot, operator, facts);
    await this.events.publish(checked);
    return isPresent() ? checked : null;
  }

  /** Facts of all graphs, when everything is known from before; null when something must be looked up. */
  private knownFacts(snapshot: Snapshot, operator: OperatorView): Facts | null {
    const { live, key } = snapshot;
    const fixture = fixtureOf(live);
    const tested = fixture === null ? null : this.tested.known(snapshot, fixture);
    if (fixture !== null && tested === null) return null;
    const graphs = new Map<Graph, GraphFacts>();
    const decider = this.deciders.get(key);
    for (const { graph } of live.graphs) {
      if (decider?.operator !== operator || decider.about !== effectsOf(live)) return null;
      const bundle = this.links.known(snapshot, graph);
      if (bundle === null) return null;
      graphs.set(graph, { bundle, decide: decider.decide });
    }
    return { graphs, tested };
  }

  private async gather(snapshot: Snapshot, operator: OperatorView): Promise<Facts> {
    const { live, key } = snapshot;
    const fixture = fixtureOf(live);
    const tested = fixture === null ? null : await this.tested.load(snapshot, fixture);
    const all = live.graphs.map(({ graph }) => graph);
    const decide = await operator.decide(all, "validate");
    if (this.deciders.size >= MAX_OPERATORS) this.deciders.clear();
    this.deciders.set(key, { about: effectsOf(live), operator, decide });
    const graphs = new Map<Graph, GraphFacts>();
    for (const graph of all) graphs.set(graph, { bundle: await this.links.load(snapshot, graph), decide });
    return { graphs, tested };
  }
}

/** Without facts, what the fast checks find. */
function found(job: Job, snapshot: Snapshot, operator: OperatorView, facts: Facts | null): Checked {
  const { live } = snapshot;
  const factsOf = (graph: Graph): GraphFacts | null => facts?.graphs.get(graph) ?? null;
  job.located = findingsOf(live, factsOf, facts?.tested ?? null, job.located);
  const shown = shownFindings(job.located.findings, live, (some) => operator.apply(some));
  // A comment that silences what is not looked for yet is not unused.
  const findings = facts === null ? shown.filter((one) => one.code !== UNUSED_IGNORE) : shown;
  const bundles = live.graphs.flatMap(({ graph }) => facts?.graphs.get(graph)?.bundle ?? []);
  return { snapshot, findings, complete: facts !== null, bundles };
}

const nodeEffects = perObject((node: Node): string =>
  JSON.stringify(
    (kindTable(node.kind)?.literalEffects(node) ?? []).map(({ family, target }) => `${family} ${target ?? ""}`),
  ),
);

/** Everything by which decisions over real paths differ. */
const effectsOf = perObject((live: LiveDocument): string =>
  JSON.stringify(
    live.graphs.map(({ graph }) => [
      graph.nodes.map(nodeEffects).filter((effects) => effects !== "[]"),
      graph.policy,
      graph.mcpServers.map((server) => server.command[0]),
      graph.secrets.map((secret) => (secret.source === "command" ? secret.argv[0] : "")),
      graph.nodes.map((node) => (node.kind === "stage" ? node.fields["key"] : "")),
    ]),
  ),
);
