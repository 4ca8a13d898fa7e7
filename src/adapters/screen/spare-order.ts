/** A run's order as a waiting window reads it (`--spare` in shim.sh), line by line. Pure. */

export interface ToldOrder {
  folder: string;
  name: string;
  command: readonly string[];
  user: string | null;
}

/** A pipe takes 64 KiB from somebody who does not wait. */
const MOST_BYTES = 32 * 1024;

/**
 * What screen itself reads when it starts or sets for its window, and what a shell keeps for itself: a run that has settings of its own for one
 * of these needs a screen that was started with them.
 */
const NOT_AFTERWARDS = new Set(
  "TERM TERMCAP STY WINDOW SHELL SCREENRC SCREENDIR LINES COLUMNS LANG LANGUAGE LC_ALL LC_CTYPE HOME USER LOGNAME NETHACKOPTIONS IFS OPTIND OPTARG PPID PWD OLDPWD ENV PS1 PS2 PS4 UID EUID GROUPS BASH BASHOPTS SHELLOPTS BASH_ENV POSIXLY_CORRECT SIGNALBOX_SPARE".split(
    " ",
  ),
);

/** null: it can not be told that way. */
export function orderText(
  order: ToldOrder,
  common: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>>,
  words: readonly string[],
): string | null {
  if (order.user !== null) return null;
  const own = Object.entries(environment).filter(([name, value]) => common[name] !== value);
  if (own.some(([name]) => NOT_AFTERWARDS.has(name) || name.startsWith("signalbox_") || !/^[A-Za-z_]\w*$/.test(name))) return null;
  const told = [...own.map(([name, value]) => `=${name}=${value}`), ".", ...words.map((word) => `=${word}`), "."];
  const lines = [`=${order.folder}`, `=${order.name}`, `=${order.command[0]}`, ...told];
  if (lines.some((line) => /[\n\0]/.test(line))) return null;
  const text = `${lines.join("\n")}\n`;
  return Buffer.byteLength(text) <= MOST_BYTES ? text : null;
}
