/** The page's line to its host. */
import {
  APPROVAL_PROTOCOL,
  fromApproval,
  toApproval,
  type FromApproval,
  type ToApproval,
} from "../../src/protocol/approval.ts";
import { keepRaw, openLine } from "../line.ts";

/** Says something to the host, and listens to it. */
export const { tell, listen } = openLine<ToApproval, FromApproval>(
  { toPage: toApproval, fromPage: fromApproval },
  {
    ready: { type: "ready", protocol: APPROVAL_PROTOCOL },
    problem: (message) => ({ type: "problem", message: message.slice(0, 4_000) }),
  },
);

/** Remembers which request this page is of. */
export function keep(request: Extract<ToApproval, { type: "show" }>["keep"]): void {
  keepRaw(request);
}
