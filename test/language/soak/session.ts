/** One server and one client in this process, joined by streams, and all that the server says unasked. */
import { PassThrough } from "node:stream";
import {
  createConnection,
  createProtocolConnection,
  InitializedNotification,
  InitializeRequest,
  LogMessageNotification,
  MessageType,
  PublishDiagnosticsNotification,
  StreamMessageReader,
  StreamMessageWriter,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type ServerCapabilities,
} from "vscode-languageserver/node";
import type { LanguageHost } from "../../../language/host.ts";
import { serve } from "../../../language/server.ts";
import { uriOf } from "../../../language/uris.ts";
import { everything, languageOf, memoryHost, root } from "../memory-host.ts";

/** Whom a session tells. */
export interface Listener {
  published(published: PublishDiagnosticsParams): void;
  /** An error in the server's log. */
  complained(message: string): void;
}

/** See the header. */
export class Session {
  readonly can: ServerCapabilities;
  private readonly client: ProtocolConnection;
  private readonly end: () => void;

  private constructor(client: ProtocolConnection, can: ServerCapabilities, end: () => void) {
    this.client = client;
    this.can = can;
    this.end = end;
  }

  static async start(files: ReadonlyMap<string, string>, listener: Listener): Promise<Session> {
    const host: LanguageHost = { ...memoryHost(new Map(files)), within: () => host };
    const [up, down] = [new PassThrough(), new PassThrough()];
    const connection = createConnection(new StreamMessageReader(up), new StreamMessageWriter(down));
    serve(connection, host, { version: "0.0.0", docs: (code) => `file:///docs/diagnostics.md#${code}` });
    const client = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
    client.onNotification(PublishDiagnosticsNotification.type, (published) => listener.published(published));
    client.onNotification(LogMessageNotification.type, ({ type, message }) => {
      if (type === MessageType.Error) listener.complained(message);
    });
    client.onRequest("client/registerCapability", () => null);
    client.listen();
    const { capabilities } = await client.sendRequest(InitializeRequest.type, {
      processId: null,
      rootUri: uriOf(root),
      workspaceFolders: [{ uri: uriOf(root), name: "w" }],
      capabilities: everything,
    });
    await client.sendNotification(InitializedNotification.type, {});
    return new Session(client, capabilities, () => {
      client.dispose();
      connection.dispose();
    });
  }

  open(name: string, text: string): Promise<void> {
    const textDocument = { uri: addressOf(name), languageId: languageOf(name), version: 1, text };
    return this.client.sendNotification("textDocument/didOpen", { textDocument });
  }

  change(name: string, version: number, contentChanges: readonly object[]): Promise<void> {
    const textDocument = { uri: addressOf(name), version };
    return this.client.sendNotification("textDocument/didChange", { textDocument, contentChanges });
  }

  request(method: string, params: object): Promise<unknown> {
    return this.client.sendRequest(method, params);
  }

  /** Waits until the checks of a document have ended, whatever they say, and lets go of everything. */
  async close(name: string): Promise<void> {
    const settled = this.client.sendRequest("countersign/settled", { textDocument: { uri: addressOf(name) } });
    await settled.catch(() => null);
    this.end();
  }
}

/** The address of a file of the workspace. */
export function addressOf(name: string): string {
  return uriOf(`${root}/${name}`);
}

/** The name of a file of the workspace; null for others. */
export function fileOf(uri: string): string | null {
  const base = `${uriOf(root)}/`;
  return uri.startsWith(base) ? decodeURIComponent(uri.slice(base.length)) : null;
}
