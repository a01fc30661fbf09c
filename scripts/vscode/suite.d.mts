export function buildSuite(folder: string): Promise<{ readonly folder: string; readonly module: string }>;
