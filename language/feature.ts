/**
 * What a language feature is: one request of the protocol, answered from a snapshot. Each stands in a file of its own
 * in `features/`; the server offers those that `features/index.ts` lists.
 *
 * Invariants: a feature changes nothing; it answers for the version it was given, and the server drops an answer that
 * a newer version has overtaken.
 */
import type { CancellationToken, ClientCapabilities, ServerCapabilities } from "vscode-languageserver";
import type { Checker } from "./checker.ts";
import type { Links } from "./links.ts";
import type { Snapshot, Workspace } from "./workspace.ts";

/** What features see of the server. */
export interface Session {
  readonly workspace: Workspace;
  readonly links: Links;
  readonly checker: Checker;
  /** What the client said it can do, e.g. snippets. */
  readonly client: ClientCapabilities;
  /** Commands that the client said it carries out; code lenses with others are not offered. */
  readonly commands: ReadonlySet<string>;
}

/** One request for a document of ours. */
export interface Request<P> {
  readonly session: Session;
  readonly document: Snapshot;
  readonly params: P;
  readonly token: CancellationToken;
}

/** A registration that takes the place of {@link DocumentFeature.capabilities}. */
export interface Registration {
  readonly documentSelector: readonly { readonly pattern: string }[];
  /** True for clients that take such a registration. */
  readonly isSupported: (client: ClientCapabilities) => boolean;
}

/** A request that is about one document; for files that are not ours the server answers null itself. */
export interface DocumentFeature<P, R> {
  readonly about: "document";
  /** The protocol's method, e.g. `textDocument/hover`. */
  readonly method: string;
  readonly capabilities: ServerCapabilities;
  /** Where the client can, it is registered for these documents alone, so that we stand in no other provider's way. */
  readonly dynamic?: Registration;
  readonly uri: (params: P) => string;
  readonly answer: (request: Request<P>) => R | null | Promise<R | null>;
}

/** A request that is about no document, or about all. */
export interface WorkspaceFeature<P, R> {
  readonly about: "workspace";
  readonly method: string;
  readonly capabilities: ServerCapabilities;
  readonly answer: (request: Omit<Request<P>, "document">) => R | null | Promise<R | null>;
}

/** Any feature, as the list holds them. */
export type Feature = DocumentFeature<never, unknown> | WorkspaceFeature<never, unknown>;

/** Declares a feature for requests that name a text document. */
export function documentFeature<P extends { readonly textDocument: { readonly uri: string } }, R>(
  feature: Omit<DocumentFeature<P, R>, "about" | "uri">,
): DocumentFeature<P, R> {
  return { ...feature, about: "document", uri: (params) => params.textDocument.uri };
}

/** Declares a feature whose requests carry the document's address elsewhere, e.g. in `data` or `item`. */
export function documentFeatureAt<P, R>(feature: Omit<DocumentFeature<P, R>, "about">): DocumentFeature<P, R> {
  return { ...feature, about: "document" };
}

/** Declares a feature for requests about the workspace. */
export function workspaceFeature<P, R>(feature: Omit<WorkspaceFeature<P, R>, "about">): WorkspaceFeature<P, R> {
  return { ...feature, about: "workspace" };
}
