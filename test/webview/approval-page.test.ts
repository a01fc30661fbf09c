/** The page of a request in a plain Chromium, with a host that only sends what it is told and notes what it hears. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium, startBrowser } from "../../scripts/vscode/browser.mjs";
import {
  fromApproval,
  toApproval,
  type ApprovalView,
  type FromApproval,
  type ToApproval,
} from "../../src/protocol/approval.ts";
import { themes, type ThemeClass } from "./themes.ts";

const dist = path.resolve("dist/webview");
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const origin = "http://page.test";
const types: Readonly<Record<string, string>> = { ".js": "text/javascript", ".css": "text/css", ".ttf": "font/ttf" };
const digest = `sha256:${"a".repeat(64)}`;

const open: ApprovalView = {
  ...{
    digest,
    bound: "bound",
    status: "open",
    id: "publish#1.1",
    subject: "effect",
    asks: "an effect",
    reason: "policy asks",
  },
  ...{ rule: "approval_missing", place: "publish", step: "publish#1.1", runId: "r-1", workflow: "gate" },
  ...{ dialect: "workflow", document: "/w/gate.toml", documentName: "gate.toml", documentDigest: digest },
  environment: "staging",
  requester: { principal: "user:ada@host", signed: true },
  askedAt: 1_700_000_000_000,
  expiresAt: null,
  effect: {
    kind: "http.request",
    facts: [
      ["method", "POST"],
      ["url", "https://api.example/\u202egro.evil"],
      ["headers[0]", "X-A: <img src=x onerror=alert(1)>"],
    ],
    content: { text: "{}\u200b", cut: true },
    change: null,
  },
  about: [],
  input: [{ name: "big", type: "text, 900 characters", text: "x".repeat(900), large: true, cut: false }],
  soFar: [{ node: "notes", outcome: "continue" }],
  picture: null,
  terms: {
    ...{ needed: 2, notRequester: true, approvers: ["user:bob@host", "user:eve@host"], signed: true },
    ...{ answerSchema: null, capability: "http.request:POST https://api.example/x", inputDigest: digest },
  },
  effectDigest: digest,
  given: [{ principal: "user:eve@host", approved: true, expiresAt: "2030-01-01T00:00:00Z" }],
  answer: null,
  signing: {
    ...{ approve: true, deny: false, principal: "user:bob@host" },
    keys: [
      { kid: "editor-1", fingerprint: digest, principal: "user:bob@host", trusted: "nobody here trusts it yet" },
      { kid: "editor-2", fingerprint: digest, principal: "user:bob@host", trusted: null },
    ],
  },
  toType: null,
  resume: { why: null, command: "countersign resume r-1" },
};

/** The page with its host. */
class Host {
  readonly page: Page;
  readonly said: FromApproval[] = [];

  constructor(page: Page) {
    this.page = page;
  }

  async send(message: ToApproval): Promise<void> {
    await this.page.evaluate(`window.postMessage(${JSON.stringify(toApproval.parse(message))}, "*")`);
  }

  async show(view: Partial<ApprovalView> = {}): Promise<void> {
    const keep = { source: "/s", runId: "r-1", id: "publish#1.1", askedAt: 1 };
    await this.send({ type: "show", view: { ...open, ...view }, keep });
    await this.page.getByRole("heading", { level: 2 }).first().waitFor();
  }

