import type { Browser, BrowserServer } from "playwright-core";

export function findChromium(): string | null;
export function startBrowser(more?: readonly string[]): Promise<Browser>;
export function startBrowserServer(): Promise<BrowserServer>;
