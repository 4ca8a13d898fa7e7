/**
 * Days, and quarters of days, as a time zone has them: 23 and 25 hours long when clocks change, from midnight or, where midnight is left out,
 * from the first moment of the day. Offsets have been whole quarters of an hour everywhere since 1972.
 */

export const QUARTER_MS = 900_000;

export interface Zone {
  /** IANA. */
  name: string;
  /** What its clocks are ahead of UTC, ms. */
  offset(at: number): number;
  /** When the step of local time that holds `at` began; `stepMs` divides a day. */
  begin(at: number, stepMs: number): number;
  /** When the step after the one that began then begins. */
  next(begin: number, stepMs: number): number;
}

/** Its calendar is loaded at the first question: that takes 8 ms and 5 MB, and UTC needs none. */
export function openZone(name: string): Zone {
  const offset = name === "UTC" ? () => 0 : offsets(name);
  const step = (at: number, stepMs: number) => Math.floor((at + offset(at)) / stepMs);

  function begin(at: number, stepMs: number): number {
    const own = step(at, stepMs);
    const usual = own * stepMs - offset(at);
    if (begins(usual, own, stepMs)) return usual;
    let quarter = Math.floor(at / QUARTER_MS) * QUARTER_MS;
    while (step(quarter - QUARTER_MS, stepMs) >= own) quarter -= QUARTER_MS;
    return quarter;
  }

  function next(from: number, stepMs: number): number {
    const own = step(from, stepMs);
    const usual = from + stepMs;
    if (step(usual, stepMs) > own && step(usual - QUARTER_MS, stepMs) === own) return usual;
    let quarter = from + QUARTER_MS;
    while (step(quarter, stepMs) <= own) quarter += QUARTER_MS;
    return quarter;
  }

  const begins = (at: number, own: number, stepMs: number) => step(at, stepMs) === own && step(at - QUARTER_MS, stepMs) < own;
  return { name, offset, begin, next };
}

/** Of the quarters asked for before, or of the calendar. */
function offsets(name: string): (at: number) => number {
  const known = new Map<number, number>();
  let format: Intl.DateTimeFormat | null = null;
  return (at) => {
    const quarter = Math.floor(at / QUARTER_MS);
    const before = known.get(quarter);
    if (before !== undefined) return before;
    format ??= new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
    const offset = readOffset(format.format(at));
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(quarter, offset);
    return offset;
  };
}

/** A few years of days. */
const MOST_KNOWN = 5_000;

/** `11/20/2026, GMT+05:45`; at UTC nothing follows GMT. */
function readOffset(text: string): number {
  const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(text) ?? [];
  return sign ? (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000 : 0;
}

/** `2026-01-05 12:00`, as the clocks of the zone show it. */
export function wallTime({ offset }: Zone, at: number): string {
  return new Date(at + offset(at)).toISOString().slice(0, 16).replace("T", " ");
}

/** The moment at which its clocks show a date and time, given as if it were UTC; of two the earlier one that its offset of that day gives. */
export function atWallTime({ offset }: Zone, wall: number): number {
  return wall - offset(wall - offset(wall));
}
