/**
 * The language server over a connection: life cycle, documents, diagnostics, and the features of `features/index.ts`
 * (spec/editor.md §4). Whoever starts it brings the connection and the host.
 *
 * Invariants: messages are taken in order; an answer that a newer version of its document has overtaken is refused
 * with ContentModified; no request makes the server end, and what fails is told with a sentence, never a stack trace.
 */
import {
  CodeLensRefreshRequest,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  ErrorCodes,
  LSPErrorCodes,
  MessageType,
  RegistrationRequest,
  ResponseError,
  ShowMessageNotification,
  TextDocumentSyncKind,
  type CancellationToken,
  type ClientCapabilities,
  type Connection,
  type InitializeParams,
  type InitializeResult,
  type ServerCapabilities,
} from "vscode-languageserver";
import { associations } from "../src/dialects/associations.ts";
import { detectByName } from "../src/dialects/detect.ts";
import { createOpenLive } from "../src/dialects/live/open.ts";
import { definitions } from "../src/kinds/definitions.generated.ts";
import { readFileRequest, type ReadFileParams, type ReadFileResult } from "../src/protocol/language.ts";
import { Checker, type Checked } from "./checker.ts";
import { tooLongDiagnostic, wireDiagnostics } from "./convert.ts";
import type { Feature, Registration, Session } from "./feature.ts";
import { features } from "./features/index.ts";
import type { LanguageHost, OperatorView } from "./host.ts";
import { Links } from "./links.ts";
import { readOptions } from "./options.ts";
import { showSearches } from "./progress.ts";
import { keyOf, nameOf } from "./uris.ts";
import { Workspace } from "./workspace.ts";

/** How the server calls itself, and where its pages are. */
export interface ServerOptions {
  readonly version: string;
  /** The page that explains a diagnostic code; null where there is none. */
  readonly docs: (code: string) => string | null;
}

/** Names of files whose changes concern open documents. */
const watched = "**/{*.toml,*.yaml,*.yml,*.kv,*.md,*.json}";
/** Anything that is made, renamed or deleted in the editor; a folder is one of them and names no file in it. */
const anyFile = { filters: [{ pattern: { glob: "**/*" } }] };

/** Serves one client; the connection is listened to at once. */
export function serve(connection: Connection, host: LanguageHost, options: ServerOptions): void {
  new Server(connection, host, options).listen();
}

class Server {
  private readonly connection: Connection;
  private readonly host: LanguageHost;
  private readonly options: ServerOptions;
  private session: Session | null = null;
  private client: ClientCapabilities = {};
  private stopped = false;
  /** Problems of configuration that the user has been told. */
  private readonly told = new Set<string>();
  /** Documents that were too long when they were looked at last. */
  private readonly tooLong = new Set<string>();

  constructor(connection: Connection, host: LanguageHost, options: ServerOptions) {
    this.connection = connection;
    this.host = host;
    this.options = options;
  }

  listen(): void {
    const { connection } = this;
    connection.onInitialize((params) => this.initialize(params));
    connection.onInitialized(() => {
      this.register();
    });
    connection.onShutdown(() => {
      this.stopped = true;
    });
    this.documents();
    this.disk();
    for (const feature of features)
      connection.onRequest(feature.method, (params: never, token: CancellationToken) =>
        this.answer(feature, params, token),
      );
    connection.listen();
  }

  private initialize(params: InitializeParams): InitializeResult {
    if (this.session !== null) throw new ResponseError(ErrorCodes.InvalidRequest, "the server is initialized already");
    const { connection } = this;
    this.client = params.capabilities;
    const { readFile, commands, associations: setting } = readOptions(params.initializationOptions);
    const openLive = createOpenLive({ kinds: definitions, associated: associations(setting) });
    const workspace = new Workspace(this.host, openLive);
    workspace.folders = workspaceFolders(params);
    if (readFile) workspace.remote = (uri) => this.readRemote(uri);
    showSearches(workspace, connection, this.client);
    const links = new Links(workspace);
    const checker = new Checker(workspace, links, {
      publish: (checked) => this.publish(checked, workspace),
      gone: (uri) => {
        this.send(uri, null, []);
      },
      failed: (problem) => {
        connection.console.error(`checking a document failed: ${sentence(problem)}`);
      },
      configuration: (problem) => {
        this.tell(problem, workspace);
      },
    });
    this.session = { workspace, links, checker, client: this.client, commands: new Set(commands) };
    return {
      capabilities: capabilities(features, this.client),
      serverInfo: { name: "countersign", version: this.options.version },
    };
  }

