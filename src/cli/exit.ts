/** How a verb ends: the codes scripts may rely on. docs/runbook.md lists them. */

import type { ErrorCode } from "../kernel/errors.ts";

export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  /** No Signalbox answers on the control socket. */
  notRunning: 3,
  /** Refused: not allowed, or in conflict with the state of things (high priority, exists already, in use). */
  refused: 4,
  notFound: 5,
  /** EX_CONFIG of sysexits(3): the unit does not restart on it. */
  config: 78,
} as const;

export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** Ends a verb with a sentence and a code. */
export class Failed extends Error {
  constructor(
    readonly code: Exit,
    message: string,
  ) {
    super(message);
  }
}

export function usage(message: string): Failed {
  return new Failed(EXIT.usage, message);
}

/** The exit code that an error's code stands for. */
export function exitOf(code: ErrorCode | undefined): Exit {
  switch (code) {
    case "invalid":
      return EXIT.usage;
    case "forbidden":
    case "unauthorized":
    case "conflict":
      return EXIT.refused;
    case "not_found":
      return EXIT.notFound;
    default:
      return EXIT.failure;
  }
}
