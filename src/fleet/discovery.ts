/**
 * Port: the screens there are in the folders that are looked at, whoever started them.
 *
 * `look` reads the folders and /proc and changes nothing: nothing is signalled, written or asked of a screen. It is cheap enough for
 * every few seconds; what `isOurs` says yes to is passed over before anything costly. It gives one item per window of each screen, one
 * for each socket whose screen is gone, and none for a screen without a window. Values of environments are never read into an item.
 */

export interface Discovery {
  /** Not `whole`: screens that had no window but ours a short while ago are passed over unseen. */
  look(isOurs: (window: WindowSeen) => boolean, whole?: boolean): Promise<ScreenSeen[]>;
}

/** What little is known of a window before it is looked at closely. */
export interface WindowSeen {
  pid: number;
  /** SIGNALBOX_RUN of its environment. */
  run: () => string | null;
  command: () => readonly string[];
}

export interface ProcessFound {
  pid: number;
  startTicks: number;
  /** Wall ms. */
  startedAt: number;
  /** Its process group and kernel session: what it started in its terminal shares them. */
  group: number;
  session: number;
}

export interface ScreenSeen {
  /** `dead`: its socket is there and its screen is not. `shell`: a shell that runs nothing. */
  kind: "program" | "shell" | "dead";
  /** `{pid}-{start_ticks}` of the process below: what an adoption names. A dead socket's has the ticks 0. */
  address: string;
  screenPid: number;
  screenStartTicks: number;
  /** As `screen -ls` shows it: may hold spaces. */
  name: string;
  /** The program, or the shell that runs nothing; null of a dead socket. */
  process: ProcessFound | null;
  /** As it was started, secrets and all: to be masked before anybody sees it. */
  command: readonly string[];
  /** Of everything in the foreground with it: behind a wrapping script stands the program itself. */
  commands: readonly (readonly string[])[];
  /** null: not ours to see. */
  folder: string | null;
  user: string;
  /** We may signal it. */
  manageable: boolean;
  /** Names, in order. */
  variables: readonly string[];
  /** What is to be said about its screen being another one than ours: `/opt/screen/bin/screen, version 5.0.1`. */
  otherScreen: string | null;
}
