/**
 * `textDocument/codeAction` and its resolution: repairs of findings, changes of what stands at the cursor, and all repairs that
 * are beyond doubt at once (`source.fixAll.countersign`).
 *
 * Invariants: findings are those of the very version that is asked about; edits carry that version; what could not be carried
 * out is not offered to clients that want edits at once, and refused with a sentence to those that ask later.
 */
import {
  CodeActionKind,
  LSPErrorCodes,
  ResponseError,
  type CancellationToken,
  type CodeAction,
  type CodeActionParams,
  type Diagnostic as WireDiagnostic,
  type WorkspaceEdit,
} from "vscode-languageserver";
import { z } from "zod";
import type { Range } from "../../src/graph/diagnostic.ts";
import type { Checked } from "../checker.ts";
import { severities } from "../convert.ts";
import { documentFeature, documentFeatureAt, type Session } from "../feature.ts";
import type { Finding } from "../findings.ts";
import type { Offer } from "../fixes/about.ts";
import { joined, planned, type Planned } from "../fixes/change.ts";
import { isBroken, offersFor } from "../fixes/offers.ts";
import { refactorings } from "../fixes/refactor.ts";
import { workspaceEdit } from "../fixes/wire.ts";

/** The kind under which all repairs beyond doubt are made at once. */
export const fixAllKind = `${CodeActionKind.SourceFixAll}.countersign`;

/** Most findings that one request is answered for. */
const MAX_FINDINGS = 20;
/** Most actions of one answer. */
const MAX_ACTIONS = 60;
/** Most findings that are looked at to be repaired at once, and most repairs; asked again, the rest is repaired. */
const MAX_LOOKED = 1_000;
const MAX_FIXED = 50;
/** Most actions whose edits are made before anybody has chosen one: each costs as much as reading the document. */
const MAX_EAGER = 12;

interface Candidate {
  readonly action: CodeAction;
  readonly data: ActionData;
  readonly plan: () => Promise<Planned>;
  readonly placeholder: string | null;
}

export const codeActions = documentFeature<CodeActionParams, CodeAction[]>({
  method: "textDocument/codeAction",
  capabilities: {
    codeActionProvider: {
      codeActionKinds: [CodeActionKind.QuickFix, CodeActionKind.RefactorRewrite, fixAllKind],
      resolveProvider: true,
    },
  },
  answer: async ({ session, document, params, token }) => {
    if (session.client.textDocument?.codeAction?.codeActionLiteralSupport === undefined) return null;
    const checked = await session.checker.settled(document.key);
    if (checked?.snapshot.live !== document.live || token.isCancellationRequested) return null;
    const wants = (kind: string): boolean =>
      params.context.only === undefined ||
      params.context.only.some((only) => only === "" || kind === only || kind.startsWith(`${only}.`));
    const candidates: Candidate[] = [];
    if (wants(CodeActionKind.QuickFix)) candidates.push(...(await quickFixes(session, checked, params, token)));
    if (wants(CodeActionKind.RefactorRewrite)) candidates.push(...refactorActions(checked, params));
    // Repairs of the whole document are for those who ask for them; beside a finding they would be in the way.
    if (params.context.only !== undefined && wants(fixAllKind) && checked.findings.length > 0)
      candidates.push(fixAll(session, checked, token));
    return finished(session, candidates.slice(0, MAX_ACTIONS), token);
  },
});

export const codeActionResolve = documentFeatureAt<CodeAction, CodeAction>({
  method: "codeAction/resolve",
  capabilities: {},
  uri: ({ data }) => dataOf(data)?.uri ?? "",
  answer: async ({ session, document, params, token }) => {
    const data = dataOf(params.data);
    const checked = data === null ? null : await session.checker.settled(document.key);
    const candidate =
      data === null || checked === null || checked.snapshot.version !== data.version
        ? undefined
        : (await candidatesOf(session, checked, data, token))[data.offer];
    if (candidate?.action.title !== params.title)
      throw new ResponseError(LSPErrorCodes.ContentModified, "the document has changed meanwhile");
    const edit = await editOf(session, candidate);
    if (typeof edit === "string") throw new ResponseError(LSPErrorCodes.RequestFailed, edit);
    return { ...params, edit };
  },
});

/** All candidates of the thing that an action is about, in the order in which they were numbered. */
async function candidatesOf(
  session: Session,
  checked: Checked,
  data: ActionData,
  token: CancellationToken,
): Promise<readonly Candidate[]> {
  switch (data.about) {
    case "finding":
      return findingActions(session, checked, data.finding, null);
    case "place":
      return placeActions(checked, data.offset);
    case "all":
      return [fixAll(session, checked, token)];
  }
}

/** Actions with their edits, or with what their edits can be made of later. */
async function finished(
  session: Session,
  candidates: readonly Candidate[],
  token: CancellationToken,
): Promise<CodeAction[]> {
  const can = session.client.textDocument?.codeAction;
  if (can?.dataSupport === true && can.resolveSupport?.properties.includes("edit") === true)
    return candidates.map(({ action, data }) => ({ ...action, data }));
  const actions: CodeAction[] = [];
  for (const candidate of candidates.slice(0, MAX_EAGER)) {
    await session.workspace.host.breathe();
    if (token.isCancellationRequested) return [];
    const edit = await editOf(session, candidate);
    if (typeof edit !== "string") actions.push({ ...candidate.action, edit });
  }
  return actions;
}

