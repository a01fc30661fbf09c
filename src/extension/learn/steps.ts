/** The steps of the getting-started page, and the context keys that tick them off. */

/** In order. */
export const steps = ["open", "fix", "dryRun", "break", "approve", "export"] as const;

/** One of them. */
export type Step = (typeof steps)[number];

/** The context key that says that somebody has done it. */
export function learnedKey(step: Step): string {
  return `countersign.learned.${step}`;
}
