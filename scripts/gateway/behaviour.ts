/** How each pair's messages fare, as told over HTTP: a profile for all, one for a pair, and a script of changes to come. */

import { z } from "zod";
import { BUILT_IN, type Profile, type ProfileChange, profileChange } from "./profile.ts";

const step = z.strictObject({
  /** Seconds after the script was set. */
  after_s: z
    .number()
    .min(0)
    .max(7 * 86_400),
  /** A pair, or `default`. */
  pair: z.string().min(1).max(80),
  /** What PUT /profiles/{pair} takes; null takes the pair's own profile away. */
  profile: profileChange.nullable(),
});
export type Step = z.infer<typeof step>;

export const script = z.array(step).max(1000);

export type Behaviour = ReturnType<typeof openBehaviour>;

/** Steps take effect at the first request after their time, in the order of their times. */
export function openBehaviour(uptimeMs: () => number) {
  const changes = new Map<string, ProfileChange>();
  let steps: (Step & { dueUptimeMs: number })[] = [];

  function set(pair: string, change: ProfileChange | null): void {
    follow();
    put(pair, change);
  }

  function put(pair: string, change: ProfileChange | null): void {
    if (change === null) changes.delete(pair);
    else changes.set(pair, change);
  }

  function follow(): void {
    while (steps[0] && steps[0].dueUptimeMs <= uptimeMs()) {
      const { pair, profile } = steps.shift()!;
      put(pair, profile);
    }
  }

  return {
    set,
    of(pair: string): Profile {
      follow();
      return { ...BUILT_IN, ...changes.get("default"), ...changes.get(pair) };
    },
    /** Own profiles only; everything else is as `default`. */
    own(): Record<string, ProfileChange> {
      follow();
      return Object.fromEntries(changes);
    },
    setScript(given: readonly Step[]): void {
      follow();
      const from = uptimeMs();
      steps = given.map((one) => ({ ...one, dueUptimeMs: from + one.after_s * 1000 })).sort((a, b) => a.dueUptimeMs - b.dueUptimeMs);
    },
    /** The steps that are still to come, with the seconds until then. */
    script(): Step[] {
      follow();
      return steps.map(({ dueUptimeMs, pair, profile }) => ({ after_s: (dueUptimeMs - uptimeMs()) / 1000, pair, profile }));
    },
  };
}
