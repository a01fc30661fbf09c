/**
 * The server in a test: the real server and a real protocol client, joined by streams in memory, over files that are
 * a table in memory. Tests read as documents with marks (`marks.ts`) and what the protocol answers.
 */
import { PassThrough } from "node:stream";
import {
  createProtocolConnection,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  PublishDiagnosticsNotification,
  RegistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type ClientCapabilities,
  type Diagnostic,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type Registration,
} from "vscode-languageserver/node";
import { createConnection } from "vscode-languageserver/node";
import { onTestFinished } from "vitest";
import type { LanguageHost } from "../../language/host.ts";
import { serve } from "../../language/server.ts";
import { uriOf } from "../../language/uris.ts";
import { marked, type Marked } from "./marks.ts";
import { everything, languageOf, memoryHost, root } from "./memory-host.ts";

export { everything, root } from "./memory-host.ts";

/** A running server with its client. */
export interface Served {
  readonly client: ProtocolConnection;
  /** Files by name below {@link root}, as the disk has them; tests may change them. */
  readonly disk: Map<string, string>;
  readonly host: LanguageHost;
  /** All that was published, in order. */
  readonly publications: readonly PublishDiagnosticsParams[];
  /** What the server has registered so far. */
  readonly registrations: readonly Registration[];
  /** Opens a document in the editor; marks are taken out. */
  open(name: string, source: string): OpenDocument;
  /** Sends a request and gives the answer. */
  request<R>(method: string, params: unknown): Promise<R>;
}

/** One document in the editor. */
export interface OpenDocument extends Marked {
  readonly uri: string;
  /** Replaces the whole text; marks are taken out. */
  change(source: string): Marked;
  /** Diagnostics of the present version, once all checks have run. */
  diagnostics(): Promise<readonly Diagnostic[]>;
  /** `{textDocument, position}` at a cursor of the text as it was opened. */
  at(cursor?: number): { readonly textDocument: { readonly uri: string }; readonly position: Marked["cursor"] };
}

/** Starts a server over these files; it ends with the test. */
export async function served(
  files: Readonly<Record<string, string>> = {},
  options: {
    readonly capabilities?: ClientCapabilities;
    readonly initializationOptions?: unknown;
    readonly host?: Partial<LanguageHost>;
  } = {},
): Promise<Served> {
  const disk = new Map(Object.entries(files));
  const host: LanguageHost = { ...memoryHost(disk), ...options.host, within: () => host };
  const [up, down] = [new PassThrough(), new PassThrough()];
  serve(createConnection(new StreamMessageReader(up), new StreamMessageWriter(down)), host, {
    version: "0.0.0",
    docs: (code) => `file:///docs/diagnostics.md#${code}`,
  });
  const client = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
  const published = new Map<string, { version: number | undefined; diagnostics: readonly Diagnostic[] }>();
  const publications: PublishDiagnosticsParams[] = [];
  client.onNotification(PublishDiagnosticsNotification.type, (params) => {
    const { uri, version, diagnostics } = params;
    publications.push(params);
    published.set(uri, { version, diagnostics });
  });
  const registrations: Registration[] = [];
  client.onRequest(RegistrationRequest.type, (params) => {
    registrations.push(...params.registrations);
  });
  client.listen();
  await client.sendRequest(InitializeRequest.type, {
    processId: null,
    rootUri: uriOf(root),
    workspaceFolders: [{ uri: uriOf(root), name: "w" }],
    capabilities: options.capabilities ?? everything,
    initializationOptions: options.initializationOptions,
  });
  await client.sendNotification(InitializedNotification.type, {});
  onTestFinished(async () => {
    await client.sendRequest(ShutdownRequest.type);
    client.dispose();
  });
  return {
    client,
    disk,
    host,
    registrations,
    publications,
    request: (method, params) => client.sendRequest(method, params),
    open(name, source) {
      const first = marked(source);
      const uri = uriOf(`${root}/${name}`);
      let version = 1;
      const textDocument = { uri, languageId: languageOf(name), version, text: first.text };
      void client.sendNotification("textDocument/didOpen", { textDocument });
      return {
        ...first,
        uri,
        change(next) {
          const now = marked(next);
          version++;
          const contentChanges = [{ text: now.text }];
          void client.sendNotification("textDocument/didChange", { textDocument: { uri, version }, contentChanges });
          return now;
        },
        async diagnostics() {
          await client.sendRequest("countersign/settled", { textDocument: { uri } });
          return published.get(uri)?.diagnostics ?? [];
        },
        at: (cursor = 0) => ({ textDocument: { uri }, position: first.cursors[cursor] ?? first.cursor }),
      };
    },
  };
}

/** Says goodbye as a client does; for tests of the server's end. */
export async function goodbye(client: ProtocolConnection): Promise<void> {
  await client.sendRequest(ShutdownRequest.type);
  await client.sendNotification(ExitNotification.type);
}