/** The edit, or a sentence that says why there is none. */
async function editOf(session: Session, { plan, placeholder }: Candidate): Promise<WorkspaceEdit | string> {
  const made = await plan();
  if (!made.ok) return made.message;
  return workspaceEdit(made, session.client, placeholder) ?? "this editor cannot create files for a language server";
}

async function quickFixes(
  session: Session,
  checked: Checked,
  params: CodeActionParams,
  token: CancellationToken,
): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const { index, wire } of asked(checked, params)) {
    if (token.isCancellationRequested) return [];
    candidates.push(...(await findingActions(session, checked, index, wire)));
  }
  return candidates;
}

/** The findings that are meant: those that the client names, else those at its range. */
function asked(
  { findings }: Checked,
  { range, context }: CodeActionParams,
): readonly { readonly index: number; readonly wire: WireDiagnostic | null }[] {
  const named: { index: number; wire: WireDiagnostic | null }[] = [];
  for (const wire of context.diagnostics) {
    const index = findings.findIndex((one) => matches(one, wire));
    if (index >= 0 && named.push({ index, wire }) === MAX_FINDINGS) break;
  }
  if (named.length > 0) return named;
  const found = findings.flatMap(({ at }, index) => (touches(at, range) ? [{ index, wire: null }] : []));
  return found.slice(0, MAX_FINDINGS);
}

function matches({ code, message, at }: Finding, wire: WireDiagnostic): boolean {
  return (
    wire.code === code &&
    wire.message === message &&
    before(wire.range.start, at.start) &&
    before(at.start, wire.range.start) &&
    before(wire.range.end, at.end) &&
    before(at.end, wire.range.end)
  );
}

function touches(a: Range, b: Range): boolean {
  return before(a.start, b.end) && before(b.start, a.end);
}

function before(a: Range["start"], b: Range["start"]): boolean {
  return a.line < b.line || (a.line === b.line && a.character <= b.character);
}

async function findingActions(
  session: Session,
  checked: Checked,
  index: number,
  wire: WireDiagnostic | null,
): Promise<Candidate[]> {
  const finding = checked.findings[index];
  if (finding === undefined) return [];
  const { code, message, severity, at } = finding;
  const shown = wire ?? { code, message, severity: severities[severity], range: at, source: "countersign" };
  const { uri, version } = checked.snapshot;
  return (await offersFor(session, checked, finding)).map((offer, number) =>
    candidate(
      checked,
      offer,
      { about: "finding", finding: index, offer: number, uri, version },
      {
        kind: CodeActionKind.QuickFix,
        diagnostics: [shown],
      },
    ),
  );
}

function refactorActions(checked: Checked, { range }: CodeActionParams): readonly Candidate[] {
  return placeActions(checked, checked.snapshot.live.lines.offset(range.start));
}

function placeActions(checked: Checked, offset: number): readonly Candidate[] {
  const { uri, version, live } = checked.snapshot;
  if (isBroken(checked.snapshot, checked.findings, live.source.at(offset).path)) return [];
  return refactorings(live, offset).map((offer, number) =>
    candidate(
      checked,
      offer,
      { about: "place", offset, offer: number, uri, version },
      {
        kind: CodeActionKind.RefactorRewrite,
      },
    ),
  );
}

function candidate(checked: Checked, offer: Offer, data: ActionData, more: Partial<CodeAction>): Candidate {
  const { title, preferred, placeholder, change } = offer;
  return {
    action: { title, ...more, ...(preferred === true ? { isPreferred: true } : {}) },
    data,
    plan: () => Promise.resolve(planned(checked.snapshot, change)),
    placeholder: placeholder ?? null,
  };
}

/** Every repair beyond doubt; of two that touch the same text the first. */
function fixAll(session: Session, checked: Checked, token: CancellationToken): Candidate {
  const { snapshot } = checked;
  const { uri, version, live } = snapshot;
  const plan = async (): Promise<Planned> => {
    const all = [];
    for (const finding of checked.findings.slice(0, MAX_LOOKED)) {
      if (all.length >= MAX_FIXED) break;
      await session.workspace.host.breathe();
      if (token.isCancellationRequested) return { ok: false, message: "cancelled" };
      const offer = (await offersFor(session, checked, finding)).find(({ preferred }) => preferred === true);
      const made = offer === undefined ? null : planned(snapshot, offer.change);
      const [only, ...others] = made?.ok === true ? made.documents : [];
      if (only?.document === snapshot && others.length === 0) all.push(only.edits);
    }
    return { ok: true, documents: [{ document: snapshot, edits: joined(live.text, all) }], files: [] };
  };
  return {
    action: { title: "Apply all repairs that are beyond doubt", kind: fixAllKind },
    data: { about: "all", offer: 0, uri, version },
    plan,
    placeholder: null,
  };
}

/** What an action carries until its edit is asked for: what it is about, by number and place, and which offer it is. */
const dataSchema = z.intersection(
  z.object({ uri: z.string(), version: z.number().nullable(), offer: z.number() }),
  z.discriminatedUnion("about", [
    z.object({ about: z.literal("finding"), finding: z.number() }),
    z.object({ about: z.literal("place"), offset: z.number() }),
    z.object({ about: z.literal("all") }),
  ]),
);

type ActionData = z.output<typeof dataSchema>;

/** What an action's data came back as; null for what is not ours. */
function dataOf(data: unknown): ActionData | null {
  const read = dataSchema.safeParse(data);
  return read.success ? read.data : null;
}
