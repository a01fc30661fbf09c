/**
 * Listening for an abort without leaving the listener behind. What an abort means is in `../world/abort.ts`.
 */

/** Calls `then` once, now or when `signal` aborts; the returned function takes the listener away. */
export function onAbort(signal: AbortSignal, then: () => void): () => void {
  if (signal.aborted) {
    then();
    return () => undefined;
  }
  signal.addEventListener("abort", then, { once: true });
  return () => signal.removeEventListener("abort", then);
}

/** The promise's value, or null as soon as `signal` aborts. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | null> {
  let forget = (): void => undefined;
  const aborted = new Promise<null>((resolve) => {
    forget = onAbort(signal, () => resolve(null));
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    forget();
  }
}