  /** What axe finds that is serious or worse. */
  async findings(): Promise<string[]> {
    await this.page.evaluate(await readFile(axe, "utf8"));
    const { violations }: AxeResults = await this.page.evaluate("axe.run(document)");
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    return serious.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html} ${node.failureSummary ?? ""}`));
  }

  answers(): Extract<FromApproval, { type: "answer" }>[] {
    return this.said.flatMap((one) => (one.type === "answer" ? [one] : []));
  }
}

async function openApproval(browser: Browser, theme: ThemeClass = "vscode-dark", width = 1280): Promise<Host> {
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  const host = new Host(page);
  await page.exposeFunction("tellHost", (message: unknown) => host.said.push(fromApproval.parse(message)));
  await page.route(`${origin}/**`, async (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name === "") return route.fulfill({ contentType: "text/html", body: html(theme) });
    const body = await readFile(path.join(dist, path.basename(name)));
    return route.fulfill({ contentType: types[path.extname(name)] ?? "application/octet-stream", body });
  });
  await page.goto(`${origin}/`);
  await expect.poll(() => host.said.map(({ type }) => type)).toContain("ready");
  return host;
}

function html(theme: ThemeClass): string {
  const variables = Object.entries(themes[theme]).map(([name, value]) => `--vscode-${name}: ${value};`);
  const policy = `default-src 'none'; script-src 'nonce-page'; style-src ${origin} 'nonce-page'; font-src ${origin}; img-src data:`;
  const api = `const acquireVsCodeApi = () => ({ postMessage: (m) => { window.tellHost(m); }, getState: () => null, setState: () => {} });`;
  return `<!DOCTYPE html><html lang="en"><head><meta charset="UTF-8"><title>Approvals</title>
<meta http-equiv="Content-Security-Policy" content="${policy}">
<style nonce="page">:root { ${variables.join(" ")} } body { background: var(--vscode-editor-background); }</style>
<link rel="stylesheet" href="${origin}/approval.css"></head>
<body class="${theme}"><div id="root"></div><script nonce="page">${api}</script>
<script nonce="page" src="${origin}/approval.js"></script></body></html>`;
}

describe.skipIf(findChromium() === null)("the page of a request", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });

  it("shows texts of the document as text, with signs where something is hidden, and folds large values", async () => {
    const host = await openApproval(browser);
    await host.show();
    const { page } = host;
    await expect.poll(() => page.locator(".headline").textContent()).toBe("POST https://api.example/\\u{202e}gro.evil");
    await expect.poll(() => page.locator(".sign").allTextContents()).toEqual(["\\u{202e}", "\\u{202e}", "\\u{200b}"]);
    await expect.poll(() => page.locator("img").count()).toBe(0);
    await expect.poll(() => page.getByText("onerror").count()).toBe(1);
    await expect.poll(() => page.locator("details[open]").count()).toBe(0);
    await expect.poll(() => page.getByText("its beginning").isVisible()).toBe(true);
    expect(await host.findings()).toEqual([]);
    await page.close();
  });

  it("answers with the digest that was shown, the reason and the key that counts", async () => {
    const host = await openApproval(browser);
    await host.show();
    const { page } = host;
    await page.getByLabel("Reason").fill("looked at it");
    await page.getByRole("button", { name: "Approve…" }).click();
    await page.getByLabel("Sign with").selectOption("");
    await expect.poll(() => page.getByRole("button", { name: "Approve…" }).isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Deny…" }).click();
    await expect
      .poll(() => host.answers())
      .toMatchObject([
        { digest, approved: true, reason: "looked at it", kid: "editor-2", typed: null },
        { digest, approved: false, kid: null },
      ]);
    await page.close();
  });

  it("in prod Approve is there only when the name is typed; the keyboard reaches everything", async () => {
    const host = await openApproval(browser);
    await host.show({ environment: "prod", toType: "publish" });
    const { page } = host;
    const approve = page.getByRole("button", { name: "Approve…" });
    await expect.poll(() => approve.isDisabled()).toBe(true);
    await page.getByLabel("Reason").focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.type("publis");
    await expect.poll(() => approve.isDisabled()).toBe(true);
    await page.keyboard.type("h");
    expect(await host.findings()).toEqual([]);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect.poll(() => host.answers()).toMatchObject([{ approved: true, target: "publish" }]);
    await page.close();
  });

  it("a typed answer is filled in, and Approve waits for what is required", async () => {
    const answerSchema = JSON.stringify({
      ...{ type: "object", required: ["region"] },
      properties: { region: { enum: ["eu", "us"] }, note: { type: "string" } },
    });
    const host = await openApproval(browser);
    const terms = open.terms === null ? null : { ...open.terms, answerSchema };
    await host.show({ terms });
    const { page } = host;
    await expect.poll(() => page.getByRole("button", { name: "Approve…" }).isDisabled()).toBe(true);
    await page.getByLabel("region (required)").selectOption('"eu"');
    await page.getByRole("button", { name: "Approve…" }).click();
    await expect.poll(() => host.answers()).toMatchObject([{ typed: '{"region":"eu"}' }]);
    expect(await host.findings()).toEqual([]);
    await page.close();
  });

  it("without a key it offers to make one; a key that nobody trusts says whom to tell its fingerprint", async () => {
    const host = await openApproval(browser);
    const { page } = host;
    await host.show({ signing: { ...open.signing, keys: [] } });
    await page.getByRole("button", { name: "Make a Signing Key…" }).click();
    await expect.poll(() => host.said.at(-1)).toEqual({ type: "makeKey" });
    await expect.poll(() => page.getByRole("button", { name: "Approve…" }).isDisabled()).toBe(true);
    await host.show({ signing: { ...open.signing, keys: open.signing.keys.slice(0, 1) } });
    await page.getByText("nobody here trusts it yet").waitFor();
    await page.getByText("countersign keys trust FILE").waitFor();
    await page.getByRole("button", { name: "Copy Fingerprint" }).click();
    await expect.poll(() => host.said.at(-1)).toEqual({ type: "copy", what: "fingerprint", kid: "editor-1" });
    expect(await host.findings()).toEqual([]);
    await page.close();
  });

  it("says how long it is open, that it has expired, and what came of an answer", async () => {
    const host = await openApproval(browser);
    const { page } = host;
    await host.show({ expiresAt: Date.now() + 3_600_000 * 30 });
    await page.getByText(/It expires in 1 day [56] hours?\./).waitFor();
    await host.show({ expiresAt: Date.now() + 30_000 });
    await page.getByRole("status").filter({ hasText: "Less than a minute left" }).waitFor({ state: "attached" });
    expect(await host.findings()).toEqual([]);
    await host.show({ status: "expired", expiresAt: 5 });
    await page.getByRole("button", { name: "Go On" }).click();
    await expect.poll(() => host.said.at(-1)).toEqual({ type: "goOn" });
    await host.send({ type: "said", tone: "bad", message: "It changed.", next: "Look again." });
    await page.getByRole("alert").filter({ hasText: "It changed." }).waitFor();
    await host.show({ status: "approved", answer: { by: "user:eve", reason: "fine", at: 5, signed: true } });
    await page.getByRole("heading", { name: "This was approved" }).waitFor();
    await expect.poll(() => page.getByRole("button", { name: "Approve…" }).count()).toBe(0);
    await page.close();
  });

  it.each(Object.keys(themes) as ThemeClass[])("is accessible in %s, and when it is narrow", async (theme) => {
    const host = await openApproval(browser, theme, 420);
    await host.show({
      resume: { why: "its document is not in this window", command: "countersign resume r-1" },
      effect: {
        ...{ kind: "fs.write", facts: [["real_path", "/w/out/notes.md"]], content: null },
        change: { type: "diff", isNew: false, cut: false, lines: ["@@ -1 +1 @@", "-old", "+new"] },
      },
    });
    expect(await host.findings()).toEqual([]);
    const wide = await host.page.evaluate<boolean>("document.documentElement.scrollWidth > window.innerWidth");
    expect(wide).toBe(false);
    await host.page.close();
  });
});
