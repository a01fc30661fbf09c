/**
 * The line between a page and its host: messages of a protocol, checked both ways. Nothing else of VS Code is used. All
 * pages share it.
 */
import { z } from "zod";

// The pages' content security policy allows no generated code.
z.config({ jitless: true });

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();

/** What this page has kept for itself while it was hidden; unchecked. */
export function keptRaw(): unknown {
  return api.getState();
}

/** Keeps something of this page for as long as it is open, also while it is hidden. */
export function keepRaw(state: unknown): void {
  api.setState(state);
}

/** A page's end of the line. */
export interface Line<To, From> {
  /** Says something to the host. */
  readonly tell: (message: From) => void;
  /** Listens to the host, and says that it does. The returned function stops. */
  readonly listen: (heard: (message: To) => void) => () => void;
}

/** Opens the line. `ready` is said as soon as the page listens; `problem` words what was not understood. */
export function openLine<To, From>(
  protocol: { readonly toPage: z.ZodType<To>; readonly fromPage: z.ZodType<From> },
  said: { readonly ready: From; readonly problem: (message: string) => From },
): Line<To, From> {
  const tell = (message: From): void => {
    api.postMessage(protocol.fromPage.parse(message));
  };
  return {
    tell,
    listen(heard) {
      const receive = (event: MessageEvent): void => {
        const parsed = protocol.toPage.safeParse(event.data);
        if (parsed.success) heard(parsed.data);
        else tell(said.problem(`a message of the host was not understood: ${parsed.error.message}`));
      };
      window.addEventListener("message", receive);
      tell(said.ready);
      return () => {
        window.removeEventListener("message", receive);
      };
    },
  };
}
