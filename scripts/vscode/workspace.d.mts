export function makeWorkspace(folder: string): Promise<string>;
