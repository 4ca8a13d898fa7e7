/** A command as it may be shown: values that are secrets hidden, phones and codes masked, controls gone. Pure. */

import { presentable } from "./mask.ts";

const HIDDEN = "••••";

/** Longest part of a name that says "secret follows". `--key`, `--api-key=`, `DB_PASSWORD=`, `-token`, but not `--keyboard` or `--monkey`. */
const SECRET_NAME =
  /(?:^|[-_./])(?:api|access|private|secret|auth)?[-_]?(?:token|passwords?|passwd|passphrase|pass|pwd|secrets?|keys?|apikey|auth|credentials?|bearer|signature|pin|otp)$/i;

/** `user:password@` of a URL, and values of its query whose names are secret. */
const URL_LOGIN = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi;
const QUERY_VALUE = /([?&;])([^=&;\s]+)=([^&;\s]*)/g;
const HEADER = /\b((?:proxy-)?authorization|cookie|x-[a-z-]*(?:token|key|auth)[a-z-]*)\s*:\s*.+$/i;
const FLAG_AND_VALUE = /(--?[A-Za-z][\w-]*)([ =])('[^']*'|"[^"]*"|[^\s'"&]+)/g;
const NAME_AND_VALUE = /\b([A-Za-z_][\w-]*)(=)('[^']*'|"[^"]*"|[^\s'"&]+)/g;
/** What issuers make recognizable. */
const KNOWN_SHAPES =
  /\b(?:eyJ[\w-]{8,}\.[\w.-]+|sb[rt]_[\w-]{8,}|gh[pousr]_\w{16,}|xox[abpr]-[\w-]{8,}|sk-[\w-]{12,}|AKIA[A-Z0-9]{12,}|\d{6,}:[\w-]{30,})/g;

export function maskedCommand(command: readonly string[]): string[] {
  const shown: string[] = [];
  let secretNext = false;
  for (const argument of command) {
    // `--token --verbose`: the flag had no value.
    shown.push(secretNext && !argument.startsWith("--") ? HIDDEN : maskedArgument(argument));
    secretNext = announces(argument);
  }
  return shown;
}

/** One line, with quotes only where people would need them. */
export function commandLine(command: readonly string[]): string {
  return command.map((part) => (/^[\w@%+=:,./•<>{}-]+$/.test(part) ? part : `'${part.replaceAll("'", "'\\''")}'`)).join(" ");
}

/** `--token`, `-p`-like flags whose next argument is the secret. */
function announces(argument: string): boolean {
  return /^--?[A-Za-z]/.test(argument) && !argument.includes("=") && SECRET_NAME.test(argument);
}

function maskedArgument(argument: string): string {
  const named = /^([^=\s]{1,80})=([\s\S]*)$/.exec(argument);
  if (named && !argument.includes("://") && SECRET_NAME.test(named[1]!)) return `${presentable(named[1]!)}=${HIDDEN}`;
  return presentable(
    argument
      .replace(URL_LOGIN, `$1${HIDDEN}@`)
      .replace(QUERY_VALUE, (whole, mark: string, name: string) => (SECRET_NAME.test(name) ? `${mark}${name}=${HIDDEN}` : whole))
      .replace(HEADER, `$1: ${HIDDEN}`)
      .replace(KNOWN_SHAPES, HIDDEN)
      // A whole script after -c may hold any of these inside.
      .replace(FLAG_AND_VALUE, hideValue)
      .replace(NAME_AND_VALUE, hideValue),
  );
}

function hideValue(whole: string, name: string, between: string): string {
  return SECRET_NAME.test(name) ? `${name}${between}${HIDDEN}` : whole;
}
