/** What the server finds in a text and what the command line finds, in one form that can be compared. */
import path from "node:path";
import { expect } from "vitest";
import { Checker, type Checked } from "../../language/checker.ts";
import { wireDiagnostics } from "../../language/convert.ts";
import { Links } from "../../language/links.ts";
import { uriOf } from "../../language/uris.ts";
import { Workspace } from "../../language/workspace.ts";
import type { OpenLive } from "../../src/dialects/live/live.ts";
import { TextLines } from "../../src/dialects/live/text-lines.ts";
import { createOpenLive } from "../../src/dialects/live/open.ts";
import type { Position, Range, Severity } from "../../src/graph/diagnostic.ts";
import { definitions } from "../../src/kinds/definitions.generated.ts";
import { checkFile, type CheckReport } from "../../src/runtime/check.ts";
import { languageHost } from "../../src/runtime/language-host.ts";
import { readOperator } from "../../src/runtime/operator.ts";

/** One finding: code, severity, place, message, and the places that explain it. */
export type Said = readonly [code: string, severity: string, place: string, message: string, related: string];

const severities: readonly (Severity | undefined)[] = [undefined, "error", "warning", "information"];

/** The checks of a server in `folder`, without a protocol around them. */
export class Checks {
  readonly folder: string;
  private readonly workspace: Workspace;
  private readonly checker: Checker;
  private version = 0;

  private constructor(folder: string, openLive: OpenLive) {
    this.folder = folder;
    this.workspace = new Workspace(languageHost(folder, {}), openLive);
    this.workspace.folders = [folder];
    this.checker = new Checker(this.workspace, new Links(this.workspace), {
      publish: () => undefined,
      gone: () => undefined,
      failed: (problem) => {
        throw problem;
      },
      configuration: ({ message }) => {
        throw new Error(message);
      },
    });
  }

  static async in(folder: string): Promise<Checks> {
    return new Checks(folder, createOpenLive({ kinds: definitions }));
  }

  /** What the server finds in a text that an editor holds under this name; null when it is none of ours. */
  async server(file: string, text: string): Promise<{ readonly checked: Checked; readonly said: Said[] } | null> {
    const uri = uriOf(file);
    this.workspace.open(uri, "", ++this.version, text);
    try {
      const checked = await this.checker.settled(file);
      if (checked === null) return null;
      const wire = await wireDiagnostics(checked, this.workspace, () => null);
      const said = wire.map((one): Said => {
        const related = (one.relatedInformation ?? []).map(
          ({ message, location }) => `${place(location.range)} ${message}`,
        );
        return [
          String(one.code),
          severities[one.severity ?? 0] ?? "?",
          place(one.range),
          typeof one.message === "string" ? one.message : one.message.value,
          related.join("\n"),
        ];
      });
      return { checked, said: said.sort(byText) };
    } finally {
      this.workspace.close(uri);
      this.checker.close(file);
    }
  }

  /** What `countersign validate` finds; `file` may name one runner. */
  async commandLine(file: string, text: string): Promise<{ readonly report: CheckReport; readonly said: Said[] }> {
    const read = await readOperator({
      flags: {},
      env: {},
      cwd: this.folder,
      folder: path.dirname(file),
      workspaceFolder: this.folder,
    });
    const report = await checkFile(file, this.folder, { text, operator: read.ok ? read.operator : null });
    const lines = new TextLines(text);
    // An editor's positions end before a line's ending, and a lone carriage return ends a line too.
    const clamped = (at: Position): Position => lines.position(lines.offset(at));
    const said = report.diagnostics.map(({ code, severity, at, message, related }): Said => [
      code,
      severity,
      place({ start: clamped(at.start), end: clamped(at.end) }),
      message,
      related.map((one) => `${place(one.at)} ${one.message}`).join("\n"),
    ]);
    return { report, said: said.sort(byText) };
  }

  /**
   * Expects both to say the same; of a text that does not parse the server may say more. False for a text that is
   * none of ours.
   */
  async compare(file: string, given: string): Promise<boolean> {
    // No file holds half a surrogate pair.
    const text = Buffer.from(given, "utf8").toString("utf8");
    const server = await this.server(file, text);
    if (server === null) return false;
    const { live } = server.checked.snapshot;
    const runners = live.graphs.flatMap(({ runner }) => runner ?? []);
    const reports = await Promise.all(
      (runners.length > 0 ? runners.map((runner) => `${file}#${runner}`) : [file]).map((one) =>
        this.commandLine(one, text),
      ),
    );
    const wanted = distinct(reports.flatMap((one) => one.said));
    if (reports.every(({ report }) => report.status !== "unparsable")) {
      expect(live.accepted).toBe(true);
      expect(server.said).toEqual(wanted);
      return true;
    }
    expect(live.accepted).toBe(false);
    for (const one of wanted) expect(server.said).toContainEqual(one);
    return true;
  }
}

function place({ start, end }: Range): string {
  return `${start.line}:${start.character}-${end.line}:${end.character}`;
}

function byText(a: Said, b: Said): number {
  const [left, right] = [a.join("\0"), b.join("\0")];
  return left < right ? -1 : left > right ? 1 : 0;
}

function distinct(said: readonly Said[]): Said[] {
  return [...new Map(said.map((one) => [one.join("\0"), one])).values()].sort(byText);
}
