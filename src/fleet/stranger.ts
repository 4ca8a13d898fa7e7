/** A screen that nobody here started, as it is told to people: its state, why, and whether it can be adopted. Pure. */

import { type AppError, conflict } from "../kernel/errors.ts";
import type { Session } from "../pairs/session.ts";
import type { ScreenSeen } from "./discovery.ts";
import type { Guess } from "./guess.ts";
import { stripControls } from "./mask.ts";
import { commandLine, maskedCommand } from "./masked-command.ts";

export type StrangerState = "stranger" | "shell_idle" | "duplicate" | "dead";

export interface Stranger {
  /** `{pid}-{start_ticks}`: names the process, not only its number. */
  address: string;
  state: StrangerState;
  /** One sentence. */
  why: string;
  screenPid: number;
  name: string;
  /** Of the program, or of the shell that runs nothing. */
  pid: number | null;
  startedAt: number | null;
  /** Secrets masked, one line. */
  command: string;
  folder: string | null;
  user: string;
  /** Names of its environment; values are never read out. */
  variables: readonly string[];
  otherScreen: string | null;
  guess: Guess;
  /** The session that runs the same program and pair. */
  doubles: string | null;
  /** Why it cannot be adopted, or null. */
  refusal: string | null;
}

/** The session of the same program and pair, and whether it runs. */
export interface Twin {
  session: Session;
  runs: boolean;
}

export function strangerFrom(screen: ScreenSeen, guess: Guess, twin: Twin | null): Stranger {
  const state: StrangerState =
    screen.kind === "shell" ? "shell_idle" : screen.kind === "dead" ? "dead" : twin?.runs ? "duplicate" : "stranger";
  const { address, screenPid, process, user, variables, otherScreen } = screen;
  return {
    address,
    state,
    why: whyOf(state, screen, twin),
    screenPid,
    name: stripControls(screen.name),
    pid: process?.pid ?? null,
    startedAt: process?.startedAt ?? null,
    command: commandLine(maskedCommand(screen.command)),
    folder: screen.folder === null ? null : stripControls(screen.folder),
    user,
    variables,
    otherScreen,
    guess,
    doubles: twin?.session.id ?? null,
    refusal: refusalOf(screen)?.message ?? null,
  };
}

export function refusalOf({ kind, process, manageable, user, name }: ScreenSeen): AppError | null {
  const label = stripControls(name);
  if (kind === "dead") return conflict(`The screen ${label} is gone; only its socket is left. "screen -wipe" removes it.`, "dead");
  if (kind === "shell" || process === null)
    return conflict(`The screen ${label} holds a shell and no program: there is nothing to adopt`, "shell_idle");
  if (!manageable)
    return conflict(`It belongs to user ${user}: only root could stop it, so only a Signalbox that runs as root adopts it`, "other_user");
  return null;
}

function whyOf(state: StrangerState, { name, otherScreen }: ScreenSeen, twin: Twin | null): string {
  const label = stripControls(name);
  const other = otherScreen === null ? "" : `; its screen is another one than ours: ${otherScreen}`;
  if (twin?.runs) return `runs the same program and pair as ${twin.session.name}: end one of the two${other}`;
  if (twin) return `runs the program and pair of ${twin.session.name}, which does not run: a start of that would double it${other}`;
  if (state === "shell_idle") return `a shell and no program in it${other}`;
  if (state === "dead") return `the screen is gone, its socket ${label} is left`;
  return `started by hand${other}`;
}

export function doubleWords({ screenPid, name, pid }: Stranger): string {
  return `a second copy of the same program and pair was started by hand: screen ${screenPid}.${name}, process ${pid}`;
}

const RANK: Record<StrangerState, number> = { duplicate: 0, stranger: 1, shell_idle: 2, dead: 3 };
/** Duplicates first. */
export const byTrouble = (a: Stranger, b: Stranger) => order(a) - order(b) || (a.name < b.name ? -1 : 1);
const order = ({ state }: Stranger) => RANK[state];
