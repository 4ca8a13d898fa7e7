/**
 * How long results are kept: minutes, quarters, hours and days of sums, and the messages themselves. An admin sets it; what is older goes once
 * an hour, in steps of a few milliseconds with a pause after each, so that nobody waits for it. Deleting messages changes no sum.
 */

import { type Act, type Actor, act } from "../kernel/act.ts";
import type { Clock } from "../kernel/clock.ts";
import { type FieldError, invalid } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import { HOUSEKEEPING_AFTER_MS, type Loop, openLoop } from "../kernel/loop.ts";
import type { Documents } from "../pairs/documents.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, TIERS, type Tier, type Trends } from "./history.ts";

/** Port: deletes what is too old, a step at a time, each step in a transaction of its own. Lives where the sums and the journal live. */
export interface Keeping {
  /** Sums of a tier that began before, of the scopes after `after`; `next`: where the next step goes on, null when all were looked at. */
  trimTier(order: { tier: Tier; before: number; after: number }): Promise<{ deleted: number; next: number | null }>;
  /**
   * The oldest rows of the journal that were received before, and the messages whose story ends with them. Never the newest row, nor one that
   * is not yet in the sums over time and in those of the gateways, which have a mark of their own. `more`: the next step finds some too.
   */
  trimMessages(order: { before: number }): Promise<{ deleted: number; more: boolean }>;
  /** Notes how much of the file is in use that day. */
  noteSize(day: number): Promise<void>;
}

export type Kept = Tier | "messages";
export type KeptDays = Record<Kept, number>;

/** What an admin sets. */
export interface KeepingSettings {
  days: KeptDays;
  /** Of the output of runs and the spools together, MB; over it the output of the oldest runs goes. */
  outputMegabytes: number;
}

/** Least, usual and most, in days. Reports of the last 48 hours are taken, so their messages must be known at least as long. */
export const KEPT: Record<Kept, { least: number; usual: number; most: number }> = {
  "1m": { least: 2, usual: 14, most: 90 },
  "15m": { least: 7, usual: 90, most: 730 },
  "1h": { least: 30, usual: 730, most: 3_650 },
  "1d": { least: 365, usual: 3_650, most: 36_500 },
  messages: { least: 3, usual: 30, most: 3_650 },
};
export const OUTPUT_MEGABYTES = { least: 100, usual: 10_240, most: 10_000_000 };
const MEGABYTE = 1_048_576;
export const USUAL_DAYS = Object.fromEntries(Object.entries(KEPT).map(([name, { usual }]) => [name, usual])) as KeptDays;

/** What is wrong with it, by field; a finer tier is not kept longer than a coarser one. */
export function faultsOf({ days, outputMegabytes }: KeepingSettings): FieldError[] {
  const within = (field: string, given: number, { least, most }: { least: number; most: number }): FieldError[] =>
    Number.isInteger(given) && given >= least && given <= most
      ? []
      : [{ field, message: `must be a whole number from ${least} to ${most}` }];
  const faults = Object.entries(KEPT).flatMap(([field, limits]) => within(field, days[field as Kept], limits));
  faults.push(...within("output_megabytes", outputMegabytes, OUTPUT_MEGABYTES));
  for (const [place, tier] of TIERS.slice(1).entries())
    if (days[tier] < days[TIERS[place]!]) faults.push({ field: tier, message: `must be at least that of ${TIERS[place]}` });
  return faults;
}

export interface Retention {
  days(): KeptDays;
  outputMegabytes(): number;
  version(): number;
  /** Throws `invalid` with the fields, `conflict` when somebody was quicker. */
  change(wanted: KeepingSettings, actor: Actor, expected?: number): Promise<void>;
  loop: Loop;
}