  private register(): void {
    const { connection } = this;
    const { workspace } = this.client;
    const failed = (problem: unknown): void => {
      connection.console.warn(`the client refused a registration: ${sentence(problem)}`);
    };
    if (this.isWatched) {
      const registration = { watchers: [{ globPattern: watched }] };
      connection.client.register(DidChangeWatchedFilesNotification.type, registration).catch(failed);
    }
    const registrations = features.flatMap((feature) => {
      const registration = registrationOf(feature, this.client);
      if (registration === null) return [];
      const { method } = feature;
      return [{ id: method, method, registerOptions: { documentSelector: [...registration.documentSelector] } }];
    });
    if (registrations.length > 0) connection.sendRequest(RegistrationRequest.type, { registrations }).catch(failed);
    if (workspace?.didChangeConfiguration?.dynamicRegistration === true)
      connection.client.register(DidChangeConfigurationNotification.type, { section: "countersign" }).catch(failed);
    if (workspace?.workspaceFolders === true)
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        if (this.session === null) return;
        const gone = new Set(removed.map(({ uri }) => keyOf(uri)));
        const kept = this.session.workspace.folders.filter((folder) => !gone.has(folder));
        this.session.workspace.folders = [...kept, ...added.map(({ uri }) => keyOf(uri))];
        this.session.workspace.forgetAll();
        this.session.checker.touchAll();
      });
  }

  private get isWatched(): boolean {
    return this.client.workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
  }

  /** What editors do to documents. */
  private documents(): void {
    const { connection } = this;
    connection.onDidOpenTextDocument(({ textDocument: { uri, languageId, version, text } }) => {
      if (this.session === null) return;
      const { workspace, checker } = this.session;
      // Without announcements of changed files, opening one is when to look at the disk again.
      if (!this.isWatched) workspace.forgetAll();
      workspace.open(uri, languageId, version, text);
      this.changed(uri);
      checker.touchUsers(keyOf(uri));
    });
    connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) => {
      if (this.session?.workspace.change(uri, version, contentChanges) === true) this.changed(uri);
    });
    connection.onDidSaveTextDocument(({ textDocument: { uri } }) => {
      if (this.session === null) return;
      if (!this.isWatched) this.session.workspace.forgetAll();
      if (!this.isWatched || isConfig(uri)) this.session.checker.touchAll();
    });
    connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
      if (this.session === null) return;
      const { workspace, checker } = this.session;
      workspace.close(uri);
      checker.close(keyOf(uri));
      this.tooLong.delete(uri);
      this.send(uri, null, []);
      if (isConfig(uri)) checker.touchAll();
      else checker.touchUsers(keyOf(uri));
    });
  }

  private changed(uri: string): void {
    if (this.session === null) return;
    const { workspace, checker } = this.session;
    const key = keyOf(uri);
    const tooLong = workspace.tooLong(key);
    if (tooLong !== null) {
      this.tooLong.add(uri);
      this.send(uri, tooLong.version, [tooLongDiagnostic(tooLong.length, this.options.docs)]);
    } else if (this.tooLong.delete(uri)) this.send(uri, null, []);
    // What a configuration says counts as it stands in the editor.
    if (isConfig(uri)) checker.touchAll();
    else checker.touch(key);
  }

  /** What happens to files behind the editors' backs, and to files as files. */
  private disk(): void {
    const { connection } = this;
    connection.onDidChangeWatchedFiles(({ changes }) => {
      if (this.session === null) return;
      const { workspace, checker } = this.session;
      for (const { uri } of changes) workspace.forget(keyOf(uri));
      if (changes.some(({ uri }) => isConfig(uri))) checker.touchAll();
      else for (const { uri } of changes) checker.touchUsers(keyOf(uri));
      if (changes.some(({ uri }) => detectByName(keyOf(uri))?.document === "fixture")) this.lensesChanged();
    });
    const everything = (): void => {
      this.session?.workspace.forgetAll();
      this.session?.checker.touchAll();
      this.lensesChanged();
    };
    connection.workspace.onDidCreateFiles(everything);
    connection.workspace.onDidRenameFiles(everything);
    connection.workspace.onDidDeleteFiles(everything);
    connection.onDidChangeConfiguration(() => {
      this.session?.checker.touchAll();
    });
  }

  /** Tests have come or gone, which lenses of other documents count. */
  private lensesChanged(): void {
    const { connection } = this;
    if (this.client.workspace?.codeLens?.refreshSupport !== true) return;
    connection.sendRequest(CodeLensRefreshRequest.type).catch((problem: unknown) => {
      connection.console.warn(`the client did not ask for lenses again: ${sentence(problem)}`);
    });
  }

  private async publish(checked: Checked, workspace: Workspace): Promise<void> {
    const { uri, key, version, live } = checked.snapshot;
    const diagnostics = await wireDiagnostics(checked, workspace, this.options.docs);
    if (workspace.editor(key)?.live !== live) return;
    this.connection.tracer.log(
      `${uri}: ${diagnostics.length} findings in version ${version ?? 0}`,
      checked.complete ? "all checks have run" : "the fast checks have run",
    );
    this.send(uri, version, diagnostics);
  }

  private send(
    uri: string,
    version: number | null,
    diagnostics: Parameters<Connection["sendDiagnostics"]>[0]["diagnostics"],
  ): void {
    this.connection.sendDiagnostics({ uri, diagnostics, ...(version === null ? {} : { version }) }).catch(() => {
      // The client is gone; the process ends with its streams.
      this.stopped = true;
    });
  }

  /** Each problem once; one in a file that is open is underlined there. */
  private tell({ message, file }: OperatorView["problems"][number], workspace: Workspace): void {
    if ((file !== null && workspace.isOpen(file)) || this.told.has(message)) return;
    this.told.add(message);
    this.connection
      .sendNotification(ShowMessageNotification.type, {
        type: MessageType.Error,
        message: `countersign: configuration is not used: ${message}`,
      })
      .catch(() => {
        this.stopped = true;
      });
  }

  private async readRemote(uri: string): Promise<string | null> {
    const params: ReadFileParams = { uri };
    try {
      return (await this.connection.sendRequest<ReadFileResult | null>(readFileRequest, params))?.text ?? null;
    } catch (problem) {
      this.connection.console.warn(`the client cannot read ${uri}: ${sentence(problem)}`);
      return null;
    }
  }

  private async answer(feature: Feature, params: never, token: CancellationToken): Promise<unknown> {
    const { session, stopped } = this;
    if (session === null) return new ResponseError(ErrorCodes.ServerNotInitialized, "the server is not initialized");
    if (stopped) return new ResponseError(ErrorCodes.InvalidRequest, "the server is shutting down");
    try {
      if (feature.about === "workspace") return orCancelled(await feature.answer({ session, params, token }), token);
      const document = await session.workspace.document(keyOf(feature.uri(params)));
      if (document === null) return null;
      if (token.isCancellationRequested) return cancelled();
      const result = await feature.answer({ session, document, params, token });
      if (document.version !== null && session.workspace.editor(document.key)?.live !== document.live)
        return new ResponseError(LSPErrorCodes.ContentModified, "the document has changed meanwhile");
      return orCancelled(result, token);
    } catch (problem) {
      if (problem instanceof ResponseError) return problem;
      this.connection.console.error(`${feature.method} failed: ${sentence(problem)}`);
      return new ResponseError(LSPErrorCodes.RequestFailed, `${feature.method} failed: ${sentence(problem)}`);
    }
  }
}

