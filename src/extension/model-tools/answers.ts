/**
 * Answers of the tools for language models.
 *
 * Invariants: a file is one of the workspace; in an untrusted workspace nothing is walked through; input of a model is
 * checked like any other.
 */
import * as vscode from "vscode";
import { z } from "zod";
import type { InputAnswer } from "../../runtime/editor-run/index.ts";
import {
  describeForModel,
  dryRunForModel,
  explainRun,
  fileWithin,
  validateForModel,
  type ToolResult,
} from "../../runtime/model-tools/tools.ts";
import { placeOf } from "../run/place.ts";
import type { Stores } from "../stores.ts";
import { toolNames } from "./manifest.ts";

/** What answering takes. */
export interface ToolServices {
  /** The extension's storage; absolute. */
  readonly storage: string;
  readonly stores: Stores;
  /** Nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

type Name = (typeof toolNames)[keyof typeof toolNames];

const file = z.string().min(1).max(4096);
const request = z.discriminatedUnion("tool", [
  z.strictObject({ tool: z.literal(toolNames.validate), file }),
  z.strictObject({
    tool: z.literal(toolNames.describe),
    file,
    environment: z.enum(["dev", "staging", "prod"]).optional(),
  }),
  z.strictObject({
    tool: z.literal(toolNames.dryRun),
    file,
    start: z.string().max(500).optional(),
    input: z.string().max(1_000_000).optional(),
    fixture: file.optional(),
    assume: z.record(z.string(), z.string()).optional(),
  }),
  z.strictObject({ tool: z.literal(toolNames.explain), run: z.string().max(200).optional() }),
]);
type DryRun = Extract<z.infer<typeof request>, { tool: typeof toolNames.dryRun }>;

/** Answers a tool; `input` is what the model said. */
export async function answer(tool: Name, input: unknown, services: ToolServices): Promise<ToolResult<object>> {
  const given = typeof input === "object" && input !== null ? input : {};
  const parsed = request.safeParse({ ...given, tool });
  if (!parsed.success) return refused(z.prettifyError(parsed.error));
  const asked = parsed.data;
  if (asked.tool === toolNames.explain) return explain(asked.run ?? null, services.stores);
  const named = await fileOf(asked.file);
  if (!named.ok) return named;
  if (asked.tool === toolNames.validate) return validateForModel(placeOf(named.value));
  if (asked.tool === toolNames.dryRun) return dryRun(named.value, asked, services);
  const place = placeOf(named.value);
  return describeForModel({ ...place, environment: asked.environment ?? place.environment });
}

async function dryRun(document: vscode.Uri, asked: DryRun, services: ToolServices): Promise<ToolResult<object>> {
  if (!vscode.workspace.isTrusted)
    return refused("This workspace is not trusted, so nothing is run in it, not even dry.");
  const { start = null, fixture, assume = {} } = asked;
  if (asked.input !== undefined && fixture !== undefined) return refused("Give an input or a fixture, not both.");
  let input: InputAnswer = asked.input === undefined ? { type: "none" } : { type: "text", text: asked.input };
  if (fixture !== undefined) {
    const named = await fileOf(fixture);
    if (!named.ok) return named;
    input = { type: "fixture", file: named.value.fsPath };
  }
  const { storage, signal } = services;
  return dryRunForModel({ place: placeOf(document, start), start, input, assume, storage, signal });
}

async function explain(run: string | null, stores: Stores): Promise<ToolResult<object>> {
  let problem = refused("there are no runs yet");
  for (const { stateDir } of await stores.all()) {
    const told = await explainRun(stateDir, run);
    if (told.ok) return told;
    problem = told;
  }
  return problem;
}

async function fileOf(named: string): Promise<ToolResult<vscode.Uri>> {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file");
  const found = await fileWithin(
    folders.map(({ uri }) => uri.fsPath),
    named,
  );
  return found.ok ? { ok: true, value: vscode.Uri.file(found.value.file) } : found;
}

function refused(message: string): Extract<ToolResult<never>, { ok: false }> {
  return { ok: false, message };
}
