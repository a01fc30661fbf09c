/**
 * Breakpoints as clients ask for them, by file and line, and the nodes and edges on which they come to stand.
 *
 * Invariants: a breakpoint keeps its number for as long as its line is asked for, before the launch and after it; what
 * cannot be hit is told with the reason.
 */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { makeBreakpoint, type Breakpoint } from "./breakpoints.ts";
import type { Launched } from "./host.ts";
import type { PlacedBreakpoint } from "./observer.ts";
import type { DebugSession } from "./session.ts";

/** Most breakpoints of one file. */
const MAX_IN_FILE = 1000;

interface Asked {
  readonly id: number;
  readonly request: DebugProtocol.SourceBreakpoint;
}

/** See the header. */
export class SourceBreakpoints {
  private readonly files = new Map<string, readonly Asked[]>();
  /** What became of those that were placed last. */
  private readonly told = new Map<string, readonly PlacedBreakpoint[]>();
  private nextId = 1;

  /** Replaces what is asked for in a file. */
  ask(file: string, list: readonly DebugProtocol.SourceBreakpoint[]): void {
    const known = new Map<number, number[]>();
    for (const { id, request } of this.files.get(file) ?? [])
      known.set(request.line, [...(known.get(request.line) ?? []), id]);
    const asked = list.slice(0, MAX_IN_FILE).map((request): Asked => {
      const id = known.get(request.line)?.shift() ?? this.nextId++;
      return { id, request };
    });
    if (asked.length === 0) this.files.delete(file);
    else this.files.set(file, asked);
  }

  /** Files in which something is asked for. */
  get askedFiles(): readonly string[] {
    return [...this.files.keys()];
  }

  /** Breakpoints of a file and what became of them; none before they are placed. */
  placed(file: string): readonly PlacedBreakpoint[] {
    return this.told.get(file) ?? [];
  }

  /** What a client is told before there is anything on which they could stand. */
  waiting(file: string): DebugProtocol.Breakpoint[] {
    return (this.files.get(file) ?? []).map(({ id, request }) => ({ id, verified: false, line: request.line }));
  }

  /** Puts a file's breakpoints on nodes and edges of a session. */
  place(file: string, launched: Launched, session: DebugSession): DebugProtocol.Breakpoint[] {
    const made: Breakpoint[] = [];
    const told = (this.files.get(file) ?? []).map(({ id, request }): DebugProtocol.Breakpoint => {
      const { line, ...rest } = request;
      const at = launched.breakable(file, line - 1);
      if (at === null) return { id, verified: false, line, message: "no node or labelled edge stands here" };
      const parsed = makeBreakpoint({ ...rest, id, place: at.place });
      if (!parsed.ok) return { id, verified: false, line, message: parsed.problem.message };
      made.push(parsed.breakpoint);
      return { id, verified: true, line: at.at.line + 1, column: at.at.column + 1 };
    });
    for (const document of launched.bundle.entries.keys()) {
      if (fileOf(document) !== file) continue;
      const own = made.filter((one) => one.place.document === document);
      session.setBreakpoints(document, own);
    }
    const asked = this.files.get(file) ?? [];
    this.told.set(
      file,
      told.map(({ line, verified, message = null }, i): PlacedBreakpoint => {
        const wanted = asked[i]?.request.line ?? 0;
        return { asked: wanted, line: line ?? wanted, verified, message };
      }),
    );
    return told;
  }
}

/** The file of a document: a skill's runner is named behind a `#`. */
function fileOf(document: string): string {
  return document.replace(/#[^/\\]*$/, "");
}
