/**
 * A language server in a process of its own, and the editor at its other end: a real protocol connection over stdio,
 * times of answers, and what the process needs of memory.
 */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import {
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type ClientCapabilities,
  type PublishDiagnosticsParams,
  type ProtocolConnection,
  type ServerCapabilities,
  type TextDocumentContentChangeEvent,
} from "vscode-languageserver/node";

/** What is started, and for whom. */
export interface Launch {
  /** A program for Node, with its arguments. */
  readonly program: readonly string[];
  /** The workspace folder. */
  readonly folder: string;
  /** Answers to `workspace/configuration`, by section. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Resident memory in bytes. */
export interface Memory {
  readonly now: number;
  readonly peak: number;
}

const capabilities: ClientCapabilities = {
  workspace: {
    workspaceFolders: true,
    configuration: true,
    didChangeWatchedFiles: { dynamicRegistration: true },
    workspaceEdit: { documentChanges: true },
  },
  textDocument: {
    completion: { completionItem: { snippetSupport: true, documentationFormat: ["markdown"] } },
    hover: { contentFormat: ["markdown"] },
    publishDiagnostics: { relatedInformation: true, versionSupport: true, codeDescriptionSupport: true },
    documentSymbol: { hierarchicalDocumentSymbolSupport: true },
    rename: { prepareSupport: true },
    // As VS Code and most others: the edit of an action is asked for when somebody chooses it.
    codeAction: {
      codeActionLiteralSupport: { codeActionKind: { valueSet: ["", "quickfix", "refactor", "source"] } },
      ...{ dataSupport: true, resolveSupport: { properties: ["edit"] } },
    },
    definition: { linkSupport: true },
  },
};

/** One running server. */
export class Server {
  readonly can: ServerCapabilities;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly client: ProtocolConnection;
  private readonly versions = new Map<string, number>();
  private listeners: ((published: PublishDiagnosticsParams) => void)[] = [];

  private constructor(child: ChildProcessWithoutNullStreams, client: ProtocolConnection, can: ServerCapabilities) {
    this.child = child;
    this.client = client;
    this.can = can;
    client.onNotification(PublishDiagnosticsNotification.type, (published) => {
      for (const listener of this.listeners) listener(published);
    });
  }

  static async start({ program, folder, settings = {} }: Launch): Promise<Server> {
    const child = spawn(process.execPath, ["--no-warnings", ...program], { cwd: folder });
    child.stderr.on("data", (data: Buffer) => process.stderr.write(data));
    const client = createProtocolConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    client.onRequest("client/registerCapability", () => null);
    client.onRequest("workspace/configuration", ({ items }: { items: readonly { section?: string }[] }) =>
      items.map(({ section }) => settings[section ?? ""] ?? null),
    );
    client.listen();
    const rootUri = pathToFileURL(folder).href;
    const { capabilities: can } = await client.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri,
      workspaceFolders: [{ uri: rootUri, name: "bench" }],
      capabilities,
    });
    const server = new Server(child, client, can);
    await client.sendNotification(InitializedNotification.type, {});
    return server;
  }

  /** Calls back for every publication; the returned function stops that. */
  onPublished(listener: (published: PublishDiagnosticsParams) => void): () => void {
    this.listeners.push(listener);
    return () => {
      this.listeners = this.listeners.filter((one) => one !== listener);
    };
  }

  /** Opens a document and waits for its first diagnostics. */
  async open(uri: string, languageId: string, text: string): Promise<void> {
    const published = this.published(uri);
    this.versions.set(uri, 1);
    await this.client.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId, version: 1, text },
    });
    await published;
  }

  /** The next publication for a document. */
  published(uri: string): Promise<PublishDiagnosticsParams> {
    return new Promise((resolve) => {
      const stop = this.onPublished((published) => {
        if (published.uri !== uri) return;
        stop();
        resolve(published);
      });
    });
  }

  /** Sends one edit; gives the version that it makes. */
  change(uri: string, change: TextDocumentContentChangeEvent): number {
    const version = (this.versions.get(uri) ?? 0) + 1;
    this.versions.set(uri, version);
    const params = { textDocument: { uri, version }, contentChanges: [change] };
    void this.client.sendNotification(DidChangeTextDocumentNotification.type, params);
    return version;
  }

  request(method: string, params: unknown): Promise<unknown> {
    return this.client.sendRequest(method, params);
  }

  /** Resident memory of the server's process; null where the system does not tell. */
  async memory(): Promise<Memory | null> {
    const status = await readFile(`/proc/${this.child.pid}/status`, "utf8").catch(() => "");
    const of = (name: string): number => 1024 * Number(new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(status)?.[1]);
    return Number.isNaN(of("VmRSS")) ? null : { now: of("VmRSS"), peak: of("VmHWM") };
  }

  async stop(): Promise<void> {
    const ended = once(this.child, "exit");
    await this.client.sendRequest(ShutdownRequest.type);
    await this.client.sendNotification(ExitNotification.type);
    await ended;
    this.client.dispose();
  }
}

/** Milliseconds since some moment. */
export function clock(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