export interface RetentionOptions {
  documents: Pick<Documents, "load" | "commit">;
  keeping: Keeping;
  /** Days of sums become those of this time zone when a start finds them in another. */
  trends: Pick<Trends, "rezone">;
  timeZone: string;
  /** Brings output and spools within the budget; gives what it freed, bytes. */
  trimOutput: (budgetBytes: number) => Promise<number>;
  clock: Clock;
  log: Log;
  /** Between two steps: others have their turn. */
  pause?: () => Promise<void>;
}

const ID = "retention";
const PAUSE_MS = 25;
/** A start has better things to do. */
const FIRST_AFTER_MS = 5 * MINUTE_MS;
/** A run of the loop is over in about ten seconds; the next goes on. */
const MOST_STEPS = 200;

export function openRetention({
  documents,
  keeping,
  trends,
  timeZone,
  trimOutput,
  clock,
  log,
  pause = () => Bun.sleep(PAUSE_MS),
}: RetentionOptions): Retention {
  let settings: KeepingSettings = { days: USUAL_DAYS, outputMegabytes: OUTPUT_MEGABYTES.usual };
  let version = 0;
  let loaded = false;
  let dueAt = clock.uptimeMs() + FIRST_AFTER_MS;
  let zoned = false;
  let pass: AsyncGenerator<unknown> | null = null;
  const loop = openLoop({ name: "results.retention", everyMs: MINUTE_MS, run, firstAfterMs: HOUSEKEEPING_AFTER_MS, log, now: clock.now });

  async function run(): Promise<void> {
    await load();
    pass ??= zoned ? (clock.uptimeMs() < dueAt ? null : steps()) : zoning();
    if (!pass) return;
    for (let step = 0; step < MOST_STEPS; step++) {
      const { done } = await pass.next().catch((error) => {
        pass = null;
        throw error;
      });
      if (done) {
        if (zoned) dueAt = clock.uptimeMs() + HOUR_MS;
        zoned = true;
        pass = clock.uptimeMs() < dueAt ? null : steps();
        if (!pass) return;
      } else await pause();
    }
    loop.nudge();
  }

  async function* zoning(): AsyncGenerator<unknown> {
    const { days } = settings;
    const since = (tier: "15m" | "1h") => clock.now() - days[tier] * DAY_MS;
    for (let more = true; more; yield) ({ more } = await trends.rezone({ timeZone, whole: { "15m": since("15m"), "1h": since("1h") } }));
  }

  /** All that is due, a step for each round. */
  async function* steps(): AsyncGenerator<unknown> {
    const now = clock.now();
    const { days, outputMegabytes } = settings;
    await keeping.noteSize(Math.floor(now / DAY_MS));
    yield await trimOutput(outputMegabytes * MEGABYTE);
    for (const tier of TIERS)
      for (let after: number | null = 0; after !== null; ) {
        const { deleted, next } = await keeping.trimTier({ tier, before: now - days[tier] * DAY_MS, after });
        after = next;
        yield deleted;
      }
    for (let more = true; more; ) {
      const step = await keeping.trimMessages({ before: now - days.messages * DAY_MS });
      more = step.more;
      yield step.deleted;
    }
  }

  async function load(): Promise<void> {
    if (loaded) return;
    const stored = (await documents.load(["setting"])).find(({ id }) => id === ID);
    loaded = true;
    if (!stored) return;
    settings = { ...settings, ...(stored.body as Partial<KeepingSettings>) };
    version = stored.version;
  }

  return {
    days: () => settings.days,
    outputMegabytes: () => settings.outputMegabytes,
    version: () => version,
    async change(wanted, actor, expected) {
      const faults = faultsOf(wanted);
      if (faults.length > 0) throw invalid(faults.map(({ field, message }) => `${field} ${message}`).join("; "), faults);
      await load();
      const told: Act = act(actor, clock.now(), "settings.update", `setting:${ID}`, { detail: { from: settings, to: wanted } });
      await documents.commit([{ kind: "setting", id: ID, expected: expected ?? version, body: { ...wanted } }], [told]);
      version = (expected ?? version) + 1;
      settings = wanted;
      dueAt = 0;
      loop.nudge();
    },
    loop,
  };
}
