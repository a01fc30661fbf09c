/**
 * Progress on standard error while a run goes on: a live line per node on a terminal, plain lines otherwise.
 * A projection of the journal's events; it keeps no truth of its own.
 */
import type { JournalEvent } from "../effects/events.ts";
import { duration } from "../runtime/kept-runs/time.ts";
import { clean } from "./render/text.ts";
import type { Style, Terminal } from "./terminal.ts";

/** Shows events as they come. */
export interface Progress {
  event(event: JournalEvent): void;
  /** Clears the live line; nothing is shown afterwards. */
  end(): void;
}

/** Nothing is shown. */
export const silent: Progress = { event: () => undefined, end: () => undefined };

/** A progress for this terminal. `kindOf` names the kind of a node of the root document. */
export function progressFor(
  terminal: Terminal,
  style: Style,
  kindOf: (node: string) => string,
  dryRun: boolean,
): Progress {
  return new Lines(terminal, style, kindOf, dryRun);
}

class Lines implements Progress {
  private readonly entered = new Map<string, number>();
  private live = "";
  private readonly terminal: Terminal;
  private readonly style: Style;
  private readonly kindOf: (node: string) => string;
  private readonly dryRun: boolean;

  constructor(terminal: Terminal, style: Style, kindOf: (node: string) => string, dryRun: boolean) {
    this.dryRun = dryRun;
    this.terminal = terminal;
    this.style = style;
    this.kindOf = kindOf;
  }

  event(event: JournalEvent): void {
    const { style } = this;
    switch (event.type) {
      case "node.entered":
        this.entered.set(place(event.frame, event.node), event.at);
        this.show(`${style.cyan("…")} ${clean(place(event.frame, event.node))}`);
        return;
      case "node.ended":
        this.ended(event);
        return;
      case "node.failed":
        if (event.then === "retry")
          this.line(
            `${style.yellow("↻")} ${this.name(event)} attempt ${event.attempt} failed: ${clean(event.failure.message)}`,
          );
        else this.line(`${style.red("✗")} ${this.name(event)} ${clean(event.failure.message)}`);
        return;
      case "effect.decided":
        if (event.decision === "Deny") this.line(`${style.red("⊘")} denied (${event.code}): ${clean(event.reason)}`);
        return;
      case "provision.decided":
        if (event.decision !== "Allow")
          this.line(
            `${style.red("⊘")} ${event.what === "secret" ? "secret" : "MCP server"} ${clean(event.name)} refused (${event.code}): ${clean(event.reason)}`,
          );
        return;
      case "approval.requested": {
        const what = this.dryRun ? "would wait for approval" : "waits for approval";
        this.line(
          `${style.yellow("⏸")} ${clean(event.id)} ${what}${event.reason === null ? "" : `: ${clean(event.reason)}`}`,
        );
        return;
      }
      case "deadline.passed":
        this.line(`${style.red("⏱")} the deadline has passed`);
        return;
      default:
        return;
    }
  }

  private ended(event: Extract<JournalEvent, { type: "node.ended" }>): void {
    const { style } = this;
    const took = event.at - (this.entered.get(place(event.frame, event.node)) ?? event.at);
    this.entered.delete(place(event.frame, event.node));
    const mark =
      event.outcome === "fail" ? style.red("✗") : event.outcome === "skip" ? style.dim("↷") : style.green("✓");
    const label =
      event.label === null
        ? ""
        : ` ${style.dim("→")} ${clean(event.label)}${event.assumed ? style.yellow(" (assumed)") : ""}`;
    const time = took >= 1 ? style.dim(` ${duration(took)}`) : "";
    this.line(`${mark} ${this.name(event)}${label}${event.reason === null ? "" : ` ${clean(event.reason)}`}${time}`);
  }

  private name(event: { readonly frame: string; readonly node: string }): string {
    const kind = event.frame === "" ? this.kindOf(event.node) : "";
    const indent = event.frame === "" ? "" : "  ".repeat(event.frame.split("/").length);
    return `${indent}${clean(event.node)}${kind === "" ? "" : this.style.dim(` ${kind}`)}`;
  }

  private line(text: string): void {
    this.clear();
    this.terminal.err(`${text}\n`);
  }

  private show(text: string): void {
    if (!this.terminal.interactive.output) return;
    this.clear();
    this.live = text.slice(0, Math.max(10, this.terminal.width * 2));
    this.terminal.err(this.live);
  }

  private clear(): void {
    if (this.live === "") return;
    this.terminal.err("\r\u001b[2K");
    this.live = "";
  }

  end(): void {
    this.clear();
  }
}

function place(frame: string, node: string): string {
  return frame === "" ? node : `${frame}/${node}`;
}
