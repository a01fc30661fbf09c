/** Where the VS Code server is. */
export interface VscodePlaces {
  readonly folder: string;
  readonly node: string;
  readonly server: string;
}
export function vscodeFolder(): string;
export function vscodeRuns(): boolean;
export function installVscode(say?: (text: string) => void, fetch?: boolean): Promise<VscodePlaces>;
