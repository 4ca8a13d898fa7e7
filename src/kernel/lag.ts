/** How late timers come: the sign that something holds the event loop. Looked at four times a second, kept for 15 s. */

export interface LagMeter {
  /** The worst of the last 15 s, ms. */
  worstMs(): number;
  stop(): void;
}

const LOOK_EVERY_MS = 250;
const KEPT = 60; // looks: 15 s

export function openLagMeter(nowMs: () => number = () => performance.now()): LagMeter {
  const looks = new Float64Array(KEPT);
  let next = 0;
  let due = nowMs() + LOOK_EVERY_MS;
  const timer = setInterval(() => {
    const now = nowMs();
    looks[next++ % KEPT] = Math.max(0, now - due);
    due = now + LOOK_EVERY_MS;
  }, LOOK_EVERY_MS);
  timer.unref();
  return { worstMs: () => Math.max(...looks, nowMs() - due), stop: () => clearInterval(timer) };
}