function orCancelled(result: unknown, token: CancellationToken): unknown {
  return token.isCancellationRequested ? cancelled() : result;
}

function cancelled(): ResponseError {
  return new ResponseError(LSPErrorCodes.RequestCancelled, "cancelled");
}

function isConfig(uri: string): boolean {
  return nameOf(keyOf(uri)) === "countersign.toml";
}

/** The registration that a feature wants with this client; null when it is offered from the start. */
function registrationOf(feature: Feature, client: ClientCapabilities): Registration | null {
  const registration = feature.about === "document" ? feature.dynamic : undefined;
  return registration?.isSupported(client) === true ? registration : null;
}

function capabilities(list: readonly Feature[], client: ClientCapabilities): ServerCapabilities {
  const own: ServerCapabilities = {
    positionEncoding: "utf-16",
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
    workspace: {
      workspaceFolders: { supported: true, changeNotifications: true },
      fileOperations: { didCreate: anyFile, didRename: anyFile, didDelete: anyFile },
    },
  };
  return list
    .filter((feature) => registrationOf(feature, client) === null)
    .reduce<ServerCapabilities>((all, feature) => ({ ...all, ...feature.capabilities }), own);
}

function workspaceFolders(params: InitializeParams): readonly string[] {
  const folders = (params.workspaceFolders ?? []).map(({ uri }) => keyOf(uri));
  if (folders.length > 0) return folders;
  // Clients that know no workspace folders name a single root, if any.
  const rootUri: string | null | undefined = params.rootUri;
  return typeof rootUri === "string" ? [keyOf(rootUri)] : [];
}

function sentence(problem: unknown): string {
  return problem instanceof Error ? problem.message : String(problem);
}
