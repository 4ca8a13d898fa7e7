/** Timers that a test moves by hand, together with its clock: nothing waits for real time. */

interface Timer {
  dueMs: number;
  run: () => void;
}

export function handTimers(clock: { uptimeMs(): number; advance(ms: number): void }) {
  let timers: Timer[] = [];

  return {
    after(ms: number, run: () => void): () => void {
      const timer = { dueMs: clock.uptimeMs() + Math.max(0, ms), run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    /** Moves the clock from timer to timer; whatever a timer sets off is over before the next one rings. */
    async advance(ms: number): Promise<void> {
      const until = clock.uptimeMs() + ms;
      for (;;) {
        await turn();
        const next = timers.reduce<Timer | null>((first, timer) => (!first || timer.dueMs < first.dueMs ? timer : first), null);
        if (!next || next.dueMs > until) break;
        timers = timers.filter((other) => other !== next);
        clock.advance(Math.max(0, next.dueMs - clock.uptimeMs()));
        next.run();
      }
      clock.advance(until - clock.uptimeMs());
      await turn();
    },
    /** A crash: nothing rings any more. */
    clear: () => {
      timers = [];
    },
    pending: () => timers.length,
  };
}

/** Everything that was set off has happened. */
export function turn(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}
