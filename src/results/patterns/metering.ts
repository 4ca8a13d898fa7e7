/**
 * Measures programs by what they print: follows the output of their sessions and reports what its lines say, each line exactly once as long
 * as it is in its file. Looks when something was printed; a program that prints faster than it is read is read later, and what its cap cut
 * away before that is counted as skipped.
 */

import { AppError, messageOf } from "../../kernel/errors.ts";
import { openLoop } from "../../kernel/loop.ts";
import type { Engine } from "./engine.ts";
import { type MessageSaid, saidBy, timeOf } from "./line.ts";
import { LINE_BYTES, linesIn } from "./lines.ts";
import { type Metered, type MeteredSession, type Metering, type MeteringOptions, nothingYet } from "./metered.ts";
import type { PatternSet } from "./pattern.ts";
import type { Position } from "./positions.ts";
import { engines } from "./rulebook.ts";

/** Of one session in one look. */
const LOOK_BYTES = 64 * 1024;
const LOOK_LINES = 250;
/** Of one look at all of them: then others have their turn. */
const LOOK_MS = 8;
/** Screen writes what a program prints once a second; half of that brings many sessions into one look. */
const GATHER_MS = 500;
/** A safety net: what is printed is told. */
const SWEEP_MS = 30_000;
/** For folders that cannot be watched. */
const POLL_MS = 2_000;

interface Reader {
  session: MeteredSession;
  position: Position | null;
  stopWatching: (() => void) | null;
}

interface Look {
  reader: Reader;
  items: (MessageSaid & { at: string })[];
  next: Position;
  /** There is more to read. */
  more: boolean;
}

