/** If-Match: what somebody changed since it was read is not written over. */

import { AppError } from "../kernel/errors.ts";

/** Throws 409 `changed`. */
export function checkVersion(what: string, found: number, asked: number | undefined): void {
  if (asked !== undefined && asked !== found)
    throw new AppError(
      "conflict",
      `${what} was changed by somebody else (version ${found}, yours ${asked}). Look at it again, then save.`,
      { reason: "changed" },
    );
}
