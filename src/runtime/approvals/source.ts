/**
 * Where requests come from and answers go: the state directory of a window, or, later, a server. Views of approvals know
 * nothing else.
 *
 * Invariants: whoever answers says what was shown to them, by its digest; an answer to anything else is refused. A
 * source signs only with the signer that it is given, and only what it has checked against that digest.
 */
import type { Signer } from "../../effects/signing.ts";
import type { Value } from "../../graph/value.ts";
import type { Bound } from "./bound.ts";
import type { FileChange, OpenApproval } from "./pending.ts";
import type { RecordedAnswer } from "./recorded.ts";
import type { Answer } from "./resuming.ts";

/** Names one request of one source. */
export interface RequestRef {
  readonly runId: string;
  readonly id: string;
  /** When it was asked, in milliseconds since 1970: a run may ask under one name again. */
  readonly askedAt: number;
}

/** A request in a list. Texts are as the run says them. */
export interface ListedRequest {
  readonly ref: RequestRef;
  /** What would happen, else why it is asked. */
  readonly asks: string;
  readonly reason: string | null;
  readonly workflow: string;
  readonly document: string;
  readonly environment: string;
  readonly requester: string;
  /** Frame and node. */
  readonly place: string;
  /** Milliseconds since 1970; null: never. */
  readonly expiresAt: number | null;
  /** How many principals must approve, and how many have signed that they do. */
  readonly needed: number;
  readonly have: number;
}

/** A request that came to its end. */
export interface EndedRequest extends ListedRequest {
  readonly answer: RecordedAnswer;
}

/** The run so far as a picture. */
export interface RunPicture {
  /** SVG text for bright and for dark pages. */
  readonly light: string;
  readonly dark: string;
  /** What it shows, for who does not see it. */
  readonly said: string;
}

/** All that an approver may see of a request before they answer. */
export interface ShownRequest {
  readonly ref: RequestRef;
  readonly open: OpenApproval;
  /** What the write would change; null for anything but a write. */
  readonly change: FileChange | null;
  /** The run's payload, secrets by name. */
  readonly input: Value;
  readonly picture: RunPicture | null;
  /** Whether what is shown is what the digest of the request binds. */
  readonly bound: Bound;
  /** Null while it is open. */
  readonly answer: RecordedAnswer | null;
  /** Over everything above that an answer is about. */
  readonly digest: string;
}

/** Why something cannot be had: a stable code and a sentence. */
export interface SourceProblem {
  readonly code: string;
  readonly message: string;
}

/** Something, or why not. */
export type Sourced<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: SourceProblem };

/** What a person decided. */
export interface Verdict {
  /** The digest of what was shown ({@link ShownRequest.digest}). */
  readonly seen: string;
  readonly approved: boolean;
  readonly reason: string | null;
  /** A typed answer; null where yes or no is asked. */
  readonly typed: { readonly value: Value } | null;
  /** Null: without a signature, which counts only where the terms say so. */
  readonly signer: Signer | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * What came of an answer. `approval.changed`: it is not what was shown; `approval.gone`: nobody asks it any more;
 * `approval.forged`: what it shows is not what its digest binds; `approval.expired`; `approval.unsigned`: it needs a signature; `approval.answer`: the typed answer does not fit.
 */
export type Given =
  | {
      readonly given: true;
      /** For whoever resumes the run, where nobody signed; null: the credential is where the resume finds it. */
      readonly unsigned: Answer | null;
      /** Why it can never count, though it was signed; null when it may. */
      readonly futile: string | null;
      /** Principals that have approved so far, this answer included, and how many are needed. */
      readonly have: number;
      readonly needed: number;
    }
  | ({ readonly given: false } & SourceProblem);

/** See the header. */
export interface ApprovalSource {
  /** Unique among sources; also what a next session finds it by. */
  readonly id: string;
  /** What waits, the newest run first. */
  pending(): Promise<Sourced<readonly ListedRequest[]>>;
  /** At most so many that came to their end, the latest first. */
  history(most: number): Promise<Sourced<readonly EndedRequest[]>>;
  /** Everything about one request, as it is now. */
  show(ref: RequestRef): Promise<Sourced<ShownRequest>>;
  /** Checks that the request is still what was shown, and gives the answer. */
  answer(ref: RequestRef, verdict: Verdict): Promise<Given>;
}