export async function openMetering(options: MeteringOptions): Promise<Metering> {
  const { rulebook, printed, positions, clock, log } = options;
  const readers = new Map<string, Reader>();
  const engineOf = new Map<string, { set: PatternSet; engine: Engine }>();
  const metered = new Map<string, Metered>();
  // A start without patterns waits for nothing.
  const known = rulebook.programs().length > 0 ? await positions.load() : [];
  const stored = new Map(known.map((position) => [position.session, position]));
  const dirty = new Set<string>();
  let soon: ReturnType<typeof setTimeout> | null = null;
  let reconfigured = true;
  let sweptAt = Number.NEGATIVE_INFINITY;

  const loop = openLoop({ name: "patterns", everyMs: POLL_MS, run: look, log, now: clock.now });
  const leave = rulebook.changed.subscribe((program) => {
    engineOf.delete(program);
    metered.delete(program);
    markBegin(program);
    reconfigure();
  });

  function reconfigure(): void {
    reconfigured = true;
    wake();
  }

  function wake(): void {
    soon ??= setTimeout(() => {
      soon = null;
      loop.nudge();
    }, GATHER_MS);
  }

  function mark(session: string): void {
    dirty.add(session);
    wake();
  }

  async function look(): Promise<void> {
    if (reconfigured) await settle();
    if (readers.size === 0) return;
    const sweep = clock.uptimeMs() - sweptAt >= SWEEP_MS;
    if (sweep) sweptAt = clock.uptimeMs();
    for (const [id, reader] of readers) {
      if (reader.stopWatching === null) reader.stopWatching = printed.watch(id, () => mark(id));
      if (sweep || reader.stopWatching === null) dirty.add(id);
    }
    const began = clock.uptimeMs();
    const looks: Look[] = [];
    for (const id of [...dirty]) {
      if (clock.uptimeMs() - began > LOOK_MS) break;
      dirty.delete(id);
      const reader = readers.get(id);
      const looked = reader ? await lookAt(reader) : null;
      if (looked) looks.push(looked);
    }
    if (looks.length > 0) await take(looks);
    if (dirty.size > 0) wake();
  }

  /** Results first, then how far they reach: what ends us in between makes duplicates, no losses. */
  async function take(looks: readonly Look[]): Promise<void> {
    const done = await Promise.allSettled(looks.map((one) => report(one)));
    const through = looks.filter((_, i) => done[i]!.status === "fulfilled");
    await positions.save(through.map(({ next }) => next));
    for (const { reader, next, more } of through) {
      reader.position = next;
      if (more) dirty.add(next.session);
    }
    const failed = done.find((one) => one.status === "rejected");
    if (!failed) return;
    for (const [i, one] of done.entries()) if (one.status === "rejected") dirty.add(looks[i]!.next.session);
    throw failed.reason;
  }

  async function report({ reader: { session }, items }: Look): Promise<void> {
    if (items.length === 0) return;
    const numbers = metered.get(session.program);
    for (let from = 0; from < items.length; from += AT_ONCE) {
      const taken = await options.accept(session.program, session.id, items.slice(from, from + AT_ONCE));
      if (!numbers) continue;
      numbers.accepted += taken.accepted;
      numbers.duplicate += taken.duplicate;
      numbers.rejected += taken.rejected.length;
      const [first] = taken.rejected;
      if (first) numbers.lastRejection = `${first.field} ${first.message}`;
    }
  }

  async function lookAt(reader: Reader): Promise<Look | null> {
    const { session } = reader;
    const ready = await readyOf(session.program);
    if (!ready) return null;
    const { set, engine, numbers } = ready;
    const runs = printed.runs(session.id);
    const from = reader.position ?? firstPosition(session.id, runs, set);
    if (!from) return null;
    const now = clock.now();
    const newer = runs.find((run) => run > from.run);
    const isOver = newer !== undefined || options.isOver(session.id, from.run);
    const read = printed.read(session.id, from.run, from.place, LOOK_BYTES);
    const { bytes, from: place } = read;
    numbers.skippedBytes += runs.includes(from.run) ? Math.max(0, place - from.place) : 0;
    const atEnd = place + bytes.length >= read.end;
    const { lines, used, inLongLine, cut } = linesIn(bytes, {
      inLongLine: from.inLongLine && place === from.place,
      most: LOOK_LINES,
      last: isOver && atEnd,
    });
    numbers.lines += lines.length;
    numbers.cutLines += cut;
    let open = from.open;
    const items: Look["items"] = [];
    for (const { text, at } of lines) {
      const line = options.plain(text);
      const offBefore = engine.off.size;
      const found = engine.match(line);
      if (engine.off.size > offBefore) sayOff(session.program, engine);
      if (!found) continue;
      numbers.matched[found.index] = (numbers.matched[found.index] ?? 0) + 1;
      numbers.lastMatchAt = now;
      const context = { run: from.run, at: place + at, ids: set.ids, pairs: session.pairs, open, phoneHash: options.phoneHash };
      const said = saidBy(found, set.patterns[found.index]!, context);
      open = said.open;
      const printedAt = timeOf(line, from.at, now, options.localTime);
      if (said.credit !== null) options.onCredit(session.program, found.groups.gateway ?? null, said.credit, printedAt);
      const stamp = new Date(printedAt).toISOString();
      for (const message of said.messages) items.push({ ...message, at: stamp });
    }
    const reached = place + used;
    const isDone = isOver && reached >= read.end;
    const next: Position =
      isDone && newer !== undefined
        ? { session: session.id, run: newer, place: 0, inLongLine: false, open: [], at: options.startedAt(newer) }
        : { session: session.id, run: from.run, place: reached, inLongLine, open, at: atEnd ? now : from.at };
    // What waits for its newline, its end or its turn is looked at again.
    const more = !isDone && (used > 0 || isOver) ? reached < read.end : newer !== undefined && isDone;
    const moved = reader.position === null || next.run !== from.run || next.place !== from.place;
    if (!moved) {
      from.at = atEnd ? now : from.at;
      return null;
    }
    return { reader, items, next, more };
  }

  /** What is printed from the moment on at which a program got patterns is counted, also before the next look. */
  function markBegin(program: string): void {
    const set = rulebook.of(program);
    if (!set) return;
    for (const { id, program: own } of options.sessions()) {
      if (own !== program || readers.has(id)) continue;
      const first = firstPosition(id, printed.runs(id), set);
      if (first) stored.set(id, first);
    }
  }

  /** Where the counting of a session begins. What was there before its program had patterns is not counted. */
  function firstPosition(session: string, runs: readonly string[], set: PatternSet): Position | null {
    const young = runs.find((run) => options.startedAt(run) >= set.since);
    const run = young ?? runs.at(-1);
    if (run === undefined) return null;
    const at = young === undefined ? clock.now() : options.startedAt(run);
    return { session, run, place: young === undefined ? lastLineStart(session, run) : 0, inLongLine: false, open: [], at };
  }

  /** The line that is being printed counts. */
  function lastLineStart(session: string, run: string): number {
    const { begin, end } = printed.span(session, run);
    const from = Math.max(begin, end - LINE_BYTES);
    return from + printed.read(session, run, from, end - from).bytes.lastIndexOf(NEWLINE) + 1;
  }

  async function readyOf(program: string): Promise<{ set: PatternSet; engine: Engine; numbers: Metered } | null> {
    const set = rulebook.of(program);
    if (!set) return null;
    let known = engineOf.get(program);
    if (known?.set !== set) {
      const { openEngine } = await engines();
      known = { set, engine: openEngine(set.patterns, clock.uptimeMs) };
      engineOf.set(program, known);
      metered.set(program, nothingYet(known.engine));
    }
    return { ...known, numbers: metered.get(program)! };
  }

  function sayOff(program: string, engine: Engine): void {
    for (const [index, why] of engine.off) log.warn("a pattern is switched off", { program, pattern: index + 1, why });
  }

  /** Who is measured now. */
  async function settle(): Promise<void> {
    reconfigured = false;
    const now = new Map(options.sessions().flatMap((session) => (rulebook.of(session.program) ? [[session.id, session] as const] : [])));
    const gone = new Set<string>();
    for (const id of stored.keys()) if (!now.has(id)) gone.add(id);
    for (const [id, reader] of readers) {
      if (now.has(id)) continue;
      reader.stopWatching?.();
      readers.delete(id);
      gone.add(id);
    }
    for (const [id, session] of now) {
      const reader = readers.get(id);
      const since = rulebook.of(session.program)?.since ?? 0;
      const known = stored.get(id);
      if (reader) reader.session = session;
      // A place from before the patterns were taken away and set again says nothing.
      else readers.set(id, { session, position: known && known.at >= since ? known : null, stopWatching: null });
      dirty.add(id);
    }
    stored.clear();
    if (gone.size > 0) await positions.drop([...gone]);
  }

  return {
    of: (program) => metered.get(program),
    heard(program) {
      const numbers = metered.get(program);
      if (numbers) numbers.alsoPosts = true;
    },
    touch(sessions) {
      for (const id of sessions) if (readers.has(id)) mark(id);
    },
    reconfigure,
    loop,
    async stop() {
      leave();
      if (soon) clearTimeout(soon);
      await loop.stop();
      if (soon) clearTimeout(soon);
      for (const { stopWatching } of readers.values()) stopWatching?.();
      // The file keeps what is not read: the next start goes on there.
      await look().catch((error) => {
        if (!(error instanceof AppError)) throw error;
        log.warn("the last output is counted with the next start", { error: messageOf(error) });
      });
      for (const { stopWatching } of readers.values()) stopWatching?.();
      if (soon) clearTimeout(soon);
    },
  };
}

const NEWLINE = 10;
/** Results of one append. */
const AT_ONCE = 1_000;
