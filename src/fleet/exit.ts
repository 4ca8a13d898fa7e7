/** What an exit was, and how it reads in words. */

import { NO_RETRY_CODES } from "../pairs/program.ts";
import type { RunSeen } from "./terminals.ts";

/**
 * `stopped`: we asked for it. `success`: a code that means its work is done. `interrupted`: Ctrl-C at its terminal. `lost`: the machine
 * went down. `unhealthy`: ended by us because of what it did or did not do. `terminal_gone`: torn down with its terminal, code unknown. `refused`: never got as far as its program. `crashed`: the rest.
 */
export type Outcome = "stopped" | "success" | "interrupted" | "lost" | "unhealthy" | "terminal_gone" | "refused" | "crashed";

/** Ends that nobody asked for: they are retried by the policy, and counted. */
export function isUnexpected(outcome: Outcome): boolean {
  return outcome === "crashed" || outcome === "unhealthy" || outcome === "terminal_gone" || outcome === "refused";
}

export function isHopeless(code: number | null): boolean {
  return code !== null && NO_RETRY_CODES.includes(code);
}

const INTERRUPTED_CODE = 130;

export function outcomeOf(
  seen: Pick<RunSeen, "thisBoot" | "exit" | "stop" | "child" | "adopted">,
  successCodes: readonly number[],
): Outcome {
  if (seen.stop) return seen.stop.kind === "cure" ? "unhealthy" : "stopped";
  // A program that was started by hand ends without telling its code, unless the kernel does: it counts as an end that nobody asked for.
  if (!seen.exit && seen.adopted && seen.thisBoot) return "crashed";
  if (!seen.exit) return seen.thisBoot ? (seen.child ? "terminal_gone" : "refused") : "lost";
  if (!seen.child) return "refused";
  if (successCodes.includes(seen.exit.code)) return "success";
  return seen.exit.code === INTERRUPTED_CODE ? "interrupted" : "crashed";
}

// signal(7), the numbers that are the same on every architecture Signalbox runs on.
const SIGNALS: Record<number, string> = {
  1: "HUP",
  2: "INT",
  3: "QUIT",
  4: "ILL",
  6: "ABRT",
  7: "BUS",
  8: "FPE",
  9: "KILL",
  10: "USR1",
  11: "SEGV",
  12: "USR2",
  13: "PIPE",
  14: "ALRM",
  15: "TERM",
  24: "XCPU",
  25: "XFSZ",
  31: "SYS",
};

const LOCKED_CODE = 75;

export function exitWords(code: number | null, outcome: Outcome, adopted = false): string {
  if (outcome === "lost") return "lost in reboot";
  if (outcome === "refused" && code === LOCKED_CODE) return "another copy of the same program and pair is running";
  if (outcome === "refused")
    return code === null ? "its terminal opened, but the program was never seen" : `did not get as far as its program (exit code ${code})`;
  if (code === null && adopted) return "ended; the exit code of a program started by hand is unknown";
  if (code === null) return "terminal torn down, exit code unknown";
  if (code === 127) return "command not found (exit code 127)";
  if (code === 126) return "command not executable (exit code 126)";
  if (code === 78) return "bad configuration (exit code 78)";
  if (outcome === "interrupted") return "stopped at the terminal by Ctrl-C (exit code 130)";
  const signal = SIGNALS[code - 128];
  return signal ? `killed by signal ${code - 128} (${signal})` : `exit code ${code}`;
}
