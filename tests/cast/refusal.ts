/**
 * The error a promise ends with; fails when it succeeds. Used instead of `expect(p).rejects`, which in Bun blocks the event loop
 * until the promise settles, so that an answer of a Worker may never come.
 */
export async function refusal(promise: Promise<unknown>): Promise<Error & { code?: string; details?: { reason?: string } }> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: Error) => ({ error }),
  );
  if ("error" in outcome) return outcome.error;
  throw new Error(`expected a refusal, got ${JSON.stringify(outcome.value)}`);
}
