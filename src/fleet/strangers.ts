/**
 * Screens that nobody here started: found, understood, shown when they double a session, and adopted without a restart. Nothing is
 * signalled or written into one by looking at it or adopting it.
 */

import type { Actor } from "../kernel/act.ts";
import { AppError, conflict, invalid } from "../kernel/errors.ts";
import { lazily } from "../kernel/lazily.ts";
import { openTopic, type Topic } from "../kernel/topic.ts";
import { type Directory, pairOf, programOf, sessionOf } from "../pairs/directory.ts";
import type { NewSession } from "../pairs/input.ts";
import type { Roster } from "../pairs/roster.ts";
import type { Session } from "../pairs/session.ts";
import type { Discovery, ProcessFound, ScreenSeen, WindowSeen } from "./discovery.ts";
import { NO_GUESS, openGuesser } from "./guess.ts";
import { stripControls } from "./mask.ts";
import { byTrouble, doubleWords, refusalOf, type Stranger, strangerFrom } from "./stranger.ts";
import type { AdoptedProcess, RunSeen } from "./terminals.ts";
import type { Tracks } from "./tracks.ts";

export interface AdoptionWish {
  address: string;
  program: string;
  pairs: readonly string[];
  name?: string | undefined;
}

export type AdoptionAnswer =
  | { address: string; adopted: true; session: Session }
  | { address: string; adopted: false; code: AppError["code"]; reason: string | null; message: string };

export interface Strangers {
  /** As of the last look: duplicates first, then by name. */
  list(): Stranger[];
  /** Looks now; many who ask at once are one look. */
  look(): Promise<void>;
  /**
   * Makes the process a session's run, and returns the session. Throws `invalid` for what is no address, `not_found` for the program or a
   * pair, and `conflict` with a reason: `gone`, `shell_idle`, `dead`, `other_user`, `duplicate`, `inactive`, `exists`.
   */
  adopt(wish: AdoptionWish, actor: Actor): Promise<Session>;
  /**
   * Undoes an adoption: the session is retired, its program goes on by itself and is a stranger again. Throws `conflict` with reason
   * `not_adopted` (we started what runs now), `high_priority`.
   */
  release(session: string, actor: Actor): Promise<void>;
  /** One after the other; one that is refused stops none. */
  adoptMany(wishes: readonly AdoptionWish[], actor: Actor): Promise<AdoptionAnswer[]>;
  /** Told after a look that saw something else than the one before. */
  changed: Topic<void>;
}

export interface OpenStrangers extends Strangers {
  /** As `look`, cheaply: what was only ours a short while ago is taken to be so still. */
  glance(): Promise<void>;
  /** What runs the same as this session, in a sentence. */
  doubleOf(session: string): string | null;
}

export interface StrangersOptions {
  discovery: Discovery;
  directory: Directory;
  roster: Pick<Roster, "addSession" | "releaseSession">;
  tracks: Tracks;
  /** Makes the process the session's newest run; what it returns undoes that. */
  takeUp: (session: Session, process: AdoptedProcess, by: string) => { done(): void; undo(): void };
  /** Forgets a run without touching its process. */
  letGo: (run: RunSeen, by: string) => void;
}

