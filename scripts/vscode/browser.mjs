/** Finds and starts a Chromium for tests in a real window. */
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const candidates = [
  process.env["COUNTERSIGN_CHROMIUM"] ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** The browser's program; null when there is none. */
export function findChromium() {
  return candidates.find((one) => one !== "" && existsSync(one)) ?? null;
}

const options = {
  headless: true,
  args: [
    ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
    ...["--disable-component-update", "--disable-sync"],
  ],
};

function program() {
  const executablePath = findChromium();
  if (executablePath === null)
    throw new Error("these tests need Chromium: apt-get install -y chromium, or set COUNTERSIGN_CHROMIUM");
  return executablePath;
}

/** Starts it without a window, with more arguments than usual. Throws an Error with one sentence when there is none. */
export async function startBrowser(more = []) {
  return chromium.launch({ ...options, args: [...options.args, ...more], executablePath: program() });
}

/** As {@link startBrowser}, for several processes to connect to. */
export async function startBrowserServer() {
  return chromium.launchServer({ ...options, executablePath: program(), host: "127.0.0.1" });
}
