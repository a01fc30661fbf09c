/**
 * A loopback server that records who asked for what: `/CASE/KEY`. The first request to a key `flaky` is cut.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request. */
export interface Recorded {
  readonly key: string;
  readonly method: string;
  readonly idempotencyKey: string | null;
}

/** A recording server on a free port of 127.0.0.1. */
export class Recorder {
  private readonly seen = new Map<string, Recorded[]>();
  private readonly server = createServer((request, response) => this.answer(request, response));
  private port = 0;

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Where requests of one case go. */
  url(name: string): string {
    return `http://127.0.0.1:${this.port}/${name}`;
  }

  /** What one case has asked for, in order. */
  requests(name: string): readonly Recorded[] {
    return this.seen.get(name) ?? [];
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const [, name = "", key = ""] = (request.url ?? "").split("/");
    const list = this.seen.get(name) ?? [];
    this.seen.set(name, list);
    request.on("error", () => undefined);
    request.resume();
    request.on("end", () => {
      const header = request.headers["idempotency-key"];
      list.push({ key, method: request.method ?? "", idempotencyKey: typeof header === "string" ? header : null });
      const first = list.filter((one) => one.key === key).length === 1;
      if (key === "flaky" && first) {
        response.destroy();
        return;
      }
      response.sendDate = false;
      response.writeHead(200, { "content-type": "text/plain" });
      response.end(`seen ${key}`);
    });
  }
}