export function openStrangers({ discovery, directory, roster, tracks, takeUp, letGo }: StrangersOptions): OpenStrangers {
  const changed = openTopic<void>();
  let seen: ScreenSeen[] = [];
  let signature = "";
  let looking: Promise<void> | null = null;
  let doubles = new Map<string, string>();
  const taking = new Set<string>();
  /** Made when somebody is to be guessed at: with thousands of pairs it takes its time. */
  let guesser = lazily(() => openGuesser(directory));
  directory.changed.subscribe((changes) => {
    if (changes.some(({ kind }) => kind === "program" || kind === "pair")) guesser = lazily(() => openGuesser(directory));
  });

  async function lookNow(whole = true): Promise<void> {
    const isOurs = ownership(directory, tracks);
    seen = await discovery.look(isOurs, whole);
    // What was adopted while we looked is no stranger any more.
    seen = seen.filter((screen) => screen.process === null || !isAdopted(screen.process));
    const list = all();
    doubles = new Map(
      list.flatMap((stranger) =>
        stranger.state !== "duplicate" || stranger.doubles === null ? [] : [[stranger.doubles, doubleWords(stranger)]],
      ),
    );
    const next = JSON.stringify(list);
    if (next === signature) return;
    signature = next;
    changed.publish();
  }

  function isAdopted({ pid, startTicks }: ProcessFound): boolean {
    for (const [session, { run }] of tracks)
      if (run?.adopted && run.child?.pid === pid && run.child.startTicks === startTicks && directory.session(session)) return true;
    return false;
  }

  function all(): Stranger[] {
    return seen.map(strangerOf).sort(byTrouble);
  }

  function strangerOf(screen: ScreenSeen): Stranger {
    const guess = screen.kind === "dead" ? NO_GUESS : guesser().guess(stripControls(screen.name), screen.commands);
    const session = screen.kind === "program" ? twinOf(guess.program, guess.pairs) : undefined;
    return strangerFrom(screen, guess, session ? { session, runs: tracks.of(session.id).run?.child?.alive ?? false } : null);
  }

  function twinOf(program: string | null, pairs: readonly string[]): Session | undefined {
    if (program === null) return undefined;
    return directory.sessions().find((session) => session.program === program && session.pairs.some((id) => pairs.includes(id)));
  }

  async function adopt({ address, program, pairs, name }: AdoptionWish, actor: Actor): Promise<Session> {
    const screen = found(address);
    const refusal = refusalOf(screen);
    if (refusal) throw refusal;
    if (taking.has(address)) throw conflict(`Process ${screen.process?.pid} is being adopted by somebody else this very moment`, "gone");
    const input = { program, pairs: [...pairs], ...(name ? { name } : {}) };
    refuseTwin(input);
    refuseIdle(input);
    const { screenPid, screenStartTicks, name: label } = screen;
    const process: AdoptedProcess = { ...screen.process!, screenPid, screenStartTicks, screen: `${screenPid}.${label}` };
    const reason = `adopted from screen ${screenPid}.${stripControls(label)}, process ${process.pid}`;
    let taken: ReturnType<typeof takeUp> | null = null;
    const begin = (session: Session) => {
      taken = takeUp(session, process, actor.name);
      return taken.undo;
    };
    taking.add(address);
    try {
      const session = await roster.addSession(input, actor, { verb: "session.adopt", reason, begin });
      (taken as ReturnType<typeof takeUp> | null)?.done();
      seen = seen.filter((other) => other.address !== address);
      return session;
    } finally {
      taking.delete(address);
    }
  }

  function found(address: string): ScreenSeen {
    if (!/^\d{1,10}-\d{1,20}$/.test(address))
      throw invalid(`${address} is no address of a stranger`, [{ field: "stranger", message: "must be {pid}-{start_ticks}" }]);
    const screen = seen.find((each) => each.address === address);
    if (screen) return screen;
    const [pid] = address.split("-");
    const other = seen.find((each) => each.process?.pid === Number(pid));
    if (other) throw conflict(`Process ${pid} is another one than you saw: it is ${other.address} now. Look again.`, "gone");
    throw conflict(`Process ${pid} is no stranger any more: it has ended, or was adopted. Look again.`, "gone");
  }

  function refuseTwin({ program, pairs }: NewSession): void {
    const twin = twinOf(program, pairs);
    if (!twin) return;
    const words = `${twin.name} already runs ${program} for ${twin.pairs.join(", ")}: end one of the two, or delete the session first`;
    throw conflict(words, "duplicate");
  }

  /** A session whose pairs are all switched off is stopped at once: adopting must end nothing. */
  function refuseIdle({ program, pairs }: NewSession): void {
    programOf(directory, program);
    const known = pairs.map((id) => pairOf(directory, id));
    if (known.length > 0 && !known.some((pair) => pair.active))
      throw conflict(`${pairs.join(", ")} switched off: adopting would stop the program. Switch it on first.`, "inactive");
  }

  async function release(idOrName: string, actor: Actor): Promise<void> {
    const session = sessionOf(directory, idOrName);
    const track = tracks.of(session.id);
    const { run } = track;
    if (!run?.adopted || !run.child?.alive)
      throw conflict(`${session.name} runs nothing that was adopted: what Signalbox started ends with its session`, "not_adopted");
    // As long as something is on its way, the plan neither stops nor starts.
    track.opening = true;
    try {
      await roster.releaseSession(session.id, actor);
      letGo(run, actor.name);
    } finally {
      track.opening = false;
    }
    await lookNow();
    changed.publish();
  }

  return {
    list: all,
    look() {
      looking ??= lookNow().finally(() => {
        looking = null;
      });
      return looking;
    },
    glance: () => looking ?? lookNow(false),
    async adopt(wish, actor) {
      await lookNow();
      return adopt(wish, actor);
    },
    release,
    async adoptMany(wishes, actor) {
      await lookNow();
      const answers: AdoptionAnswer[] = [];
      for (const wish of wishes) {
        try {
          answers.push({ address: wish.address, adopted: true, session: await adopt(wish, actor) });
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          const { code, message, details } = error;
          answers.push({ address: wish.address, adopted: false, code, reason: details.reason ?? null, message });
        }
      }
      return answers;
    },
    changed,
    doubleOf: (session) => doubles.get(session) ?? null,
  };
}

/** Windows of our own runs, live or just ended: known by their keeper, by their adopted program, or by their cookie while they open and close. */
function ownership(directory: Directory, tracks: Tracks): (window: WindowSeen) => boolean {
  const keepers = new Set<number>();
  const runs = new Set<string>();
  for (const [session, { run, past }] of tracks) {
    if (!directory.session(session)) continue;
    if (run?.keeper) keepers.add(run.keeper.pid);
    for (const each of [run, past.at(-1), past.at(-2)]) if (each) runs.add(each.run);
  }
  return (window) => keepers.has(window.pid) || (isShim(window.command()) && runs.has(window.run() ?? ""));
}

function isShim(command: readonly string[]): boolean {
  return command[1]?.endsWith("/signalbox-run") ?? false;
}
