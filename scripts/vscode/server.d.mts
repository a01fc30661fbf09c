import type { VscodePlaces } from "./install.mjs";

/** A server that runs. */
export interface RunningServer {
  readonly port: number;
  stop(): Promise<void>;
}
export interface ServerOptions {
  readonly dataFolder: string;
  readonly port?: number;
  readonly trust?: boolean;
  readonly automation?: boolean;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}
export function installExtension(places: VscodePlaces, dataFolder: string, vsix: string): Promise<void>;
export function startServer(places: VscodePlaces, options: ServerOptions): Promise<RunningServer>;
